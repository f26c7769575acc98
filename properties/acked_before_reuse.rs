//! The claim [`acked-before-reuse`](dhcpfo_claims::draft_12::ACKED_BEFORE_REUSE).

use crate::look::{grants, has_lost_storage, holder, known_potential, stored};
use dhcpfo_claims::draft_12::ACKED_BEFORE_REUSE;
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::state::State;
use dhcpfo_time::Clock;
use dhcpfo_world::budget::{Budgets, Item};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &ACKED_BEFORE_REUSE, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    grants(step).all(|(role, client, address, _)| {
        let state = step.before.server(role).running();
        let bound = matches!(state, Some(State::Normal | State::CommunicationsInterrupted));
        let theirs = stored(step.before, role.partner(), address);
        !bound
            || has_lost_storage(step.before, role.partner())
            || holder(&stored(step.before, role, address)) == Some(client)
            || step.before.clients[client.0 as usize].uses(clock, address)
            || theirs.status.code() != Code::Active
            || clock.passed(clock.later(theirs.lease_expiration, known_potential(&theirs, clock)))
            || theirs.status.client() == Some(client)
    })
}

/// In those states a client is given an address that was not its own, and it is not the first lease of the run.
fn arises(step: &Happening<'_>) -> bool {
    let leases = Item::Leases;
    let again = step.before.budgets.left(leases) < step.model.budgets.left(leases)
        || step.model.budgets.left(leases) == Budgets::UNLIMITED;
    again
        && grants(step).any(|(role, client, address, _)| {
            let state = step.before.server(role).running();
            matches!(state, Some(State::Normal | State::CommunicationsInterrupted))
                && !has_lost_storage(step.before, role.partner())
                && holder(&stored(step.before, role, address)) != Some(client)
        })
}
