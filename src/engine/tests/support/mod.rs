//! What the engine's tests share: a clock that counts, endpoints built as they are wanted, two of them on an
//! in-order link, and messages as short lines.
#![allow(dead_code, reason = "each test file uses its part")]

use dhcpfo_engine::span;
use std::collections::VecDeque;

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Partner, Status};
use dhcpfo_engine::config::{Config, Pool};
use dhcpfo_engine::durable::{Durable, EndpointRecord};
use dhcpfo_engine::effect::{Answer, Ask, Effect, Input, Parameters, Request};
use dhcpfo_engine::endpoint::{Conversation, Endpoint, Phase, Session, Volatile};
use dhcpfo_engine::message::{Message, StateReport};
use dhcpfo_engine::rules::Rules;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::table::Inline;
use dhcpfo_time::{Clock, Span, Time};

/// Most addresses and most unanswered updates.
pub(crate) const N: usize = 4;
pub(crate) type Table = Inline<N>;
pub(crate) type Server = Endpoint<Table, N>;

/// A clock that counts: seconds, and a number of them for each span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counting {
    pub(crate) now: u32,
    pub(crate) spans: [u32; span::ALL.len()],
}

pub(crate) const HOUR: u32 = 3600;
pub(crate) const DAY: u32 = 24 * HOUR;

impl Counting {
    /// Small numbers in the order MCLT < lease < potential.
    pub(crate) fn small(now: u32) -> Counting {
        let mut clock = Counting { now, spans: [0; span::ALL.len()] };
        for (span, length) in [
            (span::MCLT, 10),
            (span::OTHER_MCLT, 13),
            (span::DESIRED_LEASE, 30),
            (span::POTENTIAL_LEAD, 45),
            (span::SAFE_PERIOD, 60),
            (span::STARTUP, 5),
            (span::ABANDON_TIME, 70),
            (span::MESSAGE_AGE, 3),
        ] {
            clock.set(span, length);
        }
        clock
    }

    pub(crate) fn set(&mut self, span: Span, length: u32) {
        self.spans[span.0 as usize] = length;
    }
}

