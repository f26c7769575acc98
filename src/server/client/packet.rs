//! What clients send.

use std::net::Ipv4Addr;

use dhcpfo_wire::client::Kind;

/// What goes into a packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Says {
    pub(super) kind: Kind,
    pub(super) xid: u32,
    pub(super) client: u32,
    pub(super) secs: u16,
    /// ciaddr: the client uses this address.
    pub(super) own: Option<Ipv4Addr>,
    /// option 50
    pub(super) requested: Option<Ipv4Addr>,
    /// option 54
    pub(super) server: Option<Ipv4Addr>,
    /// giaddr: the packet comes from a relay agent.
    pub(super) relay: Option<Ipv4Addr>,
    /// option 118: the link on which the client is.
    pub(super) link: Option<Ipv4Addr>,
}

/// The Ethernet address of a client: locally administered, the number in the last four octets.
pub(super) fn hardware(client: u32) -> [u8; 6] {
    let [a, b, c, d] = client.to_be_bytes();
    [0x02, 0xf0, a, b, c, d]
}

impl Says {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut octets = vec![0; 240];
        octets[0] = 1;
        octets[1] = 1;
        octets[2] = 6;
        octets[4..8].copy_from_slice(&self.xid.to_be_bytes());
        octets[8..10].copy_from_slice(&self.secs.to_be_bytes());
        octets[12..16].copy_from_slice(&self.own.unwrap_or(Ipv4Addr::UNSPECIFIED).octets());
        octets[24..28].copy_from_slice(&self.relay.unwrap_or(Ipv4Addr::UNSPECIFIED).octets());
        octets[28..34].copy_from_slice(&hardware(self.client));
        octets[236..240].copy_from_slice(&[99, 130, 83, 99]);
        octets.extend([53, 1, self.kind as u8]);
        for (code, address) in [(50, self.requested), (54, self.server), (118, self.link)] {
            if let Some(address) = address {
                octets.extend([code, 4]);
                octets.extend(address.octets());
            }
        }
        octets.extend([55, 4, 1, 3, 6, 51, 255]);
        octets.resize(octets.len().max(300), 0);
        octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dhcpfo_wire::client::{Asked, Packet};

    #[test]
    fn the_server_reads_what_is_written() {
        let address = Ipv4Addr::new(10, 0, 0, 7);
        let server = Ipv4Addr::new(10, 0, 0, 1);
        let blank = Says {
            kind: Kind::Discover,
            xid: 5,
            client: 0x102,
            secs: 3,
            own: None,
            requested: None,
            server: None,
            relay: None,
            link: None,
        };
        let read = |says: Says| Packet::decode(&says.encode()).unwrap();
        let packet = read(Says { link: Some(address), ..blank });
        assert_eq!((packet.xid, packet.secs, packet.chaddr.as_slice()), (5, 3, [2, 0xf0, 0, 0, 1, 2].as_slice()));
        assert_eq!(packet.selected_link(), Some(address));
        assert_eq!(packet.asked(true), Ok(Asked::Discover(None)));
        let select = Says { kind: Kind::Request, requested: Some(address), server: Some(server), ..blank };
        assert_eq!(read(select).asked(true), Ok(Asked::Select { address, server }));
        let renew = Says { kind: Kind::Request, own: Some(address), ..blank };
        assert_eq!(read(renew).asked(true), Ok(Asked::Renew(address)));
    }
}
