//! Many runs of a model, and what they found.

use super::{Bounds, Disagreement, Lengths, Script, shrink, walk};
use crate::swarm::{self, End, Plan};
use dhcpfo_world::model::Model;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// How to hunt.
#[derive(Clone, Copy, Debug)]
pub struct Hunt<'a> {
    /// Which runs.
    pub plan: Plan<'a>,
    /// How far each goes.
    pub bounds: Bounds,
    /// Which lengths of time they have.
    pub lengths: Lengths,
    /// Each step is held against what the searches allow.
    pub follow: bool,
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
    /// The run.
    pub run: Script,
    /// What is left when nothing more can go.
    pub shrunk: Script,
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
    /// The first run that did what no search allows, with its seed.
    pub disagreement: Option<(u64, Disagreement)>,
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
pub fn hunt(model: &Model, hunt: &Hunt<'_>, watch: &mut dyn FnMut(&Bag)) -> (Bag, End) {
    let begun = Instant::now();
    let mut bag = Bag::default();
    let run = |seed| walk(model, seed, hunt.bounds, hunt.lengths, hunt.follow);
    let end = swarm::carry_out(&hunt.plan, run, |seed, walk| {
        bag.runs += 1;
        bag.actions += walk.script.steps.len() as u64;
        bag.virtual_seconds += u64::from(walk.script.end);
        if let Some(claim) = walk.violated {
            bag.first_failure.get_or_insert_with(|| begun.elapsed());
            let shrunk = shrink(model, &walk.script, claim);
            bag.failures.push(Failure { seed, claim, run: walk.script, shrunk });
        }
        bag.disagreement = walk.disagreement.map(|disagreement| (seed, disagreement));
        bag.elapsed = begun.elapsed();
        watch(&bag);
        match bag.disagreement.is_some() || bag.failures.len() as u32 >= hunt.failures {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    (bag, end)
}
