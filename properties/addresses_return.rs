//! The claim [`addresses-return`](dhcpfo_claims::draft_12::ADDRESSES_RETURN).

use crate::look::{addresses, stored, undisturbed};
use dhcpfo_claims::draft_12::ADDRESSES_RETURN;
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::{Check, Claim, Goal, Occasion, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &ADDRESSES_RETURN,
    check: Check::Reach(Reach { from: |_| true, goal: Goal::State(returned), allowed: undisturbed }),
    ghost: None,
    occasion: Occasion::Whole,
};

pub(crate) fn returned(view: &View<'_>) -> bool {
    let ended =
        |role, address| matches!(stored(view.system, role, address).status.code(), Code::Expired | Code::Released);
    Role::ALL.into_iter().all(|role| addresses(view.model).all(|address| !ended(role, address)))
}
