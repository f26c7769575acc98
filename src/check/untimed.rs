//! The same endpoints as actors under Stateright's stock `ActorModel`, which knows no time: any pending timer may
//! fire at any moment.
//!
//! For anyone who knows Stateright, and to show what goes wrong without a notion of time: the correct protocol is
//! refuted here, because the wait after PARTNER-DOWN may end before the lease that it waits for. The connection is
//! an ordered network that does not break; a receive timer stands for its loss.

use dhcpfo_claims::draft_12::NO_DUPLICATE_ADDRESS;
use dhcpfo_clock::START;
use dhcpfo_engine::binding::{AddressId, Binding};
use dhcpfo_engine::durable::{Durable, EndpointRecord, Record};
use dhcpfo_engine::effect::{Answer, Ask, Command, Effect, Input, Parameters};
use dhcpfo_engine::endpoint::{Endpoint, Phase, Session, Volatile};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Standing, Time};
use dhcpfo_world::model::{Model as World, Start, Table};
use dhcpfo_world::system::ModelEndpoint;
use stateright::actor::{Actor, ActorModel, ActorModelState, Id, LossyNetwork, Network, Out, model_timeout};
use stateright::{Checker, Expectation, HasDiscoveries, Model as _};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A server or a client of a model.
#[derive(Clone)]
pub struct Party {
    world: Arc<World>,
    who: Who,
}

/// Which party an actor is: servers have the identities 0 and 1, clients those from 2 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A server.
    Server(Role),
    /// A client, by number.
    Client(u8),
}

/// What actors say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Letter {
    /// CONNECT or CONNECTACK.
    Hello,
    /// Between servers.
    Partner(Message),
    /// Client to server.
    Ask(Ask),
    /// Server to client.
    Answer(Answer),
}

/// Stateright keeps letters in order, whatever that is; times have none of their own.
impl Ord for Letter {
    fn cmp(&self, other: &Letter) -> Ordering {
        format!("{self:?}").cmp(&format!("{other:?}"))
    }
}

impl PartialOrd for Letter {
    fn partial_cmp(&self, other: &Letter) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A deadline, with its owner: without the owner Stateright takes two actors' timers for one (version 0.31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alarm(Who, Deadline);

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Deadline {
    /// Nothing has been heard of the partner.
    Receive,
    Startup,
    SafePeriod,
    RecoverWait,
    PartnerDownWait,
    Lease(AddressId),
    Rest(AddressId),
    /// An operator declares the partner down.
    Declare,
    /// A client wants an address of a server.
    Want(AddressId, Role),
    /// A client wants to keep its address.
    Renew,
    /// A client's lease ends.
    End,
}

/// An actor's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::large_enum_variant, reason = "two servers and a few clients: not worth a box for each")]
pub enum PartyState {
    /// A server's endpoint.
    Server(ModelEndpoint),
    /// What a client holds, and how often it may still ask.
    Client {
        /// The address and the server that gave it.
        lease: Option<(AddressId, Role)>,
        /// Requests left.
        asks: u8,
    },
}

/// A server's disk.
pub type Disk = Durable<Table>;

fn id(who: Who) -> Id {
    Id::from(match who {
        Who::Server(role) => role.index(),
        Who::Client(number) => 2 + usize::from(number),
    })
}

fn who(id: Id) -> Who {
    match usize::from(id) {
        0 => Who::Server(Role::Primary),
        1 => Who::Server(Role::Secondary),
        number => Who::Client(number as u8 - 2),
    }
}

impl Party {
    fn role(&self) -> Role {
        match self.who {
            Who::Server(role) => role,
            Who::Client(_) => Role::Primary,
        }
    }

    /// Gives the endpoint a stimulus, carries out what it does, and sets the timers of its deadlines.
    fn stimulate(&self, endpoint: &mut ModelEndpoint, input: Input, o: &mut Out<Self>) {
        let config = self.world.config(self.role());
        let mut effects = Vec::new();
        endpoint.step(config, &mut Standing(START), input, &mut |effect| effects.push(effect));
        self.carry_out(endpoint, &effects, o);
    }

