//! What happened in a play as a trace, whose lines are documents: [`dhcpfo_documents::trace`].

pub use dhcpfo_documents::trace::{FORMAT, Header, NoTrace, TraceEffect, TraceLine, TraceMessage, read};

use crate::words::Words;
use dhcpfo_clock::Values;
use dhcpfo_engine::span;
use dhcpfo_time::Time;
use dhcpfo_world::play::{Entry, Outcome, Scale, Step};

/// The first line. With a model go the readings that were laid over it.
pub fn header(
    title: &str,
    scenario: &str,
    (model, readings): (&str, &[(String, String)]),
    values: Values,
    scale: Scale,
) -> TraceLine {
    let spans = [span::MCLT, span::DESIRED_LEASE, span::POTENTIAL_LEAD];
    TraceLine::Header(Header {
        version: FORMAT.version,
        title: title.to_owned(),
        scenario: scenario.to_owned(),
        model: model.to_owned(),
        per_second: scale.per_second,
        lengths: spans.iter().map(|span| (span::name(*span).to_owned(), values.get(*span))).collect(),
        readings: readings.to_vec(),
    })
}

/// What an entry has to say in a trace.
pub fn lines(entry: &Entry, scale: Scale) -> Vec<TraceLine> {
    let refuted = |name: &&'static str, now: Time| TraceLine::Refuted { at: at(scale, now), claim: (*name).to_owned() };
    match entry {
        Entry::Begin(moment, names) => names.iter().map(|name| refuted(name, moment.now)).collect(),
        Entry::Comment(_) => Vec::new(),
        Entry::Passage(passage) => passage.refuted.iter().map(|(name, since)| refuted(name, *since)).collect(),
        Entry::Step(step) => vec![step_line(step, scale)],
        Entry::Checked { expectation, met, found, now } => vec![TraceLine::Expect {
            at: at(scale, *now),
            expect: expectation.to_string(),
            met: *met,
            found: found.clone(),
        }],
    }
}

/// The last line.
pub fn end(outcome: &Outcome, scale: Scale, as_expected: bool) -> TraceLine {
    TraceLine::End {
        at: outcome.end.in_parts(scale.per_second).unwrap_or(0),
        refuted: outcome.refuted.iter().map(|name| (*name).to_owned()).collect(),
        unmet: outcome.unmet.len(),
        as_expected,
    }
}

fn at(scale: Scale, time: Time) -> u32 {
    scale.since(time).and_then(|since| since.in_parts(scale.per_second)).unwrap_or(0)
}

fn step_line(step: &Step, scale: Scale) -> TraceLine {
    let words = Words { scale, now: step.before.now };
    let received = step.received.iter().map(|(role, message)| TraceEffect {
        server: role.name().to_owned(),
        effect: "RECEIVE".to_owned(),
        text: words.message(message),
    });
    let did = words.effects(step).into_iter().map(|(role, told)| TraceEffect {
        server: role.name().to_owned(),
        effect: told.verb.to_owned(),
        text: told.text,
    });
    let lost = step
        .lost
        .iter()
        .map(|(role, message)| TraceMessage { server: role.partner().name().to_owned(), text: words.message(message) });
    TraceLine::Step {
        at: at(scale, step.before.now),
        action: step.action.to_string(),
        effects: received.chain(did).collect(),
        lost: lost.collect(),
        refuted: step.refuted.iter().map(|name| (*name).to_owned()).collect(),
    }
}
