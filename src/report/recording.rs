//! A recording: what servers and clients did, as somebody wrote it down who was there. It can be stepped through, and
//! does not branch: there is no model behind it.
//!
//! A file has one JSON document a line, the first of which is the header:
//!
//! ```json
//! {"line":"recording-header","version":1,"title":"…"}
//! {"line":"recording-event","at":1795467379000000,"words":"client 3 discover","did":[…],"changes":[…]}
//! ```
//!
//! `at` are microseconds, since 1970 or since the beginning of a simulation.

use crate::calendar::clock;
use crate::rows::{Lane, Row, Said, Stand};
use dhcpfo_engine::state::Role;
use dhcpfo_header::version::Format;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// The version that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// What a recording is, to whoever has one of another version.
const FORMAT: Format =
    Format { name: "a recording", version: VERSION, written_by: "dhcpfo simulate FILE --record OUT" };

/// What a header of any version has.
#[derive(Deserialize)]
struct Head {
    line: String,
    version: Option<u64>,
}

/// Clients that are drawn with lines of their own.
const LANES: usize = 6;

/// Events between two marks.
const EACH: usize = 8_192;

/// A server or a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The primary.
    Primary,
    /// The secondary.
    Secondary,
    /// A client, by whatever it is known by.
    Client(String),
}

impl Party {
    /// The party that a server is.
    pub const fn server(role: Role) -> Party {
        match role {
            Role::Primary => Party::Primary,
            Role::Secondary => Party::Secondary,
        }
    }

    /// The server that it is.
    pub const fn role(&self) -> Option<Role> {
        match self {
            Party::Primary => Some(Role::Primary),
            Party::Secondary => Some(Role::Secondary),
            Party::Client(_) => None,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Party::Primary => "primary",
            Party::Secondary => "secondary",
            Party::Client(name) => name,
        }
    }
}

/// Something that went from one to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Who.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// What.
    pub text: String,
}

/// Something that a server did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Which server, or none.
    pub who: Option<Party>,
    /// `RECEIVE`, `PERSIST`, `SEND`, `REPLY`, …
    pub verb: String,
    /// What.
    pub text: String,
}

/// What a server has about an address. Times are whole seconds by the recording's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Bound {
    /// The binding-status.
    pub status: String,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// What the partner lacks.
    pub partner: String,
    /// lease-expiration-time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<i64>,
    /// The potential-expiration-time that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<i64>,
    /// The one that was acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acked: Option<i64>,
    /// The one that was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<i64>,
    /// Until when it rests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rests: Option<i64>,
}

/// What is different afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A server is in another condition: a state, `off`, `STARTUP`, or `gone`.
    Condition(Party, String),
    /// Something else about a server: what, and how it is now; an empty text takes it away.
    Fact(Party, String, String),
    /// A server has this about an address.
    Binding(Party, String, Bound),
    /// A client holds an address until then; None: no longer.
    Holds {
        /// Who.
        client: String,
        /// The address.
        address: String,
        /// The end of the lease in seconds.
        until: Option<i64>,
    },
    /// There is a connection between the servers.
    Link(bool),
}

/// Something that is not as it should be, where it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which claim is violated.
    pub claim: String,
    /// In words.
    pub text: String,
}

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Event {
    /// When, in microseconds.
    pub at: i64,
    /// Where it is written: a file and a line or packet.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// In words.
    pub words: String,
    /// A message of the partner that a server reads; its sending is recorded, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<(Party, String)>,
    /// Messages that leave for the partner and whose arrival is recorded elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<(Party, String)>,
    /// Messages towards a server that will never be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<(Party, String)>,
    /// What goes from one to another at once, as far as is recorded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Told>,
    /// What servers did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub did: Vec<Deed>,
    /// What is different afterwards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What is not as it should be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// How things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Each server's condition.
    pub conditions: [String; 2],
    /// What else is known of each server.
    pub facts: [BTreeMap<String, String>; 2],
    /// What each server has about addresses.
    pub bindings: [BTreeMap<String, Bound>; 2],
    /// What clients hold, and until when: by client and address.
    pub holds: BTreeMap<(String, String), i64>,
    /// There is a connection.
    pub link: bool,
}

