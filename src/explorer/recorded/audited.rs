//! What `dhcpfo audit --json` wrote: messages and packets, what came of them for each address, and findings where they
//! occurred. Without `--timeline` there are only the findings.

use super::MOST;
use dhcpfo_engine::state::Role;
use dhcpfo_report::calendar::date;
use dhcpfo_report::papers::Kind;
use dhcpfo_report::recording::{Bound, Change, Event, Finding, Judged, Party, Recording, Told};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a document is one.
pub fn is_audit(document: &Value) -> bool {
    document["claims"].is_array() && document["findings"].is_array() && document["files"].is_array()
}

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
pub fn recording(name: &str, document: &Value) -> Result<Recording, String> {
    let accepted = Kind::Audit.format().accept(document["version"].as_u64(), document["tool"].as_str());
    accepted.map_err(|problem| format!("{name}: {problem}"))?;
    let fail = |key: &str, number: usize| format!("{name}: \"{key}\", number {}: cannot be read", number + 1);
    let mut events = Events::default();
    let timeline = &document["timeline"];
    for (number, message) in list(&timeline["messages"]).enumerate() {
        add_message(&mut events, message).ok_or_else(|| fail("timeline.messages", number))?;
    }
    let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (number, line) in list(&timeline["addresses"]).enumerate() {
        add_address(&mut events, line, &mut holders).ok_or_else(|| fail("timeline.addresses", number))?;
    }
    for (number, stretch) in list(&timeline["servers"]).enumerate() {
        add_state(&mut events, stretch).ok_or_else(|| fail("timeline.servers", number))?;
    }
    for (number, finding) in list(&document["findings"]).enumerate() {
        add_finding(&mut events, finding).ok_or_else(|| fail("findings", number))?;
    }
    let mut recording = Recording::new(title(name, document), MOST);
    events.list.sort_by_key(|event| event.at);
    events.list.into_iter().for_each(|event| recording.push(event));
    recording.claims = list(&document["claims"]).map(claim).collect();
    recording.notes = notes(&recording, document);
    Ok(recording)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn title(name: &str, document: &Value) -> String {
    let files: Vec<&str> = list(&document["files"]).filter_map(Value::as_str).collect();
    if files.is_empty() { name.to_owned() } else { format!("Audit of {}", files.join(", ")) }
}

fn notes(recording: &Recording, document: &Value) -> Vec<String> {
    let mut notes = Vec::new();
    if let (Some((_, first)), Some((_, last))) = (recording.from(1).next(), recording.from(1).next_back()) {
        notes.push(format!("{} to {}, by the capture's clock.", date(first.at), date(last.at)));
    }
    if !document["timeline"].is_object() {
        notes.push("Without --timeline the audit has written down its findings only.".to_owned());
    }
    notes.extend(list(&document["remarks"]).filter_map(|remark| remark.as_str().map(str::to_owned)));
    notes
}

/// Seconds with decimals as microseconds.
fn micros(value: &Value) -> Option<i64> {
    let (seconds, decimals) = value.as_str()?.split_once('.')?;
    let micros: i64 = format!("{decimals:0<6}").get(..6)?.parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

fn place(value: &Value) -> Option<String> {
    let file = value["file"].as_str()?;
    Some(format!("{} packet {}", file.rsplit('/').next().unwrap_or(file), value["packet"].as_u64()?))
}

fn party(name: &str) -> Party {
    let role = Role::ALL.into_iter().find(|role| role.name() == name);
    role.map_or_else(|| Party::Client(name.to_owned()), Party::server)
}

fn add_message(events: &mut Events, message: &Value) -> Option<()> {
    let (from, to, text) = (message["from"].as_str()?, message["to"].as_str()?, message["text"].as_str()?);
    let place = place(&message["place"])?;
    let index = events.add(&place, micros(&message["at"])?, &format!("{from} → {to}: {text}"));
    let event = &mut events.list[index];
    let (from, parties) = (party(from), if to == "all" { vec!["primary", "secondary"] } else { vec![to] });
    let between = from.role().is_some() && party(to).role().is_some();
    event.said =
        parties.into_iter().map(|to| Told { from: from.clone(), to: party(to), text: text.to_owned() }).collect();
    match text {
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

fn add_address(events: &mut Events, line: &Value, holders: &mut BTreeMap<String, BTreeSet<String>>) -> Option<()> {
    let (address, text, at) = (line["address"].as_str()?, line["text"].as_str()?, micros(&line["at"])?);
    let event = events.of(&place(&line["place"])?, address, at, &format!("{address}: {text}"));
    event.did.push(dhcpfo_report::recording::Deed { who: None, verb: address.to_owned(), text: text.to_owned() });
    for role in Role::ALL {
        let known = &line[role.name()];
        if known.is_object() {
            let bound = Bound {
                status: known["status"].as_str()?.to_owned(),
                client: known["client"].as_str().map(str::to_owned),
                ends: known["ends"].as_i64(),
                acked: known["potential"].as_i64(),
                ..Bound::default()
            };
            event.changes.push(Change::Binding(Party::server(role), address.to_owned(), bound));
        }
    }
    let mut now = BTreeSet::new();
    for holder in list(&line["holders"]) {
        let (client, until) = (holder[0].as_str()?.to_owned(), Some(holder[1].as_i64()?));
        event.changes.push(Change::Holds { client: client.clone(), address: address.to_owned(), until });
        now.insert(client);
    }
    let before = holders.insert(address.to_owned(), now.clone()).unwrap_or_default();
    for client in before.difference(&now) {
        let (client, address) = (client.clone(), address.to_owned());
        event.changes.push(Change::Holds { client, address, until: None });
    }
    Some(())
}

fn add_state(events: &mut Events, stretch: &Value) -> Option<()> {
    let (role, state, at) = (stretch["role"].as_str()?, stretch["state"].as_str()?, micros(&stretch["from"])?);
    let place = place(&stretch["place"])?;
    let condition = if stretch["startup"] == true { "STARTUP" } else { state };
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

fn add_finding(events: &mut Events, finding: &Value) -> Option<()> {
    let (claim, text, at) = (finding["claim"].as_str()?, finding["text"].as_str()?, micros(&finding["at"])?);
    let places: Vec<String> = list(&finding["places"]).map(place).collect::<Option<_>>()?;
    let first = places.first().cloned().unwrap_or_default();
    let event = events.of(&first, "DHCPACK", at, &format!("{claim} is violated"));
    let text = format!("{text} ({})", places.join(", "));
    event.findings.push(Finding { claim: claim.to_owned(), text });
    Some(())
}

fn claim(value: &Value) -> Judged {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let count = |key: &str| value[key].as_u64().unwrap_or(0);
    let mut reasons = Vec::new();
    match value["verdict"].as_str() {
        Some("held") => reasons.push(format!("{} times", count("occasions"))),
        Some("violated") => reasons.push(format!("{} of {} times", count("violations"), count("occasions"))),
        _ => {}
    }
    let open = value["not-judged"].as_object().into_iter().flatten();
    reasons.extend(open.map(|(why, times)| format!("not judged {times} times: {why}")));
    Judged {
        name: text("name"),
        statement: text("statement"),
        section: text("section"),
        verdict: text("verdict"),
        reason: reasons.join("; "),
    }
}
