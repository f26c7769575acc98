//! Real times for a path that a search found, by [`concretise`].

use crate::answer::Times;
use crate::timed_space::{ActionOf, StateOf, TimedSpace};
use dhcpfo_clock::concretise::{self, Question, Verdict};
use dhcpfo_clock::{Choices, Order, Ticks, Values};
use dhcpfo_search::trace::Step;
use dhcpfo_time::Time;

/// Most states that the guided search for a schedule goes through.
const SCHEDULE_STATES: usize = 200_000;

/// Gives a path to a violation its times, for the real lengths, and replays it.
pub fn realise<S: TimedSpace<Clock = Order>>(space: &S, claim: usize, steps: &[Step<S>]) -> Times<S::Action> {
    let end = steps.last().map(|step| &step.state.state);
    realise_to(space, &space.beginning(), steps, |state, now| space.is_violated(claim, state, now, end))
}

/// The same for a path from another beginning, to where `arrived` says.
pub fn realise_to<S: TimedSpace<Clock = Order>>(
    space: &S,
    initial: &StateOf<S>,
    steps: &[Step<S>],
    arrived: impl Fn(&StateOf<S>, Time) -> bool,
) -> Times<S::Action> {
    let mut order = space.clock().clone();
    let path = with_choices(space, initial, steps, &mut order);
    match concretise::concretise(&question(space, initial, arrived), &mut order, &path) {
        Verdict::Realised(run) => realised::<S>(run),
        Verdict::Unrealisable(reason) => Times::Unrealisable(reason.to_string()),
    }
}

/// Gives the actions of a path that was found with small whole numbers times for the real lengths, if there is a run
/// that has them in this order under `order`. If not, the path is a run for the small lengths alone.
pub fn realise_actions<S: TimedSpace<Clock = Ticks>>(
    space: &S,
    claim: usize,
    steps: &[Step<S>],
    order: &Order,
) -> Times<S::Action> {
    let actions: Vec<_> = steps.iter().filter_map(|step| S::action(step.edge.action)).collect();
    let end = steps.last().map(|step| &step.state.state);
    let initial = space.beginning();
    let violated = |state: &StateOf<S>, now| space.is_violated(claim, state, now, end);
    match concretise::of_actions(&question(space, &initial, violated), order, &actions) {
        Ok(Verdict::Realised(run)) => realised::<S>(run),
        Ok(Verdict::Unrealisable(_)) | Err(_) => Times::NotNeeded,
    }
}

/// Gives actions of which only the order is known times for these lengths.
pub fn realise_in_order<S: TimedSpace>(
    space: &S,
    claim: usize,
    path: &[S::Action],
    order: &Order,
    values: Values,
) -> Times<S::Action> {
    let actions: Vec<_> = path.iter().filter_map(|&edge| S::action(edge)).collect();
    let initial = space.beginning();
    let violated = |state: &StateOf<S>, now| space.is_violated(claim, state, now, None);
    let question = Question { values, ..question(space, &initial, violated) };
    match concretise::of_actions(&question, order, &actions) {
        Ok(Verdict::Realised(run)) => realised::<S>(run),
        Ok(Verdict::Unrealisable(reason)) => Times::Unrealisable(reason.to_string()),
        Err(states) if states < SCHEDULE_STATES => {
            Times::Unrealisable(format!("no run of these actions ({states} states searched)"))
        }
        Err(states) => Times::Unrealisable(format!("no run found within {states} states")),
    }
}

fn question<'q, S: TimedSpace, V: Fn(&StateOf<S>, Time) -> bool>(
    space: &'q S,
    initial: &'q StateOf<S>,
    violated: V,
) -> Question<'q, S::System, V> {
    Question { timed: space.system(), initial, values: space.seconds(), violated, most: SCHEDULE_STATES }
}

fn realised<S: TimedSpace>(run: concretise::Run<ActionOf<S>>) -> Times<S::Action> {
    let seconds = |at: concretise::Instant| f64::from(at.parts) / f64::from(at.per_unit);
    let end = seconds(run.end);
    Times::Realised { actions: run.actions.into_iter().map(|(a, at)| (seconds(at), S::edge(a))).collect(), end }
}

/// The path with the places that its new times took: the search remembers only which outcome it was.
fn with_choices<S: TimedSpace<Clock = Order>>(
    space: &S,
    initial: &StateOf<S>,
    steps: &[Step<S>],
    order: &mut Order,
) -> Vec<concretise::Step<ActionOf<S>>> {
    let system = space.system();
    let mut from = dhcpfo_clock::start(system, order, initial.clone());
    let mut path = Vec::with_capacity(steps.len());
    for step in steps {
        path.push(match S::action(step.edge.action) {
            None => concretise::Step::Tick,
            Some(action) => {
                let (mut number, mut taken) = (0, Choices::from_slice(&[]));
                dhcpfo_clock::expand(system, order, &from, action, &mut |_, choices| {
                    if number == step.edge.choice {
                        taken = choices;
                    }
                    number += 1;
                });
                concretise::Step::Act(action, taken)
            }
        });
        from = step.state.clone();
    }
    path
}
