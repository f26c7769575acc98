//! The first reading: who is who, what each server said about its state and when, MCLT and hash buckets.
//!
//! What a server does while the connection is down becomes known only when it says so on the next one, so claims are
//! judged in a second reading.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_engine::state::Role;
use dhcpfo_wire::client::Kind;
use dhcpfo_wire::convert::Client;
use dhcpfo_wire::message::{Binding, Body};
use dhcpfo_wire::profile::Profile;

use crate::Settings;
use crate::address::ACTIVE;
use crate::capture::Micros;
use crate::event::{Event, LinkEvent, OnLink, Place, What};
use crate::events::Events;
use crate::roles::{Course, Dialect, Roles, Signs, dialect};
use crate::say;
use crate::states::{SECOND, Server, StateLog};
use crate::times::{Pairs, Times};

/// Servers on failover connections that are told apart.
const MOST: usize = 64;
/// DHCPACKs that wait for the BNDUPD which tells of them.
const MOST_ACKS: usize = 4096;
/// How much later than the DHCPACK its BNDUPD may come to show who sent it.
const TOLD_WITHIN: Micros = 10 * SECOND;
/// Seconds by which a clock may be off without a remark: messages carry whole seconds and may be a moment on the way.
const MOST_OFFSET: i64 = 3;

/// What the first reading found.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// By role: primary, secondary.
    pub(crate) servers: [Server; 2],
    /// How it is known which of them is the primary.
    pub(crate) roles: Roles,
    /// How the profile is known.
    pub(crate) dialect: Dialect,
    /// Microsoft's servers put something else into bindings (MS-DHCPF), which is not read here.
    pub(crate) is_microsoft: bool,
    /// How exactly instants can be compared.
    pub(crate) times: Times,
    /// Seconds.
    pub(crate) mclt: Option<u32>,
    /// How hash buckets are read.
    pub(crate) profile: Option<&'static Profile>,
    pub(crate) has_link: bool,
    /// Packets of failover connections are there, whether or not they say anything.
    pub(crate) has_connections: bool,
    pub(crate) has_clients: bool,
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

    /// The role in words, marked if it is a guess that nothing supports.
    pub(crate) fn called(&self, role: Role) -> &'static str {
        match (self.roles, role) {
            (Roles::Unknown | Roles::Twice, Role::Primary) => "supposed primary",
            (Roles::Unknown | Roles::Twice, Role::Secondary) => "supposed secondary",
            _ => role.name(),
        }
    }

    /// A server on failover connections, by its address and, where it is one of the pair, its role.
    pub(crate) fn who(&self, address: Ipv4Addr) -> String {
        self.on_link(address).map_or_else(|| address.to_string(), |role| format!("{address} ({})", self.called(role)))
    }
}

/// One server on failover connections.
#[derive(Default)]
struct Endpoint {
    partner: Option<Ipv4Addr>,
    messages: u64,
    signs: Signs,
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
    course: Course,
    pairs: Pairs,
    survey: Survey,
}

