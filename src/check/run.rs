//! One model, one answer: search it, and give the counterexamples their times.

use crate::reach;
use crate::seen::Seen;
use crate::untimed::check_untimed;
use crate::world::{OVERFLOW, WorldSpace};
use dhcpfo_clock::concretise::{self, Question, Verdict};
use dhcpfo_clock::{Choices, Domain, Exact, Misuse, Order, Ticks};
use dhcpfo_search::outcome::{Bound, End, Explored, Hit, Options};
use dhcpfo_search::search::{SearchError, search};
use dhcpfo_search::trace::{Step, Trace};
use dhcpfo_study::answer;
use dhcpfo_time::Time;
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::claim::{Check, Claim, View};
use dhcpfo_world::model::{Lengths, Model};
use dhcpfo_world::system::System;
use std::time::{Duration, Instant};

pub use dhcpfo_study::answer::{Clock, RunOptions, Watch};

/// What came of a search.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer {
    /// None: everything reachable was seen. Otherwise what cut the search off.
    pub cut_off: Option<Bound>,
    /// A state was met in which more was in flight than there is room for: the search is not exhaustive.
    pub overflow: bool,
    /// For each claim of the model, in its order: the shortest violation found.
    pub claims: Vec<Option<Counterexample>>,
    /// For each witness of the model, in its order: the number of protocol actions of a shortest path to it.
    pub witnesses: Vec<Option<u32>>,
    /// What came up in the search; None of one without time.
    pub seen: Option<Seen>,
    /// Unique states.
    pub unique: u64,
    /// Edges followed.
    pub edges: u64,
    /// Protocol actions to the states that are farthest away.
    pub depth: u32,
    /// Wall time of the search.
    pub elapsed: Duration,
    /// Greatest number of bytes in the search's own tables, queues and buffers.
    pub peak_bytes: usize,
    /// The same without the states that waited.
    pub peak_beyond_frontier: usize,
    /// Upper bound of the expected number of states lost to equal fingerprints.
    pub omission_odds: f64,
}

/// A path to a violated claim.
pub type Counterexample = answer::Counterexample<Action>;

/// Whether there is a run with real times.
pub type Times = answer::Times<Action>;

/// Most states that the guided search for a schedule goes through.
const SCHEDULE_STATES: usize = 200_000;

/// Searches a model as far as `options` allow, and gives the counterexamples their times.
pub fn run(model: &Model, options: &RunOptions<'_>, watch: Watch<'_>) -> Result<Answer, SearchError> {
    let Lengths { phi, free, small, .. } = model.lengths;
    match options.clock {
        Clock::TimeoutOrder => {
            let space = WorldSpace::new(model, Order::new(phi, free, dhcpfo_clock::Options::default()));
            under(&space, options, watch, |bit, steps| realise(model, bit, steps, &mut space.domain().clone()))
        }
        Clock::Ticks => {
            let space = WorldSpace::new(model, Ticks::new(small, free, dhcpfo_clock::Options::default()));
            under(&space, options, watch, |bit, steps| realise_actions(model, bit, steps))
        }
        Clock::Exact => {
            let space = WorldSpace::new(model, Exact::new(small, free, dhcpfo_clock::Options::default()));
            under(&space, options, watch, |_, _| Times::NotNeeded)
        }
        Clock::Untimed => Ok(without_time(model, options)),
        _ => Err(SearchError::Void("there is no search of a model under that notion of time".to_owned())),
    }
}

/// The claim that a search without time can judge.
pub const UNTIMED_CLAIM: &str = "no-duplicate-address";

/// Longest search without time, where no limit is given: its space has no end.
const UNTIMED_LIMIT: Duration = Duration::from_secs(60);

