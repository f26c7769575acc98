//! A reserved address is offered and leased to the client for which it is reserved, and to nobody else.
//!
//! failover-12 §5.13. What it does not say: nothing about a client that holds an address before it is reserved.

use crate::look::reserved_for;
use dhcpfo_engine::effect::{Answer, Effect};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "reservations-kept",
    statement: "A reserved address is offered and leased to the client for which it is reserved, and to nobody else.",
    section: "failover-12 §5.13",
    limits: "Nothing about a client that holds an address before it is reserved.",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    step.effects.iter().all(|effect| match effect {
        Effect::Reply(client, Answer::Offer(address) | Answer::Ack(address, _)) => {
            reserved_for(step.model, *address).is_none_or(|owner| owner == *client)
        }
        _ => true,
    })
}

/// A reserved address is offered or leased.
fn arises(step: &Happening<'_>) -> bool {
    step.effects.iter().any(|effect| match effect {
        Effect::Reply(_, Answer::Offer(address) | Answer::Ack(address, _)) => {
            reserved_for(step.model, *address).is_some()
        }
        _ => false,
    })
}
