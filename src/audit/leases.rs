//! Claims about what clients get, judged at each DHCPOFFER and DHCPACK.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_engine::balance::{Buckets, bucket};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_wire::client::{Kind, Packet};
use dhcpfo_wire::convert::Client;
use dhcpfo_wire::message::{Answer, Binding, Body};

use crate::address::{ACTIVE, Address, Holder, Record, Update, client_name, is_same, status_name};
use crate::beside::Beside;
use crate::capture::Micros;
use crate::claims::{Claim, Ledger};
use crate::event::Place;
use crate::grants::{
    Grant, acked_before_reuse, made_available, mclt_bound, no_duplicate, own_pool, own_pool_only, partner_down_wait,
    rests,
};
use crate::links::Read;
use crate::say;
use crate::states::SECOND;
use crate::survey::Survey;
use crate::timeline::{Line, Timeline};
use crate::told::Told;

/// How far from a change of state an answer has to be to be judged by it.
const MARGIN: Micros = SECOND / 5;
/// Addresses, updates and requests that are remembered.
const MOST_ADDRESSES: usize = 1 << 20;
const MOST_UPDATES: usize = 65_536;
const MOST_ASKED: usize = 8192;

/// What was asked, to be matched with its answer.
struct Asked {
    at: Micros,
    secs: u16,
    kind: Kind,
}

/// Everything that is known about addresses.
#[derive(Default)]
pub(crate) struct Leases {
    addresses: BTreeMap<Ipv4Addr, Address>,
    /// BNDUPDs without an answer: connection, sender, xid.
    updates: BTreeMap<(u64, usize, u32), Vec<(Ipv4Addr, Update)>>,
    /// By xid and chaddr.
    asked: BTreeMap<(u32, Vec<u8>), Asked>,
    buckets: Option<Buckets>,
    delayed_service: Option<u8>,
    told: Told,
    beside: Beside,
    /// Told in words, for the timeline.
    pub(crate) timeline: Timeline,
    pub(crate) keeps_timeline: bool,
}

impl Leases {
    fn note(&mut self, address: Ipv4Addr, at: Micros, place: Place, text: impl FnOnce() -> String) {
        if self.keeps_timeline {
            let known = self.addresses.get(&address);
            let lines = self.timeline.entry(address).or_default();
            if lines.len() < 10_000 {
                lines.push(Line::new(at, place, text(), known));
            }
        }
    }

    /// A client that has no address any more.
    fn has_none(&mut self, client: &Client, at: Micros, place: Place, why: &str) {
        let held: Vec<Ipv4Addr> = match self.keeps_timeline {
            true => self.addresses.iter().filter(|(_, known)| known.is_held_by(client, at)).map(|(a, _)| *a).collect(),
            false => Vec::new(),
        };
        self.addresses.values_mut().for_each(|address| address.leave(client));
        for address in held {
            self.note(address, at, place, || format!("{} {why}", client_name(client)));
        }
    }

    fn address(&mut self, address: Ipv4Addr) -> Option<&mut Address> {
        let has_room = self.addresses.len() < MOST_ADDRESSES || self.addresses.contains_key(&address);
        has_room.then(|| self.addresses.entry(address).or_default())
    }

    /// Octets of a failover connection are missing.
    pub(crate) fn forget(&mut self, ledger: &mut Ledger) {
        self.told.forget(ledger);
        self.addresses.values_mut().for_each(Address::forget);
        self.updates.clear();
    }

    /// A failover message of one of the two servers.
    pub(crate) fn message(&mut self, survey: &Survey, role: Role, read: &Read<'_>, ledger: &mut Ledger) {
        match read.body {
            Body::Connect(connect) => {
                let octets = connect.hash_buckets.as_deref().and_then(|octets| <[u8; 32]>::try_from(octets).ok());
                self.buckets = octets.zip(survey.profile).map(|(octets, profile)| profile.buckets_from_wire(octets));
                self.delayed_service = connect.delayed_service;
            }
            Body::BndUpd(bindings) => self.told(survey, role, read, bindings, ledger),
            Body::BndAck(answers) => self.answered(survey, role, read, answers, ledger),
            _ => {}
        }
    }

