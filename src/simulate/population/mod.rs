//! A pair of servers with many clients, over years of virtual time.
//!
//! The engine is the one that is searched and served, on the table of the server. Time is in milliseconds, the
//! protocol's in seconds. Everything that happens is an event in one queue, and the seed decides the rest. What clients
//! hold and what servers send is judged at each event, by claims with the names of those in `properties`:
//! `no-duplicate-address`, `mclt-bound`, `acked-before-reuse`, `own-pool-only`, `durable-before-visible`; and at the
//! end, when all is healed, `progress`: both servers come to NORMAL and agree, and all clients are served.
//!
//! The draft assumes that nobody is in PARTNER-DOWN while the partner serves. Once that was violated (a safe period in
//! a partition, an operator's mistake), or a server given the other's role, what is refuted is counted apart: see
//! [`Measures::beyond`]. The same holds for clocks that drift or step, of which the draft knows nothing; for a message
//! between the servers that was under way for MCLT or longer (Q7); and after the failure of both servers, one after the
//! other, which is known to refute the draft (`models/broken/both-servers-fail.toml`). What follows a late packet of a
//! client is counted apart at its address only: see `late`.

mod aside;
mod client;
mod clients;
mod faults;
mod follow;
mod judge;
mod late;
mod link;
mod measure;
mod project;
mod queue;
mod server;
mod servers;
mod watch;

pub use aside::{Aside, Broken, Dry, PutAside};
pub use measure::{Measures, QUANTILES, Spread, about};
pub use project::{model_text, projected};
pub use server::{BEGINNING, WINDOW};
pub use watch::Watch;

use client::Client;
use dhcpfo_clock::Values;
use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::config::{Config, Pool, Slack};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::effect::{Ask, Effect, Input, Within};
use dhcpfo_engine::endpoint::Volatile;
use dhcpfo_engine::span;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_files::simulation::{Setting, Settings, SimulationFile};
use dhcpfo_table::Indexed;
use dhcpfo_time::Time;
use dhcpfo_world::action::What;
use follow::Followed;
use link::Link;
use queue::Queue;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use server::Server;
use std::collections::BTreeMap;
use watch::Watched;

/// Something that happens.
#[derive(Clone, Copy)]
enum Event {
    /// A client comes, or comes back.
    Come(u32),
    /// A client leaves.
    Leave(u32),
    /// A client's timer of that number runs out.
    Timer(u32, u32),
    /// A packet of a client arrives at a server.
    /// `sent`: in which second of the client's clock.
    Ask { client: u32, id: u32, ask: Ask, server: u8, waited: bool, sent: u32 },
    /// A packet of a server arrives at a client; a lease begins in that second of the client's clock, and lasts so many.
    Answer { client: u32, id: u32, said: Said, address: u32, lease: (u32, u32), server: u8 },
    /// A message between the servers arrives.
    Arrive { to: u8, epoch: u32 },
    /// A server finds that the connection is gone.
    Lost { role: u8, epoch: u32 },
    /// A server has heard nothing since that partition began.
    Silence { role: u8, cut: u32 },
    /// The servers try to connect.
    Connect,
    /// A write is on stable storage.
    Written { role: u8, life: u32 },
    /// A server looks at its clock.
    Wake { role: u8, at: Time },
    /// A server is started.
    Restart { role: u8, life: u32 },
    /// An operator looks after a crash of the partner.
    Operator { role: u8, partners_life: u32 },
    /// A partition ends.
    CutEnds(u32),
    /// A partition that flaps begins again.
    CutAgain { left: u8, length: u32 },
    /// A fault of this kind comes by chance.
    Fault(faults::Fault),
    /// A server is given its own role again.
    OwnRole(u8),
    /// The entry of the script with that number.
    Script(u32),
    /// Measures are taken.
    Sample,
}

/// What a server answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Offer,
    Ack,
    Nak,
    Informed,
}

/// A million clients have more than a million events before them, which are moved about in [`Queue`].
const _: () = assert!(size_of::<(u64, Event)>() == 32);

/// A claim that was refuted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub claim: &'static str,
    /// When, in seconds.
    pub at: u64,
    /// By what.
    pub detail: String,
}

/// A claim that was refuted where the draft does not promise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// What is counted apart.
    pub violation: Violation,
    /// Since when, in seconds.
    pub since: u64,
    /// Why.
    pub why: &'static str,
}

