//! Judging: what clients hold, what servers send and have stored, at each step; and progress at the end.

use super::client::NONE;
use super::{Apart, Broken, Event, Run, Sight, Violation};
use dhcpfo_claims::Entry;
use dhcpfo_claims::common::PROGRESS;
use dhcpfo_claims::draft_12::{
    ACKED_BEFORE_REUSE, DURABLE_BEFORE_VISIBLE, MCLT_BOUND, NO_DUPLICATE_ADDRESS, OWN_POOL_ONLY,
};
use dhcpfo_engine::balance::secondarys_due;
use dhcpfo_engine::binding::{AddressId, Binding, Code, Partner, Status};
use dhcpfo_engine::effect::{Answer, Ask, Effect, Input};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::service::Service;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::{Group, LeaseTable};
use dhcpfo_files::simulation::Setting;
use dhcpfo_time::{Clock, Time};

/// So many violations that are counted apart are remembered one by one.
const MOST_APART: usize = 20;

/// What is looked at before a step, to be compared afterwards.
pub(super) struct Before {
    pub(super) state: Option<State>,
    /// The address that a client names, as this server and its partner had it.
    bindings: Option<(AddressId, Binding, Binding)>,
    /// The client held the address when it asked: it asks for more time.
    held: bool,
    partner_lost: bool,
}

