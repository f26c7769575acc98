//! "What happens next that is bad?" and "find a state where …": bounded searches from where somebody stands.

use crate::goal::Goal;
use crate::path::Step;
use crate::walk::{Moment, Walk, order, violated};
use dhcpfo_check::world::WorldSpace;
use dhcpfo_search::onwards;

pub use dhcpfo_search::onwards::{Bounds, LONGEST, MOST_STATES};

/// What to look for.
pub enum Wanted<'a> {
    /// Any claim that is not violated already.
    Violation,
    /// All of these at once.
    State(&'a [Goal]),
}

/// What came of it.
pub type Found = onwards::Found<Step>;

/// Searches on from where a walk has ended.
pub fn find(walk: &Walk<'_>, wanted: &Wanted<'_>, bounds: &Bounds<'_>) -> Found {
    let model = walk.model;
    let space = WorldSpace::new(model, order(model));
    let found = match wanted {
        Wanted::Violation => {
            let now = violated(model, &walk.end);
            let new = |number: &usize| !now.contains(&model.claims[*number].entry.name);
            let flags = (0..model.claims.len()).filter(new).map(|bit| 1 << bit).sum();
            space.onwards(&walk.end, &onwards::Wanted::Flags(flags), bounds)
        }
        Wanted::State(goals) => {
            let is_met = |moment: &Moment| {
                let violated = violated(model, moment);
                goals.iter().all(|goal| goal.is_met(model, moment, &violated))
            };
            // Clients and addresses that a goal names are not alike any more.
            space.told_apart().onwards(&walk.end, &onwards::Wanted::State(&is_met), bounds)
        }
    };
    match found {
        onwards::Found::Path(edges) => {
            Found::Path(edges.into_iter().map(|edge| Step { action: edge.action, choice: edge.choice }).collect())
        }
        onwards::Found::None { states } => Found::None { states },
        onwards::Found::CutOff { bound, states } => Found::CutOff { bound, states },
    }
}