fn without_time(model: &Model, options: &RunOptions<'_>) -> Answer {
    let begun = Instant::now();
    let found = check_untimed(model, options.threads, options.time_limit.unwrap_or(UNTIMED_LIMIT));
    let counterexample = |steps: &Vec<String>| Counterexample {
        length: steps.len() as u32,
        path: Vec::new(),
        times: Times::Untimed(steps.clone()),
    };
    let depth = found.violation.as_ref().map_or(0, |steps| steps.len() as u32);
    let judge = |claim: &Claim| found.violation.as_ref().filter(|_| claim.name == UNTIMED_CLAIM).map(counterexample);
    Answer {
        cut_off: found.cut_off.then_some(Bound::Time),
        overflow: false,
        claims: model.claims.iter().map(judge).collect(),
        witnesses: model.witnesses.iter().map(|_| None).collect(),
        seen: None,
        unique: found.unique as u64,
        edges: 0,
        depth,
        elapsed: begun.elapsed(),
        peak_bytes: 0,
        peak_beyond_frontier: 0,
        omission_odds: 0.0,
    }
}

/// The steps of a path, as a search under one clock has them.
type Steps<'a, D> = [Step<WorldSpace<'a, D>>];

fn under<'a, D>(
    space: &WorldSpace<'a, D>,
    options: &RunOptions<'_>,
    watch: Watch<'_>,
    times: impl Fn(u32, &Steps<'a, D>) -> Times,
) -> Result<Answer, SearchError>
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let model = space.model();
    let search_options = Options { keep_states: reach::is_wanted(model), ..options.of_search(model.claims.len()) };
    let explored = search(space, &search_options, watch)?;
    // Before paths are rebuilt, which goes through states again.
    let seen = space.seen();
    if space.misuse() != Misuse::NONE {
        return Err(SearchError::Void(space.misuse().text(&dhcpfo_engine::span::WORDS)));
    }
    let counterexample = |bit| explored.hit(bit).map(|hit| path(space, &explored, hit, &times));
    let mut claims: Vec<_> = (0..model.claims.len() as u32).map(counterexample).collect();
    let mut cut_off = match explored.end {
        End::CutOff(bound) => Some(bound),
        End::Exhausted | End::Stopped => None,
    };
    if reach::is_wanted(model) && explored.end == End::Exhausted {
        match reach::refuted(space, &explored, options.max_bytes.unwrap_or(u64::MAX)) {
            Ok(found) => found.into_iter().for_each(|(number, trace)| {
                claims[number] = Some(of_trace(number as u32, &trace, &times));
            }),
            Err(_) => cut_off = Some(Bound::Memory),
        }
    }
    Ok(Answer {
        cut_off,
        overflow: explored.hit(OVERFLOW).is_some(),
        claims,
        witnesses: (0..model.witnesses.len() as u32).map(|bit| explored.hit(32 + bit).map(|hit| hit.depth)).collect(),
        seen: Some(seen),
        unique: explored.stats.unique,
        edges: explored.stats.edges,
        depth: explored.stats.depth(),
        elapsed: explored.stats.elapsed,
        peak_bytes: explored.stats.peak_bytes,
        peak_beyond_frontier: explored.stats.peak_beyond_frontier,
        omission_odds: explored.stats.omission_odds(),
    })
}

fn path<'a, D>(
    space: &WorldSpace<'a, D>,
    explored: &Explored,
    hit: &Hit,
    times: &impl Fn(u32, &Steps<'a, D>) -> Times,
) -> Counterexample
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    match explored.trace(space, hit) {
        Ok(trace) => of_trace(hit.bit, &trace, times),
        Err(error) => Counterexample {
            length: hit.depth,
            path: Vec::new(),
            times: Times::Unrealisable(format!("the path could not be rebuilt: {error}")),
        },
    }
}

fn of_trace<'a, D>(
    claim: u32,
    trace: &Trace<WorldSpace<'a, D>>,
    times: &impl Fn(u32, &Steps<'a, D>) -> Times,
) -> Counterexample
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let path: Vec<Action> = trace.steps.iter().map(|step| step.edge.action).collect();
    let length = path.iter().filter(|action| action.what != What::Tick).count() as u32;
    Counterexample { length, path, times: times(claim, &trace.steps) }
}

/// Gives a path to a violation its times, for the model's real lengths, and replays it.
fn realise(model: &Model, claim: u32, steps: &Steps<'_, Order>, order: &mut Order) -> Times {
    let end = steps.last().map(|step| &step.state.state);
    let initial = System::initial(model);
    realise_for(&question(model, &initial, claim, end), steps, order)
}

