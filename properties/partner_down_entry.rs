//! The claim [`partner-down-entry`](dhcpfo_claims::draft_12::PARTNER_DOWN_ENTRY).

use crate::look::{delivered, recorded};
use dhcpfo_claims::draft_12::PARTNER_DOWN_ENTRY;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Reported, State};
use dhcpfo_time::Clock;
use dhcpfo_world::action::{Order, Timer, What};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &PARTNER_DOWN_ENTRY, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.writer() else { return true };
    let (before, after) = (recorded(step.before, role), recorded(step.after, role));
    if before == Some(State::PartnerDown) || after != Some(State::PartnerDown) {
        return true;
    }
    let interrupted = before == Some(State::CommunicationsInterrupted);
    match step.action.what {
        // Whoever sets states by hand means what is said.
        What::Operator(to, Order::Set(State::PartnerDown)) => to == role,
        What::Operator(to, Order::PartnerDown | Order::PartnerDownSince(_)) => {
            to == role && (interrupted || matches!(before, Some(State::Normal | State::ResolutionInterrupted)))
        }
        What::Over(Timer::SafePeriod, _) | What::Wake(_) => {
            interrupted && step.before.config(step.model, role).safe_period
        }
        What::Deliver(_) => {
            let says_shutdown = |report: dhcpfo_engine::message::StateReport| report.state == Reported::Shutdown;
            matches!(delivered(step), Some((_, Message::State(report))) if says_shutdown(report))
                && (interrupted || before == Some(State::Normal))
        }
        _ => false,
    }
}

/// A server enters PARTNER-DOWN.
fn arises(step: &Happening<'_>) -> bool {
    step.writer().is_some_and(|role| {
        let down = |system| recorded(system, role) == Some(State::PartnerDown);
        !down(step.before) && down(step.after)
    })
}
