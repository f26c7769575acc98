//! What simulations put aside: claims that were broken after an assumption of the draft was, as text and in documents.

use crate::output::grouped;
use dhcpfo_simulate::population::{Broken, Dry, Outcome};
use serde_json::{Value, json};

/// One claim that was broken after one assumption was, in several runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Aside {
    claim: String,
    why: String,
    /// How often, and in how many runs.
    number: u64,
    runs: u64,
    /// The first of the run with the smallest seed, in seconds.
    seed: u64,
    at: u64,
    since: u64,
    detail: String,
}

/// One assumption that did not hold any more, in several runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assumption {
    why: String,
    runs: u64,
    /// Of the run with the smallest seed, in seconds.
    seed: u64,
    since: u64,
}

/// What runs have put aside, and where servers had nothing to give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    aside: Vec<Aside>,
    broken: Vec<Assumption>,
    /// Of the run with the smallest seed in which there was a time without addresses.
    dry: Option<(u64, Vec<Value>)>,
}

impl Told {
    /// Takes in a run. `mclt` in seconds.
    pub(crate) fn take(&mut self, seed: u64, outcome: &Outcome, mclt: u64) {
        let aside = outcome.aside.iter().map(|((claim, why), put)| Aside {
            claim: (*claim).to_owned(),
            why: (*why).to_owned(),
            number: put.number,
            runs: 1,
            seed,
            at: put.first.at,
            since: put.broken.since,
            detail: put.first.detail.clone(),
        });
        let broken = |Broken { since, why }: Broken| Assumption { why: why.to_owned(), runs: 1, seed, since };
        let dry = outcome.dry.iter().map(|dry| dry_document(dry, mclt)).collect::<Vec<_>>();
        self.merge(Told {
            aside: aside.collect(),
            broken: outcome.broken.map(broken).into_iter().collect(),
            dry: (!dry.is_empty()).then_some((seed, dry)),
        });
    }

    fn merge(&mut self, other: Told) {
        for mut more in other.aside {
            match self.aside.iter_mut().find(|known| (&known.claim, &known.why) == (&more.claim, &more.why)) {
                Some(known) => {
                    (more.number, more.runs) = (more.number + known.number, more.runs + known.runs);
                    if more.seed < known.seed {
                        *known = more;
                    } else {
                        (known.number, known.runs) = (more.number, more.runs);
                    }
                }
                None => self.aside.push(more),
            }
        }
        for mut more in other.broken {
            match self.broken.iter_mut().find(|known| known.why == more.why) {
                Some(known) => {
                    more.runs += known.runs;
                    if more.seed < known.seed {
                        *known = more;
                    } else {
                        known.runs = more.runs;
                    }
                }
                None => self.broken.push(more),
            }
        }
        self.aside.sort_by(|a, b| (&a.claim, &a.why).cmp(&(&b.claim, &b.why)));
        self.broken.sort_by(|a, b| a.why.cmp(&b.why));
        if let Some((seed, _)) = &other.dry
            && self.dry.as_ref().is_none_or(|(known, _)| seed < known)
        {
            self.dry = other.dry;
        }
    }

    /// Whether a claim was broken where the draft does not promise it.
    pub(crate) fn is_any(&self) -> bool {
        !self.aside.is_empty()
    }

    /// What belongs into the first line: nothing if there is nothing to tell.
    pub(crate) fn headline(&self) -> String {
        let runs = |runs: u64| if runs > 1 { format!(" in {} runs", grouped(runs)) } else { String::new() };
        let aside = self.aside.iter().map(|one| {
            let Aside { claim, why, at, since, .. } = one;
            let (number, runs) = (grouped(one.number), runs(one.runs));
            format!("; put aside: {claim} {number} times{runs}, first at {at} s, for since {since} s {why}")
        });
        let quiet = self.broken.iter().filter(|one| !self.aside.iter().any(|aside| aside.why == one.why));
        let quiet = quiet.map(|one| {
            let Assumption { why, since, .. } = one;
            format!("; since {since} s{} the draft promises nothing: {why}", runs(one.runs))
        });
        aside.chain(quiet).chain(self.dry_headline()).collect()
    }

