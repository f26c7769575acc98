//! One model, several searches that must agree, and one notion of time inside another.

use crate::plain::explore;
use crate::search::{SearchError, search};
use crate::space::Space;
use crate::stateright_model::SpaceModel;
use crate::world::WorldSpace;
use crate::{End, Options};
use dhcpfo_engine::time::Time;
use dhcpfo_world::clock::{self, Domain, Order, Ticks};
use dhcpfo_world::encode::{Renaming, Room, encode};
use dhcpfo_world::model::Model;
use stateright::{Checker, Model as _};
use std::collections::HashSet;

/// The number of unique states as three searches count them, under the order of deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The native search, if it came to an end.
    pub native: Option<u64>,
    /// Stateright's breadth-first search.
    pub stateright: u64,
    /// The plain search on whole states instead of fingerprints.
    pub plain: u64,
}

impl Counts {
    /// Whether all agree.
    pub fn agree(&self) -> bool {
        self.native == Some(self.plain) && self.stateright == self.plain
    }
}

fn order(model: &Model) -> Order {
    Order::new(model.lengths.phi, model.lengths.free, clock::Options::default())
}

/// Searches a model three times. For models whose states fit into memory as they are.
pub fn counts(model: &Model) -> Result<Counts, SearchError> {
    let space = WorldSpace::new(model, order(model));
    let explored = search(&space, &Options::default(), &mut |_| {})?;
    let plain = explore(&space).unique;
    // Stateright wants to own what it searches, for as long as the program runs.
    let owned: &'static Model = Box::leak(Box::new(model.clone()));
    let stateright = SpaceModel::new(WorldSpace::new(owned, order(owned)), Vec::new()).checker().spawn_bfs().join();
    let native = (explored.end == End::Exhausted).then_some(explored.stats.unique);
    Ok(Counts { native, stateright: stateright.unique_state_count() as u64, plain })
}

/// How the states under small whole numbers lie in those under the order of deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside {
    /// Discrete states under whole numbers: everything but how times lie to each other.
    pub ticks: usize,
    /// Discrete states under the order of deadlines.
    pub order: usize,
    /// Of the former, those that the latter lacks. The abstraction loses nothing if there are none.
    pub missing: usize,
}

/// Compares the discrete states of a model under its small lengths with those under the order of deadlines.
pub fn inside(model: &Model) -> Inside {
    let Model { lengths, .. } = model;
    let ticks = discrete(model, Ticks::new(lengths.small, lengths.free, clock::Options::default()));
    let order = discrete(model, order(model));
    Inside { ticks: ticks.len(), order: order.len(), missing: ticks.difference(&order).count() }
}

/// Every reachable state with nothing left of its times but which have not passed.
fn discrete<D>(model: &Model, domain: D) -> HashSet<Vec<u8>>
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let space = WorldSpace::new(model, domain);
    let renamings = Renaming::all(model);
    let (mut work, mut bytes) = (space.scratch(), space.scratch());
    let (mut seen, mut found, mut waiting) = (HashSet::new(), HashSet::new(), Vec::new());
    let mut add = |state: &<WorldSpace<'_, D> as Space>::State, waiting: &mut Vec<_>| {
        let mut whole = Vec::new();
        space.encode(&mut bytes, state, &mut whole);
        if seen.insert(whole) {
            let mut outline = Vec::new();
            encode(model, &renamings, &state.state, |_: Time| 1, &mut Room::default(), &mut outline);
            found.insert(outline);
            if space.flags(state).expand {
                waiting.push(state.clone());
            }
        }
    };
    space.initial(&mut work, &mut |state| add(state, &mut waiting));
    while let Some(state) = waiting.pop() {
        space.successors(&mut work, &state, &mut |_, next| add(next, &mut waiting));
    }
    found
}
