//! The claim [`requests-fit`](dhcpfo_claims::draft_12::REQUESTS_FIT).

use crate::look::{delivered, has_lost_storage, heard_of_partner, recorded, replay, sent};
use dhcpfo_claims::draft_12::REQUESTS_FIT;
use dhcpfo_engine::durable::Record;
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &REQUESTS_FIT, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    let waits = step.before.link.towards[role.partner().index()].iter().any(|flying| is_request(&flying.message));
    let asked_before = waits && step.after.link.works() && !stores_conflict(step);
    let fits = replay(step, |durable, effect| match (effect, durable.endpoint()) {
        (Effect::Send(message), Some(record)) if is_request(message) => {
            let all = *message == Message::UpdReqAll;
            all == record.lost && may_ask(step, role, record.state) && !asked_before
        }
        _ => true,
    });
    fits && is_whole_again(step, role) && asks_about_conflict(step, role)
}

/// It may have left POTENTIAL-CONFLICT, and come back, in one step.
fn stores_conflict(step: &Happening<'_>) -> bool {
    let is_conflict = |record: &Record| matches!(record, Record::Endpoint(r) if r.state == State::PotentialConflict);
    step.effects.iter().any(|effect| matches!(effect, Effect::Persist(record) if is_conflict(record)))
}

fn enters_conflict(step: &Happening<'_>, role: Role) -> bool {
    let is_there = |system| recorded(system, role) == Some(State::PotentialConflict);
    !is_there(step.before) && is_there(step.after)
}

/// F12-9.10.1-a; and an earlier request tells nothing of the conflict (Q39).
fn asks_about_conflict(step: &Happening<'_>, role: Role) -> bool {
    role == Role::Secondary
        || step.action.crash_after.is_some()
        || !enters_conflict(step, role)
        || heard_of_partner(step.after, role).is_none()
        || sent(step).any(is_request)
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
