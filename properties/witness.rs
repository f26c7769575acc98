//! What a model must be able to reach, so that its claims do not hold for want of anything happening.

use crate::look::{addresses, available, delivered, grants, groups, is_own, sent, stored};
use dhcpfo_claims::Entry;
use dhcpfo_engine::balance::responsible;
use dhcpfo_engine::binding::{AddressId, Binding, Code, Partner, Status};
use dhcpfo_engine::endpoint::{Phase, Session};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::span;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::budget::Item;
use dhcpfo_world::claim::{Check, Claim, Happening, Occasion, View};
use dhcpfo_world::model::Model;
use dhcpfo_world::system::System;

const fn witness(entry: &'static Entry, reached: fn(&View<'_>) -> bool) -> Claim {
    Claim { entry, check: Check::State(reached), ghost: None, occasion: Occasion::Whole }
}

const fn step_witness(entry: &'static Entry, met: fn(&Happening<'_>, &mut dyn Clock) -> bool) -> Claim {
    Claim { entry, check: Check::Step(met), ghost: None, occasion: Occasion::Whole }
}

/// Every witness.
pub const ALL: &[Claim] = &[
    witness(&Entry::witness("lease-given", "A client holds a lease."), lease_given),
    witness(&Entry::witness("two-leases", "Two clients hold leases at once."), two_leases),
    witness(&Entry::witness("two-bindings", "One client holds two addresses."), two_bindings),
    witness(
        &Entry::witness("update-stored", "Both servers have an address ACTIVE for the same client."),
        update_stored,
    ),
    witness(
        &Entry::witness("acked", "A server knows a potential-expiration-time that lies ahead to be acknowledged."),
        acked,
    ),
    witness(
        &Entry::witness(
            "renewed-by-partner",
            "A client holds a lease whose latest extension came from a server that did not give the record first.",
        ),
        renewed_by_partner,
    ),
    witness(
        &Entry::witness(
            "freed-by-both",
            "Every address is available again and agreed upon, with no lease budget unused.",
        ),
        freed_by_both,
    ),
    witness(&Entry::witness("expired", "A binding is EXPIRED."), |view| any_status(view, Code::Expired)),
    witness(&Entry::witness("released", "A binding is RELEASED."), |view| any_status(view, Code::Released)),
    witness(&Entry::witness("abandoned", "A binding is ABANDONED."), |view| any_status(view, Code::Abandoned)),
    witness(&Entry::witness("reset", "A binding is RESET."), |view| any_status(view, Code::Reset)),
    witness(
        &Entry::witness("backup-received", "The secondary has more BACKUP addresses than at the start."),
        backup_received,
    ),
    witness(
        &Entry::witness("backup-returned", "The primary has more FREE addresses than at the start."),
        backup_returned,
    ),
    witness(
        &Entry::witness("groups-shared", "In each of two or more pool groups both servers have an available address."),
        groups_shared,
    ),
    witness(
        &Entry::witness(
            "covered",
            "A client holds a lease that a server in NORMAL gave though its hash bucket is the partner's.",
        ),
        covered,
    ),
    witness(&Entry::witness("rejected", "An update has been rejected."), rejected),
    witness(&Entry::witness("communications-interrupted", "A server is in COMMUNICATIONS-INTERRUPTED."), |view| {
        any_state(view, State::CommunicationsInterrupted)
    }),
    witness(&Entry::witness("partner-down", "A server is in PARTNER-DOWN."), |view| {
        any_state(view, State::PartnerDown)
    }),
    witness(
        &Entry::witness(
            "reallocated-in-partner-down",
            "A client holds an address given in PARTNER-DOWN that the partner's record does not give to it.",
        ),
        reallocated,
    ),
    witness(&Entry::witness("potential-conflict", "A server is in POTENTIAL-CONFLICT."), |view| {
        any_state(view, State::PotentialConflict)
    }),
    witness(&Entry::witness("resolution-interrupted", "A server is in RESOLUTION-INTERRUPTED."), |view| {
        any_state(view, State::ResolutionInterrupted)
    }),
    witness(&Entry::witness("conflict-done", "The primary is in CONFLICT-DONE."), |view| {
        any_state(view, State::ConflictDone)
    }),
    witness(&Entry::witness("recover", "A server is in RECOVER."), |view| any_state(view, State::Recover)),
    witness(&Entry::witness("recover-wait", "A server is in RECOVER-WAIT."), |view| {
        any_state(view, State::RecoverWait)
    }),
    witness(&Entry::witness("recover-done", "A server is in RECOVER-DONE."), |view| {
        any_state(view, State::RecoverDone)
    }),
    witness(
        &Entry::witness("normal-again", "Both servers are in NORMAL again after a crash or a break."),
        normal_again,
    ),
    witness(&Entry::witness("paused", "A server is PAUSED."), |view| any_phase(view, Phase::Paused)),
    witness(&Entry::witness("shut-down", "A server is in SHUTDOWN."), |view| any_phase(view, Phase::Shutdown)),
    witness(&Entry::witness("storage-lost", "A server runs whose stable storage was lost."), storage_lost),
    witness(
        &Entry::witness("served-in-recover-done", "A client holds a lease from a server in RECOVER-DONE."),
        served_in_recover_done,
    ),
    step_witness(&Entry::witness("long-lease", "A client is given more than MCLT."), long_lease),
    step_witness(&Entry::witness("rewound", "A lease that had ended goes on for the same client."), rewound),
    step_witness(
        &Entry::witness(
            "refused-told-in-normal",
            "A server that enters NORMAL tells once more what its partner has refused.",
        ),
        refused_told_in_normal,
    ),
    step_witness(
        &Entry::witness(
            "refused-told-when-asked",
            "A server that is asked for updates tells once more what its partner has refused.",
        ),
        refused_told_when_asked,
    ),
    step_witness(
        &Entry::witness(
            "changed-before-refused",
            "A server reads that an update was refused, and tells at once what has changed of that address since.",
        ),
        changed_before_refused,
    ),
    step_witness(
        &Entry::witness(
            "own-view-told",
            "A server that enters NORMAL tells of a lease that its partner has acknowledged, and has RESET since.",
        ),
        own_view_told,
    ),
    step_witness(
        &Entry::witness(
            "believed-in-break",
            "In COMMUNICATIONS-INTERRUPTED a client extends its lease at a server that has the address available to its partner.",
        ),
        believed_in_break,
    ),
    step_witness(
        &Entry::witness(
            "conflict-out-of-startup",
            "A server in STARTUP hears of its partner's PARTNER-DOWN, and goes to POTENTIAL-CONFLICT.",
        ),
        conflict_out_of_startup,
    ),
];

