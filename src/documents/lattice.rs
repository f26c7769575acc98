//! `dhcpfo check MODEL --lattice`: a model with every combination of its budgets up to a weight; its log, and the document of
//! `--json`.
//!
//! The log has one JSON document a line: the first says of which model it is, every other one what came of a combination.
//!
//! ```json
//! {"kind": "dhcpfo-lattice", "version": 1, "model": "models/lattice-one-address.toml", "setting": "…"}
//! {"budgets": {"crashes": 1}, "claims": {"no-duplicate-address": "holds", "mclt-bound": 17, "silence": "open"},
//!  "states": 1234, "seen-to": null}
//! ```

use crate::format::Format;
use crate::schema::stated;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What such a log is.
pub const FORMAT: Format = Format {
    kind: "dhcpfo-lattice",
    name: "a log of a lattice",
    version: 1,
    written_by: "dhcpfo check MODEL --lattice --weight N --log FILE",
};

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum LogLine {
    /// The first one.
    Head(LogHead),
    /// What came of a combination.
    Combination(Combination),
}

/// What a log is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-lattice")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct LogHead {
    /// The version of this kind of document.
    pub version: u32,
    /// The model's file.
    pub model: String,
    /// Everything of the model but its budgets, in words that are only compared.
    pub setting: String,
}

/// Amounts by the name of a budget; those that are nothing are left out.
pub type Budgets = IndexMap<String, u8>;

/// What came of a combination of budgets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Combination {
    /// The combination.
    pub budgets: Budgets,
    /// What came of each claim that was not decided before.
    pub claims: IndexMap<String, Fate>,
    /// Different states.
    pub states: u64,
    /// Protocol actions up to which everything was seen; null: everything was.
    pub seen_to: Option<u32>,
}

/// What came of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It holds in every state.
    Holds,
    /// Not everything was seen.
    Open,
    /// It is refuted: protocol actions of a shortest counterexample.
    #[serde(untagged)]
    Refuted(u32),
}

/// What came of all combinations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-lattice", rename_all = "kebab-case")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Lattice {
    /// The version of this kind of document.
    pub version: u32,
    /// The exit code.
    pub exit: u8,
    /// The model's file.
    pub model: String,
    /// The greatest weight: the sum of the budgets of a combination.
    pub weight: u32,
    /// Up to which weight everything is decided, in words.
    pub frontier: String,
    /// Each weight.
    pub weights: Vec<Weight>,
    /// The smallest combinations that refute a claim.
    pub refuted: Vec<Refuted>,
    /// Combinations whose searches were cut off.
    pub cut_off: Vec<Budgets>,
    /// Combinations that nobody has searched.
    pub not_searched: Vec<Budgets>,
    /// What came of each that was searched.
    pub combinations: Vec<Combination>,
}

/// How many combinations of a weight there are, and what came of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Weight {
    /// The weight.
    pub weight: u64,
    /// Combinations of it.
    pub combinations: u64,
    /// Those in which every claim holds.
    pub exhausted: u64,
    /// Those in which one is refuted.
    pub refuted: u64,
    /// Those of which not everything was seen.
    pub cut_off: u64,
    /// Those that nobody has searched.
    pub not_searched: u64,
}

/// A smallest combination that refutes a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refuted {
    /// The claim.
    pub claim: String,
    /// The combination.
    pub budgets: Budgets,
    /// Protocol actions of a shortest counterexample.
    pub length: u32,
}
