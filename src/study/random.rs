//! Random runs of a model: a seed chooses among the actions that are enabled, and what fails is made small.

use crate::player::Player;
use crate::protocol::{Model, Protocol};
use crate::shrink::shrink;
use crate::swarm::{self, End, Plan};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

pub use crate::shrink::Steps;

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

/// A run that refuted a claim.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// The claim.
    pub claim: &'static str,
    /// Actions of the run as it was.
    pub actions: usize,
    /// What is left when nothing more can go.
    pub shrunk: Steps<String>,
}

/// What a hunt has come to.
#[derive(Clone, Debug, Default)]
pub struct Bag {
    /// Runs that were looked at.
    pub runs: u64,
    /// Their actions.
    pub actions: u64,
    /// Their virtual time, in seconds of the lengths that they were played with.
    pub virtual_seconds: u64,
    /// Runs that refuted a claim, in the order of their seeds.
    pub failures: Vec<Failure>,
    /// Time from the beginning to the first failure.
    pub first_failure: Option<Duration>,
    /// Time that all of it took.
    pub elapsed: Duration,
}

impl Bag {
    /// The failure with the fewest actions; the first of several.
    pub fn shortest(&self) -> Option<&Failure> {
        self.failures.iter().min_by_key(|failure| failure.shrunk.steps.len())
    }
}

/// Hunts in a model. `watch` is shown the bag after each run. All but the times in the bag is the same for any number
/// of threads.
pub fn hunt<P: Protocol>(model: &Model<P>, hunt: &Hunt<'_>, watch: &mut dyn FnMut(&Bag)) -> (Bag, End) {
    let begun = Instant::now();
    let mut bag = Bag::default();
    let run = |seed| walk(model, seed, hunt.actions, hunt.until);
    let end = swarm::carry_out(&hunt.plan, run, |seed, (steps, violated)| {
        bag.runs += 1;
        bag.actions += steps.steps.len() as u64;
        bag.virtual_seconds += u64::from(steps.end);
        if let Some(claim) = violated {
            bag.first_failure.get_or_insert_with(|| begun.elapsed());
            let Steps { small, steps: left, end } = shrink(model, &steps, claim);
            let left = left.into_iter().map(|(at, action)| (at, action.to_string())).collect();
            let shrunk = Steps { small, steps: left, end };
            bag.failures.push(Failure { seed, claim: model.claims[claim].name, actions: steps.steps.len(), shrunk });
        }
        bag.elapsed = begun.elapsed();
        watch(&bag);
        match bag.failures.len() as u32 >= hunt.failures {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    (bag, end)
}

/// One run of a model, and the number of the claim that it refuted at its end. The same seed gives the same run.
pub fn walk<P: Protocol>(model: &Model<P>, seed: u64, actions: u32, until: u32) -> (Steps<P::Action>, Option<usize>) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let small = random.random_range(0..2_u32) == 0;
    let values = if small { model.lengths.small } else { model.lengths.seconds };
    // Some runs are hasty, some let much time pass.
    let patience = random.random_range(1..=8_u32);
    let mut steps = Steps { small, steps: Vec::new(), end: 0 };
    let (mut player, mut still) = (Player::new(model, values, 1), false);
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
    (steps, player.violated())
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
