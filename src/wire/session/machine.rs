//! The session: dialling, opening, sending, closing, timers. What is received is in `receive`.

use std::time::Duration;

use dhcpfo_engine::effect;
use dhcpfo_engine::message as engine;
use dhcpfo_engine::state::Role;

use super::config::{Config, ConfigError};
use super::connection::{Connection, Glanced, Stage};
use super::{ConnectionId, Input, Link, Now, Output, Trouble, handshake};
use crate::convert::{Directory, Exchange, Outbound, Skew};
use crate::framing::Framer;
use crate::memory::Memory;
use crate::message::{Body, Refusal};
use crate::number::Reject;
use crate::profile::ConnectOn;

/// Most connections that wait for CONNECT at a time. One more is closed at once (failover-12 §7.8.2).
const WAITING: usize = 4;

/// Whether this server is dialling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dial {
    /// Not before then.
    At(Duration),
    /// [`Output::Dial`] has not been answered yet.
    Underway,
}

/// The connections of one relationship. See [`super`].
#[derive(Clone, Debug)]
pub struct Session {
    pub(super) config: Config,
    pub(super) connections: Vec<Connection>,
    /// See [`Glanced`]; at most [`WAITING`].
    pub(super) glanced: Vec<Glanced>,
    dial: Dial,
    /// Attempts in a row that came to nothing.
    failures: u32,
    /// After a refusal: not to dial before then, whatever happens.
    not_before: Duration,
    held: bool,
    epoch: u64,
    /// The header time of the latest CONNECT sent: under a digest each must be later (failover-12 §11.1).
    last_connect_sent: u32,
    /// The latest commit, and the highest of the partner's that was heard of ([`crate::memory`]).
    commit: u64,
    pub(super) heard: u64,
}

impl Session {
    /// A session without connections. The first [`Input::Wake`] makes it dial.
    ///
    /// # Errors
    /// The configuration cannot work.
    pub fn new(config: Config) -> Result<Session, ConfigError> {
        config.check()?;
        Ok(Session {
            config,
            connections: Vec::new(),
            glanced: Vec::new(),
            dial: Dial::At(Duration::ZERO),
            failures: 0,
            not_before: Duration::ZERO,
            held: false,
            epoch: 0,
            last_connect_sent: 0,
            commit: 0,
            heard: 0,
        })
    }

    /// Takes one input. Total: any input at any time has an outcome; what concerns a connection that is not there
    /// any more has none.
    pub fn handle(&mut self, now: Now, input: Input<'_>, directory: &mut dyn Directory, out: &mut Vec<Output>) {
        match input {
            Input::Dialled(id) => self.dialled(now, id, out),
            Input::DialFailed => self.dial_failed(now),
            Input::Accepted(id) => self.accepted(now, id, out),
            Input::Octets(id, octets) => self.octets(now, id, octets, directory, out),
            Input::Closed(id) => self.closed(now, id, out),
            Input::Secured(id) => self.secured(now, id, out),
            Input::Close(refusal) => self.close_all(now, &refusal, out),
            Input::Hold(refusal) => {
                self.held = true;
                self.close_all(now, &refusal, out);
            }
            Input::Resume => {
                self.held = false;
                self.dial_now(now);
            }
            Input::Wake => {}
        }
        self.due(now, out);
    }

    /// The wire's words for what the engine says, when it says it. None without a connection that is up, and where
    /// there is nothing to send (yet). Translate before the next input is handed to the engine; send when what stands
    /// before it is on stable storage.
    pub fn outgoing(&mut self, message: engine::Message, directory: &dyn Directory) -> Option<Outbound> {
        let profile = &self.config.profile;
        let connection = self.connections.iter_mut().find(|connection| connection.up().is_some())?;
        let skew = connection.up().map(|up| up.skew)?;
        connection.exchange.outgoing(message, profile, &skew, directory)
    }

    /// Sends a message, if the connection for which it was made is still there (failover-12 §8.6).
    pub fn send(&mut self, now: Now, outbound: Outbound, out: &mut Vec<Output>) {
        let Some(id) = self.up_id() else { return };
        let numbered = self.connection(id).and_then(|connection| connection.exchange.number(outbound));
        if let Some((xid, body)) = numbered {
            self.write(now, id, xid, body, out);
        }
    }

    /// When to give [`Input::Wake`], by [`Now::elapsed`]. None: nothing will be due.
    pub fn next_deadline(&self) -> Option<Duration> {
        let dial = match self.dial {
            Dial::At(at) if self.wants_connection() => Some(at),
            _ => None,
        };
        let glanced = self.glanced.iter().map(|one| one.until);
        self.connections.iter().map(Connection::deadline).chain(glanced).chain(dial).min()
    }

