//! The options of failover-12 §12, one by one: code (2 octets), length (2 octets), data; no padding, no end.

use std::net::Ipv4Addr;

use crate::error::{DecodeError, Problem};

/// Declares the options: code, variant, how its data is read.
macro_rules! options {
    ($($(#[$meta:meta])* $code:literal $name:ident: $kind:ident,)+) => {
        /// An option with its data, as it stands in a message. Meaning is judged elsewhere
        /// ([`crate::message`]); here only sizes are.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Opt {
            $($(#[$meta])* $name(options!(@type $kind)),)+
            /// An option that the draft does not define; ignored by all but those who know better (§6.1).
            Unknown {
                /// Its code.
                code: u16,
                /// Its data.
                data: Vec<u8>,
            },
        }

        impl Opt {
            /// The option's code.
            pub const fn code(&self) -> u16 {
                match self { $(Opt::$name(_) => $code,)+ Opt::Unknown { code, .. } => *code }
            }

            /// Appends the data, without code and length.
            fn put_data(&self, out: &mut Vec<u8>) {
                match self {
                    $(Opt::$name(value) => value.put(out),)+
                    Opt::Unknown { data, .. } => out.extend_from_slice(data),
                }
            }

            fn from_data(code: u16, data: &[u8]) -> Result<Opt, &'static str> {
                Ok(match code {
                    $($code => Opt::$name(Value::take(data)?),)+
                    _ => Opt::Unknown { code, data: data.to_vec() },
                })
            }
        }
    };
    (@type U8) => { u8 };
    (@type U32) => { u32 };
    (@type Flags) => { Flags };
    (@type Address) => { Ipv4Addr };
    (@type Octets) => { Vec<u8> };
    (@type Ddns) => { Ddns };
}

options! {
    /// 1: addresses-transferred
    1 AddressesTransferred: U32,
    /// 2: assigned-IP-address
    2 AssignedIpAddress: Address,
    /// 3: binding-status, 1 to 7 by the text; any octet may come
    3 BindingStatus: U8,
    /// 4: client-identifier, the data of DHCP option 61
    4 ClientIdentifier: Octets,
    /// 5: client-hardware-address, hardware type in the first octet
    5 ClientHardwareAddress: Octets,
    /// 6: client-last-transaction-time, seconds since 1970 by the sender's clock
    6 ClientLastTransactionTime: U32,
    /// 7: client-reply-options: magic number and DHCP options
    7 ClientReplyOptions: Octets,
    /// 8: client-request-options: magic number and DHCP options
    8 ClientRequestOptions: Octets,
    /// 9: DDNS
    9 Ddns: Ddns,
    /// 10: delayed-service-parameter, seconds
    10 DelayedServiceParameter: U8,
    /// 11: hash-bucket-assignment, 32 octets by the text
    11 HashBucketAssignment: Octets,
    /// 12: IP-flags
    12 IpFlags: Flags,
    /// 13: lease-expiration-time, seconds since 1970 by the sender's clock
    13 LeaseExpirationTime: U32,
    /// 14: max-unacked-bndupd
    14 MaxUnackedBndUpd: U32,
    /// 15: MCLT, seconds
    15 Mclt: U32,
    /// 16: message, text without an end mark
    16 Message: Octets,
    /// 17: message-digest: type and digest
    17 MessageDigest: Octets,
    /// 18: potential-expiration-time, seconds since 1970 by the sender's clock
    18 PotentialExpirationTime: U32,
    /// 19: receive-timer, seconds
    19 ReceiveTimer: U32,
    /// 20: protocol-version
    20 ProtocolVersion: U8,
    /// 21: reject-reason
    21 RejectReason: U8,
    /// 22: relationship-name, text without an end mark
    22 RelationshipName: Octets,
    /// 23: server-flags, bit 0 is STARTUP
    23 ServerFlags: U8,
    /// 24: server-state
    24 ServerState: U8,
    /// 25: start-time-of-state, seconds since 1970 by the sender's clock
    25 StartTimeOfState: U32,
    /// 26: TLS-reply
    26 TlsReply: U8,
    /// 27: TLS-request
    27 TlsRequest: U8,
    /// 28: vendor-class-identifier
    28 VendorClassIdentifier: Octets,
    /// 29: vendor-specific-options
    29 VendorSpecificOptions: Octets,
}

/// IP-flags (failover-12 §12.12). Two octets on the wire; the figure's length field says 1, so one octet is taken too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u16);

impl Flags {
    /// Bit 0: the address is reserved on the server that sends.
    pub const RESERVED: u16 = 1;
    /// Bit 1: allocated to a BOOTP client.
    pub const BOOTP: u16 = 2;
}

/// DDNS (failover-12 §12.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ddns {
    /// From the least significant bit: C (name to address done), A (server controls it), D (address to name done),
    /// P (server controls it).
    pub flags: u16,
    /// The name in DNS encoding; not looked into.
    pub name: Vec<u8>,
}

/// Data of an option.
trait Value: Sized {
    /// The value, or what size would be accepted.
    fn take(data: &[u8]) -> Result<Self, &'static str>;
    fn put(&self, out: &mut Vec<u8>);
}

impl Value for u8 {
    fn take(data: &[u8]) -> Result<u8, &'static str> {
        <[u8; 1]>::try_from(data).map(|[octet]| octet).map_err(|_| "1 octet")
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }
}

