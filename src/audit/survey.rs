//! The first reading: who is who, what each server said about its state and when, MCLT and hash buckets.
//!
//! What a server does while the connection is down becomes known only when it says so on the next one, so claims are
//! judged in a second reading.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_wire::client::Kind;
use dhcpfo_wire::convert::Client;
use dhcpfo_wire::message::{Binding, Body};
use dhcpfo_wire::number::MessageType;
use dhcpfo_wire::profile::Profile;

use crate::Settings;
use crate::address::{ACTIVE, BACKUP};
use crate::capture::Micros;
use crate::event::{Event, LinkEvent, OnLink, Place, What};
use crate::states::{SECOND, Server, StateLog};

/// Servers on failover connections that are told apart.
const MOST: usize = 64;
/// DHCPACKs that wait for the BNDUPD which tells of them.
const MOST_ACKS: usize = 4096;
/// How much later than the DHCPACK its BNDUPD may come to show who sent it.
const TOLD_WITHIN: Micros = 10 * SECOND;
/// How much a CONNECT or CONNECTACK counts for telling the roles, against signs that count one.
const CONNECTED: i64 = 1 << 32;
/// Seconds by which a clock may be off without a remark.
const MOST_OFFSET: i64 = 60;

/// What the first reading found.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// By role: primary, secondary.
    pub(crate) servers: [Server; 2],
    /// Nobody sent CONNECT, so which is the primary is not known.
    pub(crate) roles_guessed: bool,
    /// Seconds.
    pub(crate) mclt: Option<u32>,
    /// How hash buckets are read.
    pub(crate) profile: Option<&'static Profile>,
    pub(crate) has_link: bool,
    pub(crate) has_clients: bool,
    pub(crate) span: Option<(Micros, Micros)>,
    pub(crate) remarks: Vec<String>,
}

impl Survey {
    /// The role of the server with this address on failover connections.
    pub(crate) fn on_link(&self, address: Ipv4Addr) -> Option<Role> {
        Role::ALL.into_iter().find(|role| self.servers[role.index()].link == Some(address))
    }

    /// The role of the server that answers clients with this address.
    pub(crate) fn to_clients(&self, address: Ipv4Addr) -> Option<Role> {
        Role::ALL.into_iter().find(|role| {
            let server = &self.servers[role.index()];
            server.clients.contains(&address) || server.link == Some(address)
        })
    }

    pub(crate) fn log(&self, role: Role) -> &StateLog {
        &self.servers[role.index()].log
    }
}

/// One server on failover connections.
#[derive(Default)]
struct Endpoint {
    partner: Option<Ipv4Addr>,
    messages: u64,
    /// Signs that it is the primary, minus signs that it is the secondary.
    primary: i64,
    log: StateLog,
    /// DHCPACKs of a server identifier that its BNDUPDs told of.
    gave: BTreeMap<Ipv4Addr, u64>,
}

/// Collects the survey.
#[derive(Default)]
pub(crate) struct Surveyor {
    endpoints: BTreeMap<Ipv4Addr, Endpoint>,
    acks: BTreeMap<Ipv4Addr, Vec<(Micros, Client, Ipv4Addr)>>,
    identifiers: BTreeMap<Ipv4Addr, u64>,
    survey: Survey,
    vendor: Option<Vec<u8>>,
}

impl Surveyor {
    pub(crate) fn take(&mut self, event: &Event) {
        match &event.what {
            What::Link(link) => self.link(event.at, event.place, link),
            What::Dhcp { from, packet, .. } => {
                self.survey.has_clients = true;
                let (Kind::Ack, Some(client)) = (packet.kind, packet.client()) else { return };
                let server = packet.server_identifier().unwrap_or(*from.ip());
                if self.identifiers.len() < MOST || self.identifiers.contains_key(&server) {
                    *self.identifiers.entry(server).or_default() += 1;
                }
                if self.acks.len() < MOST_ACKS || self.acks.contains_key(&packet.yiaddr) {
                    let acks = self.acks.entry(packet.yiaddr).or_default();
                    acks.retain(|(at, _, _)| event.at - at < TOLD_WITHIN);
                    acks.push((event.at, client, server));
                    acks.truncate(16);
                }
            }
            What::NotDhcp { .. } => {}
        }
    }

    fn link(&mut self, at: Micros, place: Place, link: &LinkEvent) {
        if self.endpoints.len() >= MOST && !self.endpoints.contains_key(&link.from) {
            return;
        }
        let OnLink::Message(frame) = &link.what else { return };
        self.survey.has_link = true;
        let endpoint = self.endpoints.entry(link.from).or_default();
        endpoint.partner = Some(link.to);
        endpoint.messages += 1;
        endpoint.log.heard(at, link.connection, frame.time);
        endpoint.primary += match frame.message_type {
            MessageType::Connect => CONNECTED,
            MessageType::ConnectAck => -CONNECTED,
            MessageType::PoolReq => -1,
            MessageType::PoolResp => 1,
            _ => 0,
        };
        let Ok(body) = Body::from_frame(frame) else { return };
        match body {
            Body::Connect(connect) => {
                self.survey.mclt = self.survey.mclt.or(connect.mclt);
                self.vendor = self.vendor.take().or(connect.vendor_class);
            }
            Body::State(said) => {
                endpoint.primary += i64::from(said.state == Reported::In(State::ConflictDone));
                endpoint.log.said(at, place, link.connection, &said);
            }
            Body::BndUpd(bindings) => bindings.iter().for_each(|binding| self.told(at, link.from, binding)),
            _ => {}
        }
    }

