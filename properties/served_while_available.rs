//! The claim [`served-while-available`](dhcpfo_claims::draft_12::SERVED_WHILE_AVAILABLE).

use crate::look::{addresses, is_settled, stored, undisturbed_without_connection};
use dhcpfo_claims::draft_12::SERVED_WHILE_AVAILABLE;
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::state::Role;
use dhcpfo_world::action::{Action, Deed, What};
use dhcpfo_world::budget::Item;
use dhcpfo_world::claim::{Check, Claim, Goal, Occasion, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &SERVED_WHILE_AVAILABLE,
    check: Check::Reach(Reach { from: waits, goal: Goal::Step(obtains), allowed: undisturbed_without_connection }),
    ghost: None,
    occasion: Occasion::Whole,
};

fn waits(view: &View<'_>) -> bool {
    let clients = (0..).zip(&view.system.clients[..view.model.client_count()]);
    view.system.budgets.left(Item::Leases) > 0
        && is_settled(view.model, view.system)
        && clients
            .filter(|(_, state)| state.holds(view.clock).is_none())
            .any(|(client, _)| addresses(view.model).any(|address| is_for(view, client, address)))
}

/// Whether the address is available, and this client may have it.
fn is_for(view: &View<'_>, client: u8, address: AddressId) -> bool {
    let reserved = view.model.addresses[address.0 as usize].reserved;
    stored(view.system, Role::Primary, address).status.is_available() && reserved.is_none_or(|owner| owner == client)
}

fn obtains(before: &View<'_>, action: &Action, after: &View<'_>) -> bool {
    let What::Client { client, deed: Deed::Obtain(_), .. } = action.what else { return false };
    let held = |view: &View<'_>| view.system.clients[usize::from(client)].holds(view.clock);
    held(before).is_none() && held(after).is_some()
}
