//! "What happens next that is bad?" and "find a state where …": bounded searches from where somebody stands.

use crate::goal::Goal;
use crate::path::Step;
use crate::walk::{Moment, Walk, order, violated};
use dhcpfo_check::world::{OVERFLOW, WorldSpace};
use dhcpfo_clock::Order;
use dhcpfo_search::outcome::{Bound, End, Options};
use dhcpfo_search::space::{Edge, Flags, Space};
use dhcpfo_world::action::Action;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The flag of the state that is looked for. Claims have the bits from 0, witnesses those from 32.
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

/// What to look for.
pub enum Wanted<'a> {
    /// Any claim that is not violated already.
    Violation,
    /// All of these at once.
    State(&'a [Goal]),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A shortest path from there, in protocol actions.
    Path(Vec<Step>),
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

/// A model's space that begins where a walk has ended.
struct Onwards<'a> {
    space: WorldSpace<'a, Order>,
    start: Moment,
    goals: Option<&'a [Goal]>,
}

impl Space for Onwards<'_> {
    type State = Moment;
    type Action = Action;
    type Scratch = <WorldSpace<'static, Order> as Space>::Scratch;

    fn scratch(&self) -> Self::Scratch {
        self.space.scratch()
    }

    fn initial(&self, _: &mut Self::Scratch, emit: &mut impl FnMut(&Moment)) {
        emit(&self.start);
    }

    fn successors(&self, scratch: &mut Self::Scratch, state: &Moment, emit: &mut impl FnMut(Edge<Action>, &Moment)) {
        self.space.successors(scratch, state, emit);
    }

    fn encode(&self, scratch: &mut Self::Scratch, state: &Moment, out: &mut Vec<u8>) {
        self.space.encode(scratch, state, out);
    }

    fn decode(&self, scratch: &mut Self::Scratch, bytes: &[u8], state: &mut Moment) {
        self.space.decode(scratch, bytes, state);
    }

    fn flags(&self, state: &Moment) -> Flags {
        let mut flags = self.space.flags(state);
        if let Some(goals) = self.goals {
            let violated = violated(self.space.model(), state);
            let met = goals.iter().all(|goal| goal.is_met(self.space.model(), state, &violated));
            flags.bits |= u64::from(met) << WANTED;
        }
        flags
    }
}

/// Searches on from where a walk has ended.
pub fn find(walk: &Walk<'_>, wanted: &Wanted<'_>, bounds: &Bounds<'_>) -> Found {
    let model = walk.model;
    let now = violated(model, &walk.end);
    let new = |number: &usize| !now.contains(&model.claims[*number].name);
    let stop_on: u64 = match wanted {
        Wanted::Violation => (0..model.claims.len()).filter(new).map(|bit| 1 << bit).sum(),
        Wanted::State(_) => 1 << WANTED,
    };
    let space = WorldSpace::new(model, order(model));
    // Clients and addresses that a goal names are not alike any more.
    let (space, goals) = match wanted {
        Wanted::Violation => (space, None),
        Wanted::State(goals) => (space.told_apart(), Some(*goals)),
    };
    let space = Onwards { space, start: walk.end.clone(), goals };
    let options = Options {
        threads: 1,
        max_states: Some(bounds.states.min(MOST_STATES)),
        time_limit: Some(bounds.time.min(LONGEST)),
        max_bytes: Some(1 << 30),
        cancel: Some(bounds.cancel),
        stop_on,
        ..Options::default()
    };
    let explored = match dhcpfo_search::search(&space, &options, &mut |_| {}) {
        Ok(explored) => explored,
        Err(error) => return Found::CutOff { bound: error.to_string(), states: 0 },
    };
    let states = explored.stats.unique;
    let hits = (0..64).filter(|bit| stop_on >> bit & 1 == 1).filter_map(|bit| explored.hit(bit));
    if let Some(hit) = hits.min_by_key(|hit| (hit.depth, hit.ticks, hit.bit)) {
        return match explored.trace(&space, hit) {
            Ok(trace) => {
                Found::Path(trace.steps.iter().map(|s| Step { action: s.edge.action, choice: s.edge.choice }).collect())
            }
            Err(error) => Found::CutOff { bound: format!("the path could not be rebuilt: {error}"), states },
        };
    }
    match explored.end {
        End::CutOff(bound) => Found::CutOff { bound: told(bound, bounds), states },
        End::Exhausted | End::Stopped if explored.hit(OVERFLOW).is_some() => {
            Found::CutOff { bound: "more was in flight somewhere than the world has room for".to_owned(), states }
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
        _ => "a bound".to_owned(),
    }
}
