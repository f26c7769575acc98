//! Claims about the states that the servers announce.

use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_wire::message::StateSaid;

use crate::capture::Micros;
use crate::claims::{Claim, Ledger};
use crate::event::{Event, Place};
use crate::say;
use crate::states::{SECOND, Stretch};
use crate::survey::Survey;

/// Clocks that count whole seconds, of two machines.
const SLACK: Micros = 2 * SECOND;
/// Two STATE messages take a moment. Servers that are connected for so long and not in NORMAL are stuck.
const STUCK: Micros = 10 * SECOND;

/// What the states rest on, followed through the second reading.
#[derive(Default)]
pub(crate) struct Endpoints {
    watched: [Watched; 2],
}

#[derive(Default)]
struct Watched {
    /// Its last message: on which connection, and when.
    heard: Option<(u64, Micros)>,
    /// Its last message on an earlier connection.
    heard_before: Option<Micros>,
    /// Its last answer to a client.
    answered: Option<(Micros, Place)>,
    /// When it said SHUTDOWN or PAUSED: it is there and does not work.
    left: Option<Micros>,
    recovering: Option<Recovering>,
}

struct Recovering {
    since: Micros,
    /// When it was last seen at work before.
    stopped: Option<Micros>,
    partner_recovers: bool,
}

impl Endpoints {
    /// A server answered a client.
    pub(crate) fn answered(&mut self, role: Role, at: Micros, place: Place) {
        self.watched[role.index()].answered = Some((at, place));
    }

    /// A server sent a message on a connection.
    pub(crate) fn heard(&mut self, role: Role, connection: u64, at: Micros) {
        let watched = &mut self.watched[role.index()];
        if let Some((_, last)) = watched.heard.filter(|(before, _)| *before != connection) {
            watched.heard_before = Some(last);
        }
        watched.heard = Some((connection, at));
    }

    /// A server sent STATE.
    pub(crate) fn said(&mut self, survey: &Survey, role: Role, event: &Event, said: &StateSaid, ledger: &mut Ledger) {
        let (at, place, state, startup) = (event.at, event.place, said.state, said.startup);
        let recovers = |state| matches!(state, Reported::In(State::Recover | State::RecoverWait));
        if recovers(state)
            && let Some(recovering) = &mut self.watched[role.partner().index()].recovering
        {
            recovering.partner_recovers = true;
        }
        let partner_recovers = self.watched[role.partner().index()].recovering.is_some();
        let watched = &mut self.watched[role.index()];
        let heard = watched.left.or(watched.heard_before);
        let stopped = heard.max(watched.answered.map(|(at, _)| at).filter(|answered| *answered < at));
        match state {
            _ if recovers(state) || startup => {
                let fresh = Recovering { since: at, stopped, partner_recovers };
                let recovering = watched.recovering.get_or_insert(fresh);
                recovering.partner_recovers |= partner_recovers;
            }
            Reported::In(State::RecoverDone) => {
                if let Some(recovering) = watched.recovering.take() {
                    recover_wait(survey, role, at, place, &recovering, ledger);
                }
            }
            Reported::Paused | Reported::Shutdown => watched.left = Some(at),
            _ => (watched.recovering, watched.left) = (None, None),
        }
    }
}

fn recover_wait(survey: &Survey, role: Role, at: Micros, place: Place, recovering: &Recovering, ledger: &mut Ledger) {
    let claim = Claim::RecoverWait;
    if recovering.partner_recovers {
        return ledger.open(claim, "both servers recover: at a first start nobody has to wait");
    }
    let Some(mclt) = survey.mclt else { return ledger.open(claim, "MCLT is not in the capture; say it with --mclt") };
    let mclt = i64::from(mclt) * SECOND;
    let Some(stopped) = recovering.stopped else {
        if at + SLACK >= recovering.since + mclt {
            return ledger.held(claim);
        }
        return ledger.open(claim, "when the server stopped working is not in the capture");
    };
    let text = || {
        format!(
            "the {} went to RECOVER-DONE {} after it was last seen at work; MCLT is {} s",
            survey.called(role),
            say::span(at - stopped),
            mclt / SECOND
        )
    };
    ledger.judge(claim, at + SLACK >= stopped + mclt, at, || vec![place], text);
}

/// What the stretches of both servers say about each other.
pub(crate) fn judge(survey: &Survey, ledger: &mut Ledger) {
    for role in Role::ALL {
        let stretches = &survey.log(role).stretches;
        for stretch in stretches.iter().filter(|stretch| is(stretch, State::PartnerDown)) {
            one_partner_down(survey, role, stretch, ledger);
        }
        for (before, next) in stretches.iter().zip(stretches.iter().skip(1)) {
            if is(next, State::Normal) && !is(before, State::Normal) {
                interlock(survey, role, before, next, ledger);
            }
        }
        let interrupted = runs(stretches, |stretch| is(stretch, State::CommunicationsInterrupted));
        interrupted.iter().for_each(|run| normal_again(survey, role, run, ledger));
    }
}

