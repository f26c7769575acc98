//! A server leaves RECOVER-WAIT only when MCLT has passed since it stopped working.
//!
//! failover-12 §9.6.2. What it does not say: nothing about a server that never stopped.

use crate::look::recorded;
use dhcpfo_engine::state::State;
use dhcpfo_engine::time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Ghost};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "recover-wait",
    statement: "A server leaves RECOVER-WAIT only when MCLT has passed since it stopped working.",
    section: "failover-12 §9.6.2",
    limits: "Nothing about a server that never stopped.",
    check: Check::Step(holds),
    ghost: Some(Ghost::Silence),
};

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.writer() else { return true };
    let recovering = |state| matches!(state, Some(State::Recover | State::RecoverWait));
    let left = recovering(recorded(step.before, role)) && recorded(step.after, role) == Some(State::RecoverDone);
    !left || step.before.ghosts.silence[role.index()] <= clock.now()
}
