//! One model, one answer: search it, and give the counterexamples their times.

use crate::answer::{Answer, Clock, Counterexample, RunOptions, Times, Watch};
use crate::protocol::{Model, Protocol};
use crate::space::{ProtocolSpace, Steps, WITNESSES};
use crate::times::{realise, realise_actions};
use dhcpfo_clock::Domain;
use dhcpfo_search::outcome::{End, Explored, Hit};
use dhcpfo_search::search::{SearchError, search};

pub use crate::clocks::{exact, order, ticks};

/// Searches a model as far as `options` allow, and gives the counterexamples their times.
///
/// # Errors
/// No threads; or what was searched is not what was meant.
pub fn run<P: Protocol>(model: &Model<P>, options: &RunOptions<'_>, watch: Watch<'_>) -> Result<Answer, SearchError> {
    match options.clock {
        Clock::TimeoutOrder => {
            let space = ProtocolSpace::new(model, order(model));
            under(&space, options, watch, |claim, steps| realise(model, claim, steps, &mut order(model)))
        }
        Clock::Ticks => {
            let space = ProtocolSpace::new(model, ticks(model));
            under(&space, options, watch, |claim, steps| realise_actions(model, claim, steps))
        }
        Clock::Exact => {
            let space = ProtocolSpace::new(model, exact(model));
            under(&space, options, watch, |_, _| Times::NotNeeded)
        }
        _ => Err(SearchError::Void(format!("{} has no search under that notion of time", P::NAME))),
    }
}

fn under<'a, P: Protocol, D>(
    space: &ProtocolSpace<'a, P, D>,
    options: &RunOptions<'_>,
    watch: Watch<'_>,
    times: impl Fn(usize, &Steps<'a, P, D>) -> Times,
) -> Result<Answer, SearchError>
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let model = space.model();
    let explored = search(space, &options.of_search(model.claims.len()), watch)?;
    if let Some(misuse) = space.misuse() {
        return Err(SearchError::Void(misuse));
    }
    let counterexample = |bit| explored.hit(bit).map(|hit| path(space, &explored, hit, &times));
    let witnesses = WITNESSES..WITNESSES + model.witnesses.len() as u32;
    let stats = &explored.stats;
    Ok(Answer {
        cut_off: match explored.end {
            End::CutOff(bound) => Some(bound),
            End::Exhausted | End::Stopped => None,
        },
        overflow: false,
        without_occasion: Vec::new(),
        unused: Vec::new(),
        claims: (0..model.claims.len() as u32).map(counterexample).collect(),
        witnesses: witnesses.map(|bit| explored.hit(bit).map(|hit| hit.depth)).collect(),
        unique: stats.unique,
        edges: stats.edges,
        depth: stats.depth(),
        elapsed: stats.elapsed,
        peak_bytes: stats.peak_bytes,
        peak_beyond_frontier: stats.peak_beyond_frontier,
        omission_odds: stats.omission_odds(),
    })
}

fn path<'a, P: Protocol, D>(
    space: &ProtocolSpace<'a, P, D>,
    explored: &Explored,
    hit: &Hit,
    times: &impl Fn(usize, &Steps<'a, P, D>) -> Times,
) -> Counterexample
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    match explored.trace(space, hit) {
        Ok(trace) => Counterexample {
            length: hit.depth,
            path: trace.steps.iter().map(|step| step.edge.action.to_string()).collect(),
            times: times(hit.bit as usize, &trace.steps),
        },
        Err(error) => Counterexample {
            length: hit.depth,
            path: Vec::new(),
            times: Times::Unrealisable(format!("the path could not be rebuilt: {error}")),
        },
    }
}
