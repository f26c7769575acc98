//! The claim [`asked-then-leased`](dhcpfo_claims::draft_12::ASKED_THEN_LEASED).

use dhcpfo_claims::draft_12::ASKED_THEN_LEASED;
use dhcpfo_world::budget::Item;
use dhcpfo_world::claim::{Check, Claim, LeadsTo, Occasion, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &ASKED_THEN_LEASED,
    check: Check::LeadsTo(LeadsTo { from: may_ask, to: |view| !lacks_one(view) }),
    ghost: None,
    occasion: Occasion::Whole,
};

fn may_ask(view: &View<'_>) -> bool {
    view.system.budgets.left(Item::Leases) > 0 && lacks_one(view)
}

fn lacks_one(view: &View<'_>) -> bool {
    view.system.clients[..view.model.client_count()].iter().any(|client| client.holds(view.clock).is_none())
}
