//! From every state the servers can come to where no address is EXPIRED or RELEASED any more.
//!
//! failover-12 §5.11, §7.1.3. What it does not say: that they do, or how soon.

use crate::look::{addresses, stored, undisturbed};
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::{Check, Claim, Goal, Occasion, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "addresses-return",
    statement: "From every state, without a further failure and without an operator or a client, the servers can come to where no address is EXPIRED or RELEASED at either of them.",
    section: "failover-12 §5.11, §7.1.3",
    limits: "That they do, or how soon. ABANDONED addresses are for an operator.",
    check: Check::Reach(Reach { from: |_| true, goal: Goal::State(returned), allowed: undisturbed }),
    ghost: None,
    occasion: Occasion::Whole,
};

fn returned(view: &View<'_>) -> bool {
    let ended =
        |role, address| matches!(stored(view.system, role, address).status.code(), Code::Expired | Code::Released);
    Role::ALL.into_iter().all(|role| addresses(view.model).all(|address| !ended(role, address)))
}
