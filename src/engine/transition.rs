//! The endpoint's transition table (failover-12 §9; text before figure), and ISC dhcpd's.

use crate::rules::{ConflictInRecover, Rules, Transitions};
use crate::state::{Reported, Role, State};

/// Why a transition is considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The partner says that it is in this state, when communications become ok or at a change.
    Partner(Reported),
    /// Communications are not ok any more.
    CommunicationsFailed,
    /// An operator says that the partner is down.
    PartnerDownCommand,
    /// The safe period is over (failover-12 §10).
    SafePeriodOver,
    /// UPDDONE has been received.
    UpdateDone,
    /// The RECOVER-WAIT timer is over.
    RecoverWaitOver,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing changes.
    Stay,
    /// Go there.
    To(State),
    /// Stop serving until restarted (ISC dhcpd only: it goes SHUTDOWN, or its process exits).
    Halt,
}

/// The table. `before`: what the partner's state was taken for until now.
pub fn transition(rules: &Rules, role: Role, state: State, cause: Cause, before: Option<Reported>) -> Next {
    match (cause, rules.transitions) {
        (Cause::Partner(partner), Transitions::Draft) => partner_is(rules, state, partner),
        (Cause::Partner(partner), Transitions::Isc) => isc_partner_is(state, partner, before),
        (Cause::UpdateDone, Transitions::Isc) => isc_update_done(role, state, before),
        (Cause::UpdateDone, Transitions::Draft) => update_done(role, state),
        (Cause::CommunicationsFailed, _) => communications_failed(state),
        (Cause::PartnerDownCommand, _) => match state {
            // failover-12 §9.8.4, §9.9.3, §9.11.3: from nowhere else.
            State::Normal | State::CommunicationsInterrupted | State::ResolutionInterrupted => {
                Next::To(State::PartnerDown)
            }
            _ => Next::Stay,
        },
        (Cause::SafePeriodOver, _) if state == State::CommunicationsInterrupted => Next::To(State::PartnerDown),
        (Cause::RecoverWaitOver, _) if state == State::RecoverWait => Next::To(State::RecoverDone),
        (Cause::SafePeriodOver | Cause::RecoverWaitOver, _) => Next::Stay,
    }
}

/// The communications-failed arcs (failover-12 §9.8.4, §9.10.3; figure 9.2-1).
pub const fn communications_failed(state: State) -> Next {
    match state {
        State::Normal => Next::To(State::CommunicationsInterrupted),
        State::PotentialConflict => Next::To(State::ResolutionInterrupted),
        // F12-9.5.2-f, F12-9.6.2-d, F12-9.7.2-b, F12-9.12.2-b.
        _ => Next::Stay,
    }
}

/// Own state by partner's state (failover-12 §9.4.3, §9.5.2, §9.7.2, §9.8.4, §9.9.3, §9.10.3, §9.11.3, §9.12.3).
fn partner_is(rules: &Rules, state: State, partner: Reported) -> Next {
    use State::{
        CommunicationsInterrupted, ConflictDone, Normal, PartnerDown, PotentialConflict, Recover, RecoverDone,
        RecoverWait, ResolutionInterrupted,
    };
    let Reported::In(other) = partner else { return partner_leaves(state, partner) };
    match (state, other) {
        (Normal, Normal | CommunicationsInterrupted | RecoverDone) => Next::Stay,
        (Normal, Recover | RecoverWait) => Next::To(CommunicationsInterrupted),
        (Normal, _) => Next::To(PotentialConflict),
        (CommunicationsInterrupted, Normal | CommunicationsInterrupted | RecoverDone) => Next::To(Normal),
        // RECOVER-WAIT as RECOVER (Q12).
        (CommunicationsInterrupted, Recover | RecoverWait) => Next::Stay,
        (CommunicationsInterrupted, _) => Next::To(PotentialConflict),
        (PartnerDown, Recover | RecoverWait) => Next::Stay,
        (PartnerDown, RecoverDone) => Next::To(Normal),
        (PartnerDown, _) => Next::To(PotentialConflict),
        // A server in RECOVER has nothing to be in conflict about. RECOVER-WAIT may not be skipped (Q84), and a conflict
        // that is interrupted must not let it serve before it has heard of its partner's leases (Q86).
        (Recover, PotentialConflict | ResolutionInterrupted | ConflictDone) => match rules.conflict_in_recover {
            ConflictInRecover::RecoversFirst => Next::Stay,
            ConflictInRecover::AtOnce => Next::To(PotentialConflict),
        },
        // The figure also leads from here to COMMUNICATIONS-INTERRUPTED, partner in RECOVER or RECOVER-WAIT (Q71).
        (RecoverDone, Normal | RecoverDone) => Next::To(Normal),
        // The figure has POTENTIAL-CONFLICT alone; with CONFLICT-DONE both sides would wait for NORMAL (Q41).
        (RecoverDone, PotentialConflict | ResolutionInterrupted | ConflictDone) => Next::To(PotentialConflict),
        (ResolutionInterrupted, _) => Next::To(PotentialConflict),
        (ConflictDone, Normal) => Next::To(Normal),
        (Recover | RecoverWait | RecoverDone | PotentialConflict | ConflictDone, _) => Next::Stay,
    }
}

