//! What `dhcpfo audit --json` wrote: messages and packets, what came of them for each address, and findings where they
//! occurred. Without `--timeline` there are only the findings.

use super::MOST;
use dhcpfo_documents::audit::{self, AddressLine, Audit, Message, Place, Stretch, Verdict};
use dhcpfo_engine::state::Role;
use dhcpfo_report::calendar::date;
use dhcpfo_report::recording::{Bound, Change, Deed, Event, Finding, Judged, Party, Recording, Sided, Told};
use std::collections::{BTreeMap, BTreeSet};

/// Events in the making, with what they are found by.
#[derive(Default)]
struct Events {
    list: Vec<Event>,
    /// The first event of a file's packet.
    by_place: BTreeMap<String, usize>,
}

impl Events {
    /// The event of that place that mentions `about`, or the first one there, or a new one with these words.
    fn of(&mut self, place: &str, about: &str, at: i64, words: &str) -> &mut Event {
        let first = self.by_place.get(place).copied();
        let found = first.map(|first| {
            let same = self.list[first..].iter().take_while(|event| event.place == place);
            let near = same.enumerate().find(|(_, event)| event.words.contains(about)).map_or(0, |(near, _)| near);
            first + near
        });
        let index = found.unwrap_or_else(|| self.add(place, at, words));
        &mut self.list[index]
    }

    fn add(&mut self, place: &str, at: i64, words: &str) -> usize {
        let index = self.list.len();
        self.list.push(Event { at, place: place.to_owned(), words: words.to_owned(), ..Event::default() });
        self.by_place.entry(place.to_owned()).or_insert(index);
        index
    }
}

/// A recording of an audit's document.
///
/// # Errors
/// It has something that cannot be read; with where it is.
pub fn recording(name: &str, document: &Audit) -> Result<Recording, String> {
    let fail = |key: &str, number: usize| format!("{name}: \"{key}\", number {}: cannot be read", number + 1);
    let mut events = Events::default();
    let none = audit::Timeline::default();
    let timeline = document.timeline.as_ref().unwrap_or(&none);
    for (number, message) in timeline.messages.iter().enumerate() {
        add_message(&mut events, message).ok_or_else(|| fail("timeline.messages", number))?;
    }
    let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (number, line) in timeline.addresses.iter().enumerate() {
        add_address(&mut events, line, &mut holders).ok_or_else(|| fail("timeline.addresses", number))?;
    }
    for (number, stretch) in timeline.servers.iter().enumerate() {
        add_state(&mut events, stretch).ok_or_else(|| fail("timeline.servers", number))?;
    }
    for (number, finding) in document.findings.iter().enumerate() {
        add_finding(&mut events, finding).ok_or_else(|| fail("findings", number))?;
    }
    let mut recording = Recording::new(title(name, document), MOST);
    events.list.sort_by_key(|event| event.at);
    events.list.into_iter().for_each(|event| recording.push(event));
    recording.claims = document.claims.iter().map(claim).collect();
    recording.notes = notes(&recording, document);
    Ok(recording)
}

fn title(name: &str, document: &Audit) -> String {
    match document.files.is_empty() {
        true => name.to_owned(),
        false => format!("Audit of {}", document.files.join(", ")),
    }
}

fn notes(recording: &Recording, document: &Audit) -> Vec<String> {
    let mut notes = Vec::new();
    if let (Some((_, first)), Some((_, last))) = (recording.from(1).next(), recording.from(1).next_back()) {
        notes.push(format!("{} to {}, by the capture's clock.", date(first.at), date(last.at)));
    }
    if document.timeline.is_none() {
        notes.push("Without --timeline the audit has written down its findings only.".to_owned());
    }
    notes.extend(document.remarks.iter().cloned());
    notes
}

