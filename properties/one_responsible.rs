//! While both servers are in NORMAL, each client's hash bucket is the business of exactly one of them.
//!
//! failover-12 §5.3, §9.8.2. What it does not say: nothing about clients that have been waiting beyond the delayed-service parameter, and nothing about who answers a client for which the responsible server has no address (Q122).

use dhcpfo_engine::balance::responsible;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "one-responsible",
    statement: "While both servers are in NORMAL, each client's hash bucket is the business of exactly one of them.",
    section: "failover-12 §5.3, §9.8.2",
    limits: "Nothing about clients that have been waiting beyond the delayed-service parameter, and nothing about who answers a client for which the responsible server has no address (Q122).",
    check: Check::State(holds),
    ghost: None,
};

fn holds(view: &View<'_>) -> bool {
    let both = Role::ALL.into_iter().all(|role| view.system.server(role).running() == Some(State::Normal));
    let answers = |role: Role, bucket| {
        let config = view.model.config(role);
        responsible(&config.rules, role, &config.buckets, bucket, false)
    };
    !both || view.model.clients.iter().all(|&bucket| answers(Role::Primary, bucket) != answers(Role::Secondary, bucket))
}