    fn told(&mut self, survey: &Survey, role: Role, read: &Read<'_>, bindings: &[Binding], ledger: &mut Ledger) {
        let mut updates = Vec::new();
        for binding in bindings {
            self.told.told(survey, role, read.at, binding, ledger);
            let Some(update) = Update::new(binding, survey.log(role), read.at, read.place) else { continue };
            let down = survey
                .log(role)
                .at(read.at, MARGIN)
                .filter(|stretch| stretch.state == Reported::In(State::PartnerDown) && !stretch.startup);
            let Some(address) = self.address(binding.address) else { continue };
            if let Some(down) = down {
                made_available(survey, address, (binding.address, &update), role, down, ledger);
            }
            address.sent(role, &update);
            self.note(binding.address, read.at, read.place, || {
                let client = update.record.client.as_ref().map_or_else(String::new, |c| format!(" {}", client_name(c)));
                let until = |what: &str, time: Option<Micros>| {
                    time.map_or_else(String::new, |time| format!(", {what} {}", say::after(time, read.at)))
                };
                let (status, name) = (status_name(update.record.status), role.name());
                let (ends, potential) = (until("ends", update.record.ends), until("potential", update.potential));
                format!("{name} tells {status}{client}{ends}{potential}")
            });
            updates.push((binding.address, update));
        }
        if self.updates.len() < MOST_UPDATES {
            self.updates.insert((read.link.connection, role.index(), read.xid), updates);
        }
    }

    fn answered(&mut self, survey: &Survey, role: Role, read: &Read<'_>, answers: &[Answer], ledger: &mut Ledger) {
        let sender = role.partner();
        let updates = self.updates.remove(&(read.link.connection, sender.index(), read.xid)).unwrap_or_default();
        for (address, update) in updates {
            let answer = answers.iter().find(|answer| answer.address == Some(address));
            if let Some(known) = self.addresses.get_mut(&address) {
                known.answered(sender, &update);
            }
            let word = match answer {
                Some(Answer { refusal: None, .. }) => {
                    if let Some(known) = self.address(address) {
                        rests(survey, known, sender, (address, &update), (read.at, read.place), ledger);
                        known.accepted(sender, &update, read.at, read.place);
                    }
                    "accepts".to_owned()
                }
                Some(Answer { refusal: Some(refusal), .. }) => format!("refuses, {refusal}:"),
                None => continue,
            };
            let status = update.record.status;
            self.note(address, read.at, read.place, || format!("{} {word} {}", role.name(), status_name(status)));
        }
    }

    /// A DHCP packet.
    pub(crate) fn dhcp(
        &mut self,
        survey: &Survey,
        at: Micros,
        place: Place,
        ends: (Ipv4Addr, Ipv4Addr),
        packet: &Packet,
        ledger: &mut Ledger,
    ) {
        let (from, to) = ends;
        let Some(client) = packet.client() else { return };
        let key = (packet.xid, packet.chaddr.clone());
        match packet.kind {
            Kind::Discover | Kind::Request => {
                if packet.kind == Kind::Discover {
                    self.has_none(&client, at, place, "looks for an address, so it has none");
                }
                if self.asked.len() >= MOST_ASKED {
                    self.asked.retain(|_, asked| at - asked.at < 10 * SECOND);
                }
                if self.asked.len() < MOST_ASKED {
                    self.asked.insert(key, Asked { at, secs: packet.secs, kind: packet.kind });
                }
                silent_request(survey, at, to, packet, ledger);
            }
            Kind::Release | Kind::Decline => {
                let address =
                    if packet.kind == Kind::Release { Some(packet.ciaddr) } else { packet.requested_address() };
                if let Some(address) = address {
                    self.address(address).into_iter().for_each(|address| address.leave(&client));
                    self.told.over(address, &client, at);
                    let word = if packet.kind == Kind::Release { "releases" } else { "declines" };
                    self.note(address, at, place, || format!("{} {word}", client_name(&client)));
                }
            }
            Kind::Offer | Kind::Ack | Kind::Nak => self.answer(survey, (at, place), from, packet, &client, ledger),
            Kind::Inform => {}
        }
    }

