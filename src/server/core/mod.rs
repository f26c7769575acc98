//! The thread that owns everything that changes.
//!
//! A batch is: take what waits, step the session and the engine for each, then one commit of all that they persist,
//! and only then carry out, in order, what they want to be seen. The engine's `Persist` is a barrier, and so is the
//! session's `Agreed`; holding everything back until the commit obeys both (A6 in src/ARCHITECTURE.md).
//!
//! If the commit fails, nothing of the batch is carried out and the partner's connection is dropped; the changes are
//! kept, and tried again each second. Until then nobody is served.

mod begin;
mod clients;
mod commands;
mod contact;
mod declines;
mod ends;
mod figures;
mod lines;
mod links;
mod mclt;
mod memory;
mod offers;
mod partner;
mod status;
mod traced;
mod troubles;
mod why;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use dhcpfo_engine::config::Config;
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::Input;
use dhcpfo_engine::endpoint::Endpoint;
use dhcpfo_engine::state::Role;
use dhcpfo_files::ServerFile;
use dhcpfo_table::Indexed;
use dhcpfo_time::Clock as _;
use dhcpfo_wire::convert::{Directory, Outbound};
use dhcpfo_wire::session::{self, ConfigError, Now, Output, Session};

pub use crate::plan::WINDOW;
pub use figures::Figures;

use crate::clock::{TimeSource, Wall};
use crate::exceptions::{Exception, exceptions};
use crate::io::Event;
use crate::io::ethernet::Neighbour;
use crate::io::tcp::Links;
use crate::io::udp::ClientSocket;
use crate::names::{Names, who};
use crate::plan::Plan;
use crate::record::{Agreed, Contact, Counts};
use crate::store::{Changes, Found, Start, Store, StoreError};
use crate::trace::Trace;
use declines::Declines;
use lines::Lines;
use offers::Offers;
use troubles::{Kind, Troubles};

/// Inputs in a batch.
const BATCH: usize = 512;
/// How often an idle server writes that it lives.
const HEARTBEAT: u32 = 10;
/// Lines about clients in the log each second, and those about leases.
const LINES: u32 = 50;
const LEASES: u32 = 1000;

/// The endpoint of a server.
type Server = Endpoint<Indexed, WINDOW>;

/// Where an answer to a client goes.
#[derive(Clone, Copy, Debug)]
enum To {
    Address(SocketAddrV4),
    Neighbour(Neighbour),
}

/// Something that may be seen only after the commit.
enum Deferred {
    Output(Output),
    Send(Outbound),
    Datagram { socket: usize, to: To, octets: Vec<u8>, lease: Option<Leased> },
}

/// A lease, for the log.
struct Leased {
    client: String,
    address: Ipv4Addr,
    seconds: u32,
}

/// What the core works with from outside.
#[derive(Debug)]
pub struct Outside {
    /// Sockets of clients, as [`Event::Datagram`] numbers them; None where the interface has vanished.
    pub sockets: Vec<Option<ClientSocket>>,
    /// Connections with the partner.
    pub links: Links,
    /// Datagrams for which there was no time.
    pub dropped: Arc<AtomicU64>,
    /// Where inputs and effects are written.
    pub trace: Option<Trace>,
}

/// How the core ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was asked to.
    Asked,
}

/// See the module.
pub struct Core {
    file: ServerFile,
    plan: Arc<Plan>,
    names: Names,
    endpoint: Server,
    config: Config,
    session: Session,
    clock: Wall,
    time: TimeSource,
    store: Store,
    changes: Changes,
    deferred: Vec<Deferred>,
    offers: Offers,
    agreed: Option<Agreed>,
    /// What leases may lead while the partner has not agreed to a longer MCLT, in seconds.
    longest_lead: Option<u32>,
    /// When the store was last written before this start, in seconds since 1970; 0 is never.
    found_alive: u32,
    /// The latest time at which the partner may have been in touch.
    contact: Contact,
    /// How far this server and its partner have counted.
    counts: Counts,
    /// The partner has heard of a store of this server.
    partner_remembers: bool,
    /// The partner's receive timer, in seconds, once it was met.
    partners_timer: Option<u32>,
    /// Until when leases may be alive that were given before the store was begun, in seconds since 1970. None: there was one.
    forgotten_until: Option<u32>,
    /// Where this server departs from what is searched: by configuration, or by what an operator did.
    exceptions: Vec<Exception>,
    outside: Outside,
    figures: Figures,
    troubles: Troubles,
    declines: Declines,
    /// The second in which the engine was last woken.
    woken: u32,
    /// When the heartbeat was last written.
    beat: u32,
    /// The commit failed: nobody is served until it succeeds.
    stalled: bool,
    /// Lines about clients.
    lines: Lines,
    /// Lines about leases.
    leases: Lines,
    /// The clock's deviation that was told last, in seconds.
    told_deviation: i64,
    ending: bool,
}

