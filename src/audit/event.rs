//! What the wire shows, in the order of time: failover messages of connections, and DHCP packets.

use std::net::{Ipv4Addr, SocketAddrV4};

use dhcpfo_wire::client::Packet;
use dhcpfo_wire::frame::Frame;

use crate::capture::{Input, Merged, Micros, Unreadable};
use crate::net::{Carried, Network};
use crate::tcp::Connections;
use crate::times::Times;

/// Where something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index of the file in the order given.
    pub file: usize,
    /// The packet in it, counted from 1 as Wireshark does; for a trace the line.
    pub packet: u64,
}

/// Something that the wire shows.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) at: Micros,
    pub(crate) place: Place,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// On a failover connection.
    Link(LinkEvent),
    /// A DHCP packet on port 67 or 68.
    Dhcp { from: SocketAddrV4, to: SocketAddrV4, packet: Box<Packet> },
    /// Octets on port 67 or 68 that are no DHCP packet.
    NotDhcp { from: SocketAddrV4, problem: String },
}

/// Something on a failover connection.
#[derive(Clone, Debug)]
pub(crate) struct LinkEvent {
    /// Number of the connection, in the order of their beginnings.
    pub(crate) connection: u64,
    /// Who sent it.
    pub(crate) from: Ipv4Addr,
    pub(crate) to: Ipv4Addr,
    /// The TCP port that it was sent to.
    pub(crate) port: u16,
    pub(crate) what: OnLink,
}

#[derive(Clone, Debug)]
pub(crate) enum OnLink {
    /// The connection was opened, by the side that it is from.
    Opened,
    /// The capture begins inside the connection.
    Joined,
    /// Octets of this direction are not in the capture: what follows was found again by a plausible header, so many
    /// octets later.
    Gap {
        octets: u64,
    },
    Message(Box<Frame>),
    /// A message of a type that need not be known (failover-12 §6.1).
    Ignorable,
    /// Octets that are no message. `fatal`: nothing that follows on this direction can be told apart.
    Undecodable {
        problem: String,
        fatal: bool,
    },
    Closed,
    /// A connection that was dialled, and on which nobody said anything until it ended or the capture did.
    Unsaid(Unsaid),
}

/// A connection on which nothing was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unsaid {
    /// When it was dialled, and in which packet.
    pub(crate) since: Micros,
    pub(crate) place: Place,
    pub(crate) dial: Dial,
}

/// What came of dialling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dial {
    /// TCP refused: nobody listens at that port.
    Refused,
    /// There was no answer.
    Unanswered,
    /// The connection was there.
    Answered,
}

/// Events of several files. Reading stops at the first file that cannot be read.
pub(crate) struct Events<'a> {
    merged: Merged<'a>,
    network: Network,
    connections: Connections,
    waiting: std::collections::VecDeque<Event>,
    ended: bool,
}

impl<'a> Events<'a> {
    /// `ports`: TCP ports on which failover is expected, besides those that are known.
    pub(crate) fn open(inputs: &'a [Input], ports: &[u16]) -> Result<Events<'a>, Unreadable> {
        Ok(Events {
            merged: Merged::open(inputs)?,
            network: Network::default(),
            connections: Connections::new(ports),
            waiting: Default::default(),
            ended: false,
        })
    }

    pub(crate) fn next(&mut self) -> Result<Option<Event>, Unreadable> {
        while self.waiting.is_empty() {
            let Some((file, raw)) = self.merged.next()? else {
                if !std::mem::replace(&mut self.ended, true) {
                    self.waiting.extend(self.connections.end());
                }
                return Ok(self.waiting.pop_front());
            };
            let (at, place) = (raw.at, Place { file, packet: raw.number });
            match self.network.take(&raw) {
                Some(Carried::Tcp(segment)) => {
                    let happened = self.connections.take(at, place, segment);
                    let event = |link| Event { at, place, what: What::Link(link) };
                    self.waiting.extend(happened.into_iter().map(event));
                }
                Some(Carried::Udp { from, to, data }) if is_dhcp(from, to) => {
                    let what = match Packet::decode(&data) {
                        Ok(packet) => What::Dhcp { from, to, packet: Box::new(packet) },
                        Err(problem) => What::NotDhcp { from, problem: problem.to_string() },
                    };
                    self.waiting.push_back(Event { at, place, what });
                }
                _ => {}
            }
        }
        Ok(self.waiting.pop_front())
    }

    /// How exact the times of the files are, as far as they were read.
    pub(crate) fn times(&self) -> Times {
        Times::new(&self.merged.grains())
    }

    /// Whether packets of failover connections are in the capture, whether or not something can be read in them.
    pub(crate) fn has_connections(&self) -> bool {
        self.connections.seen > 0
    }

    /// What could not be read, in words.
    pub(crate) fn remarks(&self, inputs: &[Input]) -> Vec<String> {
        let cut = self.merged.ends().zip(inputs).filter(|((_, cut), _)| *cut).map(|((packets, _), input)| {
            format!("{} ends inside a record, after packet {packets}; what is before it was judged", input.name())
        });
        let mut remarks: Vec<String> = cut.collect();
        let mut add = |count: u64, what: &str| {
            if count > 0 {
                remarks.push(format!("{count} {what}"));
            }
        };
        add(self.network.strange_links, "packets on a link type that is not read were passed over");
        add(self.network.cut, "packets were captured only in part and passed over: capture with `tcpdump -s 0`");
        add(self.connections.given_up, "TCP connections were given up for newer ones: too many at once");
        remarks
    }
}

/// DHCP servers and relay agents have port 67, clients 68.
fn is_dhcp(from: SocketAddrV4, to: SocketAddrV4) -> bool {
    [from.port(), to.port()].iter().any(|port| matches!(port, 67 | 68))
}
