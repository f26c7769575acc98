//! One server of the capture, and the endpoint that follows it.

use dhcpfo_engine::span;
use std::collections::{BTreeMap, BTreeSet};

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::binding::{AddressId, Binding};
use dhcpfo_engine::config::{Config, Pool};
use dhcpfo_engine::durable::{Durable, EndpointRecord, Record};
use dhcpfo_engine::effect::{Command, Effect, Input, Parameters};
use dhcpfo_engine::endpoint::{Conversation, Endpoint, Phase, Session, Volatile};
use dhcpfo_engine::message::{BndAck, BndUpd, Message, StateReport, Transaction};
use dhcpfo_engine::rules::Rules;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Clock, Span, Standing, Time};
use dhcpfo_wire::message::{self, Body, StateSaid};

use super::cast::{Cast, Happened};
use super::table::Flat;
use super::{Inferred, Kind, Notes, Said, words};
use crate::capture::Micros;
use crate::states::{SECOND, seconds};

/// Most unanswered updates of the endpoint.
pub(super) const WINDOW: usize = 64;
/// How long a message may be late: dhcpd holds acknowledgments back for two seconds.
const PATIENCE: Micros = 5 * SECOND;
/// Seconds that dhcpd waits in STARTUP.
const STARTUP: u32 = 15;
/// Seconds that dhcpd leaves an address ABANDONED.
const ABANDONED: u32 = 86_400;

/// The time of the capture, and the lengths of the server's configuration as far as they are known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: u32,
    pub(super) mclt: u32,
    pub(super) lease: u32,
    pub(super) potential: u32,
}

impl Clock for Moment {
    fn now(&self) -> Time {
        Time::from_raw(self.now)
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        let length = match span {
            span::MCLT | span::OTHER_MCLT => self.mclt,
            span::DESIRED_LEASE => self.lease,
            span::POTENTIAL_LEAD => self.potential,
            span::STARTUP => STARTUP,
            span::ABANDON_TIME => ABANDONED,
            // Nothing that ends by itself is waited for: what the server says shows it.
            _ => u32::MAX,
        };
        Time::from_raw(base.raw().saturating_add(length))
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

/// A message that the endpoint has sent and the server has not, so far.
struct Expected {
    at: Micros,
    message: Message,
}

/// A server, and the endpoint that follows it.
pub(super) struct Follower {
    pub(super) role: Role,
    config: Config,
    pub(super) moment: Moment,
    /// None: not seen yet, or down.
    pub(super) endpoint: Option<Endpoint<Flat, WINDOW>>,
    /// What it had on stable storage when it went down.
    left: Option<Durable<Flat>>,
    connection: Option<u64>,
    expected: Vec<Expected>,
    /// The server's own unanswered updates by their xid.
    pub(super) slots: BTreeMap<u32, Transaction>,
    /// How many of [`Cast::apart`] are done.
    done: usize,
    /// Addresses of which something is known; None: all are, for it began without a lease file.
    pub(super) known: Option<BTreeSet<AddressId>>,
}

impl Follower {
    pub(super) fn new(role: Role, rules: &Rules, cast: &Cast) -> Follower {
        let config = Config {
            role,
            rules: *rules,
            buckets: Buckets::first(128),
            pool: Pool { secondary_share: 50, slack: None, ask: false, cover: false },
            safe_period: false,
            remember_last: false,
        };
        let mclt = cast.mclt();
        Follower {
            role,
            config,
            moment: Moment { now: 0, mclt, lease: 2 * mclt, potential: 3 * mclt },
            endpoint: None,
            left: None,
            connection: None,
            expected: Vec::new(),
            slots: BTreeMap::new(),
            done: 0,
            known: Some(BTreeSet::new()),
        }
    }

    // ---- the endpoint -----------------------------------------------------------------------------------

    pub(super) fn step(&mut self, at: Micros, input: Input) {
        let Some(endpoint) = &mut self.endpoint else { return };
        let (mut sent, mut moment) = (Vec::new(), self.moment);
        endpoint.step(&self.config, &mut moment, input, &mut |effect| {
            if let Effect::Send(message) = effect {
                sent.push(message);
            }
        });
        self.expected.extend(sent.into_iter().map(|message| Expected { at, message }));
    }

    pub(super) fn state(&self) -> &'static str {
        match &self.endpoint {
            Some(endpoint) => match endpoint.volatile().phase {
                Phase::Startup { .. } => "STARTUP",
                Phase::Shutdown => "SHUTDOWN",
                Phase::Running | Phase::Paused => endpoint.state().name(),
            },
            None => "no state",
        }
    }

    pub(super) fn binding(&self, address: AddressId) -> Option<Binding> {
        self.endpoint.as_ref().map(|endpoint| endpoint.durable().table().get(address))
    }

    /// Changes what the endpoint has, where the server has shown that it has something else.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Durable<Flat>, &mut Volatile<WINDOW>)) {
        let Some(endpoint) = &self.endpoint else { return };
        let (mut durable, mut volatile) = (endpoint.durable().clone(), *endpoint.volatile());
        change(&mut durable, &mut volatile);
        self.endpoint = Some(Endpoint::resume(durable, volatile));
    }

