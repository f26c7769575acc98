//! HTTP/1.1 for the control and for the explorer: one request a connection, bounded in octets and in time.
//!
//! A connection has a thread of its own, so one slow client stalls nobody. There are at most `MOST` connections. One
//! more ends the oldest of those that wait for their client, so that many slow clients stall nobody either.
//! [`door`] says who is let in.

pub mod door;
mod head;

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

pub use head::{Field, Head};

/// Connections at a time.
const MOST: usize = 64;
/// How long a request may take to arrive, header and body together.
const ARRIVAL: Duration = Duration::from_secs(5);
/// How long an answer may take to be read.
const DEPARTURE: Duration = Duration::from_secs(10);
/// How long a client may take to close after the answer. Closing at once could destroy what it has not read yet.
const PARTING: Duration = Duration::from_millis(500);
/// Octets of what a client goes on sending after it was refused that are read and dropped.
const DROPPED: u64 = 1 << 20;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The content type.
    pub kind: &'static str,
    /// The content.
    pub body: String,
}

impl Reply {
    /// An answer in plain text.
    pub fn text(status: u16, body: &str) -> Reply {
        Reply { status, kind: "text/plain; charset=utf-8", body: body.to_owned() }
    }

    /// An answer in JSON.
    pub fn json(status: u16, body: &impl serde::Serialize) -> Reply {
        Reply { status, kind: "application/json", body: dhcpfo_documents::line(body) }
    }
}

/// What is served. Requests are answered by several threads at a time.
pub trait Site: Send + Sync + 'static {
    /// Header lines that every answer has, each ended by CR LF.
    const HEADERS: &'static str;

    /// Whether a request is let in, judged before its body is read: how many octets the body may have.
    ///
    /// # Errors
    /// The refusal.
    fn admit(&self, head: &Head) -> Result<usize, Reply>;

    /// The answer to a request that was let in.
    fn answer(&self, head: &Head, body: &[u8]) -> Reply;
}

/// A site that is served until it is stopped.
#[derive(Debug)]
pub struct Stop {
    address: Option<SocketAddr>,
    stopped: Arc<AtomicBool>,
}

impl Stop {
    /// Something that ends [`serve`] with the same listener and flag.
    pub fn new(listener: &TcpListener, stopped: &Arc<AtomicBool>) -> Stop {
        Stop { address: listener.local_addr().ok(), stopped: stopped.clone() }
    }

    /// No connection is accepted any more.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for a connection.
        if let Some(address) = self.address {
            let _ = TcpStream::connect_timeout(&address, Duration::from_secs(1));
        }
    }
}

/// The connections of a site.
#[derive(Default)]
struct Connections {
    count: AtomicUsize,
    /// Those that wait for their client: whose request has not arrived, or who has not closed. Oldest first.
    waiting: Mutex<VecDeque<(u64, TcpStream)>>,
}

impl Connections {
    fn waiting(&self) -> std::sync::MutexGuard<'_, VecDeque<(u64, TcpStream)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for one more connection. False: there is none.
    fn admit(&self, number: u64, stream: &TcpStream) -> bool {
        if self.count.load(Ordering::Relaxed) >= MOST {
            let Some((_, oldest)) = self.waiting().pop_front() else { return false };
            let _ = oldest.shutdown(Shutdown::Both);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.waits(number, stream);
        true
    }

    /// From now on it may be ended for another one.
    fn waits(&self, number: u64, stream: &TcpStream) {
        if let Ok(handle) = stream.try_clone() {
            self.waiting().push_back((number, handle));
        }
    }

    /// From now on it may not.
    fn works(&self, number: u64) {
        self.waiting().retain(|(other, _)| *other != number);
    }
}

/// Serves a site until `stopped` is set and one more connection comes.
pub fn serve<S: Site>(listener: &TcpListener, site: &Arc<S>, stopped: &AtomicBool) {
    let connections = Arc::new(Connections::default());
    for number in 0.. {
        let accepted = listener.accept();
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, or the like: not in a busy loop.
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        if !connections.admit(number, &stream) {
            continue;
        }
        let (shared, site) = (connections.clone(), site.clone());
        let work = move || {
            // A defect behind one question must not take the others with it.
            let work = std::panic::AssertUnwindSafe(|| connection(&stream, number, &*site, &shared));
            let _ = std::panic::catch_unwind(work);
            shared.works(number);
            shared.count.fetch_sub(1, Ordering::Relaxed);
        };
        if thread::Builder::new().name("http".to_owned()).spawn(work).is_err() {
            connections.works(number);
            connections.count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn connection<S: Site>(stream: &TcpStream, number: u64, site: &S, connections: &Connections) {
    let mut timed = Timed { stream, until: Instant::now() + ARRIVAL };
    let reply = match head::read(&mut timed) {
        Ok((head, begun)) => admitted(&mut timed, site, &head, begun, || connections.works(number)),
        Err(refusal) => Err(refusal),
    };
    timed.until = Instant::now() + DEPARTURE;
    // Whoever asked may have gone away, or say nothing that could be answered.
    if let Some(reply) = reply.unwrap_or_else(|refusal| refusal) {
        let _ = write(&mut timed, S::HEADERS, &reply);
    }
    let _ = stream.shutdown(Shutdown::Write);
    connections.works(number);
    connections.waits(number, stream);
    timed.until = Instant::now() + PARTING;
    let _ = io::copy(&mut timed.take(DROPPED), &mut io::sink());
}

/// A refusal before the request was read whole; None where nobody would read an answer.
type Refusal = Option<Reply>;

fn admitted<S: Site>(
    timed: &mut Timed<'_>,
    site: &S,
    head: &Head,
    begun: Vec<u8>,
    arrived: impl FnOnce(),
) -> Result<Option<Reply>, Refusal> {
    let most = site.admit(head)?;
    let length = head.body_length()?;
    if length > most as u64 {
        return Err(Some(Reply::text(413, &format!("a request has at most {most} octets\n"))));
    }
    if head.expects_continue() && timed.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").is_err() {
        return Err(None);
    }
    let mut body = begun;
    body.truncate(length as usize);
    let missing = length - body.len() as u64;
    if timed.take(missing).read_to_end(&mut body).is_err() || (body.len() as u64) < length {
        return Err(Some(Reply::text(408, "the request did not arrive in time\n")));
    }
    arrived();
    Ok(Some(site.answer(head, &body)))
}

fn write(to: &mut impl Write, headers: &str, reply: &Reply) -> io::Result<()> {
    let Reply { status, kind, body } = reply;
    let (reason, length) = (reason(*status), body.len());
    let allow = if *status == 401 { "WWW-Authenticate: Bearer\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n{allow}{headers}\r\n"
    );
    to.write_all(head.as_bytes())?;
    to.write_all(body.as_bytes())?;
    to.flush()
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Unknown",
    }
}

/// A connection on which everything has to be done by an instant, however small the steps are.
struct Timed<'a> {
    stream: &'a TcpStream,
    until: Instant,
}

impl Timed<'_> {
    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(buffer)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
