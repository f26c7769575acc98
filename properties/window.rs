//! No more BNDUPDs are outstanding than the partner accepts.
//!
//! failover-12 §7.3.2, §8.4. What it does not say: nothing about how fast they are answered.

use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "window",
    statement: "No more BNDUPDs are outstanding than the partner accepts.",
    section: "failover-12 §7.3.2, §8.4",
    limits: "Nothing about how fast they are answered.",
    check: Check::State(holds),
    ghost: None,
    occasion: Occasion::State(arises),
};

fn holds(view: &View<'_>) -> bool {
    Role::ALL.into_iter().all(|role| {
        let endpoint = view.system.server(role).endpoint();
        let conversation = endpoint.and_then(|endpoint| endpoint.volatile().session.conversation());
        conversation.is_none_or(|c| c.window.iter().flatten().count() <= usize::from(view.model.max_unacked))
    })
}

/// A server has as many outstanding as the partner accepts.
fn arises(view: &View<'_>) -> bool {
    Role::ALL.into_iter().any(|role| {
        let endpoint = view.system.server(role).endpoint();
        let conversation = endpoint.and_then(|endpoint| endpoint.volatile().session.conversation());
        conversation.is_some_and(|c| c.window.iter().flatten().count() >= usize::from(view.model.max_unacked))
    })
}
