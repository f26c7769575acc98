//! No unreserved address may be given to a new client by both servers at the same time.
//!
//! failover-12 §5.4. What it does not say: nothing about PARTNER-DOWN, whose waits are another claim's business.

use crate::look::{addresses, is_own, stored};
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::service::Service;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "pool-disjoint",
    statement: "No unreserved address may be given to a new client by both servers at the same time.",
    section: "failover-12 §5.4",
    limits: "Nothing about PARTNER-DOWN, whose waits are another claim's business.",
    check: Check::State(holds),
    ghost: None,
    occasion: Occasion::State(arises),
};

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