    fn carry_out(&self, endpoint: &ModelEndpoint, effects: &[Effect], o: &mut Out<Self>) {
        for effect in effects {
            match effect {
                Effect::Persist(_) => o.save(*endpoint.durable()),
                Effect::Send(message) => o.send(id(Who::Server(self.role().partner())), Letter::Partner(*message)),
                Effect::Reply(client, answer) => o.send(id(Who::Client(client.0 as u8)), Letter::Answer(*answer)),
                Effect::Close | Effect::Note(_) => {}
            }
        }
        self.set_timers(endpoint, o);
    }

    fn set_timers(&self, endpoint: &ModelEndpoint, o: &mut Out<Self>) {
        let pending: BTreeSet<Deadline> = deadlines(endpoint).into_iter().collect();
        for deadline in all_deadlines(self.world.addresses.len() as u32) {
            if pending.contains(&deadline) {
                o.set_timer(Alarm(self.who, deadline), model_timeout());
            } else {
                o.cancel_timer(Alarm(self.who, deadline));
            }
        }
    }

    fn request(&self, client: u8, ask: Ask) -> Input {
        Input::Client(self.world.request(client, ask))
    }

    fn want(&self, lease: Option<(AddressId, Role)>, asks: u8, o: &mut Out<Self>) {
        for address in (0..self.world.addresses.len() as u32).map(AddressId) {
            for role in Role::ALL {
                let alarm = Alarm(self.who, Deadline::Want(address, role));
                if lease.is_none() && asks > 0 { o.set_timer(alarm, model_timeout()) } else { o.cancel_timer(alarm) }
            }
        }
        for (deadline, wanted) in [(Deadline::Renew, asks > 0), (Deadline::End, true)] {
            let alarm = Alarm(self.who, deadline);
            if lease.is_some() && wanted { o.set_timer(alarm, model_timeout()) } else { o.cancel_timer(alarm) }
        }
    }
}

fn all_deadlines(addresses: u32) -> Vec<Deadline> {
    let mut all = vec![
        Deadline::Receive,
        Deadline::Startup,
        Deadline::SafePeriod,
        Deadline::RecoverWait,
        Deadline::PartnerDownWait,
        Deadline::Declare,
    ];
    all.extend((0..addresses).map(AddressId).flat_map(|a| [Deadline::Lease(a), Deadline::Rest(a)]));
    all
}

/// The deadlines that an endpoint waits for.
fn deadlines(endpoint: &ModelEndpoint) -> Vec<Deadline> {
    let volatile = endpoint.volatile();
    let mut pending = Vec::new();
    let mut add = |time: Time, deadline| {
        if time == Time::SOMETIME {
            pending.push(deadline);
        }
    };
    if let Phase::Startup { ends } = volatile.phase {
        add(ends, Deadline::Startup);
    }
    if let Some(ends) = volatile.safe_period_ends {
        add(ends, Deadline::SafePeriod);
    }
    if let Some(record) = endpoint.durable().endpoint() {
        add(record.recover_wait_ends, Deadline::RecoverWait);
        add(record.partner_down_wait_ends, Deadline::PartnerDownWait);
    }
    let table = endpoint.durable().table();
    for address in (0..table.len()).map(AddressId) {
        add(table.get(address).lease_expiration, Deadline::Lease(address));
        add(table.get(address).wait_ends, Deadline::Rest(address));
    }
    if volatile.session != Session::Down {
        pending.push(Deadline::Receive);
    } else if volatile.phase == Phase::Running && endpoint.state() == State::CommunicationsInterrupted {
        pending.push(Deadline::Declare);
    }
    pending
}

/// The endpoint once a deadline has passed.
fn passed(endpoint: &ModelEndpoint, deadline: Deadline) -> ModelEndpoint {
    let (mut durable, mut volatile): (Disk, Volatile<_>) = (*endpoint.durable(), *endpoint.volatile());
    let record = durable.endpoint().copied().unwrap_or(EndpointRecord::of(State::Recover));
    let over = Time::LONG_AGO;
    let binding = |durable: &Disk, address| durable.table().get(address);
    match deadline {
        Deadline::Startup => volatile.phase = Phase::Startup { ends: over },
        Deadline::SafePeriod => volatile.safe_period_ends = Some(over),
        Deadline::RecoverWait => {
            durable.apply(&Record::Endpoint(EndpointRecord { recover_wait_ends: over, ..record }));
        }
        Deadline::PartnerDownWait => {
            durable.apply(&Record::Endpoint(EndpointRecord { partner_down_wait_ends: over, ..record }));
        }
        Deadline::Lease(a) => {
            let ended = Binding { lease_expiration: over, ..binding(&durable, a) };
            durable.apply(&Record::Binding(a, ended));
        }
        Deadline::Rest(a) => {
            let rested = Binding { wait_ends: over, ..binding(&durable, a) };
            durable.apply(&Record::Binding(a, rested));
        }
        Deadline::Receive | Deadline::Declare | Deadline::Want(..) | Deadline::Renew | Deadline::End => {}
    }
    Endpoint::resume(durable, volatile)
}

impl Actor for Party {
    type Msg = Letter;
    type State = PartyState;
    type Timer = Alarm;
    type Random = ();
    type Storage = Disk;

