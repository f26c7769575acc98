//! Claims about failover connections: handshake, windows, acknowledgments, readable messages.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use dhcpfo_wire::message::{Body, Connect, ConnectAck};

use crate::capture::Micros;
use crate::claims::{Claim, Ledger};
use crate::event::{LinkEvent, OnLink, Place};

/// Connections and BNDUPDs that are kept.
const MOST_CONNECTIONS: usize = 1024;
const MOST_OUTSTANDING: usize = 65_536;

/// What is known of the connections.
#[derive(Default)]
pub(crate) struct Links {
    open: BTreeMap<u64, Link>,
    /// MCLT and relationship name of the last CONNECT.
    agreed: Agreed,
    /// What a binding must have is not what the draft says.
    pub(crate) is_microsoft: bool,
}

#[derive(Default)]
struct Link {
    /// The capture has all of it.
    is_whole: bool,
    /// By who sent it.
    connects: BTreeMap<Ipv4Addr, (u32, Connect)>,
    is_accepted: bool,
    is_refused: bool,
    /// A message was read, and CONNECT was the first.
    has_spoken: bool,
    is_begun: bool,
    /// TLS was agreed upon: what follows cannot be read.
    is_tls: bool,
    sides: BTreeMap<Ipv4Addr, Side>,
}

#[derive(Default)]
struct Side {
    /// BNDUPDs of this side that may arrive at once unanswered, as the partner said.
    may_send: Option<u32>,
    outstanding: BTreeMap<u32, (Place, BTreeSet<Ipv4Addr>)>,
    /// Octets of this side are not in the capture.
    has_gap: bool,
}

/// A message that was read.
pub(crate) struct Read<'a> {
    pub(crate) at: Micros,
    pub(crate) place: Place,
    pub(crate) link: &'a LinkEvent,
    pub(crate) xid: u32,
    pub(crate) body: &'a Body,
}

impl Links {
    /// Whether that server has so many BNDUPDs without an answer that it may not send another one.
    pub(crate) fn is_full(&self, server: Ipv4Addr) -> bool {
        let sides = self.open.values().filter_map(|link| link.sides.get(&server));
        let mut full = sides.filter(|side| side.may_send.is_some_and(|most| side.outstanding.len() >= most as usize));
        full.next().is_some()
    }

    /// What is not a message.
    pub(crate) fn other(&mut self, at: Micros, place: Place, event: &LinkEvent, ledger: &mut Ledger) {
        if self.open.len() >= MOST_CONNECTIONS
            && let Some(&oldest) = self.open.keys().next()
        {
            self.open.remove(&oldest);
        }
        if matches!(event.what, OnLink::Unsaid(_)) {
            return;
        }
        let link = self.open.entry(event.connection).or_default();
        match &event.what {
            OnLink::Opened => link.is_whole = true,
            // Where CONNECT was the first message, the other side has said nothing before its answer.
            OnLink::Gap { octets: 0 } if link.is_begun && !link.is_accepted && !link.is_refused => {}
            OnLink::Gap { octets } => {
                link.is_whole = false;
                link.sides.values_mut().for_each(|side| side.outstanding.clear());
                for address in [event.from, event.to] {
                    link.sides.entry(address).or_default().has_gap = true;
                }
                if *octets > 0 {
                    ledger.open(Claim::WellFormed, "octets of a connection are not in the capture");
                }
            }
            OnLink::Closed => {
                self.open.remove(&event.connection);
            }
            OnLink::Undecodable { .. } if link.is_tls => {
                ledger.open(Claim::WellFormed, "the connection goes on inside TLS");
            }
            OnLink::Undecodable { problem, fatal } => {
                let rest = if *fatal { "; nothing that follows on this connection can be told apart" } else { "" };
                let text = format!("{} sent octets that are no message: {problem}{rest}", event.from);
                ledger.violated(Claim::WellFormed, at, vec![place], text);
            }
            OnLink::Joined | OnLink::Ignorable | OnLink::Message(_) | OnLink::Unsaid(_) => {}
        }
    }

