//! Claims about how connections come to be: who is let in, who refuses and why, and who sends CONNECT.
//!
//! What happens many times is told once, at the end, with how often and since when.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use dhcpfo_wire::message::{Body, Refusal};
use dhcpfo_wire::number::{MessageType, Reject};

use crate::capture::Micros;
use crate::claims::{Claim, Ledger};
use crate::event::{Dial, LinkEvent, OnLink, Place, Unsaid};
use crate::links::Read;
use crate::refusals::{Tally, count, meaning};
use crate::say;
use crate::states::SECOND;
use crate::survey::Survey;

/// Connections that are followed.
const MOST: usize = 4096;
/// How long a connection is there without a word before that means something.
const SILENT: Micros = 5 * SECOND;
/// CONNECTs of both servers within this time are those of two primaries, not of servers that have changed roles.
const BOTH: Micros = 60 * SECOND;

type Pair = (Ipv4Addr, Ipv4Addr);

/// What came of a wish to connect, if it came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Failure {
    /// `by` refused, in a CONNECTACK or a DISCONNECT.
    Refused { with: MessageType, reason: Reject, text: String },
    /// The connection was closed before CONNECT was answered.
    NotAnswered,
    /// The connection was closed after an accepting CONNECTACK, before the other side said anything.
    Dropped,
}

/// A connection at its beginning.
#[derive(Clone, Copy)]
struct Asked {
    /// Who sent CONNECT, and to whom.
    from: Ipv4Addr,
    to: Ipv4Addr,
    is_acknowledged: bool,
}

/// Everything about beginnings.
#[derive(Default)]
pub(crate) struct Handshakes {
    asked: BTreeMap<u64, Asked>,
    /// Connections that are in use.
    live: BTreeMap<u64, Pair>,
    /// By who does not let in, and whom.
    failures: BTreeMap<(Ipv4Addr, Ipv4Addr, Failure), Tally>,
    /// Connections that were accepted.
    accepted: BTreeMap<Pair, Tally>,
    /// By who dials and who is dialled, at which port.
    dials: BTreeMap<(Ipv4Addr, Ipv4Addr, u16, Dial), Tally>,
    /// The longest that such a connection was there.
    silence: BTreeMap<Pair, Micros>,
    /// By sender: the last CONNECT.
    connects: BTreeMap<Pair, (Micros, Place)>,
    two_primaries: BTreeMap<Pair, Tally>,
    /// Pairs that have said anything to each other.
    spoken: BTreeSet<Pair>,
}

fn pair(one: Ipv4Addr, other: Ipv4Addr) -> Pair {
    (one.min(other), one.max(other))
}

impl Handshakes {
    /// What is not a message.
    pub(crate) fn other(&mut self, at: Micros, place: Place, event: &LinkEvent) {
        match &event.what {
            OnLink::Unsaid(unsaid) => self.unsaid(at, event, unsaid),
            OnLink::Closed => {
                self.live.remove(&event.connection);
                let Some(asked) = self.asked.remove(&event.connection) else { return };
                let between = pair(asked.from, asked.to);
                // Two primaries get nowhere, which is told of them as such.
                if !self.has_other(event.connection, between) && !self.two_primaries.contains_key(&between) {
                    // The side that was to speak next did not.
                    let (by, whom, failure) = match asked.is_acknowledged {
                        true => (asked.from, asked.to, Failure::Dropped),
                        false => (asked.to, asked.from, Failure::NotAnswered),
                    };
                    count(&mut self.failures, (by, whom, failure), at, place);
                }
            }
            OnLink::Gap { .. } => drop(self.asked.remove(&event.connection)),
            _ => {}
        }
    }

    fn unsaid(&mut self, at: Micros, event: &LinkEvent, unsaid: &Unsaid) {
        let between = pair(event.from, event.to);
        let lasted = at - unsaid.since;
        if unsaid.dial == Dial::Answered {
            if lasted < SILENT || self.has_other(event.connection, between) {
                return;
            }
            let longest = self.silence.entry((event.from, event.to)).or_default();
            *longest = lasted.max(*longest);
        }
        count(&mut self.dials, (event.from, event.to, event.port, unsaid.dial), unsaid.since, unsaid.place);
    }

    /// Whether the pair has another connection that is in use.
    fn has_other(&self, connection: u64, between: Pair) -> bool {
        self.live.iter().any(|(other, pair)| *other != connection && *pair == between)
    }

