//! What a search is asked, and what it answers.

use crate::expand::Site;
use crate::fingerprint::{Fingerprints, omission_odds};
use crate::frontier::Chunk;
use crate::visited::Visited;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How to search, and how far.
///
/// Bounds on states and memory are tested after each wave of the search (up to some 30,000 states), so both may be
/// exceeded by what one wave adds; where they stop the search does not depend on the number of threads.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// Number of threads, at least 1. It changes nothing but the speed.
    pub threads: usize,
    /// Greatest number of protocol actions on a path.
    pub max_depth: Option<u32>,
    /// Stop when more states than this are stored.
    pub max_states: Option<u64>,
    /// Stop when the search's own tables and queues have more bytes than this.
    pub max_bytes: Option<u64>,
    /// Stop after this time.
    pub time_limit: Option<Duration>,
    /// Stop when somebody sets this.
    pub cancel: Option<&'a AtomicBool>,
    /// Flags that end the search: the level on which the first of them is seen is still closed under ticks and judged
    /// in full, and no further level is begun. Other flags are noted and the search goes on.
    pub stop_on: u64,
    /// Keep the canonical bytes of every state that was expanded, for [`liveness`](crate::liveness) and
    /// [`ceiling`](crate::ceiling).
    pub keep_states: bool,
    /// Seed of the fingerprints. Another seed repeats the search with other chances of taking one state for another.
    pub hash_seed: u64,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            threads: 1,
            max_depth: None,
            max_states: None,
            max_bytes: None,
            time_limit: None,
            cancel: None,
            stop_on: 0,
            keep_states: false,
            hash_seed: 0,
        }
    }
}

/// A bound that ended a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bound {
    /// [`Options::max_depth`]: an action led out of the last level to a state that had not been seen by then.
    Depth,
    /// [`Options::max_states`], or the four thousand million states that the tables can number.
    States,
    /// [`Options::max_bytes`].
    Memory,
    /// [`Options::time_limit`].
    Time,
    /// [`Options::cancel`].
    Cancelled,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Every reachable state was judged, up to the odds of [`Stats::omission_odds`].
    Exhausted,
    /// A flag of [`Options::stop_on`] was seen.
    Stopped,
    /// A bound was hit first: what was not seen may still be there.
    CutOff(Bound),
}

/// The first sighting of a flag, in the order of the search: fewest protocol actions, and among those fewest ticks
/// (exact up to 4,095 ticks on one path), and among those the first in the order in which states are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The number of the flag.
    pub bit: u32,
    /// Protocol actions on the path to it; a flagged step is part of that path.
    pub depth: u32,
    /// Ticks on the path to it.
    pub ticks: u32,
    pub(crate) site: Site,
}

/// Counts and costs of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// States stored, including those that were not judged any more when the search was cut off.
    pub unique: u64,
    /// States judged, and expanded where the space allows it.
    pub judged: u64,
    /// Edges followed, from judged states to whatever state, new or known.
    pub edges: u64,
    /// Judged states that the space did not want expanded.
    pub unexpanded: u64,
    /// Judged states by the number of protocol actions that they are away from an initial state.
    pub levels: Vec<u64>,
    /// Wall time.
    pub elapsed: Duration,
    /// Greatest number of bytes in the search's own tables, queues and buffers.
    pub peak_bytes: usize,
    /// Greatest number of bytes in the visited table, growth included.
    pub peak_table_bytes: usize,
    /// Greatest number of bytes in everything but the states that wait, growth included.
    pub peak_beyond_frontier: usize,
}

impl Stats {
    /// Protocol actions to the states that are farthest away.
    pub fn depth(&self) -> u32 {
        (self.levels.len() as u32).saturating_sub(1)
    }

    /// Judged states per second.
    pub fn rate(&self) -> f64 {
        self.judged as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// An upper bound of the expected number of states that were omitted because another state has the same 64-bit
    /// fingerprint: n² / 2⁶⁵.
    pub fn omission_odds(&self) -> f64 {
        omission_odds(self.unique)
    }
}

/// A look at a running search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// States stored.
    pub unique: u64,
    /// States judged.
    pub judged: u64,
    /// States stored and not judged yet.
    pub waiting: u64,
    /// Edges followed.
    pub edges: u64,
    /// Protocol actions on the paths that are being extended.
    pub depth: u32,
    /// Judged states per second since the last look.
    pub rate: f64,
    /// Bytes in the search's own tables, queues and buffers.
    pub bytes: usize,
    /// Time since the search began.
    pub elapsed: Duration,
}

/// A finished search. It holds the visited table, from which paths are rebuilt.
pub struct Explored {
    /// Why the search ended.
    pub end: End,
    /// First sightings, by flag number.
    pub hits: Vec<Hit>,
    /// Counts and costs.
    pub stats: Stats,
    pub(crate) visited: Visited,
    pub(crate) prints: Fingerprints,
    pub(crate) kept: Vec<Chunk>,
}

impl Explored {
    /// The first sighting of a flag.
    pub fn hit(&self, bit: u32) -> Option<&Hit> {
        self.hits.iter().find(|hit| hit.bit == bit)
    }

    /// A digest of everything that was stored: states, their order, and from where they were reached. The same search
    /// gives the same digest, whatever the number of threads.
    pub fn digest(&self) -> u64 {
        self.visited.digest()
    }
}
