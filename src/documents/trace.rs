//! `dhcpfo play SCENARIO --json`: what happened in a play of draft-12, one JSON document a line.
//!
//! ```json
//! {"line":"header","kind":"dhcpfo-trace","version":1,"title":"…","scenario":"scenarios/stretched-lease.toml","model":"scenarios/models/own-lease.toml","per-second":1,"lengths":{"mclt":3600}}
//! {"line":"step","at":0,"action":"link down","effects":[],"lost":[{"server":"primary","text":"STATE NORMAL"}],"refuted":[]}
//! {"line":"expect","at":0,"expect":"primary NORMAL","met":true,"found":"primary is NORMAL"}
//! {"line":"refuted","at":3600,"claim":"no-duplicate-address"}
//! {"line":"end","at":3600,"refuted":["no-duplicate-address"],"unmet":0,"as-expected":true}
//! ```
//!
//! * `at` counts from the beginning in parts of a second, of which `per-second` make a second;
//! * `action` is the action's text, which parses back;
//! * `effects` are in their order: the server, `RECEIVE`, `PERSIST`, `SEND`, `REPLY`, `CLOSE` or `NOTE`, and the words
//!   of the transcript;
//! * `refuted` in a step names the claims that it violated and that were not violated just before; a claim that is
//!   violated because time passes has a line of its own.
//!
//! New keys may be added without a new version; a reader passes over what it does not know.

use crate::format::{Format, Head};
use crate::schema::stated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What such a document is.
pub const FORMAT: Format =
    Format { kind: "dhcpfo-trace", name: "a trace", version: 1, written_by: "dhcpfo play SCENARIO --json" };

/// A line of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "line", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum TraceLine {
    /// What is played. The first line.
    Header(Header),
    /// Something was done.
    Step {
        /// When, in parts of a second.
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
        /// When, in parts of a second.
        at: u32,
        /// Which.
        claim: String,
    },
    /// The script expected something.
    Expect {
        /// When, in parts of a second.
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
        /// When, in parts of a second.
        at: u32,
        /// All claims that were refuted.
        refuted: Vec<String>,
        /// How many expectations of the script were not met.
        unmet: usize,
        /// Whether all was as the scenario expects.
        as_expected: bool,
    },
}

/// What is played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-trace", rename_all = "kebab-case")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Header {
    /// The version of this kind of document.
    pub version: u32,
    /// What is shown.
    pub title: String,
    /// The scenario's file.
    pub scenario: String,
    /// The model's file.
    pub model: String,
    /// Parts of a second in which instants are counted.
    pub per_second: u32,
    /// Lengths of time in seconds.
    pub lengths: BTreeMap<String, u32>,
    /// Readings other than the model's, in their order; `dialect` is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<(String, String)>,
}

/// Something that a server did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TraceEffect {
    /// Which server.
    pub server: String,
    /// `RECEIVE`, `PERSIST`, `SEND`, `REPLY`, `CLOSE` or `NOTE`.
    pub effect: String,
    /// In words.
    pub text: String,
}

/// A message that was lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TraceMessage {
    /// Who sent it.
    pub server: String,
    /// In words.
    pub text: String,
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

/// Reads a trace.
///
/// # Errors
/// It is none, of another version, or its header is not at its beginning.
pub fn read(text: &str) -> Result<Vec<TraceLine>, NoTrace> {
    let fail = |line, problem: String| NoTrace { line, problem };
    let mut lines = Vec::new();
    for (number, text) in (1..).zip(text.lines()) {
        // Of a header of another version nothing else need be understood.
        if number == 1
            && let Ok(head) = serde_json::from_str::<Head>(text)
            && (head.line == "header" || !head.kind.is_null())
        {
            FORMAT.accept(&head).map_err(|problem| fail(1, problem))?;
        }
        let line = serde_json::from_str(text).map_err(|error| fail(number, error.to_string()))?;
        match (&line, number) {
            (TraceLine::Header(_), 1) => {}
            (TraceLine::Header(_), _) => return Err(fail(number, "a second header".to_owned())),
            (_, 1) => return Err(fail(1, "a trace begins with its header".to_owned())),
            _ => {}
        }
        lines.push(line);
    }
    if lines.is_empty() { Err(fail(1, "a trace begins with its header".to_owned())) } else { Ok(lines) }
}