/// What somebody sees who looks on.
pub enum Sight<'a> {
    /// A server took a stimulus, or started.
    Step {
        /// Which server.
        role: Role,
        /// Its clock, which began at [`BEGINNING`].
        second: u32,
        /// What came; None: it started.
        input: Option<Input>,
        /// What it does.
        effects: &'a [Effect],
        /// Its recorded state afterwards.
        state: State,
        /// What it has in memory.
        volatile: &'a Volatile<WINDOW>,
        /// What it has stored, or is about to.
        table: &'a Indexed,
    },
    /// A server stopped working.
    Crash(Role),
    /// A client has an address until that second of the simulation; None: no longer.
    Holds(u32, u32, Option<u32>),
    /// A claim is refuted.
    Refuted(&'a Violation),
}

/// Somebody who looks on: is told the milliseconds since the beginning, and what there is to see.
pub type Look<'f> = dyn FnMut(u64, &Sight<'_>) + 'f;

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The settings, as drawn.
    pub settings: Settings,
    /// Its length in seconds, as drawn.
    pub until: u32,
    /// What was measured.
    pub measures: Measures,
    /// The first claim that was refuted.
    pub violation: Option<Violation>,
    /// The first claims that were refuted and are counted apart.
    pub apart: Vec<Apart>,
    /// All of them, summed up.
    pub aside: Aside,
    /// The first assumption of the draft that does not hold for any address any more.
    pub broken: Option<Broken>,
    /// When servers had no address to give, the first times.
    pub dry: Vec<Dry>,
    /// What happened about the address that was followed, a line for each event.
    pub followed: Vec<String>,
    /// Whoever watched it ended it; nothing is demanded of it then.
    pub interrupted: bool,
}

/// A run in progress.
struct Run<'f> {
    file: &'f SimulationFile,
    settings: &'f Settings,
    random: Xoshiro256PlusPlus,
    queue: Queue<Event>,
    now: u64,
    servers: [Server; 2],
    link: Link,
    clients: Vec<Client>,
    /// Who holds an address, as clients know it.
    holders: Vec<u32>,
    effects: Vec<Effect>,
    /// When the question of the step at hand was sent.
    asked: u32,
    measures: Measures,
    violation: Option<Violation>,
    apart: Vec<Apart>,
    aside: Aside,
    dry: Vec<Dry>,
    /// When each server came to its present state, in seconds.
    entered: [u64; 2],
    /// The first of the draft's assumptions that does not hold any more.
    beyond: Option<Broken>,
    /// At which addresses they do not, since when and until when.
    put_aside: BTreeMap<u32, (u64, u64)>,
    /// Faults happen.
    faulty: bool,
    /// Nobody starts these but a script.
    held_down: [bool; 2],
    /// Seconds by which the secondary's clock is ahead.
    offset: u64,
    /// When each server went to PARTNER-DOWN, until it gives the first address of the partner's pool.
    down_since: [Option<u64>; 2],
    sampled: u64,
    /// What happened, in the world's words, each with its second; None: nobody wants to know.
    told: Option<Vec<(u32, What)>>,
    followed: Option<Followed>,
    watched: Watched<'f>,
    interrupted: bool,
    /// Who looks on.
    look: Option<&'f mut Look<'f>>,
}

/// Draws settings from the seed: every option of every fault, and the sizes that matter.
pub fn drawn(settings: &Settings, until: u32, seed: u64) -> (Settings, u32) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x5eed_0f5e_7713_65d1);
    let mut drawn = settings.clone();
    for &setting in Setting::ALL {
        let choices = setting.swarm();
        if choices.len() > 1 {
            drawn.set(setting, choices[random.random_range(0..choices.len() as u32) as usize]);
        }
    }
    if drawn.get(Setting::Mclt) >= drawn.get(Setting::Lease) {
        drawn.set(Setting::Lease, 2.0 * drawn.get(Setting::Mclt));
    }
    // As many leases as there is time for, whatever their length.
    let until = f64::from(until).min(200.0 * drawn.get(Setting::Lease)).max(3600.0);
    (drawn, until as u32)
}

/// One run. The same settings and seed give the same run.
pub fn run(file: &SimulationFile, settings: &Settings, until: u32, seed: u64) -> Outcome {
    run_watched(file, settings, until, seed, Watch::default())
}

/// One run that somebody watches, and may end.
pub fn run_watched(file: &SimulationFile, settings: &Settings, until: u32, seed: u64, watch: Watch<'_>) -> Outcome {
    let mut run = Run::new(file, settings, seed);
    run.watched = Watched::new(watch);
    run.followed = watch.follow.map(Followed::new);
    to_the_end(run, settings, until)
}

/// The same, while somebody looks on.
pub fn watched<'f>(
    file: &'f SimulationFile,
    settings: &'f Settings,
    until: u32,
    seed: u64,
    look: &'f mut Look<'f>,
) -> Outcome {
    let mut run = Run::new(file, settings, seed);
    run.look = Some(look);
    to_the_end(run, settings, until)
}