impl Value for u32 {
    fn take(data: &[u8]) -> Result<u32, &'static str> {
        data.try_into().map(u32::from_be_bytes).map_err(|_| "4 octets")
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.to_be_bytes());
    }
}

impl Value for Ipv4Addr {
    fn take(data: &[u8]) -> Result<Ipv4Addr, &'static str> {
        u32::take(data).map(Ipv4Addr::from)
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.octets());
    }
}

impl Value for Flags {
    fn take(data: &[u8]) -> Result<Flags, &'static str> {
        match *data {
            [one] => Ok(Flags(u16::from(one))),
            [high, low] => Ok(Flags(u16::from_be_bytes([high, low]))),
            _ => Err("1 or 2 octets"),
        }
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.0.to_be_bytes());
    }
}

impl Value for Vec<u8> {
    fn take(data: &[u8]) -> Result<Vec<u8>, &'static str> {
        Ok(data.to_vec())
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl Value for Ddns {
    fn take(data: &[u8]) -> Result<Ddns, &'static str> {
        match data {
            [high, low, name @ ..] => Ok(Ddns { flags: u16::from_be_bytes([*high, *low]), name: name.to_vec() }),
            _ => Err("2 octets or more"),
        }
    }
    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.flags.to_be_bytes());
        out.extend_from_slice(&self.name);
    }
}

impl Opt {
    /// How many octets the option takes with code and length.
    pub fn size(&self) -> usize {
        let mut data = Vec::new();
        self.put_data(&mut data);
        4 + data.len()
    }

    /// Appends the option. Data beyond 65535 octets is no option; [`crate::frame::Frame::encode`] has refused it.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.code().to_be_bytes());
        let at = out.len();
        out.extend([0, 0]);
        self.put_data(out);
        let length = u16::try_from(out.len() - at - 2).unwrap_or(u16::MAX);
        out[at..at + 2].copy_from_slice(&length.to_be_bytes());
    }
}

/// An option as octets: its code, where it begins in the message, and its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawOption<'a> {
    pub(crate) code: u16,
    pub(crate) offset: usize,
    pub(crate) data: &'a [u8],
}

impl RawOption<'_> {
    pub(crate) fn decode(&self) -> Result<Opt, DecodeError> {
        Opt::from_data(self.code, self.data).map_err(|accepted| {
            let length = self.data.len() as u16;
            DecodeError { offset: self.offset, problem: Problem::OptionSize { code: self.code, length, accepted } }
        })
    }
}

/// Walks over the options in `message` from `offset` on.
pub(crate) fn walk(message: &[u8], offset: usize) -> impl Iterator<Item = Result<RawOption<'_>, DecodeError>> {
    let mut at = offset;
    std::iter::from_fn(move || {
        let rest = message.get(at..).filter(|rest| !rest.is_empty())?;
        let found = split(rest, at);
        at = match &found {
            Ok(option) => at + 4 + option.data.len(),
            Err(_) => message.len(),
        };
        Some(found)
    })
}

fn split(rest: &[u8], offset: usize) -> Result<RawOption<'_>, DecodeError> {
    let [c1, c2, l1, l2, data @ ..] = rest else {
        return Err(DecodeError { offset, problem: Problem::OptionHeader(rest.len()) });
    };
    let (code, length) = (u16::from_be_bytes([*c1, *c2]), u16::from_be_bytes([*l1, *l2]));
    match data.get(..usize::from(length)) {
        Some(data) => Ok(RawOption { code, offset, data }),
        None => Err(DecodeError { offset, problem: Problem::OptionEnd { code, length, left: data.len() } }),
    }
}
