//! The claim [`rewind-unreported`](dhcpfo_claims::draft_12::REWIND_UNREPORTED).

use crate::look::{grants, has_lost_storage, is_own, reserved_at, stored};
use dhcpfo_claims::draft_12::REWIND_UNREPORTED;
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::service::Service;
use dhcpfo_engine::state::State;
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &REWIND_UNREPORTED, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    grants(step).all(|(role, client, address, _)| {
        let before = stored(step.before, role, address).status;
        let ended = matches!(before.code(), Code::Expired | Code::Released) && before.client() == Some(client);
        let theirs = stored(step.before, role.partner(), address).status;
        !ended
            || reserved_at(step.before, role.partner(), address) == Some(client)
            || step.before.server(role).running() == Some(State::PartnerDown)
            || has_lost_storage(step.before, role.partner())
            || step.before.service(step.model, role.partner()) <= Service::RenewOnly
            || !is_own(role.partner(), theirs)
    })
}

/// A client is given again what it had until its lease ended, by a server whose partner serves, outside PARTNER-DOWN.
fn arises(step: &Happening<'_>) -> bool {
    grants(step).any(|(role, client, address, _)| {
        let before = stored(step.before, role, address).status;
        matches!(before.code(), Code::Expired | Code::Released)
            && before.client() == Some(client)
            && step.before.server(role).running() != Some(State::PartnerDown)
            && !has_lost_storage(step.before, role.partner())
            && step.before.service(step.model, role.partner()) > Service::RenewOnly
    })
}
