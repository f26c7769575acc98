//! The claim [`received-grows`](dhcpfo_claims::draft_12::RECEIVED_GROWS).

use crate::look::{addresses, stored};
use dhcpfo_claims::draft_12::RECEIVED_GROWS;
use dhcpfo_engine::binding::Code;
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &RECEIVED_GROWS, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.writer() else { return true };
    addresses(step.model).all(|address| {
        let (before, after) = (stored(step.before, role, address), stored(step.after, role, address));
        let goes_on = before.status.code() == Code::Active && before.status == after.status;
        !goes_on
            || clock.passed(before.received_potential_expiration)
            || !clock.before(after.received_potential_expiration, before.received_potential_expiration)
    })
}

/// A server writes while it has an address ACTIVE with a received time that lies ahead.
fn arises(step: &Happening<'_>) -> bool {
    let Some(role) = step.writer() else { return false };
    addresses(step.model).any(|address| {
        let (before, after) = (stored(step.before, role, address), stored(step.after, role, address));
        before.status.code() == Code::Active
            && before.status == after.status
            // A time that has passed is LONG_AGO, in every state.
            && before.received_potential_expiration != Time::LONG_AGO
    })
}
