//! The claim [`woken-once`](dhcpfo_claims::draft_12::WOKEN_ONCE).

use dhcpfo_claims::draft_12::WOKEN_ONCE;
use dhcpfo_time::Clock;
use dhcpfo_world::action::What;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &WOKEN_ONCE, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.server.filter(|_| arises(step)) else { return true };
    let endpoint = step.after.server(role).endpoint();
    !endpoint.is_some_and(|endpoint| endpoint.is_due(&step.after.config(step.model, role), clock))
}

/// A server is woken, and finishes what it does then.
fn arises(step: &Happening<'_>) -> bool {
    matches!(step.action.what, What::Wake(_)) && step.action.crash_after.is_none()
}
