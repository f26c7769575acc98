//! A server of a simulation: the engine on a table with indexes, a clock of its own, and a disk that takes time.

use dhcpfo_clock::Values;
use dhcpfo_engine::balance::Available;
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Code};
use dhcpfo_engine::config::{Config, Pool};
use dhcpfo_engine::durable::{Durable, EndpointRecord, Record};
use dhcpfo_engine::effect::{Effect, Input};
use dhcpfo_engine::endpoint::{Endpoint, Phase};
use dhcpfo_engine::service::{Service, service};
use dhcpfo_engine::state::State;
use dhcpfo_engine::table::{Group, LeaseTable};
use dhcpfo_table::Indexed;
use dhcpfo_time::{Clock, Span, Time};
use std::cell::RefCell;
use std::rc::Rc;

/// Most BNDUPDs without an answer.
pub const WINDOW: usize = 16;

/// The beginning of a simulation as servers' clocks have it, in seconds.
pub const BEGINNING: u32 = 1_000_000_000;

/// How often a server in PARTNER-DOWN looks for bindings that have rested, in seconds.
const REST_LOOK: u32 = 10;

/// What changed bindings were before, in the order of the changes.
type Journal = Rc<RefCell<Vec<(AddressId, Binding)>>>;

/// A table that writes down what it had before.
pub(super) struct Stored {
    pub(super) table: Indexed,
    journal: Option<Journal>,
}

impl LeaseTable for Stored {
    fn len(&self) -> u32 {
        self.table.len()
    }
    fn get(&self, address: AddressId) -> Binding {
        self.table.get(address)
    }
    fn put(&mut self, address: AddressId, binding: Binding) {
        if let Some(journal) = &self.journal {
            journal.borrow_mut().push((address, self.table.get(address)));
        }
        self.table.put(address, binding);
    }
    fn reserved(&self, address: AddressId) -> Option<ClientId> {
        self.table.reserved(address)
    }
    fn next_dirty(&self, from: u32) -> Option<AddressId> {
        self.table.next_dirty(from)
    }
    fn next_informed(&self, from: u32, partner: dhcpfo_engine::binding::Partner) -> Option<AddressId> {
        self.table.next_informed(from, partner)
    }
    fn next_over(&self, from: u32, code: Code, clock: &dyn Clock) -> Option<AddressId> {
        self.table.next_over(from, code, clock)
    }
    fn next_reserved(&self, from: u32, client: ClientId) -> Option<AddressId> {
        self.table.next_reserved(from, client)
    }
    fn groups(&self) -> u32 {
        self.table.groups()
    }
    fn group(&self, address: AddressId) -> Group {
        self.table.group(address)
    }
    fn available(&self, of: Option<Group>) -> Available {
        self.table.available(of)
    }
    fn next_uneven(&self, from: Group, pool: &Pool) -> Option<Group> {
        self.table.next_uneven(from, pool)
    }
    fn next_movable(&self, of: Option<Group>, from: u32, code: Code) -> Option<AddressId> {
        self.table.next_movable(of, from, code)
    }
    fn next_reservation(&self, from: u32) -> Option<AddressId> {
        self.table.next_reservation(from)
    }
    fn next_with(&self, from: u32, code: Code) -> Option<AddressId> {
        self.table.next_with(from, code)
    }
    fn next_of(&self, from: u32, client: ClientId) -> Option<AddressId> {
        self.table.next_of(from, client)
    }
    fn count(&self, code: Code) -> u32 {
        self.table.count(code)
    }
}

/// A server's clock: whole seconds, never backwards.
pub(super) struct ServerClock {
    values: Values,
    now: Time,
}

impl ServerClock {
    pub(super) fn new(values: Values) -> ServerClock {
        ServerClock { values, now: Time::from_raw(BEGINNING) }
    }

    /// Comes to this instant, unless it is past it.
    pub(super) fn set(&mut self, seconds: u64) {
        self.now = self.later(self.now, Time::from_raw(BEGINNING.saturating_add(seconds as u32)));
    }
}

