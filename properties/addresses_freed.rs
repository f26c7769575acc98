//! The claim [`addresses-freed`](dhcpfo_claims::draft_12::ADDRESSES_FREED).

use crate::addresses_return::returned;
use dhcpfo_claims::draft_12::ADDRESSES_FREED;
use dhcpfo_world::claim::{Check, Claim, LeadsTo, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &ADDRESSES_FREED,
    check: Check::LeadsTo(LeadsTo { from: |view| !returned(view), to: returned }),
    ghost: None,
    occasion: Occasion::Whole,
};