fn clients<'a>(view: &'a View<'_>) -> impl Iterator<Item = &'a dhcpfo_world::clients::Client> + use<'a> {
    view.system.clients[..view.model.client_count()].iter()
}

fn lease_given(view: &View<'_>) -> bool {
    clients(view).any(|client| client.holds(view.clock).is_some())
}

fn two_leases(view: &View<'_>) -> bool {
    clients(view).filter(|client| client.holds(view.clock).is_some()).count() >= 2
}

fn two_bindings(view: &View<'_>) -> bool {
    clients(view).any(|client| client.addresses(view.clock).count() >= 2)
}

fn update_stored(view: &View<'_>) -> bool {
    addresses(view.model).any(|address| {
        let [mine, theirs] = Role::ALL.map(|role| stored(view.system, role, address).status);
        mine.code() == Code::Active && mine == theirs
    })
}

fn acked(view: &View<'_>) -> bool {
    Role::ALL.into_iter().any(|role| {
        addresses(view.model).any(|a| !view.clock.passed(stored(view.system, role, a).acked_potential_expiration))
    })
}

fn renewed_by_partner(view: &View<'_>) -> bool {
    clients(view).any(|client| {
        client.lease.filter(|lease| !view.clock.passed(lease.ends)).is_some_and(|lease| {
            !view.clock.passed(stored(view.system, lease.from, lease.address).received_potential_expiration)
        })
    })
}

fn freed_by_both(view: &View<'_>) -> bool {
    let settled = |role, address| {
        let binding = stored(view.system, role, address);
        binding.status.is_available() && binding.partner == Partner::UpToDate
    };
    view.system.budgets.left(dhcpfo_world::budget::Item::Leases) == 0
        && Role::ALL.into_iter().all(|role| addresses(view.model).all(|address| settled(role, address)))
}

fn any_status(view: &View<'_>, code: Code) -> bool {
    Role::ALL.into_iter().any(|role| addresses(view.model).any(|a| stored(view.system, role, a).status.code() == code))
}

fn any_state(view: &View<'_>, state: State) -> bool {
    Role::ALL.into_iter().any(|role| view.system.server(role).running() == Some(state))
}

fn any_phase(view: &View<'_>, phase: Phase) -> bool {
    Role::ALL.into_iter().any(|r| view.system.server(r).endpoint().is_some_and(|e| e.volatile().phase == phase))
}

fn count(model: &Model, system: &System, role: Role, code: Code) -> usize {
    addresses(model).filter(|&address| stored(system, role, address).status.code() == code).count()
}

fn owned(model: &Model, role: Role) -> usize {
    model.addresses.iter().filter(|address| address.owner == role).count()
}

fn backup_received(view: &View<'_>) -> bool {
    count(view.model, view.system, Role::Secondary, Code::Backup) > owned(view.model, Role::Secondary)
}

fn backup_returned(view: &View<'_>) -> bool {
    count(view.model, view.system, Role::Primary, Code::Free) > owned(view.model, Role::Primary)
}

fn groups_shared(view: &View<'_>) -> bool {
    let shared = |group| available(view.model, view.system, group).iter().all(|&count| count > 0);
    groups(view.model).count() > 1 && groups(view.model).all(shared)
}

fn covered(view: &View<'_>) -> bool {
    view.model.clients.iter().zip(clients(view)).any(|(&bucket, client)| {
        client.lease.filter(|lease| !view.clock.passed(lease.ends)).is_some_and(|lease| {
            let config = view.model.config(lease.from);
            let normal = Role::ALL.into_iter().all(|role| view.system.server(role).running() == Some(State::Normal));
            let unused = view.system.budgets.left(Item::LinkBreaks) == view.model.budgets.left(Item::LinkBreaks);
            normal && unused && !responsible(&config.rules, lease.from, &config.buckets, bucket, false)
        })
    })
}

