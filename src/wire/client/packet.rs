//! A DHCP packet as it came, and what the client asks with it (RFC 2131 §2, §4.3, table 4).

use std::fmt;
use std::net::Ipv4Addr;

use dhcpfo_engine::effect::Ask;
use dhcproto::decoder::{Decodable, Decoder};
use dhcproto::v4::{Message, Opcode};

use super::options::{Options, OptionsError};
use crate::convert::{Client, Directory};

/// Octets before the options: header and magic cookie.
pub(super) const FIXED: usize = 240;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
const SNAME: std::ops::Range<usize> = 44..108;
const FILE: std::ops::Range<usize> = 108..236;

/// DHCP message types (RFC 2132 §9.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// DHCPDISCOVER
    Discover = 1,
    /// DHCPOFFER
    Offer = 2,
    /// DHCPREQUEST
    Request = 3,
    /// DHCPDECLINE
    Decline = 4,
    /// DHCPACK
    Ack = 5,
    /// DHCPNAK
    Nak = 6,
    /// DHCPRELEASE
    Release = 7,
    /// DHCPINFORM
    Inform = 8,
}

impl Kind {
    const ALL: [Kind; 8] =
        [Kind::Discover, Kind::Offer, Kind::Request, Kind::Decline, Kind::Ack, Kind::Nak, Kind::Release, Kind::Inform];

    /// The message's name in capitals.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Discover => "DHCPDISCOVER",
            Kind::Offer => "DHCPOFFER",
            Kind::Request => "DHCPREQUEST",
            Kind::Decline => "DHCPDECLINE",
            Kind::Ack => "DHCPACK",
            Kind::Nak => "DHCPNAK",
            Kind::Release => "DHCPRELEASE",
            Kind::Inform => "DHCPINFORM",
        }
    }

    const fn is_answer(self) -> bool {
        matches!(self, Kind::Offer | Kind::Ack | Kind::Nak)
    }
}

/// Octets that are no DHCP packet that is spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PacketError {
    /// Fewer than 240 octets.
    Short(usize),
    /// The field *op* is neither 1 nor 2, or does not fit the message type.
    Op(u8),
    /// More than 16 octets of chaddr.
    HardwareLength(u8),
    /// No magic cookie.
    Cookie([u8; 4]),
    /// Options that run past their end, in the field that is named.
    Options(&'static str, OptionsError),
    /// No message type: BOOTP.
    NoKind,
    /// A message type that is not spoken.
    Kind(u8),
    /// A message type of another size than one octet.
    KindSize(usize),
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PacketError::Short(octets) => write!(f, "{octets} octets; 240 or more would be accepted"),
            PacketError::Op(op) => write!(f, "octet 0: op {op}; 1 from a client or 2 from a server would be accepted"),
            PacketError::HardwareLength(length) => write!(f, "octet 2: hlen {length}; 0 to 16 would be accepted"),
            PacketError::Cookie(octets) => write!(f, "octet 236: {octets:?}; 99, 130, 83, 99 would be accepted"),
            PacketError::Options(field, error) => write!(f, "{field}: {error}"),
            PacketError::NoKind => write!(f, "no DHCP message type: BOOTP is not served"),
            PacketError::Kind(kind) => write!(f, "DHCP message type {kind}; 1 to 8 would be accepted"),
            PacketError::KindSize(octets) => write!(f, "DHCP message type of {octets} octets; 1 would be accepted"),
        }
    }
}

impl std::error::Error for PacketError {}

/// A DHCP packet, from a client or a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of RFC 2131 §2")]
pub struct Packet {
    pub kind: Kind,
    pub htype: u8,
    /// 0 to 16 octets.
    pub chaddr: Vec<u8>,
    pub hops: u8,
    pub xid: u32,
    /// Seconds since the client began. Some clients send the two octets swapped.
    pub secs: u16,
    /// The broadcast flag is the highest bit.
    pub flags: u16,
    pub ciaddr: Ipv4Addr,
    pub yiaddr: Ipv4Addr,
    pub siaddr: Ipv4Addr,
    pub giaddr: Ipv4Addr,
    /// Of all fields, pieces put together.
    pub options: Options,
}