/// The partner reports PAUSED or SHUTDOWN (failover-12 §9.4.3, §9.8.4, §9.9.3).
fn partner_leaves(state: State, partner: Reported) -> Next {
    match (state, partner) {
        (State::Normal, Reported::Paused) => Next::To(State::CommunicationsInterrupted),
        (State::Normal | State::CommunicationsInterrupted, _) if partner == Reported::Shutdown => {
            Next::To(State::PartnerDown)
        }
        // POTENTIAL-CONFLICT stays: there and back by the two arcs, until the connection closes (Q18).
        (State::ResolutionInterrupted, _) => Next::To(State::PotentialConflict),
        _ => Next::Stay,
    }
}

/// UPDDONE (failover-12 §9.5.2, §9.10.3).
fn update_done(role: Role, state: State) -> Next {
    match (state, role) {
        (State::Recover, _) => Next::To(State::RecoverWait),
        // F12-9.12-a.
        (State::PotentialConflict, Role::Primary) => Next::To(State::ConflictDone),
        (State::PotentialConflict, Role::Secondary) => Next::To(State::Normal),
        _ => Next::Stay,
    }
}

/// ISC dhcpd's table (its dhcp_failover_peer_state_changed).
fn isc_partner_is(state: State, partner: Reported, before: Option<Reported>) -> Next {
    use State::{
        CommunicationsInterrupted, ConflictDone, Normal, PartnerDown, PotentialConflict, Recover, RecoverDone,
        RecoverWait, ResolutionInterrupted,
    };
    // A repetition says nothing new in these states.
    let quiet = matches!(state, Normal | PotentialConflict | RecoverDone | RecoverWait);
    if quiet && before == Some(partner) {
        return Next::Stay;
    }
    match (state, partner) {
        (Normal, Reported::Paused) => Next::To(CommunicationsInterrupted),
        (
            Normal | CommunicationsInterrupted | Recover | RecoverDone | PotentialConflict | ResolutionInterrupted,
            Reported::Shutdown,
        ) => Next::To(PartnerDown),
        (ConflictDone, Reported::Paused | Reported::Shutdown) => Next::Halt,
        (_, Reported::Paused | Reported::Shutdown) => Next::Stay,
        (Normal, Reported::In(other)) => match other {
            PartnerDown => Next::To(PotentialConflict),
            PotentialConflict | ResolutionInterrupted | ConflictDone => Next::Halt,
            Recover => Next::To(PartnerDown),
            _ => Next::Stay,
        },
        (CommunicationsInterrupted, Reported::In(other)) => match other {
            Normal | CommunicationsInterrupted | RecoverWait | RecoverDone => Next::To(Normal),
            Recover => Next::To(PartnerDown),
            _ => Next::To(PotentialConflict),
        },
        (PartnerDown, Reported::In(other)) => match other {
            Recover | RecoverWait => Next::Stay,
            RecoverDone => Next::To(Normal),
            _ => Next::To(PotentialConflict),
        },
        (Recover, Reported::In(Normal | PotentialConflict | ResolutionInterrupted | ConflictDone)) => {
            Next::To(PotentialConflict)
        }
        (RecoverDone, Reported::In(Normal | RecoverDone)) => Next::To(Normal),
        (PotentialConflict, Reported::In(Normal)) => Next::Halt,
        (PotentialConflict, Reported::In(Recover)) => Next::To(Recover),
        (ResolutionInterrupted, Reported::In(_)) => Next::To(PotentialConflict),
        (ConflictDone, Reported::In(Normal)) => Next::To(Normal),
        (ConflictDone, Reported::In(PotentialConflict | ResolutionInterrupted)) => Next::Stay,
        (ConflictDone, _) => Next::Halt,
        (Recover | RecoverWait | RecoverDone | PotentialConflict, _) => Next::Stay,
    }
}

/// ISC dhcpd on UPDDONE.
fn isc_update_done(role: Role, state: State, partner: Option<Reported>) -> Next {
    let conflict_done = partner == Some(Reported::In(State::ConflictDone));
    // Both have lost everything, it believes, or are new (Q126).
    let recovers_too = matches!(partner, Some(Reported::In(State::Recover | State::RecoverDone)));
    match (state, role) {
        (State::Recover, _) if recovers_too => Next::To(State::RecoverDone),
        (State::Recover, _) => Next::To(State::RecoverWait),
        (State::PotentialConflict, Role::Primary) if conflict_done => Next::Halt,
        (State::PotentialConflict, Role::Primary) => Next::To(State::ConflictDone),
        (State::PotentialConflict, Role::Secondary) if conflict_done => Next::To(State::Normal),
        _ => Next::Stay,
    }
}

/// Whether a server in `state`, in communication with a partner in `partner`, must ask it for updates
/// (failover-12 §9.5.2, §9.10.1, §9.10.3).
pub fn asks_for_updates(rules: &Rules, role: Role, state: State, partner: Reported) -> bool {
    use State::{CommunicationsInterrupted, ConflictDone, PartnerDown, PotentialConflict, Recover};
    match (state, rules.transitions) {
        // F12-9.5-a, F12-9.5.2-b; F12-5.8-a, F12-4.1-e.
        (Recover, Transitions::Draft) => true,
        (Recover, Transitions::Isc) => {
            matches!(partner, Reported::In(CommunicationsInterrupted | PartnerDown | Recover))
        }
        // F12-9.10.1-a, F12-9.10.1-b, F12-9.10.3-d (Q40).
        (PotentialConflict, _) => role == Role::Primary || partner == Reported::In(ConflictDone),
        _ => false,
    }
}
