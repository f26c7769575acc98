//! `dhcpfo check --json`: what searches found.

use crate::format::Format;
use crate::schema::stated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// What such a document is.
pub const FORMAT: Format = Format {
    kind: "dhcpfo-verdicts",
    name: "the verdicts of a search",
    version: 1,
    written_by: "dhcpfo check --json --no-times",
};

/// What searches found. New keys may come without a new version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-verdicts")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Verdicts {
    /// The version of this kind of document.
    pub version: u32,
    /// Who wrote it.
    pub tool: String,
    /// The exit code.
    pub exit: u8,
    /// Each model that was searched.
    pub models: Vec<ModelVerdict>,
    /// What is not as in the baseline; only where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Vec<Difference>>,
}

/// What came of one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ModelVerdict {
    /// The model's file.
    pub path: String,
    /// What it is about.
    pub title: String,
    /// When it is searched: `smoke`, `full`, `broken`.
    pub class: String,
    /// The notion of time that was used: `timeout-order`, `exact`, `ticks`, `lazy`, `lazy-exact`, `untimed`.
    pub clock: String,
    /// What came of all.
    pub verdict: Outcome,
    /// Why the search ended early: `depth`, `states`, `memory`, `seconds`, `room`, `cancelled`, `unrealisable`.
    pub cut_off: Option<String>,
    /// Whether it is as the model's file says.
    pub as_expected: bool,
    /// In what it differs from that, in words.
    pub unexpected: Vec<String>,
    /// What is fair in whole runs: names of conditions, `strong` before those that are; left out where nothing is said of that.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub fair: Vec<String>,
    /// Each claim that was judged.
    pub claims: Vec<ClaimVerdict>,
    /// Each state that was looked for.
    pub witnesses: Vec<Witness>,
    /// Different states.
    pub unique: u64,
    /// Successors that were generated.
    pub edges: u64,
    /// Protocol actions on the longest path.
    pub depth: u32,
    /// How many states are expected to have been taken for others, at most.
    pub omission_odds: f64,
    /// How states stood for each other, under a clock where they do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub covering: Option<Covering>,
    /// What came up; null of a search without time, and in documents of before.
    pub seen: Option<Seen>,
    /// What differs from run to run; left out by `--no-times`.
    #[serde(flatten)]
    pub effort: Option<Effort>,
}

/// How states stood for each other in a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Covering {
    /// Different states when nothing is said of their times.
    pub discrete: u64,
    /// States that no other one stands for at the end.
    pub kept: u64,
    /// Successors that a known state stood for.
    pub covered: u64,
    /// How often two states were made one that stands for both. 0 in documents from before this was counted.
    #[serde(default)]
    pub joined: u64,
}

/// What a search cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Effort {
    /// Octets of the search's own tables, queues and buffers.
    pub peak_bytes: u64,
    /// Octets of them at the peak, without the states that wait, over all different states.
    pub bytes_per_state: f64,
    /// Seconds that it took.
    pub seconds: f64,
    /// Different states in a second.
    pub rate: f64,
    /// Threads that searched.
    pub threads: u64,
    /// Nanoseconds of all threads together for a successor; null without successors.
    pub ns_per_successor: Option<f64>,
}

/// What came of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every claim holds in every state.
    Holds,
    /// A claim is refuted.
    Refuted,
    /// Neither: not everything was seen.
    CutOff,
}

impl Outcome {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Holds => "holds",
            Outcome::Refuted => "refuted",
            Outcome::CutOff => "cut-off",
        }
    }
}

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimVerdict {
    /// Its name.
    pub name: String,
    /// What came of it.
    pub verdict: Fate,
    /// Protocol actions of the path; null unless there is one.
    pub length: Option<u32>,
    /// A shortest path to the violation.
    pub path: Option<Vec<Step>>,
    /// When it is violated; null where no times are known.
    pub end: Option<String>,
    /// Why no real times allow the path.
    pub reason: Option<String>,
    /// Where the path goes round for ever; only of a claim about whole runs that is refuted so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub round: Option<Round>,
}

/// Where a path goes round for ever. The path has the round twice, and only the first counts for its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Round {
    /// Protocol actions before it.
    pub begins: u32,
    /// Protocol actions of it. 0: nothing more has to happen.
    pub actions: u32,
}

/// What came of a claim, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It holds in every state.
    Holds,
    /// There is a path to its violation.
    Refuted,
    /// It was not refuted by a search that did not see everything.
    Open,
    /// What it speaks of never came up, so that it holds for nothing.
    NoOccasion,
    /// There is a path, but none that real times allow.
    Unrealisable,
}

impl Fate {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Fate::Holds => "holds",
            Fate::Refuted => "refuted",
            Fate::Open => "open",
            Fate::NoOccasion => "no-occasion",
            Fate::Unrealisable => "unrealisable",
        }
    }
}

/// An action on a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// When, from the beginning, as `1h 3s`; null where no times are known: then ticks stand among the actions.
    pub at: Option<String>,
    /// The action's text.
    pub action: String,
}

/// A state that was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Witness {
    /// Its name.
    pub name: String,
    /// Protocol actions to it; null: it was not reached.
    pub length: Option<u32>,
}

/// What came up in a search: lists, their members apart by `; `, under what these begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seen {
    /// The version of this part.
    pub version: u32,
    /// Kinds of action under their first word.
    pub actions: BTreeMap<String, String>,
    /// States of the primary: of the secondary, each with its different states.
    pub states: BTreeMap<String, String>,
    /// What the primary had of an address: what the secondary had.
    pub bindings: BTreeMap<String, String>,
}

/// The version of [`Seen`] that is written and understood.
pub const SEEN_VERSION: u32 = 1;

/// One thing that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The model's file.
    pub path: String,
    /// `model`, `verdict`, `states`, `depth`, the name of a claim or witness, or what explains a moved count: `actions`,
    /// `bindings`, `states of the servers`, `seen`.
    pub what: String,
    /// How it is, and how it was.
    pub text: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.text)
    }
}