    fn on_start(&self, _: Id, storage: &Option<Disk>, o: &mut Out<Self>) -> PartyState {
        let Who::Server(role) = self.who else {
            let asks = 1;
            self.want(None, asks, o);
            return PartyState::Client { lease: None, asks };
        };
        let found = EndpointRecord::of(State::Normal);
        let durable = storage.unwrap_or_else(|| match self.world.start {
            Start::Blank => Durable::blank(self.world.initial_table(true)),
            Start::Normal | Start::Stopped => Durable::found(Some(found), self.world.initial_table(false)),
        });
        let mut effects = Vec::new();
        let endpoint =
            Endpoint::start(self.world.config(role), durable, &mut Standing(START), &mut |effect| effects.push(effect));
        self.carry_out(&endpoint, &effects, o);
        if role == Role::Primary {
            o.send(id(Who::Server(Role::Secondary)), Letter::Hello);
        }
        PartyState::Server(endpoint)
    }

    fn on_msg(&self, me: Id, state: &mut Cow<PartyState>, src: Id, letter: Letter, o: &mut Out<Self>) {
        match (state.to_mut(), letter, who(src)) {
            (PartyState::Server(endpoint), Letter::Hello, _) => {
                if who(me) == Who::Server(Role::Secondary) {
                    o.send(src, Letter::Hello);
                }
                let parameters = Parameters { max_unacked: self.world.max_unacked };
                self.stimulate(endpoint, Input::Connected(parameters), o);
            }
            (PartyState::Server(endpoint), Letter::Partner(message), _) => {
                self.stimulate(endpoint, Input::Message(message), o);
            }
            (PartyState::Server(endpoint), Letter::Ask(ask), Who::Client(client)) => {
                self.stimulate(endpoint, self.request(client, ask), o);
            }
            (PartyState::Client { lease, asks }, Letter::Answer(Answer::Ack(address, _)), Who::Server(role)) => {
                if lease.is_none_or(|(held, _)| held == address) {
                    *lease = Some((address, role));
                }
                self.want(*lease, *asks, o);
            }
            (PartyState::Client { lease, asks }, Letter::Answer(Answer::Nak), _) => {
                *lease = None;
                self.want(None, *asks, o);
            }
            _ => {}
        }
    }

