//! Recordings: what can be stepped through but does not branch, for it was not made here. Traces of servers
//! ([`traces`]), audits of captures ([`audited`]), recordings of simulations and whatever still grows ([`follow`]), and
//! servers that run ([`live`]).

pub mod audited;
pub mod follow;
pub mod live;
pub mod teller;
pub mod traces;

use crate::api::{Answer, Refused};
use dhcpfo_claims::draft_12::NO_DUPLICATE_ADDRESS;
use dhcpfo_engine::state::Role;
use dhcpfo_report::calendar::{clock, date};
use dhcpfo_report::diagram;
use dhcpfo_report::recording::{Bound, Change, Event, Finding, Recording, Standing};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Events that are kept: of a file all, unless it is very long.
pub const MOST: usize = 200_000;
/// Events that are kept of what goes on for ever.
pub const MOST_LIVE: usize = 5_000;
/// Rows of the diagram.
const ROWS: usize = 40;
/// Events that are listed.
const LISTED: usize = 80;
/// Addresses of each server that are shown.
const ADDRESSES: usize = 16;
/// Events in which an address has to change to be shown before others.
const RECENT: usize = 400;
/// Findings that are listed.
const FINDINGS: usize = 500;

/// A recording that is shown, and may grow.
pub struct Recorder {
    recording: Mutex<Recording>,
    /// It may grow.
    pub grows: bool,
}

/// A question about a recording.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// The event, counted from 1; 0 is the beginning, none the latest.
    #[serde(default)]
    number: Option<usize>,
    /// Only events that say this are listed.
    #[serde(default)]
    want: String,
}

impl Recorder {
    /// A recording that is whole.
    pub fn new(recording: Recording) -> Recorder {
        Recorder { recording: Mutex::new(recording), grows: false }
    }

    /// One that grows.
    pub fn growing(recording: Recording) -> Recorder {
        Recorder { recording: Mutex::new(recording), grows: true }
    }

