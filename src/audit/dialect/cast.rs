//! Who is who, and what each server says next: read before anything is followed.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_wire::message::{Binding, Body, StateSaid};

use super::table::Names;
use crate::Settings;
use crate::address::ACTIVE;
use crate::capture::{Input, Micros, Unreadable};
use crate::event::{OnLink, What};
use crate::events::Events;
use crate::states::SECOND;
use crate::survey::{Survey, Surveyor};

/// Seconds of MCLT where nobody says it: an hour, as the draft recommends.
const MCLT: u32 = 3600;
/// Unanswered updates that a server takes where it does not say so: dhcpd's own setting in most examples.
const UNACKED: u8 = 10;

/// Something that happened to a server while it had no connection, as it told later.
#[derive(Clone, Debug)]
pub(super) enum Happened {
    /// It gave or extended a lease.
    Lease(Binding),
    /// It noticed that the connection was gone, and nobody closed that.
    Lost,
    /// It went to PARTNER-DOWN.
    DeclaredDown,
}

/// Within so long a server answers what it hears: an update of its own that follows sooner was under way already.
const CROSSING: Micros = SECOND / 20;

/// What is known before anything is followed.
#[derive(Debug, Default)]
pub(super) struct Cast {
    survey: Survey,
    pub(super) names: Names,
    /// The first STATE of each server on each connection.
    first: BTreeMap<(Role, u64), StateSaid>,
    /// What each server takes, from its CONNECT or CONNECTACK.
    unacked: [Option<u32>; 2],
    /// What happened to each server without a connection, in the order of time.
    pub(super) apart: [Vec<(Micros, Happened)>; 2],
    /// All updates of each server.
    updates: [Vec<(Micros, Binding)>; 2],
}

/// The connections as the first reading goes through them.
#[derive(Default)]
struct Connections {
    /// When the latest message was seen.
    latest: Micros,
    /// On which.
    current: u64,
    /// The one that counts, and when it was agreed.
    agreed: (u64, Micros),
    /// When the one before the current one was last heard of.
    before: Micros,
    closed: bool,
}

impl Cast {
    pub(super) fn read(inputs: &[Input], settings: &Settings) -> Result<Cast, Unreadable> {
        let mut surveyor = Surveyor::default();
        let mut events = Events::open(inputs, &settings.ports)?;
        while let Some(event) = events.next()? {
            surveyor.take(&event);
        }
        let mut cast = Cast { survey: surveyor.finish(settings, &events), ..Cast::default() };
        let mut connections = Connections::default();
        let mut events = Events::open(inputs, &settings.ports)?;
        while let Some(event) = events.next()? {
            let What::Link(link) = &event.what else { continue };
            let Some(role) = cast.role(link.from) else { continue };
            match &link.what {
                OnLink::Message(frame) => {
                    let Ok(body) = Body::from_frame(frame) else { continue };
                    if link.connection != connections.current {
                        (connections.current, connections.before) = (link.connection, connections.latest);
                    }
                    cast.said(role, link.connection, event.at, &body, &mut connections);
                    connections.latest = event.at;
                }
                OnLink::Closed => connections.closed |= link.connection == connections.agreed.0,
                _ => {}
            }
        }
        cast.apart.iter_mut().for_each(|happened| happened.sort_by_key(|(at, _)| *at));
        Ok(cast)
    }

    fn said(&mut self, role: Role, connection: u64, at: Micros, body: &Body, connections: &mut Connections) {
        match body {
            Body::Connect(connect) => self.unacked[role.index()] = connect.max_unacked,
            Body::ConnectAck(ack) if ack.refusal.is_none() => self.unacked[role.index()] = ack.max_unacked,
            Body::State(said) => {
                if connection != connections.agreed.0 {
                    connections.agreed = (connection, at);
                }
                let is_first = !self.first.contains_key(&(role, connection));
                self.first.entry((role, connection)).or_insert(*said);
                let since = Micros::from(said.since) * SECOND;
                let interrupted = said.state == Reported::In(State::CommunicationsInterrupted);
                let is_new = is_first && !said.startup && since >= connections.before - SECOND;
                if is_new && interrupted && !connections.closed {
                    self.apart[role.index()].push((since, Happened::Lost));
                }
                if is_new && said.state == Reported::In(State::PartnerDown) {
                    self.apart[role.index()].push((since + SECOND - 1, Happened::DeclaredDown));
                }
            }
            Body::BndUpd(bindings) => {
                for binding in bindings {
                    self.names.learn(binding);
                    self.gave(role, connections, binding);
                    self.updates[role.index()].push((at, binding.clone()));
                }
            }
            _ => {}
        }
    }

    fn gave(&mut self, role: Role, connections: &Connections, binding: &Binding) {
        let Some(heard) = binding.client_last_transaction.filter(|_| binding.status == Some(ACTIVE)) else { return };
        let second = Micros::from(heard) * SECOND;
        if second < connections.before || second + SECOND > connections.agreed.1 {
            return;
        }
        let told = |(_, happened): &(Micros, Happened)| {
            matches!(happened, Happened::Lease(lease) if lease.address == binding.address
                && lease.client_last_transaction == binding.client_last_transaction)
        };
        if !Role::ALL.iter().any(|role| self.apart[role.index()].iter().any(told)) {
            self.apart[role.index()].push((second + SECOND - 1, Happened::Lease(binding.clone())));
        }
    }

    /// An update of this server about that address that it had sent, or was about to, when it heard of the address.
    pub(super) fn crossing(&self, role: Role, address: Ipv4Addr, at: Micros) -> Option<&Binding> {
        let updates = &self.updates[role.index()];
        let first = updates.partition_point(|(sent, _)| *sent <= at);
        let mut soon = updates[first..].iter().take_while(|(sent, _)| *sent <= at + CROSSING);
        soon.find(|(_, binding)| binding.address == address).map(|(_, binding)| binding)
    }

    pub(super) fn role(&self, link: Ipv4Addr) -> Option<Role> {
        self.survey.on_link(link)
    }

    pub(super) fn mclt(&self) -> u32 {
        self.survey.mclt.unwrap_or(MCLT)
    }

    /// How many unanswered updates this server takes.
    pub(super) fn unacked(&self, role: Role) -> u8 {
        self.unacked[role.index()].map_or(UNACKED, |most| most.min(u32::from(u8::MAX)) as u8)
    }

    /// The first STATE of a server on a connection.
    pub(super) fn first_on(&self, role: Role, connection: u64) -> Option<StateSaid> {
        self.first.get(&(role, connection)).copied()
    }

    /// The first STATE of a server on a connection after this one.
    pub(super) fn first_after(&self, role: Role, connection: u64) -> Option<StateSaid> {
        self.first.range((role, connection + 1)..=(role, u64::MAX)).next().map(|(_, said)| *said)
    }

    pub(super) fn address_name(&self, address: AddressId) -> String {
        self.names.name(address).map_or_else(|| format!("address {}", address.0), |address| address.to_string())
    }
}
