//! Claims about what clients get, judged at each DHCPOFFER and DHCPACK.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_engine::balance::{Buckets, bucket};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_wire::client::{Kind, Packet};
use dhcpfo_wire::convert::Client;
use dhcpfo_wire::message::{Answer, Binding, Body};

use crate::address::{ABANDONED, ACTIVE, Address, Holder, Record, Update, client_name, is_same, status_name};
use crate::capture::Micros;
use crate::claims::{Claim, Ledger};
use crate::event::Place;
use crate::links::Read;
use crate::say;
use crate::states::{SECOND, Stretch};
use crate::survey::Survey;
use crate::timeline::{Line, Timeline};

/// Servers count whole seconds, and a capture has its own clock.
const SLACK: Micros = 2 * SECOND;
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
    /// Told in words, for the timeline.
    pub(crate) timeline: Timeline,
    pub(crate) keeps_timeline: bool,
}

/// A lease that is told to a client.
struct Grant<'a> {
    at: Micros,
    place: Place,
    address: Ipv4Addr,
    client: &'a Client,
    /// Seconds.
    lease: u32,
    server: Ipv4Addr,
    role: Option<Role>,
    is_offer: bool,
    /// The subnet mask that the client is told; 0 if none.
    mask: u32,
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
    pub(crate) fn forget(&mut self) {
        self.addresses.values_mut().for_each(Address::forget);
        self.updates.clear();
    }

    /// A failover message of one of the two servers.
    pub(crate) fn message(&mut self, survey: &Survey, role: Role, read: &Read<'_>) {
        match read.body {
            Body::Connect(connect) => {
                let octets = connect.hash_buckets.as_deref().and_then(|octets| <[u8; 32]>::try_from(octets).ok());
                self.buckets = octets.zip(survey.profile).map(|(octets, profile)| profile.buckets_from_wire(octets));
                self.delayed_service = connect.delayed_service;
            }
            Body::BndUpd(bindings) => self.told(survey, role, read, bindings),
            Body::BndAck(answers) => self.answered(role, read, answers),
            _ => {}
        }
    }

    fn told(&mut self, survey: &Survey, role: Role, read: &Read<'_>, bindings: &[Binding]) {
        let mut updates = Vec::new();
        for binding in bindings {
            let Some(update) = Update::new(binding, survey.log(role), read.at, read.place) else { continue };
            let Some(address) = self.address(binding.address) else { continue };
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

    fn answered(&mut self, role: Role, read: &Read<'_>, answers: &[Answer]) {
        let sender = role.partner();
        let updates = self.updates.remove(&(read.link.connection, sender.index(), read.xid)).unwrap_or_default();
        for (address, update) in updates {
            let answer = answers.iter().find(|answer| answer.address == Some(address));
            let word = match answer {
                Some(Answer { refusal: None, .. }) => {
                    if let Some(known) = self.address(address) {
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
        let claims = [Claim::McltBound, Claim::AckedBeforeReuse, Claim::OwnPoolOnly];
        let Some(role) = grant.role else {
            let reason = if survey.has_link {
                format!("which of the two servers {} is could not be told; say it with --server", grant.server)
            } else {
                "no failover messages in the capture".to_owned()
            };
            return claims.into_iter().for_each(|claim| ledger.open(claim, reason.clone()));
        };
        let stretch = survey.log(role).at(grant.at, MARGIN).copied();
        let state = stretch.filter(|stretch| !stretch.startup).map(|stretch| stretch.state);
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
            (Some(Reported::In(State::Normal | State::CommunicationsInterrupted)), _) => {
                if !grant.is_offer {
                    acked_before_reuse(known, grant, role, ledger);
                }
                if survey.roles_guessed {
                    ledger.open(Claim::OwnPoolOnly, "nobody sent CONNECT: which server is the primary is not known");
                } else {
                    own_pool_only(known, grant, role, ledger);
                }
            }
            (Some(_), _) => {}
            (None, _) => {
                let reason = "the state of the server at that time is not in the capture";
                ledger.open(Claim::OwnPoolOnly, reason);
                if !grant.is_offer {
                    ledger.open(Claim::AckedBeforeReuse, reason);
                }
            }
        }
    }

    fn give(&mut self, survey: &Survey, grant: &Grant<'_>, asked: Option<Micros>, ledger: &mut Ledger) {
        let begins = asked.filter(|asked| grant.at - asked < 10 * SECOND).unwrap_or(grant.at);
        let until = if grant.lease == u32::MAX { Micros::MAX / 4 } else { begins + i64::from(grant.lease) * SECOND };
        no_duplicate(&self.addresses[&grant.address], grant, survey, ledger);
        let Some(known) = self.address(grant.address) else { return };
        known.hold(Holder { client: grant.client.clone(), since: grant.at, until, by: grant.role, place: grant.place });
        if let Some(role) = grant.role {
            let ends = Some(grant.at + (until - begins));
            let client = Some(grant.client.clone());
            let record = Record { status: ACTIVE, client, ends, at: grant.at, place: grant.place };
            known.records[role.index()] = Some(record);
        }
        let server = grant.role.map_or_else(|| grant.server.to_string(), |role| role.name().to_owned());
        let (client, lease) = (client_name(grant.client), say::lease(grant.lease));
        self.note(grant.address, grant.at, grant.place, || format!("{server} gives to {client} for {lease}"));
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
            let (name, state, kind) = (role.name(), stretch.name(), packet.kind.name());
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
        let Some(buckets) = self.buckets.filter(|_| !survey.roles_guessed) else {
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
        let (name, client) = (role.name(), client_name(grant.client));
        let text =
            format!("the {name} answered DHCPDISCOVER of {client}, whose bucket {bucket} is the {}'s", owner.name());
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

fn no_duplicate(known: &Address, grant: &Grant<'_>, survey: &Survey, ledger: &mut Ledger) {
    let other = known.held_at(grant.at + SLACK).find(|holder| !is_same(&holder.client, grant.client));
    let by = |role: Option<Role>| role.map_or_else(|| "a server".to_owned(), |role| format!("the {}", role.name()));
    let text = || {
        let Some(other) = other else { return String::new() };
        let state = grant.role.and_then(|role| survey.log(role).at(grant.at, 0)).map(Stretch::name);
        let state = state.map_or_else(String::new, |state| format!(" in {state}"));
        format!(
            "{}: {}{state} gave it to {} while {} has it from {}, until {}",
            grant.address,
            by(grant.role),
            client_name(grant.client),
            client_name(&other.client),
            by(other.by),
            say::after(other.until, grant.at),
        )
    };
    let places = || [grant.place].into_iter().chain(other.map(|other| other.place)).collect();
    ledger.judge(Claim::NoDuplicate, other.is_none(), grant.at, places, text);
}

fn mclt_bound(
    survey: &Survey,
    known: &Address,
    grant: &Grant<'_>,
    role: Role,
    state: Option<Reported>,
    ledger: &mut Ledger,
) {
    let claim = Claim::McltBound;
    let Some(mclt) = survey.mclt else { return ledger.open(claim, "MCLT is not in the capture; say it with --mclt") };
    if state == Some(Reported::In(State::PartnerDown)) {
        return;
    }
    let mclt = i64::from(mclt) * SECOND;
    let ends = if grant.lease == u32::MAX { Micros::MAX / 4 } else { grant.at + i64::from(grant.lease) * SECOND };
    let promised = known.promised(role.partner(), grant.client);
    let base = promised.map_or(grant.at, |(until, _)| until.max(grant.at));
    if ends <= base + mclt + SLACK {
        return ledger.held(claim);
    }
    if !known.is_whole {
        return ledger.open(claim, "what the partner knew of the binding before the capture began is not known");
    }
    if state.is_none() {
        return ledger.open(claim, "the state of the server at that time is not in the capture");
    }
    let text = format!(
        "{}: the {} gave {} a lease of {} s, {} s too long: the partner expects {}, and MCLT is {} s",
        grant.address,
        role.name(),
        client_name(grant.client),
        grant.lease,
        (ends - base - mclt) / SECOND,
        promised.map_or_else(|| "nothing".to_owned(), |(until, _)| say::after(until, grant.at)),
        mclt / SECOND,
    );
    let places = [grant.place].into_iter().chain(promised.map(|(_, place)| place)).collect();
    ledger.violated(claim, grant.at, places, text);
}

fn acked_before_reuse(known: &Address, grant: &Grant<'_>, role: Role, ledger: &mut Ledger) {
    let Some(theirs) = known.record(role.partner()) else {
        return ledger.open(Claim::AckedBeforeReuse, "no binding update about the address is in the capture");
    };
    let client = theirs.client.as_ref().filter(|client| !is_same(client, grant.client));
    let until = client.map(|client| {
        let promised = known.promised(role.partner(), client).map(|(until, _)| until);
        theirs.ends.into_iter().chain(promised).max().unwrap_or(0)
    });
    let holds = theirs.status != ACTIVE || until.is_none_or(|until| until <= grant.at + SLACK);
    let text = || {
        let (other, until) = (client.map(client_name).unwrap_or_default(), until.unwrap_or(0));
        let (name, new) = (role.name(), client_name(grant.client));
        let until = say::after(until, grant.at);
        format!(
            "{}: the {name} gave it to {new} while its partner has it ACTIVE for {other}, until {until}",
            grant.address
        )
    };
    ledger.judge(Claim::AckedBeforeReuse, holds, grant.at, || vec![grant.place, theirs.place], text);
}

fn own_pool_only(known: &Address, grant: &Grant<'_>, role: Role, ledger: &mut Ledger) {
    let Some(record) = known.record(role) else {
        return ledger.open(Claim::OwnPoolOnly, "no binding update about the address is in the capture");
    };
    let is_abandoned = record.status == ABANDONED && record.ends.is_none_or(|ends| ends > grant.at);
    let holds = record.owner().map_or(!is_abandoned, |owner| owner == role);
    let text = || {
        let word = if grant.is_offer { "offered" } else { "gave" };
        let (status, client) = (status_name(record.status), client_name(grant.client));
        format!("{}: the {} {word} it to {client} although it is {status}", grant.address, role.name())
    };
    ledger.judge(Claim::OwnPoolOnly, holds, grant.at, || vec![grant.place, record.place], text);
}

fn partner_down_wait(
    survey: &Survey,
    known: &Address,
    grant: &Grant<'_>,
    role: Role,
    down: &Stretch,
    ledger: &mut Ledger,
) {
    let claim = Claim::PartnerDownWait;
    let Some(mclt) = survey.mclt else { return ledger.open(claim, "MCLT is not in the capture; say it with --mclt") };
    let record = known.record(role).or_else(|| known.record(role.partner()));
    let Some(record) = record else {
        return ledger.open(claim, "no binding update about the address is in the capture");
    };
    let given_since = known.holders.iter().any(|h| h.by == Some(role) && h.since > down.from);
    if record.owner() == Some(role) || record.at > down.from && given_since {
        return ledger.held(claim);
    }
    let promised = record.holder().and_then(|client| known.promised(role, client)).map(|(until, _)| until);
    let latest = record.holder().and(record.ends.into_iter().chain(promised).max());
    let may = latest.unwrap_or(down.from).max(down.from) + i64::from(mclt) * SECOND;
    let text = || {
        let whose = match (record.holder(), latest) {
            (Some(client), Some(latest)) => {
                let until = say::after(latest, grant.at);
                format!("the partner may have let {} have it until {until} and MCLT more", client_name(client))
            }
            _ => format!("it is {} and so the partner's", status_name(record.status)),
        };
        let early = say::span(may - grant.at);
        let entered = say::span(grant.at - down.from);
        format!(
            "{}: the {} gave it to {} in PARTNER-DOWN, {early} too early: entered {entered} before; {whose}",
            grant.address,
            role.name(),
            client_name(grant.client)
        )
    };
    let places = || vec![grant.place, record.place, down.place];
    ledger.judge(claim, grant.at + SLACK >= may, grant.at, places, text);
}
