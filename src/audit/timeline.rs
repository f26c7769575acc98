//! What happened, for whoever wants to look at it step by step: every message and packet, and what came of it for an
//! address.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_documents::audit::{self as document, AddressLine, Bound, Known, Message};
use dhcpfo_engine::state::Role;
use dhcpfo_wire::client::Packet;
use dhcpfo_wire::message::{Binding, Body};

use crate::address::{Address, client_name, status_name};
use crate::capture::Micros;
use crate::event::{Dial, LinkEvent, OnLink, Place};
use crate::say;
use crate::states::SECOND;
use crate::survey::Survey;

/// Messages that are kept.
const MOST: usize = 100_000;

/// Lines by address.
pub(crate) type Timeline = BTreeMap<Ipv4Addr, Vec<Line>>;

/// Something that concerns an address.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) at: Micros,
    pub(crate) place: Place,
    pub(crate) text: String,
    /// How the address is afterwards.
    known: Option<Known>,
}

impl Line {
    pub(crate) fn new(at: Micros, place: Place, text: String, known: Option<&Address>) -> Line {
        Line { at, place, text, known: known.map(|known| snapshot(known, at)) }
    }

    /// The line as a document, with how the address is afterwards.
    pub(crate) fn document(&self, address: Ipv4Addr, place: document::Place) -> AddressLine {
        AddressLine { address, at: say::epoch(self.at), text: self.text.clone(), place, known: self.known.clone() }
    }
}

/// What each server has about an address, and who holds it, in whole seconds.
fn snapshot(known: &Address, at: Micros) -> Known {
    let server = |role: Role| {
        let record = known.record(role)?;
        let potential = record.client.as_ref().and_then(|client| known.promised(role, client));
        Some(Bound {
            status: status_name(record.status),
            client: record.client.as_ref().map(client_name),
            ends: record.ends.map(|ends| ends / SECOND),
            potential: potential.map(|(until, _)| until / SECOND),
        })
    };
    let holder = |holder: &crate::address::Holder| (client_name(&holder.client), holder.until / SECOND);
    Known {
        primary: server(Role::Primary),
        secondary: server(Role::Secondary),
        holders: known.held_at(at).map(holder).collect(),
    }
}

/// A message or packet.
#[derive(Debug)]
struct Kept {
    at: Micros,
    place: Place,
    from: String,
    to: String,
    text: String,
}

/// Messages and packets in their order.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    kept: Vec<Kept>,
    /// Those for which there was no room.
    pub(crate) more: u64,
}

impl Messages {
    fn add(&mut self, at: Micros, place: Place, from: String, to: String, text: String) {
        match self.kept.len() < MOST {
            true => self.kept.push(Kept { at, place, from, to, text }),
            false => self.more += 1,
        }
    }

    /// Something on a connection between the servers. `body`: what a message says, if it can be read.
    pub(crate) fn link(&mut self, survey: &Survey, at: Micros, place: Place, link: &LinkEvent, body: Option<&Body>) {
        let name =
            |address| survey.on_link(address).map_or_else(|| format!("{address}"), |role| role.name().to_owned());
        let text = match (&link.what, body) {
            (OnLink::Opened, _) => "opens a connection".to_owned(),
            (OnLink::Closed, _) => "closes the connection".to_owned(),
            (OnLink::Unsaid(unsaid), _) => match unsaid.dial {
                Dial::Refused => format!("dials: nobody listens at port {}", link.port),
                Dial::Unanswered => format!("dials port {} without an answer", link.port),
                Dial::Answered => "dialled, and nobody said anything".to_owned(),
            },
            (OnLink::Joined, _) => "(the capture begins inside this connection)".to_owned(),
            (OnLink::Gap { octets }, _) => format!("({octets} octets are not in the capture)"),
            (OnLink::Ignorable, _) => "a message of a type that need not be known".to_owned(),
            (OnLink::Undecodable { problem, .. }, _) => format!("no message: {problem}"),
            (OnLink::Message(_), Some(body)) => words(body),
            (OnLink::Message(frame), None) => format!("{}, which cannot be read", frame.message_type.name()),
        };
        self.add(at, place, name(link.from), name(link.to), text);
    }

    /// A packet of a client, or for one.
    pub(crate) fn dhcp(&mut self, at: Micros, place: Place, server: Option<Role>, to: Ipv4Addr, packet: &Packet) {
        let client = packet.client().map_or_else(|| "a client".to_owned(), |client| client_name(&client));
        let (kind, offered) = (packet.kind.name(), !packet.yiaddr.is_unspecified());
        let address = match (offered, packet.requested_address(), packet.ciaddr.is_unspecified()) {
            (true, ..) => format!(" {}", packet.yiaddr),
            (false, Some(asked), _) => format!(" {asked}"),
            (false, None, false) => format!(" {}", packet.ciaddr),
            (false, None, true) => String::new(),
        };
        let lease = packet.lease_time().filter(|_| offered).map(|lease| format!(", {}", say::lease(lease)));
        let text = format!("{kind}{address}{}", lease.unwrap_or_default());
        let name = |role: Role| role.name().to_owned();
        match (is_answer(packet), server) {
            (true, Some(role)) => self.add(at, place, name(role), client, text),
            (true, None) => self.add(at, place, "a server".to_owned(), client, text),
            (false, Some(role)) => self.add(at, place, client, name(role), text),
            (false, None) if to.is_broadcast() => self.add(at, place, client, "all".to_owned(), text),
            (false, None) => self.add(at, place, client, to.to_string(), text),
        }
    }

    pub(crate) fn renumber(&mut self, renumber: impl Fn(&mut Place)) {
        self.kept.iter_mut().for_each(|kept| renumber(&mut kept.place));
    }

    /// All of them as documents.
    pub(crate) fn document(&self, place: impl Fn(&Place) -> document::Place) -> Vec<Message> {
        let one = |kept: &Kept| Message {
            at: say::epoch(kept.at),
            from: kept.from.clone(),
            to: kept.to.clone(),
            text: kept.text.clone(),
            place: place(&kept.place),
        };
        self.kept.iter().map(one).collect()
    }
}

/// Whether a packet comes from a server.
pub(crate) fn is_answer(packet: &Packet) -> bool {
    use dhcpfo_wire::client::Kind;
    matches!(packet.kind, Kind::Offer | Kind::Ack | Kind::Nak)
}

/// What a message between the servers says.
fn words(body: &Body) -> String {
    let name = body.message_type().name();
    let binding = |binding: &Binding| {
        let status = binding.status.map_or_else(|| "without a status".to_owned(), status_name);
        format!("{} {status}", binding.address)
    };
    let with = |text: String| format!("{name} {text}");
    match body {
        Body::BndUpd(bindings) => with(bindings.iter().map(binding).collect::<Vec<_>>().join(", ")),
        Body::BndAck(answers) => {
            let one = |answer: &dhcpfo_wire::message::Answer| {
                let address = answer.address.map_or_else(|| "no address".to_owned(), |address| address.to_string());
                answer.refusal.as_ref().map_or(address.clone(), |refusal| format!("{address} refused, {refusal}"))
            };
            with(answers.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        Body::State(said) => with(format!("{}{}", said.state.name(), if said.startup { ", STARTUP" } else { "" })),
        Body::PoolResp(count) => with(count.to_string()),
        Body::Disconnect(refusal) => with(refusal.to_string()),
        Body::ConnectAck(answer) => {
            answer.refusal.as_ref().map_or_else(|| name.to_owned(), |why| with(why.to_string()))
        }
        _ => name.to_owned(),
    }
}
