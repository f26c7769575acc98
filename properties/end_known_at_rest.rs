//! When both servers are in NORMAL and have nothing under way to each other, the partner of the server that gave a lease has an end on record that is not earlier, if it has the address ACTIVE for that client.
//!
//! failover-12 §7.1.1, §7.1.5, §9.8. What it does not say: nothing about a partner that has another status on record: that is for normal-agreement.

use crate::look::{is_at_rest, stored};
use dhcpfo_engine::binding::{ClientId, Status};
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "end-known-at-rest",
    statement: "When both servers are in NORMAL and have nothing under way to each other, the partner of the server that gave a lease has an end on record that is not earlier, if it has the address ACTIVE for that client.",
    section: "failover-12 §7.1.1, §7.1.5, §9.8",
    limits: "Nothing about a partner that has another status on record: that is for normal-agreement.",
    check: Check::State(holds),
    ghost: None,
    occasion: Occasion::State(arises),
};

fn holds(view: &View<'_>) -> bool {
    let clients = &view.system.clients[..view.model.client_count()];
    !is_at_rest(view.system)
        || (0..).zip(clients).all(|(number, client)| {
            let Some(lease) = client.lease.filter(|lease| view.now < lease.ends) else { return true };
            let theirs = stored(view.system, lease.from.partner(), lease.address);
            let active = theirs.status == Status::Active { client: ClientId(number) };
            !active || theirs.lease_expiration >= lease.ends
        })
}

/// A client holds a lease while both servers are at rest.
fn arises(view: &View<'_>) -> bool {
    let clients = &view.system.clients[..view.model.client_count()];
    is_at_rest(view.system) && clients.iter().any(|client| client.holds(view.now).is_some())
}
