//! What may happen next: a superset, cheap to list; carrying it out decides.

use crate::action::{Deed, Order, Since, Timer, What};
use crate::budget::Item;
use crate::clients::{Client, Lease, Waiting};
use crate::model::{Exchange, Model};
use crate::system::{Server, System};
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::endpoint::{Phase, Session};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::{Clock, Time};

/// Lists everything that may happen except that time passes, in a fixed order.
pub(crate) fn candidates(model: &Model, system: &System, clock: &dyn Clock, emit: &mut impl FnMut(What)) {
    for role in Role::ALL {
        match system.server(role) {
            Server::Down(_) => {
                emit(What::Restart(role));
                if system.budgets.left(Item::Changes) > 0 {
                    emit(What::RestartChanged(role));
                }
                if system.backup.as_ref().is_some_and(|backup| backup.of == role) {
                    emit(What::PutBack(role));
                }
            }
            Server::Up(endpoint) => {
                server(model, system, role, clock, emit);
                if matches!(endpoint.volatile().phase, Phase::Paused | Phase::Shutdown) {
                    emit(What::Restart(role));
                    if system.budgets.left(Item::Changes) > 0 {
                        emit(What::RestartChanged(role));
                    }
                }
            }
        }
    }
    if system.budgets.left(Item::RoleSwaps) > 0 {
        emit(What::SwapRoles);
    }
    if system.budgets.left(Item::Backups) > 0 {
        Role::ALL.into_iter().for_each(|role| emit(What::BackUp(role)));
    }
    if system.link.intact {
        if system.budgets.left(Item::LinkBreaks) > 0 {
            emit(What::Break);
        }
        if system.budgets.left(Item::OneWayBreaks) > 0 && system.link.deaf.is_none() {
            Role::ALL.into_iter().for_each(|end| emit(What::Deafen(end)));
        }
    } else if Role::ALL.into_iter().all(|role| may_connect(system.server(role))) {
        emit(What::Connect);
    } else if system.budgets.left(Item::HalfOpenConnections) > 0 {
        emit(What::Reconnect);
    }
    for (client, state) in (0..).zip(&system.clients[..model.client_count()]) {
        if system.budgets.left(Item::SecondLeases) > 0 {
            emit(What::Client { client, deed: Deed::Switch, server: None, lost: false });
        }
        match model.exchange {
            Exchange::Whole => whole(model, system, client, state, clock, emit),
            Exchange::Packets => packets(system, client, state, clock, emit),
        }
    }
    for packet in &system.network {
        let packet = packet.named(&system.network, clock);
        emit(What::Arrive(packet));
        emit(What::Lose(packet));
        if system.budgets.left(Item::Duplicates) > 0 {
            emit(What::Duplicate(packet));
        }
    }
}

fn may_connect(server: &Server) -> bool {
    server.endpoint().is_some_and(|endpoint| {
        endpoint.volatile().session == Session::Down
            && matches!(endpoint.volatile().phase, Phase::Running | Phase::Startup { .. })
    })
}

fn server(model: &Model, system: &System, role: Role, clock: &dyn Clock, emit: &mut impl FnMut(What)) {
    let Some(endpoint) = system.server(role).endpoint() else { return };
    let (left, volatile) = (|item| system.budgets.left(item) > 0, endpoint.volatile());
    if endpoint.is_due(model.config(role), clock) {
        emit(What::Wake(role));
    }
    if volatile.phase == (Phase::Startup { ends: Time::SOMETIME }) {
        emit(What::Over(Timer::Startup, role));
    }
    if volatile.safe_period_ends == Some(Time::SOMETIME) {
        emit(What::Over(Timer::SafePeriod, role));
    }
    if volatile.session != Session::Down {
        if system.link.head(role).is_some() {
            emit(What::Deliver(role));
        }
        if !system.link.carries(role) {
            emit(What::Notice(role));
        }
    }
    if left(Item::Crashes) {
        emit(What::Crash { server: role, storage: false });
        if left(Item::StorageLosses) {
            emit(What::Crash { server: role, storage: true });
        }
    }
    if left(Item::PartnerDowns) {
        emit(What::Operator(role, Order::PartnerDown));
    }
    if left(Item::DatedPartnerDowns) {
        emit(What::Operator(role, Order::PartnerDownSince(Since::Stop)));
    }
    if left(Item::MisdatedPartnerDowns) {
        emit(What::Operator(role, Order::PartnerDownSince(Since::Contact)));
    }
    if left(Item::SetStates) {
        settable(model, role).for_each(|state| emit(What::Operator(role, Order::Set(state))));
    }
    if left(Item::Pauses) {
        emit(What::Operator(role, Order::Pause));
    }
    if left(Item::Shutdowns) {
        emit(What::Operator(role, Order::Shutdown));
    }
    if left(Item::Rebalances) {
        emit(What::Operator(role, Order::Rebalance));
    }
    if left(Item::Resets) {
        addresses(model).for_each(|address| emit(What::Operator(role, Order::Reset(address))));
    }
}