    /// Works on the recording.
    pub fn with<T>(&self, work: impl FnOnce(&mut Recording) -> T) -> T {
        work(&mut self.recording.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What it is.
    pub fn opening(&self) -> Value {
        self.with(|recording| {
            let found = recording.from(1).find(|(_, event)| !event.findings.is_empty());
            let first = found.map_or_else(|| recording.count(), |(number, _)| number);
            json!({ "title": recording.title, "notes": recording.notes, "grows": self.grows, "first": first })
        })
    }

    /// How things stand after an event.
    pub fn moment(&self, which: &Which) -> Answer {
        self.with(|recording| {
            let (count, dropped) = (recording.count(), recording.dropped());
            let number = which.number.unwrap_or(count);
            if number > count {
                return Err(Refused::Wrong(format!("there are {count} events")));
            }
            Ok(moment(recording, number.max(dropped), &which.want))
        })
    }
}

fn moment(recording: &Recording, number: usize, want: &str) -> Value {
    let event = recording.event(number);
    let standing = recording.standing(number);
    let before = recording.standing(number.saturating_sub(1));
    let first = || recording.from(1).next().map_or(0, |(_, event)| event.at);
    let at = event.map_or_else(first, |event| event.at);
    let (rows, clients) = recording.rows(number, ROWS);
    let earlier = (number + 1).saturating_sub(rows.len());
    let recent = recent(recording, number);
    let servers = Role::ALL.map(|role| server(&standing, role, at / 1_000_000, &recent));
    let was = Role::ALL.map(|role| server(&before, role, at / 1_000_000, &recent));
    json!({
        "number": number,
        "count": recording.count(),
        "dropped": recording.dropped(),
        "notes": recording.notes,
        "at": date(at),
        "diagram": diagram::named(&rows, 0, false, &clients),
        "earlier": 0,
        "rowSteps": (0..rows.len()).map(|row| earlier + row).collect::<Vec<_>>(),
        "last": event.map(last),
        "servers": servers,
        "before": was,
        "places": places(&standing, at / 1_000_000),
        "holders": holders(&standing, at / 1_000_000),
        "link": standing.link,
        "claims": claims(recording),
        "findings": findings(recording),
        "events": listed(recording, number, want),
    })
}

fn last(event: &Event) -> Value {
    let did = |deed: &dhcpfo_report::recording::Deed| {
        json!([deed.who.as_ref().map_or("", |who| who.name()), deed.verb, deed.text])
    };
    json!({
        "words": event.words,
        "place": event.place,
        "effects": event.did.iter().map(did).collect::<Vec<_>>(),
        "changes": event.changes.iter().take(24).map(changed).collect::<Vec<_>>(),
        "findings": event.findings.iter().map(|finding| json!([finding.claim, finding.text])).collect::<Vec<_>>(),
    })
}

/// A change in words.
fn changed(change: &Change) -> String {
    match change {
        Change::Condition(who, condition) => format!("{}: {condition}", who.name()),
        Change::Fact(who, what, how) => format!("{} {what}: {}", who.name(), if how.is_empty() { "–" } else { how }),
        Change::Binding(who, address, bound) => {
            let client = bound.client.as_ref().map(|client| format!(" {client}")).unwrap_or_default();
            format!("{}: {address} {}{client}", who.name(), bound.status)
        }
        Change::Holds { client, address, until: Some(until) } => {
            format!("{client} holds {address} until {}", clock(until.saturating_mul(1_000_000)))
        }
        Change::Holds { client, address, until: None } => format!("{client} has {address} no longer"),
        Change::Link(true) => "the servers are connected".to_owned(),
        Change::Link(false) => "the servers are not connected".to_owned(),
    }
}

/// The addresses that changed last.
fn recent(recording: &Recording, number: usize) -> Vec<String> {
    let from = number.saturating_sub(RECENT);
    let window: Vec<&Event> = recording.from(from).take_while(|(at, _)| *at <= number).map(|(_, e)| e).collect();
    let mut recent: Vec<String> = Vec::new();
    for change in window.iter().rev().flat_map(|event| &event.changes) {
        let (Change::Binding(_, address, _) | Change::Holds { address, .. }) = change else { continue };
        if recent.len() < ADDRESSES && !recent.contains(address) {
            recent.push(address.clone());
        }
    }
    recent
}

/// A length of time from now on, as tables have it.
fn from_now(time: i64, now: i64) -> String {
    let length = (time - now).abs();
    let text = match length {
        0..=59 => format!("{length}s"),
        60..=3599 => format!("{}m{}s", length / 60, length % 60),
        3600..=86_399 => format!("{}h{}m", length / 3600, length / 60 % 60),
        _ => format!("{}d{}h", length / 86_400, length / 3600 % 24),
    };
    format!("{}{text}", if time < now { "−" } else { "+" })
}

fn server(standing: &Standing, role: Role, now: i64, recent: &[String]) -> Value {
    let bindings = &standing.bindings[role.index()];
    let mut shown: Vec<&String> = recent.iter().filter(|address| bindings.contains_key(*address)).collect();
    for address in bindings.keys() {
        if shown.len() < ADDRESSES && !shown.contains(&address) {
            shown.push(address);
        }
    }
    shown.sort_by_key(|address| (address.parse::<std::net::Ipv4Addr>().ok(), (*address).clone()));
    let rows: Vec<Value> = shown.iter().map(|address| binding(address, &bindings[*address], now)).collect();
    json!({
        "name": role.name(),
        "condition": standing.conditions[role.index()],
        "facts": standing.facts[role.index()].iter().map(|(what, how)| json!([what, how])).collect::<Vec<_>>(),
        "bindings": rows,
        "more": bindings.len() - shown.len(),
    })
}

fn binding(address: &str, bound: &Bound, now: i64) -> Value {
    let time = |time: Option<i64>| time.map(|time| from_now(time, now));
    json!({
        "address": address, "status": bound.status, "client": bound.client, "partner": bound.partner,
        "reclaiming": false, "ends": time(bound.ends), "sent": time(bound.sent), "acked": time(bound.acked),
        "received": time(bound.received), "rests": time(bound.rests),
    })
}

/// The time of day of every time that is shown as a length.
fn places(standing: &Standing, now: i64) -> BTreeMap<String, String> {
    let bounds = standing.bindings.iter().flat_map(BTreeMap::values);
    let times = bounds.flat_map(|bound| [bound.ends, bound.sent, bound.acked, bound.received, bound.rests]);
    let all = times.flatten().map(|time| (from_now(time, now), clock(time.saturating_mul(1_000_000))));
    all.take(10_000).collect()
}

fn holders(standing: &Standing, now: i64) -> Vec<Value> {
    let held = standing.holds.iter().filter(|(_, until)| **until > now);
    let twice = |address: &str| standing.holders(address, now).count() > 1;
    held.take(200)
        .map(|((client, address), until)| json!([client, address, from_now(*until, now), twice(address)]))
        .collect()
}

fn claims(recording: &Recording) -> Vec<Value> {
    let claim = |claim: &dhcpfo_report::recording::Judged| {
        json!({
            "name": claim.name, "statement": claim.statement, "section": claim.section, "verdict": claim.verdict,
            "reason": claim.reason,
        })
    };
    recording.claims.iter().map(claim).collect()
}

fn findings(recording: &Recording) -> Vec<Value> {
    let of = |(number, event): (usize, &Event)| {
        let told = move |finding: &Finding| json!([number, finding.claim, finding.text]);
        event.findings.iter().map(told).collect::<Vec<_>>()
    };
    recording.from(1).flat_map(of).take(FINDINGS).collect()
}

/// Events around one, or from there on those that say something.
fn listed(recording: &Recording, number: usize, want: &str) -> Vec<Value> {
    let want = want.trim().to_lowercase();
    let says = |event: &Event| {
        let deeds = event.did.iter().any(|deed| deed.text.to_lowercase().contains(&want));
        want.is_empty() || deeds || event.words.to_lowercase().contains(&want)
    };
    let told =
        |(number, event): (usize, &Event)| json!([number, clock(event.at), event.words, !event.findings.is_empty()]);
    let from = if want.is_empty() { number.saturating_sub(LISTED / 2) } else { 1 };
    let mut list: Vec<(usize, &Event)> = recording.from(from.max(1)).filter(|(_, event)| says(event)).collect();
    if !want.is_empty() {
        // The window of what fits that has this event in its middle.
        let here = list.partition_point(|(at, _)| *at < number);
        list.drain(..here.saturating_sub(LISTED / 2));
    }
    list.truncate(LISTED);
    list.into_iter().map(told).collect()
}

/// Adds events, and judges what can be judged from what clients were given.
pub(crate) struct Judge {
    standing: Standing,
    duplicates: usize,
    given: usize,
}

impl Judge {
    pub(crate) fn new() -> Judge {
        Judge { standing: Standing::unknown(), duplicates: 0, given: 0 }
    }

    /// Adds an event.
    pub(crate) fn push(&mut self, recording: &mut Recording, mut event: Event) {
        let second = event.at.div_euclid(1_000_000);
        for change in &event.changes {
            if let Change::Holds { client, address, until: Some(until) } = change {
                self.given += 1;
                let other = self.standing.holders(address, second).find(|other| other != client);
                if let Some(other) = other.filter(|_| *until > second) {
                    self.duplicates += 1;
                    let text = format!("{address} is given to {client} while {other} has it");
                    event.findings.push(Finding { claim: NO_DUPLICATE_ADDRESS.name.to_owned(), text });
                }
            }
            self.standing.apply(change);
        }
        recording.push(event);
        self.tell(recording);
    }

    fn tell(&self, recording: &mut Recording) {
        let (verdict, reason) = match (self.duplicates, self.given) {
            (0, 0) => ("not judged", "nobody was given anything".to_owned()),
            (0, given) => ("held", format!("{given} times")),
            (duplicates, given) => ("violated", format!("{duplicates} of {given} times")),
        };
        let judged = dhcpfo_report::recording::Judged {
            name: NO_DUPLICATE_ADDRESS.name.to_owned(),
            statement: NO_DUPLICATE_ADDRESS.statement.to_owned(),
            section: NO_DUPLICATE_ADDRESS.section.to_owned(),
            verdict: verdict.to_owned(),
            reason,
        };
        match recording.claims.iter_mut().find(|claim| claim.name == NO_DUPLICATE_ADDRESS.name) {
            Some(claim) => *claim = judged,
            None => recording.claims.push(judged),
        }
    }
}
