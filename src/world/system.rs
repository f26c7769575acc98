//! The state of the closed system, without the present instant.

use crate::budget::{Budgets, Item};
use crate::clients::{Body, CLIENTS, Client, Network, Waiting};
use crate::link::Link;
use crate::model::{ADDRESSES, Delay, Model, Start, Table, WINDOW};
use dhcpfo_engine::config::Config;
use dhcpfo_engine::durable::{Durable, EndpointRecord};
use dhcpfo_engine::effect::{Answer, Parameters};
use dhcpfo_engine::endpoint::{Conversation, Endpoint, Phase, Session, Volatile};
use dhcpfo_engine::service::{Service, service};
use dhcpfo_engine::span;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::{Clock, Kind, Span, Time, Times};

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

/// A copy of a server's stable storage, taken at some earlier instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Backup {
    /// Whose.
    pub of: Role,
    /// What it had.
    pub durable: Durable<Table>,
}

/// Times kept for claims, and for an operator who dates back what he says; no server knows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ghosts {
    /// See [`crate::claim::Ghost::Rest`].
    pub rest: [[Time; ADDRESSES]; 2],
    /// See [`crate::claim::Ghost::Silence`].
    pub silence: [Time; 2],
    /// Where a partner-down may be dated back: when each server stopped serving. [`Time::LONG_AGO`]: it serves, or has
    /// not served yet.
    pub stopped: [Time; 2],
    /// The same: when the connection was lost. [`Time::LONG_AGO`]: it is there, or never was.
    pub contact: Time,
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
    /// Which servers have the configuration of [`Model::changed`].
    pub changed: [bool; 2],
    /// Which servers have its MCLT and its hash buckets in use: the secondary takes the primary's when they connect.
    pub terms: [bool; 2],
    /// A copy that may be put back.
    pub backup: Option<Box<Backup>>,
    /// What has passed may become the base of a new time, since the model has partner-downs that are dated back.
    pub keeps_past: bool,
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
        let stopped = |state| Server::Down(Durable::found(Some(EndpointRecord::of(state)), model.initial_table(false)));
        let servers = match model.start {
            Start::Normal => [Server::Up(normal(model)), Server::Up(normal(model))],
            Start::Stopped => [stopped(State::Normal), stopped(State::Normal)],
            Start::Blank => [0, 1].map(|_| Server::Down(Durable::blank(model.initial_table(true)))),
        };
        let link = Link { intact: model.start == Start::Normal, ..Link::down() };
        System {
            servers,
            link,
            clients: [Client::default(); CLIENTS],
            network: Network::new_const(),
            budgets: model.budgets,
            ghosts: Ghosts::default(),
            changed: [false; 2],
            terms: [false; 2],
            backup: None,
            keeps_past: model.dates_back(),
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

    /// What a server is configured with now.
    pub fn config(&self, model: &Model, role: Role) -> Config {
        let (i, mut config) = (role.index(), *model.config(role));
        if self.changed[i] {
            config.pool = model.changed.pool;
        }
        if self.terms[i] {
            config.buckets = model.changed.buckets;
        }
        config
    }

    /// The length of time that a server takes for another one, its configuration being what it is now.
    pub fn span(&self, model: &Model, role: Role, span: Span) -> Span {
        match span {
            span::MCLT if self.terms[role.index()] => model.changed.mclt,
            span::DESIRED_LEASE if self.changed[role.index()] => model.changed.lease,
            other => other,
        }
    }

    /// What is said of each side is said of the other: servers that are off, and those who know them.
    pub(crate) fn swap_roles(&mut self) {
        self.servers.swap(0, 1);
        self.changed.swap(0, 1);
        // The primary's own configuration counts.
        self.terms = [self.changed[0], self.terms[0]];
        self.ghosts.rest.swap(0, 1);
        self.ghosts.silence.swap(0, 1);
        self.ghosts.stopped.swap(0, 1);
        if let Some(backup) = &mut self.backup {
            backup.of = backup.of.partner();
        }
        for client in &mut self.clients {
            for lease in client.lease.iter_mut().chain(&mut client.other) {
                lease.from = lease.from.partner();
            }
            if let Waiting::Choice(server, _) = &mut client.waiting {
                *server = server.partner();
            }
        }
        self.network.iter_mut().for_each(|packet| packet.server = packet.server.partner());
    }

    /// When a server stopped serving, where that is kept and it does not serve.
    pub fn stopped_at(&self, role: Role) -> Option<Time> {
        Some(self.ghosts.stopped[role.index()]).filter(|&stopped| stopped != Time::LONG_AGO)
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

    /// Whether some server is in PARTNER-DOWN, or has put it on record in the step from `before` and crashed in that, while its
    /// partner serves clients: what failover-12 §9.4 says must not be. A partner in RECOVER-DONE renews only, and is
    /// allowed to (§9.7.1).
    pub fn partner_down_is_untrue(&self, model: &Model, before: &System) -> bool {
        let recorded = |system: &System, role| system.server(role).durable().endpoint().map(|record| record.state);
        Role::ALL.into_iter().any(|role| {
            let entered = || {
                recorded(self, role) == Some(State::PartnerDown) && recorded(before, role) != Some(State::PartnerDown)
            };
            (self.server(role).running() == Some(State::PartnerDown) || entered()) && self.serves(model, role.partner())
        })
    }

    /// Whether a server may give leases, by the text as well as by its own rules: one that answers where the text has it
    /// silent makes no command untrue.
    fn serves(&self, model: &Model, role: Role) -> bool {
        use State::{CommunicationsInterrupted, ConflictDone, Normal, PartnerDown, ResolutionInterrupted};
        let by_text = matches!(
            self.server(role).running(),
            Some(Normal | CommunicationsInterrupted | PartnerDown | ResolutionInterrupted | ConflictDone)
        );
        by_text && self.service(model, role) > Service::RenewOnly
    }
}

impl System {
    /// Whether time may pass: not while a message has to be read, or a break to be noticed, first. Packets of
    /// clients do not live long either, unless the model says so or messages may be as old as they like.
    pub fn time_may_pass(&self, model: &Model, clock: &dyn Clock) -> bool {
        let packets_pass = model.late_packets || model.delay == Delay::Unbounded;
        if !packets_pass && !self.network.is_empty() {
            return false;
        }
        Role::ALL.into_iter().filter(|&role| self.server(role).is_connected()).all(|role| {
            let flying = self.link.towards[role.index()].first();
            match model.delay {
                Delay::None => flying.is_none() && self.link.carries(role),
                // What is due at this instant has to happen before the next one.
                Delay::Bounded => {
                    flying.is_none_or(|flying| !clock.passed(flying.by))
                        && (self.link.carries(role) || !clock.passed(self.link.notice_by[role.index()]))
                }
                Delay::Unbounded => true,
            }
        })
    }
}

/// An endpoint that has been in NORMAL for long, connected, with nothing to say.
fn normal(model: &Model) -> ModelEndpoint {
    let durable = Durable::found(Some(EndpointRecord::of(State::Normal)), model.initial_table(false));
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
            changed: self.changed,
            terms: self.terms,
            backup: self.backup.clone(),
            keeps_past: self.keeps_past,
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
        (self.changed, self.terms) = (from.changed, from.terms);
        self.backup.clone_from(&from.backup);
        self.keeps_past = from.keeps_past;
        self.broken = from.broken;
        self.met = from.met;
        self.overflow = from.overflow;
    }
}

