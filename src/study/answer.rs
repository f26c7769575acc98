//! What is asked of a search, and what it answers, whatever the protocol: actions are text here.

use dhcpfo_search::outcome::{Bound, Options, Progress};
use std::fmt::Display;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

pub use dhcpfo_header::head::Clock;

/// How to search.
#[derive(Clone, Debug)]
pub struct RunOptions<'a> {
    /// The notion of time.
    pub clock: Clock,
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

impl<'a> RunOptions<'a> {
    /// To the end, on one thread, under the order of deadlines.
    pub const fn whole() -> Self {
        RunOptions {
            clock: Clock::TimeoutOrder,
            threads: 1,
            max_depth: None,
            max_states: None,
            max_bytes: None,
            time_limit: None,
            cancel: None,
            stop_at_first: false,
        }
    }

    /// The same with what is left of the time.
    #[must_use]
    pub fn left(&self, begun: Instant) -> Self {
        let left = self.time_limit.map(|limit| limit.saturating_sub(begun.elapsed()));
        RunOptions { time_limit: left, ..self.clone() }
    }

    /// The same for a search whose first flags are so many claims.
    pub fn of_search(&self, claims: usize) -> Options<'a> {
        Options {
            threads: self.threads,
            max_depth: self.max_depth,
            max_states: self.max_states,
            max_bytes: self.max_bytes,
            time_limit: self.time_limit,
            cancel: self.cancel,
            stop_on: if self.stop_at_first { (1 << claims) - 1 } else { 0 },
            ..Options::default()
        }
    }
}

/// Called from time to time with how far a search has come.
pub type Watch<'a> = &'a mut dyn FnMut(&Progress);

/// What came of a search. Its actions are text, or a protocol's own.
#[derive(Clone, Debug)]
pub struct Answer<A = String> {
    /// None: everything reachable was seen. Otherwise what cut the search off.
    pub cut_off: Option<Bound>,
    /// A state was met in which more was in flight than there is room for: the search is not exhaustive.
    pub overflow: bool,
    /// For each claim of the model, in its order: the shortest violation found.
    pub claims: Vec<Option<Counterexample<A>>>,
    /// For each witness of the model, in its order: the number of protocol actions of a shortest path to it.
    pub witnesses: Vec<Option<u32>>,
    /// Claims, by number, that hold only because what they speak of never came up, where somebody looked for that.
    pub without_occasion: Vec<usize>,
    /// Faults that the model allows and of which nothing came, likewise.
    pub unused: Vec<&'static str>,
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
    /// How states stood for each other, under a clock where they do.
    pub covering: Option<Counted>,
}

/// How states stood for each other in a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Different states when nothing is said of their times.
    pub discrete: u64,
    /// States that no other one stands for at the end.
    pub kept: u64,
    /// Successors that a known state stood for.
    pub covered: u64,
    /// How often two states were made one that stands for both.
    pub joined: u64,
}

/// A path to a violated claim. Its actions are text, or a protocol's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample<A = String> {
    /// Protocol actions, as they are counted in lengths.
    pub length: u32,
    /// The path as it was found; a passage of time is `tick`.
    pub path: Vec<A>,
    /// Its times, if it has any.
    pub times: Times<A>,
    /// The path goes round for ever at its end.
    pub round: Option<Round>,
}

/// Where a path goes round for ever: after `begins` protocol actions, `actions` are done again and again. The path has them
/// twice, and only the first round counts for its length. None of them: nothing more has to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Protocol actions before it.
    pub begins: u32,
    /// Protocol actions of it.
    pub actions: u32,
}

impl Round {
    /// What is to be said before the action of that number, counted from 0; behind the last one, that number.
    pub fn said_before(&self, number: u32) -> Option<&'static str> {
        match number.checked_sub(self.begins)? {
            0 if self.actions == 0 => Some("round: from here on nothing more has to happen"),
            0 => Some("round: from here on this goes on for ever; the first time"),
            since if since == self.actions => Some("round: the second time, and so on"),
            _ => None,
        }
    }
}

/// Whether there is a run with real times.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Times<A = String> {
    /// The search's clock has them in the path already, or they were not asked for.
    NotNeeded,
    /// A schedule for the model's lengths, replayed with concrete times up to the violation.
    Realised {
        /// The actions, ticks left out, with their seconds since the beginning.
        actions: Vec<(f64, A)>,
        /// The second in which the claim is violated.
        end: f64,
    },
    /// There is no time; the steps in Stateright's words.
    Untimed(Vec<String>),
    /// These actions in this order have no schedule for the model's lengths.
    Unrealisable(String),
}

impl<A: Display> Answer<A> {
    /// The same with its actions as text.
    pub fn in_text(self) -> Answer {
        Answer {
            claims: self.claims.into_iter().map(|found| found.map(Counterexample::in_text)).collect(),
            cut_off: self.cut_off,
            overflow: self.overflow,
            witnesses: self.witnesses,
            without_occasion: self.without_occasion,
            unused: self.unused,
            unique: self.unique,
            edges: self.edges,
            depth: self.depth,
            elapsed: self.elapsed,
            peak_bytes: self.peak_bytes,
            peak_beyond_frontier: self.peak_beyond_frontier,
            omission_odds: self.omission_odds,
            covering: self.covering,
        }
    }
}

impl<A: Display> Counterexample<A> {
    /// The same with its actions as text.
    pub fn in_text(self) -> Counterexample {
        let path = self.path.iter().map(ToString::to_string).collect();
        Counterexample { length: self.length, path, times: self.times.in_text(), round: self.round }
    }
}

impl<A: Display> Times<A> {
    /// The same with its actions as text.
    pub fn in_text(self) -> Times {
        match self {
            Times::NotNeeded => Times::NotNeeded,
            Times::Untimed(steps) => Times::Untimed(steps),
            Times::Unrealisable(why) => Times::Unrealisable(why),
            Times::Realised { actions, end } => {
                let actions = actions.into_iter().map(|(at, action)| (at, action.to_string())).collect();
                Times::Realised { actions, end }
            }
        }
    }
}
