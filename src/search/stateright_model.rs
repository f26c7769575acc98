//! Any space as a [`stateright::Model`]: an independent second opinion, and Stateright's Explorer.
//!
//! What to mind about Stateright 0.31.0, and what is done about it here:
//!
//! * It offers `actions` and `next_state` apart, where a space emits successors whole. An action of the model
//!   therefore carries its target, so that each state is expanded once and action indices are stable.
//! * It identifies states by `Hash`: a [`StoredState`] is hashed as its canonical bytes with their length.
//! * It stops once every property has a discovery: [`SpaceModel`] adds one that never has any, so that runs exhaust.
//! * `spawn_on_demand().join()` never comes back; ask `is_done` instead.
//! * It reports truncated runs as success, overwrites first discoveries, and its depth bound is off by two. Demand
//!   counts and verdicts from it, only of runs without bounds; paths and bounds are [`search`](crate::search())'s.
//! * Its `timeout` does nothing on one thread, its `symmetry` nothing in breadth-first search (a space has its symmetry
//!   in its canonical form), and its depth is the number of states on a path, one more than ours.
//! * A state that a space does not want expanded is inside Stateright's boundary, so that it is counted, and has no
//!   actions.
//!
//! Behind [`SpaceModel`] every space has one type, so that Stateright's checkers are compiled once and not for each.

use crate::space::{Edge, Flags, Space, any_state};
use stateright::{Model, Property};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// The name of the property that keeps a run going to the end.
pub const EXHAUSTIVE: &str = "exhaustive";

/// What a flag means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    /// No reachable state raises the flag.
    Never,
    /// No step between reachable states raises the flag. Stateright knows only claims about states, so its
    /// counterexample ends in the state before the step.
    NeverStep,
    /// Some reachable state raises the flag.
    Sometimes,
}

/// A flag as a Stateright property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// How Stateright calls it.
    pub name: &'static str,
    /// The number of the flag, below 64.
    pub bit: u32,
    /// What it means.
    pub kind: ClaimKind,
}

/// A state as Stateright stores it. Equality and hash are those of the canonical bytes.
#[derive(Clone)]
pub struct StoredState {
    bytes: Box<[u8]>,
    flags: Flags,
}

impl StoredState {
    /// The canonical bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the space says about it.
    pub fn flags(&self) -> Flags {
        self.flags
    }
}

impl PartialEq for StoredState {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for StoredState {}

impl Hash for StoredState {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.bytes.hash(hasher);
    }
}

impl fmt::Debug for StoredState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flags {:#b}, canonical form ", self.flags.bits)?;
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An edge with its target.
#[derive(Clone)]
pub struct StoredStep {
    action: Arc<dyn fmt::Display + Send + Sync>,
    choice: u16,
    /// Claims about steps that it violates.
    flags: u64,
    /// The state that it leads to.
    pub target: StoredState,
}

impl PartialEq for StoredStep {
    fn eq(&self, other: &Self) -> bool {
        self.target == other.target && self.to_string() == other.to_string()
    }
}

impl fmt::Display for StoredStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.choice {
            0 => write!(f, "{}", self.action),
            choice => write!(f, "{} #{choice}", self.action),
        }
    }
}

impl fmt::Debug for StoredStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A space in canonical bytes, whatever its types.
trait StoredSpace: Send + Sync {
    /// Every initial state, each once.
    fn initial(&self) -> Vec<StoredState>;
    /// Adds every edge out of a stored state.
    fn steps(&self, from: &StoredState, steps: &mut Vec<StoredStep>);
    /// A stored state in words.
    fn describe(&self, state: &StoredState) -> Option<String>;
}

struct Stored<S: Space> {
    space: S,
    /// Scratch storage that is not in use at the moment.
    idle: Mutex<Vec<Scratch<S>>>,
}

struct Scratch<S: Space> {
    generating: S::Scratch,
    encoding: S::Scratch,
    state: S::State,
}

impl<S: Space> Stored<S> {
    /// Hands out scratch storage; `None` for a space without states.
    fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch<S>) -> T) -> Option<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let reused = idle().pop();
        let fresh = || {
            let state = any_state(&self.space)?;
            Some(Scratch { generating: self.space.scratch(), encoding: self.space.scratch(), state })
        };
        let mut scratch = reused.or_else(fresh)?;
        let result = work(&mut scratch);
        idle().push(scratch);
        Some(result)
    }

    fn store(&self, encoding: &mut S::Scratch, state: &S::State) -> StoredState {
        let mut bytes = Vec::new();
        self.space.encode(encoding, state, &mut bytes);
        StoredState { bytes: bytes.into(), flags: self.space.flags(encoding, state) }
    }
}

