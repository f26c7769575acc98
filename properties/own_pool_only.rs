//! The claim [`own-pool-only`](dhcpfo_claims::draft_12::OWN_POOL_ONLY).

use crate::look::{grants, holder, is_own, reserved_at, stored};
use dhcpfo_claims::draft_12::OWN_POOL_ONLY;
use dhcpfo_engine::state::State;
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &OWN_POOL_ONLY, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    grants(step).all(|(role, client, address, _)| {
        let before = stored(step.before, role, address);
        step.before.server(role).running() == Some(State::PartnerDown)
            || holder(&before) == Some(client)
            || is_own(role, before.status)
            || (before.status.is_available() && reserved_at(step.before, role, address) == Some(client))
            || step.before.clients[client.0 as usize].uses(clock, address)
    })
}

/// Outside PARTNER-DOWN a client is given an address that it does not hold, and that was not its own before.
fn arises(step: &Happening<'_>) -> bool {
    grants(step).any(|(role, client, address, _)| {
        step.before.server(role).running() != Some(State::PartnerDown)
            && holder(&stored(step.before, role, address)) != Some(client)
    })
}
