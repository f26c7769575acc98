//! Claims about whole runs, decided on the stored graph of an exhausted space.
//!
//! * `AG EF goal`: from every reachable state (of some kind) a goal can still be reached, by edges of some kind
//!   ([`Graph::always_reachable`]).
//! * A run that goes round in a cycle for ever, under fairness ([`Graph::fair_cycle`]). What leads from `from` to `to`
//!   is refuted by a cycle that is reached after `from` without `to`.
//!
//! The graph has the canonical forms as its nodes. If they hide a symmetry, a cycle comes back to the same state up to
//! that symmetry, and the labels of edges must not depend on what the symmetry exchanges.

mod always;

pub use always::ReachQuery;

use crate::outcome::{End, Explored};
use crate::space::{Edge, Space, any_state};
use crate::trace::{Step, Trace, TraceError, find_step};
use crate::visited::{Ordinal, SHARDS, Stage};
use std::collections::{HashMap, VecDeque};
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

/// What is demanded of a run that goes on for ever; the number is a set of label bits, of which one is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fairness {
    /// If edges with such a label are possible all the time, one is taken again and again.
    Weak(u32),
    /// If edges with such a label are possible again and again, one is taken again and again.
    Strong(u32),
}

/// Which cycles are looked for.
#[derive(Clone, Copy)]
pub struct CycleQuery<'q> {
    /// The run must have come through a state with one of these flags; 0 if it need not.
    pub from: u64,
    /// From there on (or, without `from`, on the cycle) no state has one of these flags.
    pub avoid: u64,
    /// Whether an edge with these labels may be on the cycle.
    pub accept: &'q dyn Fn(u32) -> bool,
    /// What the cycle must comply with.
    pub fairness: &'q [Fairness],
    /// Whether a state without successors counts as a cycle without steps.
    pub stuck: bool,
}

/// A run that ends in a cycle.
pub struct Lasso<S: Space> {
    /// The way there.
    pub stem: Trace<S>,
    /// The steps of the cycle; none if the run is stuck at the end of the stem.
    pub cycle: Vec<Step<S>>,
}

/// The graph of an exhausted space. An edge bears labels, up to 32 bits that `L` gives it.
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
        let needed = 12 * explored.stats.edges + (size_of::<Node>() as u64 + 20) * states;
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
                        self.labels.push((self.label)(&edge, &state, next));
                    });
                }
                let edges = (self.targets.len() - first) as u32;
                let node = self.node(ordinal) as usize;
                self.nodes[node] = Node { flags: flags.bits, first: first as u32, edges, expanded: flags.expand };
            }
        }
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

    /// Looks for a run that goes round in a fair cycle, and among those for one that enters it early.
    pub fn fair_cycle(&self, query: &CycleQuery<'_>) -> Result<Option<Lasso<S>>, LivenessError> {
        let entered_from = self.region(query);
        let inside = |node: &u32| entered_from[*node as usize] != NOWHERE;
        let stuck =
            |node: &u32| query.stuck && self.nodes[*node as usize].expanded && self.edges(*node).next().is_none();
        let end = self.all_nodes().filter(inside).filter(stuck).min_by_key(|&node| self.rank(node));
        if let Some(end) = end {
            let stem = self.stem(end, query, &entered_from)?;
            return Ok(Some(Lasso { stem, cycle: Vec::new() }));
        }
        let mut components = Components::new(self, query, self.all_nodes().filter(inside).collect());
        let Some(component) = components.earliest_fair() else { return Ok(None) };
        let Some(&entry) = component.iter().min_by_key(|&&node| self.rank(node)) else { return Ok(None) };
        let stem = self.stem(entry, query, &entered_from)?;
        let cycle = self.follow(&stem, &components.tour(entry), query)?;
        Ok(Some(Lasso { stem, cycle }))
    }

    /// The nodes that the end of the run may visit, each with its predecessor (itself if there need be none).
    fn region(&self, query: &CycleQuery<'_>) -> Vec<u32> {
        let allowed = |node: u32| self.nodes[node as usize].flags & query.avoid == 0;
        let begins = |node: u32| query.from == 0 || self.nodes[node as usize].flags & query.from != 0;
        let mut entered_from = vec![NOWHERE; self.nodes.len()];
        let mut waiting: Vec<u32> = self.all_nodes().filter(|&node| allowed(node) && begins(node)).collect();
        waiting.sort_by_key(|&node| self.rank(node));
        waiting.iter().for_each(|&node| entered_from[node as usize] = node);
        let mut waiting = VecDeque::from(waiting);
        while let Some(node) = waiting.pop_front() {
            for (target, _) in self.edges(node) {
                if allowed(target) && entered_from[target as usize] == NOWHERE {
                    entered_from[target as usize] = node;
                    waiting.push_back(target);
                }
            }
        }
        entered_from
    }

    /// The path to a node of the region: to where the region begins as the search went, then through the region.
    fn stem(&self, end: u32, query: &CycleQuery<'_>, entered_from: &[u32]) -> Result<Trace<S>, LivenessError> {
        let mut way = vec![end];
        let mut node = end;
        while entered_from[node as usize] != node {
            node = entered_from[node as usize];
            way.push(node);
        }
        way.pop();
        let any = CycleQuery { accept: &|_| true, ..*query };
        let mut stem = self.explored.trace_to(self.space, self.ordinal(node))?;
        let moves: Vec<_> = way.into_iter().rev().map(|to| Move { to, labels: None }).collect();
        stem.steps.extend(self.follow(&stem, &moves, &any)?);
        Ok(stem)
    }

    /// The steps that make these moves, from the end of `stem` on.
    fn follow(&self, stem: &Trace<S>, moves: &[Move], query: &CycleQuery<'_>) -> Result<Vec<Step<S>>, LivenessError> {
        let (mut encoding, mut bytes) = (self.space.scratch(), Vec::new());
        let mut steps: Vec<Step<S>> = Vec::with_capacity(moves.len());
        for &Move { to, labels } in moves {
            let from = steps.last().map_or(stem.last_state(), |step| &step.state);
            let step = find_step(self.space, from, |edge, next| {
                let have = (self.label)(edge, from, next);
                (query.accept)(have)
                    && labels.is_none_or(|labels| labels == have)
                    && self.explored.ordinal(self.space, &mut encoding, next, &mut bytes) == Some(self.ordinal(to))
            });
            steps.push(step.ok_or(TraceError::NoSuchStep(stem.steps.len() + steps.len()))?);
        }
        Ok(steps)
    }
}

