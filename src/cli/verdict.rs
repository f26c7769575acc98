//! What a search found, against what its model expects.

use crate::output::grouped;
use dhcpfo_claims::fair::Assumed;
use dhcpfo_files::model::{Bound as Limit, Expect};
use dhcpfo_search::Bound;
use dhcpfo_study::answer::{Answer, Counterexample, Times};
use dhcpfo_study::file::Head;

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Everything reachable is as claimed.
    Holds,
    /// A claim is refuted.
    Refuted,
    /// Not everything was seen.
    CutOff(Why),
}

/// What cut a search off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// A bound on the search.
    Bound(Bound),
    /// More was in flight somewhere than the world has room for.
    Room,
    /// There are paths to violations, but none of them has a run with the model's lengths of time.
    Unrealisable,
}

impl Verdict {
    /// `holds`, `refuted`, `cut-off`
    pub(crate) fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Refuted => "refuted",
            Verdict::CutOff(_) => "cut-off",
        }
    }

    /// What cut the search off, in a word.
    pub(crate) fn why(self) -> Option<&'static str> {
        let Verdict::CutOff(why) = self else { return None };
        Some(match why {
            Why::Bound(Bound::Depth) => "depth",
            Why::Bound(Bound::States) => "states",
            Why::Bound(Bound::Memory) => "memory",
            Why::Bound(Bound::Time) => "seconds",
            Why::Bound(Bound::Cancelled) => "cancelled",
            Why::Bound(_) => "bound",
            Why::Room => "room",
            Why::Unrealisable => "unrealisable",
        })
    }
}

impl Why {
    /// What cut the search off, for people.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Why::Bound(Bound::Depth) => "by depth",
            Why::Bound(Bound::States) => "by states",
            Why::Bound(Bound::Memory) => "by memory",
            Why::Bound(Bound::Time) => "by time",
            Why::Bound(Bound::Cancelled) => "by Ctrl-C",
            Why::Bound(_) => "by a bound",
            Why::Room => "by lack of room",
            Why::Unrealisable => "without times",
        }
    }
}

/// A search's answer, judged.
pub(crate) struct Judged {
    /// What it found.
    pub(crate) verdict: Verdict,
    /// In what it differs from what is expected; nothing: as expected.
    pub(crate) unexpected: Vec<String>,
}

/// Whether a claim is really refuted: not only by a path that no real times allow.
pub(crate) fn is_refuted(counterexample: &Counterexample) -> bool {
    !matches!(counterexample.times, Times::Unrealisable(_))
}

/// The refuted claims of an answer, each by its number in the model.
pub(crate) fn refuted(answer: &Answer) -> impl Iterator<Item = (usize, &Counterexample)> {
    let found = answer.claims.iter().enumerate().filter_map(|(number, found)| Some((number, found.as_ref()?)));
    found.filter(|(_, counterexample)| is_refuted(counterexample))
}

/// Judges an answer. `same_clock`: counts and lengths are of the clock for which the model gives them.
pub(crate) fn judge(head: &Head, answer: &Answer, same_clock: bool) -> Judged {
    let verdict = verdict(answer);
    let mut unexpected = Vec::new();
    match (head.expect, verdict) {
        (Expect::Holds { states }, Verdict::Holds) => {
            unexpected.extend(unreached(head, answer));
            unexpected.extend(idle(head, answer));
            unexpected.extend(other_count(states.filter(|_| same_clock), answer.unique));
        }
        (Expect::CutOff { bound, states }, Verdict::CutOff(why)) if fits(bound, why) => {
            unexpected.extend(unreached(head, answer));
            unexpected.extend(other_count(states.filter(|_| same_clock), answer.unique));
        }
        (Expect::Refuted { claim, length }, Verdict::Refuted) => {
            unexpected.extend(other_refutation(head, answer, claim, length.filter(|_| same_clock)));
        }
        (expected, _) => unexpected.push(format!("expected: {}", in_words(expected))),
    }
    Judged { verdict, unexpected }
}

fn verdict(answer: &Answer) -> Verdict {
    if refuted(answer).next().is_some() {
        Verdict::Refuted
    } else if let Some(bound) = answer.cut_off {
        Verdict::CutOff(Why::Bound(bound))
    } else if answer.overflow {
        Verdict::CutOff(Why::Room)
    } else if answer.claims.iter().any(Option::is_some) {
        Verdict::CutOff(Why::Unrealisable)
    } else {
        Verdict::Holds
    }
}

fn fits(limit: Limit, why: Why) -> bool {
    let expected = match limit {
        Limit::Depth => Why::Bound(Bound::Depth),
        Limit::States => Why::Bound(Bound::States),
        Limit::Memory => Why::Bound(Bound::Memory),
        Limit::Seconds => Why::Bound(Bound::Time),
        Limit::Room => Why::Room,
        _ => return false,
    };
    expected == why
}

/// What a model assumes to be fair: `deliveries`, or `strong contact`.
pub(crate) fn words(assumed: &Assumed) -> String {
    format!("{}{}", if assumed.strong { "strong " } else { "" }, assumed.condition.name)
}

/// What a model expects, for people.
pub(crate) fn in_words(expected: Expect) -> String {
    match expected {
        Expect::Holds { .. } => "holds".to_owned(),
        Expect::Refuted { claim, length: None } => format!("refuted: {claim}"),
        Expect::Refuted { claim, length: Some(length) } => format!("refuted: {claim} in {length}"),
        Expect::CutOff { bound, .. } => {
            let word = Limit::WORDS.iter().find(|(_, known)| *known == bound).map_or("", |(word, _)| word);
            format!("cut-off by {word}")
        }
    }
}

/// Witnesses that were not reached.
fn unreached<'a>(head: &'a Head, answer: &'a Answer) -> impl Iterator<Item = String> + 'a {
    let reached = head.witnesses.iter().zip(&answer.witnesses);
    reached.filter(|(_, length)| length.is_none()).map(|(witness, _)| format!("never reached: {}", witness.name))
}

/// What makes an exhausted search say less than it seems to: no claim had its occasion, or a budget was never drawn on.
fn idle(head: &Head, answer: &Answer) -> Vec<String> {
    let unused = answer.unused.iter();
    let unused = unused.map(|name| format!("the budget `{name}` can never be used: nothing came of it"));
    let vacuous = without_occasion(answer).len() == head.claims.len();
    unused.chain(vacuous.then(|| "no claim had an occasion, so all of them hold for nothing".to_owned())).collect()
}

/// The claims, by number, that hold only because what they speak of never came up. Of a search that saw everything.
pub(crate) fn without_occasion(answer: &Answer) -> &[usize] {
    if verdict(answer) == Verdict::Holds { &answer.without_occasion } else { &[] }
}

fn other_count(expected: Option<u64>, found: u64) -> Option<String> {
    let expected = expected.filter(|&expected| expected != found)?;
    Some(format!("expected {} unique states, found {}", grouped(expected), grouped(found)))
}

fn other_refutation(head: &Head, answer: &Answer, claim: &str, length: Option<u32>) -> Option<String> {
    let found = refuted(answer).find(|(number, _)| head.claims[*number].name == claim);
    match (found, length) {
        (None, _) => Some(format!("expected {claim} to be refuted, not another")),
        (Some((_, found)), Some(length)) if found.length != length => {
            Some(format!("expected {claim} to be refuted in {length}, not in {}", found.length))
        }
        (Some(_), _) => None,
    }
}
