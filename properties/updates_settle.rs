//! From every state the servers can come to where each binding has been answered by the partner and none is EXPIRED or RELEASED, unless the partner refused it.
//!
//! failover-12 §5.11, §7.1, §9.8.1. What it does not say: that they do, and nothing about what was refused.

use crate::look::{addresses, stored, undisturbed};
use dhcpfo_engine::binding::{Code, Partner};
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::{Check, Claim, Goal, Occasion, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "updates-settle",
    statement: "From every state, without a further failure and without an operator or a client, the servers can come to where each binding has been answered by the partner and none is EXPIRED or RELEASED, unless the partner refused it.",
    section: "failover-12 §5.11, §7.1, §9.8.1",
    limits: "That they do, and nothing about what was refused.",
    check: Check::Reach(Reach { from: |_| true, goal: Goal::State(settled), allowed: undisturbed }),
    ghost: None,
    occasion: Occasion::Whole,
};

fn settled(view: &View<'_>) -> bool {
    let answered = |role, address| {
        let binding = stored(view.system, role, address);
        match binding.partner {
            Partner::UpToDate => !matches!(binding.status.code(), Code::Expired | Code::Released),
            other => other == Partner::Rejected,
        }
    };
    Role::ALL.into_iter().all(|role| addresses(view.model).all(|address| answered(role, address)))
}
