//! `dhcpfo simulate FILE --json` of a simulation file: what runs of a pair with many clients found and measured.

use crate::format::Format;
use crate::runs::{End, Shard};
use crate::schema::stated;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What such a document is.
pub const FORMAT: Format = Format { kind: "dhcpfo-population", ..crate::runs::FORMAT };

/// What runs of a population found and measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-population")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Population {
    /// The version of this kind of document.
    pub version: u32,
    /// Who wrote it.
    pub tool: String,
    /// The exit code.
    pub exit: u8,
    /// The simulation file.
    pub path: String,
    /// What it is about.
    pub title: String,
    /// Each point of a sweep, or the only one.
    pub points: Vec<Point>,
}

/// What runs with the same settings found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Point {
    /// The settings that are swept.
    pub at: IndexMap<String, f64>,
    /// Which part of an array job this is; null: all of it.
    pub shard: Option<Shard>,
    /// Runs that were carried out to their end.
    pub runs: u64,
    /// Further runs that an interruption ended; they have their part in the measures.
    pub interrupted_runs: u64,
    /// Why there were no more runs.
    pub end: End,
    /// Whether what is put aside is as expected.
    pub put_aside_is_expected: bool,
    /// Runs that violated a claim.
    pub failures: Vec<Failure>,
    /// Claims that were violated after an assumption of the draft was.
    pub put_aside: Vec<PutAside>,
    /// Assumptions of the draft that did not hold any more.
    pub assumptions_broken: Vec<AssumptionBroken>,
    /// When servers had no address to give; null: never.
    pub no_address_to_give: Option<Dry>,
    /// What each measure is.
    pub meanings: IndexMap<String, String>,
    /// What was counted.
    pub counts: IndexMap<String, u64>,
    /// What follows from the counts.
    pub rates: IndexMap<String, f64>,
    /// What has a size each time.
    pub spreads: Vec<Spread>,
    /// Seconds that it took; left out by `--no-times`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// A run that violated a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// The claim.
    pub claim: Option<String>,
    /// When, in seconds from the beginning.
    pub at: Option<u64>,
    /// What happened.
    pub detail: Option<String>,
    /// How long the run was to last, in seconds.
    pub until: u32,
    /// The settings that are not those of every simulation.
    pub settings: IndexMap<String, f64>,
}

/// A claim that was violated after an assumption was, in several runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PutAside {
    /// The claim.
    pub claim: String,
    /// Which assumption, and how it was violated.
    pub assumption: String,
    /// How often.
    pub number: u64,
    /// In how many runs.
    pub runs: u64,
    /// The smallest seed of them.
    pub seed: u64,
    /// When the claim was violated first in that run, in seconds.
    pub at: u64,
    /// Since when the assumption did not hold in that run, in seconds.
    pub since: u64,
    /// What happened.
    pub detail: String,
}

/// An assumption that did not hold any more, in several runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssumptionBroken {
    /// Which, and how it was violated.
    pub assumption: String,
    /// In how many runs.
    pub runs: u64,
    /// The smallest seed of them.
    pub seed: u64,
    /// Since when in that run, in seconds.
    pub since: u64,
}

/// When servers had no address to give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dry {
    /// The smallest seed of a run in which that was so.
    pub seed: u64,
    /// Each stretch of that run.
    pub stretches: Vec<Stretch>,
}

/// A stretch of time in which a server had no address to give. Times are seconds from the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stretch {
    /// Which server.
    pub server: String,
    /// In which state it was.
    pub state: String,
    /// When it had entered that.
    pub entered: u64,
    /// The first client that got nothing.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// How many there were.
    pub times: u64,
    /// Addresses that were leased then.
    pub leased: u64,
    /// Addresses whose lease was over, and which rested.
    pub ended: u64,
    /// ABANDONED ones.
    pub abandoned: u64,
    /// Available ones that were the partner's.
    pub partners: u64,
    /// Why, in words.
    pub why: String,
}

/// What has a size each time that it is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// Its name.
    pub name: String,
    /// What it is, with its unit.
    pub about: String,
    /// How often it was measured.
    pub number: u64,
    /// The mean.
    pub mean: f64,
    /// Quantiles.
    pub quantiles: Vec<Quantile>,
    /// Each size with how often it was measured.
    pub bins: Vec<(u64, u64)>,
}

/// A size that a part of what was measured does not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantile {
    /// The part, up to 1.
    pub part: f64,
    /// The size.
    pub value: u64,
}
