//! From every state both servers can come to NORMAL, in contact, without a further failure and without an operator or a client.
//!
//! failover-12 §9.2. What it does not say: that they do: only that nothing keeps them from it for ever.

use crate::look::undisturbed;
use dhcpfo_engine::endpoint::Session;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::{Check, Claim, Goal, Occasion, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "normal-reachable",
    statement: "From every state both servers can come to NORMAL, in contact, without a further failure and without an operator or a client.",
    section: "failover-12 §9.2",
    limits: "That they do: only that nothing keeps them from it for ever.",
    check: Check::Reach(Reach { from: |_| true, goal: Goal::State(both_in_normal), allowed: undisturbed }),
    ghost: None,
    occasion: Occasion::Whole,
};

fn both_in_normal(view: &View<'_>) -> bool {
    view.system.link.works()
        && Role::ALL.into_iter().all(|role| {
            let server = view.system.server(role);
            let in_contact = server.endpoint().is_some_and(|e| matches!(e.volatile().session, Session::Ok(_)));
            server.running() == Some(State::Normal) && in_contact
        })
}
