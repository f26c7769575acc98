//! Many clients on one socket: each exchange is known by its xid.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dhcpfo_claims::Entry;
use dhcpfo_claims::common::LEASE_RENEWED;
use dhcpfo_claims::draft_12::NO_DUPLICATE_ADDRESS;
use dhcpfo_documents::clients;
use dhcpfo_wire::client::{Kind, Packet};
use rand::RngExt;

use super::packet::Says;
use super::record::{Held, Record};

/// Exchanges at a time.
const AT_ONCE: usize = 128;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// New clients obtain addresses.
    Obtain,
    /// Those of the record renew.
    Renew,
    /// Those of the record give their addresses back.
    Release,
    /// Those of the record say that somebody else uses their addresses.
    Decline,
    /// All of that in random order, but for declining.
    Mix,
}

/// How to do it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The servers; each packet of a client that has no address goes to all of them.
    pub servers: Vec<SocketAddrV4>,
    /// Where to send from. From port 67 the clients are behind a relay agent with this address.
    pub local: SocketAddrV4,
    /// An address of the clients' link, if the server is not to take the only one it has.
    pub link: Option<Ipv4Addr>,
    /// What to do.
    pub action: Action,
    /// How many times; None: as often as the record says, or until time is over.
    pub count: Option<u32>,
    /// Beginnings each second; 0: as fast as answers come.
    pub rate: f64,
    /// End after this.
    pub time: Option<Duration>,
    /// How long an answer may take before the packet is sent again.
    pub patience: Duration,
    /// How often a packet is sent.
    pub tries: u32,
    /// The record that is read and written.
    pub record: Option<PathBuf>,
    /// Say each answer.
    pub verbose: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Exchanges that were begun.
    pub begun: u64,
    /// DHCPACKs.
    pub acked: u64,
    /// DHCPNAKs to a client that wanted a new address.
    pub refused: u64,
    /// DHCPNAKs to a client that holds a lease: it was lost.
    pub lost: u64,
    /// No answer after all tries.
    pub unanswered: u64,
    /// Addresses given back or declined.
    pub returned: u64,
    /// Two clients with one address at a time.
    pub duplicates: Vec<String>,
    /// Leases that are held at the end.
    pub held: usize,
    /// Microseconds from the first packet to the DHCPACK: median and 99th percentile.
    pub latency: (u64, u64),
}

impl Summary {
    /// Whether every client got what it asked for, and nobody what another one has.
    pub fn is_good(&self) -> bool {
        self.duplicates.is_empty() && self.lost == 0 && self.unanswered == 0 && self.refused == 0
    }

    /// The claims that did not hold of what the clients were given.
    pub fn refuted(&self) -> Vec<&'static Entry> {
        let of = |refuted: bool, claim| refuted.then_some(claim);
        let duplicate = of(!self.duplicates.is_empty(), &NO_DUPLICATE_ADDRESS);
        duplicate.into_iter().chain(of(self.lost > 0, &LEASE_RENEWED)).collect()
    }

    /// As a document.
    pub fn document(&self) -> clients::Summary {
        let (median, p99) = self.latency;
        clients::Summary {
            begun: self.begun,
            acked: self.acked,
            refused: self.refused,
            lost: self.lost,
            unanswered: self.unanswered,
            returned: self.returned,
            duplicates: self.duplicates.clone(),
            refuted: self.refuted().iter().map(|claim| claim.name.to_owned()).collect(),
            held: self.held as u64,
            latency_us: clients::Latency { median, p99 },
        }
    }
}

/// An exchange under way.
struct Exchange {
    client: u32,
    says: Says,
    /// None: all servers.
    to: Option<SocketAddrV4>,
    begun: Instant,
    sent: Instant,
    /// Milliseconds since 1970 at the first sending of what is answered: a lease counts from there.
    asked: u64,
    tries: u32,
    renews: bool,
}

struct Clients<'a> {
    options: &'a Options,
    socket: UdpSocket,
    record: Record,
    open: HashMap<u32, Exchange>,
    summary: Summary,
    latencies: Vec<u64>,
    next_client: u32,
    /// Those that are still to renew, release or decline.
    todo: Vec<(Ipv4Addr, Held)>,
}

