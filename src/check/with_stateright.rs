//! A model under the order of deadlines, searched by Stateright's own checkers, or shown in its Explorer.

use crate::cross::leaked;
use crate::world::{OVERFLOW, WorldSpace};
use dhcpfo_search::stateright_model::{Claim, ClaimKind, SpaceModel};
use dhcpfo_study::stateright::search_space;
use dhcpfo_world::model::Model;
use stateright::Model as _;
use std::net::SocketAddr;

pub use dhcpfo_study::stateright::{Bounds, Found, How};

/// The model as Stateright takes it. It wants to own what it searches for as long as the program runs.
fn world(model: &Model) -> SpaceModel {
    let owned = leaked(model);
    let claims = (0..).zip(&owned.claims).map(|(bit, c)| Claim { name: c.entry.name, bit, kind: ClaimKind::Never });
    let witnesses =
        (32..).zip(&owned.witnesses).map(|(bit, w)| Claim { name: w.entry.name, bit, kind: ClaimKind::Sometimes });
    let room = Claim { name: "room for what is in flight", bit: OVERFLOW, kind: ClaimKind::Never };
    let all = claims.chain(witnesses).chain([room]).collect();
    SpaceModel::new(WorldSpace::new(owned, owned.lengths.order()), all)
}

/// Searches a model with one of Stateright's checkers.
pub fn search_with_stateright(model: &Model, how: How, bounds: &Bounds) -> Found {
    search_space(world(model), how, bounds)
}

/// Serves Stateright's Explorer for a model, until the process ends.
pub fn explore_with_stateright(model: &Model, address: SocketAddr) {
    world(model).checker().serve(address);
}
