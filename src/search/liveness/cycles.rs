//! Which cycles are fair, and where there are such.

use super::Graph;
use crate::space::{Edge, Space};
use std::collections::{HashMap, VecDeque};

/// What is demanded of a run that goes on for ever; the number is a set of label bits, of which one is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fairness {
    /// If edges with such a label are possible all the time, one is taken again and again.
    Weak(u32),
    /// If edges with such a label are possible again and again, one is taken again and again.
    Strong(u32),
}

impl Fairness {
    /// The label bits.
    pub(super) const fn labels(self) -> u32 {
        let (Fairness::Weak(labels) | Fairness::Strong(labels)) = self;
        labels
    }
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
    /// Whether a run may stay in a state for ever in which nothing is possible that the fairness demands: a cycle without
    /// steps. A state without successors is one.
    pub rest: bool,
}

/// A move along an edge with these labels.
#[derive(Clone, Copy)]
pub(super) struct Move {
    pub(super) to: u32,
    pub(super) labels: u32,
}

/// The strongly connected components of a part of the graph, by Tarjan's algorithm without recursion.
pub(super) struct Components<'g, 'a, S: Space, L> {
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
    pub(super) fn new(graph: &'g Graph<'a, S, L>, query: &'g CycleQuery<'g>, nodes: Vec<u32>) -> Self {
        let empty = || vec![0; graph.nodes.len()];
        let mut part_of = empty();
        nodes.iter().for_each(|&node| part_of[node as usize] = 1);
        Self { graph, query, parts: vec![nodes], part_of, parts_made: 1, discovered: empty(), leads_to: empty() }
    }

    /// Every component in which one can go round fairly for ever, as large as it can be.
    pub(super) fn all_fair(&mut self) -> Vec<Vec<u32>> {
        let mut fair = Vec::new();
        while let Some(part) = self.parts.pop() {
            for component in self.split(&part) {
                match self.judge(&component) {
                    Verdict::Fair => fair.push(component),
                    Verdict::Unfair => {}
                    Verdict::Without(labels) => {
                        let (out, rest): (Vec<_>, _) =
                            component.into_iter().partition(|&node| self.graph.enabled(node) & labels != 0);
                        out.into_iter().for_each(|node| self.part_of[node as usize] = 0);
                        self.parts.push(rest);
                    }
                }
            }
        }
        fair
    }

    /// Accepted edges that stay within the part.
    fn inner(&self, node: u32) -> impl Iterator<Item = (u32, u32)> {
        self.graph.edges(node).filter(move |&(target, labels)| self.stays(node, target, labels))
    }

    fn stays(&self, node: u32, target: u32, labels: u32) -> bool {
        self.part_of[node as usize] == self.part_of[target as usize] && (self.query.accept)(labels)
    }

    fn judge(&self, component: &[u32]) -> Verdict {
        let inner = component.iter().flat_map(|&node| self.inner(node));
        let (edges, taken) = inner.fold((0u64, 0), |(edges, labels), edge| (edges + 1, labels | edge.1));
        if edges == 0 {
            return Verdict::Unfair;
        }
        let mut verdict = Verdict::Fair;
        for &fairness in self.query.fairness {
            let labels = fairness.labels();
            let mut enabling = component.iter().map(|&node| self.graph.enabled(node) & labels != 0);
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
    pub(super) fn tour(&self, entry: u32) -> Vec<Move> {
        let (mut moves, mut at) = (Vec::new(), entry);
        for &fairness in self.query.fairness {
            let complies = |to: u32, taken: u32| match fairness {
                Fairness::Weak(labels) => taken & labels != 0 || self.graph.enabled(to) & labels == 0,
                Fairness::Strong(labels) => taken & labels != 0,
            };
            if moves.iter().any(|way: &Move| complies(way.to, way.labels)) {
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
                let step = Move { to, labels };
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