/// A move along an edge with these labels, or along any accepted edge.
#[derive(Clone, Copy)]
struct Move {
    to: u32,
    labels: Option<u32>,
}

/// The strongly connected components of a part of the graph, by Tarjan's algorithm without recursion.
struct Components<'g, 'a, S: Space, L> {
    graph: &'g Graph<'a, S, L>,
    query: &'g CycleQuery<'g>,
    /// Sets of nodes that are still to be taken apart.
    parts: Vec<Vec<u32>>,
    /// For each node the part or component that it belongs to; 0 for none. Edges count within one of them only.
    part_of: Vec<u32>,
    parts_made: u32,
    /// For each node the order of its discovery (0: not yet), and the earliest one that it leads back to.
    discovered: Vec<u32>,
    leads_to: Vec<u32>,
}

/// What the labels say about a component.
enum Verdict {
    Fair,
    Unfair,
    /// It may be fair without the nodes that enable these labels.
    Without(u32),
}

impl<'g, 'a, S: Space, L: Fn(&Edge<S::Action>, &S::State, &S::State) -> u32> Components<'g, 'a, S, L> {
    fn new(graph: &'g Graph<'a, S, L>, query: &'g CycleQuery<'g>, nodes: Vec<u32>) -> Self {
        let empty = || vec![0; graph.nodes.len()];
        let mut part_of = empty();
        nodes.iter().for_each(|&node| part_of[node as usize] = 1);
        Self { graph, query, parts: vec![nodes], part_of, parts_made: 1, discovered: empty(), leads_to: empty() }
    }

    /// The fair component that the search met first.
    fn earliest_fair(&mut self) -> Option<Vec<u32>> {
        let mut fair = Vec::new();
        while let Some(part) = self.parts.pop() {
            for component in self.split(&part) {
                match self.judge(&component) {
                    Verdict::Fair => fair.push(component),
                    Verdict::Unfair => {}
                    Verdict::Without(labels) => {
                        let (out, rest): (Vec<_>, _) =
                            component.into_iter().partition(|&node| self.enabled(node) & labels != 0);
                        out.into_iter().for_each(|node| self.part_of[node as usize] = 0);
                        self.parts.push(rest);
                    }
                }
            }
        }
        fair.into_iter().min_by_key(|component| component.iter().map(|&node| self.graph.rank(node)).min())
    }

    /// Accepted edges that stay within the part.
    fn inner(&self, node: u32) -> impl Iterator<Item = (u32, u32)> {
        self.graph.edges(node).filter(move |&(target, labels)| self.stays(node, target, labels))
    }

    fn stays(&self, node: u32, target: u32, labels: u32) -> bool {
        self.part_of[node as usize] == self.part_of[target as usize] && (self.query.accept)(labels)
    }

    /// The labels of all edges out of a node, whether or not they stay within the part.
    fn enabled(&self, node: u32) -> u32 {
        self.graph.edges(node).fold(0, |labels, edge| labels | edge.1)
    }

