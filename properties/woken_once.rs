//! A server that has looked at its clock does not want to be woken again at once: what it says to be the next thing to wait for lies ahead.
//!
//! failover-12 §5.11, §9.3.2, §9.4.2, §9.6.2. What it does not say: nothing about whether everything that was due has been done: that is for the claims about leases and states.

use dhcpfo_time::Clock;
use dhcpfo_world::action::What;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "woken-once",
    statement: "A server that has looked at its clock does not want to be woken again at once: what it says to be the next thing to wait for lies ahead.",
    section: "failover-12 §5.11, §9.3.2, §9.4.2, §9.6.2",
    limits: "Nothing about whether everything that was due has been done: that is for the claims about leases and states.",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.server.filter(|_| arises(step)) else { return true };
    let endpoint = step.after.server(role).endpoint();
    !endpoint.is_some_and(|endpoint| endpoint.is_due(&step.after.config(step.model, role), clock))
}

/// A server is woken, and finishes what it does then.
fn arises(step: &Happening<'_>) -> bool {
    matches!(step.action.what, What::Wake(_)) && step.action.crash_after.is_none()
}
