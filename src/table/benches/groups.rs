//! What a step of a server costs with many pool groups: `cargo bench -p dhcpfo-table --bench groups -- [ROUNDS]`.
//!
//! A primary in NORMAL with 10,000 addresses leases each of them, hears the acknowledgement, has it given back, and hears
//! that, while it keeps every group in balance. All numbers of groups take turns in each round, so that a noisy machine
//! hits them alike; told is the least time of a step over the rounds, in nanoseconds.

use std::time::{Duration, Instant};

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_engine::config::{Config, Pool, Slack};
use dhcpfo_engine::durable::{Durable, EndpointRecord};
use dhcpfo_engine::effect::{Ask, Effect, Input, Parameters, Request, Within};
use dhcpfo_engine::endpoint::{Endpoint, Phase, Session, Volatile};
use dhcpfo_engine::message::{BndAck, Message, StateReport};
use dhcpfo_engine::rules::Rules;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_table::Indexed;
use dhcpfo_time::{Clock, Span, Time};

const ADDRESSES: u32 = 10_000;
const WINDOW: usize = 16;
const GROUPS: [u32; 5] = [1, 12, 100, 1_000, 5_000];

/// A clock that goes on by a second each step.
struct Ticking(u32);

impl Clock for Ticking {
    fn now(&self) -> Time {
        Time::from_raw(self.0)
    }
    fn after(&mut self, base: Time, _: Span) -> Time {
        Time::from_raw(base.raw() + 1_000_000)
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

struct Server {
    config: Config,
    clock: Ticking,
    endpoint: Endpoint<Indexed, WINDOW>,
    steps: u64,
}

impl Server {
    /// One that is in NORMAL, with its secondary.
    fn new(groups: u32) -> Server {
        let pool =
            Pool { secondary_share: 50, slack: Some(Slack { addresses: 1, per_mille: 20 }), ask: true, cover: true };
        let config = Config {
            role: Role::Primary,
            rules: Rules::DRAFT_12,
            buckets: Buckets::first(128),
            pool,
            safe_period: false,
            remember_last: true,
        };
        let firsts: Vec<u32> = (0..groups).map(|group| group * (ADDRESSES / groups)).collect();
        let table = Indexed::new(ADDRESSES, &[]).in_groups(&firsts, pool);
        let durable = Durable::found(Some(EndpointRecord::of(State::Normal)), table);
        let volatile = Volatile { phase: Phase::Running, session: Session::Down, safe_period_ends: None, heard: None };
        let mut server =
            Server { config, clock: Ticking(1_000), endpoint: Endpoint::resume(durable, volatile), steps: 0 };
        let report = StateReport { state: Reported::In(State::Normal), startup: false, since: Time::LONG_AGO };
        server.step(Input::Connected(Parameters { max_unacked: WINDOW as u8 }));
        server.step(Input::Message(Message::State(report)));
        server.step(Input::Message(Message::PoolReq));
        server
    }

    /// A step, and those in which the partner acknowledges what came of it.
    fn step(&mut self, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            self.clock.0 += 1;
            self.steps += 1;
            self.endpoint.step(&self.config, &mut self.clock, input, &mut |effect| {
                if let Effect::Send(Message::BndUpd(update)) = effect {
                    let ack = BndAck { transaction: update.transaction, address: update.address, reject: None };
                    inputs.push(Input::Message(Message::BndAck(ack)));
                }
            });
        }
    }

    /// Every address once.
    fn round(&mut self) -> Duration {
        let (begun, steps) = (Instant::now(), self.steps);
        for address in 0..ADDRESSES {
            for ask in [Ask::Discover, Ask::Select(AddressId(address)), Ask::Release(AddressId(address))] {
                let within = Within { first: address, end: address + 1 };
                self.step(Input::Client(Request { within, ..Request::new(ClientId(address), ask, 200) }));
            }
        }
        begun.elapsed() / (self.steps - steps) as u32
    }
}

fn main() {
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse::<u32>().ok()).unwrap_or(7);
    let mut servers = GROUPS.map(|groups| (groups, Server::new(groups), Duration::MAX));
    for _ in 0..rounds {
        for (_, server, least) in &mut servers {
            *least = server.round().min(*least);
        }
    }
    for (groups, _, least) in servers {
        println!("{groups:>6} groups  {:>6} ns a step", least.as_nanos());
    }
}
