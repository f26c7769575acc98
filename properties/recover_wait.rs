//! A server leaves RECOVER-WAIT only when MCLT has passed since it stopped working.
//!
//! failover-12 §9.6.2. What it does not say: nothing about a server that never stopped.

use crate::look::recorded;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Ghost, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "recover-wait",
    statement: "A server leaves RECOVER-WAIT only when MCLT has passed since it stopped working.",
    section: "failover-12 §9.6.2",
    limits: "Nothing about a server that never stopped.",
    check: Check::Step(holds),
    ghost: Some(Ghost::Silence),
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.writer() else { return true };
    !has_left(step, role) || clock.passed(step.before.ghosts.silence[role.index()])
}

/// A server leaves RECOVER or RECOVER-WAIT for RECOVER-DONE.
fn arises(step: &Happening<'_>) -> bool {
    step.writer().is_some_and(|role| has_left(step, role))
}

fn has_left(step: &Happening<'_>, role: Role) -> bool {
    let recovering = matches!(recorded(step.before, role), Some(State::Recover | State::RecoverWait));
    recovering && recorded(step.after, role) == Some(State::RecoverDone)
}
