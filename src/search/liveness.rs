//! Claims about whole runs, decided on the stored graph of an exhausted space.
//!
//! * `AG EF goal`: from every reachable state (of some kind) a goal can still be reached, by edges of some kind
//!   ([`Graph::always_reachable`]).
//! * A run that goes round in a cycle for ever, or stays where it is, under fairness ([`Graph::fair_cycle`]). What leads from
//!   `from` to `to` is refuted by a cycle that is reached after `from` without `to`.
//!
//! The graph has the canonical forms as its nodes. If they hide a symmetry, a cycle comes back to the same state up to
//! that symmetry, and the labels of edges must not depend on what the symmetry exchanges.

mod always;
mod cycles;
mod fair;

pub use always::ReachQuery;
pub use cycles::{CycleQuery, Fairness};
pub use fair::Lasso;

use crate::outcome::{End, Explored};
use crate::space::{Cost, Edge, Space, any_state};
use crate::trace::TraceError;
use crate::visited::{Ordinal, SHARDS, Stage};
use std::fmt;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LivenessError {
    /// The search was cut off or stopped, so edges are missing.
    NotExhausted,
    /// The search did not [keep the states](crate::Options::keep_states).
    NotKept,
    /// The graph needs more memory than is allowed.
    TooLarge {
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that are allowed.
        allowed: u64,
    },
    /// A path could not be rebuilt.
    Trace(TraceError),
}

impl fmt::Display for LivenessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotExhausted => write!(f, "the space was not exhausted, so nothing can be said about whole runs"),
            Self::NotKept => write!(f, "the search did not keep its states, so there is no graph"),
            Self::TooLarge { needed, allowed } => {
                write!(f, "the graph of the space needs {needed} bytes, and {allowed} are allowed")
            }
            Self::Trace(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LivenessError {}

impl From<TraceError> for LivenessError {
    fn from(error: TraceError) -> Self {
        Self::Trace(error)
    }
}

/// The graph of an exhausted space. An edge bears labels: up to 31 bits that `L` gives it, and [`TICK`].
pub struct Graph<'a, S: Space, L> {
    space: &'a S,
    explored: &'a Explored,
    label: L,
    /// The first node of each shard, and the number of nodes.
    bases: [u32; SHARDS + 1],
    nodes: Vec<Node>,
    targets: Vec<u32>,
    labels: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
struct Node {
    flags: u64,
    first: u32,
    edges: u32,
    expanded: bool,
}

/// The label of every edge on which time passes.
pub const TICK: u32 = 1 << 31;

/// No node.
const NOWHERE: u32 = u32::MAX;

impl<'a, S: Space, L: Fn(&Edge<S::Action>, &S::State, &S::State) -> u32> Graph<'a, S, L> {
    /// Generates all edges again and stores them; `label` gives the labels of an edge between two states.
    pub fn new(space: &'a S, explored: &'a Explored, max_bytes: u64, label: L) -> Result<Self, LivenessError> {
        let states = explored.stats.unique;
        if explored.end != End::Exhausted {
            return Err(LivenessError::NotExhausted);
        }
        if explored.kept.is_empty() {
            return Err(LivenessError::NotKept);
        }
        // Targets, labels, and the reverse edges of `always_reachable`; nodes and what the searches note about them.
        let needed = 12 * explored.stats.edges + (size_of::<Node>() as u64 + 32) * states;
        let allowed = max_bytes.min(12 * u64::from(u32::MAX));
        if needed > allowed {
            return Err(LivenessError::TooLarge { needed, allowed });
        }
        let mut bases = [0; SHARDS + 1];
        for (shard, length) in explored.visited.shard_lengths().enumerate() {
            bases[shard + 1] = bases[shard] + length;
        }
        let nodes = vec![Node::default(); states as usize];
        let mut graph = Self { space, explored, label, bases, nodes, targets: Vec::new(), labels: Vec::new() };
        graph.generate();
        Ok(graph)
    }

    fn generate(&mut self) {
        let (space, explored) = (self.space, self.explored);
        let Some(mut state) = any_state(space) else { return };
        let (mut generating, mut encoding, mut bytes) = (space.scratch(), space.scratch(), Vec::new());
        for chunk in &explored.kept {
            for (ordinal, canonical) in chunk.iter() {
                if explored.visited.stage(ordinal) != chunk.stage {
                    continue;
                }
                space.decode(&mut generating, canonical, &mut state);
                let (flags, first) = (space.flags(&mut generating, &state), self.targets.len());
                if flags.expand {
                    space.each_successor(&mut generating, &state, &mut |edge, next| {
                        let target = explored.ordinal(space, &mut encoding, next, &mut bytes);
                        self.targets.push(target.map_or(NOWHERE, |target| self.node(target)));
                        self.labels.push(self.labels_of(&edge, &state, next));
                    });
                }
                let edges = (self.targets.len() - first) as u32;
                let node = self.node(ordinal) as usize;
                self.nodes[node] = Node { flags: flags.bits, first: first as u32, edges, expanded: flags.expand };
            }
        }
    }

    fn labels_of(&self, edge: &Edge<S::Action>, from: &S::State, to: &S::State) -> u32 {
        (self.label)(edge, from, to) & !TICK | u32::from(edge.cost == Cost::Tick) << 31
    }

    /// The labels of all edges out of a node.
    fn enabled(&self, node: u32) -> u32 {
        self.edges(node).fold(0, |labels, edge| labels | edge.1)
    }

    fn node(&self, ordinal: Ordinal) -> u32 {
        self.bases[ordinal.shard()] + ordinal.index() as u32
    }

    fn ordinal(&self, node: u32) -> Ordinal {
        let shard = self.bases.partition_point(|&base| base <= node) - 1;
        Ordinal::new(shard, node - self.bases[shard])
    }

    fn edges(&self, node: u32) -> impl Iterator<Item = (u32, u32)> {
        let Node { first, edges, .. } = self.nodes[node as usize];
        let range = first as usize..(first + edges) as usize;
        self.targets[range.clone()].iter().copied().zip(self.labels[range].iter().copied())
    }

    /// The order in which the search found the nodes, up to the order within a stage.
    fn rank(&self, node: u32) -> (Stage, u32) {
        (self.explored.visited.stage(self.ordinal(node)), node)
    }

    fn all_nodes(&self) -> std::ops::Range<u32> {
        0..self.nodes.len() as u32
    }
}
