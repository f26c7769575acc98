//! A recording: what servers and clients did, as somebody wrote it down who was there. It can be stepped through, and
//! does not branch: there is no model behind it. What is written of it is [`dhcpfo_documents::recording`].

pub use dhcpfo_documents::recording::{Bound, Change, Deed, Event, Finding, Header, Party, RecordingLine, Told, read};

use crate::calendar::clock;
use crate::rows::{Lane, Row, Said, Stand};
use dhcpfo_engine::state::Role;
use std::collections::{BTreeMap, VecDeque};

/// Clients that are drawn with lines of their own.
const LANES: usize = 6;

/// Events between two marks.
const EACH: usize = 8_192;

/// Servers among the parties of a recording.
pub trait Sided {
    /// The party that a server is.
    fn server(role: Role) -> Self;
    /// The server that it is.
    fn role(&self) -> Option<Role>;
}

impl Sided for Party {
    fn server(role: Role) -> Party {
        match role {
            Role::Primary => Party::Primary,
            Role::Secondary => Party::Secondary,
        }
    }

    fn role(&self) -> Option<Role> {
        match self {
            Party::Primary => Some(Role::Primary),
            Party::Secondary => Some(Role::Secondary),
            Party::Client(_) => None,
        }
    }
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
        let line = |line: &RecordingLine| dhcpfo_documents::line(line);
        let change = Change::Binding(Party::Secondary, "10.0.0.1".to_owned(), Bound::default());
        let lines = [
            RecordingLine::header("x".to_owned()),
            RecordingLine::RecordingEvent(Box::new(event(7, vec![change, holds("c", None), Change::Link(false)]))),
        ];
        for (number, one) in (1..).zip(&lines) {
            assert_eq!(read(number, &line(one)).as_ref(), Ok(one));
        }
        assert!(read(1, &line(&lines[1])).unwrap_err().contains("begins with its header"));
        assert!(read(2, &line(&lines[0])).unwrap_err().contains("second header"));
        assert!(read(1, &line(&lines[0]).replace(":1,", ":9,")).unwrap_err().contains("version 9"));
        assert!(read(2, "{").unwrap_err().contains("EOF"));
    }
}
