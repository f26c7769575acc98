//! The claim [`acked-implies-stored`](dhcpfo_claims::draft_12::ACKED_IMPLIES_STORED).

use crate::look::{addresses, has_lost_storage, known_potential, stored};
use dhcpfo_claims::draft_12::ACKED_IMPLIES_STORED;
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &ACKED_IMPLIES_STORED, check: Check::State(holds), ghost: None, occasion: Occasion::State(arises) };

fn holds(view: &View<'_>) -> bool {
    Role::ALL.into_iter().all(|role| {
        has_lost_storage(view.system, role.partner())
            || addresses(view.model).all(|address| {
                let mine = stored(view.system, role, address);
                let theirs = stored(view.system, role.partner(), address);
                let same = mine.status.code() == Code::Active && mine.status == theirs.status;
                // One that has passed bounds nothing any more.
                !same
                    || view.clock.passed(mine.acked_potential_expiration)
                    || !view.clock.before(known_potential(&theirs, view.clock), mine.acked_potential_expiration)
            })
    })
}

/// A server takes a time that lies ahead for acknowledged, and both have the address ACTIVE for the same client.
fn arises(view: &View<'_>) -> bool {
    Role::ALL.into_iter().any(|role| {
        !has_lost_storage(view.system, role.partner())
            && addresses(view.model).any(|address| {
                let mine = stored(view.system, role, address);
                mine.status.code() == Code::Active
                    && mine.status == stored(view.system, role.partner(), address).status
                    && !view.clock.passed(mine.acked_potential_expiration)
            })
    })
}