    pub(super) fn put(&mut self, address: AddressId, binding: Binding) {
        self.change(|durable, _| durable.apply(&Record::Binding(address, binding)));
    }

    /// Time passes until now. A timer ends within its last second, so it is left a second's time.
    fn pass(&mut self, at: Micros, cast: &Cast, note: &mut Notes<'_>) {
        while let Some((then, happened)) = cast.apart[self.role.index()].get(self.done).filter(|(then, _)| *then <= at)
        {
            self.done += 1;
            self.wake(*then, seconds(*then).saturating_sub(1));
            self.moment.now = seconds(*then);
            match happened {
                Happened::Lease(binding) => {
                    if let Some(address) = cast.names.address(binding.address) {
                        self.before(address, binding, cast, note);
                        self.lease(*then, address, binding, cast);
                        note.inferred(self.role, Inferred::Lease);
                    }
                }
                Happened::Lost if self.is_connected() => {
                    self.step(*then, Input::Disconnected);
                    note.inferred(self.role, Inferred::LostConnection);
                }
                Happened::DeclaredDown => {
                    self.step(*then, Input::Operator(Command::PartnerDown));
                    note.inferred(self.role, Inferred::PartnerDown);
                }
                Happened::Lost => {}
            }
        }
        self.wake(at, seconds(at).saturating_sub(1));
        self.moment.now = seconds(at);
    }