    fn dry_headline(&self) -> Option<String> {
        let first = self.dry.as_ref()?.1.first()?;
        let (server, state, at) = (first["server"].as_str()?, first["state"].as_str()?, first["first"].as_u64()?);
        Some(format!("; the {server}, in {state}, had no address to give at {at} s"))
    }

    /// The times without an address to give, a line each.
    pub(crate) fn dry_lines(&self) -> Vec<String> {
        let line = |dry: &Value| {
            let word = |key: &str| dry[key].as_str().unwrap_or_default().to_owned();
            let number = |key: &str| dry[key].as_u64().unwrap_or_default();
            format!(
                "no address to give: the {}, in {} since {} s, from {} s to {} s, {} times: {}",
                word("server"),
                word("state"),
                number("entered"),
                number("first"),
                number("last"),
                grouped(number("times")),
                word("why")
            )
        };
        self.dry.iter().flat_map(|(_, dry)| dry).map(line).collect()
    }

    /// Writes it into the document of a point.
    pub(crate) fn write(&self, value: &mut Value) {
        let aside = |one: &Aside| {
            json!({
                "claim": one.claim, "assumption": one.why, "number": one.number, "runs": one.runs, "seed": one.seed,
                "at": one.at, "since": one.since, "detail": one.detail,
            })
        };
        let broken =
            |one: &Assumption| json!({"assumption": one.why, "runs": one.runs, "seed": one.seed, "since": one.since});
        value["put-aside"] = self.aside.iter().map(aside).collect();
        value["assumptions-broken"] = self.broken.iter().map(broken).collect();
        value["no-address-to-give"] = match &self.dry {
            Some((seed, stretches)) => json!({"seed": seed, "stretches": stretches}),
            None => Value::Null,
        };
    }

    /// The inverse of [`Told::write`]; None if the document is not one of these.
    pub(crate) fn read(value: &Value) -> Option<Told> {
        let aside = |one: &Value| {
            Some(Aside {
                claim: one["claim"].as_str()?.to_owned(),
                why: one["assumption"].as_str()?.to_owned(),
                number: one["number"].as_u64()?,
                runs: one["runs"].as_u64()?,
                seed: one["seed"].as_u64()?,
                at: one["at"].as_u64()?,
                since: one["since"].as_u64()?,
                detail: one["detail"].as_str()?.to_owned(),
            })
        };
        let broken = |one: &Value| {
            Some(Assumption {
                why: one["assumption"].as_str()?.to_owned(),
                runs: one["runs"].as_u64()?,
                seed: one["seed"].as_u64()?,
                since: one["since"].as_u64()?,
            })
        };
        let dry = match &value["no-address-to-give"] {
            Value::Null => None,
            dry => Some((dry["seed"].as_u64()?, dry["stretches"].as_array()?.clone())),
        };
        Some(Told {
            aside: value["put-aside"].as_array()?.iter().map(aside).collect::<Option<_>>()?,
            broken: value["assumptions-broken"].as_array()?.iter().map(broken).collect::<Option<_>>()?,
            dry,
        })
    }
}

/// Adds up what two parts of an array job have put aside. False if one of them does not say.
pub(crate) fn merge(mine: &mut Value, theirs: &Value) -> bool {
    let (Some(mut told), Some(more)) = (Told::read(mine), Told::read(theirs)) else { return false };
    told.merge(more);
    told.write(mine);
    true
}

fn dry_document(dry: &Dry, mclt: u64) -> Value {
    json!({
        "server": dry.role.name(), "state": dry.state.name(), "entered": dry.entered, "first": dry.first,
        "last": dry.last, "times": dry.times, "leased": dry.leased, "ended": dry.ended, "abandoned": dry.abandoned,
        "partners": dry.partners, "why": dry.why(mclt),
    })
}
