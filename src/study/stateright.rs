//! A model under the order of deadlines, searched by Stateright's own checkers, or shown in its Explorer.

use crate::protocol::{Model, Protocol};
use crate::space::ProtocolSpace;
use crate::timed_space::WITNESSES;
use dhcpfo_search::stateright_model::{Claim, ClaimKind, SpaceModel};
use stateright::{Checker, Model as _, UniformChooser};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// Stateright's ways to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Breadth-first.
    Bfs,
    /// Depth-first.
    Dfs,
    /// Random runs, drawn from a seed.
    Simulation {
        /// The seed of the first thread's runs.
        seed: u64,
    },
    /// As the Explorer does it: what is asked for, here everything.
    OnDemand,
}

/// How far to search.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Number of threads, at least 1.
    pub threads: usize,
    /// Stop when about so many states have been generated, repetitions counted.
    pub states: usize,
    /// Stop after this time.
    pub time: Duration,
}

/// What Stateright says.
#[derive(Clone, Debug)]
pub struct Found {
    /// It came to an end by itself: everything was seen, but for a simulation, which never is done.
    pub exhausted: bool,
    /// Unique states; for a simulation states visited.
    pub unique: usize,
    /// Number of states on the longest path.
    pub depth: usize,
    /// Claims violated and witnesses reached, each with the actions of the path; not a shortest one.
    pub discoveries: Vec<(&'static str, Vec<String>)>,
}

/// The model as Stateright takes it. It wants to own what it searches for as long as the program runs.
fn world<P: Protocol>(model: &Model<P>) -> SpaceModel {
    let owned: &'static Model<P> = Box::leak(Box::new(model.clone()));
    let claims = (0..).zip(&owned.claims).map(|(bit, c)| Claim { name: c.entry.name, bit, kind: ClaimKind::Never });
    let witnesses = (WITNESSES..).zip(&owned.witnesses).map(|(bit, w)| Claim {
        name: w.entry.name,
        bit,
        kind: ClaimKind::Sometimes,
    });
    let all = claims.chain(witnesses).collect();
    SpaceModel::new(ProtocolSpace::new(owned, owned.lengths.order()), all)
}

/// Searches a model with one of Stateright's checkers.
pub fn search_with_stateright<P: Protocol>(model: &Model<P>, how: How, bounds: &Bounds) -> Found {
    search_space(world(model), how, bounds)
}

/// Searches any space with one of Stateright's checkers.
pub fn search_space(space: SpaceModel, how: How, bounds: &Bounds) -> Found {
    let threads = if how == How::OnDemand { 1 } else { bounds.threads };
    let builder = space.checker().threads(threads).target_state_count(bounds.states);
    match how {
        How::Bfs => watch(builder.spawn_bfs(), bounds),
        How::Dfs => watch(builder.spawn_dfs(), bounds),
        How::Simulation { seed } => watch(builder.spawn_simulation(seed, UniformChooser), bounds),
        How::OnDemand => {
            let checker = builder.spawn_on_demand();
            checker.run_to_completion();
            watch(checker, bounds)
        }
    }
}

/// Waits for the end, for a violation, or for one of the bounds. Stateright's own timeout does nothing on one thread, and
/// `join` does not come back from a search on demand, so this looks from time to time; what still runs ends with the
/// process.
fn watch(checker: impl Checker<SpaceModel>, bounds: &Bounds) -> Found {
    let begun = Instant::now();
    let violated = || {
        let claims = checker.model().claims();
        let is_violation = |name: &str| claims.iter().any(|claim| claim.name == name && claim.kind == ClaimKind::Never);
        checker.discoveries().keys().any(|name| is_violation(name))
    };
    let mut pause = Duration::from_millis(2);
    while !checker.is_done() && begun.elapsed() < bounds.time && checker.state_count() < bounds.states && !violated() {
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(500));
    }
    let exhausted = checker.is_done() && checker.state_count() < bounds.states;
    let mut discoveries: Vec<_> = checker
        .discoveries()
        .into_iter()
        .map(|(name, path)| (name, path.into_actions().iter().map(|step| step.to_string()).collect()))
        .collect();
    discoveries.sort();
    Found { exhausted, unique: checker.unique_state_count(), depth: checker.max_depth(), discoveries }
}

/// Serves Stateright's Explorer for a model, until the process ends.
pub fn explore_with_stateright<P: Protocol>(model: &Model<P>, address: SocketAddr) {
    world(model).checker().serve(address);
}
