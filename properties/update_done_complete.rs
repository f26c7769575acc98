//! The claim [`update-done-complete`](dhcpfo_claims::draft_12::UPDATE_DONE_COMPLETE).

use crate::look::{delivered, recorded, sent, stored};
use dhcpfo_claims::draft_12::UPDATE_DONE_COMPLETE;
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::message::{BndUpd, Message};
use dhcpfo_engine::state::State;
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &UPDATE_DONE_COMPLETE, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    let is_done = |message: &&Message| **message == Message::UpdDone;
    if !sent(step).any(|message| is_done(&message)) {
        return true;
    }
    let is_update = |message: &Message| matches!(message, Message::BndUpd(_));
    // What the partner's own word has overtaken meanwhile is told no more.
    let stands = |update: &BndUpd| stored(step.before, role, update.address).status == update.status;
    let to_partner = &step.before.link.towards[role.partner().index()];
    let under_way =
        to_partner.iter().any(|flying| matches!(&flying.message, Message::BndUpd(update) if stands(update)));
    let is_lease = |message: &Message| matches!(message, Message::BndUpd(u) if u.status.code() == Code::Active);
    let silent = recorded(step.before, role) == Some(State::PotentialConflict);
    if silent && sent(step).skip_while(|message| !is_done(message)).any(is_lease) {
        return false;
    }
    match delivered(step) {
        Some((_, Message::UpdReq | Message::UpdReqAll)) => !under_way && !sent(step).any(is_update),
        _ => !sent(step).take_while(|message| !is_done(message)).any(is_update),
    }
}

/// UPDDONE is sent.
fn arises(step: &Happening<'_>) -> bool {
    sent(step).any(|message| *message == Message::UpdDone)
}
