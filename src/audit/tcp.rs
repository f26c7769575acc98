//! TCP connections that carry failover: octets in their order, then messages. Bounded memory whatever comes.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;

use dhcpfo_wire::frame::{Frame, HEADER, Header};
use dhcpfo_wire::framing::Framer;
use dhcpfo_wire::number::MessageType;

use crate::capture::Micros;
use crate::event::{Dial, Event, LinkEvent, OnLink, Place, Unsaid, What};
use crate::net::Segment;

/// Ports on which failover is spoken: IANA's two (dhcp-failover and dhcp-failover2), and those of the examples in
/// dhcpd's manual.
const PORTS: [u16; 4] = [647, 847, 519, 520];
/// Connections that are followed at once.
const MOST_CONNECTIONS: usize = 1024;
/// Octets that may wait for those before them, and segments of them.
const MOST_WAITING: usize = 1 << 18;
const MOST_SEGMENTS: usize = 256;

type Ends = (SocketAddrV4, SocketAddrV4);

/// All connections.
pub(crate) struct Connections {
    ports: Vec<u16>,
    open: BTreeMap<Ends, Connection>,
    begun: u64,
    pub(crate) given_up: u64,
    /// Connections on ports of failover.
    pub(crate) seen: u64,
}

struct Connection {
    number: u64,
    /// None: not known yet whether it is failover.
    is_failover: Option<bool>,
    /// When the first and the last segment came, and where they are.
    first: (Micros, Place),
    last: (Micros, Place),
    /// In the order of the ends.
    halves: [Half; 2],
    /// Who sent the SYN.
    opened_by: Option<usize>,
    /// What came of the SYN so far.
    dial: Dial,
    announced: bool,
    finished: [bool; 2],
}

/// One direction.
#[derive(Default)]
struct Half {
    /// Sequence number of the octet that comes next.
    next: Option<u32>,
    waiting: BTreeMap<u64, Vec<u8>>,
    octets_waiting: usize,
    framer: Framer,
    /// Octets were missed: a message begins wherever a plausible header is.
    lost: Option<u64>,
    /// Nothing can be told apart any more.
    dead: bool,
    /// Octets so far, to order what waits.
    position: u64,
}

impl Connections {
    pub(crate) fn new(ports: &[u16]) -> Connections {
        Connections { ports: [&PORTS, ports].concat(), open: BTreeMap::new(), begun: 0, given_up: 0, seen: 0 }
    }

    pub(crate) fn take(&mut self, at: Micros, place: Place, segment: Segment) -> Vec<LinkEvent> {
        let forward = segment.from <= segment.to;
        let ends = if forward { (segment.from, segment.to) } else { (segment.to, segment.from) };
        let side = usize::from(!forward);
        if segment.syn && segment.acknowledged.is_none() {
            let again = self.open.get(&ends).is_some_and(|c| {
                c.opened_by == Some(side) && c.halves[side].position == 0 && c.halves[1 - side].position == 0
            });
            if !again {
                // The ports are used again: what was there before is over.
                let mut events = self.close(ends, side);
                events.extend(self.begin(ends, (at, place), Some(side)));
                self.follow(ends, side, (at, place), segment, &mut events);
                return events;
            }
        }
        let mut events = Vec::new();
        if !self.open.contains_key(&ends) {
            if segment.rst || segment.data.is_empty() && !segment.syn {
                return events;
            }
            let opened_by = segment.syn.then_some(1 - side);
            events.extend(self.begin(ends, (at, place), opened_by));
        }
        self.follow(ends, side, (at, place), segment, &mut events);
        events
    }

    fn begin(&mut self, ends: Ends, at: (Micros, Place), opened_by: Option<usize>) -> Vec<LinkEvent> {
        let mut events = Vec::new();
        if self.open.len() >= MOST_CONNECTIONS {
            let oldest = self.open.iter().min_by_key(|(_, connection)| connection.last).map(|(ends, _)| *ends);
            if let Some(oldest) = oldest {
                self.given_up += u64::from(self.open[&oldest].is_failover == Some(true));
                events.extend(self.close(oldest, 0));
            }
        }
        let named = [ends.0.port(), ends.1.port()].iter().any(|port| self.ports.contains(port));
        self.begun += 1;
        self.seen += u64::from(named);
        let connection = Connection {
            number: self.begun,
            is_failover: named.then_some(true),
            first: at,
            last: at,
            halves: Default::default(),
            opened_by,
            dial: Dial::Unanswered,
            announced: false,
            finished: [false; 2],
        };
        self.open.insert(ends, connection);
        events
    }