fn to_the_end(mut run: Run<'_>, settings: &Settings, until: u32) -> Outcome {
    run.begin();
    run.go_on(u64::from(until) * 1000);
    if run.violation.is_none() && !run.interrupted {
        run.heal();
    }
    run.note_waits();
    run.measures.virtual_seconds = run.now / 1000;
    run.measures.beyond_runs = u64::from(run.beyond.is_some());
    let Run { measures, violation, apart, aside, dry, interrupted, beyond: broken, .. } = run;
    let followed = run.followed.map(|followed| followed.lines).unwrap_or_default();
    let settings = settings.clone();
    Outcome { settings, until, measures, violation, apart, aside, broken, dry, followed, interrupted }
}

fn values(settings: &Settings) -> Values {
    let seconds = |setting| settings.get(setting).max(1.0) as u32;
    let lease = seconds(Setting::Lease);
    let lead = match seconds(Setting::Lead) {
        lead if lead > lease => lead,
        _ => lease + lease / 2 + 1,
    };
    let lengths = [
        (span::MCLT, seconds(Setting::Mclt)),
        (span::OTHER_MCLT, seconds(Setting::Mclt)),
        (span::DESIRED_LEASE, lease),
        (span::POTENTIAL_LEAD, lead),
        (span::SAFE_PERIOD, seconds(Setting::SafePeriod).min(Values::LONGEST)),
        (span::STARTUP, seconds(Setting::Startup)),
        (span::ABANDON_TIME, 86_400),
        (span::MESSAGE_AGE, seconds(Setting::ReceiveTimer)),
    ];
    Values::new(&lengths.map(|(span, length)| (span, length.min(Values::LONGEST)))).unwrap_or_default()
}

/// How the addresses of each link are shared.
fn pool(settings: &Settings) -> Pool {
    let per_mille = (settings.get(Setting::Slack) * 1000.0).round() as u16;
    Pool {
        secondary_share: settings.get(Setting::SecondaryShare) as u8,
        slack: Some(Slack { addresses: 0, per_mille }),
        ask: true,
        cover: true,
    }
}

/// The addresses of a link.
fn within(settings: &Settings, link: u16) -> Within {
    let (links, addresses) = (settings.get(Setting::Links) as u64, settings.get(Setting::Addresses) as u64);
    let first = |link: u64| (link * addresses / links) as u32;
    Within { first: first(u64::from(link)), end: first(u64::from(link) + 1) }
}

/// The addresses as a server with an empty store has them: never used, and all the primary's. Each link is a pool group.
fn blank_table(settings: &Settings) -> Indexed {
    let addresses = settings.get(Setting::Addresses) as u32;
    let mut firsts: Vec<u32> =
        (0..settings.get(Setting::Links) as u16).map(|link| within(settings, link).first).collect();
    // Where there are more links than addresses, some have none.
    firsts.dedup();
    Indexed::new(addresses, &[]).in_groups(&firsts, pool(settings))
}

