//! `dhcpfo report coverage --json`: what the models and scenarios of a folder exercise.

use crate::format::Format;
use crate::schema::stated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What such a document is.
pub const FORMAT: Format =
    Format { kind: "dhcpfo-coverage", name: "a coverage", version: 1, written_by: "dhcpfo report coverage --json" };

/// What models and scenarios exercise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-coverage")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Coverage {
    /// The version of this kind of document.
    pub version: u32,
    /// States that were visited.
    pub states: u64,
    /// Steps that were taken.
    pub steps: u64,
    /// Conditions in which servers were.
    pub conditions: Vec<Condition>,
    /// Cells of the state table.
    pub cells: Vec<Cell>,
    /// Readings of the text.
    pub readings: Vec<Reading>,
    /// Requirements of the register.
    pub requirements: Vec<Requirement>,
}

/// How often something was exercised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exercised {
    /// Steps.
    pub steps: u64,
    /// The files by which.
    pub by: Vec<String>,
}

/// A condition in which a server was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// Which server.
    pub role: String,
    /// The condition.
    pub state: String,
    /// How often.
    pub exercised: Exercised,
}

/// A cell of the state table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// The state.
    pub state: String,
    /// What happens in it.
    pub cause: String,
    /// What comes of it for the primary and for the secondary: `stays`, `halts`, or the next state.
    pub next: [String; 2],
    /// By the primary.
    pub primary: Exercised,
    /// By the secondary.
    pub secondary: Exercised,
}

/// A reading of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// The question.
    pub question: String,
    /// The answer to it.
    pub reading: String,
    /// How often it made a difference.
    pub exercised: Exercised,
}

/// A requirement of the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Requirement {
    /// Its number in the register.
    pub id: String,
    /// Steps to which its section applies.
    pub steps: u64,
    /// Scenarios that cite its section.
    pub scenarios: Vec<String>,
    /// Claims about its section.
    pub claims: Vec<String>,
    /// Models in which one of these is judged.
    pub models: u64,
}
