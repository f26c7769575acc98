//! Connections with the partner.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use dhcpfo_wire::session::{ConnectionId, TlsSide};
use socket2::{Domain, Protocol, Socket, Type};

use super::tls::{Received, Secrets, Tunnel};
use super::{Event, Events};

/// Messages that may wait for a partner that does not read.
const UNSENT: usize = 1024;
/// How long dialling may take.
const DIALLING: Duration = Duration::from_secs(5);
/// How long a connection that is closed is read on, so that what was written last arrives (failover-12 §7.12).
const LINGER: Duration = Duration::from_secs(3);

/// The connections that are open.
#[derive(Debug)]
pub struct Links {
    local: SocketAddrV4,
    partner: SocketAddrV4,
    events: Events,
    secrets: Option<Secrets>,
    open: HashMap<ConnectionId, Link>,
    next: u64,
}

#[derive(Debug)]
struct Link {
    stream: TcpStream,
    queue: SyncSender<Vec<u8>>,
    closing: Arc<AtomicBool>,
    tunnel: Option<Tunnel>,
}

impl Links {
    /// No connection. Those that are dialled come from the address of `local`.
    /// `secrets`: for those that are to be secured.
    pub fn new(local: SocketAddrV4, partner: SocketAddrV4, events: Events, secrets: Option<Secrets>) -> Links {
        Links { local, partner, events, secrets, open: HashMap::new(), next: 0 }
    }

    /// Dials, on a thread of its own; [`Event::Dialled`] tells the outcome.
    pub fn dial(&self) {
        let (local, partner, events) = (self.local, self.partner, self.events.clone());
        thread::spawn(move || {
            let outcome = dial(local, partner).map_err(|error| undialled(local, partner, &error));
            // The core may be gone; then nobody wants to know.
            let _ = events.send(Event::Dialled(outcome));
        });
    }

    /// Takes a connection over. None if it broke meanwhile.
    pub fn adopt(&mut self, stream: TcpStream) -> Option<ConnectionId> {
        self.next += 1;
        let id = ConnectionId(self.next);
        // Small messages that somebody waits for.
        let _ = stream.set_nodelay(true);
        let (reading, writing) = (stream.try_clone().ok()?, stream.try_clone().ok()?);
        let (queue, unsent) = sync_channel(UNSENT);
        let closing = Arc::new(AtomicBool::new(false));
        let (events, flag) = (self.events.clone(), closing.clone());
        thread::spawn(move || read(reading, id, &events, &flag));
        thread::spawn(move || write(writing, &unsent));
        self.open.insert(id, Link { stream, queue, closing, tunnel: None });
        Some(id)
    }

    /// Writes. False if the partner does not read: the connection is gone then.
    pub fn write(&mut self, id: ConnectionId, octets: Vec<u8>) -> bool {
        let Some(link) = self.open.get_mut(&id) else { return true };
        let octets = match &mut link.tunnel {
            Some(tunnel) => tunnel.send(&octets),
            None => octets,
        };
        let written = link.queue.try_send(octets).is_ok();
        if !written {
            self.abort(id);
        }
        written
    }

    /// Begins TLS. False if it cannot be: the connection is gone then.
    pub fn start_tls(&mut self, id: ConnectionId, side: TlsSide) -> bool {
        let begun = self.secrets.as_ref().ok_or("no certificate".to_owned()).and_then(|secrets| secrets.begin(side));
        let Some(link) = self.open.get_mut(&id) else { return true };
        let begun = begun.and_then(|(tunnel, first)| {
            link.tunnel = Some(tunnel);
            link.queue.try_send(first).map_err(|error| error.to_string())
        });
        if let Err(why) = &begun {
            tracing::error!(why, "TLS does not begin; the connection is closed");
            self.abort(id);
        }
        begun.is_ok()
    }

