//! The claim [`update-recorded`](dhcpfo_claims::draft_12::UPDATE_RECORDED).

use crate::look::{delivered, heard_of_partner, replay, sent, stored};
use dhcpfo_claims::draft_12::UPDATE_RECORDED;
use dhcpfo_engine::binding::{AddressId, Binding, Code, Partner, Status};
use dhcpfo_engine::durable::Record;
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::message::{BndUpd, Message};
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &UPDATE_RECORDED, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    if !remembers_telling(step) {
        return false;
    }
    let (role, update) = match delivered(step) {
        Some((role, Message::BndUpd(update))) => (role, update),
        Some((role, Message::BndAck(ack))) => return !tells_back_later(step, role, ack.address, clock),
        _ => return true,
    };
    if heard_of_partner(step.before, role).is_none() {
        return true;
    }
    let before = stored(step.before, role, update.address);
    let (goes_on, is_lease) = (continues(&before, &update), update.status.code() == Code::Active);
    if is_lease && !goes_on && tells_back(step, role, update.address) {
        return false;
    }
    replay(step, |durable, effect| match effect {
        Effect::Send(Message::BndAck(ack)) if ack.address == update.address && ack.reject.is_none() => {
            let after = durable.table().get(update.address);
            records(&before, &after, &update, clock) && keeps_held(step, (role, update.address), &after, clock)
        }
        _ => true,
    })
}

/// By that a server that crashes, or whose window has no room, finds whether the lease may go on for its client (§5.2.2); so it
/// counts at every effect (Q8).
fn remembers_telling(step: &Happening<'_>) -> bool {
    step.effects.iter().all(|effect| {
        let (Effect::Persist(Record::Binding(address, after)), Some(role)) = (effect, step.server) else { return true };
        let before = stored(step.before, role, *address);
        let ended = matches!(after.status.code(), Code::Expired | Code::Released);
        let forgotten = before.partner != Partner::Unsent && after.partner == Partner::Unsent;
        !ended || before.status != after.status || !forgotten
    })
}

fn records(before: &Binding, after: &Binding, update: &BndUpd, clock: &dyn Clock) -> bool {
    let status = match update.status.code() {
        Code::Expired | Code::Released | Code::Reset => Code::Free,
        code => code,
    };
    let Status::Active { client } = update.status else { return after.status.code() == status && !after.reclaiming };
    let same_client = before.status.client() == Some(client);
    let was = if continues(before, update) { *before } else { Binding::NEVER_USED };
    let sent = if same_client { before.sent_potential_expiration } else { Time::LONG_AGO };
    after.status == update.status
        && !clock.before(after.lease_expiration, clock.later(before.lease_expiration, update.lease_expiration))
        && clock.alike(
            after.received_potential_expiration,
            clock.later(was.received_potential_expiration, update.potential_expiration),
        )
        && clock.alike(after.acked_potential_expiration, was.acked_potential_expiration)
        && clock.alike(after.sent_potential_expiration, sent)
        && clock.same(
            after.client_last_transaction,
            clock.later(was.client_last_transaction, update.client_last_transaction),
        )
}

/// The lease was known before.
fn continues(before: &Binding, update: &BndUpd) -> bool {
    before.status.code() == Code::Active && before.status == update.status
}

/// In the step in which it is accepted, and though the partner has not asked for everything.
fn tells_back(step: &Happening<'_>, role: Role, address: AddressId) -> bool {
    let accepted = sent(step)
        .any(|message| matches!(message, Message::BndAck(ack) if ack.address == address && ack.reject.is_none()));
    let conversation =
        step.before.server(role).endpoint().and_then(|endpoint| endpoint.volatile().session.conversation());
    accepted
        && conversation.is_some_and(|conversation| conversation.serving.is_none())
        && sent(step).any(|message| matches!(message, Message::BndUpd(told) if told.address == address))
}

/// The same when the answer to an older word about the address has come: a lease that the partner has on record as it stands
/// here, of which it was never told from here, and that nobody holds from here.
fn tells_back_later(step: &Happening<'_>, role: Role, address: AddressId, clock: &dyn Clock) -> bool {
    let [mine, theirs] = [role, role.partner()].map(|role| stored(step.before, role, address));
    let is_the_same = mine.status == theirs.status
        && clock.alike(mine.lease_expiration, theirs.lease_expiration)
        && clock.same(mine.client_last_transaction, theirs.client_last_transaction);
    let clients = &step.before.clients[..step.model.client_count()];
    let given_here =
        clients.iter().filter_map(|client| client.lease).any(|lease| (lease.from, lease.address) == (role, address));
    let conversation =
        step.before.server(role).endpoint().and_then(|endpoint| endpoint.volatile().session.conversation());
    mine.status.code() == Code::Active
        && is_the_same
        && mine.sent_potential_expiration == Time::LONG_AGO
        && !given_here
        && conversation.is_some_and(|conversation| conversation.serving.is_none())
        && sent(step).any(|message| matches!(message, Message::BndUpd(told) if told.address == address))
}

/// ABANDONED: what a client has of this server meanwhile is not over before its time (Q82).
fn keeps_held(step: &Happening<'_>, told: (Role, AddressId), after: &Binding, clock: &dyn Clock) -> bool {
    let clients = &step.before.clients[..step.model.client_count()];
    after.status != Status::Abandoned
        || clients
            .iter()
            .filter_map(|client| client.lease)
            .filter(|lease| (lease.from, lease.address) == told)
            .all(|lease| !clock.before(after.lease_expiration, lease.ends))
}

/// An update is accepted.
fn arises(step: &Happening<'_>) -> bool {
    matches!(delivered(step), Some((_, Message::BndUpd(_))))
        && sent(step).any(|message| matches!(message, Message::BndAck(ack) if ack.reject.is_none()))
}
