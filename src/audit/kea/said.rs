//! What servers said of themselves, in heartbeats and in answers to `status-get`, held against each other.

use super::claims::Claim;
use super::log::STATES;
use super::status::Status;
use super::survey::{Said, Survey};
use crate::capture::Micros;
use crate::claims::Ledger;
use crate::say;
use crate::states::SECOND;

/// Clocks that differ by more are warned of.
const TOLERATED: Micros = 30 * SECOND;

/// Judges the heartbeats of both servers.
pub(crate) fn heartbeats(survey: &Survey, ledger: &mut Ledger<Claim>) {
    for (number, server) in survey.servers.iter().enumerate() {
        let Some(said) = survey.said.get(server) else { continue };
        let partner = survey.servers.get(1 - number.min(1)).filter(|partner| *partner != server);
        let mut ended = false;
        // Of several in a row the first is told.
        let (mut both, mut apart) = (false, false);
        for one in said {
            if !ended {
                let is_over = one.state == "terminated";
                let text = || format!("{server} says that it is in TERMINATED");
                ledger.judge(Claim::WorksTogether, !is_over, one.at, || vec![one.place], text);
                ended = is_over;
            }
            let Some(partner) = partner else { continue };
            if number == 0 {
                both = serve_alike(survey, (*server, one), *partner, both, ledger);
            }
            apart = clocks_differ(survey, (*server, one), *partner, apart, ledger);
        }
    }
}

type Speaker<'a> = (std::net::Ipv4Addr, &'a Said);

/// Whether both serve one scope; the partner has to say so before and after.
fn serve_alike(
    survey: &Survey,
    one: Speaker<'_>,
    partner: std::net::Ipv4Addr,
    already: bool,
    ledger: &mut Ledger<Claim>,
) -> bool {
    let (server, said) = one;
    let Some((before, after)) = survey.around(partner, said.at) else { return false };
    let alike = said.scopes.iter().find(|scope| before.scopes.contains(scope) && after.scopes.contains(scope));
    match alike {
        None => ledger.held(Claim::OneServes),
        Some(_) if already => {}
        Some(scope) => {
            let states = (said.state.to_uppercase(), before.state.to_uppercase());
            let text =
                format!("{server} in {} and {partner} in {} both serve the clients of {scope}", states.0, states.1);
            ledger.violated(Claim::OneServes, said.at, vec![said.place, before.place, after.place], text);
        }
    }
    alike.is_some()
}

/// Whether clocks differ by more than is tolerated. A heartbeat tells whole seconds.
fn clocks_differ(
    survey: &Survey,
    one: Speaker<'_>,
    partner: std::net::Ipv4Addr,
    already: bool,
    ledger: &mut Ledger<Claim>,
) -> bool {
    let (server, said) = one;
    let before = survey.said.get(&partner).and_then(|all| all.iter().rev().find(|other| other.at <= said.at));
    let (Some(other), Some(date)) = (before, said.date) else { return already };
    let Some(theirs) = other.date else { return already };
    let ahead = (date - said.at) - (theirs - other.at);
    let differ = ahead.abs() - SECOND > TOLERATED;
    if !differ {
        ledger.held(Claim::ClocksAgree);
    } else if !already {
        let word = if ahead > 0 { "ahead of" } else { "behind" };
        let text = format!("the clock of {server} is {} {word} that of {partner}", say::span(ahead.abs()));
        ledger.violated(Claim::ClocksAgree, said.at, vec![said.place, other.place], text);
    }
    differ
}

/// Judges answers to `status-get`; returns what cannot be judged.
pub(crate) fn statuses(statuses: &[Status], remarks: &mut Vec<String>, ledger: &mut Ledger<Claim>) {
    for status in statuses {
        let state = status.state.to_uppercase();
        if !STATES.contains(&state.as_str()) {
            remarks.push(format!("status-get of the {}: `{}` is no state that is known", status.role, status.state));
            continue;
        }
        let text = || format!("the {} answers status-get that it is in TERMINATED", status.role);
        ledger.judge(Claim::WorksTogether, state != "TERMINATED", 0, || vec![status.place], text);
    }
    let [one, other] = statuses else {
        if !statuses.is_empty() {
            let reason =
                "status-get of one server, or more than two answers: one of each server, asked at one time, would do";
            ledger.open(Claim::OneServes, reason);
        }
        return;
    };
    if one.role == other.role {
        return ledger.open(Claim::OneServes, format!("both answers to status-get are of the {}", one.role));
    }
    let alike = one.scopes.iter().find(|scope| other.scopes.contains(scope));
    let text = || {
        let scope = alike.map(String::as_str).unwrap_or_default();
        format!(
            "the {} in {} and the {} in {} both serve the clients of {scope}, if they were asked at one time",
            one.role,
            one.state.to_uppercase(),
            other.role,
            other.state.to_uppercase()
        )
    };
    ledger.judge(Claim::OneServes, alike.is_none(), 0, || vec![one.place, other.place], text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Place;
    use std::net::Ipv4Addr;

    fn said(seconds: i64, state: &str, scopes: &[&str]) -> Said {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Said { at: seconds * SECOND, place: Place { file: 0, packet: 1 }, state: state.to_owned(), scopes, date: None }
    }

    #[test]
    fn heartbeats_tell_that_both_serve_only_where_the_partner_says_so_before_and_after() {
        let servers = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)];
        let alone = said(5, "partner-down", &["s0", "s1"]);
        for (before, after, verdict) in [
            (&["s0", "s1"][..], &["s0", "s1"][..], crate::Verdict::Violated),
            (&["s0", "s1"], &[], crate::Verdict::Held),
            (&[], &["s0", "s1"], crate::Verdict::Held),
        ] {
            let theirs = vec![said(4, "partner-down", before), said(6, "waiting", after)];
            let said = [(servers[0], vec![alone.clone()]), (servers[1], theirs)].into_iter().collect();
            let mut survey = Survey::default();
            (survey.servers, survey.said) = (servers.to_vec(), said);
            let mut ledger = Ledger::default();
            heartbeats(&survey, &mut ledger);
            assert_eq!(ledger.row(Claim::WorksTogether).verdict(), crate::Verdict::Held);
            assert_eq!(ledger.row(Claim::OneServes).verdict(), verdict, "{before:?} {after:?}");
        }
    }

    #[test]
    fn who_has_given_up_says_so_to_whoever_asks() {
        let server = Ipv4Addr::new(10, 0, 0, 1);
        let mut survey = Survey::default();
        survey.servers.push(server);
        survey.said =
            [(server, vec![said(1, "ready", &[]), said(2, "terminated", &[]), said(3, "terminated", &[])])].into();
        let mut ledger = Ledger::default();
        heartbeats(&survey, &mut ledger);
        let row = ledger.row(Claim::WorksTogether);
        assert_eq!((row.occasions, row.violations), (2, 1));
    }
}