/// The states into which an operator puts a server. One who tells the truth knows two: the partner is down, or what this
/// server has is not to be trusted. A secondary is never in CONFLICT-DONE (failover-12 §9.12.1).
pub(crate) fn settable(model: &Model, role: Role) -> impl Iterator<Item = State> + use<> {
    let truthful = model.truthful;
    let honest = move |state: &State| !truthful || matches!(state, State::PartnerDown | State::Recover);
    let possible = move |state: &State| role == Role::Primary || *state != State::ConflictDone;
    State::ALL.into_iter().filter(honest).filter(possible)
}

fn addresses(model: &Model) -> impl Iterator<Item = AddressId> {
    (0..model.addresses.len() as u32).map(AddressId)
}

/// Whole exchanges: each with one server, its answer arriving or lost.
fn whole(model: &Model, system: &System, client: u8, state: &Client, clock: &dyn Clock, emit: &mut impl FnMut(What)) {
    let left = |item| system.budgets.left(item) > 0;
    let mut with = |deed, server, may_lose: bool| {
        emit(What::Client { client, deed, server: Some(server), lost: false });
        if may_lose && left(Item::Losses) {
            emit(What::Client { client, deed, server: Some(server), lost: true });
        }
    };
    let (lease, may_have_none) = held(state, clock);
    if may_have_none && left(Item::Leases) {
        for role in Role::ALL {
            addresses(model).for_each(|address| with(Deed::Obtain(address), role, true));
        }
    }
    let Some(lease) = lease else { return };
    if left(Item::Leases) {
        with(Deed::Renew, lease.from, true);
        with(Deed::Rebind, lease.from.partner(), true);
        if left(Item::Reboots) {
            Role::ALL.into_iter().for_each(|role| with(Deed::Reboot, role, true));
        }
    }
    for (item, deed) in [(Item::Releases, Deed::Release), (Item::Declines, Deed::Decline)] {
        if left(item) {
            with(deed, lease.from, false);
            if left(Item::Strays) {
                with(deed, lease.from.partner(), false);
            }
        }
    }
    if left(Item::Informs) {
        Role::ALL.into_iter().for_each(|role| with(Deed::Inform, role, false));
    }
}

/// The lease that a client may hold now, and whether it may hold none: both where it is not decided whether it has ended.
fn held(state: &Client, clock: &dyn Clock) -> (Option<Lease>, bool) {
    let Some(lease) = state.lease else { return (None, true) };
    match clock.decided(clock.now(), lease.ends) {
        Some(is_held) => (Some(lease).filter(|_| is_held), !is_held),
        None => (Some(lease), true),
    }
}

/// Single packets: what a client may send now.
fn packets(system: &System, client: u8, state: &Client, clock: &dyn Clock, emit: &mut impl FnMut(What)) {
    let left = |item| system.budgets.left(item) > 0;
    let mut send_to = |deed, server| emit(What::Client { client, deed, server, lost: false });
    let mut send = |deed| send_to(deed, None);
    if state.waiting != Waiting::Nothing {
        return send(Deed::GiveUp);
    }
    let (lease, may_have_none) = held(state, clock);
    if may_have_none && left(Item::Leases) {
        send(Deed::Discover);
    }
    let Some(lease) = lease else { return };
    if left(Item::Leases) {
        send(Deed::Renew);
        send(Deed::Rebind);
        if left(Item::Reboots) {
            send(Deed::Reboot);
        }
    }
    if left(Item::Informs) {
        send(Deed::Inform);
    }
    for (item, deed) in [(Item::Releases, Deed::Release), (Item::Declines, Deed::Decline)] {
        if left(item) {
            send_to(deed, None);
            if left(Item::Strays) {
                send_to(deed, Some(lease.from.partner()));
            }
        }
    }
}
