//! Giving the times back to a path that was found under [`Order`] (THEORY.md section 9).
//!
//! An order of deadlines need not have a schedule for the lengths that a model names. So, in turn:
//!
//! 1. *direct*: the places taken along the path are difference constraints; solve them;
//! 2. *guided*: search under [`Exact`] with only the path's actions in their order, and time free;
//! 3. *replay*: run the same steps under a clock of plain numbers, and look at the end.
//!
//! Only what passes the third is a counterexample. That a path has no schedule, even after the second, says
//! nothing about other sequences of actions: the search goes on.

mod guided;
mod replay;
mod solve;
mod trace;

pub use guided::{Guided, guided};
pub use replay::replay;
pub use solve::Conflict;
pub(super) use trace::Traced;

use super::{Choices, Exact, Order, Timed, Values};
use dhcpfo_time::Time;
use std::fmt;
use std::hash::Hash;

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step<A> {
    /// Time passes, up to the next instant that the order tells apart.
    Tick,
    /// An action, with the places that its new times take.
    Act(A, Choices),
}

/// A run with its times, which was replayed and ends in the violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run<A> {
    /// The actions and their instants, from the start of the run.
    pub actions: Vec<(A, Instant)>,
    /// The instant at which the violation holds.
    pub end: Instant,
    /// Was the path's own placement of times given up, and another one found for the same actions?
    pub guided: bool,
}

/// An exact instant: a whole number of parts of the unit in which the spans are given (a second).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Instant {
    /// Parts since the start of the run.
    pub parts: u32,
    /// Parts to a unit; one number for a whole run.
    pub per_unit: u32,
}

impl fmt::Display for Instant {
    /// `4350`, or `4350+1/3` if it is not a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.parts / self.per_unit, self.parts % self.per_unit);
        match rest {
            0 => write!(f, "{whole}"),
            _ => write!(f, "{whole}+{rest}/{}", self.per_unit),
        }
    }
}

/// What became of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<A> {
    /// A counterexample for the lengths given.
    Realised(Run<A>),
    /// No run of these actions, in this order, for the lengths given; or none that was found.
    Unrealisable(Reason),
}

/// Why a path is no counterexample.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// No run has these actions in this order. `conflict` shows it for the path's own placement of times.
    NoRun {
        /// States that the guided search went through, all there are.
        states: usize,
        /// Constraints of the path that contradict each other.
        conflict: Conflict,
    },
    /// The guided search met its bound.
    GaveUp {
        /// States that the guided search went through.
        states: usize,
        /// Constraints of the path that contradict each other.
        conflict: Conflict,
    },
    /// A run was found, and its times contradict each other: a fault in a clock or in a system's [`Timed`].
    NoSchedule {
        /// Constraints of the run that contradict each other.
        conflict: Conflict,
    },
    /// The replay is not the run that was found: a fault in a clock or in a system's [`Timed`].
    Differs {
        /// The action, counted from 0, that was not enabled; or their number, if the end was no violation.
        action: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NoRun { states, conflict } => {
                write!(f, "no run of these actions ({states} states searched); as found it would need\n{conflict}")
            }
            Reason::GaveUp { states, conflict } => {
                write!(f, "no run found within {states} states; as found it would need\n{conflict}")
            }
            Reason::NoSchedule { conflict } => {
                write!(f, "a run was found, but no schedule for it; it would need\n{conflict}")
            }
            Reason::Differs { action } => write!(f, "the replay departs from the path at action {action}"),
        }
    }
}

/// What is asked of every path of one search.
pub struct Question<'a, T: Timed, V> {
    /// The system.
    pub timed: &'a T,
    /// The state with which the search began, as handed to [`super::start`].
    pub initial: &'a T::State,
    /// The lengths of the spans.
    pub values: Values,
    /// Is this state, at this present instant, the violation?
    pub violated: V,
    /// Most states for the guided search.
    pub most: usize,
}

/// Gives times to `path`, which was found under `order` and ends in a violation.
pub fn concretise<T, V>(
    question: &Question<'_, T, V>,
    order: &mut Order,
    path: &[Step<T::Action>],
) -> Verdict<T::Action>
where
    T: Timed<State: Eq + Hash>,
    V: Fn(&T::State, Time) -> bool,
{
    let trace = trace::trace(question, order, path);
    let conflict = match solve::solve(&trace) {
        Ok(schedule) => return replayed(question, order, schedule.run(path, &trace, false)),
        Err(conflict) => conflict,
    };
    let actions: Vec<T::Action> = path.iter().filter_map(Step::action).collect();
    of_actions(question, order, &actions).unwrap_or_else(|states| {
        Verdict::Unrealisable(if states < question.most {
            Reason::NoRun { states, conflict }
        } else {
            Reason::GaveUp { states, conflict }
        })
    })
}

/// Gives times to actions of which only the order is known, as those found under [`Ticks`](super::Ticks) with other
/// lengths. The number of states that were searched if no run with them comes to the violation.
pub fn of_actions<T, V>(
    question: &Question<'_, T, V>,
    order: &Order,
    actions: &[T::Action],
) -> Result<Verdict<T::Action>, usize>
where
    T: Timed<State: Eq + Hash>,
    V: Fn(&T::State, Time) -> bool,
{
    let mut exact = Exact::new(question.values, order.free(), *super::Domain::options(order));
    let found = guided(question, &mut exact, actions);
    let path = found.path.ok_or(found.states)?;
    let trace = trace::trace(question, &mut exact, &path);
    match solve::solve(&trace) {
        Ok(schedule) => Ok(replayed(question, order, schedule.run(&path, &trace, true))),
        Err(conflict) => Ok(Verdict::Unrealisable(Reason::NoSchedule { conflict })),
    }
}

impl<A: Copy> Step<A> {
    /// The action, unless time passes.
    pub fn action(&self) -> Option<A> {
        match *self {
            Step::Tick => None,
            Step::Act(action, _) => Some(action),
        }
    }
}

fn replayed<T: Timed, V>(question: &Question<'_, T, V>, order: &Order, run: Run<T::Action>) -> Verdict<T::Action>
where
    V: Fn(&T::State, Time) -> bool,
{
    match replay(question, order.free(), &run) {
        Ok(_) => Verdict::Realised(replay::spread(question, order.free(), run)),
        Err(action) => Verdict::Unrealisable(Reason::Differs { action }),
    }
}
