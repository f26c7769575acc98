//! POOLREQ is sent by the secondary alone; the primary answers each with the number of addresses that it made BACKUP for it; and addresses become BACKUP at the primary in NORMAL only, never more of them than the secondary's share.
//!
//! failover-12 §5.4, §7.6, §7.7. What it does not say: nothing about how soon the balance is restored, and nothing about reserved addresses.

use crate::look::{addresses, delivered, groups, reserved_at, sent, stored};
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::durable::Record;
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::action::What;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "pool-messages",
    statement: "POOLREQ is sent by the secondary alone; the primary answers each with the number of addresses that it made BACKUP for it; and addresses become BACKUP at the primary in NORMAL only, never more of them than the secondary's share.",
    section: "failover-12 §5.4, §7.6, §7.7",
    limits: "Nothing about how soon the balance is restored, and nothing about reserved addresses.",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    let asks = sent(step).any(|message| *message == Message::PoolReq);
    (!asks || role == Role::Secondary) && is_answered(step) && (role == Role::Secondary || is_handed_over_rightly(step))
}

/// POOLREQ at a primary in contact: one POOLRESP, with the number of what was handed over before it.
fn is_answered(step: &Happening<'_>) -> bool {
    let Some((Role::Primary, Message::PoolReq)) = delivered(step) else { return true };
    if crate::look::heard_of_partner(step.before, Role::Primary).is_none() || step.action.crash_after.is_some() {
        return true;
    }
    let mut given = 0;
    for effect in step.effects {
        match effect {
            Effect::Persist(Record::Binding(address, binding)) => {
                let was = stored(step.before, Role::Primary, *address).status.code();
                given += u32::from(was == Code::Free && binding.status.code() == Code::Backup);
            }
            Effect::Send(Message::PoolResp(count)) => return *count == given,
            _ => {}
        }
    }
    step.before.server(Role::Primary).running().is_none()
}

/// What a primary makes BACKUP by itself.
fn is_handed_over_rightly(step: &Happening<'_>) -> bool {
    let status = |system, address| stored(system, Role::Primary, address).status.code();
    let handed_over =
        |address| status(step.before, address) == Code::Free && status(step.after, address) == Code::Backup;
    let by_update = matches!((step.action.what, delivered(step)), (What::Deliver(_), Some((_, Message::BndUpd(_)))));
    if by_update || !addresses(step.model).any(handed_over) {
        return true;
    }
    // Of two or more available addresses of a group each server has at least one (Q121).
    let share = u32::from(step.before.config(step.model, Role::Primary).pool.secondary_share);
    let shared_rightly = groups(step.model).all(|group| {
        let [mut free, mut backup] = [0, 0];
        for address in addresses(step.model).filter(|address| step.model.addresses[address.0 as usize].group == group) {
            if reserved_at(step.before, Role::Primary, address).is_none() {
                free += u32::from(status(step.after, address) == Code::Free);
                backup += u32::from(status(step.after, address) == Code::Backup);
            }
        }
        // Where nothing of the group changed hands in this step, what it has is not of this step.
        let moved = addresses(step.model)
            .any(|address| step.model.addresses[address.0 as usize].group == group && handed_over(address));
        !moved || backup * 100 <= (free + backup) * share || (share > 0 && backup == 1)
    });
    let state = step.after.server(Role::Primary).running();
    state.is_none_or(|state| state == State::Normal) && shared_rightly
}

/// POOLREQ is sent or answered.
fn arises(step: &Happening<'_>) -> bool {
    sent(step).any(|message| matches!(message, Message::PoolReq | Message::PoolResp(_)))
}
