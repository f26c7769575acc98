//! The state of the closed system, without the present instant.

use crate::budget::Budgets;
use crate::clients::{Body, CLIENTS, Client, Network};
use crate::link::Link;
use crate::model::{ADDRESSES, Delay, Model, Start, Table, WINDOW};
use dhcpfo_engine::durable::{Durable, EndpointRecord};
use dhcpfo_engine::effect::{Answer, Parameters};
use dhcpfo_engine::endpoint::{Conversation, Endpoint, Phase, Session, Volatile};
use dhcpfo_engine::service::{Service, service};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::time::{Kind, Time, Times};

/// A server's endpoint in a model.
pub type ModelEndpoint = Endpoint<Table, WINDOW>;

/// A server: running, or off with its stable storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Server {
    /// Running.
    Up(ModelEndpoint),
    /// Off.
    Down(Durable<Table>),
}

impl Server {
    /// What is on stable storage.
    #[inline]
    pub fn durable(&self) -> &Durable<Table> {
        match self {
            Server::Up(endpoint) => endpoint.durable(),
            Server::Down(durable) => durable,
        }
    }

    /// The endpoint, if it runs.
    #[inline]
    pub fn endpoint(&self) -> Option<&ModelEndpoint> {
        match self {
            Server::Up(endpoint) => Some(endpoint),
            Server::Down(_) => None,
        }
    }

    /// The state, if it runs and is past STARTUP.
    #[inline]
    pub fn running(&self) -> Option<State> {
        self.endpoint().filter(|e| e.volatile().phase == Phase::Running).map(|e| e.state())
    }

    /// Whether it believes that there is a connection.
    #[inline]
    pub fn is_connected(&self) -> bool {
        self.endpoint().is_some_and(|e| e.volatile().session != Session::Down)
    }
}

/// Times kept for claims; no server knows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ghosts {
    /// See [`crate::claim::Ghost::Rest`].
    pub rest: [[Time; ADDRESSES]; 2],
    /// See [`crate::claim::Ghost::Silence`].
    pub silence: [Time; 2],
}

/// Witnesses about steps, by number, that the last step met. They are a note about the way to a state, not a part of it:
/// states that differ in nothing else are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Met(pub u32);

impl PartialEq for Met {
    fn eq(&self, _: &Met) -> bool {
        true
    }
}

impl Eq for Met {}

impl std::hash::Hash for Met {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

/// The closed system.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct System {
    /// Primary and secondary.
    pub servers: [Server; 2],
    /// The connection between them.
    pub link: Link,
    /// The clients; those beyond the model's number do nothing.
    pub clients: [Client; CLIENTS],
    /// Packets under way.
    pub network: Network,
    /// What may still happen.
    pub budgets: Budgets,
    /// Times kept for claims.
    pub ghosts: Ghosts,
    /// Claims about steps that the last step violated, by number. Such a state has no successors.
    pub broken: u32,
    /// Witnesses about steps that the last step met.
    pub met: Met,
    /// More was in flight than there is room for. Such a state has no successors, and no search that meets
    /// one is exhaustive.
    pub overflow: bool,
}

impl System {
    /// The initial state of a model.
    pub fn initial(model: &Model) -> System {
        let stopped = |role| {
            let record = Some(EndpointRecord::of(State::Normal));
            Server::Down(Durable::found(record, model.initial_table(role, false)))
        };
        let servers = Role::ALL.map(|role| match model.start {
            Start::Normal => Server::Up(normal(model, role)),
            Start::Stopped => stopped(role),
            Start::Blank => Server::Down(Durable::blank(model.initial_table(role, true))),
        });
        let link = Link { intact: model.start == Start::Normal, ..Link::down() };
        System {
            servers,
            link,
            clients: [Client::default(); CLIENTS],
            network: Network::new_const(),
            budgets: model.budgets,
            ghosts: Ghosts::default(),
            broken: 0,
            met: Met::default(),
            overflow: false,
        }
    }

    /// A server.
    #[inline]
    pub fn server(&self, role: Role) -> &Server {
        &self.servers[role.index()]
    }