impl Surveyor {
    pub(crate) fn take(&mut self, event: &Event) {
        match &event.what {
            What::Link(link) => self.link(event.at, event.place, link),
            What::Dhcp { from, packet, .. } => {
                self.survey.has_clients = true;
                let same = (packet.xid, packet.kind as u8, packet.secs, packet.chaddr.clone());
                self.pairs.take(same, event.at, event.place);
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
        endpoint.signs.frame(frame);
        let Ok(body) = Body::from_frame(frame) else { return };
        endpoint.signs.body(&body);
        endpoint.signs.course(self.course.take(link, frame.xid, &body));
        match body {
            Body::Connect(connect) => self.survey.mclt = self.survey.mclt.or(connect.mclt),
            Body::State(said) => endpoint.log.said(at, place, link.connection, &said),
            Body::BndUpd(bindings) => bindings.iter().for_each(|binding| self.told(at, link.from, binding)),
            _ => {}
        }
    }

    /// The first BNDUPD after a DHCPACK comes from the server that gave it; later ones may repeat what they were told.
    fn told(&mut self, at: Micros, from: Ipv4Addr, binding: &Binding) {
        let Some(endpoint) = self.endpoints.get_mut(&from) else { return };
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

    /// The result, with what the settings say instead. `events`: read to their end.
    pub(crate) fn finish(mut self, settings: &Settings, events: &Events<'_>) -> Survey {
        let links = self.pair(settings);
        let signs = links.map(|link| link.and_then(|link| self.endpoints.get(&link)).map(|endpoint| &endpoint.signs));
        let (known, found, is_microsoft) = dialect(signs);
        self.survey.is_microsoft = is_microsoft && settings.profile.is_none();
        self.survey.dialect = if settings.profile.is_some() { Dialect::Named } else { known };
        self.survey.profile = settings.profile.or(found);
        self.other_pairs(links);
        self.servers(settings, links);
        self.clocks();
        self.survey.mclt = settings.mclt.or(self.survey.mclt);
        self.survey.times = events.times().with_pairs(&self.pairs);
        self.survey.has_connections = events.has_connections();
        self.survey
    }

    /// The two servers that are judged, primary first: those that the settings name, else those that say most.
    fn pair(&mut self, settings: &Settings) -> [Option<Ipv4Addr>; 2] {
        let named = Role::ALL.map(|role| {
            let mut named = settings.servers.iter().filter(|(named, _)| *named == role).map(|(_, address)| *address);
            named.find(|address| self.endpoints.contains_key(address))
        });
        let partner = |link: Ipv4Addr| self.endpoints.get(&link).and_then(|endpoint| endpoint.partner);
        self.survey.roles = Roles::Named;
        match named {
            [Some(primary), secondary] => return [Some(primary), secondary.or(partner(primary))],
            [None, Some(secondary)] => return [partner(secondary), Some(secondary)],
            [None, None] => {}
        }
        // Of two that say as much it is always the same one.
        let busiest = self.endpoints.iter().max_by_key(|(address, e)| (e.messages, std::cmp::Reverse(**address)));
        let Some((&busiest, endpoint)) = busiest else { return [None, None] };
        let links =
            endpoint.partner.map_or((busiest, None), |partner| (busiest.min(partner), Some(busiest.max(partner))));
        let score = |link: Ipv4Addr| self.endpoints.get(&link).map_or(0, |endpoint| endpoint.signs.score());
        let difference = score(links.0) - links.1.map_or(0, score);
        let says = |link: Ipv4Addr| self.endpoints.get(&link).is_some_and(|endpoint| endpoint.signs.says_primary());
        let is_twice = says(links.0) && links.1.is_some_and(says);
        self.survey.roles = if is_twice { Roles::Twice } else { Roles::from_signs(difference) };
        if difference < 0 { [links.1, Some(links.0)] } else { [Some(links.0), links.1] }
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
    }

    /// Whose clock is off, and by how much: by the capture's clock, and by the partner's.
    fn clocks(&mut self) {
        let offsets = Role::ALL.map(|role| self.survey.log(role).offsets);
        for (role, offsets) in Role::ALL.into_iter().zip(offsets) {
            if let Some((least, most)) = offsets
                && (least.abs() > MOST_OFFSET || most.abs() > MOST_OFFSET || most - least > 5)
            {
                let (name, behind) = (self.survey.called(role), say::behind(least, most));
                let text = format!("the clock of the {name} is {behind} the capture's; its times were corrected");
                self.survey.remarks.push(text);
            }
        }
        if let [Some((a, b)), Some((c, d))] = offsets
            && (a - d > MOST_OFFSET || b - c < -MOST_OFFSET)
        {
            let [primary, secondary] = Role::ALL.map(|role| self.survey.called(role));
            let text = format!(
                "the clock of the {primary} is {} that of the {secondary}; ISC dhcpd and Microsoft's servers refuse a \
                 CONNECT when the clocks are more than 60 s apart",
                say::behind(a - d, b - c)
            );
            self.survey.remarks.push(text);
        }
    }
}