/// What is visited as something else where what has passed may become a base: the ages of operation are compared with
/// the instant to which a command is dated back, and recorded ends are counted on from there.
fn kept(kind: Kind, ends_too: bool) -> Kind {
    match kind {
        Kind::Age(0) => Kind::Stamp,
        Kind::Deadline if ends_too => Kind::Stamp,
        kind => kind,
    }
}

impl System {
    /// Whether this server's partner may still be declared down as of an earlier instant.
    fn may_date_back(&self, role: Role) -> bool {
        let left = |item| self.budgets.left(item) > 0;
        left(Item::DatedPartnerDowns) && self.ghosts.stopped[role.partner().index()] != Time::LONG_AGO
            || left(Item::MisdatedPartnerDowns) && self.ghosts.contact != Time::LONG_AGO
    }
}

impl Times for System {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        let keeps_past = self.keeps_past;
        let ends_too = Role::ALL.map(|role| keeps_past && self.may_date_back(role));
        for (server, ends_too) in self.servers.iter_mut().zip(ends_too) {
            let mut visit = |time: &mut Time, kind| visit(time, if keeps_past { kept(kind, ends_too) } else { kind });
            match server {
                Server::Up(endpoint) => endpoint.times(&mut visit),
                Server::Down(durable) => durable.times(&mut visit),
            }
        }
        if let Some(backup) = &mut self.backup {
            let ends_too = ends_too[backup.of.index()];
            let mut visit = |time: &mut Time, kind| visit(time, if keeps_past { kept(kind, ends_too) } else { kind });
            backup.durable.times(&mut visit);
        }
        for queue in &mut self.link.towards {
            for flying in queue {
                let mut visit = |time: &mut Time, kind| visit(time, if keeps_past { kept(kind, false) } else { kind });
                flying.message.times(&mut visit);
                visit(&mut flying.by, Kind::Limit);
            }
        }
        for time in &mut self.link.notice_by {
            visit(time, Kind::Limit);
        }
        for lease in self.clients.iter_mut().flat_map(|client| client.lease.iter_mut().chain(client.other.as_mut())) {
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
        if keeps_past {
            self.ghosts.stopped.iter_mut().for_each(|time| visit(time, Kind::Stamp));
            visit(&mut self.ghosts.contact, Kind::Stamp);
        }
    }
}
