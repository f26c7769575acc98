//! One model, several searches that must agree, and one notion of time inside another.

use crate::protocol::{Model, Protocol};
use crate::space::ProtocolSpace;
use crate::timed_space::TimedSpace;
use dhcpfo_clock::{Order, Ticks};
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
    // Stateright wants to own what it searches, for as long as the program runs.
    let owned: &'static Model<P> = Box::leak(Box::new(model.clone()));
    counts_of(&plain_space(model), plain_space(owned))
}

fn plain_space<P: Protocol>(model: &Model<P>) -> ProtocolSpace<'_, P, Order> {
    ProtocolSpace::new(model, model.lengths.order())
}

/// Searches a space three times; the second is the same for Stateright.
///
/// # Errors
/// No threads.
pub fn counts_of<S, O>(space: &S, owned: O) -> Result<Counts, SearchError>
where
    S: Space,
    O: Space + Send + 'static,
{
    let explored = search(space, &Options::default(), &mut |_| {})?;
    let plain = explore(space).unique;
    let native = (explored.end == End::Exhausted).then_some(explored.stats.unique);
    Ok(Counts { native, stateright: with_stateright(owned), plain })
}

/// How many unique states Stateright's breadth-first search counts.
pub fn with_stateright<S: Space + Send + 'static>(owned: S) -> u64 {
    SpaceModel::new(owned, Vec::new()).checker().spawn_bfs().join().unique_state_count() as u64
}

/// What the plain search finds under the order of deadlines, edges and levels included.
pub fn plainly<P: Protocol>(model: &Model<P>) -> Plain {
    explore(&plain_space(model))
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
    inside_of(&ProtocolSpace::new(model, model.lengths.ticks()), &plain_space(model))
}

/// Compares the discrete states of a space under whole numbers with those of the same under the order of deadlines.
pub fn inside_of(ticks: &impl TimedSpace<Clock = Ticks>, order: &impl TimedSpace<Clock = Order>) -> Inside {
    let (ticks, order) = (discrete(ticks), discrete(order));
    Inside { ticks: ticks.len(), order: order.len(), missing: ticks.difference(&order).count() }
}

/// Every reachable state with nothing left of its times.
fn discrete<S: TimedSpace>(space: &S) -> HashSet<Vec<u8>> {
    let (mut work, mut bytes) = (space.scratch(), space.scratch());
    let (mut seen, mut found, mut waiting) = (HashSet::new(), HashSet::new(), Vec::new());
    let mut add = |state: &S::State, waiting: &mut Vec<_>| {
        let mut whole = Vec::new();
        space.encode(&mut bytes, state, &mut whole);
        if seen.insert(whole) {
            found.insert(space.outline(&state.state));
            if space.flags(&mut bytes, state).expand {
                waiting.push(state.clone());
            }
        }
    };
    space.initial(&mut work, &mut |state| add(state, &mut waiting));
    while let Some(state) = waiting.pop() {
        space.each_successor(&mut work, &state, &mut |_, next| add(next, &mut waiting));
    }
    found
}
