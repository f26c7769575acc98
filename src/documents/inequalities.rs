//! `dhcpfo check MODEL --inequalities`: which inequalities between lengths of time a verdict needs; and
//! `dhcpfo check MODEL --sweep`: verdicts for one choice of lengths after the other.

use crate::format::Format;
use crate::schema::stated;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the first kind is.
pub const INEQUALITIES: Format = Format {
    kind: "dhcpfo-inequalities",
    name: "inequalities that verdicts need",
    version: 1,
    written_by: "dhcpfo check MODEL --inequalities --json",
};

/// What the second kind is.
pub const SWEEP: Format = Format {
    kind: "dhcpfo-sweep",
    name: "verdicts by lengths",
    version: 1,
    written_by: "dhcpfo check MODEL --sweep LENGTH=FROM..TO --json",
};

/// Which inequalities the verdicts on a model need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-inequalities", rename_all = "kebab-case")]
#[schemars(transform = stated(INEQUALITIES.kind))]
pub struct Inequalities {
    /// The version of this kind of document.
    pub version: u32,
    /// The exit code.
    pub exit: u8,
    /// The model's file.
    pub model: String,
    /// The declared inequalities, those left out that follow from others.
    pub declared: Vec<String>,
    /// What the search with all of them came to.
    pub with_all: Search,
    /// What the search without each of them came to, in their order.
    pub without: IndexMap<String, Search>,
}

/// What a search for all lengths came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Search {
    /// Whether something cut it off: what it does not refute is open then.
    pub is_cut_off: bool,
    /// Unique states.
    pub states: u64,
    /// How each claim is refuted; null: it is not.
    pub claims: IndexMap<String, Option<Refuted>>,
}

/// How a claim is refuted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Refuted {
    /// Actions on a shortest path.
    pub length: u32,
    /// For which lengths it is refuted: for those that satisfy all inequalities of one of these lists.
    #[serde(rename = "where")]
    pub conditions: Vec<Vec<String>>,
    /// Whether it is refuted for no other lengths (that satisfy what is declared).
    pub only_there: bool,
    /// Lengths for which they do, in any unit; null: none were found.
    pub lengths: Option<IndexMap<String, u32>>,
    /// The actions with their instants, for these lengths.
    pub actions: Vec<Timed>,
}

/// An action and when it happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Timed {
    /// The instant, in the unit of the lengths.
    pub at: f64,
    /// The action.
    pub action: String,
}

/// Verdicts for one choice of lengths after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-sweep", rename_all = "kebab-case")]
#[schemars(transform = stated(SWEEP.kind))]
pub struct Sweep {
    /// The version of this kind of document.
    pub version: u32,
    /// The exit code.
    pub exit: u8,
    /// The model's file.
    pub model: String,
    /// The notion of time.
    pub clock: String,
    /// The lengths that stay.
    pub fixed: IndexMap<String, u32>,
    /// Each choice.
    pub rows: Vec<Row>,
}

/// What came of one choice of lengths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    /// The lengths that are chosen.
    pub lengths: IndexMap<String, u32>,
    /// Whether they satisfy what the model declares.
    pub is_declared: bool,
    /// What came of each claim.
    pub claims: IndexMap<String, crate::lattice::Fate>,
    /// Unique states.
    pub states: u64,
}
