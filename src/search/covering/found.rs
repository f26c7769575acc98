//! What a search found.

use crate::outcome::End;
use std::time::Duration;

/// A flag's first sighting, with the way there.
#[derive(Clone, Debug)]
pub struct Sighting<A> {
    /// The number of the flag.
    pub bit: u32,
    /// Actions on a shortest way to it; a flagged step is one of them.
    pub depth: u32,
    /// These actions. Fewer where the way could not be rebuilt, which is a defect of the space.
    pub path: Vec<A>,
}

/// Counts and costs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// States stored at any time.
    pub stored: u64,
    /// States that no other one covers at the end.
    pub kept: u64,
    /// Different discrete parts.
    pub discrete: u64,
    /// Edges followed.
    pub edges: u64,
    /// Edges to something that was covered already.
    pub covered: u64,
    /// How often two states became one that stands for both.
    pub joined: u64,
    /// States expanded, by the number of actions to them.
    pub levels: Vec<u64>,
    /// Wall time.
    pub elapsed: Duration,
    /// Bytes of what is stored.
    pub bytes: usize,
}

impl Counts {
    /// Actions to the states that are farthest away.
    pub fn depth(&self) -> u32 {
        (self.levels.len() as u32).saturating_sub(1)
    }
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Covered<A> {
    /// Why it ended.
    pub end: End,
    /// First sightings, by flag number.
    pub sightings: Vec<Sighting<A>>,
    /// Counts and costs.
    pub counts: Counts,
}

impl<A> Covered<A> {
    /// The first sighting of a flag.
    pub fn sighting(&self, bit: u32) -> Option<&Sighting<A>> {
        self.sightings.iter().find(|sighting| sighting.bit == bit)
    }
}

/// Where a flag was seen first.
pub(super) struct Seen {
    pub(super) bit: u32,
    pub(super) depth: u32,
    pub(super) node: u32,
    /// On a step out of that state.
    pub(super) is_step: bool,
}
