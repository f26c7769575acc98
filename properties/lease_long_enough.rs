//! Outside RECOVER-DONE a lease ends no earlier than the desired one would, or MCLT after the later of now and what the partner is known to have acknowledged or promised for it.
//!
//! failover-12 §5.2.1, §7.1.5. What it does not say: nothing about RECOVER-DONE, where the lead is bounded more narrowly (Q36).

use crate::look::{grants, stored};
use dhcpfo_engine::binding::Status;
use dhcpfo_engine::span;
use dhcpfo_engine::state::State;
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "lease-long-enough",
    statement: "Outside RECOVER-DONE a lease ends no earlier than the desired one would, or MCLT after the later of now and what the partner is known to have acknowledged or promised for it.",
    section: "failover-12 §5.2.1, §7.1.5",
    limits: "Nothing about RECOVER-DONE, where the lead is bounded more narrowly (Q36).",
    check: Check::Step(holds),
    ghost: None,
    occasion: Occasion::Step(arises),
};

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    grants(step).all(|(role, client, address, ends)| {
        if step.before.server(role).running() == Some(State::RecoverDone) {
            return true;
        }
        let (now, before) = (clock.now(), stored(step.before, role, address));
        // A lease that begins leads on now.
        let base = match before.status {
            Status::Active { client: holder } if holder == client => {
                now.later(before.acked_potential_expiration).later(before.received_potential_expiration)
            }
            _ => now,
        };
        let desired = clock.after(now, step.before.span(step.model, role, span::DESIRED_LEASE));
        let bound = clock.after(base, step.before.span(step.model, role, span::MCLT));
        ends >= desired.earlier(bound)
    })
}

/// A lease is given outside RECOVER-DONE.
fn arises(step: &Happening<'_>) -> bool {
    grants(step).any(|(role, ..)| step.before.server(role).running() != Some(State::RecoverDone))
}
