//! The claim [`rests-when-told`](dhcpfo_claims::draft_12::RESTS_WHEN_TOLD).

use crate::look::{addresses, delivered, known_potential, recorded, sent, stored};
use dhcpfo_claims::draft_12::RESTS_WHEN_TOLD;
use dhcpfo_engine::binding::{AddressId, Code};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::span;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &RESTS_WHEN_TOLD, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = stays_in_partner_down(step) else { return true };
    addresses(step.model).filter(|&address| is_told_of(step, role, address)).all(|address| {
        let (before, after) = (stored(step.before, role, address), stored(step.after, role, address));
        let promised = known_potential(&after, clock);
        let shorter = before.status == after.status && clock.before(after.wait_ends, before.wait_ends);
        if after.status.code() != Code::Active || clock.passed(promised) {
            return !shorter;
        }
        let rested = clock.after(promised, step.before.span(step.model, role, span::MCLT));
        !shorter && !clock.before(after.wait_ends, rested)
    })
}

/// The server that takes a stimulus in PARTNER-DOWN, and stays there. The operator may have dated it back.
fn stays_in_partner_down(step: &Happening<'_>) -> Option<Role> {
    let is_there = |system, role| recorded(system, role) == Some(State::PartnerDown);
    step.server
        .filter(|_| step.action.crash_after.is_none())
        .filter(|&role| is_there(step.before, role) && is_there(step.after, role))
}

/// The server tells of a lease of the address, or has accepted one.
fn is_told_of(step: &Happening<'_>, role: Role, address: AddressId) -> bool {
    let told = sent(step).any(
        |message| matches!(message, Message::BndUpd(u) if u.address == address && u.status.code() == Code::Active),
    );
    let heard = matches!(delivered(step), Some((_, Message::BndUpd(update)))
        if update.address == address && update.status == stored(step.after, role, address).status);
    told || heard
}

/// A server in PARTNER-DOWN tells or hears of a lease.
fn arises(step: &Happening<'_>) -> bool {
    stays_in_partner_down(step).is_some_and(|role| {
        addresses(step.model).any(|address| {
            is_told_of(step, role, address) && stored(step.after, role, address).status.code() == Code::Active
        })
    })
}
