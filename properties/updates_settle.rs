//! The claim [`updates-settle`](dhcpfo_claims::draft_12::UPDATES_SETTLE).

use crate::look::{addresses, stored, undisturbed};
use dhcpfo_claims::draft_12::UPDATES_SETTLE;
use dhcpfo_engine::binding::{Code, Partner};
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::{Check, Claim, Goal, Occasion, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &UPDATES_SETTLE,
    check: Check::Reach(Reach { from: |_| true, goal: Goal::State(settled), allowed: undisturbed }),
    ghost: None,
    occasion: Occasion::Whole,
};

pub(crate) fn settled(view: &View<'_>) -> bool {
    let answered = |role, address| {
        let binding = stored(view.system, role, address);
        match binding.partner {
            Partner::UpToDate => !matches!(binding.status.code(), Code::Expired | Code::Released),
            other => other == Partner::Rejected,
        }
    };
    Role::ALL.into_iter().all(|role| addresses(view.model).all(|address| answered(role, address)))
}