    fn judge(&self, component: &[u32]) -> Verdict {
        let inner = component.iter().flat_map(|&node| self.inner(node));
        let (edges, taken) = inner.fold((0u64, 0), |(edges, labels), edge| (edges + 1, labels | edge.1));
        if edges == 0 {
            return Verdict::Unfair;
        }
        let mut verdict = Verdict::Fair;
        for &fairness in self.query.fairness {
            let (Fairness::Weak(labels) | Fairness::Strong(labels)) = fairness;
            let mut enabling = component.iter().map(|&node| self.enabled(node) & labels != 0);
            match fairness {
                _ if taken & labels != 0 => {}
                Fairness::Weak(_) if enabling.all(|enables| enables) => return Verdict::Unfair,
                Fairness::Strong(_) if enabling.any(|enables| enables) => verdict = Verdict::Without(labels),
                Fairness::Weak(_) | Fairness::Strong(_) => {}
            }
        }
        verdict
    }

    /// Takes a part apart into its components; single nodes without an edge to themselves are left out.
    fn split(&mut self, part: &[u32]) -> Vec<Vec<u32>> {
        part.iter().for_each(|&node| self.discovered[node as usize] = 0);
        let (mut components, mut open, mut calls, mut time) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for &root in part {
            if self.discovered[root as usize] == 0 {
                calls.push((root, 0));
            }
            while let Some((node, edge)) = calls.last_mut() {
                let (at, node) = (*node as usize, *node);
                if self.discovered[at] == 0 {
                    time += 1;
                    (self.discovered[at], self.leads_to[at]) = (time, time);
                    open.push(node);
                }
                let next = self.graph.edges(node).nth(*edge);
                *edge += 1;
                match next {
                    Some((target, labels)) if self.stays(node, target, labels) => {
                        match self.discovered[target as usize] {
                            0 => calls.push((target, 0)),
                            time => self.leads_to[at] = self.leads_to[at].min(time),
                        }
                    }
                    Some(_) => {}
                    None => {
                        calls.pop();
                        if let Some(&(caller, _)) = calls.last() {
                            let caller = caller as usize;
                            self.leads_to[caller] = self.leads_to[caller].min(self.leads_to[at]);
                        }
                        if self.leads_to[at] == self.discovered[at] {
                            components.extend(self.close(node, &mut open));
                        }
                    }
                }
            }
        }
        components
    }

    /// Takes the component that was begun with `first` off the open nodes.
    fn close(&mut self, first: u32, open: &mut Vec<u32>) -> Option<Vec<u32>> {
        let start = open.iter().rposition(|&node| node == first)?;
        let component = open.split_off(start);
        self.parts_made += 1;
        component.iter().for_each(|&node| self.part_of[node as usize] = self.parts_made);
        let cyclic = component.len() > 1 || self.inner(first).next().is_some();
        cyclic.then_some(component)
    }

    /// A way round in a fair component that complies with all of the fairness.
    fn tour(&self, entry: u32) -> Vec<Move> {
        let (mut moves, mut at) = (Vec::new(), entry);
        for &fairness in self.query.fairness {
            let complies = |to: u32, taken: u32| match fairness {
                Fairness::Weak(labels) => taken & labels != 0 || self.enabled(to) & labels == 0,
                Fairness::Strong(labels) => taken & labels != 0,
            };
            if moves.iter().any(|way: &Move| complies(way.to, way.labels.unwrap_or(0))) {
                continue;
            }
            // There is no such way where a strong fairness demands nothing, its labels being enabled nowhere.
            moves.extend(self.way(at, complies).unwrap_or_default());
            at = moves.last().map_or(entry, |way| way.to);
        }
        if at != entry || moves.is_empty() {
            moves.extend(self.way(at, |to, _| to == entry).unwrap_or_default());
        }
        moves
    }

    /// A shortest way within the component, of one move at least, whose last move is a wanted one.
    fn way(&self, from: u32, wanted: impl Fn(u32, u32) -> bool) -> Option<Vec<Move>> {
        let mut entered_by = HashMap::new();
        let mut waiting = VecDeque::from([from]);
        while let Some(node) = waiting.pop_front() {
            for (to, labels) in self.inner(node) {
                let step = Move { to, labels: Some(labels) };
                if wanted(to, labels) {
                    let mut way = vec![step];
                    let mut at = node;
                    while let Some(&(before, step)) = entered_by.get(&at) {
                        way.push(step);
                        at = before;
                    }
                    way.reverse();
                    return Some(way);
                }
                if to != from && !entered_by.contains_key(&to) {
                    entered_by.insert(to, (node, step));
                    waiting.push_back(to);
                }
            }
        }
        None
    }
}