impl Standing {
    /// Nothing is known.
    pub fn unknown() -> Standing {
        Standing { conditions: ["unknown".to_owned(), "unknown".to_owned()], ..Standing::default() }
    }

    /// After a change.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Condition(who, condition) => {
                if let Some(role) = who.role() {
                    self.conditions[role.index()].clone_from(condition);
                }
            }
            Change::Fact(who, what, how) => {
                let Some(role) = who.role() else { return };
                let facts = &mut self.facts[role.index()];
                match how.is_empty() {
                    true => facts.remove(what),
                    false => facts.insert(what.clone(), how.clone()),
                };
            }
            Change::Binding(who, address, bound) => {
                if let Some(role) = who.role() {
                    self.bindings[role.index()].insert(address.clone(), bound.clone());
                }
            }
            Change::Holds { client, address, until } => {
                let key = (client.clone(), address.clone());
                match until {
                    Some(until) => self.holds.insert(key, *until),
                    None => self.holds.remove(&key),
                };
            }
            Change::Link(intact) => self.link = *intact,
        }
    }

    /// Who holds an address at that second.
    pub fn holders(&self, address: &str, second: i64) -> impl Iterator<Item = &str> {
        let held = self.holds.iter().filter(move |((_, held), until)| held == address && **until > second);
        held.map(|((client, _), _)| client.as_str())
    }

    fn held_by(&self, client: &str, second: i64) -> Option<String> {
        let mut held = self.holds.iter().filter(|((holder, _), until)| holder == client && **until > second);
        held.next().map(|((_, address), _)| address.clone())
    }
}

/// What happened, of which only so much is kept: what is dropped has become the beginning.
#[derive(Clone, Debug)]
pub struct Recording {
    /// What it is about.
    pub title: String,
    /// What should be said about it.
    pub notes: Vec<String>,
    /// Claims that were judged: name, statement, section, and `held`, `violated` or `not judged` with the reason.
    pub claims: Vec<Judged>,
    /// How things stood before the first event that is kept.
    beginning: Standing,
    /// How things stood after some of the events, ascending, so that it need not be worked out from the beginning.
    marks: VecDeque<(usize, Standing)>,
    /// How things stand now.
    latest: Standing,
    events: VecDeque<Event>,
    dropped: usize,
    most: usize,
}

/// A claim, and what was found out about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Its name.
    pub name: String,
    /// What it states.
    pub statement: String,
    /// Where the specification says so.
    pub section: String,
    /// `held`, `violated`, `not judged`.
    pub verdict: String,
    /// How often, or why not.
    pub reason: String,
}

impl Recording {
    /// An empty one that keeps so many events.
    pub fn new(title: impl Into<String>, most: usize) -> Recording {
        Recording {
            title: title.into(),
            notes: Vec::new(),
            claims: Vec::new(),
            beginning: Standing::unknown(),
            marks: VecDeque::new(),
            latest: Standing::unknown(),
            events: VecDeque::new(),
            dropped: 0,
            most: most.max(1),
        }
    }

    /// Adds what happened last.
    pub fn push(&mut self, event: Event) {
        if self.events.len() >= self.most
            && let Some(first) = self.events.pop_front()
        {
            first.changes.iter().for_each(|change| self.beginning.apply(change));
            self.dropped += 1;
            if self.marks.front().is_some_and(|(number, _)| *number < self.dropped) {
                self.marks.pop_front();
            }
        }
        event.changes.iter().for_each(|change| self.latest.apply(change));
        self.events.push_back(event);
        if self.count().is_multiple_of(EACH) {
            self.marks.push_back((self.count(), self.latest.clone()));
        }
    }

    /// How many events there were; the latest has this number.
    pub fn count(&self) -> usize {
        self.dropped + self.events.len()
    }

