//! One model, one answer: search it, and give the counterexamples their times.

use crate::answer::{Answer, Clock, Counted, Counterexample, RunOptions, Times, Watch};
use crate::protocol::{Model, Protocol};
use crate::space::{Happening, ProtocolSpace};
use crate::timed_space::{OVERFLOW, TimedSpace, WITNESSES};
use crate::times::{realise, realise_actions, realise_in_order};
use crate::whole::{self, Demands};
use dhcpfo_clock::{Detail, Domain, Order, Room};
use dhcpfo_search::covering::{self, Covered, Covering, Sighting};
use dhcpfo_search::liveness::Graph;
use dhcpfo_search::outcome::{Bound, End, Explored, Hit, Options};
use dhcpfo_search::search::{SearchError, search};
use dhcpfo_search::space::Edge;
use dhcpfo_search::trace::{Step, Trace};
use std::time::Instant;

/// Searches a model as far as `options` allow, and gives the counterexamples their times.
///
/// # Errors
/// No threads; or what was searched is not what was meant.
pub fn run<P: Protocol>(model: &Model<P>, options: &RunOptions<'_>, watch: Watch<'_>) -> Result<Answer, SearchError> {
    let lengths = &model.lengths;
    if !model.runs.is_empty() && matches!(options.clock, Clock::Lazy | Clock::LazyExact) {
        return Err(SearchError::Void(whole::NOT_KEPT.to_owned()));
    }
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
        Clock::Lazy => {
            let rooms = Room::ALL.map(|room| ProtocolSpace::new(model, lengths.lazy(room)));
            let exact = Detail::ALL.map(|detail| ProtocolSpace::new(model, lengths.lazy_exact(detail)));
            Ok(with_room(&rooms, &exact, options, &lengths.order(), watch)?.0.in_text())
        }
        Clock::LazyExact => {
            let rooms = Detail::ALL.map(|detail| ProtocolSpace::new(model, lengths.lazy_exact(detail)));
            Ok(in_rooms(&rooms, options, &lengths.order(), watch)?.0.in_text())
        }
        _ => Err(SearchError::Void(format!("{} has no search under that notion of time", P::NAME))),
    }
}

/// What a search of a model under a clock comes to, with its actions as text.
fn answer<'a, P: Protocol, D: Domain + Clone + Send + Sync>(
    space: &ProtocolSpace<'a, P, D>,
    options: &RunOptions<'_>,
    watch: Watch<'_>,
    times: impl Fn(usize, &[Step<ProtocolSpace<'a, P, D>>]) -> Times<Happening<P::Action>>,
) -> Result<Answer, SearchError>
where
    D::Facts: Send,
{
    let Model { system, claims, runs, fair, .. } = space.model();
    let search = Options { keep_states: !runs.is_empty(), ..options.of_search(claims.len()) };
    let explored = explore(space, &search, watch)?;
    // Before the graph is made, which goes through states again.
    let mut answer = answer_of(space, &explored, &times);
    answer.claims.extend(runs.iter().map(|_| None));
    if !runs.is_empty() && explored.end == End::Exhausted {
        let demands = Demands::new(fair, 0);
        let label = |edge: &Edge<Happening<P::Action>>, _: &_, _: &_| match edge.action {
            Happening::Tick => 0,
            Happening::Act(action) => demands.met(system.met_by(&action)),
        };
        let most = options.max_bytes.unwrap_or(u64::MAX);
        match Graph::new(space, &explored, most, label) {
            Ok(graph) => {
                for nth in 0..runs.len() {
                    let number = claims.len() + nth;
                    answer.claims[number] = whole::refuted(&graph, space.run_flag(nth), &demands)
                        .map(|found| {
                            found.map(|lasso| whole::of_lasso::<ProtocolSpace<'_, P, D>>(number, &lasso, &times))
                        })
                        .map_err(|error| SearchError::Void(error.to_string()))?;
                }
            }
            Err(_) => answer.cut_off = Some(Bound::Memory),
        }
    }
    Ok(answer.in_text())
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
        covering: None,
    }
}

/// Searches a space in which states may stand for others, for all lengths.
///
/// What is refuted gets times for the real lengths. If it has none, either its path is one for other lengths, and the search
/// for the real ones alone has a path of its own; or too little was kept of what is known, and the search is made again in the
/// next space, which has more room for that. The answer, and the space that it is of.
///
/// # Errors
/// No threads; or what was searched is not what was meant.
pub fn with_room<'s, S, E>(
    rooms: &'s [S],
    exact: &[E],
    options: &RunOptions<'_>,
    order: &Order,
    watch: Watch<'_>,
) -> Result<(Answer<S::Action>, &'s S), SearchError>
where
    S: TimedSpace + Covering,
    E: TimedSpace + Covering<Action = S::Action>,
{
    let begun = Instant::now();
    let mut rooms = rooms.iter();
    let Some(mut space) = rooms.next() else { return Err(SearchError::NoInitialState) };
    let mut answer = covering(space, options, order, watch)?;
    if is_spent(&answer) || !answer.claims.iter().any(lacks_times) {
        return Ok((answer, space));
    }
    let (real, _) = in_rooms(exact, &options.left(begun), order, watch)?;
    loop {
        let with_times = |(found, real): (Option<Counterexample<_>>, &Option<Counterexample<_>>)| match real {
            Some(real) if lacks_times(&found) => Some(real.clone()),
            _ => found,
        };
        answer.claims = answer.claims.into_iter().zip(&real.claims).map(with_times).collect();
        match rooms.next() {
            Some(next) if !is_spent(&answer) && answer.claims.iter().any(lacks_times) => space = next,
            _ => return Ok((answer, space)),
        }
        answer = covering(space, &options.left(begun), order, watch)?;
    }
}

/// Searches a space in which states may stand for others. Where what is refuted has no times, too little was kept of what is
/// known: the search is made again in the next space. The answer, and the space that it is of.
///
/// # Errors
/// No threads; or what was searched is not what was meant.
pub fn in_rooms<'s, S: TimedSpace + Covering>(
    rooms: &'s [S],
    options: &RunOptions<'_>,
    order: &Order,
    watch: Watch<'_>,
) -> Result<(Answer<S::Action>, &'s S), SearchError> {
    let (begun, mut last) = (Instant::now(), Err(SearchError::NoInitialState));
    for space in rooms {
        let answer = covering(space, &options.left(begun), order, watch)?;
        let is_enough = is_spent(&answer) || !answer.claims.iter().any(lacks_times);
        last = Ok((answer, space));
        if is_enough {
            break;
        }
    }
    last
}