    fn answer(
        &mut self,
        survey: &Survey,
        (at, place): (Micros, Place),
        from: Ipv4Addr,
        packet: &Packet,
        client: &Client,
        ledger: &mut Ledger,
    ) {
        let server = packet.server_identifier().unwrap_or(from);
        let role = survey.to_clients(server).or_else(|| survey.to_clients(from));
        if let Some(role) = role {
            self.silence(survey, role, (at, place), packet, client, ledger);
        }
        let (false, Some(lease)) = (packet.yiaddr.is_unspecified(), packet.lease_time()) else {
            if packet.kind == Kind::Nak {
                self.has_none(client, at, place, "is refused");
            }
            return;
        };
        let is_offer = packet.kind == Kind::Offer;
        let mask = packet.options.array(1).map_or(0, u32::from_be_bytes);
        let grant = Grant { at, place, address: packet.yiaddr, client, lease, server, role, is_offer, mask };
        let asked =
            self.asked.get(&(packet.xid, packet.chaddr.clone())).map(|asked| (asked.at, asked.secs, asked.kind));
        if self.address(grant.address).is_none() {
            return;
        }
        if let Some(role) = role {
            self.beside.answered(survey, role, at, place);
        }
        if is_offer {
            self.one_responsible(survey, &grant, asked, ledger);
        }
        self.judge(survey, &grant, ledger);
        if !is_offer {
            self.give(survey, &grant, asked.map(|(at, ..)| at), ledger);
        }
    }

    /// The claims that depend on the state of the server that gives.
    fn judge(&mut self, survey: &Survey, grant: &Grant<'_>, ledger: &mut Ledger) {
        let known = &self.addresses[&grant.address];
        let claims = [Claim::McltBound, Claim::AckedBeforeReuse, own_pool(grant)];
        let Some(role) = grant.role else {
            let reason = if survey.has_link {
                format!("which of the two servers {} is could not be told; say it with --server", grant.server)
            } else {
                "no failover messages in the capture".to_owned()
            };
            return claims.into_iter().for_each(|claim| ledger.open(claim, reason.clone()));
        };
        let stretch = survey.log(role).at(grant.at, MARGIN).copied();
        let state = survey.log(role).about(grant.at, MARGIN);
        if !grant.is_offer {
            mclt_bound(survey, known, grant, role, state, ledger);
        }
        let goes_on = known.is_held_by(grant.client, grant.at)
            || Role::ALL.into_iter().any(|role| {
                let holder = known.record(role).and_then(Record::holder);
                holder.is_some_and(|holder| is_same(holder, grant.client))
            });
        if goes_on {
            return;
        }
        match (state, stretch) {
            (Some(Reported::In(State::PartnerDown)), Some(stretch)) if !grant.is_offer => {
                partner_down_wait(survey, known, grant, role, &stretch, ledger);
            }
            (Some(Reported::In(State::PartnerDown)), None) if !grant.is_offer => {
                ledger.open(Claim::PartnerDownWait, "within 0.2 s of a change of state");
            }
            (Some(Reported::In(State::PartnerDown)), _) => {}
            (Some(state), _) => {
                let in_touch = matches!(state, Reported::In(State::Normal | State::CommunicationsInterrupted));
                if in_touch && !grant.is_offer {
                    acked_before_reuse(survey, known, grant, role, ledger);
                }
                if !survey.roles.are_sure() {
                    ledger.open(own_pool(grant), "nobody sent CONNECT: which server is the primary is not known");
                } else {
                    own_pool_only(survey, known, grant, role, ledger);
                }
            }
            (None, _) => {
                let reason = "the state of the server at that time is not in the capture";
                ledger.open(own_pool(grant), reason);
                if !grant.is_offer {
                    ledger.open(Claim::AckedBeforeReuse, reason);
                    ledger.open(Claim::PartnerDownWait, reason);
                }
            }
        }
    }

    fn give(&mut self, survey: &Survey, grant: &Grant<'_>, asked: Option<Micros>, ledger: &mut Ledger) {
        let begins = asked.filter(|asked| grant.at - asked < 10 * SECOND).unwrap_or(grant.at);
        let until = if grant.lease == u32::MAX { Micros::MAX / 4 } else { begins + i64::from(grant.lease) * SECOND };
        no_duplicate(&self.addresses[&grant.address], grant, survey, ledger);
        let Some(known) = self.address(grant.address) else { return };
        let (client, since, has_request) = (grant.client.clone(), grant.at, asked.is_some());
        known.hold(Holder { client, since, until, has_request, by: grant.role, place: grant.place });
        if let Some(role) = grant.role {
            let ends = Some(grant.at + (until - begins));
            let client = Some(grant.client.clone());
            let (at, place) = (grant.at, grant.place);
            let record = Record { status: ACTIVE, client, ends, is_untold: true, at, place };
            known.records[role.index()] = Some(record);
            known.given[role.index()] = Some(grant.at);
            known.is_unsure[role.index()] = false;
            known.forget_promises_to_others(role, grant.client);
            if survey.has_link && !survey.is_microsoft {
                self.told.gave(survey, role, grant.address, grant.client, (grant.at, grant.place), until);
            }
        }
        let server = grant.role.map_or_else(|| grant.server.to_string(), |role| role.name().to_owned());
        let (client, lease) = (client_name(grant.client), say::lease(grant.lease));
        self.note(grant.address, grant.at, grant.place, || format!("{server} gives to {client} for {lease}"));
    }

