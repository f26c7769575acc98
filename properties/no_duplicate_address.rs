//! No two clients hold the same address at the same time.
//!
//! failover-12 §4.1, §5.2. What it does not say: nothing about clients that go on using an address after its end (assumption A1), and nothing while a server is in PARTNER-DOWN although its partner serves, unless the model lets that happen.

use dhcpfo_world::budget::Item;
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "no-duplicate-address",
    statement: "No two clients hold the same address at the same time.",
    section: "failover-12 §4.1, §5.2",
    limits: "Nothing about clients that go on using an address after its end (assumption A1), and nothing while a server is in PARTNER-DOWN although its partner serves, unless the model lets that happen.",
    check: Check::State(holds),
    ghost: None,
    occasion: Occasion::State(arises),
};

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
