//! `dhcpfo play SCENARIO --json` of any protocol but draft-12, whose traces are [`crate::trace`]: one JSON document a line.
//!
//! ```json
//! {"kind": "dhcpfo-play", "version": 1, "protocol": "fischer", "title": "…", "scenario": "…", "model": "…"}
//! {"at": "1m", "action": "p0 writes", "state": {"p0": "waiting"}, "refuted": [], "reached": ["contended"]}
//! {"end": true, "actions": 7, "refuted": ["mutual-exclusion"], "unmet": [], "as-expected": true}
//! ```

use crate::format::Format;
use crate::schema::stated;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What such a document is.
pub const FORMAT: Format =
    Format { kind: "dhcpfo-play", name: "a play", version: 1, written_by: "dhcpfo play SCENARIO --json" };

/// A line of a play.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PlayLine {
    /// What is played. The first line.
    Head(PlayHead),
    /// Something happened.
    Row(PlayRow),
    /// The end. The last line.
    End(PlayEnd),
}

/// What is played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-play")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct PlayHead {
    /// The version of this kind of document.
    pub version: u32,
    /// The protocol.
    pub protocol: String,
    /// What is shown.
    pub title: String,
    /// The scenario's file.
    pub scenario: String,
    /// The model's file.
    pub model: String,
    /// The model's small lengths of time, a unit a second, instead of its real ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub small: bool,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlayRow {
    /// When, from the beginning, as `1h 3s`.
    pub at: String,
    /// The action's text; nothing where time passes, and at the beginning.
    pub action: String,
    /// What has changed: whose, and how it is now.
    pub state: IndexMap<String, String>,
    /// Claims that are violated now and were not just before.
    pub refuted: Vec<String>,
    /// Witnesses that are reached for the first time.
    pub reached: Vec<String>,
}

/// The end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PlayEnd {
    /// True.
    pub end: bool,
    /// Actions that were taken.
    pub actions: u64,
    /// All claims that were refuted.
    pub refuted: Vec<String>,
    /// Expectations of the script that were not met.
    pub unmet: Vec<String>,
    /// Whether all was as the scenario expects.
    pub as_expected: bool,
}
