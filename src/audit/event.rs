//! What the wire shows, in the order of time: failover messages of connections, and DHCP packets.

use std::net::{Ipv4Addr, SocketAddrV4};

use dhcpfo_wire::client::Packet;
use dhcpfo_wire::frame::Frame;

use crate::capture::Micros;

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