    /// The first BNDUPD after a DHCPACK comes from the server that gave it; later ones may repeat what they were told.
    fn told(&mut self, at: Micros, from: Ipv4Addr, binding: &Binding) {
        let Some(endpoint) = self.endpoints.get_mut(&from) else { return };
        // Only a primary gives addresses to its partner.
        endpoint.primary += i64::from(binding.status == Some(BACKUP));
        if binding.status != Some(ACTIVE) {
            return;
        }
        let Some(acks) = self.acks.get_mut(&binding.address) else { return };
        acks.retain(|(given, _, _)| at - given < TOLD_WITHIN);
        let named = |(_, client, _): &&(Micros, Client, Ipv4Addr)| {
            binding.client_hardware_address.as_deref() == Some(&client.hardware_address)
        };
        let mut givers = acks.iter().filter(named).map(|(_, _, giver)| *giver).collect::<Vec<_>>();
        givers.dedup();
        // An answer that both gave says nothing.
        if let [giver] = *givers {
            *endpoint.gave.entry(giver).or_default() += 1;
            acks.clear();
        }
    }

    /// The result, with what the settings say instead.
    pub(crate) fn finish(mut self, settings: &Settings, span: Option<(Micros, Micros)>) -> Survey {
        let named = Role::ALL.map(|role| {
            let mut named = settings.servers.iter().filter(|(named, _)| *named == role).map(|(_, address)| *address);
            named.find(|address| self.endpoints.contains_key(address))
        });
        let busiest = self.endpoints.iter().max_by_key(|(address, endpoint)| (endpoint.messages, **address));
        let (first, second) = match (named, busiest) {
            ([None, None], Some((address, endpoint))) => (Some(*address), endpoint.partner),
            ([Some(primary), secondary], _) => {
                (Some(primary), secondary.or(self.endpoints.get(&primary).and_then(|e| e.partner)))
            }
            ([None, Some(secondary)], _) => (self.endpoints.get(&secondary).and_then(|e| e.partner), Some(secondary)),
            ([None, None], None) => (None, None),
        };
        let mut links = [first, second];
        let score = |link: Option<Ipv4Addr>| link.and_then(|link| self.endpoints.get(&link)).map_or(0, |e| e.primary);
        let difference = score(first) - score(second);
        if named == [None, None] {
            if difference < 0 {
                links.swap(0, 1);
            }
            self.survey.roles_guessed = difference == 0 && first.is_some();
            if difference != 0 && difference.abs() < CONNECTED {
                let text = "nobody sent CONNECT: which server is the primary was told by what they say to each other";
                self.survey.remarks.push(text.to_owned());
            }
        }
        self.other_pairs(links);
        self.servers(settings, links);
        let isc = self.vendor.as_deref().is_some_and(|vendor| vendor.starts_with(b"isc"));
        let found = if isc { &Profile::ISC_DHCPD } else { &Profile::DRAFT };
        self.survey.profile = settings.profile.or(self.survey.has_link.then_some(found));
        self.survey.mclt = settings.mclt.or(self.survey.mclt);
        self.survey.span = span;
        self.survey
    }

    fn other_pairs(&mut self, links: [Option<Ipv4Addr>; 2]) {
        let others: Vec<_> = self.endpoints.keys().filter(|address| !links.contains(&Some(**address))).collect();
        if !others.is_empty() {
            let names: Vec<_> = others.iter().map(ToString::to_string).collect();
            self.survey.remarks.push(format!(
                "other failover servers are in the capture and not judged: {}; name the pair with --server",
                names.join(", ")
            ));
        }
    }

    /// Which server answers clients with which address: the settings, else whose BNDUPDs tell of its DHCPACKs, else
    /// what is left over.
    fn servers(&mut self, settings: &Settings, links: [Option<Ipv4Addr>; 2]) {
        for role in Role::ALL {
            let link = links[role.index()];
            let endpoint = link.and_then(|link| self.endpoints.remove(&link)).unwrap_or_default();
            let partner = links[role.partner().index()].and_then(|link| self.endpoints.get(&link));
            let server = &mut self.survey.servers[role.index()];
            server.link = link;
            let settled = settings.servers.iter().filter(|(named, _)| *named == role).map(|(_, address)| *address);
            server.clients.extend(settled);
            let named = |address: &Ipv4Addr| settings.servers.iter().any(|(_, named)| named == address);
            let theirs = |address| partner.and_then(|p| p.gave.get(address)).copied().unwrap_or(0);
            let gave = endpoint.gave.iter().filter(|(address, votes)| !named(address) && **votes > theirs(address));
            server.clients.extend(gave.map(|(address, _)| *address));
            server.log = endpoint.log;
        }
        // The second role was looked at without the first one's votes, so the first has the word.
        let [primary, secondary] = &mut self.survey.servers;
        secondary.clients.retain(|address| !primary.clients.contains(address));
        let left: Vec<_> = self
            .identifiers
            .keys()
            .filter(|address| !primary.clients.contains(address) && !secondary.clients.contains(address))
            .collect();
        if let ([one], 2) = (left.as_slice(), self.identifiers.len()) {
            match (primary.clients.is_empty(), secondary.clients.is_empty()) {
                (false, true) => secondary.clients.push(**one),
                (true, false) => primary.clients.push(**one),
                _ => {}
            }
        }
        for (role, server) in Role::ALL.into_iter().zip(&self.survey.servers) {
            if let Some((least, most)) = server.log.offsets
                && (least.abs() > MOST_OFFSET || most.abs() > MOST_OFFSET || most - least > 5)
            {
                self.survey.remarks.push(format!(
                    "the clock of the {} is {least} to {most} s behind the capture's; its times were corrected",
                    role.name()
                ));
            }
        }
    }
}
