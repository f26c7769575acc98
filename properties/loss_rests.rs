//! The claim [`loss-rests`](dhcpfo_claims::draft_12::LOSS_RESTS).
//!
//! Q78, Q79, Q88.

use crate::look::{addresses, delivered, heard_of_partner, known_potential, stored};
use dhcpfo_claims::draft_12::LOSS_RESTS;
use dhcpfo_engine::binding::{AddressId, Code, Partner, Status};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::span;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};
use dhcpfo_world::system::System;

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &LOSS_RESTS, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    if step.server.is_some_and(|role| enters_normal(step, role) && !goes_on(step, role, clock)) {
        return false;
    }
    let Some(role) = asked_for_all(step).filter(|_| step.action.crash_after.is_none()) else { return true };
    addresses(step.model).all(|address| {
        let (before, after) = (stored(step.before, role, address), stored(step.after, role, address));
        match before.status {
            Status::Active { client } => after.status == Status::Active { client } && rests(step, role, address, clock),
            Status::Expired { client } | Status::Released { client } => {
                let untold = before.partner == Partner::Unsent;
                let is_active = after.status == Status::Active { client };
                let is_nobodys = after.status == Status::Expired { client } && after.partner != Partner::Unsent;
                (if untold { is_active } else { is_nobodys }) && rests(step, role, address, clock)
            }
            Status::Reset => after.status == Status::Abandoned,
            _ => !after.reclaiming,
        }
    })
}

/// The end that is stored then: the partner may have extended the lease as far as it was promised, and MCLT more.
fn rests(step: &Happening<'_>, role: Role, address: AddressId, clock: &mut dyn Clock) -> bool {
    let (before, after) = (stored(step.before, role, address), stored(step.after, role, address));
    let (now, mclt) = (clock.now(), step.before.span(step.model, role, span::MCLT));
    let latest = clock.later(clock.later(before.lease_expiration, known_potential(&before, clock)), now);
    let rested = clock.after(latest, mclt);
    !clock.before(after.lease_expiration, rested)
}

fn enters_normal(step: &Happening<'_>, role: Role) -> bool {
    let state = |system: &System| system.server(role).running();
    step.action.crash_after.is_none()
        && state(step.after) == Some(State::Normal)
        && state(step.before) != Some(State::Normal)
}

/// An address that has ended is EXPIRED there until the partner has agreed, and not before its end: what the partner was told
/// to be leased is leased here, too.
fn goes_on(step: &Happening<'_>, role: Role, clock: &dyn Clock) -> bool {
    addresses(step.model).all(|address| {
        let binding = stored(step.after, role, address);
        binding.status.code() != Code::Expired
            || binding.partner != Partner::UpToDate && clock.passed(binding.lease_expiration)
    })
}

/// The server that is asked, and did not owe everything before.
fn asked_for_all(step: &Happening<'_>) -> Option<Role> {
    let Some((role, Message::UpdReqAll)) = delivered(step) else { return None };
    let server = step.before.server(role);
    let owed = server.durable().endpoint().is_some_and(|record| record.owes_all);
    (server.running().is_some() && heard_of_partner(step.before, role).is_some() && !owed).then_some(role)
}

/// It is asked while a lease goes on, or has ended and is not agreed upon to be over, or a RESET is not acknowledged.
fn arises(step: &Happening<'_>) -> bool {
    asked_for_all(step).is_some_and(|role| {
        addresses(step.model).any(|address| {
            let status = stored(step.before, role, address).status;
            !status.is_available() && status != Status::Abandoned
        })
    })
}
