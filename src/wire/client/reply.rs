//! Building DHCPOFFER, DHCPACK and DHCPNAK, and where to send them (RFC 2131 §4.1, §4.3, table 3).

use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};

use dhcproto::encoder::{Encodable, Encoder};
use dhcproto::v4::{Flags, Message, Opcode};

use super::options::{Options, encode};
use super::packet::{FIXED, Kind, Packet};

/// IP and UDP header, which option 57 counts in.
const HEADERS: usize = 28;
/// Most octets of an answer with these: what Ethernet carries in one piece, whatever a client says it can take.
const LARGEST: usize = 1500;
/// Least octets of an answer: relay agents and clients of the BOOTP days drop shorter ones.
const SHORTEST: usize = 300;
const SNAME: std::ops::Range<usize> = 44..108;
const FILE: std::ops::Range<usize> = 108..236;
const END: u8 = 255;

/// The times of a lease, in seconds from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// IP address lease time (51).
    pub time: u32,
    /// Renewal time T1 (58), if it is to be told.
    pub renewal: Option<u32>,
    /// Rebinding time T2 (59), if it is to be told.
    pub rebinding: Option<u32>,
}

/// What to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// DHCPOFFER of this address.
    Offer(Ipv4Addr, Lease),
    /// DHCPACK of this address.
    Ack(Ipv4Addr, Lease),
    /// DHCPACK to a DHCPINFORM: no address, no lease.
    Informed,
    /// DHCPNAK
    Nak,
}

/// What an answer says besides: from the configuration of the subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// server identifier (54): an address at which this server is reached.
    pub server: Ipv4Addr,
    /// siaddr: the next server for booting.
    pub next_server: Option<Ipv4Addr>,
    /// Options to be sent if the client asks for them, or asks for nothing in particular. Subnet mask, routers, …
    /// Those that the protocol itself sets are not taken from here.
    pub options: Options,
}

/// An answer that does not fit: not even what must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch {
    /// The octets that are there.
    pub room: usize,
}

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the options that must be there do not fit into {} octets", self.room)
    }
}

impl std::error::Error for TooMuch {}

/// Where an answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To this address and port: a relay agent, or a client that has its address.
    Unicast(SocketAddrV4),
    /// To 255.255.255.255, port 68, on the link on which the packet came.
    Broadcast,
    /// To this hardware address with this IP address, port 68: the client does not answer ARP yet. Where that cannot
    /// be done, broadcast (RFC 2131 §4.1).
    Link {
        /// Hardware type.
        htype: u8,
        /// Hardware address.
        chaddr: Vec<u8>,
        /// yiaddr.
        address: Ipv4Addr,
    },
}

/// Where the answer to a request goes (RFC 2131 §4.1; §4.3.5 for DHCPINFORM).
pub fn destination(request: &Packet, reply: &Reply) -> Destination {
    let relay = (!request.giaddr.is_unspecified()).then_some(request.giaddr);
    let client = (!request.ciaddr.is_unspecified()).then_some(request.ciaddr);
    match (reply, relay, client) {
        (Reply::Informed, _, Some(client)) => Destination::Unicast(SocketAddrV4::new(client, 68)),
        (_, Some(relay), _) => Destination::Unicast(SocketAddrV4::new(relay, 67)),
        (Reply::Nak, None, _) => Destination::Broadcast,
        (_, None, Some(client)) => Destination::Unicast(SocketAddrV4::new(client, 68)),
        (Reply::Offer(address, _) | Reply::Ack(address, _), None, None)
            if !request.broadcast() && !request.chaddr.is_empty() =>
        {
            Destination::Link { htype: request.htype, chaddr: request.chaddr.clone(), address: *address }
        }
        (_, None, None) => Destination::Broadcast,
    }
}

impl Reply {
    /// The answer as octets: the payload of one UDP datagram.
    ///
    /// What the client asked for and does not fit is put into *file* and *sname*; what does not fit there either is
    /// left out, the least wanted first.
    ///
    /// # Errors
    /// Not even message type, server identifier, lease, client identifier and relay agent information fit.
    pub fn encode(&self, request: &Packet, settings: &Settings) -> Result<Vec<u8>, TooMuch> {
        let room = usize::from(request.max_message_size()).min(LARGEST) - HEADERS - FIXED;
        let must = self.must(request, settings);
        let last: Vec<u8> = request.relay_agent_information().map(|data| encode(82, data)).unwrap_or_default();
        // END, and option 52 if it comes to that.
        let mut left = room.checked_sub(must.len() + last.len() + 1 + 3).ok_or(TooMuch { room })?;
        let mut fields = Fields { options: must, file: Vec::new(), sname: Vec::new() };
        for (code, data) in self.wanted(request, settings) {
            fields.add(&encode(code, data), &mut left);
        }
        Ok(self.packet(request, settings, fields, &last))
    }

