//! `dhcpfo diff --json`: two models that differ in their rules, and what that changes.

use crate::format::Format;
use crate::schema::stated;
use crate::verdicts::Step;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What such a document is.
pub const FORMAT: Format =
    Format { kind: "dhcpfo-diff", name: "a comparison of models", version: 1, written_by: "dhcpfo diff --json" };

/// What differs between two models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-diff", rename_all = "kebab-case")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Diff {
    /// The version of this kind of document.
    pub version: u32,
    /// The exit code: 0 nothing differs, 1 something does, 3 nothing does as far as was looked.
    pub exit: u8,
    /// The first model.
    pub first: String,
    /// The second one.
    pub second: String,
    /// What came of each claim and witness.
    pub claims: Vec<Row>,
    /// States that both have; null: they cannot be compared step by step.
    pub common_states: Option<u64>,
    /// Whether all of them were compared.
    pub exhausted: Option<bool>,
    /// Where one can do what the other cannot.
    pub partings: Option<Vec<Parting>>,
}

/// What came of a claim or witness in both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What came of it in the first.
    pub first: String,
    /// In the second.
    pub second: String,
    /// Whether that differs.
    pub differs: bool,
}

/// A path at whose end the models part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parting {
    /// Which of them can do the last action, or does it in another way: `first`, `second`.
    pub who: String,
    /// Whether both can, and differ in what comes of it.
    pub both: bool,
    /// Protocol actions of the path.
    pub length: u32,
    /// The path.
    pub path: Vec<Step>,
}