    /// How far the connection has come.
    pub fn link(&self) -> Link {
        let up = self.connections.iter().find_map(|c| c.up().map(|up| (c, up)));
        match up {
            Some((connection, up)) => {
                Link::Up { since: up.since, heard: up.heard, unanswered: connection.exchange.unanswered() }
            }
            None if self.connections.is_empty() && self.dial != Dial::Underway => Link::Down,
            None => Link::Connecting,
        }
    }

    /// The difference of the clocks on the connection that is up: this server's minus the partner's.
    pub fn skew(&self) -> Option<Skew> {
        self.connections.iter().find_map(|connection| connection.up().map(|up| up.skew))
    }

    /// What the session was configured with, and a newer [`Config::last_connect`].
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The number of the latest commit on stable storage: said in each message from here on.
    pub fn set_commit(&mut self, commit: u64) {
        self.commit = commit;
    }

    /// The partner's highest commit that was heard of; the host keeps it with what it commits.
    pub fn partners_commit(&self) -> u64 {
        self.heard
    }

    /// What the host has kept of [`Session::partners_commit`].
    pub fn set_partners_commit(&mut self, heard: u64) {
        self.heard = self.heard.max(heard);
    }

    /// From here on a secondary refuses an MCLT below this, in seconds ([`Config::least_mclt`]).
    pub fn set_least_mclt(&mut self, seconds: u32) {
        self.config.least_mclt = seconds;
    }

    // ---- dialling ---------------------------------------------------------------------------------------

    fn wants_connection(&self) -> bool {
        self.config.dials && !self.held && self.connections.is_empty()
    }

    fn dial_at(&mut self, at: Duration) {
        if self.dial != Dial::Underway {
            self.dial = Dial::At(at.max(self.not_before));
        }
    }

    /// Nothing that went wrong before counts any more.
    fn dial_now(&mut self, now: Now) {
        self.failures = 0;
        self.not_before = Duration::ZERO;
        self.dial_at(now.elapsed);
    }

    /// The time of the next attempt after one that failed.
    pub(super) fn retry(&mut self, now: Now) {
        let retry = &self.config.retry;
        let delay = retry.first.saturating_mul(1 << self.failures.min(20)).min(retry.most);
        self.failures = self.failures.saturating_add(1);
        self.dial_at(now.elapsed + delay);
    }

    /// The next attempt after a refusal. "Already connected" is gone as soon as the other connection is.
    pub(super) fn retry_after(&mut self, now: Now, reason: Reject) {
        match reason {
            Reject::DUPLICATE_CONNECTION if self.connections.is_empty() => self.retry(now),
            Reject::DUPLICATE_CONNECTION => {}
            _ => {
                self.not_before = now.elapsed + self.config.retry.refused;
                self.dial_at(self.not_before);
            }
        }
    }

    fn dial_failed(&mut self, now: Now) {
        if self.dial == Dial::Underway {
            self.dial = Dial::At(now.elapsed);
            self.retry(now);
        }
    }

    fn dialled(&mut self, now: Now, id: ConnectionId, out: &mut Vec<Output>) {
        if self.dial == Dial::Underway {
            self.dial = Dial::At(now.elapsed);
        }
        if self.held {
            return out.push(Output::Close(id));
        }
        match self.config.role {
            Role::Primary => self.offer(now, id, out),
            Role::Secondary if self.config.profile.keeps_stimulus => self.await_connect(now, id, out),
            // The primary has noticed, and dials (failover-12 §8.2).
            Role::Secondary => {
                out.push(Output::Close(id));
                self.retry(now);
            }
        }
    }

    fn accepted(&mut self, now: Now, id: ConnectionId, out: &mut Vec<Output>) {
        if self.held {
            return out.push(Output::Close(id));
        }
        match (self.config.role, self.config.profile.connect_on) {
            (Role::Secondary, _) => self.await_connect(now, id, out),
            (Role::Primary, ConnectOn::Any) => self.offer(now, id, out),
            (Role::Primary, ConnectOn::Own) => {
                // While messages flow, there is no doubt about the roles.
                if self.up_id().is_none() && self.glanced.len() < WAITING {
                    let until = now.elapsed + self.config.handshake;
                    self.glanced.push(Glanced { id, until, framer: Framer::default() });
                } else {
                    out.push(Output::Close(id));
                }
                self.dial_at(now.elapsed);
            }
        }
    }