fn is(stretch: &Stretch, state: State) -> bool {
    stretch.state == Reported::In(state) && !stretch.startup
}

fn one_partner_down(survey: &Survey, role: Role, stretch: &Stretch, ledger: &mut Ledger) {
    let theirs = &survey.log(role.partner()).stretches;
    let (from, until) = (stretch.from, stretch.until.max(stretch.said));
    let mut overlapping = theirs.iter().filter(|other| other.from <= until && other.until >= from).peekable();
    if overlapping.peek().is_none() {
        return ledger.open(Claim::OnePartnerDown, "the partner's state at that time is not in the capture");
    }
    // Each is a message of its own; the two are one conflict.
    let both = overlapping.find(|other| is(other, State::PartnerDown));
    if both.is_some() && role == Role::Secondary {
        return;
    }
    let text = || "both servers say that they are in PARTNER-DOWN".to_owned();
    let places = || [stretch.place].into_iter().chain(both.map(|other| other.place)).collect();
    ledger.judge(Claim::OnePartnerDown, both.is_none(), stretch.said, places, text);
}

/// NORMAL is entered where the partner is in a state that goes with it, as it last said.
fn interlock(survey: &Survey, role: Role, before: &Stretch, next: &Stretch, ledger: &mut Ledger) {
    if next.from < next.said {
        return ledger
            .open(Claim::Interlock, "NORMAL was entered while the connection was down, or not in the capture");
    }
    let said = survey.log(role.partner()).stretches.iter();
    let said: Vec<_> = said.filter(|theirs| theirs.connection == next.connection && theirs.said <= next.said).collect();
    let Some(last) = said.last() else {
        return ledger.open(Claim::Interlock, "what the partner said on that connection is not in the capture");
    };
    // Of messages that cross, the one before may be the last that was read.
    let until = said.iter().skip(1).map(|theirs| theirs.said).chain([Micros::MAX]);
    let mut read = said.iter().zip(until).filter(|(_, until)| *until >= next.said - SLACK);
    let resolved =
        before.state == Reported::In(State::PotentialConflict) && (role == Role::Secondary || !survey.roles.are_sure());
    let holds = read.any(|(theirs, _)| match theirs.state {
        Reported::In(State::RecoverDone) => true,
        Reported::In(State::Normal | State::CommunicationsInterrupted) => !is(before, State::PartnerDown),
        Reported::In(State::ConflictDone) => resolved,
        _ => false,
    });
    let text = || {
        let (name, from, theirs) = (survey.called(role), before.name(), last.name());
        format!("the {name} went from {from} to NORMAL although its partner had said that it is in {theirs}")
    };
    ledger.judge(Claim::Interlock, holds, next.said, || vec![next.place, before.place, last.place], text);
}

/// A time in which a server said the same, or as good as the same, on one connection.
struct Run {
    from: Micros,
    until: Micros,
    place: Place,
    connection: u64,
    says: String,
}

/// Stretches that belong together, on one connection each.
fn runs(stretches: &[Stretch], belongs: impl Fn(&Stretch) -> bool) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut goes_on = false;
    for stretch in stretches {
        let belongs = belongs(stretch);
        let (connection, says) = (stretch.connection, stretch.name());
        match runs.last_mut().filter(|run| goes_on && run.connection == connection) {
            Some(run) if belongs => (run.until, run.says) = (stretch.until, says),
            _ if belongs => {
                runs.push(Run { from: stretch.said, until: stretch.until, place: stretch.place, connection, says });
            }
            _ => {}
        }
        goes_on = belongs;
    }
    runs
}

/// COMMUNICATIONS-INTERRUPTED is left once both have said where they are, unless the partner is somewhere else.
fn normal_again(survey: &Survey, role: Role, run: &Run, ledger: &mut Ledger) {
    let partner = role.partner();
    let log = survey.log(partner);
    let Some((first, last)) = log.heard_on(run.connection) else {
        return ledger.open(Claim::NormalAgain, "the partner says nothing on that connection");
    };
    let goes = |stretch: &Stretch| is(stretch, State::Normal) || is(stretch, State::CommunicationsInterrupted);
    let says_nothing = log.stretches.iter().all(|theirs| theirs.connection != run.connection);
    let mut theirs: Vec<(Micros, Micros, String)> = runs(&log.stretches, goes)
        .into_iter()
        .filter(|theirs| theirs.connection == run.connection)
        .map(|theirs| (theirs.from, theirs.until, theirs.says))
        .collect();
    if says_nothing {
        theirs.push((first, last, "nothing of its state".to_owned()));
    }
    let both = theirs.into_iter().map(|(from, until, says)| (run.until.min(until) - run.from.max(from), says));
    let (lasts, says) = both.max_by_key(|(lasts, _)| *lasts).unwrap_or_default();
    let text = || {
        format!(
            "the {} stays in COMMUNICATIONS-INTERRUPTED for {} on a connection that works; the {} says {says} there",
            survey.called(role),
            say::span(lasts),
            survey.called(partner),
        )
    };
    ledger.judge(Claim::NormalAgain, lasts < STUCK, run.from, || vec![run.place], text);
}
