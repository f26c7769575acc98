//! The claim [`pool-disjoint`](dhcpfo_claims::draft_12::POOL_DISJOINT).

use crate::look::{addresses, is_own, stored};
use dhcpfo_claims::draft_12::POOL_DISJOINT;
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::service::Service;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &POOL_DISJOINT, check: Check::State(holds), ghost: None, occasion: Occasion::State(arises) };

fn holds(view: &View<'_>) -> bool {
    addresses(view.model).filter(|a| view.model.addresses[a.0 as usize].reserved.is_none()).all(|address| {
        !Role::ALL.into_iter().all(|role| {
            view.system.service(view.model, role) > Service::RenewOnly
                && view.system.server(role).running() != Some(State::PartnerDown)
                && is_own(role, stored(view.system, role, address).status)
        })
    })
}

/// Both servers give new leases, outside PARTNER-DOWN, and an unreserved address is available to one of them.
fn arises(view: &View<'_>) -> bool {
    let serves = |role: Role| {
        view.system.service(view.model, role) > Service::RenewOnly
            && view.system.server(role).running() != Some(State::PartnerDown)
    };
    let is_available = |address: AddressId| {
        view.model.addresses[address.0 as usize].reserved.is_none()
            && Role::ALL.into_iter().any(|role| is_own(role, stored(view.system, role, address).status))
    };
    Role::ALL.into_iter().all(serves) && addresses(view.model).any(is_available)
}
