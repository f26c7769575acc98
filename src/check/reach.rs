//! Claims about whole runs, [`Check::Reach`]: decided on the stored graph once the search has seen everything.

use crate::world::WorldSpace;
use dhcpfo_clock::{Domain, Moment};
use dhcpfo_search::liveness::{Graph, LivenessError, ReachQuery};
use dhcpfo_search::outcome::Explored;
use dhcpfo_search::space::Edge;
use dhcpfo_search::trace::Trace;
use dhcpfo_time::{Time, Times};
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::claim::{Check, Goal, Reach, View};
use dhcpfo_world::model::Model;
use dhcpfo_world::system::System;

/// The claims of this kind, with their numbers in the model.
fn claims(model: &Model) -> impl Iterator<Item = (usize, Reach)> {
    model.claims.iter().enumerate().filter_map(|(number, claim)| match claim.check {
        Check::Reach(reach) => Some((number, reach)),
        Check::State(_) | Check::Step(_) => None,
    })
}

/// Whether a model has such claims, so that the search has to keep its states.
pub fn is_wanted(model: &Model) -> bool {
    claims(model).next().is_some()
}

/// The first of the two flags of the claim that is the `nth` of its kind: where it is asked, where its goal is. Model
/// files keep the number of these and of the witnesses below that of the flags there are.
fn bit(model: &Model, nth: usize) -> u32 {
    (32 + model.witnesses.len() + 2 * nth) as u32
}

/// Whether two states differ in nothing but times.
pub fn is_alike(one: &System, other: &System) -> bool {
    let without_times = |system: &System| {
        let mut system = system.clone();
        system.times(&mut |time, _| *time = Time::LONG_AGO);
        system
    };
    without_times(one) == without_times(other)
}

/// The flags of a state that the claims of this kind need.
pub(crate) fn flags(view: &View<'_>) -> u64 {
    let mut bits = 0;
    for (nth, (_, reach)) in claims(view.model).enumerate() {
        let first = bit(view.model, nth);
        bits |= u64::from((reach.from)(view)) << first;
        if let Goal::State(goal) = reach.goal {
            bits |= u64::from(goal(view)) << (first + 1);
        }
    }
    bits
}

/// The labels of an edge: for each claim of this kind whether it is allowed, and whether it is the goal.
fn labels(model: &Model, action: &Action, before: &View<'_>, after: &View<'_>) -> u32 {
    let mut bits = 0;
    for (nth, (_, reach)) in claims(model).enumerate() {
        bits |= u32::from(action.what == What::Tick || (reach.allowed)(action)) << (2 * nth);
        if let Goal::Step(goal) = reach.goal {
            bits |= u32::from(goal(before, action, after)) << (2 * nth + 1);
        }
    }
    bits
}

/// The number of a refuted claim in its model, and the way to where it fails.
type Refuted<'a, D> = (usize, Trace<WorldSpace<'a, D>>);

/// For each refuted claim its number in the model, and a shortest way to a state from which the goal is out of reach.
pub(crate) fn refuted<'a, D>(
    space: &WorldSpace<'a, D>,
    explored: &Explored,
    max_bytes: u64,
) -> Result<Vec<Refuted<'a, D>>, LivenessError>
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let model = space.model();
    let label = |edge: &Edge<Action>, before: &Moment<System, D::Facts>, after: &Moment<System, D::Facts>| {
        let [before, after] = [before, after].map(|moment| View { model, system: &moment.state, now: moment.now });
        labels(model, &edge.action, &before, &after)
    };
    let graph = Graph::new(space, explored, max_bytes, label)?;
    let mut found = Vec::new();
    for (nth, (number, _)) in claims(model).enumerate() {
        let first = bit(model, nth);
        let query = ReachQuery {
            from: 1 << first,
            goal: 1 << (first + 1),
            goal_labels: 1 << (2 * nth + 1),
            allowed: 1 << (2 * nth),
        };
        if let Some(trace) = graph.always_reachable(&query)? {
            found.push((number, trace));
        }
    }
    Ok(found)
}