    /// The capture is over. `is_full`: a server may not send more, as its partner does not answer.
    pub(crate) fn finish(&mut self, survey: &Survey, is_full: impl Fn(Role) -> bool, ledger: &mut Ledger) {
        std::mem::take(&mut self.told).finish(survey, is_full, ledger);
        std::mem::take(&mut self.beside).finish(survey, ledger);
    }

    fn silence(
        &mut self,
        survey: &Survey,
        role: Role,
        (at, place): (Micros, Place),
        packet: &Packet,
        client: &Client,
        ledger: &mut Ledger,
    ) {
        let Some(stretch) = survey.log(role).at(at, MARGIN) else { return };
        let renewal = packet.kind != Kind::Offer && {
            let record = self.addresses.get(&packet.yiaddr).and_then(|known| known.record(role));
            let theirs = record.filter(|record| record.status == ACTIVE).and_then(|record| record.client.as_ref());
            packet.kind == Kind::Nak || theirs.is_some_and(|theirs| is_same(theirs, client))
        };
        let allowed = match stretch.state {
            _ if stretch.startup => false,
            Reported::In(State::RecoverDone) => renewal,
            state => !is_silent(state),
        };
        if !allowed {
            let (name, state, kind) = (survey.called(role), stretch.name(), packet.kind.name());
            let text = format!("the {name} sent {kind} to {} although it was in {state}", client_name(client));
            ledger.violated(Claim::Silence, at, vec![place, stretch.place], text);
        }
    }

    fn one_responsible(
        &mut self,
        survey: &Survey,
        grant: &Grant<'_>,
        asked: Option<(Micros, u16, Kind)>,
        ledger: &mut Ledger,
    ) {
        let (Some(role), Some((_, secs, Kind::Discover))) = (grant.role, asked) else { return };
        let both = Role::ALL.into_iter().all(|role| survey.log(role).is_in(State::Normal, grant.at, MARGIN));
        if !both || secs > u16::from(self.delayed_service.unwrap_or(0)) {
            return;
        }
        let Some(buckets) = self.buckets.filter(|_| survey.roles.are_sure()) else {
            return ledger.open(Claim::OneResponsible, "the CONNECT with the hash buckets is not in the capture");
        };
        let bucket = bucket(grant.client.hashed());
        let owner = if buckets.is_secondarys(bucket) { Role::Secondary } else { Role::Primary };
        if owner == role {
            return ledger.held(Claim::OneResponsible);
        }
        let on_link = |address: Ipv4Addr| u32::from(address) & grant.mask == u32::from(grant.address) & grant.mask;
        let has_address = |(&address, known): (&Ipv4Addr, &Address)| {
            on_link(address) && known.record(owner).and_then(Record::owner) == Some(owner)
        };
        if !self.addresses.iter().any(has_address) {
            return ledger.open(
                Claim::OneResponsible,
                "the responsible server is not known to have an address left on the client's link",
            );
        }
        let (name, client) = (survey.called(role), client_name(grant.client));
        let owner = survey.called(owner);
        let text = format!("the {name} answered DHCPDISCOVER of {client}, whose bucket {bucket} is the {owner}'s");
        ledger.violated(Claim::OneResponsible, grant.at, vec![grant.place], text);
    }
}

/// The states in which no client is answered.
fn is_silent(state: Reported) -> bool {
    matches!(
        state,
        Reported::Paused
            | Reported::Shutdown
            | Reported::In(State::Recover | State::RecoverWait | State::PotentialConflict)
    )
}

/// A request that reaches a server which must be silent is an occasion, whatever comes of it.
fn silent_request(survey: &Survey, at: Micros, to: Ipv4Addr, packet: &Packet, ledger: &mut Ledger) {
    let chosen = packet.server_identifier().or_else(|| (!to.is_broadcast()).then_some(to));
    let chosen = chosen.and_then(|chosen| survey.to_clients(chosen));
    for role in Role::ALL.into_iter().filter(|role| chosen.is_none_or(|chosen| chosen == *role)) {
        if survey.log(role).at(at, MARGIN).is_some_and(|stretch| stretch.startup || is_silent(stretch.state)) {
            ledger.held(Claim::Silence);
        }
    }
}