/// Seconds with decimals as microseconds.
fn micros(at: &str) -> Option<i64> {
    let (seconds, decimals) = at.split_once('.')?;
    let micros: i64 = format!("{decimals:0<6}").get(..6)?.parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

fn place(place: &Place) -> Option<String> {
    let file = place.file.as_deref()?;
    Some(format!("{} packet {}", file.rsplit('/').next().unwrap_or(file), place.packet))
}

fn party(name: &str) -> Party {
    let role = Role::ALL.into_iter().find(|role| role.name() == name);
    role.map_or_else(|| Party::Client(name.to_owned()), Party::server)
}

fn add_message(events: &mut Events, message: &Message) -> Option<()> {
    let Message { from, to, text, .. } = message;
    let place = place(&message.place)?;
    let index = events.add(&place, micros(&message.at)?, &format!("{from} → {to}: {text}"));
    let event = &mut events.list[index];
    let (from, parties) = (party(from), if to == "all" { vec!["primary", "secondary"] } else { vec![to.as_str()] });
    let between = from.role().is_some() && party(to).role().is_some();
    event.said = parties.into_iter().map(|to| Told { from: from.clone(), to: party(to), text: text.clone() }).collect();
    match text.as_str() {
        _ if !between => {}
        "opens a connection" => event.said.clear(),
        // Nothing came of it.
        _ if text.starts_with("dial") => event.said.clear(),
        "closes the connection" => {
            event.said.clear();
            event.changes.push(Change::Link(false));
        }
        _ => event.changes.push(Change::Link(true)),
    }
    Some(())
}

fn add_address(
    events: &mut Events,
    line: &AddressLine,
    holders: &mut BTreeMap<String, BTreeSet<String>>,
) -> Option<()> {
    let (address, text) = (&line.address.to_string(), &line.text);
    let event = events.of(&place(&line.place)?, address, micros(&line.at)?, &format!("{address}: {text}"));
    event.did.push(Deed { who: None, verb: address.clone(), text: text.clone() });
    let known = line.known.clone().unwrap_or_default();
    for (role, known) in Role::ALL.into_iter().zip([known.primary, known.secondary]) {
        let Some(known) = known else { continue };
        let bound = Bound {
            status: known.status,
            client: known.client,
            ends: known.ends,
            acked: known.potential,
            ..Bound::default()
        };
        event.changes.push(Change::Binding(Party::server(role), address.clone(), bound));
    }
    let mut now = BTreeSet::new();
    for (client, until) in known.holders {
        let until = Some(until);
        event.changes.push(Change::Holds { client: client.clone(), address: address.clone(), until });
        now.insert(client);
    }
    let before = holders.insert(address.clone(), now.clone()).unwrap_or_default();
    for client in before.difference(&now) {
        let (client, address) = (client.clone(), address.clone());
        event.changes.push(Change::Holds { client, address, until: None });
    }
    Some(())
}

fn add_state(events: &mut Events, stretch: &Stretch) -> Option<()> {
    let (role, at, place) = (&stretch.role, micros(&stretch.from)?, place(&stretch.place)?);
    let condition = if stretch.startup { "STARTUP" } else { &stretch.state };
    let change = Change::Condition(party(role), condition.to_owned());
    // What was told later than it began has an instant of its own.
    let said = events.by_place.get(&place).map(|index| events.list[*index].at);
    let words = format!("{role} is in {condition}, as it said");
    let event = match said {
        Some(said) if (said - at).abs() < 1_000 => events.of(&place, "STATE", at, &words),
        _ => {
            events.list.push(Event { at, place, words, ..Event::default() });
            events.list.last_mut()?
        }
    };
    event.changes.push(change);
    Some(())
}

fn add_finding(events: &mut Events, finding: &audit::Finding) -> Option<()> {
    let (claim, text, at) = (&finding.claim, &finding.text, micros(&finding.at)?);
    let places: Vec<String> = finding.places.iter().map(place).collect::<Option<_>>()?;
    let first = places.first().cloned().unwrap_or_default();
    let event = events.of(&first, "DHCPACK", at, &format!("{claim} is violated"));
    let text = format!("{text} ({})", places.join(", "));
    event.findings.push(Finding { claim: claim.clone(), text });
    Some(())
}

fn claim(claim: &audit::Claim) -> Judged {
    let mut reasons = Vec::new();
    match claim.verdict {
        Verdict::Held => reasons.push(format!("{} times", claim.occasions)),
        Verdict::Violated => reasons.push(format!("{} of {} times", claim.violations, claim.occasions)),
        Verdict::NotJudged => {}
    }
    reasons.extend(claim.not_judged.iter().map(|(why, times)| format!("not judged {times} times: {why}")));
    Judged {
        name: claim.name.clone(),
        statement: claim.statement.clone(),
        section: claim.section.clone(),
        verdict: claim.verdict.word().to_owned(),
        reason: reasons.join("; "),
    }
}
