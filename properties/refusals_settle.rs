//! From every state, without a further failure and without an operator or a client, the servers can come to NORMAL with records that say the same of every unreserved address, though updates were refused on the way.
//!
//! failover-12 §7.2.2, §9.8.1. What it does not say: that they do, or how soon; nothing about times.

use crate::look::{addresses, is_at_rest, reserved_for, stored, undisturbed};
use dhcpfo_engine::binding::Status;
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::{Check, Claim, Goal, Occasion, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "refusals-settle",
    statement: "From every state, without a further failure and without an operator or a client, the servers can come to NORMAL with records that say the same of every unreserved address, though updates were refused on the way.",
    section: "failover-12 §7.2.2, §9.8.1",
    limits: "That they do, or how soon; nothing about times.",
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
