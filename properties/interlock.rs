//! A server enters NORMAL only when its partner is in NORMAL, COMMUNICATIONS-INTERRUPTED or RECOVER-DONE as it last said, or when a secondary has been given all updates after a conflict.
//!
//! failover-12 §9.4.3, §9.7.2, §9.9.3, §9.10.3, §9.12.3. What it does not say: nothing about where the partner is by the time.

use crate::look::recorded;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "interlock",
    statement: "A server enters NORMAL only when its partner is in NORMAL, COMMUNICATIONS-INTERRUPTED or RECOVER-DONE as it last said, or when a secondary has been given all updates after a conflict.",
    section: "failover-12 §9.4.3, §9.7.2, §9.9.3, §9.10.3, §9.12.3",
    limits: "Nothing about where the partner is by the time.",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    if !has_entered(step, role) {
        return true;
    }
    let endpoint = step.after.server(role).endpoint();
    let partner = endpoint.and_then(|e| e.volatile().session.conversation()).map(|c| c.partner);
    let resolved = role == Role::Secondary && recorded(step.before, role) == Some(State::PotentialConflict);
    match partner {
        Some(Reported::In(State::Normal | State::CommunicationsInterrupted | State::RecoverDone)) => true,
        Some(Reported::In(State::ConflictDone)) => resolved,
        _ => false,
    }
}

/// A server enters NORMAL.
fn arises(step: &Happening<'_>) -> bool {
    step.server.is_some_and(|role| has_entered(step, role))
}

fn has_entered(step: &Happening<'_>, role: Role) -> bool {
    let [before, after] = [step.before, step.after].map(|system| system.server(role).running());
    before != Some(State::Normal) && after == Some(State::Normal)
}
