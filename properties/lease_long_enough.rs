//! The claim [`lease-long-enough`](dhcpfo_claims::draft_12::LEASE_LONG_ENOUGH).

use crate::look::{grants, sent, stored};
use dhcpfo_claims::draft_12::LEASE_LONG_ENOUGH;
use dhcpfo_engine::binding::{AddressId, Status};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::span;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &LEASE_LONG_ENOUGH, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    grants(step).all(|(role, client, address, ends)| {
        let (now, before) = (clock.now(), stored(step.before, role, address));
        // A lease that begins leads on now.
        let base = match before.status {
            Status::Active { client: holder } if holder == client => {
                clock.later(clock.later(now, before.acked_potential_expiration), before.received_potential_expiration)
            }
            _ => now,
        };
        let desired = clock.after(now, step.before.span(step.model, role, span::DESIRED_LEASE));
        let bound = clock.after(base, step.before.span(step.model, role, span::MCLT));
        if step.before.server(role).running() == Some(State::RecoverDone) {
            // There the partner in PARTNER-DOWN does not count on a lead on now (Q36).
            return !clock.passed(base) && clock.same(ends, clock.earlier(desired, bound));
        }
        !clock.before(ends, clock.earlier(desired, bound)) && is_promised_long(step, role, address, clock)
    })
}

/// What is told of the lease in the same step promises more than the lease, so that the next one may be longer.
fn is_promised_long(step: &Happening<'_>, role: Role, address: AddressId, clock: &mut dyn Clock) -> bool {
    let now = clock.now();
    let lead = clock.after(now, step.before.span(step.model, role, span::POTENTIAL_LEAD));
    sent(step).all(|message| match message {
        Message::BndUpd(update) if update.address == address => !clock.before(update.potential_expiration, lead),
        _ => true,
    })
}

/// A lease is given.
fn arises(step: &Happening<'_>) -> bool {
    grants(step).next().is_some()
}