    /// How responsive a server is to clients now.
    pub fn service(&self, model: &Model, role: Role) -> Service {
        match self.server(role).endpoint() {
            Some(endpoint) if endpoint.volatile().phase == Phase::Running => {
                service(&model.config(role).rules, endpoint.state(), endpoint.volatile().heard)
            }
            _ => Service::Silent,
        }
    }

    /// Whether some server is in PARTNER-DOWN while its partner serves clients: what failover-12 §9.4 says
    /// must not be. A partner in RECOVER-DONE renews only, and is allowed to (§9.7.1).
    pub fn partner_down_is_untrue(&self, model: &Model) -> bool {
        Role::ALL.into_iter().any(|role| {
            self.server(role).running() == Some(State::PartnerDown)
                && self.service(model, role.partner()) > Service::RenewOnly
        })
    }
}

impl System {
    /// Whether time may pass: not while a message has to be read, or a break to be noticed, first. Packets of
    /// clients do not live long either, unless the model says so or messages may be as old as they like.
    pub fn time_may_pass(&self, model: &Model, now: Time) -> bool {
        let packets_pass = model.late_packets || model.delay == Delay::Unbounded;
        if !packets_pass && !self.network.is_empty() {
            return false;
        }
        Role::ALL.into_iter().filter(|&role| self.server(role).is_connected()).all(|role| {
            let flying = self.link.towards[role.index()].first();
            match model.delay {
                Delay::None => flying.is_none() && self.link.intact,
                // What is due at this instant has to happen before the next one.
                Delay::Bounded => {
                    flying.is_none_or(|flying| flying.by > now)
                        && (self.link.intact || self.link.notice_by[role.index()] > now)
                }
                Delay::Unbounded => true,
            }
        })
    }
}

/// An endpoint that has been in NORMAL for long, connected, with nothing to say.
fn normal(model: &Model, role: Role) -> ModelEndpoint {
    let durable = Durable::found(Some(EndpointRecord::of(State::Normal)), model.initial_table(role, false));
    let partner = Reported::In(State::Normal);
    let conversation = Conversation {
        parameters: Parameters { max_unacked: model.max_unacked },
        partner,
        window: [None; WINDOW],
        flowing: true,
        asked: false,
        serving: None,
        pool_request_due: false,
        told_below: 0,
    };
    let volatile = Volatile {
        phase: Phase::Running,
        session: Session::Ok(conversation),
        safe_period_ends: None,
        heard: Some(partner),
    };
    Endpoint::resume(durable, volatile)
}

impl Clone for System {
    fn clone(&self) -> System {
        System {
            servers: self.servers,
            link: self.link.clone(),
            clients: self.clients,
            network: self.network.clone(),
            budgets: self.budgets,
            ghosts: self.ghosts,
            broken: self.broken,
            met: self.met,
            overflow: self.overflow,
        }
    }

    /// In place and without what is not there: searches copy a state for every action that they try.
    fn clone_from(&mut self, from: &System) {
        self.servers = from.servers;
        self.link.copy_from(&from.link);
        self.clients = from.clients;
        self.network.clear();
        self.network.extend(from.network.iter().copied());
        self.budgets = from.budgets;
        self.ghosts = from.ghosts;
        self.broken = from.broken;
        self.met = from.met;
        self.overflow = from.overflow;
    }
}

impl Times for System {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        for server in &mut self.servers {
            match server {
                Server::Up(endpoint) => endpoint.times(visit),
                Server::Down(durable) => durable.times(visit),
            }
        }
        for queue in &mut self.link.towards {
            for flying in queue {
                flying.message.times(visit);
                visit(&mut flying.by, Kind::Deadline);
            }
        }
        for time in &mut self.link.notice_by {
            visit(time, Kind::Deadline);
        }
        for lease in self.clients.iter_mut().filter_map(|client| client.lease.as_mut()) {
            visit(&mut lease.ends, Kind::Deadline);
        }
        for packet in &mut self.network {
            if let Body::Answer(Answer::Ack(_, ends)) = &mut packet.body {
                visit(ends, Kind::Deadline);
            }
        }
        for time in self.ghosts.rest.as_flattened_mut() {
            visit(time, Kind::Deadline);
        }
        for time in &mut self.ghosts.silence {
            visit(time, Kind::Deadline);
        }
    }
}
