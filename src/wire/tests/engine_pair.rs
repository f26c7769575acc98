//! Two engines with each other through sessions and frames, with clocks that are 50 seconds apart: from empty storage to
//! NORMAL, leases, a cut and the return.

mod bench;

use dhcpfo_engine::span;
use std::time::Duration;

use bench::{Names, config};
use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Code, Partner};
use dhcpfo_engine::config::{Config, Pool, Slack};
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::{Answer, Ask, Effect, Input as EngineInput, Request};
use dhcpfo_engine::endpoint::Endpoint;
use dhcpfo_engine::rules::Rules;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::{Inline, LeaseTable};
use dhcpfo_time::{Clock, Span, Time};
use dhcpfo_wire::convert::{Client, Directory};
use dhcpfo_wire::profile::Profile;
use dhcpfo_wire::session::{ConnectionId, Input, Now, Output, Session};

const ADDRESSES: usize = 8;
/// How far the secondary's clock is ahead, in seconds.
const AHEAD: u32 = 50;
const MCLT: u32 = 60;

/// A clock that says what it is told.
struct Wall(u32);

impl Clock for Wall {
    fn now(&self) -> Time {
        Time::from_raw(self.0)
    }
    fn after(&mut self, base: Time, span: Span) -> Time {
        let seconds = match span {
            span::MCLT | span::OTHER_MCLT => MCLT,
            span::DESIRED_LEASE => 300,
            span::POTENTIAL_LEAD => 450,
            span::STARTUP => 10,
            span::MESSAGE_AGE => 6,
            _ => 3600,
        };
        Time::from_raw(base.raw() + seconds)
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

struct Host {
    config: Config,
    endpoint: Endpoint<Inline<ADDRESSES>, 4>,
    session: Session,
    names: Names,
    clock: Wall,
    answers: Vec<Answer>,
}

impl Host {
    fn new(role: Role, profile: Profile) -> Host {
        let pool = Pool { secondary_share: 50, slack: Some(Slack::addresses(1)), ask: true, cover: true };
        let config = Config {
            role,
            rules: Rules::DRAFT_12,
            buckets: Buckets::first(128),
            pool,
            safe_period: false,
            remember_last: true,
        };
        let mut clock = Wall(bench::START + if role == Role::Secondary { AHEAD } else { 0 });
        let table = Inline::new(&[Binding::NEVER_USED; ADDRESSES], &[None; ADDRESSES]);
        let endpoint = Endpoint::start(&config, Durable::blank(table), &mut clock, &mut |_| {});
        let session = Session::new(bench::config(role, profile)).unwrap();
        Host { config, endpoint, session, names: Names::default(), clock, answers: Vec::new() }
    }

    fn now(&self) -> Now {
        Now { elapsed: Duration::from_secs(u64::from(self.clock.0 - bench::START)), wall: self.clock.0 }
    }

    /// One input to the engine; what it sends is translated at once, and sent.
    fn engine(&mut self, input: EngineInput, out: &mut Vec<Output>) {
        let mut effects = Vec::new();
        self.endpoint.step(&self.config, &mut self.clock, input, &mut |effect| effects.push(effect));
        let now = self.now();
        for effect in effects {
            match effect {
                Effect::Send(message) => {
                    if let Some(outbound) = self.session.outgoing(message, &self.names) {
                        self.session.send(now, outbound, out);
                    }
                }
                Effect::Reply(_, answer) => self.answers.push(answer),
                _ => {}
            }
        }
    }

    fn session(&mut self, input: Input<'_>) -> Vec<Output> {
        let (mut out, now) = (Vec::new(), self.now());
        self.session.handle(now, input, &mut self.names, &mut out);
        let mut all = Vec::new();
        for output in out {
            match output {
                Output::Engine(input) => self.engine(input, &mut all),
                other => all.push(other),
            }
        }
        all
    }

    fn binding(&self, address: u32) -> Binding {
        self.endpoint.durable().table().get(AddressId(address))
    }

    fn count(&self, code: Code) -> u32 {
        self.endpoint.durable().table().count(code)
    }
}

struct Pair {
    hosts: [Host; 2],
    next: u64,
    cut: bool,
    open: Vec<ConnectionId>,
}

impl Pair {
    fn new(profile: Profile) -> Pair {
        Pair { hosts: Role::ALL.map(|role| Host::new(role, profile)), next: 1, cut: false, open: Vec::new() }
    }

    fn carry(&mut self, from: usize, out: Vec<Output>) {
        for output in out {
            let to = 1 - from;
            let reaction = match output {
                Output::Dial if self.cut => (from, self.hosts[from].session(Input::DialFailed)),
                Output::Dial => {
                    let id = ConnectionId(self.next);
                    self.next += 1;
                    self.open.push(id);
                    let accepted = self.hosts[to].session(Input::Accepted(id));
                    self.carry(to, accepted);
                    (from, self.hosts[from].session(Input::Dialled(id)))
                }
                Output::Write(..) if self.cut => continue,
                Output::Write(id, octets) => (to, self.hosts[to].session(Input::Octets(id, &octets))),
                Output::Close(id) => (to, self.hosts[to].session(Input::Closed(id))),
                Output::Alarm(text) => panic!("{text}"),
                _ => continue,
            };
            self.carry(reaction.0, reaction.1);
        }
    }

    fn pass(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.hosts.iter_mut().for_each(|host| host.clock.0 += 1);
            for end in 0..2 {
                let mut out = self.hosts[end].session(Input::Wake);
                self.hosts[end].engine(EngineInput::Wake, &mut out);
                self.carry(end, out);
            }
        }
    }

    fn ask(&mut self, end: usize, client: u8, bucket: u8, ask: Ask) -> Option<Answer> {
        let identity = Client { identifier: None, hardware_address: vec![1, 2, 0, 0, 0, 0, client] };
        let host = &mut self.hosts[end];
        let client = host.names.client_id(&identity).unwrap();
        let mut out = Vec::new();
        host.engine(EngineInput::Client(Request::new(client, ask, bucket)), &mut out);
        let answer = host.answers.pop();
        self.carry(end, out);
        answer
    }

    fn states(&self) -> [State; 2] {
        self.hosts.each_ref().map(|host| host.endpoint.state())
    }
}

fn normal(profile: Profile) -> Pair {
    let mut pair = Pair::new(profile);
    pair.pass(200);
    assert_eq!(pair.states(), [State::Normal; 2]);
    for host in &pair.hosts {
        assert_eq!((host.count(Code::Free), host.count(Code::Backup)), (4, 4), "half of the pool each");
    }
    pair
}

#[test]
fn from_empty_storage_to_normal() {
    // With dhcpd's habits between two of ours as well: the words are others, the meaning is the same.
    for profile in Profile::ALL {
        normal(Profile { corrects_times: true, ..*profile });
    }
}

#[test]
fn a_lease_is_known_to_both_and_its_times_are_by_each_ones_clock() {
    let mut pair = normal(Profile::DRAFT);
    let Some(Answer::Offer(address)) = pair.ask(0, 1, 200, Ask::Discover) else { panic!("no offer") };
    let Some(Answer::Ack(_, end)) = pair.ask(0, 1, 200, Ask::Select(address)) else { panic!("no lease") };
    assert_eq!(end.raw() - pair.hosts[0].clock.0, MCLT);
    let [mine, theirs] = pair.hosts.each_ref().map(|host| host.binding(address.0));
    assert_eq!((mine.status.code(), theirs.status.code()), (Code::Active, Code::Active));
    assert_eq!(theirs.lease_expiration.raw(), mine.lease_expiration.raw() + AHEAD);
    assert_eq!(theirs.received_potential_expiration.raw(), mine.sent_potential_expiration.raw() + AHEAD);
    assert_eq!((mine.partner, mine.acked_potential_expiration), (Partner::UpToDate, mine.sent_potential_expiration));
    assert_eq!(pair.hosts[1].names.0.len(), 1, "the client has come over the wire");
    // Known to the partner, so the next one is as long as it should be.
    let Some(Answer::Ack(_, end)) = pair.ask(0, 1, 200, Ask::Renew(address)) else { panic!("no renewal") };
    assert_eq!(end.raw() - pair.hosts[0].clock.0, 300);
    // Given back in the second of the renewal, it is the primary's again on both (Q110).
    assert_eq!(pair.ask(0, 1, 200, Ask::Release(address)), None);
    pair.pass(1);
    let statuses = pair.hosts.each_ref().map(|host| host.binding(address.0).status.code());
    assert!(statuses[0] == statuses[1] && matches!(statuses[0], Code::Free | Code::Backup), "{statuses:?}");
}

#[test]
fn a_cut_is_noticed_and_what_happened_meanwhile_is_told_afterwards() {
    let mut pair = normal(Profile::DRAFT);
    pair.cut = true;
    pair.pass(10);
    assert_eq!(pair.states(), [State::CommunicationsInterrupted; 2]);
    let mut leased = Vec::new();
    for (end, client) in [(0, 1), (1, 2)] {
        let Some(Answer::Offer(address)) = pair.ask(end, client, 7, Ask::Discover) else { panic!("no offer") };
        assert!(matches!(pair.ask(end, client, 7, Ask::Select(address)), Some(Answer::Ack(..))));
        leased.push(address);
    }
    assert_ne!(leased[0], leased[1]);
    pair.cut = false;
    pair.pass(70);
    assert_eq!(pair.states(), [State::Normal; 2]);
    for address in leased {
        let ends = pair.hosts.each_ref().map(|host| host.binding(address.0));
        assert_eq!(ends[0].status.code(), ends[1].status.code());
        assert!(ends.iter().all(|binding| binding.partner == Partner::UpToDate));
    }
    let keys = |host: &Host| {
        let mut all: Vec<_> = (0u32..).map_while(|id| host.names.client(ClientId(id))).collect();
        all.sort();
        all
    };
    assert_eq!(keys(&pair.hosts[0]), keys(&pair.hosts[1]), "the same two clients, whatever their numbers");
    assert_eq!(config(Role::Primary, Profile::DRAFT).mclt, MCLT);
}
