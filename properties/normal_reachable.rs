//! The claim [`normal-reachable`](dhcpfo_claims::draft_12::NORMAL_REACHABLE).

use crate::look::undisturbed;
use dhcpfo_claims::draft_12::NORMAL_REACHABLE;
use dhcpfo_engine::endpoint::Session;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::{Check, Claim, Goal, Occasion, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &NORMAL_REACHABLE,
    check: Check::Reach(Reach { from: |_| true, goal: Goal::State(both_in_normal), allowed: undisturbed }),
    ghost: None,
    occasion: Occasion::Whole,
};

pub(crate) fn both_in_normal(view: &View<'_>) -> bool {
    view.system.link.works()
        && Role::ALL.into_iter().all(|role| {
            let server = view.system.server(role);
            let in_contact = server.endpoint().is_some_and(|e| matches!(e.volatile().session, Session::Ok(_)));
            server.running() == Some(State::Normal) && in_contact
        })
}
