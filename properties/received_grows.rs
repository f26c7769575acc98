//! While a lease lasts, the received potential-expiration-time of its binding does not go back.
//!
//! failover-12 §7.1.5. What it does not say: nothing once it has passed.

use crate::look::{addresses, stored};
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "received-grows",
    statement: "While a lease lasts, the received potential-expiration-time of its binding does not go back.",
    section: "failover-12 §7.1.5",
    limits: "Nothing once it has passed.",
    check: Check::Step(holds),
    ghost: None,
};

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.writer() else { return true };
    addresses(step.model).all(|address| {
        let (before, after) = (stored(step.before, role, address), stored(step.after, role, address));
        let goes_on = before.status.code() == Code::Active && before.status == after.status;
        !goes_on
            || before.received_potential_expiration <= clock.now()
            || after.received_potential_expiration >= before.received_potential_expiration
    })
}