    fn is_connected(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| endpoint.volatile().session != Session::Down)
    }

    pub(super) fn wake(&mut self, at: Micros, now: u32) {
        let is_due = |e: &Endpoint<Flat, WINDOW>| e.is_due(&self.config, &Standing(Time::from_raw(now)));
        if self.endpoint.as_ref().is_some_and(is_due) {
            self.moment.now = now;
            self.step(at, Input::Wake);
        }
    }

    // ---- connections ------------------------------------------------------------------------------------

    /// The capture begins inside a connection.
    pub(super) fn joined(&mut self, connection: u64, at: Micros, cast: &Cast, note: &mut Notes<'_>) {
        if self.endpoint.is_some() || self.left.is_some() {
            return;
        }
        self.moment.now = seconds(at);
        // If it is started again in this state, it says since when it is.
        let later = cast.first_after(self.role, connection);
        let same = later.filter(|said| said.startup && said.state == Reported::In(State::Normal));
        let since = same.map_or(0, |said| said.since);
        let normal = StateSaid { state: Reported::In(State::Normal), startup: false, since };
        self.running(normal, cast, note);
        let parameters = self.parameters(cast);
        self.change(|_, volatile| {
            volatile.session = Session::Ok(Conversation {
                parameters,
                partner: normal.state,
                window: [None; WINDOW],
                flowing: true,
                asked: false,
                serving: None,
                pool_request_due: false,
                told_below: 0,
            });
            volatile.heard = Some(normal.state);
        });
        self.connection = Some(connection);
    }

    fn parameters(&self, cast: &Cast) -> Parameters {
        Parameters { max_unacked: cast.unacked(self.role.partner()).min(WINDOW as u8) }
    }

    fn connected(&mut self, said: &Said<'_>, cast: &Cast, note: &mut Notes<'_>) {
        // A second connection that is given up before anything is said on it.
        let Some(first) = cast.first_on(self.role, said.connection) else { return };
        self.pass(said.at, cast, note);
        self.expected.clear();
        self.slots.clear();
        if self.is_connected() {
            self.step(said.at, Input::Disconnected);
            note.inferred(self.role, Inferred::LostConnection);
        }
        self.begin(first, cast, note);
        self.connection = Some(said.connection);
        self.expected.clear();
        self.step(said.at, Input::Connected(self.parameters(cast)));
    }

    /// Sees to it that the endpoint runs as the server does, by the first that the server says.
    fn begin(&mut self, first: StateSaid, cast: &Cast, note: &mut Notes<'_>) {
        let is_starting = self.endpoint.as_ref().is_some_and(|e| matches!(e.volatile().phase, Phase::Startup { .. }));
        match (first.startup, is_starting) {
            (true, false) => {
                let left = self.endpoint.take().map(Endpoint::crash).or(self.left.take());
                self.restarted(first, left, cast, note);
            }
            (false, _) if self.endpoint.is_none() => self.running(first, cast, note),
            _ => {}
        }
    }

    fn restarted(&mut self, first: StateSaid, left: Option<Durable<Flat>>, cast: &Cast, note: &mut Notes<'_>) {
        let recovers = first.state == Reported::In(State::Recover);
        let was_recovering = left.as_ref().and_then(Durable::endpoint).is_some_and(|r| r.state == State::Recover);
        let durable = match (left, first.state) {
            (Some(durable), _) if !recovers || was_recovering => {
                note.inferred(self.role, Inferred::Restart);
                durable
            }
            (None, Reported::In(state)) if !recovers => {
                note.inferred(self.role, Inferred::Restart);
                Durable::found(Some(self.record(state, first.since)), unused(cast))
            }
            _ => {
                note.inferred(self.role, Inferred::RestartWithoutStorage);
                self.known = None;
                Durable::blank(unused(cast))
            }
        };
        let mut moment = self.moment;
        self.endpoint = Some(Endpoint::start(&self.config, durable, &mut moment, &mut |_| {}));
    }

    fn running(&mut self, first: StateSaid, cast: &Cast, note: &mut Notes<'_>) {
        let state = match first.state {
            Reported::In(state) => state,
            Reported::Paused | Reported::Shutdown => State::CommunicationsInterrupted,
        };
        note.inferred(self.role, Inferred::Running);
        let durable = Durable::found(Some(self.record(state, first.since)), unused(cast));
        let volatile = Volatile { phase: Phase::Running, session: Session::Down, safe_period_ends: None, heard: None };
        self.endpoint = Some(Endpoint::resume(durable, volatile));
    }

    fn record(&self, state: State, since: u32) -> EndpointRecord {
        let recover_wait_ends = Time::from_raw(since.saturating_add(self.moment.mclt));
        EndpointRecord { since: Time::from_raw(since), recover_wait_ends, ..EndpointRecord::of(state) }
    }

    pub(super) fn closed(&mut self, connection: u64, at: Micros, cast: &Cast, note: &mut Notes<'_>) {
        if self.connection != Some(connection) {
            return;
        }
        self.pass(at, cast, note);
        self.connection = None;
        self.expected.clear();
        self.slots.clear();
        let next = cast.first_after(self.role, connection);
        let noticed = Reported::In(State::CommunicationsInterrupted);
        match next {
            // It was stopped before it noticed anything.
            Some(said) if said.startup && said.state != noticed => {
                self.left = self.endpoint.take().map(Endpoint::crash);
            }
            _ => self.step(at, Input::Disconnected),
        }
    }

    // ---- messages ---------------------------------------------------------------------------------------

    /// The server has got this.
    pub(super) fn received(&mut self, said: &Said<'_>, cast: &Cast, note: &mut Notes<'_>) {
        if let Body::ConnectAck(ack) = said.body
            && ack.refusal.is_none()
        {
            return self.connected(said, cast, note);
        }
        if self.connection != Some(said.connection) {
            return;
        }
        self.pass(said.at, cast, note);
        match said.body {
            Body::State(state) => self.hear(said, Message::State(report(state))),
            Body::BndUpd(bindings) => {
                for binding in bindings {
                    let Some(update) = update(binding, said.xid, cast) else { continue };
                    if let Some(own) = cast.crossing(self.role, binding.address, said.at) {
                        self.foresee(said.at, own, cast);
                    }
                    if let Some(known) = &mut self.known {
                        known.insert(update.address);
                    }
                    self.hear(said, Message::BndUpd(update));
                }
            }
            Body::BndAck(answers) => {
                let Some(transaction) = self.slots.remove(&said.xid) else { return };
                for answer in answers {
                    let Some(address) = answer.address.and_then(|address| cast.names.address(address)) else {
                        continue;
                    };
                    let reject = answer.refusal.as_ref().map(|refusal| refusal.reason.for_engine());
                    self.hear(said, Message::BndAck(BndAck { transaction, address, reject }));
                }
            }
            Body::UpdReq => self.hear(said, Message::UpdReq),
            Body::UpdReqAll => self.hear(said, Message::UpdReqAll),
            Body::UpdDone => self.hear(said, Message::UpdDone),
            Body::PoolReq => self.hear(said, Message::PoolReq),
            Body::PoolResp(count) => self.hear(said, Message::PoolResp(*count)),
            Body::Connect(_) | Body::ConnectAck(_) | Body::Contact | Body::Disconnect(_) => {}
        }
    }

    /// What a client did that an update of this server tells of, before the partner's about the same address comes.
    fn foresee(&mut self, at: Micros, own: &message::Binding, cast: &Cast) {
        let (Some(address), Some(status)) = (cast.names.address(own.address), cast.names.status(own)) else { return };
        let is_news = self.binding(address).is_some_and(|mine| {
            mine.status != status || own.client_last_transaction.unwrap_or(0) > mine.client_last_transaction.raw()
        });
        if is_news {
            self.client_did(at, address, own, status, cast);
        }
    }

    fn hear(&mut self, said: &Said<'_>, message: Message) {
        self.step(said.at, Input::Message(message));
    }

    /// The server has sent this.
    pub(super) fn sent(&mut self, said: &Said<'_>, cast: &Cast, note: &mut Notes<'_>) {
        match said.body {
            Body::ConnectAck(ack) if ack.refusal.is_none() => return self.connected(said, cast, note),
            Body::Connect(_) | Body::ConnectAck(_) | Body::Contact | Body::Disconnect(_) => return,
            _ => {}
        }
        if self.connection != Some(said.connection) {
            return;
        }
        self.pass(said.at, cast, note);
        let state = self.state();
        if !self.matches(said, cast, note) && !self.explained(said, cast, note) {
            note.departs(self.role, Kind::NotPossible, state, words::said(said.body));
            self.adopt(said, cast);
        }
        self.missed(said.at, cast, note);
    }

    /// Whether the endpoint has said the same. Then it is no longer expected.
    pub(super) fn matches(&mut self, said: &Said<'_>, cast: &Cast, note: &mut Notes<'_>) -> bool {
        let Some(found) = self.expected.iter().position(|e| is_same(&e.message, said.body, cast)) else { return false };
        let is_state = |message: &Message| matches!(message, Message::State(_));
        let is_update = |message: &Message| matches!(message, Message::BndUpd(_));
        let (before, here) = (&self.expected[..found], &self.expected[found].message);
        let late = before
            .iter()
            .any(|e| (is_state(here) && is_update(&e.message)) || (is_update(here) && is_state(&e.message)));
        if late {
            note.departs(self.role, Kind::Order, self.state(), words::said(said.body));
        }
        let Expected { message, .. } = self.expected.remove(found);
        note.matched(self.role);
        if let (Message::BndUpd(update), Body::BndUpd(bindings)) = (message, said.body) {
            self.slots.insert(said.xid, update.transaction);
            if let Some(binding) = bindings.first() {
                self.took(&update, binding, said, note);
            }
        }
        true
    }

    /// Lengths are the server's own, up to what the rules allow: from here on its times are the endpoint's.
    fn took(&mut self, update: &BndUpd, binding: &message::Binding, said: &Said<'_>, note: &mut Notes<'_>) {
        let (Some(end), Some(potential)) = (binding.lease_expiration, binding.potential_expiration) else { return };
        let is_active = binding.status == Some(crate::address::ACTIVE);
        let Some(mine) = self.binding(update.address).filter(|_| is_active) else { return };
        if end > update.lease_expiration.raw().saturating_add(1) {
            note.departs(self.role, Kind::Times, self.state(), words::said(said.body));
        }
        let (lease_expiration, sent_potential_expiration) = (Time::from_raw(end), Time::from_raw(potential));
        self.put(update.address, Binding { lease_expiration, sent_potential_expiration, ..mine });
    }

    /// What the endpoint said long ago the server does not say.
    fn missed(&mut self, at: Micros, cast: &Cast, note: &mut Notes<'_>) {
        let (role, state) = (self.role, self.state());
        self.expected.retain(|expected| {
            let is_late = expected.at + PATIENCE < at;
            if is_late {
                let text = words::would_say(&expected.message, |address| cast.address_name(address));
                note.departs(role, Kind::NotSaid, state, text);
            }
            !is_late
        });
    }

    /// Whether the partner has asked for everything, and the server is not through.
    pub(super) fn is_telling(&self) -> bool {
        let session = self.endpoint.as_ref().map(|endpoint| &endpoint.volatile().session);
        let serving =
            session.and_then(Session::conversation).is_some_and(|conversation| conversation.serving.is_some());
        serving || self.expected.iter().any(|expected| expected.message == Message::UpdDone)
    }

    /// The server is where it is: the endpoint goes on from there.
    fn adopt(&mut self, said: &Said<'_>, cast: &Cast) {
        match said.body {
            Body::State(state) => {
                let Reported::In(to) = state.state else { return };
                let record = self.record(to, state.since);
                self.expected.retain(|expected| !matches!(expected.message, Message::State(_)));
                self.change(|durable, volatile| {
                    durable.apply(&Record::Endpoint(record));
                    if !state.startup {
                        volatile.phase = Phase::Running;
                    }
                    if let Session::Ok(conversation) = &mut volatile.session {
                        conversation.flowing |= to == State::Normal;
                    }
                });
            }
            Body::BndUpd(bindings) => {
                for binding in bindings {
                    self.adopt_update(binding, said, cast);
                }
            }
            Body::UpdReq | Body::UpdReqAll => self.change(|_, volatile| {
                if let Session::Ok(conversation) = &mut volatile.session {
                    conversation.asked = true;
                }
            }),
            Body::UpdDone => self.change(|_, volatile| {
                if let Session::Ok(conversation) = &mut volatile.session {
                    conversation.serving = None;
                }
            }),
            _ => {}
        }
    }
}