/// Gives a path to its last state, which begins as another model does, its times, and replays it.
pub(crate) fn realise_to(model: &Model, beginning: &Model, steps: &Steps<'_, Order>, order: &mut Order) -> Times {
    let end = steps.last().map(|step| &step.state.state);
    let initial = System::initial(beginning);
    let violated = |system: &System, _| end.is_some_and(|end| reach::is_alike(system, end));
    let values = model.lengths.seconds;
    realise_for(&Question { timed: model, initial: &initial, values, violated, most: SCHEDULE_STATES }, steps, order)
}

fn realise_for<V: Fn(&System, Time) -> bool>(
    question: &Question<'_, Model, V>,
    steps: &Steps<'_, Order>,
    order: &mut Order,
) -> Times {
    let path = with_choices(question.timed, question.initial, steps, order);
    match concretise::concretise(question, order, &path) {
        Verdict::Realised(run) => realised(run),
        Verdict::Unrealisable(reason) => Times::Unrealisable(reason.to_string()),
    }
}

/// Gives the actions of a path that was found with small whole numbers times for the model's real lengths, if there is
/// a run that has them in this order. If not, the path is a run for the small lengths alone.
fn realise_actions(model: &Model, claim: u32, steps: &Steps<'_, Ticks>) -> Times {
    let order = Order::new(model.lengths.phi, model.lengths.free, dhcpfo_clock::Options::default());
    let actions = steps.iter().map(|step| step.edge.action).filter(|action| action.what != What::Tick);
    let actions: Vec<Action> = actions.collect();
    let end = steps.last().map(|step| &step.state.state);
    let initial = System::initial(model);
    match concretise::of_actions(&question(model, &initial, claim, end), &order, &actions) {
        Ok(Verdict::Realised(run)) => realised(run),
        Ok(Verdict::Unrealisable(_)) | Err(_) => Times::NotNeeded,
    }
}

fn question<'q>(
    model: &'q Model,
    initial: &'q System,
    claim: u32,
    end: Option<&'q System>,
) -> Question<'q, Model, impl Fn(&System, Time) -> bool> {
    Question {
        timed: model,
        initial,
        values: model.lengths.seconds,
        violated: move |system: &System, now| match model.claims[claim as usize].check {
            // What cannot be reached from there was found on the graph; the run has to come to that state.
            Check::Reach(_) => end.is_some_and(|end| reach::is_alike(system, end)),
            Check::State(_) | Check::Step(_) => is_broken(model, claim as usize, system, now),
        },
        most: SCHEDULE_STATES,
    }
}

fn realised(run: concretise::Run<Action>) -> Times {
    let seconds = |at: concretise::Instant| f64::from(at.parts) / f64::from(at.per_unit);
    let end = seconds(run.end);
    Times::Realised { actions: run.actions.into_iter().map(|(a, at)| (seconds(at), a)).collect(), end }
}

/// Whether a claim of a model, by its number, is violated in a state.
pub fn is_broken(model: &Model, claim: usize, system: &System, now: Time) -> bool {
    match model.claims[claim].check {
        Check::State(holds) => !holds(&View { model, system, now }),
        Check::Step(_) => system.broken & 1 << claim != 0,
        // A single state shows nothing of what can be reached from it.
        Check::Reach(_) => false,
    }
}

/// The path with the places that its new times took: the search remembers only which outcome it was.
fn with_choices(
    model: &Model,
    initial: &System,
    steps: &Steps<'_, Order>,
    order: &mut Order,
) -> Vec<concretise::Step<Action>> {
    let mut from = dhcpfo_clock::start(model, order, initial.clone());
    let mut path = Vec::with_capacity(steps.len());
    for step in steps {
        path.push(match step.edge.action.what {
            What::Tick => concretise::Step::Tick,
            _ => {
                let (mut number, mut taken) = (0, Choices::from_slice(&[]));
                dhcpfo_clock::expand(model, order, &from, step.edge.action, &mut |_, choices| {
                    if number == step.edge.choice {
                        taken = choices;
                    }
                    number += 1;
                });
                concretise::Step::Act(step.edge.action, taken)
            }
        });
        from = step.state.clone();
    }
    path
}
