//! Random runs of a model: a seed chooses among the actions that are enabled, and what fails is made small.

use crate::player::Player;
use crate::protocol::{Model, Protocol};
use crate::shrink::{Shrink, replay};
use crate::swarm::{self, End, Plan};
use dhcpfo_clock::{Lengths, Values};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

pub use crate::shrink::Steps;

impl<A> Steps<A> {
    /// The lengths of time that it is played with.
    pub fn values(&self, lengths: &Lengths) -> Values {
        if self.small { lengths.small } else { lengths.seconds }
    }
}

impl<A: Copy> Steps<A> {
    /// The same without the actions at these places, which rise.
    pub fn without(&self, places: &[usize]) -> Steps<A> {
        let kept = self.steps.iter().enumerate().filter(|(place, _)| !places.contains(place));
        Steps { small: self.small, steps: kept.map(|(_, step)| *step).collect(), end: self.end }
    }
}

impl<A: ToString> Steps<A> {
    /// The same with its actions as text.
    pub fn in_text(self) -> Steps<String> {
        let steps = self.steps.into_iter().map(|(at, action)| (at, action.to_string())).collect();
        Steps { small: self.small, steps, end: self.end }
    }
}

/// How to hunt.
#[derive(Clone, Copy, Debug)]
pub struct Hunt<'a> {
    /// Which runs.
    pub plan: Plan<'a>,
    /// Most actions of a run.
    pub actions: u32,
    /// Longest virtual time of a run, in seconds.
    pub until: u32,
    /// Stop after so many runs that refute a claim.
    pub failures: u32,
}

/// A run that is over.
#[derive(Clone, Debug)]
pub struct Walk<A> {
    /// The run.
    pub run: Steps<A>,
    /// The claim that it refuted at its end.
    pub violated: Option<&'static str>,
}

/// A run that refuted a claim.
#[derive(Clone, Debug)]
pub struct Failure<A = String> {
    /// Its seed.
    pub seed: u64,
    /// The claim.
    pub claim: &'static str,
    /// The run as it was.
    pub run: Steps<A>,
    /// What is left when nothing more can go.
    pub shrunk: Steps<A>,
}

/// How much a hunt has gone through.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Runs that were looked at.
    pub runs: u64,
    /// Their actions.
    pub actions: u64,
    /// Their virtual time, in seconds of the lengths that they were played with.
    pub virtual_seconds: u64,
    /// Runs that refuted a claim.
    pub failed: u32,
    /// Time that all of it took.
    pub elapsed: Duration,
}

/// What a hunt has come to.
#[derive(Clone, Debug)]
pub struct Bag<A = String> {
    /// How much it has gone through.
    pub tally: Tally,
    /// Runs that refuted a claim, in the order of their seeds.
    pub failures: Vec<Failure<A>>,
    /// Time from the beginning to the first failure.
    pub first_failure: Option<Duration>,
    begun: Instant,
}

impl<A> Bag<A> {
    /// With nothing in it.
    pub fn empty() -> Self {
        Bag { tally: Tally::default(), failures: Vec::new(), first_failure: None, begun: Instant::now() }
    }

    /// Takes the run of a seed, and makes it small if it failed.
    pub fn take(&mut self, seed: u64, walk: Walk<A>, shrink: impl FnOnce(&Steps<A>, &str) -> Steps<A>) {
        let Walk { run, violated } = walk;
        self.tally.runs += 1;
        self.tally.actions += run.steps.len() as u64;
        self.tally.virtual_seconds += u64::from(run.end);
        if let Some(claim) = violated {
            self.tally.failed += 1;
            self.first_failure.get_or_insert_with(|| self.begun.elapsed());
            let shrunk = shrink(&run, claim);
            self.failures.push(Failure { seed, claim, run, shrunk });
        }
        self.tally.elapsed = self.begun.elapsed();
    }

    /// The failure with the fewest actions; the first of several.
    pub fn shortest(&self) -> Option<&Failure<A>> {
        self.failures.iter().min_by_key(|failure| failure.shrunk.steps.len())
    }
}

impl<A: ToString> Bag<A> {
    /// The same with its actions as text.
    pub fn in_text(self) -> Bag {
        let text = |Failure { seed, claim, run, shrunk }| Failure {
            seed,
            claim,
            run: Steps::in_text(run),
            shrunk: Steps::in_text(shrunk),
        };
        let failures = self.failures.into_iter().map(text).collect();
        Bag { tally: self.tally, failures, first_failure: self.first_failure, begun: self.begun }
    }
}

/// Hunts in a model. `watch` is shown the tally after each run. All but the times in the bag is the same for any number
/// of threads.
pub fn hunt<P: Protocol>(model: &Model<P>, hunt: &Hunt<'_>, watch: &mut dyn FnMut(&Tally)) -> (Bag<P::Action>, End) {
    let mut bag = Bag::empty();
    let run = |seed| walk(model, seed, hunt.actions, hunt.until);
    let end = swarm::carry_out(&hunt.plan, run, |seed, walk| {
        bag.take(seed, walk, |run, claim| {
            let replay = |run: &Steps<P::Action>| replay(model, run, claim);
            Shrink { replay, plainer: |_| Vec::new() }.shrink(run)
        });
        watch(&bag.tally);
        match bag.tally.failed >= hunt.failures {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    (bag, end)
}

/// One run of a model. The same seed gives the same run.
pub fn walk<P: Protocol>(model: &Model<P>, seed: u64, actions: u32, until: u32) -> Walk<P::Action> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let small = random.random_range(0..2_u32) == 0;
    // Some runs are hasty, some let much time pass.
    let patience = random.random_range(1..=8_u32);
    let mut steps = Steps { small, steps: Vec::new(), end: 0 };
    let (mut player, mut still) = (Player::new(model, steps.values(&model.lengths), 1), false);
    while player.violated().is_none() && (steps.steps.len() as u32) < actions {
        let enabled = player.enabled();
        let may_pass = player.may_pass() && !still;
        if may_pass && (enabled.is_empty() || random.random_range(0..=patience) == 0) {
            // Once no time of the state lies ahead, one more passage tells the past from now, and no other matters.
            still = player.next_instant().is_none();
            let to = passage(&mut player, &mut random);
            if to > until {
                break;
            }
            // Something may have to happen before; then it is that instant now.
            let _ = player.advance(to);
        } else if enabled.is_empty() {
            break;
        } else {
            let action = enabled[random.random_range(0..enabled.len() as u32) as usize];
            if player.act(action).is_err() {
                break;
            }
            still = false;
            steps.steps.push((player.elapsed(), action));
        }
    }
    steps.end = player.elapsed();
    Walk { run: steps, violated: player.violated().map(|claim| model.claims[claim].entry.name) }
}

/// Until when time passes: the next instant that something marks, half of the time; else some instant before.
fn passage<P: Protocol>(player: &mut Player<'_, P>, random: &mut Xoshiro256PlusPlus) -> u32 {
    let now = player.elapsed();
    let Some(next) = player.next_instant() else { return now + 1 };
    match next <= now + 1 || random.random_range(0..2_u32) == 0 {
        // Some rules ask whether an instant is over, some whether it is still to come.
        true => next + random.random_range(0..2_u32),
        false => random.random_range(now + 1..next),
    }
}
