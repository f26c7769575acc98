//! A BNDUPD carries nothing that its status must not: ends of a lease for ACTIVE only, the potential one not before the lease's, the reserved flag for reserved addresses, and a reserved address as BACKUP from the primary only.
//!
//! failover-12 §7.1, §7.1.1. What it does not say: nothing about options of clients, which the model does not have, and nothing about an end that is missing: one that has passed looks the same.

use crate::look::{reserved_at, sent};
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::message::{BndUpd, Message};
use dhcpfo_engine::state::Role;
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "update-contents",
    statement: "A BNDUPD carries nothing that its status must not: ends of a lease for ACTIVE only, the potential one not before the lease's, the reserved flag for reserved addresses, and a reserved address as BACKUP from the primary only.",
    section: "failover-12 §7.1, §7.1.1",
    limits: "Nothing about options of clients, which the model does not have, and nothing about an end that is missing: one that has passed looks the same.",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    sent(step).all(|message| match message {
        Message::BndUpd(update) => {
            fits(role, update) && update.reserved == reserved_at(step.before, role, update.address).is_some()
        }
        _ => true,
    })
}

/// Requirements F12-7.1-d and F12-7.1.1-f, and who may speak of which pool (§5.4, §5.13).
fn fits(role: Role, update: &BndUpd) -> bool {
    let given = |time| time != Time::LONG_AGO;
    let ends = [update.lease_expiration, update.potential_expiration];
    match update.status.code() {
        Code::Active => update.potential_expiration >= update.lease_expiration,
        Code::Expired | Code::Released | Code::Free | Code::Abandoned | Code::Reset => !ends.into_iter().any(given),
        Code::Backup => !ends.into_iter().any(given) && (role == Role::Primary || !update.reserved),
    }
}

/// An update is sent.
fn arises(step: &Happening<'_>) -> bool {
    sent(step).any(|message| matches!(message, Message::BndUpd(_)))
}
