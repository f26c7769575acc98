//! A release that is not later than what a server knows of the client does not end an ACTIVE binding.
//!
//! failover-12 §7.1.3. What it does not say: nothing about other updates: figure 7.1.3-1 lets the secondary accept any ACTIVE.

use crate::look::stored;
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::time::Clock;
use dhcpfo_world::action::What;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "outdated-never-wins",
    statement: "A release that is not later than what a server knows of the client does not end an ACTIVE binding.",
    section: "failover-12 §7.1.3",
    limits: "Nothing about other updates: figure 7.1.3-1 lets the secondary accept any ACTIVE.",
    check: Check::Step(holds),
    ghost: None,
};

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let (What::Deliver(role), Some(_)) = (step.action.what, step.server) else { return true };
    let Some(Message::BndUpd(update)) = step.before.link.head(role) else { return true };
    let (before, after) = (stored(step.before, role, update.address), stored(step.after, role, update.address));
    let outdated = update.client_last_transaction <= before.client_last_transaction;
    let release = update.status.code() == Code::Released && before.status.code() == Code::Active;
    !(release && outdated) || after.status.code() == Code::Active
}