    /// What octets of the partner say, after TLS if there is TLS.
    ///
    /// # Errors
    /// They say nothing: TLS has failed.
    pub fn received(&mut self, id: ConnectionId, octets: Vec<u8>) -> Result<Received, String> {
        let Some(Link { tunnel: Some(tunnel), queue, .. }) = self.open.get_mut(&id) else {
            return Ok(Received { secured: false, plain: octets });
        };
        let (received, answer) = tunnel.receive(&octets);
        if !answer.is_empty() && queue.try_send(answer).is_err() {
            return Err("the partner does not read".to_owned());
        }
        received
    }

    /// Whether a connection is under TLS.
    pub fn is_secured(&self) -> bool {
        self.open.values().any(|link| link.tunnel.is_some())
    }

    /// Closes as soon as what was written has been sent.
    pub fn close(&mut self, id: ConnectionId) {
        if let Some(mut link) = self.open.remove(&id) {
            if let Some(tunnel) = &mut link.tunnel {
                // Who does not read will not read this, either.
                let _ = link.queue.try_send(tunnel.close());
            }
            link.closing.store(true, Ordering::Relaxed);
        }
    }

    /// Closes at once; what was written may be lost.
    pub fn abort(&mut self, id: ConnectionId) {
        if let Some(link) = self.open.remove(&id) {
            let _ = link.stream.shutdown(Shutdown::Both);
        }
    }

    /// The connections that are open.
    pub fn ids(&self) -> Vec<ConnectionId> {
        self.open.keys().copied().collect()
    }
}

fn dial(local: SocketAddrV4, partner: SocketAddrV4) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::V4(SocketAddrV4::new(*local.ip(), 0)).into())?;
    socket.connect_timeout(&SocketAddr::V4(partner).into(), DIALLING)?;
    Ok(socket.into())
}

/// Why there is no connection, in words.
fn undialled(local: SocketAddrV4, partner: SocketAddrV4, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            format!(
                "{partner} refuses connections: nobody listens there; is the partner running, and is failover.partner right?"
            )
        }
        io::ErrorKind::TimedOut => {
            format!("nobody answers at {partner}; is the partner's host running, is there a firewall?")
        }
        io::ErrorKind::AddrNotAvailable => format!("{} is no address of this machine (failover.address)", local.ip()),
        _ => format!("no connection with {partner}: {error}"),
    }
}

fn read(mut stream: TcpStream, id: ConnectionId, events: &Events, closing: &AtomicBool) {
    let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
    let mut buffer = [0; 16384];
    let mut until = None;
    loop {
        if closing.load(Ordering::Relaxed) && *until.get_or_insert_with(|| Instant::now() + LINGER) < Instant::now() {
            return;
        }
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) if until.is_some() => {}
            Ok(length) => {
                if events.send(Event::Octets(id, buffer[..length].to_vec())).is_err() {
                    return;
                }
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    let _ = events.send(Event::Closed(id));
}

fn write(mut stream: TcpStream, unsent: &Receiver<Vec<u8>>) {
    while let Ok(mut octets) = unsent.recv() {
        // What waits goes out in one piece.
        while octets.len() < 1 << 16
            && let Ok(more) = unsent.try_recv()
        {
            octets.extend(more);
        }
        if stream.write_all(&octets).is_err() {
            // The reading thread notices, too.
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
}

/// Hands connections of the partner to the core until the core is gone; those of others are closed.
pub fn accept(listener: &TcpListener, partner: SocketAddrV4, events: &Events) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else {
            // Out of file descriptors, or the like: not in a busy loop.
            thread::sleep(Duration::from_millis(100));
            continue;
        };
        match stream.peer_addr() {
            Ok(SocketAddr::V4(from)) if from.ip() == partner.ip() => {
                if let Err(std::sync::mpsc::TrySendError::Disconnected(_)) = events.try_send(Event::Accepted(stream)) {
                    return;
                }
            }
            // There may be many of them: those for which the core has no time are not told.
            Ok(from) => drop(events.try_send(Event::Stranger(from))),
            Err(_) => {}
        }
    }
}
