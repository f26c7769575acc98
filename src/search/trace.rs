//! Paths, rebuilt from the visited table.
//!
//! The table knows for each state only the number of its predecessor. A path is rebuilt by walking back to an initial
//! state and then forwards again through the space itself, each time to the first successor that is the wanted state.
//! The walk goes on from that successor as it was generated, not from its canonical form, so a symmetry that the
//! canonical form hides is undone: the path is one that the system really takes, with the same actors throughout.

use crate::expand::Site;
use crate::outcome::{Explored, Hit};
use crate::space::{Cost, Edge, Space};
use crate::visited::{Ordinal, Visited};
use std::fmt;

/// One step of a path.
pub struct Step<S: Space> {
    /// What happens.
    pub edge: Edge<S::Action>,
    /// The state that it leads to.
    pub state: S::State,
}

/// A path from an initial state. Its text is one action a line.
pub struct Trace<S: Space> {
    /// Where it begins.
    pub initial: S::State,
    /// What happens then.
    pub steps: Vec<Step<S>>,
}

// Not derived, because that would demand as much of the space itself.
impl<S: Space> Clone for Step<S> {
    fn clone(&self) -> Self {
        Self { edge: self.edge, state: self.state.clone() }
    }
}

impl<S: Space> Clone for Trace<S> {
    fn clone(&self) -> Self {
        Self { initial: self.initial.clone(), steps: self.steps.clone() }
    }
}

impl<S: Space> fmt::Display for Trace<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{}", step.edge.action))
    }
}

impl<S: Space> Trace<S> {
    /// The state at the end of the path.
    pub fn last_state(&self) -> &S::State {
        self.steps.last().map_or(&self.initial, |step| &step.state)
    }

    /// Number of protocol actions.
    pub fn depth(&self) -> usize {
        self.steps.iter().filter(|step| step.edge.cost == Cost::Action).count()
    }
}

/// Why a path could not be rebuilt. Each of these is a defect of the space (or a fingerprint taken for another).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceError {
    /// No initial state is the one that the search began with.
    NoInitialState,
    /// No successor of the state after this many steps is the one that the search found: the successors are not the
    /// same each time, or states with equal canonical bytes have different successors.
    NoSuchStep(usize),
    /// The end of the path does not raise the flag that the search saw there.
    NoFlag(u32),
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInitialState => write!(f, "the initial states are not those that the search began with"),
            Self::NoSuchStep(steps) => {
                write!(f, "after {steps} steps the search found a state that no successor leads to")
            }
            Self::NoFlag(bit) => write!(f, "the end of the path does not raise flag {bit}, which the search saw there"),
        }
    }
}

impl std::error::Error for TraceError {}

impl Explored {
    /// The path to a first sighting. If a step was flagged, it is the last one.
    pub fn trace<S: Space>(&self, space: &S, hit: &Hit) -> Result<Trace<S>, TraceError> {
        let missing = TraceError::NoFlag(hit.bit);
        match hit.site {
            Site::State(ordinal) => {
                let trace = self.trace_to(space, ordinal)?;
                let raised = space.flags(&mut space.scratch(), trace.last_state()).bits >> hit.bit & 1 == 1;
                if raised { Ok(trace) } else { Err(missing) }
            }
            Site::Edge(ordinal, cost) => {
                let mut trace = self.trace_to(space, ordinal)?;
                let flagged = |edge: &Edge<_>, _: &_| edge.cost == cost && edge.flags >> hit.bit & 1 == 1;
                let step = find_step(space, trace.last_state(), flagged).ok_or(missing)?;
                trace.steps.push(step);
                Ok(trace)
            }
        }
    }

    /// The path to a stored state.
    pub(crate) fn trace_to<S: Space>(&self, space: &S, target: Ordinal) -> Result<Trace<S>, TraceError> {
        let mut chain = vec![target];
        while let Some(parent) = chain.last().and_then(|&ordinal| self.visited.parent(ordinal)) {
            chain.push(parent);
        }
        let mut ordinals = chain.into_iter().rev();
        let first = ordinals.next().unwrap_or(target);
        let mut trace = Trace { initial: self.find_initial(space, first)?, steps: Vec::new() };
        let mut from = first;
        for to in ordinals {
            let step = self.step_to(space, trace.last_state(), self.cost(from, to), to);
            let step = step.ok_or(TraceError::NoSuchStep(trace.steps.len()))?;
            trace.steps.push(step);
            from = to;
        }
        Ok(trace)
    }

    /// The first step of this cost from `state` to the stored state `to`.
    pub(crate) fn step_to<S: Space>(&self, space: &S, state: &S::State, cost: Cost, to: Ordinal) -> Option<Step<S>> {
        let (mut encoding, mut bytes) = (space.scratch(), Vec::new());
        find_step(space, state, |edge, next| {
            edge.cost == cost && self.ordinal(space, &mut encoding, next, &mut bytes) == Some(to)
        })
    }

    /// The number of a state, if it is stored.
    pub(crate) fn ordinal<S: Space>(
        &self,
        space: &S,
        encoding: &mut S::Scratch,
        state: &S::State,
        bytes: &mut Vec<u8>,
    ) -> Option<Ordinal> {
        bytes.clear();
        space.encode(encoding, state, bytes);
        self.visited.find(self.prints.of(bytes))
    }

    /// What the edge costs by which the search went from one state to the other.
    fn cost(&self, from: Ordinal, to: Ordinal) -> Cost {
        let level = |ordinal| Visited::stage(&self.visited, ordinal).level();
        if level(from) == level(to) { Cost::Tick } else { Cost::Action }
    }

    fn find_initial<S: Space>(&self, space: &S, wanted: Ordinal) -> Result<S::State, TraceError> {
        let (mut encoding, mut bytes, mut found) = (space.scratch(), Vec::new(), None);
        space.initial(&mut space.scratch(), &mut |state| {
            if found.is_none() && self.ordinal(space, &mut encoding, state, &mut bytes) == Some(wanted) {
                found = Some(state.clone());
            }
        });
        found.ok_or(TraceError::NoInitialState)
    }
}

/// The first step out of `state` that is wanted.
pub fn find_step<S: Space>(
    space: &S,
    state: &S::State,
    mut wanted: impl FnMut(&Edge<S::Action>, &S::State) -> bool,
) -> Option<Step<S>> {
    let mut found = None;
    space.each_successor(&mut space.scratch(), state, &mut |edge, next| {
        if found.is_none() && wanted(&edge, next) {
            found = Some(Step { edge, state: next.clone() });
        }
    });
    found
}
