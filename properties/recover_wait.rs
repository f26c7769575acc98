//! The claim [`recover-wait`](dhcpfo_claims::draft_12::RECOVER_WAIT).

use crate::look::recorded;
use dhcpfo_claims::draft_12::RECOVER_WAIT;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Ghost, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &RECOVER_WAIT,
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
