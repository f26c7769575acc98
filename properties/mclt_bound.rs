//! A lease given outside PARTNER-DOWN ends at most MCLT after the later of now and what the partner has on stable storage as a potential expiration of that binding.
//!
//! failover-12 §5.2.1, §7.1.5. What it does not say: nothing about a partner whose stable storage was lost and is not restored yet; nothing in PARTNER-DOWN.

use crate::look::{grants, has_lost_storage, known_potential, stored};
use dhcpfo_engine::span;
use dhcpfo_engine::state::State;
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "mclt-bound",
    statement: "A lease given outside PARTNER-DOWN ends at most MCLT after the later of now and what the partner has on stable storage as a potential expiration of that binding.",
    section: "failover-12 §5.2.1, §7.1.5",
    limits: "Nothing about a partner whose stable storage was lost and is not restored yet; nothing in PARTNER-DOWN.",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    grants(step).all(|(role, _, address, ends)| {
        let partner = role.partner();
        if step.before.server(role).running() == Some(State::PartnerDown) || has_lost_storage(step.before, partner) {
            return true;
        }
        let known = known_potential(&stored(step.before, partner, address), clock);
        let base = clock.later(clock.now(), known);
        let bound = clock.after(base, step.before.span(step.model, role, span::MCLT));
        !clock.before(bound, ends)
    })
}

/// A lease is given outside PARTNER-DOWN, by a server whose partner has its storage.
fn arises(step: &Happening<'_>) -> bool {
    grants(step).any(|(role, ..)| {
        step.before.server(role).running() != Some(State::PartnerDown) && !has_lost_storage(step.before, role.partner())
    })
}
