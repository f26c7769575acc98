//! Searching on from where somebody stands, within bounds.

use crate::outcome::{Bound, End, Options};
use crate::search::search;
use crate::space::{Edge, Flags, Space};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The flag of the state that is looked for.
const WANTED: u32 = 62;

/// Most states that a search stores.
pub const MOST_STATES: u64 = 400_000;

/// Longest search.
pub const LONGEST: Duration = Duration::from_secs(10);

/// How far to search.
#[derive(Clone, Copy, Debug)]
pub struct Bounds<'a> {
    /// States stored.
    pub states: u64,
    /// Wall time.
    pub time: Duration,
    /// Set by somebody who does not want to wait.
    pub cancel: &'a AtomicBool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<S> {
    /// A shortest path from there, in actions.
    Path(Vec<S>),
    /// There is none: everything was searched, within the budgets that are left.
    None {
        /// How many states that were.
        states: u64,
    },
    /// A bound was met first; nothing is known.
    CutOff {
        /// In words.
        bound: String,
        /// How many states were seen.
        states: u64,
    },
}

/// What to look for.
pub enum Wanted<'a, S: Space> {
    /// A flag of these that is raised.
    Flags(u64),
    /// A state that is like this.
    State(&'a (dyn Fn(&S::State) -> bool + Sync)),
}

/// A space that begins somewhere else.
struct Onwards<'a, S: Space> {
    space: &'a S,
    start: S::State,
    wanted: &'a Wanted<'a, S>,
}

impl<S: Space<State: Sync>> Space for Onwards<'_, S> {
    type State = S::State;
    type Action = S::Action;
    type Scratch = S::Scratch;

    fn scratch(&self) -> S::Scratch {
        self.space.scratch()
    }

    fn initial(&self, _: &mut S::Scratch, emit: &mut impl FnMut(&S::State)) {
        emit(&self.start);
    }

    fn successors(
        &self,
        scratch: &mut S::Scratch,
        state: &S::State,
        emit: &mut impl FnMut(Edge<S::Action>, &S::State),
    ) {
        self.space.each_successor(scratch, state, emit);
    }

    fn encode(&self, scratch: &mut S::Scratch, state: &S::State, out: &mut Vec<u8>) {
        self.space.encode(scratch, state, out);
    }

    fn decode(&self, scratch: &mut S::Scratch, bytes: &[u8], state: &mut S::State) {
        self.space.decode(scratch, bytes, state);
    }

    fn flags(&self, scratch: &mut S::Scratch, state: &S::State) -> Flags {
        let mut flags = self.space.flags(scratch, state);
        if let Wanted::State(is_wanted) = self.wanted {
            flags.bits |= u64::from(is_wanted(state)) << WANTED;
        }
        flags
    }
}

/// Searches on from a state. `overflow`: the flag, if there is one, of a state in which there was no room.
pub fn onwards<S: Space<State: Sync>>(
    space: &S,
    start: &S::State,
    wanted: &Wanted<'_, S>,
    overflow: Option<u32>,
    bounds: &Bounds<'_>,
) -> Found<Edge<S::Action>> {
    let stop_on = match wanted {
        Wanted::Flags(flags) => *flags,
        Wanted::State(_) => 1 << WANTED,
    };
    let options = Options {
        threads: 1,
        max_states: Some(bounds.states.min(MOST_STATES)),
        time_limit: Some(bounds.time.min(LONGEST)),
        max_bytes: Some(1 << 30),
        cancel: Some(bounds.cancel),
        stop_on,
        ..Options::default()
    };
    let space = Onwards { space, start: start.clone(), wanted };
    let explored = match search(&space, &options, &mut |_| {}) {
        Ok(explored) => explored,
        Err(error) => return Found::CutOff { bound: error.to_string(), states: 0 },
    };
    let states = explored.stats.unique;
    let hits = (0..64).filter(|bit| stop_on >> bit & 1 == 1).filter_map(|bit| explored.hit(bit));
    if let Some(hit) = hits.min_by_key(|hit| (hit.depth, hit.ticks, hit.bit)) {
        return match explored.trace(&space, hit) {
            Ok(trace) => Found::Path(trace.steps.iter().map(|step| step.edge).collect()),
            Err(error) => Found::CutOff { bound: format!("the path could not be rebuilt: {error}"), states },
        };
    }
    match explored.end {
        End::CutOff(bound) => Found::CutOff { bound: told(bound, bounds), states },
        End::Exhausted | End::Stopped if overflow.is_some_and(|flag| explored.hit(flag).is_some()) => {
            Found::CutOff { bound: "more was in flight somewhere than there is room for".to_owned(), states }
        }
        End::Exhausted | End::Stopped => Found::None { states },
    }
}

fn told(bound: Bound, bounds: &Bounds<'_>) -> String {
    match bound {
        Bound::States => format!("the bound of {} states", bounds.states.min(MOST_STATES)),
        Bound::Time => format!("the bound of {} seconds", bounds.time.min(LONGEST).as_secs()),
        Bound::Memory => "the bound of 1 GiB".to_owned(),
        Bound::Cancelled => "you".to_owned(),
        Bound::Depth => "its depth".to_owned(),
    }
}