    fn close(&mut self, ends: Ends, side: usize) -> Vec<LinkEvent> {
        let Some(connection) = self.open.remove(&ends) else { return Vec::new() };
        if connection.announced {
            return vec![happened(&connection, ends, side, OnLink::Closed)];
        }
        connection.unsaid(ends).into_iter().collect()
    }

    /// The capture ends: what was dialled and never used is told.
    pub(crate) fn end(&mut self) -> Vec<Event> {
        let open = std::mem::take(&mut self.open);
        let unsaid = open.into_iter().filter(|(_, connection)| !connection.announced);
        let mut events: Vec<Event> = unsaid
            .filter_map(|(ends, connection)| {
                let (at, place) = connection.last;
                Some(Event { at, place, what: What::Link(connection.unsaid(ends)?) })
            })
            .collect();
        events.sort_by_key(|event| (event.at, event.place));
        events
    }

    fn follow(&mut self, ends: Ends, side: usize, at: (Micros, Place), segment: Segment, events: &mut Vec<LinkEvent>) {
        let Some(connection) = self.open.get_mut(&ends) else { return };
        connection.last = at;
        if connection.opened_by == Some(1 - side) {
            let refuses = segment.rst && connection.dial == Dial::Unanswered;
            connection.dial = if refuses { Dial::Refused } else { connection.dial.max(Dial::Answered) };
        }
        if segment.syn {
            connection.halves[side].next = Some(segment.sequence.wrapping_add(1));
        } else if connection.is_failover != Some(false) {
            connection.receive(ends, side, &segment, events);
        }
        // An acknowledgment of octets that are not in the capture: they will not come any more.
        if let Some(acknowledged) = segment.acknowledged
            && connection.is_failover == Some(true)
        {
            let half = &mut connection.halves[1 - side];
            let mut found = Vec::new();
            half.give_up(Some(acknowledged), &mut found);
            connection.tell(ends, 1 - side, found, events);
        }
        connection.finished[side] |= segment.fin;
        if segment.rst || connection.finished == [true; 2] {
            events.extend(self.close(ends, side));
        }
    }
}

fn happened(connection: &Connection, ends: Ends, side: usize, what: OnLink) -> LinkEvent {
    let (from, to) = if side == 0 { ends } else { (ends.1, ends.0) };
    LinkEvent { connection: connection.number, from: *from.ip(), to: *to.ip(), port: to.port(), what }
}

impl Connection {
    /// What is to be told of a connection on which nothing was said, by who dialled it.
    fn unsaid(&self, ends: Ends) -> Option<LinkEvent> {
        let opener = self.opened_by.filter(|_| self.is_failover == Some(true))?;
        let (since, place) = self.first;
        let said = self.halves.iter().any(|half| half.position > 0 || half.lost.is_some());
        let unsaid = OnLink::Unsaid(Unsaid { since, place, dial: self.dial });
        (!said).then(|| happened(self, ends, opener, unsaid))
    }

    fn receive(&mut self, ends: Ends, side: usize, segment: &Segment, events: &mut Vec<LinkEvent>) {
        if segment.data.is_empty() {
            return;
        }
        if self.is_failover.is_none() {
            self.is_failover = Some(begins_failover(&segment.data));
            if self.is_failover == Some(false) {
                self.halves = Default::default();
                return;
            }
        }
        let mut found = Vec::new();
        self.halves[side].take(segment.sequence, &segment.data, &mut found);
        self.tell(ends, side, found, events);
    }

    fn tell(&mut self, ends: Ends, side: usize, found: Vec<OnLink>, events: &mut Vec<LinkEvent>) {
        if found.is_empty() {
            return;
        }
        if !self.announced {
            self.announced = true;
            let (side, first) = match self.opened_by {
                Some(opener) => (opener, OnLink::Opened),
                None => (side, OnLink::Joined),
            };
            events.push(happened(self, ends, side, first));
        }
        let told: Vec<_> = found.into_iter().map(|what| happened(self, ends, side, what)).collect();
        events.extend(told);
    }
}

