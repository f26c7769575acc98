//! A trace: what happened in a play, one JSON document a line.
//!
//! ```json
//! {"line":"header","version":1,"title":"…","scenario":"scenarios/stretched-lease.toml","model":"scenarios/models/own-lease.toml","per-second":1,"lengths":{"mclt":3600}}
//! {"line":"step","at":0,"action":"link down","effects":[],"lost":[{"server":"primary","text":"STATE NORMAL"}],"refuted":[]}
//! {"line":"expect","at":0,"expect":"primary NORMAL","met":true,"found":"primary is NORMAL"}
//! {"line":"refuted","at":3600,"claim":"no-duplicate-address"}
//! {"line":"end","at":3600,"refuted":["no-duplicate-address"],"unmet":0,"as-expected":true}
//! ```
//!
//! * `at` counts from the beginning in parts of a second, of which `per-second` make a second;
//! * `action` is the action's text, which parses back ([`dhcpfo_world::action::Action`]);
//! * `effects` are in their order: the server, `RECEIVE`, `PERSIST`, `SEND`, `REPLY`, `CLOSE` or `NOTE`, and the words
//!   of the transcript;
//! * `refuted` in a step names the claims that it violated and that were not violated just before; a claim that is
//!   violated because time passes has a line of its own.
//!
//! New keys may be added without a new version; a reader passes over what it does not know.

use crate::words::Words;
use dhcpfo_clock::Values;
use dhcpfo_engine::span;
use dhcpfo_header::version::Format;
use dhcpfo_time::Time;
use dhcpfo_world::play::{Entry, Outcome, Scale, Step};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// What a trace is, to whoever has one of another version.
const FORMAT: Format = Format { name: "a trace", version: VERSION, written_by: "dhcpfo play SCENARIO --json" };

/// What a header of any version has.
#[derive(Deserialize)]
struct Head {
    line: String,
    version: Option<u64>,
}

/// A line of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum TraceLine {
    /// What is played. The first line.
    Header {
        /// [`VERSION`]
        version: u32,
        /// What is shown.
        title: String,
        /// The scenario's file.
        scenario: String,
        /// The model's file.
        model: String,
        /// Parts of a second in which instants are counted.
        per_second: u32,
        /// Lengths of time in seconds.
        lengths: BTreeMap<String, u32>,
        /// Readings other than the model's, in their order; `dialect` is one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        readings: Vec<(String, String)>,
    },
    /// Something was done.
    Step {
        /// When.
        at: u32,
        /// The action's text.
        action: String,
        /// What the servers did.
        effects: Vec<TraceEffect>,
        /// What was under way to a partner and will never be read.
        lost: Vec<TraceMessage>,
        /// Claims that were violated by it.
        refuted: Vec<String>,
    },
    /// A claim was violated because time passed.
    Refuted {
        /// When.
        at: u32,
        /// Which.
        claim: String,
    },
    /// The script expected something.
    Expect {
        /// When.
        at: u32,
        /// What.
        expect: String,
        /// Whether it was so.
        met: bool,
        /// How it was.
        found: String,
    },
    /// The end. The last line.
    End {
        /// When.
        at: u32,
        /// All claims that were refuted.
        refuted: Vec<String>,
        /// How many expectations of the script were not met.
        unmet: usize,
        /// Whether all was as the scenario expects.
        as_expected: bool,
    },
}

/// Something that a server did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEffect {
    /// Which server.
    pub server: String,
    /// `RECEIVE`, `PERSIST`, `SEND`, `REPLY`, `CLOSE` or `NOTE`.
    pub effect: String,
    /// In words.
    pub text: String,
}

/// A message that was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceMessage {
    /// Who sent it.
    pub server: String,
    /// In words.
    pub text: String,
}

/// The first line. With a model go the readings that were laid over it.
pub fn header(
    title: &str,
    scenario: &str,
    (model, readings): (&str, &[(String, String)]),
    values: Values,
    scale: Scale,
) -> TraceLine {
    let spans = [span::MCLT, span::DESIRED_LEASE, span::POTENTIAL_LEAD];
    TraceLine::Header {
        version: VERSION,
        title: title.to_owned(),
        scenario: scenario.to_owned(),
        model: model.to_owned(),
        per_second: scale.per_second,
        lengths: spans.iter().map(|span| (span::name(*span).to_owned(), values.get(*span))).collect(),
        readings: readings.to_vec(),
    }
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

/// A line as JSON.
pub fn write(line: &TraceLine) -> String {
    serde_json::to_string(line).expect("strings and numbers are JSON")
}

/// Why a text is no trace: the line, counted from 1, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoTrace {
    /// The line.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

impl std::fmt::Display for NoTrace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for NoTrace {}

/// Reads a trace back.
pub fn read(text: &str) -> Result<Vec<TraceLine>, NoTrace> {
    let fail = |line, problem: String| NoTrace { line, problem };
    let mut lines = Vec::new();
    for (number, text) in (1..).zip(text.lines()) {
        // Of a header of another version nothing else need be understood.
        if number == 1
            && let Ok(head) = serde_json::from_str::<Head>(text)
            && head.line == "header"
        {
            FORMAT.accept(head.version, None).map_err(|problem| fail(1, problem))?;
        }
        let line = serde_json::from_str(text).map_err(|error| fail(number, error.to_string()))?;
        match (&line, number) {
            (TraceLine::Header { .. }, 1) => {}
            (TraceLine::Header { .. }, _) => return Err(fail(number, "a second header".to_owned())),
            (_, 1) => return Err(fail(1, "a trace begins with its header".to_owned())),
            _ => {}
        }
        lines.push(line);
    }
    if lines.is_empty() { Err(fail(1, "a trace begins with its header".to_owned())) } else { Ok(lines) }
}
