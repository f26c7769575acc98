//! What simulations put aside: claims that were broken after an assumption of the draft was, as text and in documents.

use crate::output::grouped;
use dhcpfo_documents::population::{AssumptionBroken, Dry as DryTold, Point, PutAside, Stretch};
use dhcpfo_simulate::population::{Broken, Dry, Outcome};

/// What runs have put aside, and where servers had nothing to give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    aside: Vec<PutAside>,
    broken: Vec<AssumptionBroken>,
    /// Of the run with the smallest seed in which there was a time without addresses.
    dry: Option<DryTold>,
}

impl Told {
    /// Takes in a run. `mclt` in seconds.
    pub(crate) fn take(&mut self, seed: u64, outcome: &Outcome, mclt: u64) {
        let aside = outcome.aside.iter().map(|((claim, why), put)| PutAside {
            claim: (*claim).to_owned(),
            assumption: (*why).to_owned(),
            number: put.number,
            runs: 1,
            seed,
            at: put.first.at,
            since: put.broken.since,
            detail: put.first.detail.clone(),
        });
        let broken =
            |Broken { since, why }: Broken| AssumptionBroken { assumption: why.to_owned(), runs: 1, seed, since };
        let dry = outcome.dry.iter().map(|dry| stretch(dry, mclt)).collect::<Vec<_>>();
        self.merge(Told {
            aside: aside.collect(),
            broken: outcome.broken.map(broken).into_iter().collect(),
            dry: (!dry.is_empty()).then_some(DryTold { seed, stretches: dry }),
        });
    }

    fn merge(&mut self, other: Told) {
        for mut more in other.aside {
            match self
                .aside
                .iter_mut()
                .find(|known| (&known.claim, &known.assumption) == (&more.claim, &more.assumption))
            {
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
            match self.broken.iter_mut().find(|known| known.assumption == more.assumption) {
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
        self.aside.sort_by(|a, b| (&a.claim, &a.assumption).cmp(&(&b.claim, &b.assumption)));
        self.broken.sort_by(|a, b| a.assumption.cmp(&b.assumption));
        if let Some(dry) = &other.dry
            && self.dry.as_ref().is_none_or(|known| dry.seed < known.seed)
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
            let PutAside { claim, assumption: why, at, since, .. } = one;
            let (number, runs) = (grouped(one.number), runs(one.runs));
            format!("; put aside: {claim} {number} times{runs}, first at {at} s, for since {since} s {why}")
        });
        let quiet = self.broken.iter().filter(|one| !self.aside.iter().any(|aside| aside.assumption == one.assumption));
        let quiet = quiet.map(|one| {
            let AssumptionBroken { assumption: why, since, .. } = one;
            format!("; since {since} s{} the draft promises nothing: {why}", runs(one.runs))
        });
        aside.chain(quiet).chain(self.dry_headline()).collect()
    }

    fn dry_headline(&self) -> Option<String> {
        let Stretch { server, state, first, .. } = self.dry.as_ref()?.stretches.first()?;
        Some(format!("; the {server}, in {state}, had no address to give at {first} s"))
    }

    /// The times without an address to give, a line each.
    pub(crate) fn dry_lines(&self) -> Vec<String> {
        let line = |dry: &Stretch| {
            let Stretch { server, state, entered, first, last, why, .. } = dry;
            let times = grouped(dry.times);
            format!(
                "no address to give: the {server}, in {state} since {entered} s, from {first} s to {last} s, {times} times: \
                 {why}"
            )
        };
        self.dry.iter().flat_map(|dry| &dry.stretches).map(line).collect()
    }

    /// Writes it into the document of a point.
    pub(crate) fn write(&self, point: &mut Point) {
        point.put_aside.clone_from(&self.aside);
        point.assumptions_broken.clone_from(&self.broken);
        point.no_address_to_give.clone_from(&self.dry);
    }

    /// The inverse of [`Told::write`].
    fn read(point: &Point) -> Told {
        Told {
            aside: point.put_aside.clone(),
            broken: point.assumptions_broken.clone(),
            dry: point.no_address_to_give.clone(),
        }
    }
}

/// Adds up what two parts of an array job have put aside.
pub(crate) fn merge(mine: &mut Point, theirs: &Point) {
    let mut told = Told::read(mine);
    told.merge(Told::read(theirs));
    told.write(mine);
}

fn stretch(dry: &Dry, mclt: u64) -> Stretch {
    Stretch {
        server: dry.role.name().to_owned(),
        state: dry.state.name().to_owned(),
        entered: dry.entered,
        first: dry.first,
        last: dry.last,
        times: dry.times,
        leased: dry.leased.into(),
        ended: dry.ended.into(),
        abandoned: dry.abandoned.into(),
        partners: dry.partners.into(),
        why: dry.why(mclt),
    }
}
