//! `dhcpfo simulate MODELS --json`: what random runs of models found.

use crate::format::Format;
use crate::schema::stated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What such a document is.
pub const FORMAT: Format =
    Format { kind: "dhcpfo-runs", name: "what random runs found", version: 1, written_by: "dhcpfo simulate --json" };

/// What random runs of models found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-runs")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Runs {
    /// The version of this kind of document.
    pub version: u32,
    /// Who wrote it.
    pub tool: String,
    /// The exit code.
    pub exit: u8,
    /// Each model of which runs were carried out.
    pub models: Vec<ModelRuns>,
}

/// What runs of one model found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ModelRuns {
    /// The model's file.
    pub path: String,
    /// What it is about.
    pub title: String,
    /// Which part of an array job this is; null: all of it.
    pub shard: Option<Shard>,
    /// Runs that were carried out.
    pub runs: u64,
    /// Actions of all runs.
    pub actions: u64,
    /// Seconds that passed in them, in their own time.
    pub virtual_seconds: u64,
    /// Why there were no more runs.
    pub end: End,
    /// Whether it is as the model's file says.
    pub as_expected: bool,
    /// Runs that violated a claim.
    pub failures: Vec<Failure>,
    /// A step that no search allows; null: there is none.
    pub disagreement: Option<Disagreement>,
    /// Seconds that it took; left out by `--no-times`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// A part of an array job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which one, counted from 1.
    pub number: u64,
    /// How many there are.
    pub of: u64,
}

/// Why there were no more runs: the worst is the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// All were carried out.
    Done,
    /// Enough of them failed.
    Failed,
    /// The time was over.
    Time,
    /// Somebody interrupted them.
    Interrupted,
}

impl End {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            End::Done => "done",
            End::Failed => "failed",
            End::Time => "time",
            End::Interrupted => "interrupted",
        }
    }
}

/// A run that violated a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// The claim.
    pub claim: String,
    /// Actions of the run.
    pub actions: u64,
    /// Actions of what it shrank to.
    pub shrunk_to: u64,
    /// Whether that has the model's small lengths of time.
    pub small_lengths: bool,
    /// What it shrank to.
    pub path: Vec<Step>,
    /// When the claim is violated, in seconds from the beginning.
    pub end: u32,
}

/// An action of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// When, in seconds from the beginning.
    pub at: u32,
    /// The action's text.
    pub action: String,
}

/// A step that no search allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disagreement {
    /// The seed of the run.
    pub seed: u64,
    /// What is not allowed.
    pub what: String,
}
