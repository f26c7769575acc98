//! The claim [`answered-when-interrupted`](dhcpfo_claims::draft_12::ANSWERED_WHEN_INTERRUPTED).

use crate::look::{stored, undisturbed_without_connection};
use dhcpfo_claims::draft_12::ANSWERED_WHEN_INTERRUPTED;
use dhcpfo_engine::binding::{ClientId, Status};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::action::{Action, Deed, What};
use dhcpfo_world::budget::Item;
use dhcpfo_world::claim::{Check, Claim, Goal, Occasion, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &ANSWERED_WHEN_INTERRUPTED,
    check: Check::Reach(Reach { from: waits, goal: Goal::Step(extended), allowed: undisturbed_without_connection }),
    ghost: None,
    occasion: Occasion::Whole,
};

/// A client may ask once more for a lease that it holds, and there is a server that has to answer.
fn waits(view: &View<'_>) -> bool {
    let clients = &view.system.clients[..view.model.client_count()];
    view.system.budgets.left(Item::Leases) > 0
        && (0..).zip(clients).any(|(client, state)| {
            state.holds(view.clock).is_some_and(|address| {
                Role::ALL.into_iter().any(|role| {
                    let status = stored(view.system, role, address).status;
                    is_interrupted(view, role) && status == Status::Active { client: ClientId(client) }
                })
            })
        })
}

fn is_interrupted(view: &View<'_>, role: Role) -> bool {
    let server = view.system.server(role);
    server.running() == Some(State::CommunicationsInterrupted) && !server.is_connected()
}

fn extended(before: &View<'_>, action: &Action, after: &View<'_>) -> bool {
    let What::Client { client, deed: Deed::Renew | Deed::Rebind, server: Some(role), lost: false } = action.what else {
        return false;
    };
    let held = |view: &View<'_>| view.system.clients[client as usize].holds(view.clock);
    is_interrupted(before, role) && held(before).is_some() && held(before) == held(after)
}