/// Why a server cannot start.
#[derive(Debug)]
pub enum Unusable {
    /// Its stable storage.
    Store(StoreError),
    /// What it would say to its partner.
    Session(ConfigError),
}

/// Whether a session with the partner can be had as the file asks for it.
///
/// # Errors
/// The key, and what would be accepted.
pub fn check_session(file: &ServerFile) -> Result<(), ConfigError> {
    partner::session(file, None).map(drop)
}

/// Relationship and role, for the store.
pub(crate) fn whose(file: &ServerFile) -> String {
    format!("the {} of \"{}\"", file.failover.role.name(), file.failover.name)
}

impl Core {
    /// Opens the store and starts the endpoint on what it holds.
    ///
    /// # Errors
    /// The store cannot be used, or the configuration of the session.
    pub fn start(file: ServerFile, start: Start, outside: Outside) -> Result<Core, Unusable> {
        check_session(&file).map_err(Unusable::Session)?;
        let plan = Arc::new(Plan::new(&file));
        let (mut names, reserved) = Names::new(plan.clone());
        let path = std::path::PathBuf::from(&file.store);
        let id = |address| plan.id(address);
        let (store, mut found) =
            Store::open(&path, start, &whose(&file), id, |client| names.client_id(client)).map_err(Unusable::Store)?;
        let time = TimeSource::begin(latest(&found));
        if time.held_back > 0 {
            tracing::error!(
                seconds = time.held_back,
                "the system's clock is behind what this server has written: time goes on from there, leases end no earlier"
            );
        }
        for stranger in &found.strangers {
            tracing::warn!(address = %stranger, "has a binding and is in no pool any more; the binding is kept");
        }
        let mut table = Indexed::new(plan.len(), &reserved).in_groups(&plan.groups, partner::pool(&file));
        for (address, binding) in &found.bindings {
            dhcpfo_engine::table::LeaseTable::put(&mut table, *address, *binding);
            names.bound(*address, binding.status.client());
        }
        let now = time.now().wall;
        if let Some(agreed) = found.agreed.as_mut().filter(|_| file.failover.role == Role::Primary)
            && mclt::still_agreed(*agreed, mclt::latest(&table), found.heartbeat, now).is_none()
        {
            agreed.mclt = file.failover.mclt;
        }
        let config = partner::engine_config(&file, found.agreed.as_ref());
        let mut clock = partner::wall(&file, &plan, found.agreed.as_ref());
        clock.now = now;
        let session = partner::session(&file, found.agreed.as_ref()).map_err(Unusable::Session)?;
        let endpoint = found.endpoint.map(|mut record| {
            let operated = dhcpfo_time::Time::from_raw(found.operated);
            record.last_operational = clock.later(record.last_operational, operated);
            record
        });
        let mut effects = Vec::new();
        let durable = Durable::found(endpoint, table);
        let mut outside = outside;
        if let Some(trace) = &mut outside.trace {
            trace.open(&file.failover.name, &config, &clock, &durable, (&plan, &names));
        }
        let endpoint = Endpoint::start(&config, durable, &mut clock, &mut |effect| effects.push(effect));
        let mut core = Core {
            offers: Offers::default(),
            longest_lead: mclt::longest_lead(&file, found.agreed.as_ref()),
            agreed: found.agreed,
            found_alive: found.heartbeat,
            contact: contact::at_start(found.contact, found.heartbeat, now),
            exceptions: exceptions(&file),
            counts: memory::at_start(found.counts),
            partner_remembers: false,
            partners_timer: None,
            forgotten_until: None,
            woken: 0,
            beat: 0,
            stalled: false,
            lines: Lines::new(LINES),
            leases: Lines::new(LEASES),
            told_deviation: 0,
            ending: false,
            changes: Changes::default(),
            deferred: Vec::new(),
            figures: Figures::new(),
            troubles: Troubles::default(),
            declines: Declines::default(),
            file,
            plan,
            names,
            endpoint,
            config,
            session,
            clock,
            time,
            store,
            outside,
        };
        core.trace_start(&effects);
        core.effects(effects, None);
        tracing::info!(state = core.endpoint.state().name(), addresses = core.plan.len(), "started");
        core.say_exceptions();
        core.session.set_partners_commit(core.counts.heard);
        core.session.set_commit(core.counts.commits);
        core.note_empty_store();
        Ok(core)
    }

