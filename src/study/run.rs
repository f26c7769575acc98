//! One model, one answer: search it, and give the counterexamples their times.

use crate::answer::{Answer, Clock, Counterexample, RunOptions, Times, Watch};
use crate::protocol::{Model, Protocol};
use crate::space::{ProtocolSpace, WITNESSES};
use crate::times::{realise, realise_actions};
use dhcpfo_clock::{Domain, Exact, Order, Ticks};
use dhcpfo_search::outcome::{End, Explored, Hit};
use dhcpfo_search::search::{SearchError, search};
use dhcpfo_search::trace::Step;

/// The order of deadlines, for a model.
pub fn order<P: Protocol>(model: &Model<P>) -> Order {
    Order::new(model.lengths.phi, model.lengths.free, dhcpfo_clock::Options::default())
}

/// Small whole numbers, for a model.
pub fn ticks<P: Protocol>(model: &Model<P>) -> Ticks {
    Ticks::new(model.lengths.small, model.lengths.free, dhcpfo_clock::Options::default())
}

/// Small numbers in real time, for a model.
pub fn exact<P: Protocol>(model: &Model<P>) -> Exact {
    Exact::new(model.lengths.small, model.lengths.free, dhcpfo_clock::Options::default())
}

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
        Clock::Untimed => Err(SearchError::Void(format!("{} has no search without time", P::NAME))),
    }
}

/// The steps of a path, as a search under one clock has them.
pub(crate) type Steps<'a, P, D> = [Step<ProtocolSpace<'a, P, D>>];

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