    pub(crate) fn message(&mut self, read: &Read<'_>, ledger: &mut Ledger) {
        let (connection, from, to) = (read.link.connection, read.link.from, read.link.to);
        self.spoken.insert(pair(from, to));
        match read.body {
            Body::Connect(_) => self.connect(read),
            Body::ConnectAck(ack) if ack.refusal.is_none() => {
                let asked = self.asked.entry(connection);
                asked.and_modify(|asked| asked.is_acknowledged |= asked.from == to);
            }
            Body::ConnectAck(answer) => self.refused(read, answer.refusal.as_ref(), ledger),
            Body::Disconnect(refusal) => self.refused(read, Some(refusal), ledger),
            _ => {
                if self.live.len() < MOST {
                    self.live.insert(connection, pair(from, to));
                }
                let asked = self.asked.get(&connection).filter(|asked| asked.is_acknowledged && asked.from == from);
                if asked.is_some() {
                    self.asked.remove(&connection);
                    ledger.held(Claim::Accepted);
                    count(&mut self.accepted, pair(from, to), read.at, read.place);
                }
            }
        }
    }

    fn connect(&mut self, read: &Read<'_>) {
        let (from, to, at, place) = (read.link.from, read.link.to, read.at, read.place);
        if self.asked.len() < MOST {
            let asked = Asked { from, to, is_acknowledged: false };
            self.asked.entry(read.link.connection).or_insert(asked);
        }
        let theirs = self.connects.get(&(to, from)).filter(|(before, _)| at - before < BOTH);
        if let Some((before, other)) = theirs {
            if !self.two_primaries.contains_key(&pair(from, to)) {
                count(&mut self.two_primaries, pair(from, to), *before, *other);
            }
            count(&mut self.two_primaries, pair(from, to), at, place);
        }
        if self.connects.len() < MOST || self.connects.contains_key(&(from, to)) {
            self.connects.insert((from, to), (at, place));
        }
    }

    /// A connection that is not let in, which is none if the pair has another one.
    fn refused(&mut self, read: &Read<'_>, refusal: Option<&Refusal>, ledger: &mut Ledger) {
        let (Some(_), Some(refusal)) = (self.asked.remove(&read.link.connection), refusal) else { return };
        let is_second = refusal.reason == Reject::DUPLICATE_CONNECTION
            && self.has_other(read.link.connection, pair(read.link.from, read.link.to));
        if is_second {
            return ledger.held(Claim::Accepted);
        }
        let with = read.body.message_type();
        let failure = Failure::Refused { with, reason: refusal.reason, text: refusal.text.clone() };
        count(&mut self.failures, (read.link.from, read.link.to, failure), read.at, read.place);
    }

    /// The capture is over.
    pub(crate) fn finish(self, survey: &Survey, remarks: &mut Vec<String>, ledger: &mut Ledger) {
        // Let in, and the capture ends before anything else is said.
        ledger.held_times(Claim::Accepted, self.asked.values().filter(|asked| asked.is_acknowledged).count() as u64);
        for ((by, whom, failure), tally) in &self.failures {
            let text = self.failed(survey, *by, *whom, failure, tally);
            if self.was_ended(*by, *whom, failure, tally) {
                remarks.push(text);
                continue;
            }
            ledger.violated_times(Claim::Accepted, tally.count, tally.first.0, tally.places(), text);
        }
        self.one_primary(ledger);
        self.dialled(survey, remarks, ledger);
    }

    /// Once without a word, and the two are connected later: a process that is killed takes a connection, and says nothing on
    /// it, until its last socket is gone. One that does not understand its partner does not do so later either.
    fn was_ended(&self, by: Ipv4Addr, whom: Ipv4Addr, failure: &Failure, tally: &Tally) -> bool {
        let accepted = self.accepted.get(&pair(by, whom)).is_some_and(|accepted| accepted.last.0 > tally.last.0);
        !matches!(failure, Failure::Refused { .. }) && tally.count == 1 && accepted
    }

    fn failed(&self, survey: &Survey, by: Ipv4Addr, whom: Ipv4Addr, failure: &Failure, tally: &Tally) -> String {
        let (by_name, whom_name, often) = (survey.who(by), survey.who(whom), say::often(tally));
        let since = match self.accepted.get(&pair(by, whom)) {
            None => "; the capture has no connection of the two that was accepted".to_owned(),
            Some(accepted) if accepted.last.0 > tally.last.0 => {
                format!("; the last connection was accepted, at {}", say::clock(accepted.last.0))
            }
            Some(accepted) => format!("; the last that was accepted was at {}", say::clock(accepted.last.0)),
        };
        match failure {
            Failure::Refused { with, reason, text } => {
                let refusal = Refusal::new(*reason, text.clone());
                let means = meaning(*with, *reason);
                format!("{by_name} refuses {whom_name}, {often}: {refusal} ({}): {means}{since}", with.name())
            }
            Failure::NotAnswered => format!(
                "{by_name} does not answer the CONNECT of {whom_name}, and the connection is closed, {often}: the one \
                 does not understand the other, or does not know it{since}"
            ),
            Failure::Dropped => format!(
                "{by_name} closes the connection after the CONNECTACK of {whom_name} without a word, {often}: something \
                 in it is not as it wants{since}"
            ),
        }
    }