impl Clock for Counting {
    fn now(&self) -> Time {
        Time::from_raw(self.now)
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        Time::from_raw(base.raw().saturating_add(self.spans[span.0 as usize]))
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

pub(crate) fn at(seconds: u32) -> Time {
    Time::from_raw(seconds)
}

pub(crate) fn config(role: Role) -> Config {
    Config {
        role,
        rules: Rules::DRAFT_12,
        buckets: Buckets::first(128),
        pool: Pool { secondary_share: 50, slack: None, ask: true, cover: false },
        safe_period: true,
        remember_last: false,
    }
}

/// Every state that a partner can report.
pub(crate) fn reports() -> Vec<Reported> {
    let states = State::ALL.into_iter().map(Reported::In);
    states.chain([Reported::Paused, Reported::Shutdown]).collect()
}

pub(crate) fn active(client: u32, partner: Partner, until: u32) -> Binding {
    Binding {
        partner,
        lease_expiration: at(until),
        client_last_transaction: at(1),
        start_of_status: at(1),
        ..Binding::known(Status::Active { client: ClientId(client) })
    }
}

pub(crate) fn durable(record: EndpointRecord, bindings: &[Binding]) -> Durable<Table> {
    Durable::found(Some(record), Inline::new(bindings, &[]))
}

pub(crate) const PARAMETERS: Parameters = Parameters { max_unacked: N as u8 };

pub(crate) fn conversation(partner: Reported) -> Conversation<N> {
    Conversation {
        parameters: PARAMETERS,
        partner,
        window: [None; N],
        flowing: false,
        asked: false,
        serving: None,
        pool_request_due: false,
        told_below: 0,
    }
}

/// A running endpoint in a state, on a connection that has come as far as `session`.
pub(crate) fn running(durable: Durable<Table>, session: Session<N>) -> Server {
    Endpoint::resume(durable, Volatile { phase: Phase::Running, session, safe_period_ends: None, heard: None })
}

pub(crate) fn state_message(state: Reported, startup: bool, since: u32) -> Input {
    Input::Message(Message::State(StateReport { state, startup, since: at(since) }))
}

pub(crate) fn step(server: &mut Server, config: &Config, clock: &mut Counting, input: Input) -> Vec<Effect> {
    let mut effects = Vec::new();
    server.step(config, clock, input, &mut |effect| effects.push(effect));
    effects
}

pub(crate) fn sent(effects: &[Effect]) -> Vec<Message> {
    let message = |effect: &Effect| if let Effect::Send(message) = effect { Some(*message) } else { None };
    effects.iter().filter_map(message).collect()
}

pub(crate) fn request(client: u32, ask: Ask, bucket: u8) -> Input {
    Input::Client(Request::new(ClientId(client), ask, bucket))
}

/// A message as the figures write it.
pub(crate) fn line(message: &Message) -> String {
    match message {
        Message::State(report) if report.startup => format!("STATE({}, STARTUP)", report.state.name()),
        Message::State(report) => format!("STATE({})", report.state.name()),
        Message::BndUpd(update) => format!("BNDUPD({} {})", update.address.0, update.status.code().name()),
        Message::BndAck(ack) => match ack.reject {
            None => format!("BNDACK({})", ack.address.0),
            Some(reason) => format!("BNDACK({} reject {})", ack.address.0, reason as u8),
        },
        Message::UpdReq => "UPDREQ".into(),
        Message::UpdReqAll => "UPDREQALL".into(),
        Message::UpdDone => "UPDDONE".into(),
        Message::PoolReq => "POOLREQ".into(),
        Message::PoolResp(count) => format!("POOLRESP({count})"),
    }
}

/// Two endpoints, an in-order link, one clock. Everything that happens is a line in `log`.
pub(crate) struct Pair {
    pub(crate) clock: Counting,
    pub(crate) configs: [Config; 2],
    pub(crate) servers: [Option<Server>; 2],
    /// Per receiver.
    pub(crate) queue: [VecDeque<Message>; 2],
    pub(crate) log: Vec<String>,
    /// Answers to clients since the last look.
    pub(crate) answers: Vec<(ClientId, Answer)>,
}

impl Pair {
    /// Both in NORMAL, with nothing left to say.
    pub(crate) fn normal(clock: Counting, bindings: &[Binding], configs: [Config; 2], max_unacked: u8) -> Pair {
        let record = EndpointRecord { last_operational: clock.now(), ..EndpointRecord::of(State::Normal) };
        let servers = [Session::Down; 2].map(|session| running(durable(record, bindings), session));
        let mut pair = Pair { configs, ..Pair::new(clock, servers) };
        for role in Role::ALL {
            pair.start(role, durable(record, bindings));
        }
        pair.connect(Role::Primary, max_unacked);
        pair.settle(Role::Secondary);
        assert_eq!(Role::ALL.map(|role| pair.state(role)), [State::Normal; 2], "{:?}", pair.log);
        pair.log.clear();
        pair
    }

    pub(crate) fn new(clock: Counting, servers: [Server; 2]) -> Pair {
        Pair {
            clock,
            configs: Role::ALL.map(config),
            servers: servers.map(Some),
            queue: [VecDeque::new(), VecDeque::new()],
            log: Vec::new(),
            answers: Vec::new(),
        }
    }

    pub(crate) fn server(&self, role: Role) -> &Server {
        self.servers[role.index()].as_ref().expect("it is up")
    }

    pub(crate) fn state(&self, role: Role) -> State {
        self.server(role).state()
    }

    pub(crate) fn binding(&self, role: Role, address: u32) -> Binding {
        self.server(role).durable().table().bindings()[address as usize]
    }

    /// One stimulus. The log gets what is sent ("P> UPDREQ") and a new state ("P = NORMAL").
    pub(crate) fn stimulate(&mut self, role: Role, input: Input) {
        let letter = ["P", "S"][role.index()];
        let server = self.servers[role.index()].as_mut().expect("it is up");
        let mut effects = Vec::new();
        let mut state = server.state();
        server.step(&self.configs[role.index()], &mut self.clock, input, &mut |effect| effects.push(effect));
        for effect in effects {
            match effect {
                Effect::Send(message) => {
                    self.log.push(format!("{letter}> {}", line(&message)));
                    self.queue[role.partner().index()].push_back(message);
                }
                Effect::Persist(dhcpfo_engine::durable::Record::Endpoint(record)) if record.state != state => {
                    state = record.state;
                    self.log.push(format!("{letter} = {}", state.name()));
                }
                Effect::Reply(client, answer) => self.answers.push((client, answer)),
                _ => {}
            }
        }
    }

    /// Starts a server on what it had.
    pub(crate) fn start(&mut self, role: Role, durable: Durable<Table>) {
        let server = Endpoint::start(&self.configs[role.index()], durable, &mut self.clock, &mut |_| {});
        self.servers[role.index()] = Some(server);
    }

    /// The next message for a server, if there is one.
    pub(crate) fn deliver(&mut self, role: Role) -> bool {
        let Some(message) = self.queue[role.index()].pop_front() else { return false };
        self.stimulate(role, Input::Message(message));
        true
    }

    /// Delivers until nothing is in flight: in turns, as the figures are drawn, first to `first`.
    pub(crate) fn settle(&mut self, first: Role) {
        while self.deliver(first) | self.deliver(first.partner()) {}
    }

    /// A connection over which each takes so many updates at once.
    pub(crate) fn connect(&mut self, first: Role, max_unacked: u8) {
        for role in [first, first.partner()] {
            self.stimulate(role, Input::Connected(Parameters { max_unacked }));
        }
    }

    pub(crate) fn break_link(&mut self) {
        self.queue.iter_mut().for_each(VecDeque::clear);
        for role in Role::ALL {
            self.stimulate(role, Input::Disconnected);
        }
    }

    pub(crate) fn wake(&mut self, role: Role) {
        self.stimulate(role, Input::Wake);
    }

    pub(crate) fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }
}

pub(crate) const A0: AddressId = AddressId(0);
pub(crate) const A1: AddressId = AddressId(1);