/// Does it.
///
/// # Errors
/// The socket or the record cannot be had.
pub fn run(options: &Options) -> io::Result<Summary> {
    let socket = UdpSocket::bind(options.local)?;
    // A server may be everybody on the link.
    socket.set_broadcast(true)?;
    let record = Record::open(options.record.as_deref())?;
    let next_client = record.next_client();
    let mut todo = record.held(now());
    todo.reverse();
    let (open, summary, latencies) = (HashMap::new(), Summary::default(), Vec::new());
    let mut clients = Clients { options, socket, record, open, summary, latencies, next_client, todo };
    clients.work()?;
    Ok(clients.finish())
}

/// Milliseconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

impl Clients<'_> {
    fn work(&mut self) -> io::Result<()> {
        let begun = Instant::now();
        let over = |elapsed: Duration| self.options.time.is_some_and(|time| elapsed >= time);
        self.socket.set_read_timeout(Some(Duration::from_millis(2)))?;
        loop {
            let elapsed = begun.elapsed();
            let more = !over(elapsed) && self.is_more();
            if !more && self.open.is_empty() {
                return Ok(());
            }
            let due = match self.options.rate {
                rate if rate > 0.0 => (elapsed.as_secs_f64() * rate) as u64 + 1,
                _ => u64::MAX,
            };
            while self.is_more() && !over(elapsed) && self.summary.begun < due && self.open.len() < AT_ONCE {
                self.begin();
            }
            self.receive()?;
            self.repeat();
        }
    }

    fn is_more(&self) -> bool {
        let limit = self.options.count.is_none_or(|count| self.summary.begun < count.into());
        match self.options.action {
            Action::Obtain => limit && (self.options.count.is_some() || self.options.time.is_some()),
            Action::Mix => limit && self.options.time.is_some(),
            Action::Renew | Action::Release | Action::Decline => limit && !self.todo.is_empty(),
        }
    }

    fn begin(&mut self) {
        self.summary.begun += 1;
        match self.options.action {
            Action::Obtain => self.obtain(),
            Action::Mix => self.anything(),
            action => {
                if let Some((address, held)) = self.todo.pop() {
                    self.with_held(action, address, held);
                }
            }
        }
    }

    fn anything(&mut self) {
        let mut random = rand::rng();
        let held: Vec<_> = self.record.held(now() + 1000);
        let busy: Vec<u32> = self.open.values().map(|exchange| exchange.client).collect();
        let held: Vec<_> = held.into_iter().filter(|(_, held)| !busy.contains(&held.client)).collect();
        let dice = random.random_range(0..100);
        if dice < 50 || held.is_empty() {
            return self.obtain();
        }
        let (address, held) = held[random.random_range(0..held.len())];
        self.with_held(if dice < 80 { Action::Renew } else { Action::Release }, address, held);
    }

    fn obtain(&mut self) {
        let client = self.next_client;
        self.next_client += 1;
        self.open(client, Kind::Discover, |_| {});
    }

    fn with_held(&mut self, action: Action, address: Ipv4Addr, held: Held) {
        match action {
            Action::Renew => self.open(held.client, Kind::Request, |exchange| {
                exchange.says.own = Some(address);
                exchange.renews = true;
            }),
            Action::Release => {
                self.tell(held.client, Kind::Release, |says| says.own = Some(address));
            }
            _ => self.tell(held.client, Kind::Decline, |says| says.requested = Some(address)),
        }
    }

    fn says(&self, client: u32, kind: Kind) -> Says {
        let xid = rand::rng().random();
        let local = self.options.local;
        let relay = (local.port() == 67).then_some(*local.ip());
        Says { kind, xid, client, secs: 0, own: None, requested: None, server: None, relay, link: self.options.link }
    }

    fn open(&mut self, client: u32, kind: Kind, change: impl FnOnce(&mut Exchange)) {
        let begun = Instant::now();
        let says = self.says(client, kind);
        let mut exchange =
            Exchange { client, says, to: None, begun, sent: begun, asked: now(), tries: 1, renews: false };
        change(&mut exchange);
        self.send(&exchange.says, exchange.to);
        self.open.insert(says.xid, exchange);
    }

    /// Says something that nobody answers.
    fn tell(&mut self, client: u32, kind: Kind, change: impl FnOnce(&mut Says)) {
        let mut says = self.says(client, kind);
        change(&mut says);
        // What is given back is not used from before the server can know of it.
        self.record.ended(client, now());
        self.summary.returned += 1;
        // A client broadcasts what it declines, and says to one server that it gives an address back (RFC 2131 §4.4.4).
        let one = self.options.servers.first().copied().filter(|_| kind == Kind::Release);
        self.send(&says, one);
    }

    fn send(&self, says: &Says, to: Option<SocketAddrV4>) {
        let octets = says.encode();
        for server in self.options.servers.iter().filter(|server| to.is_none_or(|to| to == **server)) {
            // A server that is down shows in answers that do not come.
            let _ = self.socket.send_to(&octets, server);
        }
    }

    fn receive(&mut self) -> io::Result<()> {
        let mut buffer = [0; 2048];
        for _ in 0..AT_ONCE {
            match self.socket.recv_from(&mut buffer) {
                Ok((length, SocketAddr::V4(_))) => {
                    if let Ok(packet) = Packet::decode(&buffer[..length]) {
                        self.answer(&packet);
                    }
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn answer(&mut self, packet: &Packet) {
        let Some(exchange) = self.open.get_mut(&packet.xid) else { return };
        match (packet.kind, exchange.says.kind) {
            (Kind::Offer, Kind::Discover) => {
                exchange.says.kind = Kind::Request;
                exchange.says.requested = Some(packet.yiaddr);
                exchange.says.server = packet.server_identifier();
                (exchange.sent, exchange.asked, exchange.tries) = (Instant::now(), now(), 1);
                let says = exchange.says;
                self.send(&says, None);
            }
            (Kind::Ack, Kind::Request) => {
                let Some(exchange) = self.open.remove(&packet.xid) else { return };
                let until = exchange.asked + 1000 * u64::from(packet.lease_time().unwrap_or(0));
                self.latencies.push(exchange.begun.elapsed().as_micros() as u64);
                self.summary.acked += 1;
                self.record.acked(exchange.client, packet.yiaddr, until, now());
                if self.options.verbose {
                    let seconds = packet.lease_time().unwrap_or(0);
                    let server = packet.server_identifier().unwrap_or(Ipv4Addr::UNSPECIFIED);
                    println!("client {:>4}  {}  {seconds} s  from {server}", exchange.client, packet.yiaddr);
                }
            }
            (Kind::Nak, Kind::Request) => {
                let Some(exchange) = self.open.remove(&packet.xid) else { return };
                let still = exchange.says.own.is_some_and(|own| {
                    self.record
                        .held(now())
                        .iter()
                        .any(|(address, held)| *address == own && held.client == exchange.client)
                });
                match exchange.renews && still {
                    true => self.summary.lost += 1,
                    false => self.summary.refused += 1,
                }
                if self.options.verbose {
                    println!("client {:>4}  refused", exchange.client);
                }
                self.record.ended(exchange.client, now());
            }
            _ => {}
        }
    }

    /// Sends again what has not been answered, or gives up.
    fn repeat(&mut self) {
        let (patience, most) = (self.options.patience, self.options.tries);
        let late: Vec<u32> =
            self.open.iter().filter(|(_, exchange)| exchange.sent.elapsed() >= patience).map(|(xid, _)| *xid).collect();
        for xid in late {
            let Some(exchange) = self.open.get_mut(&xid) else { continue };
            if exchange.tries >= most {
                if self.options.verbose {
                    println!("client {:>4}  no answer to {}", exchange.client, exchange.says.kind.name());
                }
                self.open.remove(&xid);
                self.summary.unanswered += 1;
                continue;
            }
            exchange.tries += 1;
            exchange.sent = Instant::now();
            exchange.says.secs = exchange.begun.elapsed().as_secs() as u16;
            let (says, to) = (exchange.says, exchange.to);
            self.send(&says, to);
        }
    }

    fn finish(mut self) -> Summary {
        self.latencies.sort_unstable();
        let at = |percent: usize| {
            let place = self.latencies.len() * percent / 100;
            self.latencies.get(place.min(self.latencies.len().saturating_sub(1))).copied().unwrap_or(0)
        };
        self.summary.latency = (at(50), at(99));
        self.summary.held = self.record.held(now()).len();
        self.summary.duplicates = std::mem::take(&mut self.record.duplicates);
        self.summary
    }
}
