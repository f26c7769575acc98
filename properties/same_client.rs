//! The claim [`same-client`](dhcpfo_claims::draft_12::SAME_CLIENT).

use crate::look::{addresses, stored};
use dhcpfo_claims::draft_12::SAME_CLIENT;
use dhcpfo_engine::binding::{ClientId, Code};
use dhcpfo_time::Clock;
use dhcpfo_world::action::What;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &SAME_CLIENT, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.writer() else { return true };
    let by_client = matches!(step.action.what, What::Client { .. } | What::Arrive(_));
    !by_client
        || addresses(step.model).all(|address| {
            let (before, after) = (stored(step.before, role, address).status, stored(step.after, role, address).status);
            let active = before.code() == Code::Active && after.code() == Code::Active;
            !active || before == after
        })
}

/// A client makes a server write that has an address ACTIVE for another.
fn arises(step: &Happening<'_>) -> bool {
    let client = match step.action.what {
        What::Client { client, .. } => client,
        What::Arrive(packet) => packet.client,
        _ => return false,
    };
    step.writer().is_some_and(|role| {
        addresses(step.model).any(|address| {
            let status = stored(step.before, role, address).status;
            status.code() == Code::Active && status.client() != Some(ClientId(u32::from(client)))
        })
    })
}
