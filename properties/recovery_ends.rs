//! The claim [`recovery-ends`](dhcpfo_claims::draft_12::RECOVERY_ENDS).

use dhcpfo_claims::draft_12::RECOVERY_ENDS;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::{Check, Claim, LeadsTo, Occasion, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &RECOVERY_ENDS,
    check: Check::LeadsTo(LeadsTo { from: recovers, to: |view| !recovers(view) }),
    ghost: None,
    occasion: Occasion::Whole,
};

fn recovers(view: &View<'_>) -> bool {
    let state = |role| view.system.server(role).running();
    Role::ALL.into_iter().any(|role| matches!(state(role), Some(State::Recover | State::RecoverWait)))
}
