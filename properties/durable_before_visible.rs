//! The claim [`durable-before-visible`](dhcpfo_claims::draft_12::DURABLE_BEFORE_VISIBLE).

use crate::look::replay;
use dhcpfo_claims::draft_12::DURABLE_BEFORE_VISIBLE;
use dhcpfo_engine::binding::{Code, Status};
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::{Answer, Effect};
use dhcpfo_engine::message::{BndUpd, Message};
use dhcpfo_engine::state::Reported;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::Clock;
use dhcpfo_world::action::What;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};
use dhcpfo_world::model::Table;

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &DURABLE_BEFORE_VISIBLE, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let received = match (step.action.what, step.server) {
        (What::Deliver(to), Some(_)) => step.before.link.head(to).copied(),
        _ => None,
    };
    replay(step, |durable, effect| match effect {
        Effect::Reply(client, Answer::Ack(address, ends)) => {
            let binding = durable.table().get(*address);
            binding.status == (Status::Active { client: *client }) && !clock.before(binding.lease_expiration, *ends)
        }
        Effect::Send(Message::BndAck(ack)) if ack.reject.is_none() => match received {
            Some(Message::BndUpd(update)) => reflects(durable, &update, clock),
            _ => true,
        },
        Effect::Send(Message::State(report)) => match (report.state, durable.endpoint()) {
            (Reported::In(state), Some(record)) => record.state == state,
            _ => true,
        },
        Effect::Send(Message::BndUpd(update)) if update.status.code() == Code::Active => {
            let sent = durable.table().get(update.address).sent_potential_expiration;
            !clock.before(sent, update.potential_expiration)
        }
        _ => true,
    })
}

/// Whether stable storage shows that this update was accepted.
fn reflects(durable: &Durable<Table>, update: &BndUpd, clock: &dyn Clock) -> bool {
    let binding = durable.table().get(update.address);
    match update.status {
        Status::Active { .. } => {
            let covers = !clock.before(binding.received_potential_expiration, update.potential_expiration);
            binding.status == update.status && covers
        }
        Status::Backup { .. } => binding.status.code() == Code::Backup,
        Status::Abandoned => binding.status == Status::Abandoned,
        Status::Free { .. } | Status::Expired { .. } | Status::Released { .. } | Status::Reset => {
            binding.status.is_available()
        }
    }
}

/// A server says something to its partner, or gives a client a lease.
fn arises(step: &Happening<'_>) -> bool {
    step.effects.iter().any(|effect| matches!(effect, Effect::Send(_) | Effect::Reply(_, Answer::Ack(..))))
}
