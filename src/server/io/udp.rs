//! Datagrams of clients and relay agents.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use socket2::{Domain, Protocol, Socket, Type};

use super::ethernet::Ethernet;
use super::{Event, Events};

/// More than any client may send (RFC 2131 §2: options may be longer, Ethernet carries 1500).
const LARGEST: usize = 2048;
/// Octets that the operating system keeps while the core is busy.
const BUFFER: usize = 4 << 20;

/// Where clients of one interface, or of one address, are heard and answered.
#[derive(Debug)]
pub struct ClientSocket {
    /// Packets of clients and relay agents.
    pub udp: UdpSocket,
    /// Answers by hardware address; where there is none they are broadcast.
    pub ethernet: Option<Ethernet>,
}

/// A socket at this address, or at port 67 of all links if only the interface is named.
///
/// # Errors
/// The port is in use, or is a privileged one.
pub fn open(address: SocketAddrV4, interface: Option<&str>) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    if let Some(name) = interface {
        socket.bind_device(Some(name.as_bytes()))?;
        socket.set_reuse_address(true)?;
    }
    socket.set_broadcast(true)?;
    // A smaller buffer is what the system grants; not a reason to stop.
    let _ = socket.set_recv_buffer_size(BUFFER);
    socket.bind(&SocketAddr::V4(address).into())?;
    Ok(socket.into())
}

/// The address to which an interface's socket is bound.
pub const fn everywhere() -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 67)
}

/// Hands datagrams to the core until the core is gone. `dropped` counts those for which it had no time.
pub fn listen(socket: &UdpSocket, number: usize, events: &Events, dropped: &Arc<AtomicU64>) {
    let mut buffer = [0; LARGEST];
    loop {
        let (length, from) = match socket.recv_from(&mut buffer) {
            Ok((length, SocketAddr::V4(from))) => (length, from),
            Ok(_) => continue,
            // An earlier answer that could not be delivered shows up here; it concerns nobody else.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
            Err(error) => {
                tracing::error!("socket {number} is not read any more: {error}");
                return;
            }
        };
        let event = Event::Datagram { socket: number, from, octets: buffer[..length].to_vec() };
        match events.try_send(event) {
            Ok(()) => {}
            Err(std::sync::mpsc::TrySendError::Full(_)) => drop(dropped.fetch_add(1, Ordering::Relaxed)),
            Err(std::sync::mpsc::TrySendError::Disconnected(_)) => return,
        }
    }
}
