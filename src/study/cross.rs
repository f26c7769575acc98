//! One model, several searches that must agree, and one notion of time inside another.

use crate::protocol::{Model, Protocol};
use crate::run::{order, ticks};
use crate::space::{ProtocolSpace, outline};
use dhcpfo_clock::Domain;
use dhcpfo_search::plain::{Plain, explore};
use dhcpfo_search::search::{SearchError, search};
use dhcpfo_search::space::Space;
use dhcpfo_search::stateright_model::SpaceModel;
use dhcpfo_search::{End, Options};
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

/// Searches a model three times. For models whose states fit into memory as they are.
///
/// # Errors
/// No threads.
pub fn counts<P: Protocol>(model: &Model<P>) -> Result<Counts, SearchError> {
    let space = ProtocolSpace::new(model, order(model));
    let explored = search(&space, &Options::default(), &mut |_| {})?;
    let plain = explore(&space).unique;
    // Stateright wants to own what it searches, for as long as the program runs.
    let owned: &'static Model<P> = Box::leak(Box::new(model.clone()));
    let space = SpaceModel::new(ProtocolSpace::new(owned, order(owned)), Vec::new());
    let stateright = space.checker().spawn_bfs().join().unique_state_count() as u64;
    let native = (explored.end == End::Exhausted).then_some(explored.stats.unique);
    Ok(Counts { native, stateright, plain })
}

/// What the plain search finds under the order of deadlines, edges and levels included.
pub fn plainly<P: Protocol>(model: &Model<P>) -> Plain {
    explore(&ProtocolSpace::new(model, order(model)))
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
pub fn inside<P: Protocol>(model: &Model<P>) -> Inside {
    let (ticks, order) = (discrete(model, ticks(model)), discrete(model, order(model)));
    Inside { ticks: ticks.len(), order: order.len(), missing: ticks.difference(&order).count() }
}

/// Every reachable state with nothing left of its times but which have not passed.
fn discrete<P: Protocol, D>(model: &Model<P>, domain: D) -> HashSet<Vec<u8>>
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let space = ProtocolSpace::new(model, domain);
    let system = &model.system;
    let (mut work, mut bytes) = (space.scratch(), space.scratch());
    let (mut seen, mut found, mut waiting) = (HashSet::new(), HashSet::new(), Vec::new());
    let mut add = |state: &<ProtocolSpace<'_, P, D> as Space>::State, waiting: &mut Vec<_>| {
        let mut whole = Vec::new();
        space.encode(&mut bytes, state, &mut whole);
        if seen.insert(whole) {
            let outlines = (0..system.renamings()).map(|number| outline(system.renamed(&state.state, number)));
            found.extend(outlines.min());
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