    const fn kind(&self) -> Kind {
        match self {
            Reply::Offer(..) => Kind::Offer,
            Reply::Ack(..) | Reply::Informed => Kind::Ack,
            Reply::Nak => Kind::Nak,
        }
    }

    /// RFC 2131 table 3; the client identifier by RFC 6842.
    fn must(&self, request: &Packet, settings: &Settings) -> Vec<u8> {
        let mut octets = encode(53, &[self.kind() as u8]);
        octets.extend(encode(54, &settings.server.octets()));
        if let Reply::Offer(_, lease) | Reply::Ack(_, lease) = self {
            octets.extend(encode(51, &lease.time.to_be_bytes()));
            octets.extend(lease.renewal.iter().flat_map(|time| encode(58, &time.to_be_bytes())));
            octets.extend(lease.rebinding.iter().flat_map(|time| encode(59, &time.to_be_bytes())));
        }
        octets.extend(request.options.get(61).iter().flat_map(|identifier| encode(61, identifier)));
        octets
    }

    /// What the client asks for, in its order; everything if it asks for nothing. A DHCPNAK has none of it.
    fn wanted<'a>(&self, request: &Packet, settings: &'a Settings) -> Vec<(u8, &'a [u8])> {
        const OWN: [u8; 13] = [0, 50, 51, 52, 53, 54, 55, 57, 58, 59, 61, 82, END];
        let mut seen = [false; 256];
        let mut take = |code: u8| !OWN.contains(&code) && !std::mem::replace(&mut seen[usize::from(code)], true);
        let mut wanted: Vec<_> = match (self, request.parameters()) {
            (Reply::Nak, _) => Vec::new(),
            (_, []) => settings.options.iter().filter(|&(code, _)| take(code)).collect(),
            (_, list) => {
                let asked = list.iter().filter(|&&code| take(code));
                asked.filter_map(|&code| Some((code, settings.options.get(code)?))).collect()
            }
        };
        // RFC 2132 §3.3: the subnet mask comes before the routers.
        wanted.sort_by_key(|&(code, _)| code != 1);
        wanted
    }

    fn packet(&self, request: &Packet, settings: &Settings, fields: Fields, last: &[u8]) -> Vec<u8> {
        let mut octets = self.header(request, settings);
        octets.resize(FIXED, 0);
        let overload = u8::from(!fields.file.is_empty()) + 2 * u8::from(!fields.sname.is_empty());
        octets.extend(fields.options);
        if overload != 0 {
            octets.extend(encode(52, &[overload]));
        }
        for (range, mut field) in [(FILE, fields.file), (SNAME, fields.sname)] {
            if !field.is_empty() {
                field.push(END);
                octets[range.start..range.start + field.len()].copy_from_slice(&field);
            }
        }
        // RFC 3046 §2.1: the last option.
        octets.extend_from_slice(last);
        octets.push(END);
        if octets.len() < SHORTEST {
            octets.resize(SHORTEST, 0);
        }
        octets
    }

    fn header(&self, request: &Packet, settings: &Settings) -> Vec<u8> {
        let none = Ipv4Addr::UNSPECIFIED;
        let (address, next, client) = match self {
            Reply::Offer(address, _) => (*address, settings.next_server, none),
            Reply::Ack(address, _) => (*address, settings.next_server, request.ciaddr),
            Reply::Informed => (none, settings.next_server, request.ciaddr),
            Reply::Nak => (none, None, none),
        };
        // The relay agent has to broadcast a DHCPNAK (RFC 2131 §4.3.2).
        let relayed_nak = *self == Reply::Nak && !request.giaddr.is_unspecified();
        let flags = if relayed_nak { request.flags | 0x8000 } else { request.flags };
        let next = next.unwrap_or(none);
        let mut message = Message::new_with_id(request.xid, client, address, next, request.giaddr, &[]);
        message.set_opcode(Opcode::BootReply).set_htype(request.htype.into()).set_flags(Flags::new(flags));
        message.set_chaddr(&request.chaddr);
        let mut octets = Vec::with_capacity(SHORTEST);
        // Fields of fixed sizes into a vector: there is nothing that could fail.
        let _ = message.encode(&mut Encoder::new(&mut octets));
        octets
    }
}

/// The fields in which options go.
struct Fields {
    options: Vec<u8>,
    file: Vec<u8>,
    sname: Vec<u8>,
}

impl Fields {
    /// Adds an option where there is room for it; `left` is that of the options field.
    fn add(&mut self, option: &[u8], left: &mut usize) {
        let fits = |field: &Vec<u8>, range: std::ops::Range<usize>| field.len() + option.len() < range.len();
        if option.len() <= *left {
            *left -= option.len();
            self.options.extend_from_slice(option);
        } else if fits(&self.file, FILE) {
            self.file.extend_from_slice(option);
        } else if fits(&self.sname, SNAME) {
            self.sname.extend_from_slice(option);
        }
    }
}
