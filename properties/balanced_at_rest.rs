//! When a change of a binding has been settled between two servers in NORMAL, and the primary restores the balance unasked, each group of addresses is shared as configured.
//!
//! failover-12 §5.4. What it does not say: nothing about groups with a single available address, and nothing before the first change.

use crate::look::{available, groups, is_settled};
use dhcpfo_engine::durable::Record;
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::{Check, Claim, Happening};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "balanced-at-rest",
    statement: "When a change of a binding has been settled between two servers in NORMAL, and the primary restores the balance unasked, each group of two or more available addresses is shared: a server that is due a part has an address, and the secondary's part is off by no more than the slack.",
    section: "failover-12 §5.4",
    limits: "Nothing about groups with a single available address, about reserved addresses, and about what stands before the first change.",
    check: Check::Step(|happening, _| holds(happening)),
    ghost: None,
};

fn holds(happening: &Happening<'_>) -> bool {
    let changed = happening.effects.iter().any(|effect| matches!(effect, Effect::Persist(Record::Binding(..))));
    let pool = happening.model.config(Role::Primary).pool;
    let Some(slack) = pool.slack.filter(|_| changed && is_settled(happening.model, happening.after)) else {
        return true;
    };
    groups(happening.model).all(|group| {
        let size = happening.model.addresses.iter().filter(|address| address.group == group).count() as u32;
        let [primary, secondary] = available(happening.model, happening.after, group);
        let (all, share) = (i64::from(primary + secondary), i64::from(pool.secondary_share));
        let off = (100 * i64::from(secondary) - share * all).abs();
        let each_has_some = (secondary > 0 || share == 0) && (primary > 0 || share == 100);
        // Less than one address by rounding.
        all < 2 || each_has_some && off < 100 * (i64::from(slack.of(size)) + 1)
    })
}
