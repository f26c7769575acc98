//! The claim [`updates-answered`](dhcpfo_claims::draft_12::UPDATES_ANSWERED).

use crate::updates_settle::settled;
use dhcpfo_claims::draft_12::UPDATES_ANSWERED;
use dhcpfo_world::claim::{Check, Claim, LeadsTo, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &UPDATES_ANSWERED,
    check: Check::LeadsTo(LeadsTo { from: |_| true, to: settled }),
    ghost: None,
    occasion: Occasion::Whole,
};