    /// Secondary: a connection on which CONNECT may come.
    fn await_connect(&mut self, now: Now, id: ConnectionId, out: &mut Vec<Output>) {
        let waiting = self.connections.iter().filter(|connection| !connection.is_taken()).count();
        if waiting >= WAITING || self.connection(id).is_some() {
            out.push(Output::Note(format!("{waiting} connections wait for CONNECT; one more is closed")));
            return out.push(Output::Close(id));
        }
        let until = now.elapsed + self.config.handshake;
        self.open(id, Stage::AwaitConnect { until });
    }

    /// Primary: CONNECT on this connection, unless there is an older one (failover-12 §8.2).
    fn offer(&mut self, now: Now, id: ConnectionId, out: &mut Vec<Output>) {
        if !self.connections.is_empty() {
            return out.push(Output::Close(id));
        }
        self.open(id, Stage::AwaitConnect { until: now.elapsed });
        self.connect(now, id, false, out);
    }

    fn open(&mut self, id: ConnectionId, stage: Stage) {
        self.epoch += 1;
        let exchange = Exchange::new(self.epoch);
        self.connections.push(Connection { id, stage, secure: false, framer: Framer::default(), exchange });
    }

    fn connect(&mut self, mut now: Now, id: ConnectionId, secure: bool, out: &mut Vec<Output>) {
        let until = now.elapsed + self.config.handshake;
        if self.config.secret.is_some() {
            now.wall = now.wall.max(self.last_connect_sent.saturating_add(1));
        }
        let connect_time = now.wall;
        self.last_connect_sent = connect_time;
        let body = Body::Connect(handshake::connect(&self.config, secure));
        let Some(connection) = self.connection(id) else { return };
        let xid = connection.exchange.next_xid();
        connection.secure = secure;
        connection.stage = Stage::AwaitAck { until, xid, connect_time };
        self.write(now, id, xid, body, out);
    }

    fn secured(&mut self, now: Now, id: ConnectionId, out: &mut Vec<Output>) {
        let until = now.elapsed + self.config.handshake;
        let role = self.config.role;
        let Some(connection) = self.connection(id) else { return };
        if !matches!(connection.stage, Stage::AwaitTls { .. }) {
            return;
        }
        connection.secure = true;
        match role {
            Role::Primary => self.connect(now, id, true, out),
            Role::Secondary => connection.stage = Stage::AwaitConnect { until },
        }
    }

    // ---- sending and closing ----------------------------------------------------------------------------

