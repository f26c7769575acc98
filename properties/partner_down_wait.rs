//! The claim [`partner-down-wait`](dhcpfo_claims::draft_12::PARTNER_DOWN_WAIT).

use crate::look::{addresses, grants, holder, reserved_at, stored};
use dhcpfo_claims::draft_12::PARTNER_DOWN_WAIT;
use dhcpfo_engine::state::State;
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Ghost, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &PARTNER_DOWN_WAIT,
    check: Check::Step(holds),
    ghost: Some(Ghost::Rest),
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let leased = grants(step).all(|(role, client, address, _)| {
        let down = step.before.server(role).running() == Some(State::PartnerDown);
        let same = holder(&stored(step.before, role, address)) == Some(client);
        let holds_it = step.before.clients[client.0 as usize].uses(clock, address);
        let rest = step.before.ghosts.rest[role.index()][address.0 as usize];
        let reserved = reserved_at(step.before, role.partner(), address) == Some(client);
        !down || same || holds_it || reserved || clock.passed(rest)
    });
    leased && none_made_available(step, clock)
}

/// No address that rests becomes FREE or BACKUP, or changes from one to the other. What the partner itself said or
/// acknowledged in this step has ended the rest.
fn none_made_available(step: &Happening<'_>, clock: &dyn Clock) -> bool {
    let Some(role) = step.writer() else { return true };
    if step.before.server(role).running() != Some(State::PartnerDown) {
        return true;
    }
    addresses(step.model).all(|address| {
        let (before, after) = (stored(step.before, role, address).status, stored(step.after, role, address).status);
        let made_available = after.is_available() && before.code() != after.code();
        // As it stands after the step: what the partner said in it counts.
        !made_available || clock.passed(step.after.ghosts.rest[role.index()][address.0 as usize])
    })
}

/// In PARTNER-DOWN a client is given an address that was not its own before.
fn arises(step: &Happening<'_>) -> bool {
    grants(step).any(|(role, client, address, _)| {
        step.before.server(role).running() == Some(State::PartnerDown)
            && holder(&stored(step.before, role, address)) != Some(client)
    })
}
