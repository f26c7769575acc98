//! Outside PARTNER-DOWN a server gives a new lease only on an address that is available to it; a client that asks for more time for what it holds is believed.
//!
//! failover-12 §3.1.2, §5.4, §9.9.2. What it does not say: nothing about bindings that go on: the same client, or one whose end was never reported.

use crate::look::{grants, holder, is_own, reserved_at, stored};
use dhcpfo_engine::state::State;
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "own-pool-only",
    statement: "Outside PARTNER-DOWN a server gives a new lease only on an address that is available to it; a client that asks for more time for what it holds is believed.",
    section: "failover-12 §3.1.2, §5.4, §9.9.2",
    limits: "Nothing about bindings that go on: the same client, or one whose end was never reported; and nothing about an available address that is reserved for this client, which both servers may give to it.",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::Step(arises),
};

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
