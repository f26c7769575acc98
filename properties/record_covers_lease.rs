//! The claim [`record-covers-lease`](dhcpfo_claims::draft_12::RECORD_COVERS_LEASE).

use crate::look::stored;
use dhcpfo_claims::draft_12::RECORD_COVERS_LEASE;
use dhcpfo_engine::binding::{ClientId, Status};
use dhcpfo_world::budget::Item;
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &RECORD_COVERS_LEASE, check: Check::State(holds), ghost: None, occasion: Occasion::State(arises) };

fn holds(view: &View<'_>) -> bool {
    let clients = &view.system.clients[..view.model.client_count()];
    let lost = Item::StorageLosses;
    if view.system.budgets.left(lost) < view.model.budgets.left(lost) {
        return true;
    }
    (0..).zip(clients).all(|(number, client)| {
        let Some(lease) = client.lease.filter(|lease| !view.clock.passed(lease.ends)) else { return true };
        let binding = stored(view.system, lease.from, lease.address);
        let active = binding.status == Status::Active { client: ClientId(number) };
        !active || !view.clock.before(binding.lease_expiration, lease.ends)
    })
}

/// A client holds a lease from a server that still has the address ACTIVE for it, and no storage was lost.
fn arises(view: &View<'_>) -> bool {
    let clients = &view.system.clients[..view.model.client_count()];
    let lost = Item::StorageLosses;
    view.system.budgets.left(lost) == view.model.budgets.left(lost)
        && (0..).zip(clients).any(|(number, client)| {
            client.lease.filter(|lease| !view.clock.passed(lease.ends)).is_some_and(|lease| {
                stored(view.system, lease.from, lease.address).status == Status::Active { client: ClientId(number) }
            })
        })
}
