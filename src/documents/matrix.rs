//! `dhcpfo matrix --json`: which broken model refutes which claim, and in how many actions.

use crate::format::Format;
use crate::schema::stated;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What such a document is.
pub const FORMAT: Format =
    Format { kind: "dhcpfo-matrix", name: "a kill matrix", version: 1, written_by: "dhcpfo matrix --json" };

/// The kill matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-matrix")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Matrix {
    /// The version of this kind of document.
    pub version: u32,
    /// States up to which was searched.
    pub states: u64,
    /// Every claim.
    pub claims: Vec<String>,
    /// Every broken model.
    pub matrix: Vec<Row>,
}

/// A broken model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Its file.
    pub path: String,
    /// What it is about.
    pub title: String,
    /// The claim that it is there for.
    pub wanted: Option<String>,
    /// Protocol actions of a shortest counterexample, by claim; a claim that was not refuted is left out.
    pub lengths: IndexMap<String, u32>,
}
