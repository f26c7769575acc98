//! The claim [`reservations-kept`](dhcpfo_claims::draft_12::RESERVATIONS_KEPT).

use crate::look::reserved_for;
use dhcpfo_claims::draft_12::RESERVATIONS_KEPT;
use dhcpfo_engine::effect::{Answer, Effect};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &RESERVATIONS_KEPT, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

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