    /// Works until it is asked to end.
    pub fn run(mut self, events: &Receiver<Event>) -> Ending {
        loop {
            match events.recv_timeout(self.patience()) {
                Ok(event) => {
                    let now = self.begin();
                    self.event(now, event);
                    let mut count = 1;
                    while count < BATCH
                        && let Ok(event) = events.try_recv()
                    {
                        self.event(now, event);
                        count += 1;
                    }
                    self.figures.inputs += count as u64;
                }
                Err(RecvTimeoutError::Timeout) => drop(self.begin()),
                Err(RecvTimeoutError::Disconnected) => self.ending = true,
            }
            self.pass_time();
            self.finish();
            if self.ending {
                return self.end();
            }
        }
    }

    /// How long there is nothing to do unless something comes.
    fn patience(&self) -> Duration {
        let session = self.session.next_deadline().map(|at| at.saturating_sub(self.time.now().elapsed));
        session.unwrap_or(Duration::MAX).min(self.time.to_next_second()).max(Duration::from_millis(1))
    }

    /// The instant of a batch.
    fn begin(&mut self) -> Now {
        let now = self.time.now();
        self.clock.now = now.wall;
        now
    }

    fn event(&mut self, now: Now, event: Event) {
        match event {
            Event::Datagram { .. } if self.stalled => self.figures.stalled += 1,
            Event::Datagram { socket, from, by, octets } => self.datagram(socket, from, &by, &octets),
            Event::Interface(number, socket) => {
                if let Some(place) = self.outside.sockets.get_mut(number) {
                    *place = socket;
                }
            }
            Event::Look => {}
            Event::Accepted(stream) => {
                self.session.set_least_mclt(self.least_mclt());
                if let Some(id) = self.outside.links.adopt(stream) {
                    self.session_input(now, session::Input::Accepted(id));
                }
            }
            Event::Dialled(Ok(stream)) => {
                self.session.set_least_mclt(self.least_mclt());
                match self.outside.links.adopt(stream) {
                    Some(id) => self.session_input(now, session::Input::Dialled(id)),
                    None => self.session_input(now, session::Input::DialFailed),
                }
            }
            Event::Dialled(Err(why)) => {
                self.trouble(Kind::Dial, why);
                self.session_input(now, session::Input::DialFailed);
            }
            Event::Stranger(from) => {
                let text = format!(
                    "a connection from {} is closed: that is not the partner's address (failover.partner)",
                    from.ip()
                );
                self.trouble(Kind::Stranger, text);
            }
            Event::Octets(id, octets) => self.octets(now, id, octets),
            Event::Closed(id) => {
                self.outside.links.close(id);
                self.session_input(now, session::Input::Closed(id));
            }
            Event::Control(request, answer) => {
                let document = self.command(now, &request);
                // Who asked may have gone.
                let _ = answer.send(document);
            }
            Event::Stop => self.ending = true,
        }
    }

    /// What is due: the session's timers, and once a second everything that has seconds for its unit.
    fn pass_time(&mut self) {
        let now = self.begin();
        self.session_input(now, session::Input::Wake);
        if self.woken == now.wall {
            return;
        }
        self.woken = now.wall;
        self.step(Input::Wake);
        self.offers.forget(now.elapsed);
        self.say_that_nobody_is_served();
        self.try_abandoned_again();
        if now.wall.saturating_sub(self.beat) >= HEARTBEAT {
            self.changes.heartbeat(now.wall, true);
        }
        let deviation = self.time.deviation();
        if (deviation - self.told_deviation).abs() >= crate::clock::NOTABLE {
            self.told_deviation = deviation;
            tracing::error!(
                seconds = deviation,
                "the system's clock jumped: it is not followed, leases keep their ends; restart to take it over"
            );
        }
        self.lines.next_second("more about clients in the second before, not written");
        self.leases.next_second("more leases in the second before, not written");
    }

    /// The commit, and what may be seen after it.
    fn finish(&mut self) {
        if self.changes.is_due() && !self.committed() {
            return;
        }
        if let Some(trace) = &mut self.outside.trace
            && !self.deferred.is_empty()
        {
            trace.flush();
        }
        for deferred in std::mem::take(&mut self.deferred) {
            self.carry_out(deferred);
        }
    }

    /// What this server runs and what is searched are not the same: said where operators look.
    fn say_exceptions(&self) {
        for Exception { what, cost } in &self.exceptions {
            tracing::warn!(what, "not what is searched: {cost}");
        }
        let configured = self.file.failover.mclt;
        if self.config.role == Role::Primary && self.clock.mclt != configured {
            tracing::warn!(
                configured,
                in_force = self.clock.mclt,
                "MCLT: leases given under the longer one may be alive (Q54)"
            );
        }
    }

