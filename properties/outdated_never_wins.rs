//! The claim [`outdated-never-wins`](dhcpfo_claims::draft_12::OUTDATED_NEVER_WINS).
//!
//! Q50 and Q110, where figure 7.1.3-1 would have it otherwise.

use crate::look::stored;
use dhcpfo_claims::draft_12::OUTDATED_NEVER_WINS;
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::message::Message;
use dhcpfo_time::Clock;
use dhcpfo_world::action::What;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &OUTDATED_NEVER_WINS, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let (What::Deliver(role), Some(_)) = (step.action.what, step.server) else { return true };
    let Some(Message::BndUpd(update)) = step.before.link.head(role) else { return true };
    let (before, after) = (stored(step.before, role, update.address), stored(step.after, role, update.address));
    if before.status.code() != Code::Active {
        return true;
    }
    let (theirs, mine) = (update.client_last_transaction, before.client_last_transaction);
    match update.status.code() {
        // Within one instant the client itself knows which came last (Q110).
        Code::Released if clock.same(theirs, mine) => {
            let client = before.status.client().map(|client| step.before.clients[client.0 as usize]);
            let holds = client.is_some_and(|client| client.holds(clock) == Some(update.address));
            // The sender has leased it again meanwhile: that word comes after this one.
            let given_since = stored(step.before, role.partner(), update.address).status.code() == Code::Active;
            !holds || given_since || after.status.code() == Code::Active
        }
        Code::Released => clock.before(mine, theirs) || after.status.code() == Code::Active,
        Code::Active if update.status != before.status => !clock.before(theirs, mine) || after.status == before.status,
        _ => true,
    }
}

/// A release, or an ACTIVE of another client, is read by a server that has the address ACTIVE.
fn arises(step: &Happening<'_>) -> bool {
    let (What::Deliver(role), Some(_)) = (step.action.what, step.server) else { return false };
    let Some(Message::BndUpd(update)) = step.before.link.head(role) else { return false };
    let before = stored(step.before, role, update.address).status;
    let other = update.status.code() == Code::Active && update.status != before;
    before.code() == Code::Active && (update.status.code() == Code::Released || other)
}