impl<'f> Run<'f> {
    fn new(file: &'f SimulationFile, settings: &'f Settings, seed: u64) -> Run<'f> {
        let get = |setting| settings.get(setting);
        let (addresses, clients) = (get(Setting::Addresses) as u32, get(Setting::Clients) as u32);
        let config = |role| Config {
            role,
            rules: file.rules,
            buckets: Buckets::first(get(Setting::Split) as u16),
            pool: pool(settings),
            safe_period: get(Setting::SafePeriod) > 0.0,
            remember_last: false,
        };
        let slow = get(Setting::DiskDelay) > 0.0 || get(Setting::SlowDisk) > 0.0;
        let remembers = slow || get(Setting::Crashes) > 0.0 && get(Setting::CrashInStep) > 0.0;
        let table = blank_table(settings);
        let record = Some(EndpointRecord::of(State::Normal));
        let values = values(settings);
        let server = |role| Server::new(config(role), values, table.clone(), record, remembers);
        let drifts = get(Setting::ClockDrift) > 0.0 || get(Setting::ClientDrift) > 0.0;
        Run {
            file,
            settings,
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
            queue: Queue::new(),
            now: 0,
            servers: Role::ALL.map(server),
            link: Link::default(),
            clients: (0..clients).map(Client::new).collect(),
            holders: vec![client::NONE; addresses as usize],
            effects: Vec::new(),
            asked: 0,
            measures: Measures::default(),
            violation: None,
            apart: Vec::new(),
            aside: Aside::new(),
            dry: Vec::new(),
            entered: [0; 2],
            beyond: drifts.then_some(Broken { since: 0, why: "clocks drift" }),
            put_aside: BTreeMap::new(),
            faulty: true,
            held_down: [false; 2],
            offset: get(Setting::ClockOffset) as u64,
            down_since: [None; 2],
            sampled: 0,
            told: None,
            followed: None,
            watched: Watched::new(Watch::default()),
            interrupted: false,
            look: None,
        }
    }

    /// From here on the draft does not promise anything, if that is so.
    fn go_beyond(&mut self, is_so: bool, why: &'static str) {
        if is_so && self.beyond.is_none() {
            self.beyond = Some(Broken { since: self.now / 1000, why });
        }
    }

    fn get(&self, setting: Setting) -> f64 {
        self.settings.get(setting)
    }

    fn second(&self) -> u32 {
        (self.now / 1000) as u32
    }

    /// True in so many of all cases.
    fn chance(&mut self, share: f64) -> bool {
        share > 0.0 && self.random.random_bool(share.min(1.0))
    }

    /// Milliseconds with this mean in seconds, exponentially distributed.
    fn about(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        let part: f64 = self.random.random();
        (-(1.0 - part).ln() * mean * 1000.0) as u64
    }

    fn tell_what(&mut self, what: What) {
        let second = self.second();
        if let Some(told) = &mut self.told {
            told.push((second, what));
        }
    }

    fn see(&mut self, sight: &Sight<'_>) {
        if let Some(look) = &mut self.look {
            look(self.now, sight);
        }
    }

    /// A server has taken a stimulus, or started.
    fn see_step(&mut self, role: Role, input: Option<Input>, effects: &[Effect]) {
        let (Some(look), server) = (&mut self.look, &self.servers[role.index()]) else { return };
        let (Some(endpoint), Some(table)) = (server.endpoint(), server.table()) else { return };
        let (second, state, volatile) = (server.second(), endpoint.state(), endpoint.volatile());
        look(self.now, &Sight::Step { role, second, input, effects, state, volatile, table });
    }

    fn push(&mut self, after: u64, event: Event) {
        self.queue.push(self.now + after, event);
    }

    fn begin(&mut self) {
        let arrival = (self.get(Setting::Arrival) * 1000.0) as u64;
        let shares = [Setting::KeepsExpired, Setting::IgnoresServer, Setting::ChangesIdentifier].map(|s| self.get(s));
        let links = self.get(Setting::Links) as u32;
        for client in 0..self.clients.len() as u32 {
            let [keeps_expired, asks_both, changes_id] = shares.map(|share| self.chance(share));
            let link = if links > 1 { self.random.random_range(0..links) as u16 } else { 0 };
            let one = &mut self.clients[client as usize];
            (one.keeps_expired, one.asks_both, one.changes_id, one.link) = (keeps_expired, asks_both, changes_id, link);
            let after = if arrival > 0 { self.random.random_range(0..arrival) } else { 0 };
            self.push(after, Event::Come(client));
        }
        for role in Role::ALL {
            self.restart(role);
        }
        self.plan_faults();
        self.push(3_600_000, Event::Sample);
    }

    /// Lets everything happen until `end`.
    fn go_on(&mut self, end: u64) {
        while self.violation.is_none() {
            let Some((at, event)) = self.queue.pop(end) else { break };
            self.now = at;
            self.measures.events += 1;
            self.happen(event);
            if self.watched.look(self.measures.events, self.now) {
                self.interrupted = true;
                return;
            }
        }
        self.now = self.now.max(end);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Come(client) => self.come(client),
            Event::Leave(client) => self.leave(client),
            Event::Timer(client, timer) => self.timer(client, timer),
            Event::Ask { client, id, ask, server, waited, sent } => self.asked(client, id, ask, server, (waited, sent)),
            Event::Answer { client, id, said, address, lease, server } => {
                self.answered((client, id), (said, address), lease, server);
            }
            Event::Arrive { to, epoch } => self.arrive(to, epoch),
            Event::Lost { role, epoch } => self.lost(role, epoch),
            Event::Silence { role, cut } => self.silence(role, cut),
            Event::Connect => self.connect(),
            Event::Written { role, life } => self.written(role, life),
            Event::Wake { role, at } => self.wake(role, at),
            Event::Restart { role, life } => self.restart_after(role, life),
            Event::Operator { role, partners_life } => self.operator(role, partners_life),
            Event::CutEnds(cut) => self.cut_ends(cut),
            Event::CutAgain { left, length } => self.cut_again(left, length),
            Event::Fault(fault) => self.fault(fault),
            Event::OwnRole(server) => self.own_role(server),
            Event::Script(number) => self.planned(number),
            Event::Sample => self.sample(),
        }
    }
}

/// A pair of numbers, the primary's and the secondary's, by number.
const fn role_of(number: u8) -> Role {
    if number == 0 { Role::Primary } else { Role::Secondary }
}
