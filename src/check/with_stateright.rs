//! A model under the order of deadlines, searched by Stateright's own checkers, or shown in its Explorer.

use crate::world::{OVERFLOW, WorldSpace};
use dhcpfo_clock::Order;
use dhcpfo_search::stateright_model::{Claim, ClaimKind, SpaceModel};
use dhcpfo_world::model::Model;
use stateright::{Checker, CheckerBuilder, Model as _, UniformChooser};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

pub use dhcpfo_study::stateright::{Bounds, Found, How};

type World = SpaceModel<WorldSpace<'static, Order>>;

/// The model as Stateright takes it. It wants to own what it searches for as long as the program runs.
fn world(model: &Model) -> World {
    let owned: &'static Model = Box::leak(Box::new(model.clone()));
    let claims = (0..).zip(&owned.claims).map(|(bit, c)| Claim { name: c.name, bit, kind: ClaimKind::Never });
    let witnesses =
        (32..).zip(&owned.witnesses).map(|(bit, w)| Claim { name: w.name, bit, kind: ClaimKind::Sometimes });
    let room = Claim { name: "room for what is in flight", bit: OVERFLOW, kind: ClaimKind::Never };
    let all = claims.chain(witnesses).chain([room]).collect();
    let order = Order::new(owned.lengths.phi, owned.lengths.free, dhcpfo_clock::Options::default());
    SpaceModel::new(WorldSpace::new(owned, order), all)
}

/// Searches a model with one of Stateright's checkers.
pub fn search_with_stateright(model: &Model, how: How, bounds: &Bounds) -> Found {
    let world = world(model);
    let threads = if how == How::OnDemand { 1 } else { bounds.threads };
    let builder: CheckerBuilder<World> = world.checker().threads(threads).target_state_count(bounds.states);
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
fn watch(checker: impl Checker<World>, bounds: &Bounds) -> Found {
    let begun = Instant::now();
    let violated = || {
        let claims = &checker.model().space().model().claims;
        checker.discoveries().keys().any(|name| claims.iter().any(|claim| claim.name == *name))
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
        .map(|(name, path)| (name, path.into_actions().iter().map(|step| format!("{step:?}")).collect()))
        .collect();
    discoveries.sort();
    Found { exhausted, unique: checker.unique_state_count(), depth: checker.max_depth(), discoveries }
}

/// Serves Stateright's Explorer for a model, until the process ends.
pub fn explore_with_stateright(model: &Model, address: SocketAddr) {
    world(model).checker().serve(address);
}
