//! A server answers no client in STARTUP, RECOVER, RECOVER-WAIT, POTENTIAL-CONFLICT, PAUSED and SHUTDOWN, and in RECOVER-DONE only those that ask for more time on a binding that it knows.
//!
//! failover-12 §9.3.1, §9.5.1, §9.6.1, §9.7.1, §9.10.2, §9.13, §9.14.2. What it does not say: nothing about what a server does with updates of its partner.

use crate::look::stored;
use dhcpfo_engine::binding::Status;
use dhcpfo_engine::effect::{Answer, Effect};
use dhcpfo_engine::state::State;
use dhcpfo_engine::time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "silence",
    statement: "A server answers no client in STARTUP, RECOVER, RECOVER-WAIT, POTENTIAL-CONFLICT, PAUSED and SHUTDOWN, and in RECOVER-DONE only those that ask for more time on a binding that it knows.",
    section: "failover-12 §9.3.1, §9.5.1, §9.6.1, §9.7.1, §9.10.2, §9.13, §9.14.2",
    limits: "Nothing about what a server does with updates of its partner.",
    check: Check::Step(holds),
    ghost: None,
};

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    step.effects.iter().all(|effect| {
        let Effect::Reply(client, answer) = effect else { return true };
        match step.before.server(role).running() {
            None | Some(State::Recover | State::RecoverWait | State::PotentialConflict) => false,
            Some(State::RecoverDone) => match answer {
                Answer::Ack(address, _) => {
                    stored(step.before, role, *address).status == Status::Active { client: *client }
                }
                Answer::Nak => true,
                Answer::Offer(_) | Answer::Informed => false,
            },
            Some(_) => true,
        }
    })
}
