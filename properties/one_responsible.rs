//! The claim [`one-responsible`](dhcpfo_claims::draft_12::ONE_RESPONSIBLE).

use crate::look::{addresses, is_own, reserved_at, stored};
use dhcpfo_claims::draft_12::ONE_RESPONSIBLE;
use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_engine::effect::{Answer, Ask, Effect};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::action::{Deed, What};
use dhcpfo_world::claim::{Check, Claim, Happening, Occasion};
use dhcpfo_world::clients::Body;

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &ONE_RESPONSIBLE, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    answers(step).all(|(role, client, address)| {
        let bucket = step.model.clients[client.0 as usize];
        let config = step.before.config(step.model, Role::Primary);
        config.buckets.is_secondarys(bucket) == (role == Role::Secondary)
            || (step.before.config(step.model, role).pool.cover && !partner_has_one(step, role, client, address))
    })
}

/// What a server in NORMAL offers or leases to a client that asks anew.
fn answers<'a>(step: &'a Happening<'_>) -> impl Iterator<Item = (Role, ClientId, AddressId)> + use<'a> {
    let normal = |role: &Role| step.before.server(*role).running() == Some(State::Normal);
    let server = step.server.filter(normal).filter(|_| asks_anew(step.action.what));
    step.effects.iter().filter_map(move |effect| match effect {
        Effect::Reply(client, Answer::Offer(address) | Answer::Ack(address, _)) => Some((server?, *client, *address)),
        _ => None,
    })
}

/// Whether a server has on record that its partner has an available address for the client where this one is.
fn partner_has_one(step: &Happening<'_>, role: Role, client: ClientId, given: AddressId) -> bool {
    let group = |address: AddressId| step.model.addresses[address.0 as usize].group;
    addresses(step.model).filter(|address| group(*address) == group(given)).any(|address| {
        let status = stored(step.before, role, address).status;
        match reserved_at(step.before, role, address) {
            Some(owner) => owner == client && status.is_available(),
            None => is_own(role.partner(), status),
        }
    })
}

/// DISCOVER, and REQUEST in SELECTING and INIT-REBOOT.
fn asks_anew(what: What) -> bool {
    match what {
        What::Client { deed: Deed::Obtain(_) | Deed::Reboot, server: Some(_), .. } => true,
        What::Arrive(packet) => {
            matches!(packet.body, Body::Ask(Ask::Discover | Ask::Select(_) | Ask::Reboot(_)))
        }
        _ => false,
    }
}

/// A server in NORMAL answers a client that asks anew.
fn arises(step: &Happening<'_>) -> bool {
    answers(step).next().is_some()
}
