//! A server asks for updates in RECOVER, in POTENTIAL-CONFLICT if it is the primary or its partner is in CONFLICT-DONE, and nowhere else; for all of them as long as it has lost its storage, and not after UPDDONE; and not again while its request is on its way.
//!
//! failover-12 §7.3, §7.4, §7.5.2, §9.5.2, §9.10.1, §9.10.3. What it does not say: nothing about when it asks at the latest.

use crate::look::{delivered, has_lost_storage, heard_of_partner, recorded, replay, sent};
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "requests-fit",
    statement: "A server asks for updates in RECOVER, in POTENTIAL-CONFLICT if it is the primary or its partner is in CONFLICT-DONE, and nowhere else; for all of them as long as it has lost its storage, and not after UPDDONE; and not again while its request is on its way.",
    section: "failover-12 §7.3, §7.4, §7.5.2, §9.5.2, §9.10.1, §9.10.3",
    limits: "Nothing about when it asks at the latest.",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    let waits = step.before.link.towards[role.partner().index()].iter().any(|flying| is_request(&flying.message));
    let asked_before = waits && step.after.link.works();
    let fits = replay(step, |durable, effect| match (effect, durable.endpoint()) {
        (Effect::Send(message), Some(record)) if is_request(message) => {
            let all = *message == Message::UpdReqAll;
            all == record.lost && may_ask(step, role, record.state) && !asked_before
        }
        _ => true,
    });
    fits && is_whole_again(step, role)
}

fn is_request(message: &Message) -> bool {
    matches!(message, Message::UpdReq | Message::UpdReqAll)
}

fn may_ask(step: &Happening<'_>, role: Role, state: State) -> bool {
    let partner = match delivered(step) {
        Some((_, Message::State(report))) => Some(report.state),
        _ => heard_of_partner(step.before, role),
    };
    match state {
        State::Recover => true,
        State::PotentialConflict => role == Role::Primary || partner == Some(Reported::In(State::ConflictDone)),
        _ => false,
    }
}

/// UPDDONE for what was asked: it has everything now.
fn is_whole_again(step: &Happening<'_>, role: Role) -> bool {
    let recovers = recorded(step.before, role) == Some(State::Recover);
    let leaves = recovers && recorded(step.after, role) != Some(State::Recover);
    let done = matches!(delivered(step), Some((_, Message::UpdDone)));
    !done || !leaves || !has_lost_storage(step.after, role)
}

/// A request for updates is sent, or answered in RECOVER.
fn arises(step: &Happening<'_>) -> bool {
    sent(step).any(is_request) || matches!(delivered(step), Some((_, Message::UpdDone)))
}
