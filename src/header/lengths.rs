//! `[time]`: which lengths of time are known to be shorter than which, and examples of them.

use crate::node::Value;
use crate::section::{Field, Section};
use dhcpfo_clock::length::Length;
use dhcpfo_clock::{FreeSpans, Lengths, Phi, SettingError, Values};
use dhcpfo_time::{Span, SpanWords};

/// What a protocol says of its lengths of time, for files that say nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Defaults<'a> {
    /// The words of each span, by number.
    pub words: &'a [SpanWords],
    /// The length of each span in small units and in seconds, by number.
    pub lengths: &'a [(u32, u32)],
    /// Pairs (shorter, longer).
    pub order: &'a [(Span, Span)],
    /// Those that are left free.
    pub free: &'a [Span],
}

/// Lengths that the small clocks take: six ahead of now and three back, added up, must fit into a byte.
pub const SMALL: std::ops::RangeInclusive<i64> = 1..=20;

/// Reads the section.
pub fn lengths(root: &Section<'_>, of: &Defaults<'_>) -> Lengths {
    let time = root.section("time");
    let free: Vec<Span> = match time.field("free") {
        None => of.free.to_vec(),
        Some(field) => field.list().unwrap_or_default().iter().filter_map(|field| of.free_span(field)).collect(),
    };
    let pairs = of.pairs(&time, &free);
    let phi = Phi::new(&pairs).unwrap_or_else(|error| {
        let problem = match error {
            SettingError::Cycle(span) => format!("makes {} shorter than itself", of.name(span)),
            other => other.text(of.words),
        };
        time.fail("order", problem, "inequalities without a cycle");
        Phi::default()
    });
    let small = time.section("time.small");
    let seconds = time.section("time.seconds");
    Lengths {
        phi,
        // Each was looked at when it was read.
        free: FreeSpans::new(&free, of.words).unwrap_or_default(),
        small: of.values(&time, &small, &pairs, |field| field.number(SMALL), |(small, _)| small),
        seconds: of.values(&time, &seconds, &pairs, whole_seconds, |(_, seconds)| seconds),
    }
}

impl Defaults<'_> {
    fn name(&self, span: Span) -> &'static str {
        self.words[usize::from(span.0)].name
    }

    fn spans(&self) -> impl Iterator<Item = Span> + Clone {
        (0..self.words.len() as u8).map(Span)
    }

    /// A length of time that may be left free.
    fn free_span(&self, field: &Field<'_>) -> Option<Span> {
        let span = self.named(field, field.text()?.trim())?;
        let may_be = |words: &&SpanWords| words.compared.is_none();
        let names: Vec<&str> = self.words.iter().filter(may_be).map(|words| words.name).collect();
        match FreeSpans::new(&[span], self.words) {
            Ok(_) => Some(span),
            Err(error) => field.fail_with(error.text(self.words), names.join(", ")),
        }
    }

    /// The length of time that a word names.
    fn named(&self, field: &Field<'_>, word: &str) -> Option<Span> {
        let found = self.spans().find(|&span| self.name(span) == word);
        found.or_else(|| field.unknown("length of time", word, self.words.iter().map(|words| words.name)))
    }

    /// The declared inequalities: chains are cut into pairs of neighbours.
    fn pairs(&self, time: &Section<'_>, free: &[Span]) -> Vec<(Span, Span)> {
        let Some(field) = time.field("order") else { return self.order.to_vec() };
        let mut pairs = Vec::new();
        for chain in field.list().unwrap_or_default() {
            let Some(text) = chain.text() else { continue };
            let words: Vec<&str> = text.split('<').map(str::trim).collect();
            if words.len() < 2 {
                let _: Option<()> = chain.fail(format!("`{text}` compares nothing"));
                continue;
            }
            let measured = |word: &&str| {
                let span = self.named(&chain, word)?;
                if free.contains(&span) {
                    return chain.fail(format!("{} stands in `free`, so it has no length to compare", self.name(span)));
                }
                Some(span)
            };
            let spans: Vec<Option<Span>> = words.iter().map(measured).collect();
            pairs.extend(spans.windows(2).filter_map(|pair| Some((pair[0]?, pair[1]?))));
        }
        pairs
    }

    /// The lengths given in a section, the others as they are by default; they must satisfy the inequalities.
    fn values(
        &self,
        time: &Section<'_>,
        section: &Section<'_>,
        pairs: &[(Span, Span)],
        read: impl Fn(&Field<'_>) -> Option<i64>,
        default: impl Fn((u32, u32)) -> u32,
    ) -> Values {
        let length = |(span, &both): (Span, &(u32, u32))| {
            let given = section.field(self.name(span)).and_then(|field| read(&field));
            (span, given.map_or_else(|| default(both), |length| length as u32))
        };
        let lengths: Vec<(Span, u32)> = self.spans().zip(self.lengths).map(length).collect();
        let of = |span| lengths.iter().find(|(s, _)| *s == span).map_or(0, |(_, length)| *length);
        for &(shorter, longer) in pairs {
            let (short, long) = (of(shorter), of(longer));
            if short >= long {
                let (a, b) = (self.name(shorter), self.name(longer));
                let problem = format!("{a} = {short} and {b} = {long} contradict `{a} < {b}` in time.order");
                match [a, b].into_iter().find(|key| section.field(key).is_some()) {
                    Some(key) => section.fail(key, problem, "lengths in that order"),
                    None => time.fail("order", problem, "lengths in that order"),
                }
            }
        }
        Values::new(&lengths).unwrap_or_else(|error| {
            section.fail("", error.text(self.words), "");
            Values::default()
        })
    }
}

fn whole_seconds(field: &Field<'_>) -> Option<i64> {
    let Value::String(text, _) = &field.node.value else {
        return field.number(1..=i64::from(Values::LONGEST));
    };
    match text.trim().parse::<Length>() {
        Ok(length) if length.denominator() != 1 => field.fail(format!("`{text}` is no whole number of seconds")),
        Ok(length) if length == Length::ZERO => field.fail("0 seconds are too few"),
        Ok(length) if length.whole() > Values::LONGEST => {
            field.fail(format!("`{text}` is too long: at most {} seconds", Values::LONGEST))
        }
        Ok(length) => Some(i64::from(length.whole())),
        Err(_) => field.fail(format!("`{text}` is no length of time")),
    }
}