    /// How many of them are not kept any more.
    pub const fn dropped(&self) -> usize {
        self.dropped
    }

    /// An event by its number, counted from 1.
    pub fn event(&self, number: usize) -> Option<&Event> {
        self.events.get(number.checked_sub(self.dropped + 1)?)
    }

    /// The events from one number on.
    pub fn from(&self, number: usize) -> impl DoubleEndedIterator<Item = (usize, &Event)> {
        let first = number.saturating_sub(self.dropped + 1);
        self.events.iter().enumerate().skip(first).map(|(place, event)| (self.dropped + 1 + place, event))
    }

    /// How things stand after an event.
    pub fn standing(&self, number: usize) -> Standing {
        if number >= self.count() {
            return self.latest.clone();
        }
        let mark = self.marks.iter().rev().find(|(at, _)| *at <= number);
        let (first, mut standing) =
            mark.map_or_else(|| (1, self.beginning.clone()), |(at, standing)| (at + 1, standing.clone()));
        let events = self.from(first).take_while(|(at, _)| *at <= number);
        events.flat_map(|(_, event)| &event.changes).for_each(|change| standing.apply(change));
        standing
    }

    /// The rows of a diagram up to an event, at most so many; the names of the clients that are drawn.
    pub fn rows(&self, number: usize, most: usize) -> (Vec<Row>, Vec<String>) {
        let first = (number + 1).saturating_sub(most).max(self.dropped + 1);
        let window: Vec<(usize, &Event)> = self.from(first).take_while(|(at, _)| *at <= number).collect();
        let clients = clients_of(window.iter().map(|(_, event)| *event));
        let mut standing = self.standing(first.saturating_sub(1));
        let start = window.first().map_or(0, |(_, event)| event.at / 1_000_000);
        let label = if first == 1 { "start" } else { "" };
        let mut rows =
            vec![Row { label: label.to_owned(), stand: stand(&standing, &clients, start), ..Row::default() }];
        for (at, event) in window {
            event.changes.iter().for_each(|change| standing.apply(change));
            rows.push(row(at, event, &clients, stand(&standing, &clients, event.at / 1_000_000)));
        }
        (rows, clients)
    }
}

/// The clients that are drawn: those that are heard of last.
fn clients_of<'a>(events: impl DoubleEndedIterator<Item = &'a Event>) -> Vec<String> {
    let mut clients: Vec<String> = Vec::new();
    for told in events.rev().flat_map(|event| event.said.iter().rev()) {
        for party in [&told.from, &told.to] {
            if let Party::Client(name) = party
                && clients.len() < LANES
                && !clients.contains(name)
            {
                clients.push(name.clone());
            }
        }
    }
    clients.sort();
    clients
}

fn stand(standing: &Standing, clients: &[String], second: i64) -> Stand {
    Stand {
        conditions: standing.conditions.clone(),
        link: standing.link,
        holds: clients.iter().map(|client| standing.held_by(client, second)).collect(),
    }
}

