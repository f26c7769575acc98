//! For which lengths there is a state: what was decided on the way to it, put together, demands something of them.

use super::clock::Lazy;
use super::domain::Knowledge;
use super::expressions::Expressions;
use super::feasible::{is_feasible, reduced};
use crate::Values;
use dhcpfo_time::{Span, SpanWords};
use std::fmt::Write;

/// An inequality between sums of lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Condition {
    /// How often each length is counted, those on the smaller side negatively.
    counts: [i8; Span::MOST],
    /// The smaller side is less, not only at most as much.
    strict: bool,
}

impl Condition {
    /// The inequality that says: this sum of lengths, each counted so often, by number, is more than nothing if `strict`, else
    /// not less than nothing.
    pub fn new(counted: &[i8], strict: bool) -> Condition {
        let mut counts = [0; Span::MOST];
        counts.iter_mut().zip(counted).for_each(|(place, &count)| *place = count);
        Condition { counts, strict }
    }

    /// The inequality that says: the first span is shorter.
    pub fn shorter(shorter: Span, longer: Span) -> Condition {
        let mut counts = [0; Span::MOST];
        counts[usize::from(shorter.0)] = -1;
        counts[usize::from(longer.0)] = 1;
        Condition { counts, strict: true }
    }

    /// What is true if it is not.
    fn negation(&self) -> Condition {
        Condition { counts: self.counts.map(|count| -count), strict: !self.strict }
    }

    /// The counts, and whether their sum is more than nothing.
    pub(super) fn row(&self) -> ([i64; Span::MOST], bool) {
        (self.counts.map(i64::from), self.strict)
    }

    /// Whether it follows from these.
    pub(super) fn follows_from<'c>(&self, from: impl Iterator<Item = &'c Condition>) -> bool {
        !is_feasible(from.copied().chain([self.negation()]))
    }

    /// How much there is to read.
    fn size(&self) -> i32 {
        self.counts.iter().map(|&count| i32::from(count).abs()).sum()
    }

    /// Whether these lengths satisfy it.
    pub fn admits(&self, values: &Values) -> bool {
        let counted =
            self.spans().map(|span| i64::from(self.counts[usize::from(span.0)]) * i64::from(values.get(span)));
        let sum: i64 = counted.sum();
        if self.strict { sum > 0 } else { sum >= 0 }
    }

    /// The lengths that it speaks of.
    pub fn spans(&self) -> impl Iterator<Item = Span> {
        (0..).map(Span).zip(self.counts).filter(|(_, count)| *count != 0).map(|(span, _)| span)
    }

    /// In the words of the protocol, such as `2 mclt < lease + message-age`.
    pub fn text(&self, words: &[SpanWords]) -> String {
        let side = |sign: i8| {
            let mut text = String::new();
            for span in self.spans() {
                let count = i32::from(self.counts[usize::from(span.0)]) * i32::from(sign);
                let plus = if text.is_empty() { "" } else { " + " };
                // Writing to a string cannot fail.
                let _ = match count {
                    ..=0 => Ok(()),
                    1 => write!(text, "{plus}{}", words[usize::from(span.0)].name),
                    _ => write!(text, "{plus}{count} {}", words[usize::from(span.0)].name),
                };
            }
            if text.is_empty() { "0".to_owned() } else { text }
        };
        format!("{} {} {}", side(-1), if self.strict { "<" } else { "<=" }, side(1))
    }
}

/// Alternatives, each of some conditions, without what is impossible, or follows from the rest and from what is `given`.
pub fn simplest(alternatives: Vec<Vec<Condition>>, given: &[Condition]) -> Vec<Vec<Condition>> {
    let mut simplest: Vec<Vec<Condition>> = Vec::new();
    for mut all in alternatives {
        if !is_feasible(given.iter().chain(&all).copied()) {
            continue;
        }
        all.sort_unstable_by_key(|condition| (condition.size(), *condition));
        let mut number = all.len();
        while number > 0 {
            number -= 1;
            let condition = all.remove(number);
            if !condition.follows_from(given.iter().chain(&all)) {
                all.insert(number, condition);
            }
        }
        let is_among = |all: &[Condition], others: &[Condition]| {
            others.iter().all(|condition| condition.follows_from(given.iter().chain(all)))
        };
        if !simplest.iter().any(|known| is_among(&all, known)) {
            simplest.retain(|known| !is_among(known, &all));
            simplest.push(all);
        }
    }
    simplest.sort_by_key(|all| (all.len(), all.iter().map(Condition::size).sum::<i32>(), all.clone()));
    simplest
}

impl Expressions {
    /// What the lengths have to satisfy, so that there are instants with these bounds on their differences from themselves.
    pub(super) fn conditions(&mut self, around: impl Iterator<Item = u32>) -> Vec<Condition> {
        let sums = around.flat_map(|bound| self.sums_of(bound));
        let mut conditions: Vec<_> = sums
            .filter(|(counts, _)| counts.iter().any(|&count| count != 0))
            .map(|(counts, strict)| Condition {
                counts: reduced(counts.map(i64::from)).map(|count| count as i8),
                strict,
            })
            .collect();
        conditions.sort_unstable();
        conditions.dedup();
        conditions
    }
}

impl Lazy<Expressions> {
    /// What the lengths have to satisfy beyond what is declared, so that there is a state of which this is known. Exact for
    /// a single path, as long as there was room for all sums ([`Room::PATH`](super::Room::PATH)).
    pub fn conditions(&mut self, known: &Knowledge<Expressions>) -> Vec<Condition> {
        self.inner().bounds.conditions(known.around())
    }
}
