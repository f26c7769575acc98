//! Random runs of a model of the world: a seed chooses among the actions that are enabled, with the model's own
//! lengths of time.

mod choose;
mod follow;
mod hunt;
mod shrink;
mod walker;

pub use choose::{Chosen, Temper};
pub use follow::{Disagreement, Follower};
pub use hunt::{Bag, Hunt, Parted, hunt};
pub use shrink::{replay, shrink};
pub use walker::Walker;

use dhcpfo_study::random::{Steps, Walk};
use dhcpfo_world::action::Action;
use dhcpfo_world::model::Model;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// What a run is made of.
pub type Script = Steps<Action>;

/// How far a run goes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most actions.
    pub actions: u32,
    /// Longest virtual time, in seconds.
    pub until: u32,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { actions: 80, until: 100 * 86_400 }
    }
}

/// Which lengths of time a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lengths {
    /// The seed decides.
    Either,
    /// The small whole numbers, so that the run can be held against a search under `ticks`.
    Small,
}

/// One run of a model, and where it parts ways with what the searches allow, if it was followed. The same seed gives the
/// same run.
pub fn walk(
    model: &Model,
    seed: u64,
    bounds: Bounds,
    lengths: Lengths,
    follow: bool,
) -> (Walk<Action>, Option<Disagreement>) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let small = lengths == Lengths::Small || random.random_range(0..2_u32) == 0;
    let mut script = Script { small, steps: Vec::new(), end: 0 };
    let mut temper = Temper::draw(model, &mut random);
    let mut walker = Walker::new(model, script.values(&model.lengths));
    let mut follower = follow.then(|| Follower::new(model, small));
    let (mut disagreement, mut still) = (None, false);
    while walker.violated().is_none() && disagreement.is_none() && (script.steps.len() as u32) < bounds.actions {
        match temper.step(&mut walker, &mut random, still) {
            Chosen::Done(action) => {
                still = false;
                script.steps.push((walker.elapsed(), action));
                disagreement = follower.as_mut().and_then(|follower| follower.act(action, &walker).err());
            }
            Chosen::Time => {
                // Once no time of the state lies ahead, one more passage tells the past from now, and no other matters.
                still = walker.next_instant().is_none();
                let to = passage(&mut walker, &mut random);
                if to > bounds.until || !walker.advance(to) {
                    break;
                }
                disagreement = follower.as_mut().and_then(|follower| follower.pass(&walker).err());
            }
            Chosen::Nothing => break,
        }
    }
    script.end = walker.elapsed();
    (Walk { run: script, violated: walker.violated() }, disagreement)
}

/// Until when time passes: the next instant that something marks, half of the time; else some instant before.
fn passage(walker: &mut Walker<'_>, random: &mut Xoshiro256PlusPlus) -> u32 {
    let now = walker.elapsed();
    let Some(next) = walker.next_instant() else { return now + 1 };
    if next <= now + 1 || random.random_range(0..2_u32) == 0 { next } else { random.random_range(now + 1..next) }
}
