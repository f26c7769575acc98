//! One model, one answer: search it, and give the counterexamples their times.

use crate::answer::{Answer, Clock, Counterexample, RunOptions, Times, Watch};
use crate::protocol::{Model, Protocol};
use crate::space::ProtocolSpace;
use crate::timed_space::{TimedSpace, WITNESSES};
use crate::times::{realise, realise_actions};
use dhcpfo_search::outcome::{End, Explored, Hit, Options};
use dhcpfo_search::search::{SearchError, search};
use dhcpfo_search::trace::{Step, Trace};

/// Searches a model as far as `options` allow, and gives the counterexamples their times.
///
/// # Errors
/// No threads; or what was searched is not what was meant.
pub fn run<P: Protocol>(model: &Model<P>, options: &RunOptions<'_>, watch: Watch<'_>) -> Result<Answer, SearchError> {
    let lengths = &model.lengths;
    match options.clock {
        Clock::TimeoutOrder => {
            let space = ProtocolSpace::new(model, lengths.order());
            answer(&space, options, watch, |claim, steps| realise(&space, claim, steps))
        }
        Clock::Ticks => {
            let space = ProtocolSpace::new(model, lengths.ticks());
            answer(&space, options, watch, |claim, steps| realise_actions(&space, claim, steps, &lengths.order()))
        }
        Clock::Exact => answer(&ProtocolSpace::new(model, lengths.exact()), options, watch, |_, _| Times::NotNeeded),
        _ => Err(SearchError::Void(format!("{} has no search under that notion of time", P::NAME))),
    }
}

/// What a search of a space of a protocol comes to, with its actions as text.
fn answer<S: TimedSpace>(
    space: &S,
    options: &RunOptions<'_>,
    watch: Watch<'_>,
    times: impl Fn(usize, &[Step<S>]) -> Times<S::Action>,
) -> Result<Answer, SearchError> {
    let explored = explore(space, &options.of_search(space.counts().0), watch)?;
    Ok(answer_of(space, &explored, &times).in_text())
}

/// Searches a space.
///
/// # Errors
/// No threads; or what was searched is not what was meant.
pub fn explore(space: &impl TimedSpace, options: &Options<'_>, watch: Watch<'_>) -> Result<Explored, SearchError> {
    let explored = search(space, options, watch)?;
    space.misuse().map_or(Ok(explored), |misuse| Err(SearchError::Void(misuse)))
}

/// What a search of a space came to; each violation has its path and, by `times`, its times.
pub fn answer_of<S: TimedSpace>(
    space: &S,
    explored: &Explored,
    times: &impl Fn(usize, &[Step<S>]) -> Times<S::Action>,
) -> Answer<S::Action> {
    let (claims, witnesses) = space.counts();
    let counterexample = |bit| explored.hit(bit).map(|hit| path(space, explored, hit, times));
    let witnesses = WITNESSES..WITNESSES + witnesses as u32;
    let stats = &explored.stats;
    Answer {
        cut_off: match explored.end {
            End::CutOff(bound) => Some(bound),
            End::Exhausted | End::Stopped => None,
        },
        overflow: false,
        without_occasion: space.without_occasion(),
        unused: Vec::new(),
        claims: (0..claims as u32).map(counterexample).collect(),
        witnesses: witnesses.map(|bit| explored.hit(bit).map(|hit| hit.depth)).collect(),
        unique: stats.unique,
        edges: stats.edges,
        depth: stats.depth(),
        elapsed: stats.elapsed,
        peak_bytes: stats.peak_bytes,
        peak_beyond_frontier: stats.peak_beyond_frontier,
        omission_odds: stats.omission_odds(),
    }
}

fn path<S: TimedSpace>(
    space: &S,
    explored: &Explored,
    hit: &Hit,
    times: &impl Fn(usize, &[Step<S>]) -> Times<S::Action>,
) -> Counterexample<S::Action> {
    match explored.trace(space, hit) {
        Ok(trace) => of_trace(hit.bit as usize, &trace, times),
        Err(error) => Counterexample {
            length: hit.depth,
            path: Vec::new(),
            times: Times::Unrealisable(format!("the path could not be rebuilt: {error}")),
        },
    }
}

/// A path to a violation of the claim of that number, with its times.
pub fn of_trace<S: TimedSpace>(
    claim: usize,
    trace: &Trace<S>,
    times: &impl Fn(usize, &[Step<S>]) -> Times<S::Action>,
) -> Counterexample<S::Action> {
    let path: Vec<S::Action> = trace.steps.iter().map(|step| step.edge.action).collect();
    let length = path.iter().filter(|action| S::action(**action).is_some()).count() as u32;
    Counterexample { length, path, times: times(claim, &trace.steps) }
}