/// What a client asks, with the addresses that belong to it (RFC 2131 table 4 and §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// DHCPDISCOVER; the address that the client would like.
    Discover(Option<Ipv4Addr>),
    /// DHCPREQUEST in SELECTING.
    Select {
        /// The offered address.
        address: Ipv4Addr,
        /// The server that the client has chosen.
        server: Ipv4Addr,
    },
    /// DHCPREQUEST in INIT-REBOOT.
    Reboot(Ipv4Addr),
    /// DHCPREQUEST in RENEWING: sent to one server.
    Renew(Ipv4Addr),
    /// DHCPREQUEST in REBINDING: sent to all.
    Rebind(Ipv4Addr),
    /// DHCPDECLINE
    Decline {
        /// The address that is in use by somebody else.
        address: Ipv4Addr,
        /// The server that gave it, if the client says so.
        server: Option<Ipv4Addr>,
    },
    /// DHCPRELEASE
    Release {
        /// The address that is given back.
        address: Ipv4Addr,
        /// The server that gave it, if the client says so.
        server: Option<Ipv4Addr>,
    },
    /// DHCPINFORM
    Inform(Ipv4Addr),
}

/// A packet that asks for nothing that can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unclear {
    /// It comes from a server.
    NotFromClient(Kind),
    /// It has neither hardware address nor client identifier.
    Nobody,
    /// The named thing must be there and is not.
    Lacks(&'static str),
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unclear::NotFromClient(kind) => write!(f, "{} does not come from a client", kind.name()),
            Unclear::Nobody => write!(f, "neither hardware address nor client identifier"),
            Unclear::Lacks(what) => write!(f, "no {what}"),
        }
    }
}

impl std::error::Error for Unclear {}

impl Packet {
    /// Reads one packet: the payload of one UDP datagram.
    ///
    /// # Errors
    /// With the octet and what would be accepted there.
    pub fn decode(octets: &[u8]) -> Result<Packet, PacketError> {
        let short = PacketError::Short(octets.len());
        let (fixed, rest) = octets.split_at_checked(FIXED).ok_or(short)?;
        if fixed[2] > 16 {
            return Err(PacketError::HardwareLength(fixed[2]));
        }
        let cookie = [fixed[236], fixed[237], fixed[238], fixed[239]];
        if cookie != COOKIE {
            return Err(PacketError::Cookie(cookie));
        }
        let header = Message::decode(&mut Decoder::new(fixed)).map_err(|_| short)?;
        let options = options(fixed, rest)?;
        let kind = kind(&options)?;
        let expected = if kind.is_answer() { Opcode::BootReply } else { Opcode::BootRequest };
        if header.opcode() != expected {
            return Err(PacketError::Op(fixed[0]));
        }
        Ok(Packet {
            kind,
            htype: header.htype().into(),
            chaddr: header.chaddr().to_vec(),
            hops: header.hops(),
            xid: header.xid(),
            secs: header.secs(),
            flags: header.flags().into(),
            ciaddr: header.ciaddr(),
            yiaddr: header.yiaddr(),
            siaddr: header.siaddr(),
            giaddr: header.giaddr(),
            options,
        })
    }

    /// Who asks: the client identifier if there is one that is not empty, and always hardware type and address. None
    /// if there is neither.
    pub fn client(&self) -> Option<Client> {
        let identifier = self.options.get(61).filter(|identifier| !identifier.is_empty()).map(<[u8]>::to_vec);
        if identifier.is_none() && self.chaddr.is_empty() {
            return None;
        }
        let hardware_address = [&[self.htype], self.chaddr.as_slice()].concat();
        Some(Client { identifier, hardware_address })
    }

    /// The client cannot take unicast before it has an address.
    pub fn broadcast(&self) -> bool {
        self.flags & 0x8000 != 0
    }

    /// requested IP address (option 50)
    pub fn requested_address(&self) -> Option<Ipv4Addr> {
        self.address(50)
    }

    /// server identifier (option 54)
    pub fn server_identifier(&self) -> Option<Ipv4Addr> {
        self.address(54)
    }

    /// IP address lease time (option 51), seconds
    pub fn lease_time(&self) -> Option<u32> {
        self.options.array(51).map(u32::from_be_bytes)
    }

    /// parameter request list (option 55); empty if there is none
    pub fn parameters(&self) -> &[u8] {
        self.options.get(55).unwrap_or_default()
    }

    /// maximum DHCP message size (option 57), octets with IP and UDP header: at least 576
    pub fn max_message_size(&self) -> u16 {
        self.options.array(57).map_or(576, u16::from_be_bytes).max(576)
    }

    /// relay agent information (option 82) as it came: an answer repeats it (RFC 3046 §2.2)
    pub fn relay_agent_information(&self) -> Option<&[u8]> {
        self.options.get(82)
    }

