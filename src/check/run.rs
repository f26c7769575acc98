//! One model, one answer: search it, and give the counterexamples their times.

use crate::outcome::{Bound, End, Explored, Hit, Options, Progress};
use crate::search::{SearchError, search};
use crate::world::{OVERFLOW, WorldSpace};
use dhcpfo_world::action::Action;
use dhcpfo_world::clock::{self, Domain, Exact, Order, Ticks};
use dhcpfo_world::model::Model;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Which notion of time a search uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockKind {
    /// The order of all live times: for all lengths that satisfy the model's inequalities.
    TimeoutOrder,
    /// The model's small whole numbers.
    Ticks,
    /// The model's small numbers in real time.
    Exact,
}

/// How to search.
#[derive(Clone, Debug)]
pub struct RunOptions<'a> {
    /// The notion of time.
    pub clock: ClockKind,
    /// Number of threads, at least 1.
    pub threads: usize,
    /// Greatest number of protocol actions on a path.
    pub max_depth: Option<u32>,
    /// Stop when so many states are stored.
    pub max_states: Option<u64>,
    /// Stop when the search's tables and queues have so many bytes.
    pub max_bytes: Option<u64>,
    /// Stop after this time.
    pub time_limit: Option<Duration>,
    /// Stop when somebody sets this.
    pub cancel: Option<&'a AtomicBool>,
    /// End at the first violated claim instead of looking for the others, too.
    pub stop_at_first: bool,
}

/// What came of a search.
#[derive(Clone, Debug)]
pub struct Answer {
    /// None: everything reachable was seen. Otherwise what cut the search off.
    pub cut_off: Option<Bound>,
    /// A state was met in which more was in flight than there is room for: the search is not exhaustive.
    pub overflow: bool,
    /// For each claim of the model, in its order: the shortest violation found.
    pub claims: Vec<Option<Counterexample>>,
    /// For each witness of the model, in its order: the number of protocol actions of a shortest path to it.
    pub witnesses: Vec<Option<u32>>,
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
    /// Upper bound of the expected number of states lost to equal fingerprints.
    pub omission_odds: f64,
}

/// A path to a violated claim.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// Protocol actions, as they are counted in lengths.
    pub length: u32,
    /// The path as it was found, ticks included.
    pub path: Vec<Action>,
    /// Its times, if it has any.
    pub times: Times,
}

/// Whether there is a run with real times.
#[derive(Clone, Debug)]
pub enum Times {
    /// The search's clock has them in the path already, or they were not asked for.
    NotNeeded,
    /// A schedule for the model's lengths, replayed with concrete times up to the violation: for each protocol
    /// action, the seconds since the beginning.
    Realised(Vec<(f64, Action)>),
    /// These actions in this order have no schedule for the model's lengths.
    Unrealisable(String),
}

/// Called from time to time with how far a search has come.
pub type Watch<'a> = &'a mut dyn FnMut(&Progress);

/// Searches a model as far as `options` allow, and gives the counterexamples their times.
pub fn run(model: &Model, options: &RunOptions<'_>, watch: Watch<'_>) -> Result<Answer, SearchError> {
    let lengths = &model.lengths;
    match options.clock {
        ClockKind::TimeoutOrder => {
            let domain = Order::new(lengths.phi, lengths.free, clock::Options::default());
            under(&WorldSpace::new(model, domain), options, watch)
        }
        ClockKind::Ticks => {
            let domain = Ticks::new(lengths.small, lengths.free, clock::Options::default());
            under(&WorldSpace::new(model, domain), options, watch)
        }
        ClockKind::Exact => {
            let domain = Exact::new(lengths.small, lengths.free, clock::Options::default());
            under(&WorldSpace::new(model, domain), options, watch)
        }
    }
}

fn under<D>(space: &WorldSpace<'_, D>, options: &RunOptions<'_>, watch: Watch<'_>) -> Result<Answer, SearchError>
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let model = space.model();
    let claims = (1_u64 << model.claims.len()) - 1;
    let search_options = Options {
        threads: options.threads,
        max_depth: options.max_depth,
        max_states: options.max_states,
        max_bytes: options.max_bytes,
        time_limit: options.time_limit,
        cancel: options.cancel,
        stop_on: if options.stop_at_first { claims } else { 0 },
        ..Options::default()
    };
    let explored = search(space, &search_options, watch)?;
    let counterexample = |bit| explored.hit(bit).map(|hit| path(space, &explored, hit));
    Ok(Answer {
        cut_off: match explored.end {
            End::CutOff(bound) => Some(bound),
            End::Exhausted | End::Stopped => None,
        },
        overflow: explored.hit(OVERFLOW).is_some(),
        claims: (0..model.claims.len() as u32).map(counterexample).collect(),
        witnesses: (0..model.witnesses.len() as u32).map(|bit| explored.hit(32 + bit).map(|hit| hit.depth)).collect(),
        unique: explored.stats.unique,
        edges: explored.stats.edges,
        depth: explored.stats.depth(),
        elapsed: explored.stats.elapsed,
        peak_bytes: explored.stats.peak_bytes,
        omission_odds: explored.stats.omission_odds(),
    })
}

fn path<D>(space: &WorldSpace<'_, D>, explored: &Explored, hit: &Hit) -> Counterexample
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let steps = match explored.trace(space, hit) {
        Ok(trace) => trace.steps,
        Err(error) => {
            let times = Times::Unrealisable(format!("the path could not be rebuilt: {error}"));
            return Counterexample { length: hit.depth, path: Vec::new(), times };
        }
    };
    Counterexample {
        length: hit.depth,
        path: steps.iter().map(|step| step.edge.action).collect(),
        times: Times::NotNeeded,
    }
}
