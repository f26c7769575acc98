//! The claim [`normal-follows`](dhcpfo_claims::draft_12::NORMAL_FOLLOWS).

use crate::normal_reachable::both_in_normal;
use dhcpfo_claims::draft_12::NORMAL_FOLLOWS;
use dhcpfo_world::claim::{Check, Claim, LeadsTo, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &NORMAL_FOLLOWS,
    check: Check::LeadsTo(LeadsTo { from: |_| true, to: both_in_normal }),
    ghost: None,
    occasion: Occasion::Whole,
};