    pub(crate) fn message(&mut self, read: &Read<'_>, ledger: &mut Ledger) {
        ledger.held(Claim::WellFormed);
        self.handshake(read, ledger);
        match read.body {
            Body::BndUpd(bindings) => {
                let addresses = bindings.iter().map(|binding| binding.address).collect();
                self.sent(read, addresses, ledger);
                // Microsoft's bindings have a table of their own.
                for binding in bindings.iter().filter(|_| !self.is_microsoft) {
                    incomplete(read, binding, ledger);
                }
            }
            Body::BndAck(answers) => {
                let addresses = answers.iter().filter_map(|answer| answer.address).collect();
                self.answered(read, &addresses, ledger);
            }
            _ => {}
        }
    }

    fn handshake(&mut self, read: &Read<'_>, ledger: &mut Ledger) {
        let link = self.open.entry(read.link.connection).or_default();
        // Nothing comes before CONNECT: a connection of which that is the first message is there from its beginning.
        if !std::mem::replace(&mut link.has_spoken, true) && matches!(read.body, Body::Connect(_)) {
            (link.is_whole, link.is_begun) = (true, true);
            link.sides.values_mut().for_each(|side| side.has_gap = false);
        }
        let problem = match read.body {
            Body::Connect(connect) => link.connect(read, connect, &mut self.agreed),
            Body::ConnectAck(ack) => link.connect_ack(read, ack),
            _ if !link.is_whole => {
                return ledger.open(Claim::Handshake, "the capture has not all of the connection");
            }
            Body::Disconnect(_) => None,
            _ if link.is_refused => Some("after the connection was refused".to_owned()),
            _ if !link.is_accepted => Some("before CONNECT and an accepting CONNECTACK".to_owned()),
            _ => None,
        };
        let text = || {
            let name = read.body.message_type().name();
            format!("{} sent {name} {}", read.link.from, problem.clone().unwrap_or_default())
        };
        ledger.judge(Claim::Handshake, problem.is_none(), read.at, || vec![read.place], text);
    }

    fn sent(&mut self, read: &Read<'_>, addresses: BTreeSet<Ipv4Addr>, ledger: &mut Ledger) {
        let link = self.open.entry(read.link.connection).or_default();
        let side = link.sides.entry(read.link.from).or_default();
        if side.outstanding.len() < MOST_OUTSTANDING {
            side.outstanding.insert(read.xid, (read.place, addresses));
        }
        let (count, has_gap) = (side.outstanding.len(), side.has_gap);
        match side.may_send {
            Some(most) if !has_gap || count > most as usize => {
                let first = side.outstanding.values().map(|(place, _)| *place).min();
                let text = || format!("{} has {count} BNDUPDs outstanding; its partner accepts {most}", read.link.from);
                let places = || [read.place].into_iter().chain(first).collect();
                ledger.judge(Claim::Window, count <= most as usize, read.at, places, text);
            }
            _ => ledger.open(Claim::Window, "max-unacked-bndupd or a part of the connection is not in the capture"),
        }
    }

    fn answered(&mut self, read: &Read<'_>, addresses: &BTreeSet<Ipv4Addr>, ledger: &mut Ledger) {
        let link = self.open.entry(read.link.connection).or_default();
        let side = link.sides.entry(read.link.to).or_default();
        let found = side.outstanding.remove(&read.xid);
        let problem = match &found {
            None if side.has_gap || !link.is_whole => {
                return ledger.open(Claim::AckAnswers, "the capture has not all of the connection");
            }
            None => Some("no BNDUPD with that xid is outstanding".to_owned()),
            Some((_, asked)) if !addresses.is_subset(asked) || addresses.is_empty() && !asked.is_empty() => {
                Some(format!("the BNDUPD is about {}", words(asked)))
            }
            Some((_, asked)) if addresses.len() < asked.len() => {
                Some(format!("the BNDUPD is also about {}", words(&(asked - addresses))))
            }
            Some(_) => None,
        };
        let places = || [read.place].into_iter().chain(found.as_ref().map(|(place, _)| *place)).collect();
        let text = || {
            let problem = problem.clone().unwrap_or_default();
            format!("{} sent BNDACK xid {} about {}; {problem}", read.link.from, read.xid, words(addresses))
        };
        ledger.judge(Claim::AckAnswers, problem.is_none(), read.at, places, text);
    }
}