impl Run<'_> {
    pub(super) fn before(&self, role: Role, input: &Input) -> Before {
        let server = &self.servers[role.index()];
        let mut before = Before { state: server.running(), bindings: None, held: false, partner_lost: false };
        let Input::Client(request) = input else { return before };
        let (Ask::Select(address) | Ask::Reboot(address) | Ask::Renew(address) | Ask::Rebind(address)) = request.ask
        else {
            return before;
        };
        before.held = matches!(request.ask, Ask::Renew(_) | Ask::Rebind(_));
        let partner = self.servers[role.partner().index()].durable();
        if let (Some(mine), Some(partner)) = (server.table(), partner)
            && address.0 < mine.len()
        {
            before.bindings = Some((address, mine.get(address), partner.table().get(address)));
            before.partner_lost = partner.endpoint().is_none_or(|record| record.lost);
        }
        before
    }

    /// The claims about a lease that a server gives.
    pub(super) fn judge_step(&mut self, role: Role, before: &Before, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Reply(client, Answer::Ack(address, ends)) => {
                    self.measures.answered[usize::from(before.state != Some(State::Normal))] += 1;
                    let claim = self.broken_by_lease(role, before, client.0, *address, *ends);
                    if let Some(claim) = claim {
                        let detail = format!("{} gives a{} to client {}", role.name(), address.0, client.0);
                        self.violated(claim, Some(*address), detail);
                    }
                    self.note_reuse(role, before);
                }
                Effect::Send(Message::BndUpd(update)) if update.status.code() == Code::Active => {
                    let server = &self.servers[role.index()];
                    let stored = server.table().map(|table| table.get(update.address).sent_potential_expiration);
                    if stored.is_none_or(|sent| server.clock.before(sent, update.potential_expiration)) {
                        let detail = format!("{} promises a time for a{}", role.name(), update.address.0);
                        self.violated(&DURABLE_BEFORE_VISIBLE, Some(update.address), detail);
                    }
                }
                _ => {}
            }
        }
    }

    fn broken_by_lease(
        &self,
        role: Role,
        before: &Before,
        id: u32,
        address: AddressId,
        ends: Time,
    ) -> Option<&'static Entry> {
        let server = &self.servers[role.index()];
        let after = server.table()?.get(address);
        let named = matches!(after.status, Status::Active { client } if client.0 == id);
        if !named || server.clock.before(after.lease_expiration, ends) {
            return Some(&DURABLE_BEFORE_VISIBLE);
        }
        let (_, mine, theirs) = before.bindings.filter(|(asked, ..)| *asked == address)?;
        let now = server.clock.now();
        let ahead = if role == Role::Secondary { self.offset as i64 } else { -(self.offset as i64) };
        // The partner's times as this server's clock has them.
        let here = |time: Time| i64::from(time.raw()) + if time == Time::LONG_AGO { 0 } else { ahead };
        let told = server.clock.later(theirs.received_potential_expiration, theirs.sent_potential_expiration);
        let known = server.clock.later(told, theirs.acked_potential_expiration);
        let base = i64::from(now.raw()).max(here(known));
        let bound = before.state != Some(State::PartnerDown);
        if bound && !before.partner_lost && i64::from(ends.raw()) > base + self.get(Setting::Mclt) as i64 {
            return Some(&MCLT_BOUND);
        }
        let holder = |binding: &Binding| if binding.status.is_available() { None } else { binding.status.client() };
        let continues = holder(&mine).is_some_and(|client| client.0 == id);
        let client = &self.clients[(id % self.clients.len() as u32) as usize];
        if client.keeps_expired {
            return None;
        }
        let holds = before.held || client.id == id && client.holds(self.second()) == Some(address.0);
        let own = match mine.status {
            Status::Free { .. } => role == Role::Primary,
            Status::Backup { .. } => role == Role::Secondary,
            _ => false,
        };
        if bound && !continues && !own && !holds {
            return Some(&OWN_POOL_ONLY);
        }
        let in_touch = matches!(before.state, Some(State::Normal | State::CommunicationsInterrupted));
        let lasts = here(server.clock.later(theirs.lease_expiration, known)) > i64::from(now.raw());
        let foreign = matches!(theirs.status, Status::Active { client } if client.0 != id);
        let reused = in_touch && !before.partner_lost && !continues && !holds && foreign && lasts;
        reused.then_some(&ACKED_BEFORE_REUSE)
    }

    /// The first lease in PARTNER-DOWN on what was available to the partner.
    fn note_reuse(&mut self, role: Role, before: &Before) {
        let Some((_, mine, _)) = before.bindings else { return };
        let partners = match mine.status {
            Status::Free { .. } => role == Role::Secondary,
            Status::Backup { .. } => role == Role::Primary,
            _ => false,
        };
        if partners
            && before.state == Some(State::PartnerDown)
            && let Some(since) = self.down_since[role.index()].take()
        {
            self.measures.reuse.add((self.now / 1000).saturating_sub(since));
        }
    }

    /// A client has a lease now: does anybody else use that address?
    pub(super) fn judge_holder(&mut self, client: u32, address: AddressId) {
        let now = self.second();
        let holder = std::mem::replace(&mut self.holders[address.0 as usize], client);
        if holder == NONE || holder == client {
            return;
        }
        let (one, other) = (&self.clients[client as usize], &self.clients[holder as usize]);
        if one.keeps_expired || other.keeps_expired {
            let used = other.address == address.0 && (other.keeps_expired || other.holds(now).is_some());
            self.measures.misbehaved += u64::from(used);
        } else if other.holds(now) == Some(address.0) {
            let detail = format!("a{} is held by clients {holder} and {client}", address.0);
            self.violated(&NO_DUPLICATE_ADDRESS, Some(address), detail);
        }
    }

    fn violated(&mut self, claim: &'static Entry, address: Option<AddressId>, detail: String) {
        let late = address.and_then(|address| self.follows_late_packet(address));
        let violation = Violation { claim: claim.name, at: self.now / 1000, detail };
        let late = late.map(|since| Broken { since, why: "a late packet was believed there" });
        if let Some(broken) = self.beyond.or(late) {
            self.measures.beyond += 1;
            self.sum_up(&violation, broken);
            let Broken { since, why } = broken;
            if self.apart.len() < MOST_APART {
                self.apart.push(Apart { violation, since, why });
            }
        } else if self.violation.is_none() {
            self.see(&Sight::Refuted(&violation));
            self.violation = Some(violation);
        }
    }

    // ---- measures from time to time ---------------------------------------------------------------------

    /// Counts how long servers served, up to now.
    pub(super) fn account(&mut self) {
        let second = self.now / 1000;
        let passed = second - self.sampled;
        self.sampled = second;
        for server in &self.servers {
            if server.service() > Service::RenewOnly {
                self.measures.served[usize::from(server.running() != Some(State::Normal))] += passed;
            }
        }
    }

    pub(super) fn sample(&mut self) {
        self.account();
        let now = self.second();
        for server in &self.servers {
            let dirty = server.table().map_or(0, |table| table.dirty());
            self.measures.backlog.add(u64::from(dirty));
        }
        let there = self.clients.iter().filter(|client| client.is_there()).count() as u64;
        let without = self.clients.iter().filter(|client| client.is_there() && client.holds(now).is_none());
        let without = without.count() as u64;
        if let Some(share) = (1000 * without).checked_div(there) {
            self.measures.without.add(share);
        }
        self.note_one_sided();
        self.push(3_600_000, Event::Sample);
    }

    /// Links whose available addresses are all one server's, though both should have some, while both are in NORMAL.
    fn note_one_sided(&mut self) {
        if !self.servers.iter().all(|server| server.running() == Some(State::Normal)) {
            return;
        }
        let [Some(primary), Some(secondary)] = [0, 1].map(|i| self.servers[i].table()) else { return };
        let pool = &self.servers[0].config.pool;
        let one_sided = |group: &u32| {
            let [free, backup] =
                [primary.available(Some(Group(*group))).free, secondary.available(Some(Group(*group))).backup];
            let due = secondarys_due(pool, free + backup);
            (free == 0 || backup == 0) && due > 0 && due < free + backup
        };
        let groups = primary.groups();
        let count = (0..groups).filter(one_sided).count() as u64;
        self.measures.one_sided.add(1000 * count / u64::from(groups));
    }

    // ---- the end ----------------------------------------------------------------------------------------

    /// All faults end; then both servers must come to NORMAL, agree about each address (not about all at one instant:
    /// clients go on), and all clients be served, within two MCLT (RECOVER-WAIT, and another that a conflict or a second
    /// restart may cost), a lease (for what is promised and for clients that are not there), and an hour for what is said
    /// meanwhile. That they agree is demanded where the updates of the drawn configuration can be answered as fast as
    /// they come, see [`Run::load`]; other runs are counted.
    pub(super) fn heal(&mut self) {
        self.end_faults();
        let agree = self.load() < 1.0;
        self.measures.overloaded += u64::from(!agree);
        let bound = 2.0 * self.get(Setting::Mclt) + self.get(Setting::Lease) + 3600.0;
        let begun = self.now;
        let end = begun + (bound * 1000.0) as u64;
        let all = if agree { self.get(Setting::Addresses) as u32 } else { 0 };
        let mut open = (0..all).map(AddressId).collect();
        let mut lacking = self.lacking(&mut open);
        while lacking.is_some() && self.now < end && self.violation.is_none() && !self.interrupted {
            let next = (self.now + 10_000).min(end);
            self.go_on(next);
            lacking = self.lacking(&mut open);
        }
        match lacking {
            _ if self.violation.is_some() || self.interrupted => {}
            None => self.measures.heal.add((self.now - begun) / 1000),
            Some(detail) => {
                self.violated(&PROGRESS, None, format!("{detail}, {bound:.0} s after all was healed"));
            }
        }
    }

    /// Which part of its time the window for BNDUPDs is taken up in NORMAL without faults; 1 and more cannot be served:
    /// bindings change again before their turn comes, and as the lowest address goes first, the others wait for ever.
    ///
    /// From a BNDUPD to the next in its place both disks write twice at most (what comes in during a write waits for the
    /// next one), and two messages travel. Of each address in use there is an update at each renewal, half way through a
    /// lease that is no longer than MCLT while nothing is acknowledged, and there are three for each client that comes
    /// and leaves.
    fn load(&self) -> f64 {
        let get = |setting| self.get(setting);
        let turn = 4.0 * get(Setting::DiskDelay) + 2.0 * get(Setting::LinkDelay);
        let used = get(Setting::Clients).min(get(Setting::Addresses));
        let renewal = (get(Setting::Lease).min(get(Setting::Mclt)) / 2.0).max(1.0);
        let stay = get(Setting::Residence) + get(Setting::Absence);
        let changes = if get(Setting::Residence) > 0.0 { 3.0 * get(Setting::Clients) / stay } else { 0.0 };
        turn * (used / renewal + changes) / get(Setting::MaxUnacked)
    }

    /// What is not yet as it should be. `open`: the addresses about which the servers have not agreed since.
    fn lacking(&self, open: &mut Vec<AddressId>) -> Option<String> {
        for role in Role::ALL {
            let state = self.servers[role.index()].running();
            if state != Some(State::Normal) {
                let name = state.map_or("not running", State::name);
                return Some(format!("{} is {name}", role.name()));
            }
        }
        let [Some(primary), Some(secondary)] = Role::ALL.map(|role| self.servers[role.index()].table()) else {
            return Some("a server is off".to_owned());
        };
        open.retain(|address| {
            let (mine, theirs) = (primary.get(*address), secondary.get(*address));
            let told = [mine, theirs].iter().all(|one| !matches!(one.partner, Partner::Unsent | Partner::Sent));
            let same = mine.status.code() == theirs.status.code();
            !told || !same || mine.status.code() == Code::Active && mine.status != theirs.status
        });
        if let Some(address) = open.first() {
            let more = open.len() - 1;
            let says = |table: &dhcpfo_table::Indexed| {
                let binding = table.get(*address);
                format!("{} {:?}", binding.status.code().name(), binding.partner)
            };
            let (primary, secondary) = (says(primary), says(secondary));
            return Some(format!(
                "the servers do not agree about a{} (primary {primary}, secondary {secondary}) and {more} more",
                address.0
            ));
        }
        let now = self.second();
        // Each server's word on what it may give, which may lag behind at the other.
        let free = |link: u16| {
            let super::Within { first, end } = super::within(self.settings, link);
            let group = (first < end).then(|| primary.group(AddressId(first)));
            group.map_or(0, |of| primary.available(Some(of)).free + secondary.available(Some(of)).backup)
        };
        let in_vain = |client: &&super::Client| {
            client.wants(now) && now.saturating_sub(client.wants_since) > 300 && free(client.link) > 0
        };
        let one = self.clients.iter().find(in_vain)?;
        let (link, free) = (one.link, free(one.link));
        Some(format!(
            "client {} waits since {} s, and {free} addresses of its link {link} are available",
            one.id, one.wants_since
        ))
    }
}