fn row(number: usize, event: &Event, clients: &[String], stand: Stand) -> Row {
    let lane = |party: &Party| match party {
        Party::Client(name) => clients.iter().position(|other| other == name).map(|at| Lane::Client(at as u8)),
        server => server.role().map(Lane::Server),
    };
    let said = event.said.iter().filter_map(|told| {
        Some(Said { from: lane(&told.from)?, to: lane(&told.to)?, text: told.text.clone(), lost: false })
    });
    let server = |(party, text): &(Party, String)| Some((party.role()?, text.clone()));
    Row {
        label: number.to_string(),
        at: Some(clock(event.at)),
        action: event.words.clone(),
        received: event.received.as_ref().and_then(server),
        sent: event.sent.iter().filter_map(server).collect(),
        lost: event.lost.iter().filter_map(server).collect(),
        said: said.collect(),
        refuted: event.findings.iter().map(|finding| finding.claim.clone()).collect(),
        stand,
        ..Row::default()
    }
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case")]
pub enum RecordingLine {
    /// The first one.
    RecordingHeader {
        /// [`VERSION`]
        version: u32,
        /// What it is about.
        title: String,
    },
    /// Something happened.
    RecordingEvent(Box<Event>),
}

/// A line as JSON.
pub fn write(line: &RecordingLine) -> String {
    serde_json::to_string(line).expect("strings and numbers are JSON")
}

/// Reads a line; `number` is counted from 1.
pub fn read(number: usize, text: &str) -> Result<RecordingLine, String> {
    // Of a header of another version nothing else need be understood.
    if number == 1
        && let Ok(head) = serde_json::from_str::<Head>(text)
        && head.line == "recording-header"
    {
        FORMAT.accept(head.version, None)?;
    }
    let line: RecordingLine = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match (&line, number) {
        (RecordingLine::RecordingHeader { .. }, 1) => Ok(line),
        (RecordingLine::RecordingHeader { .. }, _) => Err("a second header".to_owned()),
        (_, 1) => Err("a recording begins with its header".to_owned()),
        _ => Ok(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, changes: Vec<Change>) -> Event {
        Event { at: at * 1_000_000, words: format!("at {at}"), changes, ..Event::default() }
    }

    fn holds(client: &str, until: Option<i64>) -> Change {
        Change::Holds { client: client.to_owned(), address: "10.0.0.1".to_owned(), until }
    }

    #[test]
    fn what_is_dropped_becomes_the_beginning() {
        let mut recording = Recording::new("x", 2);
        recording.push(event(1, vec![Change::Condition(Party::Primary, "NORMAL".to_owned())]));
        recording.push(event(2, vec![holds("c", Some(10))]));
        recording.push(event(3, vec![Change::Link(true)]));
        assert_eq!((recording.count(), recording.dropped()), (3, 1));
        assert!(recording.event(1).is_none());
        assert_eq!(recording.event(2).map(|event| event.at), Some(2_000_000));
        let standing = recording.standing(3);
        assert_eq!(standing.conditions[0], "NORMAL");
        assert_eq!(standing.holders("10.0.0.1", 9).collect::<Vec<_>>(), ["c"]);
        assert_eq!(standing.holders("10.0.0.1", 10).count(), 0, "it has ended");
        assert!(!recording.standing(2).link);
    }

    #[test]
    fn marks_change_nothing() {
        let most = 2 * EACH + 100;
        let mut recording = Recording::new("x", most);
        let (mut plain, mut last) = (Vec::new(), Standing::unknown());
        for number in 1..=(3 * EACH as i64) {
            let change = holds(&format!("c{}", number % 7), (number % 3 > 0).then_some(number + 5));
            last.apply(&change);
            plain.push(last.clone());
            recording.push(event(number, vec![change]));
        }
        assert_eq!(recording.dropped(), 3 * EACH - most);
        for number in [recording.dropped(), 2 * EACH - 1, 2 * EACH, 2 * EACH + 1, 3 * EACH - 1, 3 * EACH] {
            assert_eq!(recording.standing(number), plain[number - 1], "after {number}");
        }
    }

    #[test]
    fn a_line_comes_back_and_nonsense_is_told() {
        let change = Change::Binding(Party::Secondary, "10.0.0.1".to_owned(), Bound::default());
        let lines = [
            RecordingLine::RecordingHeader { version: VERSION, title: "x".to_owned() },
            RecordingLine::RecordingEvent(Box::new(event(7, vec![change, holds("c", None), Change::Link(false)]))),
        ];
        for (number, line) in (1..).zip(&lines) {
            assert_eq!(read(number, &write(line)).as_ref(), Ok(line));
        }
        assert!(read(1, &write(&lines[1])).unwrap_err().contains("begins with its header"));
        assert!(read(2, &write(&lines[0])).unwrap_err().contains("second header"));
        assert!(read(1, &write(&lines[0]).replace(":1,", ":9,")).unwrap_err().contains("version 9"));
        assert!(read(2, "{").unwrap_err().contains("EOF"));
    }
}
