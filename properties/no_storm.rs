//! The claim [`no-storm`](dhcpfo_claims::draft_12::NO_STORM).

use crate::look::stored;
use dhcpfo_claims::draft_12::NO_STORM;
use dhcpfo_engine::binding::Partner;
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::State;
use dhcpfo_time::Clock;
use dhcpfo_world::action::What;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};
use dhcpfo_world::system::System;

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &NO_STORM, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let (What::Deliver(role), Some(_)) = (step.action.what, step.server) else { return true };
    let Some(Message::BndAck(ack)) = step.before.link.head(role) else { return true };
    let endpoint = step.before.server(role).endpoint();
    let conversation = endpoint.and_then(|endpoint| endpoint.volatile().session.conversation());
    let told = conversation.and_then(|c| c.window.get(usize::from(ack.transaction.0)).copied().flatten());
    let again = step.effects.iter().any(|effect| match effect {
        Effect::Send(Message::BndUpd(update)) => {
            update.address == ack.address && told.is_some_and(|o| o.told == update.status.code())
        }
        _ => false,
    });
    // It waited for this answer to enter NORMAL (Q30), and tells there once more what was refused.
    let state = |system: &System| system.server(role).running();
    let enters_normal = state(step.after) == Some(State::Normal) && state(step.before) != Some(State::Normal);
    let changed = stored(step.before, role, ack.address).partner == Partner::Unsent;
    ack.reject.is_none() || changed || enters_normal || !again
}

/// A rejection is read.
fn arises(step: &Happening<'_>) -> bool {
    let (What::Deliver(role), Some(_)) = (step.action.what, step.server) else { return false };
    matches!(step.before.link.head(role), Some(Message::BndAck(ack)) if ack.reject.is_some())
}
