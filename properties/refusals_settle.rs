//! The claim [`refusals-settle`](dhcpfo_claims::draft_12::REFUSALS_SETTLE).

use crate::look::{addresses, is_at_rest, reserved_for, stored, undisturbed};
use dhcpfo_claims::draft_12::REFUSALS_SETTLE;
use dhcpfo_engine::binding::Status;
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::{Check, Claim, Goal, Occasion, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &REFUSALS_SETTLE,
    check: Check::Reach(Reach { from: |_| true, goal: Goal::State(agreed), allowed: undisturbed }),
    ghost: None,
    occasion: Occasion::Whole,
};

fn agreed(view: &View<'_>) -> bool {
    let say_the_same =
        |mine: Status, theirs: Status| mine.code() == theirs.code() && (mine.is_available() || mine == theirs);
    is_at_rest(view.system)
        && addresses(view.model).filter(|&address| reserved_for(view.model, address).is_none()).all(|address| {
            let [mine, theirs] = Role::ALL.map(|role| stored(view.system, role, address).status);
            say_the_same(mine, theirs)
        })
}
