//! The claim [`states-follow`](dhcpfo_claims::draft_12::STATES_FOLLOW).

use crate::look::{delivered, heard_of_partner, recorded};
use dhcpfo_claims::draft_12::STATES_FOLLOW;
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::message::{Message, StateReport};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::action::{Timer, What};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &STATES_FOLLOW, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.server.filter(|_| step.action.crash_after.is_none()) else { return true };
    let (was, Some(is)) = (recorded(step.before, role), recorded(step.after, role)) else { return true };
    let phase = step.before.server(role).endpoint().map(|endpoint| endpoint.volatile().phase);
    let starts = matches!(step.action.what, What::Restart(_) | What::RestartChanged(_));
    let Some(was) = was.filter(|_| !starts) else { return is == was.map_or(State::Recover, restarted(role)) };
    match (step.action.what, phase) {
        (What::Operator(..), _) | (_, None) => true,
        (What::Deliver(_), Some(phase)) => match delivered(step) {
            Some((_, message)) => after_message(step, role, (phase, was, &message), clock).contains(&is),
            None => is == was,
        },
        (What::Notice(_), Some(Phase::Running)) => is == without_contact(was),
        (What::Wake(_) | What::Over(Timer::SafePeriod, _), Some(Phase::Running)) => by_itself(step, role, was, is),
        (What::Reconnect, _) => [was, without_contact(was)].contains(&is),
        _ => is == was,
    }
}

/// The states in which a message may leave a server.
fn after_message(
    step: &Happening<'_>,
    role: Role,
    (phase, was, message): (Phase, State, &Message),
    clock: &dyn Clock,
) -> Vec<State> {
    let joins = matches!(was, State::PartnerDown | State::CommunicationsInterrupted);
    let recovered = heard_of_partner(step.before, role) == Some(Reported::In(State::RecoverDone));
    match (message, phase) {
        // Whoever joins its partner does so when it has told enough (Q30).
        (Message::State(report), Phase::Running | Phase::Startup { .. }) => {
            let next = match phase {
                // What the partner was before it heard of PARTNER-DOWN (Q92).
                Phase::Startup { .. }
                    if report.startup && was == State::PartnerDown && report.state != Reported::In(was) =>
                {
                    was
                }
                Phase::Startup { .. } => out_of_startup(step, role, (was, report), clock),
                _ if report.startup && was == State::PartnerDown => was,
                _ => partner_is(was, report.state),
            };
            if joins && report.state == Reported::In(State::RecoverDone) { vec![was, next] } else { vec![next] }
        }
        // It has been replaced (§9.14.2).
        (Message::State(report), Phase::Shutdown) if report.state == Reported::In(State::PartnerDown) => {
            vec![State::Recover]
        }
        (Message::UpdDone, Phase::Running) => done(was, role),
        (Message::BndAck(_), Phase::Running) if joins && recovered => vec![was, State::Normal],
        _ => vec![was],
    }
}

/// The partner is in this state: own states by the partner's.
fn partner_is(own: State, partner: Reported) -> State {
    use State::{
        CommunicationsInterrupted, ConflictDone, Normal, PartnerDown, PotentialConflict, Recover, RecoverDone,
        RecoverWait, ResolutionInterrupted,
    };
    let conflict = |other| matches!(other, PotentialConflict | ResolutionInterrupted | ConflictDone);
    match (own, partner) {
        // These wait for something else: UPDDONE, or time.
        (Recover | RecoverWait | PotentialConflict, _) => own,
        (ResolutionInterrupted, _) => PotentialConflict,
        (RecoverDone, Reported::In(Normal | RecoverDone)) => Normal,
        (RecoverDone, Reported::In(other)) if conflict(other) => PotentialConflict,
        (ConflictDone, Reported::In(Normal)) => Normal,
        (RecoverDone | ConflictDone, _) => own,
        (Normal, Reported::Paused) => CommunicationsInterrupted,
        (Normal | CommunicationsInterrupted, Reported::Shutdown) => PartnerDown,
        (CommunicationsInterrupted | PartnerDown, Reported::Paused) | (PartnerDown, Reported::Shutdown) => own,
        (Normal | CommunicationsInterrupted, Reported::In(Normal | CommunicationsInterrupted)) => Normal,
        (Normal | CommunicationsInterrupted | PartnerDown, Reported::In(RecoverDone)) => Normal,
        (Normal | CommunicationsInterrupted, Reported::In(Recover | RecoverWait)) => CommunicationsInterrupted,
        (PartnerDown, Reported::In(Recover | RecoverWait)) => PartnerDown,
        (Normal | CommunicationsInterrupted | PartnerDown, Reported::In(_)) => PotentialConflict,
    }
}

/// The partner's first word to a server in STARTUP, which would resume `previous` (§9.3.2 step 5; Q43, Q44, Q72, Q85).
fn out_of_startup(
    step: &Happening<'_>,
    role: Role,
    (previous, report): (State, &StateReport),
    clock: &dyn Clock,
) -> State {
    let recovering = matches!(previous, State::Recover | State::RecoverWait | State::RecoverDone);
    let stopped =
        step.before.server(role).durable().endpoint().map_or(Time::LONG_AGO, |record| record.last_operational);
    match report.state {
        Reported::In(State::PartnerDown) if previous == State::Recover => previous,
        // It was replaced.
        Reported::In(State::PartnerDown) if !clock.before(report.since, stopped) => State::Recover,
        Reported::In(State::PartnerDown) if recovering => previous,
        Reported::In(State::PartnerDown) => State::PotentialConflict,
        Reported::In(State::Recover | State::RecoverWait) if !recovering && previous != State::PartnerDown => {
            State::Recover
        }
        partner => partner_is(previous, partner),
    }
}

/// UPDDONE, and what may follow at once.
fn done(own: State, role: Role) -> Vec<State> {
    use State::{ConflictDone, Normal, PotentialConflict, Recover, RecoverDone, RecoverWait};
    match (own, role) {
        (Recover, _) => vec![Recover, RecoverWait, RecoverDone, Normal, PotentialConflict],
        (PotentialConflict, Role::Primary) => vec![own, ConflictDone, Normal],
        (PotentialConflict, Role::Secondary) => vec![own, Normal],
        _ => vec![own],
    }
}

fn without_contact(own: State) -> State {
    match own {
        State::Normal => State::CommunicationsInterrupted,
        State::PotentialConflict => State::ResolutionInterrupted,
        _ => own,
    }
}

/// A restart finds no contact; a secondary is never in CONFLICT-DONE (Q18).
fn restarted(role: Role) -> impl Fn(State) -> State {
    move |own| match own {
        State::ConflictDone if role == Role::Secondary => State::ResolutionInterrupted,
        _ => without_contact(own),
    }
}

/// What time alone does.
fn by_itself(step: &Happening<'_>, role: Role, was: State, is: State) -> bool {
    match was {
        State::RecoverWait => [was, State::RecoverDone, State::Normal, State::PotentialConflict].contains(&is),
        State::CommunicationsInterrupted if step.before.config(step.model, role).safe_period => {
            [was, State::PartnerDown].contains(&is)
        }
        _ => is == was,
    }
}

/// A server takes a stimulus and has a state on record.
fn arises(step: &Happening<'_>) -> bool {
    step.server.is_some_and(|role| recorded(step.after, role).is_some())
}
