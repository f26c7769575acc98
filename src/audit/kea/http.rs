//! HTTP messages of TCP connections: octets in their order, then heads and bodies. Bounded memory whatever comes.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;

use crate::capture::Micros;
use crate::event::Place;
use crate::net::Segment;

/// Directions that are followed at once.
const MOST_HALVES: usize = 4096;
/// Segments that may wait for those before them.
const MOST_WAITING: usize = 256;
/// Octets of the longest message: a page of ten thousand leases has about three million.
const LONGEST: usize = 16 << 20;
/// Headers of a message.
const MOST_HEADERS: usize = 64;

/// A message, as soon as its last octet is there.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) from: SocketAddrV4,
    pub(crate) to: SocketAddrV4,
    pub(crate) is_request: bool,
    pub(crate) body: Vec<u8>,
}

/// What happens on a connection.
#[derive(Clone, Debug)]
pub(crate) enum OnConnection {
    Message(Message),
    /// Nothing more will come, in either direction.
    Closed(SocketAddrV4, SocketAddrV4),
}

/// All connections.
#[derive(Default)]
pub(crate) struct Streams {
    halves: BTreeMap<(SocketAddrV4, SocketAddrV4), Half>,
    /// Messages of which octets are not in the capture, or that are longer than is read.
    pub(crate) lost: u64,
}

/// One direction.
struct Half {
    /// Sequence number of the octet that comes next; None: not known.
    next: Option<u32>,
    waiting: BTreeMap<u32, Vec<u8>>,
    buffer: Vec<u8>,
    finished: bool,
    /// When the last segment came, and where.
    last: (Micros, Place),
}

impl Streams {
    pub(crate) fn take(&mut self, at: Micros, place: Place, segment: &Segment) -> Vec<OnConnection> {
        let (key, back) = ((segment.from, segment.to), (segment.to, segment.from));
        if !self.halves.contains_key(&key) && self.halves.len() >= MOST_HALVES {
            let oldest = self.halves.iter().min_by_key(|(_, half)| half.last).map(|(key, _)| *key);
            oldest.and_then(|key| self.halves.remove(&key));
        }
        let fresh =
            || Half { next: None, waiting: BTreeMap::new(), buffer: Vec::new(), finished: false, last: (at, place) };
        let half = self.halves.entry(key).or_insert_with(fresh);
        half.last = (at, place);
        if segment.syn {
            *half = Half { next: Some(segment.sequence.wrapping_add(1)), ..fresh() };
        }
        let mut found = Vec::new();
        if !segment.data.is_empty() {
            self.lost += half.receive(segment.sequence, &segment.data);
            while let Some(message) = half.message(&mut self.lost) {
                let (is_request, body) = message;
                found.push(OnConnection::Message(Message { from: segment.from, to: segment.to, is_request, body }));
            }
        }
        half.finished |= segment.fin;
        let is_over = segment.rst || half.finished && self.halves.get(&back).is_none_or(|back| back.finished);
        if is_over {
            self.halves.remove(&key);
            self.halves.remove(&back);
            found.push(OnConnection::Closed(segment.from, segment.to));
        }
        found
    }
}

impl Half {
    /// Takes octets; returns how often something before them was given up.
    fn receive(&mut self, sequence: u32, data: &[u8]) -> u64 {
        let next = *self.next.get_or_insert(sequence);
        let ahead = sequence.wrapping_sub(next) as i32;
        if ahead <= 0 {
            // What was there before is a retransmission.
            self.advance(data.get(ahead.unsigned_abs() as usize..).unwrap_or_default());
            self.drain();
            return 0;
        }
        self.waiting.insert(sequence, data.to_vec());
        if self.waiting.len() <= MOST_WAITING {
            return 0;
        }
        // What is missing is not in the capture: go on behind it.
        let nearest = self.waiting.keys().copied().min_by_key(|sequence| sequence.wrapping_sub(next));
        self.next = nearest;
        self.buffer.clear();
        self.drain();
        1
    }

    fn drain(&mut self) {
        while let Some(next) = self.next {
            let behind = |sequence: u32| next.wrapping_sub(sequence) as i32 >= 0;
            let Some(sequence) = self.waiting.keys().copied().find(|sequence| behind(*sequence)) else { return };
            let data = self.waiting.remove(&sequence).unwrap_or_default();
            self.advance(data.get(next.wrapping_sub(sequence) as usize..).unwrap_or_default());
        }
    }

    fn advance(&mut self, fresh: &[u8]) {
        self.next = self.next.map(|next| next.wrapping_add(fresh.len() as u32));
        self.buffer.extend_from_slice(fresh);
    }

    /// The message at the beginning of what is there, if it is whole: whether it is a request, and its body.
    fn message(&mut self, lost: &mut u64) -> Option<(bool, Vec<u8>)> {
        match head(&self.buffer) {
            Head::Whole { is_request, length, body } if body <= LONGEST => {
                if self.buffer.len() < length + body {
                    return None;
                }
                let rest = self.buffer.split_off(length + body);
                let whole = std::mem::replace(&mut self.buffer, rest);
                Some((is_request, whole.get(length..).unwrap_or_default().to_vec()))
            }
            Head::Partial if self.buffer.len() <= LONGEST => None,
            // A message begins where a segment does, as a rule: whatever this is, it is passed over.
            _ => {
                *lost += 1;
                self.buffer.clear();
                None
            }
        }
    }
}

enum Head {
    Whole { is_request: bool, length: usize, body: usize },
    Partial,
    None,
}

fn head(octets: &[u8]) -> Head {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let is_answer = octets.starts_with(b"HTTP/");
    let parsed = if is_answer {
        let mut answer = httparse::Response::new(&mut headers);
        answer.parse(octets).map(|status| (status, body_length(answer.headers)))
    } else {
        let mut request = httparse::Request::new(&mut headers);
        request.parse(octets).map(|status| (status, body_length(request.headers)))
    };
    match parsed {
        Ok((httparse::Status::Complete(length), body)) => Head::Whole { is_request: !is_answer, length, body },
        Ok((httparse::Status::Partial, _)) => Head::Partial,
        Err(_) => Head::None,
    }
}

fn body_length(headers: &[httparse::Header<'_>]) -> usize {
    let length = headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    length.and_then(|header| std::str::from_utf8(header.value).ok()?.trim().parse().ok()).unwrap_or(0)
}
