//! The claim [`balanced-at-rest`](dhcpfo_claims::draft_12::BALANCED_AT_REST).

use crate::look::{available, groups, is_settled};
use dhcpfo_claims::draft_12::BALANCED_AT_REST;
use dhcpfo_engine::durable::Record;
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::{Check, Claim, Happening, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &BALANCED_AT_REST,
    check: Check::Step(|happening, _| holds(happening)),
    ghost: None,
    occasion: Occasion::Step(arises),
};

/// A change has been settled, and the primary restores the balance of what is left.
fn arises(happening: &Happening<'_>) -> bool {
    let changed = happening.effects.iter().any(|effect| matches!(effect, Effect::Persist(Record::Binding(..))));
    let unasked = happening.model.config(Role::Primary).pool.slack.is_some();
    changed && unasked && is_settled(happening.model, happening.after)
}

fn holds(happening: &Happening<'_>) -> bool {
    let pool = happening.model.config(Role::Primary).pool;
    let Some(slack) = pool.slack.filter(|_| arises(happening)) else { return true };
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
