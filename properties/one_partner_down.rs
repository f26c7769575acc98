//! The claim [`one-partner-down`](dhcpfo_claims::draft_12::ONE_PARTNER_DOWN).

use dhcpfo_claims::draft_12::ONE_PARTNER_DOWN;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &ONE_PARTNER_DOWN, check: Check::State(holds), ghost: None, occasion: Occasion::State(arises) };

fn holds(view: &View<'_>) -> bool {
    !Role::ALL.into_iter().all(|role| view.system.server(role).running() == Some(State::PartnerDown))
}

/// A server serves in PARTNER-DOWN.
fn arises(view: &View<'_>) -> bool {
    Role::ALL.into_iter().any(|role| view.system.server(role).running() == Some(State::PartnerDown))
}
