//! Datagrams of clients and relay agents.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::TrySendError;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::sockopt::Ipv4PacketInfo;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, setsockopt};
use socket2::{Domain, Protocol, Socket, Type};

use super::ethernet::Ethernet;
use super::interfaces::{Arrival, Interfaces, number};
use super::{Event, Events};

/// More than any client may send (RFC 2131 §2: options may be longer, Ethernet carries 1500).
const LARGEST: usize = 2048;
/// Octets that the operating system keeps while the core is busy.
const BUFFER: usize = 4 << 20;
/// How often it is looked whether an interface is still the same one.
const LOOK: Duration = Duration::from_secs(1);

/// Where clients of one interface, or of one address, are heard and answered.
#[derive(Debug)]
pub struct ClientSocket {
    /// Packets of clients and relay agents.
    pub udp: UdpSocket,
    /// Answers by hardware address; where there is none they are broadcast.
    pub ethernet: Option<Ethernet>,
}

impl ClientSocket {
    /// Hears the clients of an interface on port 67.
    ///
    /// # Errors
    /// There is no such interface, or the port is in use or a privileged one.
    pub fn of_interface(name: &str) -> io::Result<ClientSocket> {
        let udp = open(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 67), Some(name))?;
        let ethernet = Ethernet::open(name);
        // A client that does not answer ARP yet can do with a broadcast (RFC 2131 §4.1).
        if let Err(error) = &ethernet {
            tracing::warn!(interface = name, "answers to hardware addresses are broadcast: {error}");
        }
        Ok(ClientSocket { udp, ethernet: ethernet.ok() })
    }
}

/// A socket at this address, on all links or on that of one interface.
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
    setsockopt(&socket, Ipv4PacketInfo, &true)?;
    // A smaller buffer is what the system grants; not a reason to stop.
    let _ = socket.set_recv_buffer_size(BUFFER);
    socket.set_read_timeout(Some(LOOK))?;
    socket.bind(&SocketAddr::V4(address).into())?;
    Ok(socket.into())
}

/// Where datagrams go, and how many there was no time for.
#[derive(Clone, Debug)]
pub struct Hearing {
    /// The socket's number in [`Event::Datagram`].
    pub number: usize,
    /// The core.
    pub events: Events,
    /// Datagrams for which it had no time.
    pub dropped: Arc<AtomicU64>,
}

/// The core is gone.
struct Over;

impl Hearing {
    /// Hands datagrams to the core until the core is gone.
    pub fn listen(&self, socket: &UdpSocket) {
        let (mut interfaces, mut buffer) = (Interfaces::default(), [0; LARGEST]);
        loop {
            match self.take(socket, false, &mut interfaces, &mut buffer) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return tracing::error!("socket {} is not read any more: {error}", self.number),
                Err(Over) => return,
            }
        }
    }

    /// The same for an interface, which may vanish and come back: then it is heard again.
    pub fn listen_on(&self, name: &str, mut socket: UdpSocket) {
        let (mut interfaces, mut buffer) = (Interfaces::default(), [0; LARGEST]);
        let (mut bound, mut looked) = (number(name), Instant::now());
        loop {
            let Ok(taken) = self.take(&socket, true, &mut interfaces, &mut buffer) else { return };
            if taken.is_ok() && looked.elapsed() < LOOK {
                continue;
            }
            looked = Instant::now();
            if taken.is_ok() && bound.is_some() && number(name) == bound {
                continue;
            }
            tracing::warn!(interface = name, "the interface is gone: its clients are not served until it comes back");
            if self.events.send(Event::Interface(self.number, None)).is_err() {
                return;
            }
            let Ok((number, heard)) = self.come_back(name) else { return };
            (bound, socket) = (number, heard);
        }
    }

    /// Waits until the interface is there again.
    fn come_back(&self, name: &str) -> Result<(Option<u32>, UdpSocket), Over> {
        loop {
            sleep(LOOK);
            let bound = number(name).filter(|_| !self.is_over());
            let opened = match bound {
                Some(_) => ClientSocket::of_interface(name).and_then(|socket| Ok((socket.udp.try_clone()?, socket))),
                None if self.is_over() => return Err(Over),
                None => continue,
            };
            match opened {
                Ok((heard, socket)) => {
                    tracing::warn!(interface = name, "the interface is back: its clients are served again");
                    let sent = self.events.send(Event::Interface(self.number, Some(socket)));
                    return sent.map(|()| (bound, heard)).map_err(|_| Over);
                }
                Err(error) => tracing::debug!(interface = name, "not heard yet: {error}"),
            }
        }
    }

    /// Whether the core is gone; asked where nothing is sent for long.
    fn is_over(&self) -> bool {
        matches!(self.events.try_send(Event::Look), Err(TrySendError::Disconnected(_)))
    }

    /// One datagram, if one comes before the next look.
    fn take(
        &self,
        socket: &UdpSocket,
        is_of_interface: bool,
        interfaces: &mut Interfaces,
        buffer: &mut [u8],
    ) -> Result<io::Result<()>, Over> {
        let (length, from, number, to) = match receive(socket, buffer) {
            Ok(Some(received)) => received,
            Ok(None) => return if self.is_over() { Err(Over) } else { Ok(Ok(())) },
            Err(error) => return Ok(Err(error)),
        };
        let interface = interfaces.get(number);
        let is_unicast = !interfaces.is_broadcast(to);
        let by = Arrival { interface, is_unicast, is_of_interface };
        let event = Event::Datagram { socket: self.number, from, by, octets: buffer[..length].to_vec() };
        match self.events.try_send(event) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => drop(self.dropped.fetch_add(1, Ordering::Relaxed)),
            Err(TrySendError::Disconnected(_)) => return Err(Over),
        }
        Ok(Ok(()))
    }
}

/// A datagram: its length, from where, the number of the interface by which it came, and to which address it was sent.
type Received = (usize, SocketAddrV4, u32, Ipv4Addr);

/// None: nothing came, or nothing that can be used.
fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Option<Received>> {
    let mut pieces = [IoSliceMut::new(buffer)];
    let mut about = nix::cmsg_space!(nix::libc::in_pktinfo);
    let received = recvmsg::<SockaddrIn>(socket.as_raw_fd(), &mut pieces, Some(&mut about), MsgFlags::empty());
    let message = match received {
        Ok(message) => message,
        Err(Errno::EAGAIN | Errno::EINTR) => return Ok(None),
        // An earlier answer that could not be delivered shows up here; it concerns nobody else.
        Err(Errno::ECONNREFUSED | Errno::EHOSTUNREACH | Errno::ENETUNREACH) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let (mut number, mut to) = (0, Ipv4Addr::UNSPECIFIED);
    for about in message.cmsgs()? {
        if let ControlMessageOwned::Ipv4PacketInfo(info) = about {
            number = u32::try_from(info.ipi_ifindex).unwrap_or(0);
            to = Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes());
        }
    }
    let Some(from) = message.address else { return Ok(None) };
    Ok(Some((message.bytes, SocketAddrV4::new(from.ip(), from.port()), number, to)))
}
