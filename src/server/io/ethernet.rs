//! Answers to a client's hardware address: it has been given an address and does not answer ARP for it yet (RFC 2131
//! §4.1).

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};

use etherparse::PacketBuilder;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, bind, send, socket};

/// Ethernet's hardware type.
const ETHERNET: u8 = 1;

/// A client on the link, by its hardware address, with the address that it is being given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    hardware: [u8; 6],
    address: Ipv4Addr,
}

impl Neighbour {
    /// None: the hardware is not Ethernet's, or nobody's alone.
    pub fn of(htype: u8, chaddr: &[u8], address: Ipv4Addr) -> Option<Neighbour> {
        let hardware: [u8; 6] = chaddr.try_into().ok()?;
        let of_one = hardware[0] & 1 == 0 && hardware != [0; 6];
        (htype == ETHERNET && of_one).then_some(Neighbour { hardware, address })
    }
}

/// Sends frames over one interface. It receives nothing.
#[derive(Debug)]
pub struct Ethernet {
    socket: OwnedFd,
    hardware: [u8; 6],
}

impl Ethernet {
    /// Over the interface of this name.
    ///
    /// # Errors
    /// There is no such Ethernet interface, or the process may not open such sockets (CAP_NET_RAW).
    pub fn open(interface: &str) -> io::Result<Ethernet> {
        let link = nix::ifaddrs::getifaddrs()?
            .filter(|found| found.interface_name == interface)
            .find_map(|found| found.address?.as_link_addr().copied())
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such interface"))?;
        let hardware = link.addr().ok_or_else(|| io::Error::new(io::ErrorKind::Unsupported, "not Ethernet"))?;
        // Without a protocol nothing is received.
        let socket = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None)?;
        bind(socket.as_raw_fd(), &link)?;
        Ok(Ethernet { socket, hardware })
    }

    /// Sends a datagram from port 67 of `from` to port 68 of the neighbour.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn send(&self, from: Ipv4Addr, to: Neighbour, octets: &[u8]) -> io::Result<()> {
        let frame = frame(self.hardware, from, to, octets)?;
        send(self.socket.as_raw_fd(), &frame, MsgFlags::empty())?;
        Ok(())
    }
}

fn frame(hardware: [u8; 6], from: Ipv4Addr, to: Neighbour, octets: &[u8]) -> io::Result<Vec<u8>> {
    let builder =
        PacketBuilder::ethernet2(hardware, to.hardware).ipv4(from.octets(), to.address.octets(), 64).udp(67, 68);
    let mut frame = Vec::with_capacity(builder.size(octets.len()));
    builder
        .write(&mut frame, octets)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))?;
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::{SlicedPacket, TransportSlice};

    const CLIENT: [u8; 6] = [2, 0, 0, 0, 0, 7];

    #[test]
    fn only_one_client_with_an_ethernet_address_is_a_neighbour() {
        let address = Ipv4Addr::new(10, 0, 0, 9);
        assert!(Neighbour::of(1, &CLIENT, address).is_some());
        for (htype, chaddr) in
            [(6, &CLIENT[..]), (1, &CLIENT[..5]), (1, &[0xff; 6]), (1, &[0; 6]), (1, &[1; 16]), (1, &[])]
        {
            assert_eq!(Neighbour::of(htype, chaddr, address), None, "{htype} {chaddr:?}");
        }
    }

    #[test]
    fn a_frame_is_what_its_receiver_expects() {
        let (from, address) = (Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(10, 0, 0, 9));
        let to = Neighbour::of(1, &CLIENT, address).unwrap();
        let frame = frame([2, 1, 1, 1, 1, 1], from, to, b"payload").unwrap();
        assert_eq!((&frame[..6], &frame[6..12]), (&CLIENT[..], &[2, 1, 1, 1, 1, 1][..]));
        let packet = SlicedPacket::from_ethernet(&frame).unwrap();
        let Some(etherparse::NetSlice::Ipv4(ip)) = packet.net else { panic!("no IPv4") };
        assert_eq!((ip.header().source_addr(), ip.header().destination_addr()), (from, address));
        assert_eq!(ip.header().to_header().calc_header_checksum(), ip.header().header_checksum());
        let Some(TransportSlice::Udp(udp)) = packet.transport else { panic!("no UDP") };
        assert_eq!((udp.source_port(), udp.destination_port(), udp.payload()), (67, 68, &b"payload"[..]));
        let sum = udp.to_header().calc_checksum_ipv4(&ip.header().to_header(), udp.payload()).unwrap();
        assert_eq!(sum, udp.checksum());
    }
}
