//! The claim [`mclt-bound`](dhcpfo_claims::draft_12::MCLT_BOUND).

use crate::look::{grants, has_lost_storage, known_potential, stored};
use dhcpfo_claims::draft_12::MCLT_BOUND;
use dhcpfo_engine::span;
use dhcpfo_engine::state::State;
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &MCLT_BOUND, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

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