fn words(addresses: &BTreeSet<Ipv4Addr>) -> String {
    if addresses.is_empty() {
        return "no address".to_owned();
    }
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What a binding update must have (failover-12 table 7.1.1-1).
fn incomplete(read: &Read<'_>, binding: &dhcpfo_wire::message::Binding, ledger: &mut Ledger) {
    let missing = match binding.status {
        None => "binding-status (3)",
        Some(0 | 8..) => "a binding-status of 1 to 7",
        Some(2) if binding.client_hardware_address.is_none() => "client-hardware-address (5)",
        Some(2) if binding.lease_expiration.is_none() => "lease-expiration-time (13)",
        Some(2) if binding.potential_expiration.is_none() => "potential-expiration-time (18)",
        Some(3 | 4) if binding.client_hardware_address.is_none() => "client-hardware-address (5)",
        _ => return,
    };
    let text = format!("{} sent a BNDUPD about {} without {missing}", read.link.from, binding.address);
    ledger.violated(Claim::WellFormed, read.at, vec![read.place], text);
}

type Agreed = Option<(Option<u32>, Option<Vec<u8>>)>;

impl Link {
    fn connect(&mut self, read: &Read<'_>, connect: &Connect, agreed: &mut Agreed) -> Option<String> {
        // That both send one is of another claim.
        let again = self.connects.contains_key(&read.link.from);
        let now = (connect.mclt, connect.relationship_name.clone());
        let before = agreed.replace(now.clone());
        self.connects.insert(read.link.from, (read.xid, connect.clone()));
        self.sides.entry(read.link.to).or_default().may_send = connect.max_unacked;
        let missing = [
            (connect.mclt.is_none(), "MCLT (15)"),
            (connect.hash_buckets.is_none(), "hash-bucket-assignment (11)"),
            (connect.relationship_name.is_none(), "relationship-name (22)"),
            (connect.max_unacked.is_none(), "max-unacked-bndupd (14)"),
            (connect.receive_timer.is_none(), "receive-timer (19)"),
        ];
        let missing = missing.iter().find(|(missing, _)| *missing).map(|(_, name)| format!("without {name}"));
        let words = |(mclt, relationship): &(Option<u32>, Option<Vec<u8>>)| {
            let mclt = mclt.map_or_else(|| "no MCLT".to_owned(), |mclt| format!("MCLT {mclt}"));
            format!("{mclt} and relationship {}", name(relationship))
        };
        let differs = before.filter(|before| *before != now);
        let differs = differs.map(|before| format!("with {}; before it was {}", words(&now), words(&before)));
        again.then(|| "a second time on one connection".to_owned()).or(missing).or(differs)
    }

    fn connect_ack(&mut self, read: &Read<'_>, ack: &ConnectAck) -> Option<String> {
        self.is_refused = ack.refusal.is_some();
        self.is_tls |= ack.tls_reply == Some(1) && ack.refusal.is_none();
        self.sides.entry(read.link.to).or_default().may_send = ack.max_unacked;
        let Some((xid, connect)) = self.connects.get(&read.link.to) else {
            let own = self.connects.contains_key(&read.link.from);
            let word = if own { "in answer to its own CONNECT" } else { "without a CONNECT" };
            return self.is_whole.then(|| word.to_owned());
        };
        let again = self.is_accepted;
        self.is_accepted |= ack.refusal.is_none();
        if again {
            return Some("a second time on one connection".to_owned());
        }
        if *xid != read.xid {
            return Some(format!("with xid {}; the CONNECT has {xid}", read.xid));
        }
        if ack.refusal.is_some() {
            return None;
        }
        if ack.relationship_name != connect.relationship_name {
            let (here, there) = (name(&ack.relationship_name), name(&connect.relationship_name));
            return Some(format!("for relationship {here}; the CONNECT is for {there}"));
        }
        None
    }
}

fn name(name: &Option<Vec<u8>>) -> String {
    name.as_ref().map_or_else(|| "(none)".to_owned(), |name| format!("{:?}", String::from_utf8_lossy(name)))
}