fn unused(cast: &Cast) -> Flat {
    Flat(vec![Binding::NEVER_USED; cast.names.len()])
}

fn report(said: &StateSaid) -> StateReport {
    StateReport { state: said.state, startup: said.startup, since: Time::from_raw(said.since) }
}

/// A BNDUPD as its receiver takes it: dhcpd does not correct times. None if dhcpd refuses it unread.
fn update(binding: &message::Binding, xid: u32, cast: &Cast) -> Option<BndUpd> {
    let time = |time: Option<u32>| Time::from_raw(time.unwrap_or(0));
    Some(BndUpd {
        transaction: Transaction((xid & 0xff) as u8),
        address: cast.names.address(binding.address)?,
        status: cast.names.status(binding)?,
        reserved: false,
        lease_expiration: time(binding.lease_expiration),
        potential_expiration: time(binding.potential_expiration),
        client_last_transaction: time(binding.client_last_transaction),
        start_of_status: time(binding.start_of_state),
    })
}

fn is_same(message: &Message, body: &Body, cast: &Cast) -> bool {
    match (message, body) {
        (Message::State(report), Body::State(said)) => report.state == said.state && report.startup == said.startup,
        (Message::BndUpd(update), Body::BndUpd(bindings)) => bindings.iter().any(|binding| {
            let status = cast.names.status(binding);
            let is_status = match status {
                // Who had an available address last is nobody's business.
                Some(status) if status.is_available() => status.code() == update.status.code(),
                status => status == Some(update.status),
            };
            cast.names.address(binding.address) == Some(update.address) && is_status
        }),
        (Message::BndAck(ack), Body::BndAck(answers)) => answers.iter().any(|answer| {
            let address = answer.address.and_then(|address| cast.names.address(address));
            address == Some(ack.address) && answer.refusal.is_some() == ack.reject.is_some()
        }),
        (Message::UpdReq, Body::UpdReq)
        | (Message::UpdReqAll, Body::UpdReqAll)
        | (Message::UpdDone, Body::UpdDone)
        | (Message::PoolReq, Body::PoolReq)
        | (Message::PoolResp(_), Body::PoolResp(_)) => true,
        _ => false,
    }
}