impl<S: Space + Send> StoredSpace for Stored<S> {
    fn initial(&self) -> Vec<StoredState> {
        let mut states = Vec::new();
        let mut encoding = self.space.scratch();
        self.space.initial(&mut self.space.scratch(), &mut |state| {
            let stored = self.store(&mut encoding, state);
            if !states.contains(&stored) {
                states.push(stored);
            }
        });
        states
    }

    fn steps(&self, from: &StoredState, steps: &mut Vec<StoredStep>) {
        self.with_scratch(|scratch| {
            let Scratch { generating, encoding, state } = scratch;
            self.space.decode(generating, &from.bytes, state);
            self.space.each_successor(generating, state, &mut |edge, next| {
                let Edge { action, choice, flags, .. } = edge;
                let target = self.store(encoding, next);
                steps.push(StoredStep { action: Arc::new(action), choice, flags, target });
            });
        });
    }

    fn describe(&self, state: &StoredState) -> Option<String> {
        self.with_scratch(|scratch| {
            self.space.decode(&mut scratch.generating, &state.bytes, &mut scratch.state);
            self.space.describe(&scratch.state)
        })
    }
}

/// A space as a Stateright model. Use [`Model::checker`] to get at all of Stateright's checkers.
pub struct SpaceModel {
    space: Box<dyn StoredSpace>,
    claims: Vec<Claim>,
}

impl SpaceModel {
    /// The model of `space` with these claims; the bits must be below 64.
    pub fn new(space: impl Space + Send + 'static, claims: Vec<Claim>) -> Self {
        Self { space: Box::new(Stored { space, idle: Mutex::new(Vec::new()) }), claims }
    }

    /// What is claimed of it.
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    fn property(claim: &Claim) -> Property<Self> {
        let bit = claim.bit as usize;
        match claim.kind {
            ClaimKind::Never => Property::always(claim.name, CLEAR[bit]),
            ClaimKind::NeverStep => Property::always(claim.name, NO_STEP[bit]),
            ClaimKind::Sometimes => Property::sometimes(claim.name, RAISED[bit]),
        }
    }
}

impl Model for SpaceModel {
    type State = StoredState;
    type Action = StoredStep;

    fn init_states(&self) -> Vec<StoredState> {
        self.space.initial()
    }

    fn actions(&self, state: &StoredState, actions: &mut Vec<StoredStep>) {
        if state.flags.expand {
            self.space.steps(state, actions);
        }
    }

    fn next_state(&self, _: &StoredState, step: StoredStep) -> Option<StoredState> {
        Some(step.target)
    }

    fn format_step(&self, _: &StoredState, step: StoredStep) -> Option<String> {
        self.space.describe(&step.target)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let exhaustive = Property::always(EXHAUSTIVE, |_, _| true);
        std::iter::once(exhaustive).chain(self.claims.iter().map(Self::property)).collect()
    }
}

type Condition = fn(&SpaceModel, &StoredState) -> bool;

macro_rules! slots {
    ($condition:ident: $($bit:literal)*) => { [$($condition::<$bit>),*] };
    ($condition:ident) => {
        slots!($condition: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
            32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63)
    };
}

// Conditions for each flag. Stateright wants plain function pointers, which cannot capture a flag's number.
const CLEAR: [Condition; 64] = slots!(clear);
const RAISED: [Condition; 64] = slots!(raised);
const NO_STEP: [Condition; 64] = slots!(no_step);

fn clear<const BIT: u32>(_: &SpaceModel, state: &StoredState) -> bool {
    state.flags.bits >> BIT & 1 == 0
}

fn raised<const BIT: u32>(_: &SpaceModel, state: &StoredState) -> bool {
    state.flags.bits >> BIT & 1 == 1
}

fn no_step<const BIT: u32>(model: &SpaceModel, state: &StoredState) -> bool {
    let mut steps = Vec::new();
    model.actions(state, &mut steps);
    steps.iter().all(|step| step.flags >> BIT & 1 == 0)
}
