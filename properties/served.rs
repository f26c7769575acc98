//! Whoever is due something gets it, clients in NORMAL from nobody else: an operator who says in NORMAL, COMMUNICATIONS-INTERRUPTED or RESOLUTION-INTERRUPTED that the partner is down is obeyed; a client whose lease a server has on record can extend it there; a new client is offered an address that is available to a server in COMMUNICATIONS-INTERRUPTED, PARTNER-DOWN, RESOLUTION-INTERRUPTED or CONFLICT-DONE; in NORMAL by the server whose hash bucket it is, and by the other once it has waited.
//!
//! failover-12 §5.3, §9.4.2, §9.8.2, §9.8.4, §9.9.2, §9.9.3, §9.11.2, §9.11.3, §9.12.2, §12.10. What it does not say: nothing about how long the lease is, about addresses of the partner, and about RECOVER-DONE.

use crate::look::{addresses, is_own, reserved_at, stored};
use crate::probe::{Asked, clients};
use dhcpfo_engine::binding::{ClientId, Status};
use dhcpfo_engine::effect::{Answer, Ask, Command};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "served",
    statement: "Whoever is due something gets it, clients in NORMAL from nobody else: an operator who says in NORMAL, COMMUNICATIONS-INTERRUPTED or RESOLUTION-INTERRUPTED that the partner is down is obeyed; a client whose lease a server has on record can extend it there; a new client is offered an address that is available to a server in COMMUNICATIONS-INTERRUPTED, PARTNER-DOWN, RESOLUTION-INTERRUPTED or CONFLICT-DONE; in NORMAL by the server whose hash bucket it is, and by the other once it has waited.",
    section: "failover-12 §5.3, §9.4.2, §9.8.2, §9.8.4, §9.9.2, §9.9.3, §9.11.2, §9.11.3, §9.12.2, §12.10",
    limits: "Nothing about how long the lease is, about addresses of the partner, and about RECOVER-DONE.",
    check: Check::State(holds),
    ghost: None,
    occasion: Occasion::State(arises),
};

fn holds(view: &View<'_>) -> bool {
    Role::ALL.into_iter().all(|role| {
        let (Some(state), Some(asked)) = (view.system.server(role).running(), Asked::new(view, role)) else {
            return true;
        };
        let everybody = matches!(
            state,
            State::CommunicationsInterrupted | State::PartnerDown | State::ResolutionInterrupted | State::ConflictDone
        );
        if !everybody && state != State::Normal {
            return true;
        }
        let commanded = matches!(state, State::PartnerDown | State::ConflictDone)
            || asked.after_command(Command::PartnerDown).state() == State::PartnerDown;
        commanded
            && clients(view)
                .all(|client| extends(view, &asked, role, client) && offers(view, &asked, role, client, everybody))
    })
}

/// RENEW and REBIND of a lease on record.
fn extends(view: &View<'_>, asked: &Asked<'_>, role: Role, client: ClientId) -> bool {
    addresses(view.model).all(|address| {
        stored(view.system, role, address).status != (Status::Active { client })
            || [Ask::Renew(address), Ask::Rebind(address)].into_iter().all(|ask| asked.leases(client, ask, address))
    })
}

/// DISCOVER, where there is something to offer.
fn offers(view: &View<'_>, asked: &Asked<'_>, role: Role, client: ClientId, everybody: bool) -> bool {
    let may_have = |address| reserved_at(view.system, role, address).is_none_or(|owner| owner == client);
    let is_offered = |waited| matches!(asked.answer(client, Ask::Discover, waited), Some(Answer::Offer(_)));
    let has_own = addresses(view.model)
        .any(|address| is_own(role, stored(view.system, role, address).status) && may_have(address));
    let bucket = view.model.clients[client.0 as usize];
    let secondarys = view.system.config(view.model, role).buckets.is_secondarys(bucket);
    if everybody || secondarys == (role == Role::Secondary) {
        !has_own || is_offered(false)
    } else {
        (!is_offered(false) || view.system.config(view.model, role).pool.cover) && (!has_own || is_offered(true))
    }
}

/// A server runs in a state in which it answers.
fn arises(view: &View<'_>) -> bool {
    Role::ALL.into_iter().any(|role| {
        let state = view.system.server(role).running();
        state.is_some_and(|state| {
            !matches!(state, State::Recover | State::RecoverWait | State::RecoverDone | State::PotentialConflict)
        })
    })
}
