//! Threads that wait for the operating system and hand what comes to the core, over a bounded channel.
//!
//! What comes from anybody (datagrams, connections) is dropped when the core is behind; what comes on an established
//! connection waits, so that the sender has to.

pub mod ethernet;
pub mod interfaces;
pub mod local;
pub mod tcp;
pub mod tls;
pub mod udp;
pub mod web;

use std::net::{SocketAddr, SocketAddrV4, TcpStream};
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};

use dhcpfo_wire::session::ConnectionId;

use crate::control::Request;
use interfaces::Arrival;
use udp::ClientSocket;

/// Events that may wait for the core.
const WAITING: usize = 4096;

/// Something that happened outside.
#[derive(Debug)]
pub enum Event {
    /// A datagram came to the socket of this number.
    Datagram {
        /// Which socket.
        socket: usize,
        /// From where.
        from: SocketAddrV4,
        /// By which way.
        by: Arrival,
        /// What.
        octets: Vec<u8>,
    },
    /// The interface of the socket of this number has vanished, or is there again with another socket.
    Interface(usize, Option<ClientSocket>),
    /// Nothing: whoever sends it looks whether the core is there.
    Look,
    /// The partner has connected; its address has been checked.
    Accepted(TcpStream),
    /// Somebody else than the partner has connected, from there; the connection is closed.
    Stranger(SocketAddr),
    /// Dialling has come to an end: a connection, or why there is none.
    Dialled(Result<TcpStream, String>),
    /// The partner says something.
    Octets(ConnectionId, Vec<u8>),
    /// A connection is gone.
    Closed(ConnectionId),
    /// An operator asks; the answer is one JSON document.
    Control(Request, Sender<crate::control::Answer>),
    /// The process is asked to end.
    Stop,
}

/// The way to the core.
pub type Events = SyncSender<Event>;

/// A channel to the core.
pub fn channel() -> (Events, Receiver<Event>) {
    sync_channel(WAITING)
}
