//! Many runs of a model, and what they found.

use super::{Bounds, Disagreement, Lengths, shrink, walk};
use crate::swarm::{self, End, Plan};
use dhcpfo_study::random::Tally;
use dhcpfo_world::action::Action;
use dhcpfo_world::model::Model;
use std::ops::ControlFlow;

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

/// Runs of draft-12, and those that failed.
pub type Bag = dhcpfo_study::random::Bag<Action>;

/// The first run that did what no search allows, with its seed.
pub type Parted = Option<(u64, Disagreement)>;

/// Hunts in a model. `watch` is shown the tally after each run. All but the times in the bag is the same for any number
/// of threads.
pub fn hunt(model: &Model, hunt: &Hunt<'_>, watch: &mut dyn FnMut(&Tally)) -> (Bag, Parted, End) {
    let (mut bag, mut parted) = (Bag::empty(), None);
    let run = |seed| walk(model, seed, hunt.bounds, hunt.lengths, hunt.follow);
    let end = swarm::carry_out(&hunt.plan, run, |seed, (walk, disagreement)| {
        bag.take(seed, walk, |script, claim| shrink(model, script, claim));
        parted = disagreement.map(|disagreement| (seed, disagreement));
        watch(&bag.tally);
        match parted.is_some() || bag.tally.failed >= hunt.failures {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    (bag, parted, end)
}