fn rejected(view: &View<'_>) -> bool {
    Role::ALL
        .into_iter()
        .any(|role| addresses(view.model).any(|a| stored(view.system, role, a).partner == Partner::Rejected))
}

fn reallocated(view: &View<'_>) -> bool {
    (0..).zip(clients(view)).any(|(number, client): (u32, _)| {
        client.lease.filter(|lease| !view.clock.passed(lease.ends)).is_some_and(|lease| {
            let theirs = stored(view.system, lease.from.partner(), lease.address).status;
            view.system.server(lease.from).running() == Some(State::PartnerDown)
                && !theirs.is_available()
                && theirs.client() != Some(dhcpfo_engine::binding::ClientId(number))
        })
    })
}

fn normal_again(view: &View<'_>) -> bool {
    use dhcpfo_world::budget::Item;
    let used = |item| view.system.budgets.left(item) < view.model.budgets.left(item);
    let normal = |role: Role| {
        let server = view.system.server(role);
        let connected = server.endpoint().is_some_and(|e| matches!(e.volatile().session, Session::Ok(_)));
        server.running() == Some(State::Normal) && connected
    };
    let disturbances = [Item::Crashes, Item::LinkBreaks, Item::OneWayBreaks, Item::Pauses, Item::Shutdowns];
    let disturbed = disturbances.into_iter().any(used);
    let begun_off = view.model.start != dhcpfo_world::model::Start::Normal;
    (disturbed || begun_off) && view.system.link.works() && Role::ALL.into_iter().all(normal)
}

fn storage_lost(view: &View<'_>) -> bool {
    Role::ALL.into_iter().any(|role| {
        let server = view.system.server(role);
        server.endpoint().is_some() && server.durable().endpoint().is_some_and(|record| record.lost)
    })
}

fn served_in_recover_done(view: &View<'_>) -> bool {
    clients(view).any(|client| {
        client.lease.filter(|lease| !view.clock.passed(lease.ends)).is_some_and(|lease| {
            view.system.server(lease.from).running() == Some(State::RecoverDone)
                && stored(view.system, lease.from, lease.address).partner != Partner::UpToDate
        })
    })
}

fn long_lease(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    grants(step).any(|(role, _, _, ends)| {
        let now = clock.now();
        let lead = clock.after(now, step.before.span(step.model, role, span::MCLT));
        clock.before(lead, ends)
    })
}

fn rewound(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    grants(step).any(|(role, client, address, _)| {
        let before = stored(step.before, role, address).status;
        matches!(before.code(), Code::Expired | Code::Released) && before.client() == Some(client)
    })
}

fn enters_normal(step: &Happening<'_>, role: Role) -> bool {
    let state = |system: &System| system.server(role).running();
    state(step.after) == Some(State::Normal) && state(step.before) != Some(State::Normal)
}

/// The addresses of which a server tells in a step, with what it had stored about them before.
fn tells<'a>(step: &'a Happening<'_>, role: Role) -> impl Iterator<Item = (AddressId, Binding)> + use<'a> {
    sent(step).filter_map(move |message| match message {
        Message::BndUpd(update) => Some((update.address, stored(step.before, role, update.address))),
        _ => None,
    })
}

fn tells_refused(step: &Happening<'_>, role: Role) -> bool {
    tells(step, role).any(|(_, before)| before.partner == Partner::Rejected)
}

fn refused_told_in_normal(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    step.server.is_some_and(|role| enters_normal(step, role) && tells_refused(step, role))
}

fn refused_told_when_asked(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    matches!(delivered(step), Some((role, Message::UpdReq)) if tells_refused(step, role))
}

fn changed_before_refused(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some((role, Message::BndAck(ack))) = delivered(step) else { return false };
    ack.reject.is_some() && tells(step, role).any(|(address, _)| address == ack.address)
}

fn own_view_told(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let acknowledged = |mine: &Binding| {
        let acked = mine.acked_potential_expiration;
        mine.status.code() == Code::Active && acked != Time::LONG_AGO && acked == mine.sent_potential_expiration
    };
    step.server.is_some_and(|role| {
        enters_normal(step, role)
            && tells(step, role).any(|(address, mine)| {
                acknowledged(&mine) && stored(step.before, role.partner(), address).status == Status::Reset
            })
    })
}

fn believed_in_break(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    grants(step).any(|(role, _, address, _)| {
        step.before.server(role).running() == Some(State::CommunicationsInterrupted)
            && is_own(role.partner(), stored(step.before, role, address).status)
    })
}

fn conflict_out_of_startup(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some((role, Message::State(report))) = delivered(step) else { return false };
    let starts =
        step.before.server(role).endpoint().is_some_and(|e| matches!(e.volatile().phase, Phase::Startup { .. }));
    starts
        && report.state == Reported::In(State::PartnerDown)
        && step.after.server(role).running() == Some(State::PotentialConflict)
}
