//! The claim [`no-duplicate-address`](dhcpfo_claims::draft_12::NO_DUPLICATE_ADDRESS).

use dhcpfo_claims::draft_12::NO_DUPLICATE_ADDRESS;
use dhcpfo_world::budget::Item;
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &NO_DUPLICATE_ADDRESS, check: Check::State(holds), ghost: None, occasion: Occasion::State(arises) };

fn holds(view: &View<'_>) -> bool {
    let clients = &view.system.clients[..view.model.client_count()];
    let is_shared = |i: usize, address| clients[i + 1..].iter().any(|other| other.uses(view.clock, address));
    (0..clients.len()).all(|i| clients[i].addresses(view.clock).all(|address| !is_shared(i, address)))
}

/// A client holds an address, and another holds one or may still ask for one.
fn arises(view: &View<'_>) -> bool {
    let clients = &view.system.clients[..view.model.client_count()];
    let holders = clients.iter().filter(|client| client.holds(view.clock).is_some()).count();
    holders > 1 || holders == 1 && clients.len() > 1 && view.system.budgets.left(Item::Leases) > 0
}
