//! The claim [`ack-matches`](dhcpfo_claims::draft_12::ACK_MATCHES).

use crate::look::stored;
use dhcpfo_claims::draft_12::ACK_MATCHES;
use dhcpfo_engine::message::Message;
use dhcpfo_time::Clock;
use dhcpfo_world::action::What;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &ACK_MATCHES, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let (What::Deliver(role), Some(_)) = (step.action.what, step.server) else { return true };
    let Some(Message::BndAck(ack)) = step.before.link.head(role) else { return true };
    let endpoint = step.before.server(role).endpoint();
    let conversation = endpoint.and_then(|endpoint| endpoint.volatile().session.conversation());
    let outstanding = conversation.and_then(|c| c.window.get(usize::from(ack.transaction.0)).copied().flatten());
    outstanding.is_some_and(|o| o.address == ack.address)
        || stored(step.before, role, ack.address) == stored(step.after, role, ack.address)
}

/// A BNDACK is read.
fn arises(step: &Happening<'_>) -> bool {
    let (What::Deliver(role), Some(_)) = (step.action.what, step.server) else { return false };
    matches!(step.before.link.head(role), Some(Message::BndAck(_)))
}
