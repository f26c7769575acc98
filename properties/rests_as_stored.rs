//! The claim [`rests-as-stored`](dhcpfo_claims::draft_12::RESTS_AS_STORED).

use crate::look::{addresses, heard_of_partner, recorded, stored};
use dhcpfo_claims::draft_12::RESTS_AS_STORED;
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::state::{Reported, State};
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::action::{Order, What};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &RESTS_AS_STORED, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.server.filter(|_| step.action.crash_after.is_none()) else { return true };
    let server = step.after.server(role);
    if recorded(step.after, role) != Some(State::PartnerDown) {
        return true;
    }
    let common = server.durable().endpoint().map_or(Time::LONG_AGO, |record| record.partner_down_wait_ends);
    let enters = recorded(step.before, role) != Some(State::PartnerDown);
    let dated_back = matches!(step.action.what, What::Operator(_, Order::PartnerDownSince(_)));
    let looks = matches!(step.action.what, What::Wake(_))
        && server.running().is_some()
        && heard_of_partner(step.after, role) != Some(Reported::In(State::RecoverDone));
    addresses(step.model).all(|address| {
        let binding = stored(step.after, role, address);
        let ended = matches!(binding.status.code(), Code::Expired | Code::Released | Code::Reset);
        let before = stored(step.before, role, address);
        let rests = !clock.passed(binding.wait_ends) || !clock.passed(binding.lease_expiration);
        let rested = clock.passed(before.wait_ends) && clock.passed(before.lease_expiration);
        let freed = looks && !before.status.is_available() && binding.status.is_available();
        (!enters || dated_back || binding.status.is_available() || !clock.before(binding.wait_ends, common))
            && (!looks || !ended || rests)
            && (!freed || rested)
    })
}

/// A server enters PARTNER-DOWN, or looks at its clock there.
fn arises(step: &Happening<'_>) -> bool {
    step.server.is_some_and(|role| recorded(step.after, role) == Some(State::PartnerDown))
}
