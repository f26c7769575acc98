//! The claim [`pool-messages`](dhcpfo_claims::draft_12::POOL_MESSAGES).

use crate::look::{addresses, delivered, groups, heard_of_partner, reserved_at, sent, stored};
use dhcpfo_claims::draft_12::POOL_MESSAGES;
use dhcpfo_engine::binding::{AddressId, Code, Partner};
use dhcpfo_engine::durable::Record;
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::action::{Order, What};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};
use dhcpfo_world::model::Model;
use dhcpfo_world::system::System;

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &POOL_MESSAGES, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    let asks = sent(step).any(|message| *message == Message::PoolReq);
    if role == Role::Primary {
        return !asks && is_answered(step) && is_handed_over_rightly(step) && leaves_the_share(step) && restores(step);
    }
    let ordered = matches!(step.action.what, What::Operator(..));
    let in_order = step.after.server(role).running() == Some(State::Normal) && all_sent(step);
    (!asks || ordered || step.action.crash_after.is_some() || in_order) && asks_again(step, asks)
}

/// The secondary has said of every change what it had to say.
fn all_sent(step: &Happening<'_>) -> bool {
    addresses(step.model).all(|address| stored(step.after, Role::Secondary, address).partner != Partner::Unsent)
}

/// Something has come, so there may be more (§7.7.2).
fn asks_again(step: &Happening<'_>, asks: bool) -> bool {
    let Some((_, Message::PoolResp(1..))) = delivered(step) else { return true };
    let role = Role::Secondary;
    asks || step.action.crash_after.is_some()
        || !step.before.config(step.model, role).pool.ask
        || step.before.server(role).running() != Some(State::Normal)
        || heard_of_partner(step.before, role).is_none()
        || !all_sent(step)
}

/// What a primary asks back leaves the secondary its share of each group, rounded down.
fn leaves_the_share(step: &Happening<'_>) -> bool {
    let asked_back = |system, address| stored(system, Role::Primary, address).reclaiming;
    let more = |address: AddressId| !asked_back(step.before, address) && asked_back(step.after, address);
    if !addresses(step.model).any(more) {
        return true;
    }
    let share = u32::from(step.before.config(step.model, Role::Primary).pool.secondary_share);
    groups(step.model).all(|group| {
        let in_group = |address: &AddressId| step.model.addresses[address.0 as usize].group == group;
        let [free, backup] = available_to(step.after, step.model, group);
        let leaving = addresses(step.model).filter(in_group).filter(|a| asked_back(step.after, *a)).count() as u32;
        !addresses(step.model).filter(in_group).any(more)
            || backup - leaving.min(backup) >= (free + backup) * share / 100
    })
}

/// An operator's command at a primary in NORMAL and in contact: whatever exceeds the secondary's share of a group is asked
/// back, but for what is only on its way to being the secondary's, or is on its way back already.
fn restores(step: &Happening<'_>) -> bool {
    let role = Role::Primary;
    let ordered = matches!(step.action.what, What::Operator(_, Order::Rebalance)) && step.action.crash_after.is_none();
    let normal = step.before.server(role).running() == Some(State::Normal);
    if !ordered || !normal || heard_of_partner(step.before, role).is_none() {
        return true;
    }
    let share = u32::from(step.before.config(step.model, role).pool.secondary_share.min(100));
    groups(step.model).all(|group| {
        let in_group = |address: &AddressId| {
            step.model.addresses[address.0 as usize].group == group
                && reserved_at(step.before, role, *address).is_none()
        };
        let asked_back = |address: &AddressId| stored(step.after, role, *address).reclaiming;
        let both_have_it = |address: &AddressId| {
            Role::ALL.into_iter().all(|each| stored(step.before, each, *address).status.code() == Code::Backup)
        };
        let [free, backup] = available_to(step.after, step.model, group);
        let (all, leaving) = (free + backup, addresses(step.model).filter(in_group).filter(asked_back).count() as u32);
        let due = match (all, share) {
            (0 | 1, _) | (_, 0 | 100) => all * share / 100,
            _ => (all * share / 100).clamp(1, all - 1),
        };
        backup - leaving.min(backup) <= due
            || !addresses(step.model)
                .filter(in_group)
                .any(|address| !asked_back(&address) && both_have_it(&address) && !under_way(step, address))
    })
}

/// The primary's update about the address may be unanswered, on its way or for want of room in the window.
fn under_way(step: &Happening<'_>, address: AddressId) -> bool {
    let flying = || step.before.link.towards.iter().flat_map(|queue| queue.iter().map(|flying| &flying.message));
    let about = flying().filter_map(|message| match message {
        Message::BndUpd(update) => Some(update.address),
        Message::BndAck(ack) => Some(ack.address),
        _ => None,
    });
    let mut unanswered = 0;
    let named = about.inspect(|_| unanswered += 1).any(|named| named == address);
    named || unanswered >= usize::from(step.model.max_unacked)
}

/// FREE and BACKUP addresses of a group at the primary, reserved ones left out.
fn available_to(system: &System, model: &Model, group: u8) -> [u32; 2] {
    [Code::Free, Code::Backup].map(|code| {
        let counts = |address: &AddressId| {
            model.addresses[address.0 as usize].group == group
                && reserved_at(system, Role::Primary, *address).is_none()
                && stored(system, Role::Primary, *address).status.code() == code
        };
        addresses(model).filter(counts).count() as u32
    })
}

/// POOLREQ at a primary in contact: one POOLRESP, with the number of what was handed over before it.
fn is_answered(step: &Happening<'_>) -> bool {
    let Some((Role::Primary, Message::PoolReq)) = delivered(step) else { return true };
    if heard_of_partner(step.before, Role::Primary).is_none() || step.action.crash_after.is_some() {
        return true;
    }
    let mut given = 0;
    for effect in step.effects {
        match effect {
            Effect::Persist(Record::Binding(address, binding)) => {
                let was = stored(step.before, Role::Primary, *address).status.code();
                given += u32::from(was == Code::Free && binding.status.code() == Code::Backup);
            }
            Effect::Send(Message::PoolResp(count)) => return *count == given && (*count > 0 || !must_give(step)),
            _ => {}
        }
    }
    step.before.server(Role::Primary).running().is_none()
}

/// Where the secondary has nothing of a group, and the primary two that both know to be FREE, it gives one.
fn must_give(step: &Happening<'_>) -> bool {
    let config = step.before.config(step.model, Role::Primary);
    let movable = |address: &AddressId| {
        let mine = stored(step.before, Role::Primary, *address);
        mine.status.code() == Code::Free
            && mine.partner == Partner::UpToDate
            && reserved_at(step.before, Role::Primary, *address).is_none()
    };
    config.pool.secondary_share > 0
        && step.before.server(Role::Primary).running() == Some(State::Normal)
        && groups(step.model).any(|group| {
            let in_group = |address: &AddressId| step.model.addresses[address.0 as usize].group == group;
            available_to(step.before, step.model, group)[1] == 0
                && addresses(step.model).filter(in_group).filter(movable).count() > 1
        })
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
    let reserved = |address| reserved_at(step.before, Role::Primary, address).is_some();
    state.is_none_or(|state| state == State::Normal)
        && shared_rightly
        && !addresses(step.model).any(|address| reserved(address) && handed_over(address))
}

/// POOLREQ is sent or answered.
fn arises(step: &Happening<'_>) -> bool {
    sent(step).any(|message| matches!(message, Message::PoolReq | Message::PoolResp(_)))
}