    /// A sub-option of relay agent information: 1 circuit id, 2 remote id, 5 link selection (RFC 3527), 11 server
    /// identifier override (RFC 5107).
    pub fn relay_option(&self, code: u8) -> Option<&[u8]> {
        let mut rest = self.relay_agent_information()?;
        while let [found, length, data @ ..] = rest {
            let (data, others) = data.split_at_checked(usize::from(*length))?;
            if *found == code {
                return Some(data);
            }
            rest = others;
        }
        None
    }

    /// The address by which a link is named: link selection of the relay agent (RFC 3527), or subnet selection (option
    /// 118, RFC 3011). None: the link is that of the relay agent, or that on which the packet came.
    pub fn selected_link(&self) -> Option<Ipv4Addr> {
        let selected = self.relay_option(5).and_then(|data| <[u8; 4]>::try_from(data).ok()).map(Ipv4Addr::from);
        selected.or_else(|| self.address(118))
    }

    /// What the client asks. `unicast`: the packet was sent to one server's address, which is how RENEWING and
    /// REBINDING are told apart; one that comes over a relay agent was not.
    ///
    /// # Errors
    /// It is no client's message, or lacks what it must have.
    pub fn asked(&self, unicast: bool) -> Result<Asked, Unclear> {
        if self.client().is_none() {
            return Err(Unclear::Nobody);
        }
        let requested = || self.requested_address().ok_or(Unclear::Lacks("requested IP address (50)"));
        let own = || some(self.ciaddr).ok_or(Unclear::Lacks("ciaddr"));
        let server = self.server_identifier();
        Ok(match self.kind {
            Kind::Discover => Asked::Discover(self.requested_address()),
            Kind::Request => match (server, self.requested_address(), some(self.ciaddr)) {
                (Some(server), _, _) => Asked::Select { address: requested()?, server },
                (None, Some(address), None) => Asked::Reboot(address),
                (None, _, Some(address)) if unicast && some(self.giaddr).is_none() => Asked::Renew(address),
                (None, _, Some(address)) => Asked::Rebind(address),
                (None, None, None) => return Err(Unclear::Lacks("requested IP address (50) or ciaddr")),
            },
            Kind::Decline => Asked::Decline { address: requested()?, server },
            Kind::Release => Asked::Release { address: own()?, server },
            Kind::Inform => Asked::Inform(own()?),
            kind => return Err(Unclear::NotFromClient(kind)),
        })
    }

    fn address(&self, code: u8) -> Option<Ipv4Addr> {
        self.options.array(code).map(<Ipv4Addr as From<[u8; 4]>>::from).and_then(some)
    }
}

impl Asked {
    /// The engine's word for it. None if the address is in no pool, and for a DHCPREQUEST that chose a server that is
    /// none of `mine`.
    pub fn for_engine(&self, mine: &[Ipv4Addr], directory: &dyn Directory) -> Option<Ask> {
        let id = |address| directory.address_id(address);
        Some(match *self {
            Asked::Discover(_) => Ask::Discover,
            Asked::Select { address, server } if mine.contains(&server) => Ask::Select(id(address)?),
            Asked::Select { .. } => return None,
            Asked::Reboot(address) => Ask::Reboot(id(address)?),
            Asked::Renew(address) => Ask::Renew(id(address)?),
            Asked::Rebind(address) => Ask::Rebind(id(address)?),
            // A partner hears of it by BNDUPD, so whoever hears it may act.
            Asked::Decline { address, .. } => Ask::Decline(id(address)?),
            Asked::Release { address, .. } => Ask::Release(id(address)?),
            Asked::Inform(_) => Ask::Inform,
        })
    }
}

fn some(address: Ipv4Addr) -> Option<Ipv4Addr> {
    (!address.is_unspecified()).then_some(address)
}

/// Of the options field, then *file*, then *sname* if option 52 says so (RFC 2131 §4.1, RFC 3396 §5).
fn options(fixed: &[u8], field: &[u8]) -> Result<Options, PacketError> {
    let mut options = Options::default();
    options.read(field).map_err(|error| PacketError::Options("options", error))?;
    let overload = options.array(52).map_or(0, u8::from_be_bytes);
    if overload & 1 != 0 {
        options.read(&fixed[FILE]).map_err(|error| PacketError::Options("file", error))?;
    }
    if overload & 2 != 0 {
        options.read(&fixed[SNAME]).map_err(|error| PacketError::Options("sname", error))?;
    }
    Ok(options)
}

fn kind(options: &Options) -> Result<Kind, PacketError> {
    match *options.get(53).ok_or(PacketError::NoKind)? {
        [code] => Kind::ALL.into_iter().find(|&kind| kind as u8 == code).ok_or(PacketError::Kind(code)),
        ref other => Err(PacketError::KindSize(other.len())),
    }
}
