//! The claim [`update-contents`](dhcpfo_claims::draft_12::UPDATE_CONTENTS).

use crate::look::{replay, reserved_at, sent};
use dhcpfo_claims::draft_12::UPDATE_CONTENTS;
use dhcpfo_engine::binding::{Binding, Code, Status};
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::message::{BndUpd, Message};
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &UPDATE_CONTENTS, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.server.filter(|_| arises(step)) else { return true };
    replay(step, |durable, effect| match effect {
        Effect::Send(Message::BndUpd(update)) => {
            let reserved = reserved_at(step.before, role, update.address).is_some();
            let mine = durable.table().get(update.address);
            fits(role, update, clock) && update.reserved == reserved && says(role, &mine, update, clock)
        }
        _ => true,
    })
}

/// Requirements F12-7.1-d and F12-7.1.1-f, and who may speak of which pool (§5.4, §5.13).
fn fits(role: Role, update: &BndUpd, clock: &dyn Clock) -> bool {
    let given = |time| time != Time::LONG_AGO;
    let ends = [update.lease_expiration, update.potential_expiration];
    match update.status.code() {
        Code::Active => !clock.before(update.potential_expiration, update.lease_expiration),
        Code::Expired | Code::Released | Code::Free | Code::Abandoned | Code::Reset => !ends.into_iter().any(given),
        Code::Backup => !ends.into_iter().any(given) && (role == Role::Primary || !update.reserved),
    }
}

/// What is on stable storage when the update goes is what it says.
fn says(role: Role, mine: &Binding, update: &BndUpd, clock: &dyn Clock) -> bool {
    let status = match mine.status {
        Status::Backup { last } if mine.reclaiming => Status::Free { last },
        Status::Expired { client } if !clock.passed(mine.lease_expiration) => Status::Active { client },
        Status::Free { last } if role == Role::Primary && update.reserved => Status::Backup { last },
        status => status,
    };
    let leads = update.potential_expiration == mine.sent_potential_expiration
        && !clock.passed(update.potential_expiration)
        && !clock.before(update.potential_expiration, mine.received_potential_expiration)
        && update.lease_expiration == mine.lease_expiration;
    update.status == status
        && update.client_last_transaction == mine.client_last_transaction
        && update.start_of_status == mine.start_of_status
        && (leads || status.code() != Code::Active)
}

/// An update is sent.
fn arises(step: &Happening<'_>) -> bool {
    sent(step).any(|message| matches!(message, Message::BndUpd(_)))
}
