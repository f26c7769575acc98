//! The claim [`holds-back`](dhcpfo_claims::draft_12::HOLDS_BACK).
//!
//! Q30.

use crate::look::{addresses, grants, heard_of_partner, is_own, sent, stored};
use dhcpfo_claims::draft_12::HOLDS_BACK;
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::action::What;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};
use dhcpfo_world::system::System;

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &HOLDS_BACK, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    // Whoever enters NORMAL tells of everything.
    let stays = step.before.server(role).running() == step.after.server(role).running();
    let tells = stays && sent(step).any(|message| matches!(message, Message::BndUpd(_)));
    !(tells && is_not_asked(step.before, role)) && (!is_joining(step.before, role) || leaves(step, role, clock))
}

/// What the partner is about to count on again is left to it.
fn leaves(step: &Happening<'_>, role: Role, clock: &dyn Clock) -> bool {
    let status = |system, address| stored(system, role, address).status;
    let frees = matches!(step.action.what, What::Wake(_))
        && addresses(step.model)
            .any(|address| !status(step.before, address).is_available() && status(step.after, address).is_available());
    let takes = grants(step).any(|(_, client, address, _)| {
        is_own(role.partner(), status(step.before, address))
            && !step.before.clients[client.0 as usize].uses(clock, address)
    });
    !frees && !takes
}

/// A server in PARTNER-DOWN has the word of its partner, which is past STARTUP, that it is in RECOVER-DONE.
fn is_joining(system: &System, role: Role) -> bool {
    let state_under_way =
        system.link.towards[role.index()].iter().any(|flying| matches!(flying.message, Message::State(_)));
    let (server, partner) = (system.server(role), system.server(role.partner()));
    server.running() == Some(State::PartnerDown)
        && partner.running() == Some(State::RecoverDone)
        && heard_of_partner(system, role) == Some(Reported::In(State::RecoverDone))
        && heard_of_partner(system, role.partner()).is_some()
        && !state_under_way
}

/// A server that is in no state to tell anything by itself, and whose partner is in none to ask: in PARTNER-DOWN beside one
/// that is only starting, or recovering beside one that has never stopped.
fn is_not_asked(system: &System, role: Role) -> bool {
    let partner_starts = system
        .server(role.partner())
        .endpoint()
        .is_some_and(|endpoint| matches!(endpoint.volatile().phase, Phase::Startup { .. }));
    match (system.server(role).running(), heard_of_partner(system, role)) {
        (Some(State::PartnerDown), Some(Reported::In(State::RecoverDone))) => partner_starts && system.link.works(),
        (
            Some(State::Recover | State::RecoverWait | State::RecoverDone),
            Some(Reported::In(State::PartnerDown | State::CommunicationsInterrupted)),
        ) => true,
        _ => false,
    }
}

/// A server that is about to join its partner, or is not to tell anything, takes a stimulus.
fn arises(step: &Happening<'_>) -> bool {
    step.server.is_some_and(|role| is_joining(step.before, role) || is_not_asked(step.before, role))
}