    fn committed(&mut self) -> bool {
        let now = self.clock.now;
        self.changes.heartbeat(now, true);
        let contact = self.note_contact();
        self.changes.contact(contact);
        let counts = Counts { commits: self.counts.commits + 1, heard: self.session.partners_commit(), ..self.counts };
        self.changes.counts(&counts);
        if self.endpoint.operates(&self.config) {
            self.changes.operated(now);
        }
        let begun = Instant::now();
        match self.store.commit(&self.changes) {
            Ok(()) => {
                self.figures.commit(self.changes.len(), begun.elapsed());
                self.changes = Changes::default();
                self.counts = counts;
                self.session.set_commit(counts.commits);
                self.beat = now;
                if std::mem::take(&mut self.stalled) {
                    tracing::warn!("the store takes changes again");
                }
                true
            }
            Err(error) => {
                self.stall(&error);
                false
            }
        }
    }

    /// Nothing that hangs on the changes is said to anybody; they are kept.
    fn stall(&mut self, error: &StoreError) {
        if !self.stalled {
            tracing::error!(%error, "the store does not take changes: nobody is served until it does");
        }
        self.stalled = true;
        self.deferred.clear();
        let now = self.time.now();
        for id in self.outside.links.ids() {
            self.outside.links.abort(id);
            self.session_input(now, session::Input::Closed(id));
        }
        self.deferred.clear();
        std::thread::sleep(Duration::from_millis(200));
    }

    fn carry_out(&mut self, deferred: Deferred) {
        match deferred {
            Deferred::Output(output) => self.output(output),
            Deferred::Send(outbound) => {
                let mut out = Vec::new();
                self.session.send(self.time.now(), outbound, &mut out);
                out.into_iter().for_each(|output| self.output(output));
            }
            Deferred::Datagram { socket, to, octets, lease } => {
                if let Some(Leased { client, address, seconds }) = lease
                    && self.leases.is_open()
                {
                    tracing::info!(client, %address, seconds, "lease");
                }
                let Some(Some(socket)) = self.outside.sockets.get(socket) else { return };
                match self.send(socket, to, &octets) {
                    Ok(_) => self.figures.answers += 1,
                    Err(error) => {
                        self.figures.unsent += 1;
                        self.line(format_args!("answer to {to:?} not sent: {error}"));
                    }
                }
            }
        }
    }

    fn send(&self, socket: &ClientSocket, to: To, octets: &[u8]) -> std::io::Result<()> {
        let to = match (to, &socket.ethernet) {
            (To::Neighbour(to), Some(ethernet)) => return ethernet.send(self.file.listen.server_id, to, octets),
            // RFC 2131 §4.1 allows broadcast where a hardware address cannot be sent to.
            (To::Neighbour(_), None) => SocketAddrV4::new(Ipv4Addr::BROADCAST, 68),
            (To::Address(to), _) => to,
        };
        socket.udp.send_to(octets, to).map(|_| ())
    }

    /// A line about a client in the log, if there have not been too many.
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        if self.lines.is_open() {
            tracing::info!("{text}");
        }
    }

    /// Something that is wrong between the two servers.
    fn trouble(&mut self, kind: Kind, text: String) {
        if let Some(line) = self.troubles.happened(self.clock.now, kind, text) {
            tracing::warn!(partner = %self.file.failover.partner, "{line}");
        }
    }

    /// Says what is to be said, closes, and writes the last heartbeat.
    fn end(mut self) -> Ending {
        self.begin();
        self.changes.heartbeat(self.clock.now, true);
        self.finish();
        for id in self.outside.links.ids() {
            self.outside.links.close(id);
        }
        if let Some(trace) = &mut self.outside.trace {
            trace.flush();
        }
        // The writing threads empty their queues.
        std::thread::sleep(Duration::from_millis(100));
        tracing::info!(state = self.endpoint.state().name(), "ended");
        Ending::Asked
    }

    pub(crate) fn who(&self, client: dhcpfo_engine::binding::ClientId) -> String {
        self.names.client(client).map_or_else(|| format!("client {}", client.0), |client| who(&client))
    }
}

/// The latest time that the store knows to have been.
fn latest(found: &Found) -> u32 {
    let bindings = found.bindings.iter().map(|(_, binding)| binding.start_of_status.raw());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs() as u32;
    // What a partner said may be ahead by its clock; what this server wrote is not.
    let plausible = bindings.filter(|&time| time <= now.max(found.heartbeat)).max().unwrap_or(0);
    found.heartbeat.max(plausible)
}
