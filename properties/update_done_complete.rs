//! UPDDONE is sent only when every BNDUPD of that request has been answered.
//!
//! failover-12 §7.3, §7.5. What it does not say: nothing about changes that came after the request.

use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "update-done-complete",
    statement: "UPDDONE is sent only when every BNDUPD of that request has been answered.",
    section: "failover-12 §7.3, §7.5",
    limits: "Nothing about changes that came after the request.",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    let done = step.effects.iter().any(|effect| matches!(effect, Effect::Send(Message::UpdDone)));
    let endpoint = step.after.server(role).endpoint();
    let conversation = endpoint.and_then(|endpoint| endpoint.volatile().session.conversation());
    !done || conversation.is_none_or(|c| !c.window.iter().flatten().any(|outstanding| outstanding.counted))
}

/// UPDDONE is sent.
fn arises(step: &Happening<'_>) -> bool {
    step.effects.iter().any(|effect| matches!(effect, Effect::Send(Message::UpdDone)))
}