    pub(super) fn connection(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|connection| connection.id == id)
    }

    pub(super) fn up_id(&self) -> Option<ConnectionId> {
        self.connections.iter().find(|connection| connection.up().is_some()).map(|connection| connection.id)
    }

    /// Writes a message, and tSend begins anew (failover-12 §7.9.1).
    pub(super) fn write(&mut self, now: Now, id: ConnectionId, xid: u32, body: Body, out: &mut Vec<Output>) {
        let name = body.message_type().name();
        let memory = self.memory(&body);
        let encode = |body: &Body, memory: Option<Memory>| {
            let mut frame = body.to_frame(now.wall, xid);
            // What stands before the first address belongs to no binding (failover-12 §6.3).
            frame.options.splice(0..0, memory.map(Memory::to_option));
            match &self.config.secret {
                Some(secret) => secret.encode(frame),
                None => frame.encode(),
            }
        };
        // Texts for people are the first thing that can be left out.
        let shorter = |_| encode(&body.clone().without_texts(), memory);
        match encode(&body, memory).or_else(shorter).or_else(|_| encode(&body.clone().without_texts(), None)) {
            Ok(octets) => out.push(Output::Write(id, octets)),
            Err(error) => out.push(Output::Alarm(format!("{name} not sent: {error}"))),
        }
        if let Some(Stage::Up(up)) = self.connection(id).map(|connection| &mut connection.stage) {
            up.send_by = now.elapsed + up.send_timer;
        }
    }

    /// What a message says of the memories. CONTACT and DISCONNECT say nothing that anybody has to remember.
    fn memory(&self, body: &Body) -> Option<Memory> {
        let heard = match body {
            Body::Contact | Body::Disconnect(_) => return None,
            Body::Connect(_) | Body::ConnectAck(_) => Some(self.heard),
            _ => None,
        };
        self.config.profile.memory.then_some(Memory { commit: self.commit, heard })
    }

    /// Says why, and closes (failover-12 §7.12, §8.6).
    pub(super) fn refuse(&mut self, now: Now, id: ConnectionId, refusal: &Refusal, out: &mut Vec<Output>) {
        let Some(xid) = self.connection(id).map(|connection| connection.exchange.next_xid()) else { return };
        self.write(now, id, xid, Body::Disconnect(refusal.clone()), out);
        self.drop_connection(id, out);
        out.push(Output::Note(format!("connection closed with {refusal}")));
        self.retry_after(now, refusal.reason);
    }

    /// The connection is closed by us, and what was agreed on it is over. Whether it was up.
    pub(super) fn drop_connection(&mut self, id: ConnectionId, out: &mut Vec<Output>) -> bool {
        out.push(Output::Close(id));
        self.forget(id, out)
    }

    fn forget(&mut self, id: ConnectionId, out: &mut Vec<Output>) -> bool {
        let Some(at) = self.connections.iter().position(|connection| connection.id == id) else { return false };
        let connection = self.connections.swap_remove(at);
        let was_up = connection.up().is_some();
        if was_up {
            out.push(Output::Engine(effect::Input::Disconnected));
        }
        was_up
    }

    fn closed(&mut self, now: Now, id: ConnectionId, out: &mut Vec<Output>) {
        self.glanced.retain(|one| one.id != id);
        let Some(connection) = self.connection(id) else { return };
        let lasted = connection.up().map(|up| now.elapsed.saturating_sub(up.since));
        let trouble = unanswered(&connection.stage).filter(|_| self.connections.len() == 1);
        out.extend(trouble.map(Output::Trouble));
        self.forget(id, out);
        match lasted {
            // failover-12 §8.6: reconnect at once; but not in a loop.
            Some(lasted) if lasted >= self.config.handshake => self.dial_now(now),
            // The partner closed one of two connections: nothing is wrong.
            _ if !self.connections.is_empty() => {}
            _ => self.retry(now),
        }
    }

    fn close_all(&mut self, now: Now, refusal: &Refusal, out: &mut Vec<Output>) {
        out.extend(self.glanced.drain(..).map(|one| Output::Close(one.id)));
        let ids: Vec<_> = self.connections.iter().map(|connection| connection.id).collect();
        for id in ids {
            self.refuse(now, id, refusal, out);
        }
    }

    // ---- timers -----------------------------------------------------------------------------------------

    fn due(&mut self, now: Now, out: &mut Vec<Output>) {
        let over = |one: &Glanced| one.until <= now.elapsed;
        out.extend(self.glanced.iter().filter(|one| over(one)).map(|one| Output::Close(one.id)));
        self.glanced.retain(|one| !over(one));
        let ids: Vec<_> = self.connections.iter().map(|connection| connection.id).collect();
        for id in ids {
            self.connection_due(now, id, out);
        }
        if self.wants_connection()
            && let Dial::At(at) = self.dial
            && at <= now.elapsed
        {
            self.dial = Dial::Underway;
            out.push(Output::Dial);
        }
    }

    fn connection_due(&mut self, now: Now, id: ConnectionId, out: &mut Vec<Output>) {
        let Some(connection) = self.connection(id).filter(|connection| connection.deadline() <= now.elapsed) else {
            return;
        };
        match &connection.stage {
            Stage::Up(up) if up.receive_by <= now.elapsed => {
                let silence = now.elapsed.saturating_sub(up.heard).as_secs();
                let refusal = Refusal::new(Reject::NO_TRAFFIC, format!("nothing heard for {silence} s"));
                self.refuse(now, id, &refusal, out);
                // Nobody has refused anything: reconnect at once (failover-12 §8.6).
                self.dial_now(now);
            }
            Stage::Up(_) => {
                let xid = connection.exchange.next_xid();
                self.write(now, id, xid, Body::Contact, out);
            }
            waiting => {
                let trouble = unanswered(waiting);
                // Besides a connection that is up, one that says nothing is somebody's noise.
                let trouble = trouble.filter(|_| self.up_id().is_none());
                out.push(Output::Note("connection closed: no CONNECT or CONNECTACK in time".into()));
                out.extend(trouble.map(Output::Trouble));
                self.drop_connection(id, out);
                self.retry(now);
            }
        }
    }
}

/// What it means that nothing more comes on a connection.
const fn unanswered(stage: &Stage) -> Option<Trouble> {
    match stage {
        Stage::AwaitConnect { .. } => Some(Trouble::NoConnect),
        Stage::AwaitAck { .. } => Some(Trouble::NoAnswer),
        Stage::AwaitTls { .. } | Stage::Up(_) => None,
    }
}
