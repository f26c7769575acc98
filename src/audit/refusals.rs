//! Refusals summed up: who refuses what, with which reason, how often, since when, and what it means.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_wire::message::{Body, Refusal};
use dhcpfo_wire::number::{MessageType, Reject};

use crate::capture::Micros;
use crate::event::Place;
use crate::links::Read;

/// Kinds of refusals that are told apart.
const MOST: usize = 256;

/// What happened several times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) first: (Micros, Place),
    pub(crate) last: (Micros, Place),
}

impl Tally {
    pub(crate) fn new(at: Micros, place: Place) -> Tally {
        Tally { count: 1, first: (at, place), last: (at, place) }
    }

    pub(crate) fn again(&mut self, at: Micros, place: Place) {
        (self.count, self.last) = (self.count + 1, (at, place));
    }

    pub(crate) fn length(&self) -> Micros {
        self.last.0 - self.first.0
    }

    /// The first and the last packet.
    pub(crate) fn places(&self) -> Vec<Place> {
        let mut places = vec![self.first.1, self.last.1];
        places.dedup();
        places
    }
}

/// Adds one to the tally of a kind, if there is room for it.
pub(crate) fn count<K: Ord>(tallies: &mut BTreeMap<K, Tally>, key: K, at: Micros, place: Place) {
    let has_room = tallies.len() < MOST || tallies.contains_key(&key);
    if has_room {
        tallies.entry(key).and_modify(|tally| tally.again(at, place)).or_insert_with(|| Tally::new(at, place));
    }
}

/// A kind of refusal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Refused {
    pub(crate) by: Ipv4Addr,
    /// In which message it is refused.
    pub(crate) with: MessageType,
    pub(crate) reason: Reject,
    pub(crate) text: String,
}

/// All refusals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals(pub(crate) BTreeMap<Refused, Tally>);

impl Refusals {
    pub(crate) fn message(&mut self, read: &Read<'_>) {
        let with = read.body.message_type();
        let mut add = |refusal: &Refusal| {
            let (reason, text) = (refusal.reason, general(&refusal.text));
            count(&mut self.0, Refused { by: read.link.from, with, reason, text }, read.at, read.place);
        };
        match read.body {
            Body::ConnectAck(ack) => ack.refusal.iter().for_each(add),
            Body::Disconnect(refusal) => add(refusal),
            Body::BndAck(answers) => answers.iter().filter_map(|answer| answer.refusal.as_ref()).for_each(add),
            _ => {}
        }
    }
}

/// A text without what differs from one address to the next, so that they can be counted together.
fn general(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches([':', ',', '.', ';']);
        let tail = &word[bare.len()..];
        if bare.parse::<Ipv4Addr>().is_ok() { format!("ADDRESS{tail}") } else { word.to_owned() }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// What follows from a refusal, for whoever runs the servers. `with`: the message that refuses.
pub(crate) fn meaning(with: MessageType, reason: Reject) -> &'static str {
    match (with, reason) {
        (MessageType::BndAck, reason) => of_update(reason),
        (_, Reject::TIME_MISMATCH) => "the clocks of the two servers are too far apart: set both by one source of time",
        (_, Reject::INVALID_MCLT) => "the secondary does not take this MCLT: the primary's configuration decides it",
        (_, Reject::DUPLICATE_CONNECTION) => "there is another connection already, which is used: no harm",
        (_, Reject::INVALID_PARTNER) => {
            "the name of the relationship, or the partner's address, is not what the refusing server has in its \
             configuration: compare both"
        }
        (_, Reject::TLS_NOT_SUPPORTED | Reject::TLS_NOT_CONFIGURED | Reject::TLS_REQUIRED) => {
            "one server wants TLS and the other does not have it: configure it at both or at none"
        }
        (_, Reject::DIGEST_NOT_SUPPORTED | Reject::DIGEST_NOT_CONFIGURED | Reject::DIGEST_MISSING) => {
            "one server has a shared secret and the other has not: configure it at both or at none"
        }
        (_, Reject::DIGEST_MISMATCH) => "the shared secrets differ: configure the same one at both",
        (_, Reject::VERSION_MISMATCH) => "the servers speak different versions of the protocol",
        (_, Reject::HASH_BUCKETS) => {
            "the shares of load balancing do not agree, or the assignment has not 32 octets: compare the split at both"
        }
        (_, Reject::NO_TRAFFIC) => {
            "nothing was heard from the partner for too long: the connection, or the partner, hangs"
        }
        _ => "the connection is not wanted, for a reason that has no number",
    }
}

fn of_update(reason: Reject) -> &'static str {
    match reason {
        Reject::ILLEGAL_ADDRESS => "the address is in no pool of the refusing server: the pools of the two differ",
        Reject::FATAL_CONFLICT => {
            "the refusing server has another client at the address, or does not allow this change: the two do not agree \
             about the address"
        }
        Reject::MISSING_BINDING | Reject::UNKNOWN_CONNECTION => {
            "the update lacks something that the refusing server demands, or has something too much"
        }
        Reject::OUTDATED => "the refusing server knows something newer about the address, which it should tell in turn",
        Reject::LESS_CRITICAL => {
            "both told of the address at once, and the refusing server's own update stands: no harm if that is accepted"
        }
        Reject::NOT_RESERVED => "the address is reserved for a client at one server and not at the other",
        _ => "the update is not taken, for a reason that has no number",
    }
}
