//! The claim [`served`](dhcpfo_claims::draft_12::SERVED).

use crate::look::{addresses, is_own, recorded, reserved_at, stored};
use crate::probe::{Asked, clients};
use dhcpfo_claims::draft_12::SERVED;
use dhcpfo_engine::binding::{ClientId, Code, Partner, Status};
use dhcpfo_engine::effect::{Answer, Ask, Command};
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};
use dhcpfo_world::system::ModelEndpoint;

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &SERVED, check: Check::State(holds), ghost: None, occasion: Occasion::State(arises) };

fn holds(view: &View<'_>) -> bool {
    Role::ALL.into_iter().all(|role| {
        let Some(asked) = Asked::new(view, role) else { return true };
        let Some(state) = view.system.server(role).running() else { return ends_startup(view, &asked, role) };
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

/// A command that may be given ends STARTUP (Q125).
fn ends_startup(view: &View<'_>, asked: &Asked<'_>, role: Role) -> bool {
    let starts = |endpoint: &ModelEndpoint| matches!(endpoint.volatile().phase, Phase::Startup { .. });
    let obeys = matches!(
        recorded(view.system, role),
        Some(State::CommunicationsInterrupted | State::ResolutionInterrupted | State::PartnerDown)
    );
    if !obeys || !view.system.server(role).endpoint().is_some_and(starts) {
        return true;
    }
    let after = asked.after_command(Command::PartnerDown);
    after.state() == State::PartnerDown && after.volatile().phase == Phase::Running
}

/// RENEW and REBIND of a lease on record, or of what the server may give; RELEASE and DECLINE.
fn extends(view: &View<'_>, asked: &Asked<'_>, role: Role, client: ClientId) -> bool {
    addresses(view.model).all(|address| {
        let status = stored(view.system, role, address).status;
        let renews =
            || [Ask::Renew(address), Ask::Rebind(address)].into_iter().all(|ask| asked.leases(client, ask, address));
        let after = |ask| asked.after_client(client, ask).durable().table().get(address).status.code();
        match status {
            Status::Active { client: holder } if holder == client => {
                renews()
                    && after(Ask::Release(address)) == Code::Released
                    && after(Ask::Decline(address)) == Code::Abandoned
            }
            // Nobody has been told yet that it is over (§5.2.2).
            Status::Expired { client: holder } | Status::Released { client: holder } => {
                view.system.server(role).running() == Some(State::ResolutionInterrupted)
                    || holder != client
                    || stored(view.system, role, address).partner != Partner::Unsent
                    || renews()
            }
            // Perhaps it is right, and the server that gave the lease is gone (§3.1.2).
            Status::Free { .. } | Status::Backup { .. }
                if reserved_at(view.system, role, address).is_none_or(|owner| owner == client) =>
            {
                renews()
            }
            Status::Free { .. } | Status::Backup { .. } => !renews(),
            _ => true,
        }
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
        let covers = view.system.config(view.model, role).pool.cover && !partner_has_one(view, role, client);
        (!is_offered(false) || covers) && (!has_own || is_offered(true)) && (!covers || !has_own || is_offered(false))
    }
}

/// Whether the partner has something for the client, as this server has it on record (Q122): available addresses, or one
/// that is reserved for the client.
fn partner_has_one(view: &View<'_>, role: Role, client: ClientId) -> bool {
    addresses(view.model).any(|address| match reserved_at(view.system, role, address) {
        Some(owner) => owner == client,
        None => is_own(role.partner(), stored(view.system, role, address).status),
    })
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
