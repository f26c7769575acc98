//! The servers are never both in PARTNER-DOWN and serving.
//!
//! failover-12 §9.4. What it does not say: nothing in models whose operators lie.

use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "one-partner-down",
    statement: "The servers are never both in PARTNER-DOWN and serving.",
    section: "failover-12 §9.4",
    limits: "Nothing in models whose operators lie.",
    check: Check::State(holds),
    ghost: None,
    occasion: Occasion::State(arises),
};

fn holds(view: &View<'_>) -> bool {
    !Role::ALL.into_iter().all(|role| view.system.server(role).running() == Some(State::PartnerDown))
}

/// A server serves in PARTNER-DOWN.
fn arises(view: &View<'_>) -> bool {
    Role::ALL.into_iter().any(|role| view.system.server(role).running() == Some(State::PartnerDown))
}
