//! The claim [`refused`](dhcpfo_claims::draft_12::REFUSED).

use crate::look::{addresses, is_own, reserved_at, stored};
use crate::probe::{Asked, clients};
use dhcpfo_claims::draft_12::REFUSED;
use dhcpfo_engine::binding::{AddressId, ClientId, Code, Status};
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &REFUSED, check: Check::State(holds), ghost: None, occasion: Occasion::State(arises) };

fn holds(view: &View<'_>) -> bool {
    Role::ALL.into_iter().all(|role| {
        let (Some(state), Some(asked)) = (view.system.server(role).running(), Asked::new(view, role)) else {
            return true;
        };
        let of_client = |client, address| {
            let status = stored(view.system, role, address).status;
            refuses(&asked, client, address, status)
                && (state == State::PartnerDown || is_not_believed(view, &asked, role, client, address))
                && is_no_strangers(&asked, client, address, status)
        };
        renews_at_most_known(view, &asked, role, state)
            && (!serves(state)
                || clients(view).all(|client| addresses(view.model).all(|address| of_client(client, address))))
    })
}

/// Where a server is silent, and where it only renews (§9.5.1, §9.6.1, §9.7.1, §9.10.2).
fn renews_at_most_known(view: &View<'_>, asked: &Asked<'_>, role: Role, state: State) -> bool {
    let silent = matches!(state, State::Recover | State::RecoverWait | State::PotentialConflict);
    serves(state)
        || clients(view).all(|client| {
            addresses(view.model).all(|address| {
                let binding = stored(view.system, role, address);
                // A lead on now would have no end there (Q36).
                let promised =
                    view.clock.later(binding.acked_potential_expiration, binding.received_potential_expiration);
                let known = binding.status == (Status::Active { client }) && !view.clock.passed(promised);
                let answer = asked.answer(client, Ask::Renew(address), false);
                if silent { answer.is_none() } else { known || !matches!(answer, Some(Answer::Ack(..))) }
            })
        })
}

/// Whether a server answers whoever asks, within its part of the load.
fn serves(state: State) -> bool {
    use State::{CommunicationsInterrupted, ConflictDone, Normal, PartnerDown, ResolutionInterrupted};
    matches!(state, Normal | CommunicationsInterrupted | PartnerDown | ResolutionInterrupted | ConflictDone)
}

/// DHCPNAK to whoever asks for another's or an ABANDONED address, and to no holder.
fn refuses(asked: &Asked<'_>, client: ClientId, address: AddressId, status: Status) -> bool {
    let answers = [Ask::Renew(address), Ask::Rebind(address)].map(|ask| asked.answer(client, ask, false));
    let is_nak = |answer: &Option<Answer>| *answer == Some(Answer::Nak);
    match status {
        Status::Active { client: holder } if holder == client => !answers.iter().any(is_nak),
        Status::Active { .. } | Status::Abandoned => answers.iter().all(is_nak),
        _ => true,
    }
}

/// INIT-REBOOT about an available address: leased if a new client could have it, else not.
fn is_not_believed(view: &View<'_>, asked: &Asked<'_>, role: Role, client: ClientId, address: AddressId) -> bool {
    let status = stored(view.system, role, address).status;
    let may_have = match reserved_at(view.system, role, address) {
        Some(owner) => owner == client,
        None => is_own(role, status),
    };
    !status.is_available() || may_have || !asked.leases(client, Ask::Reboot(address), address)
}

/// RELEASE and DECLINE count from the holder only.
fn is_no_strangers(asked: &Asked<'_>, client: ClientId, address: AddressId, status: Status) -> bool {
    let holds = status.code() == Code::Active && status.client() == Some(client);
    holds
        || [Ask::Release(address), Ask::Decline(address)]
            .into_iter()
            .all(|ask| asked.after_client(client, ask).durable().table().get(address).status == status)
}

/// A serving server has an address leased, or ABANDONED.
fn arises(view: &View<'_>) -> bool {
    Role::ALL.into_iter().any(|role| {
        let taken =
            |address| matches!(stored(view.system, role, address).status, Status::Active { .. } | Status::Abandoned);
        view.system.server(role).running().is_some_and(serves) && addresses(view.model).any(taken)
    })
}
