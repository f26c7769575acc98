//! `[time]`: which lengths of time are known to be shorter than which, and examples of them.

use crate::keys::{LENGTHS, SMALL};
use crate::node::Value;
use crate::section::{Field, Section};
use dhcpfo_clock::{FreeSpans, Phi, SettingError, Values};
use dhcpfo_engine::span;
use dhcpfo_time::Span;
use dhcpfo_world::model::Lengths;
use dhcpfo_world::play::Length;

/// Reads the section.
pub(crate) fn lengths(root: &Section<'_>) -> Lengths {
    let time = root.section("time");
    let free = match time.field("free") {
        None => vec![span::STARTUP, span::SAFE_PERIOD],
        Some(field) => field.list().unwrap_or_default().iter().filter_map(free_span).collect(),
    };
    let pairs = pairs(&time, &free);
    let phi = Phi::new(&pairs).unwrap_or_else(|error| {
        let problem = match error {
            SettingError::Cycle(span) => format!("makes {} shorter than itself", span::name(span)),
            other => other.text(&span::WORDS),
        };
        time.fail("order", problem, "inequalities without a cycle");
        Phi::default()
    });
    let small = time.section("time.small");
    let seconds = time.section("time.seconds");
    Lengths {
        phi,
        // Each was looked at when it was read.
        free: FreeSpans::new(&free, &span::WORDS).unwrap_or_default(),
        small: values(&time, &small, &pairs, |field| field.number(SMALL), |_, small, _| small),
        seconds: values(&time, &seconds, &pairs, whole_seconds, |_, _, seconds| seconds),
    }
}

fn names() -> impl Iterator<Item = &'static str> + Clone {
    span::WORDS.iter().map(|words| words.name)
}

/// A length of time that may be left free.
fn free_span(field: &Field<'_>) -> Option<Span> {
    let span = span(field)?;
    match FreeSpans::new(&[span], &span::WORDS) {
        Ok(_) => Some(span),
        Err(error) => field.fail_with(error.text(&span::WORDS), "startup, safe-period"),
    }
}

/// The length of time that a string names.
fn span(field: &Field<'_>) -> Option<Span> {
    named(field, field.text()?.trim())
}

fn named(field: &Field<'_>, word: &str) -> Option<Span> {
    let found = span::ALL.into_iter().find(|&span| span::name(span) == word);
    found.or_else(|| field.unknown("length of time", word, names()))
}

/// The declared inequalities: chains are cut into pairs of neighbours.
fn pairs(time: &Section<'_>, free: &[Span]) -> Vec<(Span, Span)> {
    let Some(field) = time.field("order") else {
        return vec![(span::MCLT, span::DESIRED_LEASE), (span::DESIRED_LEASE, span::POTENTIAL_LEAD)];
    };
    let mut pairs = Vec::new();
    for chain in field.list().unwrap_or_default() {
        let Some(text) = chain.text() else { continue };
        let words: Vec<&str> = text.split('<').map(str::trim).collect();
        if words.len() < 2 {
            let _: Option<()> = chain.fail(format!("`{text}` compares nothing"));
            continue;
        }
        let measured = |word: &&str| {
            let span = named(&chain, word)?;
            if free.contains(&span) {
                return chain.fail(format!("{} stands in `free`, so it has no length to compare", span::name(span)));
            }
            Some(span)
        };
        let spans: Vec<Option<Span>> = words.iter().map(measured).collect();
        pairs.extend(spans.windows(2).filter_map(|pair| Some((pair[0]?, pair[1]?))));
    }
    pairs
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

/// The lengths given in a section, the others as they are by default; they must satisfy the inequalities.
fn values(
    time: &Section<'_>,
    section: &Section<'_>,
    pairs: &[(Span, Span)],
    read: impl Fn(&Field<'_>) -> Option<i64>,
    default: impl Fn(Span, u32, u32) -> u32,
) -> Values {
    let length = |&(span, small, seconds, _): &(Span, u32, u32, &str)| {
        let given = section.field(span::name(span)).and_then(|field| read(&field));
        (span, given.map_or_else(|| default(span, small, seconds), |length| length as u32))
    };
    let lengths: Vec<(Span, u32)> = LENGTHS.iter().map(length).collect();
    let of = |span| lengths.iter().find(|(s, _)| *s == span).map_or(0, |(_, length)| *length);
    for &(shorter, longer) in pairs {
        let (short, long) = (of(shorter), of(longer));
        if short >= long {
            let (a, b) = (span::name(shorter), span::name(longer));
            let problem = format!("{a} = {short} and {b} = {long} contradict `{a} < {b}` in time.order");
            match [a, b].into_iter().find(|key| section.field(key).is_some()) {
                Some(key) => section.fail(key, problem, "lengths in that order"),
                None => time.fail("order", problem, "lengths in that order"),
            }
        }
    }
    Values::new(&lengths).unwrap_or_else(|error| {
        section.fail("", error.text(&span::WORDS), "");
        Values::default()
    })
}
