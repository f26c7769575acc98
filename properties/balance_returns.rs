//! From every state, without a further failure and without an operator or a client, the servers can come to NORMAL where the secondary has its share of the available addresses, give or take the slack.
//!
//! failover-12 §5.4, §7.6.2. What it does not say: that they do, or how soon; nothing in models whose primary does not act unasked; nothing about reserved addresses.

use crate::look::{available, groups, is_at_rest, undisturbed};
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::{Check, Claim, Goal, Reach, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "balance-returns",
    statement: "From every state, without a further failure and without an operator or a client, the servers can come to NORMAL where the secondary has its share of the available addresses, give or take the slack.",
    section: "failover-12 §5.4, §7.6.2",
    limits: "That they do, or how soon; nothing in models whose primary does not act unasked; nothing about reserved addresses.",
    check: Check::Reach(Reach { from: acts, goal: Goal::State(balanced), allowed: undisturbed }),
    ghost: None,
};

fn acts(view: &View<'_>) -> bool {
    view.model.config(Role::Primary).pool.slack.is_some()
}

fn balanced(view: &View<'_>) -> bool {
    let pool = view.model.config(Role::Primary).pool;
    is_at_rest(view.system)
        && groups(view.model).all(|group| {
            let size = view.model.addresses.iter().filter(|address| address.group == group).count() as u32;
            let [primary, secondary] = available(view.model, view.system, group);
            let (all, share) = (i64::from(primary + secondary), i64::from(pool.secondary_share));
            let slack = pool.slack.map_or(i64::MAX / 200, |slack| i64::from(slack.of(size)));
            // Less than one address by rounding.
            all < 2 || (100 * i64::from(secondary) - share * all).abs() < 100 * (slack + 1)
        })
}
