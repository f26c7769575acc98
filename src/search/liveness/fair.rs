//! Runs that go on for ever, under fairness.

use super::cycles::{Components, CycleQuery, Move};
use super::{Graph, LivenessError, TICK};
use crate::space::{Cost, Edge, Space};
use crate::trace::{Step, Trace, TraceError, find_step};
use crate::visited::Stage;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A run that ends in a cycle.
pub struct Lasso<S: Space> {
    /// The way there: a shortest one to any fair cycle.
    pub stem: Trace<S>,
    /// The steps of the cycle; none if the run stays at the end of the stem for ever.
    pub cycle: Vec<Step<S>>,
    /// The same once more. Where the canonical forms hide a symmetry, others may act in it than in the first round.
    pub again: Vec<Step<S>>,
}

/// How the end of a run may come to a node: how far it is from the beginning, and the move from which node.
#[derive(Clone, Copy)]
struct Arrival {
    at: Stage,
    /// The node itself where the end of the run may begin there.
    from: u32,
    labels: u32,
}

impl<S: Space, L: Fn(&Edge<S::Action>, &S::State, &S::State) -> u32> Graph<'_, S, L> {
    /// Looks for a run that goes round in a fair cycle, and among those for one with a shortest way there.
    ///
    /// # Errors
    /// A path could not be rebuilt.
    pub fn fair_cycle(&self, query: &CycleQuery<'_>) -> Result<Option<Lasso<S>>, LivenessError> {
        let arrivals = self.arrivals(query);
        let inside: Vec<u32> = self.all_nodes().filter(|&node| arrivals[node as usize].is_some()).collect();
        let distance = |node: u32| arrivals[node as usize].map(|arrival| (arrival.at, node));
        let rest = inside.iter().copied().filter(|&node| query.rest && self.may_rest(node, query));
        let rest = rest.min_by_key(|&node| distance(node));
        let mut components = Components::new(self, query, inside);
        let entry = components.all_fair().into_iter().flatten().min_by_key(|&node| distance(node));
        let (end, moves) = match (rest, entry) {
            (Some(rest), Some(entry)) if distance(entry) < distance(rest) => (entry, components.tour(entry)),
            (Some(rest), _) => (rest, Vec::new()),
            (None, Some(entry)) => (entry, components.tour(entry)),
            (None, None) => return Ok(None),
        };
        let stem = self.stem(end, &arrivals)?;
        let cycle = self.follow(stem.last_state(), &moves, stem.steps.len())?;
        let after = cycle.last().map_or(stem.last_state(), |step| &step.state);
        let again = self.follow(after, &moves, stem.steps.len() + cycle.len())?;
        Ok(Some(Lasso { stem, cycle, again }))
    }

    /// Whether nothing that the fairness demands is possible in a node.
    fn may_rest(&self, node: u32, query: &CycleQuery<'_>) -> bool {
        let demanded = query.fairness.iter().fold(0, |labels, fairness| labels | fairness.labels());
        self.nodes[node as usize].expanded && self.enabled(node) & demanded == 0
    }

    /// How the end of the run comes to each node that it may visit, by a shortest way.
    fn arrivals(&self, query: &CycleQuery<'_>) -> Vec<Option<Arrival>> {
        let allowed = |node: u32| self.nodes[node as usize].flags & query.avoid == 0;
        let begins = |node: u32| query.from == 0 || self.nodes[node as usize].flags & query.from != 0;
        let mut arrivals: Vec<Option<Arrival>> = vec![None; self.nodes.len()];
        let mut waiting = BinaryHeap::new();
        for node in self.all_nodes().filter(|&node| allowed(node) && begins(node)) {
            let (at, _) = self.rank(node);
            arrivals[node as usize] = Some(Arrival { at, from: node, labels: 0 });
            waiting.push(Reverse((at, node)));
        }
        while let Some(Reverse((at, node))) = waiting.pop() {
            if arrivals[node as usize].is_none_or(|arrival| arrival.at != at) {
                continue;
            }
            for (target, labels) in self.edges(node).filter(|(target, _)| allowed(*target)) {
                let at = at.after(if labels & TICK == 0 { Cost::Action } else { Cost::Tick });
                let known = &mut arrivals[target as usize];
                if known.is_none_or(|known| at < known.at) {
                    *known = Some(Arrival { at, from: node, labels });
                    waiting.push(Reverse((at, target)));
                }
            }
        }
        arrivals
    }

    /// A shortest path to a node of the end of the run: as the search went to where that end may begin, then on.
    fn stem(&self, end: u32, arrivals: &[Option<Arrival>]) -> Result<Trace<S>, LivenessError> {
        let (mut moves, mut node) = (Vec::new(), end);
        while let Some(Arrival { from, labels, .. }) = arrivals[node as usize].filter(|arrival| arrival.from != node) {
            moves.push(Move { to: node, labels });
            node = from;
        }
        moves.reverse();
        let mut stem = self.explored.trace_to(self.space, self.ordinal(node))?;
        let rest = self.follow(stem.last_state(), &moves, stem.steps.len())?;
        stem.steps.extend(rest);
        Ok(stem)
    }

    /// The steps that make these moves from a state, which so many steps led to.
    fn follow(&self, from: &S::State, moves: &[Move], before: usize) -> Result<Vec<Step<S>>, LivenessError> {
        let (mut encoding, mut bytes) = (self.space.scratch(), Vec::new());
        let mut steps: Vec<Step<S>> = Vec::with_capacity(moves.len());
        for &Move { to, labels } in moves {
            let from = steps.last().map_or(from, |step| &step.state);
            let step = find_step(self.space, from, |edge, next| {
                self.labels_of(edge, from, next) == labels
                    && self.explored.ordinal(self.space, &mut encoding, next, &mut bytes) == Some(self.ordinal(to))
            });
            steps.push(step.ok_or(TraceError::NoSuchStep(before + steps.len()))?);
        }
        Ok(steps)
    }
}