impl Half {
    fn take(&mut self, sequence: u32, data: &[u8], found: &mut Vec<OnLink>) {
        if self.dead {
            return;
        }
        let next = *self.next.get_or_insert_with(|| {
            self.lost = Some(0);
            sequence
        });
        let ahead = sequence.wrapping_sub(next) as i32;
        if ahead > 0 {
            self.wait(self.position + ahead as u64, data);
            if self.octets_waiting > MOST_WAITING || self.waiting.len() > MOST_SEGMENTS {
                self.give_up(None, found);
            }
            return;
        }
        // What was there before is a retransmission.
        let known = ahead.unsigned_abs() as usize;
        if let Some(fresh) = data.get(known..).filter(|fresh| !fresh.is_empty()) {
            self.advance(fresh, found);
            self.drain(found);
        }
    }

    fn wait(&mut self, position: u64, data: &[u8]) {
        let known = self.waiting.get(&position).map_or(0, Vec::len);
        if data.len() > known {
            self.octets_waiting += data.len() - known;
            self.waiting.insert(position, data.to_vec());
        }
    }

    fn drain(&mut self, found: &mut Vec<OnLink>) {
        while let Some(entry) = self.waiting.first_entry().filter(|entry| *entry.key() <= self.position) {
            let (position, data) = entry.remove_entry();
            self.octets_waiting -= data.len();
            let known = (self.position - position) as usize;
            if let Some(fresh) = data.get(known..).filter(|fresh| !fresh.is_empty()) {
                self.advance(fresh, found);
            }
        }
    }

    /// Goes on behind what is missing, up to `acknowledged` or to what waits.
    fn give_up(&mut self, acknowledged: Option<u32>, found: &mut Vec<OnLink>) {
        let (Some(next), Some((&first, _))) = (self.next, self.waiting.first_key_value()) else { return };
        let missing = first - self.position;
        let is_over = acknowledged.is_none_or(|until| i64::from(until.wrapping_sub(next) as i32) >= missing as i64);
        if self.dead || !is_over {
            return;
        }
        self.position = first;
        self.next = Some(next.wrapping_add(missing as u32));
        self.framer = Framer::default();
        self.lost = Some(self.lost.unwrap_or(0) + missing);
        self.drain(found);
    }

    fn advance(&mut self, mut fresh: &[u8], found: &mut Vec<OnLink>) {
        self.position += fresh.len() as u64;
        self.next = self.next.map(|next| next.wrapping_add(fresh.len() as u32));
        if let Some(lost) = self.lost {
            // A header is looked for inside one segment: senders begin most segments with one.
            let Some(at) = (0..fresh.len()).find(|&at| is_plausible(&fresh[at..])) else {
                self.lost = Some(lost + fresh.len() as u64);
                return;
            };
            self.lost = None;
            found.push(OnLink::Gap { octets: lost + at as u64 });
            fresh = &fresh[at..];
        }
        loop {
            match self.framer.next(&mut fresh) {
                Ok(Some(octets)) => found.push(message(&octets)),
                Ok(None) => return,
                Err(error) => {
                    self.dead = true;
                    self.waiting.clear();
                    self.octets_waiting = 0;
                    found.push(OnLink::Undecodable { problem: error.to_string(), fatal: true });
                    return;
                }
            }
        }
    }
}

fn message(octets: &[u8]) -> OnLink {
    match Frame::decode(octets) {
        Ok(frame) => OnLink::Message(Box::new(frame)),
        Err(error) if error.may_ignore() => OnLink::Ignorable,
        Err(error) => OnLink::Undecodable { problem: error.to_string(), fatal: false },
    }
}

/// Whether a message seems to begin here: it decodes, and another seems to follow where it ends; of one that is not
/// whole, the first option is one that the draft defines.
fn is_plausible(octets: &[u8]) -> bool {
    let Ok(header) = Header::decode(octets) else { return false };
    let known = MessageType::from_code(header.message_type).is_some();
    let (true, Ok(payload)) = (known && header.time != 0, header.payload()) else { return false };
    match octets.split_at_checked(usize::from(header.length)) {
        Some((whole, rest)) => Frame::decode(whole).is_ok() && (rest.len() < HEADER || Header::decode(rest).is_ok()),
        None => matches!(octets.get(payload..), Some([0, 1..=29, 0, ..])),
    }
}

/// Whether a stream on a port that is not known begins as failover does.
fn begins_failover(octets: &[u8]) -> bool {
    let begins = [MessageType::Connect, MessageType::ConnectAck, MessageType::State].map(|kind| kind as u8);
    is_plausible(octets) && octets.get(2).is_some_and(|kind| begins.contains(kind)) && octets.len() > HEADER
}