    fn on_timeout(&self, _: Id, state: &mut Cow<PartyState>, Alarm(_, deadline): &Alarm, o: &mut Out<Self>) {
        match (state.to_mut(), *deadline) {
            (PartyState::Server(endpoint), Deadline::Receive) => {
                self.stimulate(endpoint, Input::Disconnected, o);
                if self.role() == Role::Primary {
                    o.send(id(Who::Server(Role::Secondary)), Letter::Hello);
                }
            }
            (PartyState::Server(endpoint), Deadline::Declare) => {
                self.stimulate(endpoint, Input::Operator(Command::PartnerDown), o);
            }
            (PartyState::Server(endpoint), deadline) => {
                *endpoint = passed(endpoint, deadline);
                self.stimulate(endpoint, Input::Wake, o);
            }
            (PartyState::Client { lease, asks }, Deadline::Want(address, role)) => {
                *asks = asks.saturating_sub(1);
                o.send(id(Who::Server(role)), Letter::Ask(Ask::Select(address)));
                self.want(*lease, *asks, o);
            }
            (PartyState::Client { lease, asks }, Deadline::Renew) => {
                *asks = asks.saturating_sub(1);
                if let Some((address, role)) = *lease {
                    o.send(id(Who::Server(role)), Letter::Ask(Ask::Renew(address)));
                }
                self.want(*lease, *asks, o);
            }
            (PartyState::Client { lease, asks }, _) => {
                *lease = None;
                self.want(None, *asks, o);
            }
        }
    }
}

/// The stock actor model of a model: both servers, its clients, an ordered network that loses nothing, at most one
/// actor down at a time, and a partner declared down only while it is. Each client asks once. What it claims is that
/// no two clients hold the same address.
pub fn actor_model(world: &World) -> ActorModel<Party, (), ()> {
    let world = Arc::new(world.clone());
    let clients = (0..world.client_count() as u8).map(Who::Client);
    let parties = Role::ALL.map(Who::Server).into_iter().chain(clients);
    let parties = parties.map(|who| Party { world: Arc::clone(&world), who });
    ActorModel::new((), ())
        .actors(parties)
        .init_network(Network::new_ordered([]))
        .lossy_network(LossyNetwork::No)
        .max_crashes(1)
        .within_boundary(|_, state| is_truthful(state) && state.network.len() <= IN_FLIGHT)
        .property(Expectation::Always, NO_DUPLICATE_ADDRESS.name, |_, state| {
            let mut held = BTreeSet::new();
            state.actor_states.iter().all(|party| match &**party {
                PartyState::Client { lease: Some((address, _)), .. } => held.insert(*address),
                _ => true,
            })
        })
}

/// Most letters under way at once.
const IN_FLIGHT: usize = 4;

/// No server is in PARTNER-DOWN whose partner runs (failover-12 §9.4).
fn is_truthful(state: &ActorModelState<Party>) -> bool {
    (0..2).all(|server| match &*state.actor_states[server] {
        PartyState::Server(endpoint) => {
            state.crashed[server] || endpoint.state() != State::PartnerDown || state.crashed[1 - server]
        }
        PartyState::Client { .. } => true,
    })
}

/// What the stock checker says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untimed {
    /// Unique states seen until it stopped.
    pub unique: usize,
    /// The steps of a violation, in Stateright's words, if one was found.
    pub violation: Option<Vec<String>>,
    /// Whether the search was still under way when the time was up.
    pub cut_off: bool,
}

/// Runs Stateright's breadth-first checker on the stock actor model until a violation or the time is up.
///
/// Two threads at least: with one, Stateright takes no notice of the time (version 0.31).
pub fn check_untimed(world: &World, threads: usize, time: Duration) -> Untimed {
    let begun = std::time::Instant::now();
    let checker = actor_model(world)
        .checker()
        .threads(threads.max(2))
        .timeout(time)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let steps = |path: stateright::Path<_, _>| {
        path.into_actions()
            .iter()
            .map(|action: &stateright::actor::ActorModelAction<_, _, _>| format!("{action:?}"))
            .collect()
    };
    let violation: Option<Vec<String>> = checker.discovery(NO_DUPLICATE_ADDRESS.name).map(steps);
    let cut_off = violation.is_none() && begun.elapsed() >= time;
    Untimed { unique: checker.unique_state_count(), violation, cut_off }
}
