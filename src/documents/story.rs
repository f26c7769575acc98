//! `dhcpfo report --json`: a play, told.

use crate::format::Format;
use crate::schema::stated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What such a document is.
pub const FORMAT: Format =
    Format { kind: "dhcpfo-story", name: "a story", version: 1, written_by: "dhcpfo report FILE --json" };

/// A play, told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-story")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Story {
    /// The version of this kind of document.
    pub version: u32,
    /// What is shown.
    pub title: String,
    /// The model's file.
    pub model: String,
    /// Lengths of time, in words.
    pub lengths: Vec<String>,
    /// Readings that are not those of draft-12: which question, and its answer.
    pub readings: Vec<(String, String)>,
    /// Claims that were refuted.
    pub refuted: Vec<String>,
    /// How it ended, if not as expected; null: as expected.
    pub unexpected: Option<String>,
    /// The script, line by line.
    pub script: Vec<String>,
    /// What happened.
    pub rows: Vec<Row>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Its number; `start` for the beginning.
    pub step: String,
    /// When; null: not known.
    pub at: Option<String>,
    /// The action's text.
    pub action: String,
    /// What servers did, line by line.
    pub done: Vec<String>,
    /// What is different afterwards, line by line.
    pub changes: Vec<String>,
    /// Claims that are violated now.
    pub refuted: Vec<String>,
    /// The condition of the primary and of the secondary.
    pub conditions: [String; 2],
    /// There is a connection.
    pub link: bool,
    /// The address that each client holds; null: none.
    pub holds: Vec<Option<String>>,
}
