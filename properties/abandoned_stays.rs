//! The claim [`abandoned-stays`](dhcpfo_claims::draft_12::ABANDONED_STAYS).

use crate::look::{addresses, stored};
use dhcpfo_claims::draft_12::ABANDONED_STAYS;
use dhcpfo_engine::binding::{Code, Status};
use dhcpfo_engine::message::Message;
use dhcpfo_time::Clock;
use dhcpfo_world::action::{Order, What};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &ABANDONED_STAYS, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.writer() else { return true };
    addresses(step.model).all(|address| {
        let (before, after) = (stored(step.before, role, address), stored(step.after, role, address));
        let by_order = step.action.what == What::Operator(role, Order::Reset(address));
        let by_update = match (step.action.what, step.before.link.head(role)) {
            (What::Deliver(to), Some(Message::BndUpd(update))) => {
                to == role && update.address == address && update.status.code() == Code::Reset
            }
            _ => false,
        };
        before.status != Status::Abandoned || after.status == Status::Abandoned || by_order || by_update
    })
}

/// A server writes that has an address ABANDONED.
fn arises(step: &Happening<'_>) -> bool {
    step.writer().is_some_and(|role| {
        addresses(step.model).any(|address| stored(step.before, role, address).status == Status::Abandoned)
    })
}
