//! Real times for a path that a search found, by [`concretise`].

use crate::answer::Times;
use crate::clocks::order;
use crate::protocol::{Model, Protocol};
use crate::space::Steps;
use dhcpfo_clock::concretise::{self, Question, Verdict};
use dhcpfo_clock::{Choices, Order, Ticks};
use dhcpfo_time::Time;

/// Most states that the guided search for a schedule goes through.
const SCHEDULE_STATES: usize = 200_000;

/// Gives a path to a violation its times, for the model's real lengths, and replays it.
pub(crate) fn realise<P: Protocol>(
    model: &Model<P>,
    claim: usize,
    steps: &Steps<'_, P, Order>,
    order: &mut Order,
) -> Times {
    let initial = model.system.initial();
    let path = with_choices(model, &initial, steps, order);
    match concretise::concretise(&question(model, &initial, claim), order, &path) {
        Verdict::Realised(run) => realised(run),
        Verdict::Unrealisable(reason) => Times::Unrealisable(reason.to_string()),
    }
}

/// Gives the actions of a path that was found with small whole numbers times for the model's real lengths, if there is
/// a run that has them in this order. If not, the path is a run for the small lengths alone.
pub(crate) fn realise_actions<P: Protocol>(model: &Model<P>, claim: usize, steps: &Steps<'_, P, Ticks>) -> Times {
    let actions: Vec<P::Action> = steps.iter().filter_map(|step| step.edge.action.action()).collect();
    let initial = model.system.initial();
    match concretise::of_actions(&question(model, &initial, claim), &order(model), &actions) {
        Ok(Verdict::Realised(run)) => realised(run),
        Ok(Verdict::Unrealisable(_)) | Err(_) => Times::NotNeeded,
    }
}

fn question<'q, P: Protocol>(
    model: &'q Model<P>,
    initial: &'q P::State,
    claim: usize,
) -> Question<'q, P, impl Fn(&P::State, Time) -> bool> {
    Question {
        timed: &model.system,
        initial,
        values: model.lengths.seconds,
        violated: move |state: &P::State, now| !(model.claims[claim].holds)(&model.system, state, now),
        most: SCHEDULE_STATES,
    }
}

fn realised<A: ToString>(run: concretise::Run<A>) -> Times {
    let seconds = |at: concretise::Instant| f64::from(at.parts) / f64::from(at.per_unit);
    let end = seconds(run.end);
    Times::Realised { actions: run.actions.into_iter().map(|(a, at)| (seconds(at), a.to_string())).collect(), end }
}

/// The path with the places that its new times took: the search remembers only which outcome it was.
fn with_choices<P: Protocol>(
    model: &Model<P>,
    initial: &P::State,
    steps: &Steps<'_, P, Order>,
    order: &mut Order,
) -> Vec<concretise::Step<P::Action>> {
    let mut from = dhcpfo_clock::start(&model.system, order, initial.clone());
    let mut path = Vec::with_capacity(steps.len());
    for step in steps {
        path.push(match step.edge.action.action() {
            None => concretise::Step::Tick,
            Some(action) => {
                let (mut number, mut taken) = (0, Choices::from_slice(&[]));
                dhcpfo_clock::expand(&model.system, order, &from, action, &mut |_, choices| {
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
