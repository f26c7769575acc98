//! In PARTNER-DOWN no address goes to another client before MCLT has passed since entry and since the latest end that anybody was told of before it.
//!
//! failover-12 §5.2.1, §7.1.5, §9.4.2. What it does not say: nothing about addresses that were available to the server itself at entry.

use crate::look::{grants, holder, stored};
use dhcpfo_engine::state::State;
use dhcpfo_engine::time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Ghost, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "partner-down-wait",
    statement: "In PARTNER-DOWN no address goes to another client before MCLT has passed since entry and since the latest end that anybody was told of before it.",
    section: "failover-12 §5.2.1, §7.1.5, §9.4.2",
    limits: "Nothing about addresses that were available to the server itself at entry, and nothing about a lease whose end the partner itself has reported or acknowledged since.",
    check: Check::Step(holds),
    ghost: Some(Ghost::Rest),
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    grants(step).all(|(role, client, address, _)| {
        let down = step.before.server(role).running() == Some(State::PartnerDown);
        let same = holder(&stored(step.before, role, address)) == Some(client);
        let holds_it = step.before.clients[client.0 as usize].uses(clock.now(), address);
        let rest = step.before.ghosts.rest[role.index()][address.0 as usize];
        !down || same || holds_it || rest <= clock.now()
    })
}

/// In PARTNER-DOWN a client is given an address that was not its own before.
fn arises(step: &Happening<'_>) -> bool {
    grants(step).any(|(role, client, address, _)| {
        step.before.server(role).running() == Some(State::PartnerDown)
            && holder(&stored(step.before, role, address)) != Some(client)
    })
}
