//! The claim [`interlock`](dhcpfo_claims::draft_12::INTERLOCK).

use crate::look::{delivered, heard_of_partner, recorded};
use dhcpfo_claims::draft_12::INTERLOCK;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &INTERLOCK, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    if !has_entered(step, role) {
        return true;
    }
    let partner = match delivered(step) {
        Some((_, Message::State(report))) => Some(report.state),
        _ => heard_of_partner(step.after, role),
    };
    let resolved = role == Role::Secondary && recorded(step.before, role) == Some(State::PotentialConflict);
    match partner {
        Some(Reported::In(State::RecoverDone)) => true,
        Some(Reported::In(State::Normal | State::CommunicationsInterrupted)) => {
            recorded(step.before, role) != Some(State::PartnerDown)
        }
        Some(Reported::In(State::ConflictDone)) => resolved,
        _ => false,
    }
}

/// A server enters NORMAL.
fn arises(step: &Happening<'_>) -> bool {
    step.server.is_some_and(|role| has_entered(step, role))
}

fn has_entered(step: &Happening<'_>, role: Role) -> bool {
    let [before, after] = [step.before, step.after].map(|system| system.server(role).running());
    before != Some(State::Normal) && after == Some(State::Normal)
}