    fn one_primary(&self, ledger: &mut Ledger) {
        for (between, tally) in &self.two_primaries {
            let text = format!(
                "both ends are primaries: {} and {} both send CONNECT, {}; one of them has to be the secondary",
                between.0,
                between.1,
                say::often(tally)
            );
            ledger.violated_times(Claim::OnePrimary, tally.count, tally.first.0, tally.places(), text);
        }
        let senders: BTreeSet<Pair> = self.connects.keys().map(|(from, to)| pair(*from, *to)).collect();
        let one = senders.iter().filter(|between| !self.two_primaries.contains_key(between)).count();
        ledger.held_times(Claim::OnePrimary, one as u64);
    }

    /// Connections that were dialled and came to nothing.
    fn dialled(&self, survey: &Survey, remarks: &mut Vec<String>, ledger: &mut Ledger) {
        for ((from, to, port, dial), tally) in &self.dials {
            let (dialler, dialled, often) = (survey.who(*from), survey.who(*to), say::often(tally));
            let between = pair(*from, *to);
            let has_spoken = self.spoken.contains(&between);
            let text = match dial {
                Dial::Refused => format!("{dialler} dials {dialled}, {often}: nobody listens at port {port} there"),
                Dial::Unanswered => format!(
                    "{dialler} dials port {port} of {dialled}, {often}, without an answer: it is not there, or something \
                     on the way drops the packets"
                ),
                Dial::Answered => {
                    self.silent((*from, *to), tally, survey, ledger);
                    continue;
                }
            };
            // While a server is down nobody listens. That is nothing wrong if the two have a connection at other times.
            let is_accepted = has_spoken || self.silence.contains_key(&(*to, *from)) || self.has_silence(between);
            if is_accepted || tally.count < 2 {
                remarks.push(text);
            } else {
                let text = format!("{text}; the capture has no connection of the two on which anything was said");
                ledger.violated_times(Claim::Accepted, tally.count, tally.first.0, tally.places(), text);
            }
        }
    }

    fn has_silence(&self, between: Pair) -> bool {
        self.silence.keys().any(|(from, to)| pair(*from, *to) == between)
    }

    /// A primary sends CONNECT at once, on its own connections and on those of its partner. So who dials and waits is a
    /// secondary, and if both do that there is no primary.
    fn silent(&self, (from, to): Pair, tally: &Tally, survey: &Survey, ledger: &mut Ledger) {
        let (dialler, dialled, often) = (survey.who(from), survey.who(to), say::often(tally));
        let lasted = |one, other| self.silence.get(&(one, other)).copied().unwrap_or(0);
        let longest = say::span(lasted(from, to).max(lasted(to, from)));
        let has_sent = |one, other| self.connects.contains_key(&(one, other));
        if self.silence.contains_key(&(to, from)) && !has_sent(from, to) && !has_sent(to, from) {
            // Told once for both directions.
            if from < to {
                let both = self
                    .dials
                    .iter()
                    .filter(|((one, other, _, dial), _)| *dial == Dial::Answered && pair(*one, *other) == (from, to));
                let (count, places): (u64, Vec<Place>) =
                    both.fold((0, Vec::new()), |(count, mut places), (_, tally)| {
                        places.push(tally.first.1);
                        (count + tally.count, places)
                    });
                let text = format!(
                    "both ends are secondaries: {dialler} and {dialled} each dial the other and wait for a CONNECT that \
                     nobody sends: {count} connections of up to {longest}; one of them has to be the primary"
                );
                ledger.violated_times(Claim::OnePrimary, count, tally.first.0, places, text);
            }
            return;
        }
        let why = if has_sent(to, from) || self.accepted.contains_key(&pair(from, to)) {
            "it did before, so it hangs"
        } else {
            "it is a secondary too, or hangs, or is no failover server"
        };
        let text = format!(
            "{dialled} accepts connections of {dialler} and does not send CONNECT, {often}, up to {longest} each time: {why}"
        );
        ledger.violated_times(Claim::Accepted, tally.count, tally.first.0, tally.places(), text);
    }
}
