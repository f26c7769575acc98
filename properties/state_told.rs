//! The claim [`state-told`](dhcpfo_claims::draft_12::STATE_TOLD).

use crate::look::{recorded, sent};
use dhcpfo_claims::draft_12::STATE_TOLD;
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::Reported;
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};
use dhcpfo_world::system::Server;

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &STATE_TOLD, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    let (before, after) = (step.before.server(role), step.after.server(role));
    if !before.is_connected() || step.action.crash_after.is_some() {
        return true;
    }
    let says = |wanted| {
        sent(step).any(|message| matches!(message, Message::State(report) if report.state == wanted && !report.startup))
    };
    let phase = |server: &Server| server.endpoint().map(|endpoint| endpoint.volatile().phase);
    match (phase(before), phase(after)) {
        (Some(was), Some(Phase::Paused)) if was != Phase::Paused => says(Reported::Paused),
        (Some(was), Some(Phase::Shutdown)) if was != Phase::Shutdown => says(Reported::Shutdown),
        _ => match recorded(step.after, role) {
            Some(state) if recorded(step.before, role) != Some(state) => {
                !after.is_connected() || after.running().is_none() || says(Reported::In(state))
            }
            _ => true,
        },
    }
}

/// A connected server enters another state, or leaves service.
fn arises(step: &Happening<'_>) -> bool {
    step.server.is_some_and(|role| {
        let phase = |server: &Server| server.endpoint().map(|endpoint| endpoint.volatile().phase);
        let (before, after) = (step.before.server(role), step.after.server(role));
        let changes = recorded(step.before, role) != recorded(step.after, role) || phase(before) != phase(after);
        before.is_connected() && changes
    })
}
