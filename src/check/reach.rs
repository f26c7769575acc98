//! Claims about whole runs, [`Check::Reach`] and [`Check::LeadsTo`]: decided on the stored graph once the search has seen
//! everything. What is assumed of runs stands in [`dhcpfo_study::whole`].

use crate::flags::{bit, claims};
use crate::world::WorldSpace;
use dhcpfo_clock::{Domain, Moment};
use dhcpfo_search::liveness::{Graph, LivenessError, ReachQuery};
use dhcpfo_search::outcome::Explored;
use dhcpfo_search::space::Edge;
use dhcpfo_search::trace::Step;
use dhcpfo_study::answer::{Counterexample, Times};
use dhcpfo_study::run::of_trace;
use dhcpfo_study::whole::{self, Demands};
use dhcpfo_time::Standing;
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::claim::{Check, Goal, View};
use dhcpfo_world::fairness::met_by;
use dhcpfo_world::model::Model;
use dhcpfo_world::system::System;

/// Whether a model has such claims, so that the search has to keep its states.
pub fn is_wanted(model: &Model) -> bool {
    claims(model).next().is_some()
}

/// The labels of an edge: for each claim about whole runs whether it is allowed, and whether it is the goal.
fn labels(model: &Model, action: &Action, before: &View<'_>, after: &View<'_>) -> u32 {
    let mut bits = 0;
    for (nth, (_, check)) in claims(model).enumerate() {
        let Check::Reach(reach) = check else { continue };
        bits |= u32::from(action.what == What::Tick || (reach.allowed)(action)) << (2 * nth);
        if let Goal::Step(goal) = reach.goal {
            bits |= u32::from(goal(before, action, after)) << (2 * nth + 1);
        }
    }
    bits
}

/// For each refuted claim its number in the model, and a shortest way to a state from which the goal is out of reach, or to
/// where a run goes round for ever without it.
pub(crate) fn refuted<'a, D>(
    space: &WorldSpace<'a, D>,
    explored: &Explored,
    max_bytes: u64,
    times: &impl Fn(usize, &[Step<WorldSpace<'a, D>>]) -> Times<Action>,
) -> Result<Vec<(usize, Counterexample<Action>)>, LivenessError>
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let model = space.model();
    let demands = Demands::new(&model.fair, 2 * claims(model).count() as u32);
    let label = |edge: &Edge<Action>, before: &Moment<System, D::Facts>, after: &Moment<System, D::Facts>| {
        let clocks = [before, after].map(|moment| Standing(moment.now));
        let before = View { model, system: &before.state, clock: &clocks[0] };
        let after = View { model, system: &after.state, clock: &clocks[1] };
        labels(model, &edge.action, &before, &after) | demands.met(met_by(&edge.action))
    };
    let graph = Graph::new(space, explored, max_bytes, label)?;
    let mut found = Vec::new();
    for (nth, (number, check)) in claims(model).enumerate() {
        let first = bit(model, nth);
        if let Check::LeadsTo(_) = check {
            let lasso = whole::refuted(&graph, first, &demands)?;
            found.extend(lasso.map(|lasso| (number, whole::of_lasso(number, &lasso, times))));
            continue;
        }
        let query = ReachQuery {
            from: 1 << first,
            goal: 1 << (first + 1),
            goal_labels: 1 << (2 * nth + 1),
            allowed: 1 << (2 * nth),
        };
        let trace = graph.always_reachable(&query)?;
        found.extend(trace.map(|trace| (number, of_trace(number, &trace, times))));
    }
    Ok(found)
}