/// Whether no more can be searched. With more room it would have been cut off sooner, and said less.
fn is_spent<A>(answer: &Answer<A>) -> bool {
    answer.cut_off.is_some_and(|bound| bound != Bound::Depth)
}

fn lacks_times<A>(found: &Option<Counterexample<A>>) -> bool {
    found.as_ref().is_some_and(|found| matches!(found.times, Times::Unrealisable(_)))
}

fn covering<S: TimedSpace + Covering>(
    space: &S,
    options: &RunOptions<'_>,
    order: &Order,
    watch: Watch<'_>,
) -> Result<Answer<S::Action>, SearchError> {
    let covered = covering::search(space, &options.of_search(space.counts().0), watch)?;
    space.misuse().map_or(Ok(answer_of_covered(space, &covered, order)), |misuse| Err(SearchError::Void(misuse)))
}

/// What a search in which states may stand for others came to.
fn answer_of_covered<S: TimedSpace>(space: &S, covered: &Covered<S::Action>, order: &Order) -> Answer<S::Action> {
    let (claims, witnesses) = space.counts();
    let counterexample = |bit| {
        covered.sighting(bit).map(|Sighting { depth, path, .. }| {
            let times = if path.len() == *depth as usize {
                realise_in_order(space, bit as usize, path, order, space.seconds())
            } else {
                Times::Unrealisable("the path could not be rebuilt".to_owned())
            };
            Counterexample { length: *depth, path: path.clone(), times, round: None }
        })
    };
    let witnesses = WITNESSES..WITNESSES + witnesses as u32;
    let counts = &covered.counts;
    Answer {
        cut_off: match covered.end {
            End::CutOff(bound) => Some(bound),
            End::Exhausted | End::Stopped => None,
        },
        overflow: covered.sighting(OVERFLOW).is_some() || space.is_outgrown(),
        without_occasion: space.without_occasion(),
        unused: Vec::new(),
        claims: (0..claims as u32).map(counterexample).collect(),
        witnesses: witnesses.map(|bit| covered.sighting(bit).map(|sighting| sighting.depth)).collect(),
        unique: counts.stored,
        edges: counts.edges,
        depth: counts.depth(),
        elapsed: counts.elapsed,
        peak_bytes: counts.bytes,
        peak_beyond_frontier: counts.bytes,
        omission_odds: 0.0,
        covering: Some(Counted {
            discrete: counts.discrete,
            kept: counts.kept,
            covered: counts.covered,
            joined: counts.joined,
        }),
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
            round: None,
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
    Counterexample { length, path, times: times(claim, &trace.steps), round: None }
}