impl Clock for ServerClock {
    fn now(&self) -> Time {
        self.now
    }
    fn after(&mut self, base: Time, span: Span) -> Time {
        Time::from_raw(base.raw().saturating_add(self.values.get(span)).min(u32::MAX - 1))
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

/// What a server does once what goes before is on stable storage.
#[derive(Clone, Copy)]
pub(super) struct Out {
    pub(super) effect: Effect,
    /// The instant of the step, by the server's own clock.
    pub(super) told: Time,
    /// When the question that it answers was sent, by the client's clock; 0 if it answers none.
    pub(super) asked: u32,
}

/// What is to be undone if a write is lost.
enum Undo {
    Binding(AddressId, Binding),
    Endpoint(EndpointRecord),
}

/// A server.
pub(super) struct Server {
    pub(super) config: Config,
    pub(super) clock: ServerClock,
    up: Option<Endpoint<Stored, WINDOW>>,
    down: Option<Durable<Stored>>,
    journal: Option<Journal>,
    undo: Vec<Undo>,
    /// Of `undo`, those that are being written.
    writing: usize,
    pub(super) is_writing: bool,
    waiting: Vec<Out>,
    written: Vec<Out>,
    /// Counts crashes, so that what was planned before one is known to be void.
    pub(super) life: u32,
    /// The next instant at which it will be woken.
    pub(super) wake_at: Time,
    /// Where the next address to offer is looked for.
    pub(super) cursor: u32,
    /// It crashes between two effects of what it does next.
    pub(super) crashes_in_step: bool,
    /// It was in PARTNER-DOWN when it went down, or has not been told since it lost what it knew of that.
    pub(super) leased_alone: bool,
}

impl Server {
    /// Off, with this on stable storage. `remembers`: what was changed can be undone, since a write may be lost.
    pub(super) fn new(
        config: Config,
        values: Values,
        table: Indexed,
        record: Option<EndpointRecord>,
        remembers: bool,
    ) -> Server {
        let journal = remembers.then(Journal::default);
        Server {
            config,
            clock: ServerClock::new(values),
            up: None,
            down: Some(Durable::found(record, Stored { table, journal: journal.clone() })),
            journal,
            undo: Vec::new(),
            writing: 0,
            is_writing: false,
            waiting: Vec::new(),
            written: Vec::new(),
            life: 0,
            wake_at: Time::SOMETIME,
            cursor: 0,
            crashes_in_step: false,
            leased_alone: false,
        }
    }

    /// What its clock shows.
    pub(super) fn second(&self) -> u32 {
        self.clock.now().raw()
    }

    pub(super) fn is_up(&self) -> bool {
        self.up.is_some()
    }

    pub(super) fn durable(&self) -> Option<&Durable<Stored>> {
        self.up.as_ref().map(Endpoint::durable).or(self.down.as_ref())
    }

    pub(super) fn table(&self) -> Option<&Indexed> {
        self.durable().map(|durable| &durable.table().table)
    }

    pub(super) fn endpoint(&self) -> Option<&Endpoint<Stored, WINDOW>> {
        self.up.as_ref()
    }

    /// The state, if it runs and is past STARTUP.
    pub(super) fn running(&self) -> Option<State> {
        self.up.as_ref().filter(|e| e.volatile().phase == Phase::Running).map(Endpoint::state)
    }

    /// How responsive it is to clients.
    pub(super) fn service(&self) -> Service {
        match &self.up {
            Some(endpoint) if endpoint.volatile().phase == Phase::Running => {
                service(&self.config.rules, endpoint.state(), endpoint.volatile().heard)
            }
            _ => Service::Silent,
        }
    }

    /// Starts. What it does then is on stable storage at once, and nobody sees anything of it.
    pub(super) fn start(&mut self) -> bool {
        let Some(durable) = self.down.take() else { return false };
        self.up = Some(Endpoint::start(&self.config, durable, &mut self.clock, &mut |_| {}));
        self.settled();
        true
    }

    /// Takes a stimulus; the effects are put into `effects`.
    pub(super) fn step(&mut self, input: Input, effects: &mut Vec<Effect>) {
        let Some(endpoint) = &mut self.up else { return };
        let mut record = endpoint.durable().endpoint().copied();
        endpoint.step(&self.config, &mut self.clock, input, &mut |effect| effects.push(effect));
        let Some(journal) = &self.journal else { return };
        let mut journal = journal.borrow_mut();
        let mut before = journal.drain(..);
        for effect in effects.iter() {
            match effect {
                Effect::Persist(Record::Binding(..)) => {
                    self.undo.extend(before.next().map(|(address, binding)| Undo::Binding(address, binding)));
                }
                Effect::Persist(Record::Endpoint(new)) => {
                    self.undo.extend(record.replace(*new).map(Undo::Endpoint));
                }
                _ => {}
            }
        }
    }

    /// Everything is on stable storage.
    pub(super) fn settled(&mut self) {
        self.undo.clear();
        if let Some(journal) = &self.journal {
            journal.borrow_mut().clear();
        }
    }

    /// Has these wait for the next write.
    pub(super) fn hold(&mut self, out: impl Iterator<Item = Out>) {
        self.waiting.extend(out);
    }

    /// Whether something waits to be written, or for what is.
    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty() || self.undo.len() > self.writing
    }

    /// Begins to write what waits.
    pub(super) fn begin_write(&mut self) {
        self.is_writing = true;
        self.writing = self.undo.len();
        std::mem::swap(&mut self.waiting, &mut self.written);
    }

    /// The write is over: what may be carried out now.
    pub(super) fn end_write(&mut self) -> Vec<Out> {
        self.is_writing = false;
        self.undo.drain(..self.writing);
        self.writing = 0;
        std::mem::take(&mut self.written)
    }

    /// All changes but the latest are on stable storage.
    pub(super) fn settle_but(&mut self, latest: usize) {
        let settled = self.undo.len().saturating_sub(latest);
        self.undo.drain(..settled);
    }

    /// The power fails. Of what was not on stable storage the first `kept` changes are, by chance.
    pub(super) fn crash(&mut self, kept: impl FnOnce(usize) -> usize, blank: Option<Indexed>) -> bool {
        let Some(endpoint) = self.up.take() else { return false };
        let operated = endpoint.operates(&self.config);
        let mut durable = endpoint.crash();
        let kept = kept(self.undo.len());
        for undo in self.undo.drain(..).skip(kept).rev() {
            match undo {
                Undo::Binding(address, binding) => durable.apply(&Record::Binding(address, binding)),
                Undo::Endpoint(record) => durable.apply(&Record::Endpoint(record)),
            }
        }
        self.settled();
        self.down = Some(match blank {
            Some(table) => Durable::blank(Stored { table, journal: self.journal.clone() }),
            None => {
                if let Some(record) = durable.endpoint().copied().filter(|_| operated) {
                    let last_operational = self.clock.now();
                    durable.apply(&Record::Endpoint(EndpointRecord { last_operational, ..record }));
                }
                durable
            }
        });
        self.settled();
        self.waiting.clear();
        self.written.clear();
        (self.writing, self.is_writing) = (0, false);
        self.life += 1;
        self.wake_at = Time::SOMETIME;
        self.crashes_in_step = false;
        true
    }

    /// When it has to be woken next.
    pub(super) fn due(&self) -> Option<Time> {
        let endpoint = self.up.as_ref()?;
        let (volatile, record) = (endpoint.volatile(), endpoint.durable().endpoint()?);
        if let Phase::Startup { ends } = volatile.phase {
            return Some(ends);
        }
        if volatile.phase != Phase::Running {
            return None;
        }
        let table = &endpoint.durable().table().table;
        let wait = (record.state == State::RecoverWait).then_some(record.recover_wait_ends);
        let ended = [Code::Expired, Code::Released, Code::Reset].into_iter().any(|code| table.count(code) > 0);
        let rest =
            (record.state == State::PartnerDown && ended).then(|| Time::from_raw(self.clock.now().raw() + REST_LOOK));
        let deadlines = [volatile.safe_period_ends, wait, table.first_end(), rest];
        deadlines.into_iter().flatten().reduce(|first, other| self.clock.earlier(first, other))
    }
}
