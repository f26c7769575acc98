//! Packets of a link as UDP datagrams and TCP segments over IPv4; fragments are put together.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};

use etherparse::defrag::IpDefragBuf;
use etherparse::{
    EtherType, IpNumber, LaxIpv4Slice, LaxNetSlice, LaxSlicedPacket, LenSource, TcpSlice, UdpSlice, ether_type,
};

use crate::capture::{Micros, Raw};

/// Datagrams that are put together at the same time; the oldest is given up for one more.
const MOST_FRAGMENTED: usize = 64;

/// What a packet carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    Udp { from: SocketAddrV4, to: SocketAddrV4, data: Vec<u8> },
    Tcp(Segment),
}

/// A TCP segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) from: SocketAddrV4,
    pub(crate) to: SocketAddrV4,
    pub(crate) sequence: u32,
    pub(crate) acknowledged: Option<u32>,
    pub(crate) syn: bool,
    pub(crate) fin: bool,
    pub(crate) rst: bool,
    pub(crate) data: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Datagram {
    from: Ipv4Addr,
    to: Ipv4Addr,
    protocol: u8,
    identification: u16,
}

/// Takes packets apart. Holds fragments of at most 64 datagrams.
#[derive(Default)]
pub(crate) struct Network {
    fragmented: BTreeMap<Datagram, (Micros, IpDefragBuf)>,
    /// Packets on a link of a type that is not known here.
    pub(crate) strange_links: u64,
    /// Packets that were captured only in part.
    pub(crate) cut: u64,
}

impl Network {
    /// What a packet carries, if it is UDP or TCP over IPv4 and whole.
    pub(crate) fn take(&mut self, raw: &Raw) -> Option<Carried> {
        let Some(packet) = sliced(raw.link, &raw.data) else {
            self.strange_links += u64::from(!is_known(raw.link));
            return None;
        };
        let LaxNetSlice::Ipv4(ip) = packet.net? else { return None };
        if ip.payload().incomplete {
            self.cut += u64::from(matches!(ip.payload().ip_number, IpNumber::UDP | IpNumber::TCP));
            return None;
        }
        let (from, to) = (ip.header().source_addr(), ip.header().destination_addr());
        if ip.is_payload_fragmented() {
            let (protocol, payload) = self.put_together(raw.at, &ip)?;
            return carried(from, to, protocol, &payload);
        }
        carried(from, to, ip.payload().ip_number, ip.payload().payload)
    }

    fn put_together(&mut self, at: Micros, ip: &LaxIpv4Slice<'_>) -> Option<(IpNumber, Vec<u8>)> {
        let (header, payload) = (ip.header(), ip.payload());
        let protocol = payload.ip_number;
        let key = Datagram {
            from: header.source_addr(),
            to: header.destination_addr(),
            protocol: protocol.0,
            identification: header.identification(),
        };
        if self.fragmented.len() >= MOST_FRAGMENTED && !self.fragmented.contains_key(&key) {
            let oldest = self.fragmented.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| *key);
            oldest.and_then(|key| self.fragmented.remove(&key));
        }
        let fresh = || (at, IpDefragBuf::new(protocol, Vec::new(), Vec::new()));
        let (_, buffer) = self.fragmented.entry(key).or_insert_with(fresh);
        let added = buffer.add(header.fragments_offset(), header.more_fragments(), payload.payload);
        if added.is_err() {
            self.fragmented.remove(&key);
            return None;
        }
        if !buffer.is_complete() {
            return None;
        }
        self.fragmented.remove(&key).map(|(_, buffer)| (protocol, buffer.take_bufs().0))
    }
}

/// LINKTYPE numbers that are read: <https://www.tcpdump.org/linktypes.html>.
fn is_known(link: i32) -> bool {
    matches!(link, 0 | 1 | 12 | 14 | 101 | 108 | 113 | 228 | 276)
}

fn sliced(link: i32, data: &[u8]) -> Option<LaxSlicedPacket<'_>> {
    let over = |at: usize, header: usize| {
        let code = u16::from_be_bytes([*data.get(at)?, *data.get(at + 1)?]);
        Some(LaxSlicedPacket::from_ether_type(EtherType(code), data.get(header..)?))
    };
    match link {
        1 => LaxSlicedPacket::from_ethernet(data).ok(),
        // Linux "cooked" capture, versions 1 and 2.
        113 => over(14, 16),
        276 => over(0, 20),
        // Loopback of BSD: four octets of address family.
        0 | 108 => Some(LaxSlicedPacket::from_ether_type(ether_type::IPV4, data.get(4..)?)),
        // IP without a link header.
        12 | 14 | 101 | 228 => LaxSlicedPacket::from_ip(data).ok(),
        _ => None,
    }
}

fn carried(from: Ipv4Addr, to: Ipv4Addr, protocol: IpNumber, payload: &[u8]) -> Option<Carried> {
    match protocol {
        IpNumber::UDP => {
            let udp = UdpSlice::from_slice(payload).ok()?;
            let is_whole = udp.payload_len_source() != LenSource::Slice || udp.length() == 0;
            is_whole.then(|| Carried::Udp {
                from: SocketAddrV4::new(from, udp.source_port()),
                to: SocketAddrV4::new(to, udp.destination_port()),
                data: udp.payload().to_vec(),
            })
        }
        IpNumber::TCP => {
            let tcp = TcpSlice::from_slice(payload).ok()?;
            Some(Carried::Tcp(Segment {
                from: SocketAddrV4::new(from, tcp.source_port()),
                to: SocketAddrV4::new(to, tcp.destination_port()),
                sequence: tcp.sequence_number(),
                acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
                syn: tcp.syn(),
                fin: tcp.fin(),
                rst: tcp.rst(),
                data: tcp.payload().to_vec(),
            }))
        }
        _ => None,
    }
}
