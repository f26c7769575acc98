//! In NORMAL a client that is not extending a lease is answered by the server whose hash bucket it is, and by no other.
//!
//! failover-12 §5.3, §9.8.2. What it does not say: nothing about clients that have been waiting beyond the delayed-service parameter, of which a model has none, and nothing where servers cover for each other (Q122); that somebody answers is for served.

use dhcpfo_engine::effect::{Answer, Effect};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::time::Clock;
use dhcpfo_world::action::{Deed, What};
use dhcpfo_world::claim::{Check, Claim, Happening, Occasion, View};
use dhcpfo_world::clients::Body;

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "one-responsible",
    statement: "In NORMAL a client that is not extending a lease is answered by the server whose hash bucket it is, and by no other.",
    section: "failover-12 §5.3, §9.8.2",
    limits: "Nothing about clients that have been waiting beyond the delayed-service parameter, of which a model has none, and nothing where servers cover for each other (Q122); that somebody answers is for served.",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::State(arises),
};

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    if step.before.config(step.model, role).pool.cover
        || !asks_anew(step.action.what)
        || step.before.server(role).running() != Some(State::Normal)
    {
        return true;
    }
    step.effects.iter().all(|effect| {
        let Effect::Reply(client, Answer::Offer(_) | Answer::Ack(..)) = effect else { return true };
        let bucket = step.model.clients[client.0 as usize];
        step.before.config(step.model, Role::Primary).buckets.is_secondarys(bucket) == (role == Role::Secondary)
    })
}

/// DISCOVER, and REQUEST in SELECTING and INIT-REBOOT.
fn asks_anew(what: What) -> bool {
    use dhcpfo_engine::effect::Ask;
    match what {
        What::Client { deed: Deed::Obtain(_) | Deed::Reboot, server: Some(_), .. } => true,
        What::Arrive(packet) => {
            matches!(packet.body, Body::Ask(Ask::Discover | Ask::Select(_) | Ask::Reboot(_)))
        }
        _ => false,
    }
}

/// Both servers are in NORMAL.
fn arises(view: &View<'_>) -> bool {
    Role::ALL.into_iter().all(|role| view.system.server(role).running() == Some(State::Normal))
}
