//! Clients coming, leaving, asking and being answered.

use super::client::{Client, Doing, Move, NONE};
use super::{Event, Run, Said, Sight, role_of, within};
use dhcpfo_engine::balance::bucket;
use dhcpfo_engine::binding::{AddressId, ClientId, Code};
use dhcpfo_engine::effect::{Answer, Ask, Effect, Input, Note, Request, Within};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_files::simulation::Setting;
use rand::RngExt;

impl Run<'_> {
    pub(super) fn come(&mut self, client: u32) {
        let now = self.second();
        let (links, roams) = (self.get(Setting::Links) as u32, self.get(Setting::Roams));
        let changes = self.clients[client as usize].changes_id;
        let count = self.clients.len() as u32;
        let link = (links > 1 && self.chance(roams)).then(|| self.random.random_range(0..links) as u16);
        self.change(client, |one| {
            if changes {
                one.id = one.id.wrapping_add(count);
            }
            one.link = link.unwrap_or(one.link);
            one.doing = Doing::Away;
            one.init(now);
        });
        self.next_timer(client, 0);
        let residence = self.get(Setting::Residence);
        if residence > 0.0 {
            let after = self.about(residence);
            self.push(after, Event::Leave(client));
        }
    }

    /// Changes a client; if it begins to want an address by that, notes whether a server is in NORMAL.
    fn change<R>(&mut self, client: u32, change: impl FnOnce(&mut Client) -> R) -> R {
        let apart = self.servers.iter().all(|server| server.running() != Some(State::Normal));
        let one = &mut self.clients[client as usize];
        let (before, there) = (one.wants_since, one.is_there());
        let result = change(one);
        if one.wants_since != before || !there {
            one.wants_apart = apart;
        }
        result
    }

    pub(super) fn leave(&mut self, client: u32) {
        let now = self.second();
        let release = self.get(Setting::Release);
        let releases = self.chance(release);
        let one = &mut self.clients[client as usize];
        if !one.is_there() || !self.faulty {
            return;
        }
        if one.wants(now) {
            self.note_wait(client, false);
        }
        let one = &mut self.clients[client as usize];
        let (held, from, id) = (one.holds(now), one.from, one.id);
        (one.doing, one.address, one.timer) = (Doing::Away, NONE, one.timer.wrapping_add(1));
        if let Some(address) = held {
            self.see(&Sight::Holds(id, address, None));
        }
        if let Some(address) = held.filter(|_| releases) {
            self.send(client, Ask::Release(AddressId(address)), from);
        }
        let absence = self.get(Setting::Absence);
        let after = self.about(absence);
        self.push(after, Event::Come(client));
    }

    fn next_timer(&mut self, client: u32, after: u64) {
        let one = &mut self.clients[client as usize];
        one.timer = one.timer.wrapping_add(1);
        let timer = one.timer;
        self.push(after, Event::Timer(client, timer));
    }

    pub(super) fn timer(&mut self, client: u32, timer: u32) {
        if self.clients[client as usize].timer == timer {
            let now = self.second();
            let next = self.change(client, |one| one.timer(now));
            self.make(client, next);
        }
    }

    fn make(&mut self, client: u32, next: Move) {
        match (next.ask, next.to) {
            (Some(ask), Some(server)) => self.send(client, ask, server),
            (Some(ask), None) => (0..2).for_each(|server| self.send(client, ask, server)),
            (None, _) => {}
        }
        if next.again > 0 {
            // RFC 2131 §4.1: by up to a second more or less, so that not all come at once.
            let fuzz = self.random.random_range(0..1000_u32);
            self.next_timer(client, next.again.saturating_sub(500).max(1) + u64::from(fuzz));
        }
    }

    fn packet_delay(&mut self) -> u64 {
        let (mean, relay) = (self.get(Setting::Delay), self.get(Setting::RelayDelay));
        self.about(mean) + (relay * 1000.0) as u64
    }

    fn send(&mut self, client: u32, ask: Ask, server: u8) {
        let one = &self.clients[client as usize];
        let (id, waited, sent) = (one.id, one.has_waited(), one.asked);
        self.post(Event::Ask { client, id, ask, server, waited, sent });
    }

    /// A packet of a client, or to one: lost, delayed, or there twice.
    fn post(&mut self, event: Event) {
        self.measures.packets += 1;
        let (loss, duplication) = (self.get(Setting::Loss), self.get(Setting::Duplication));
        let (reordering, longer) = (self.get(Setting::Reordering), self.get(Setting::ReorderingDelay));
        let lost = self.faulty && self.chance(loss);
        let copies = if lost { 0 } else { 1 + u32::from(self.faulty && self.chance(duplication)) };
        for _ in 0..copies {
            let mut after = self.packet_delay();
            if self.faulty && self.chance(reordering) {
                after += self.about(longer);
            }
            self.push(after, event);
        }
    }

    pub(super) fn asked(&mut self, client: u32, id: u32, ask: Ask, server: u8, (waited, sent): (bool, u32)) {
        let role = role_of(server);
        if !self.servers[role.index()].is_up() {
            return;
        }
        let one = &self.clients[client as usize];
        // Servers believe a client that asks for more time; the claims say nothing about one that lies.
        let claims_to_hold = matches!(ask, Ask::Renew(_) | Ask::Rebind(_));
        let lies = claims_to_hold && one.keeps_expired && one.holds(self.second()).is_none();
        self.go_beyond(lies, "a client asks for more of a lease that is over");
        let within = within(self.settings, self.clients[client as usize].link);
        let foreign = match ask {
            Ask::Reboot(address) | Ask::Renew(address) | Ask::Rebind(address) => !within.contains(address),
            _ => false,
        };
        if foreign {
            // The relay is on another link than the address: RFC 2131 §4.3.2.
            return self.reply(role, id, Answer::Nak, 0, sent);
        }
        let prefer = if ask == Ask::Discover { self.next_offer(server, within) } else { None };
        let request = Request { waited, within, prefer, ..Request::new(ClientId(id), ask, bucket(&id.to_be_bytes())) };
        self.tell_deed(role, client, ask);
        self.asked = sent;
        let late = self.late(role, client, ask, sent);
        self.stimulate(role, Input::Client(request));
        self.note_partner_has(role, within);
        if let Some(late) = late {
            self.after_late(role, &late);
        }
        self.goes_on_after_late(ask);
        self.asked = 0;
    }

    /// The server had nothing for a client of this link: perhaps its partner has.
    fn note_partner_has(&mut self, role: Role, within: Within) {
        let nothing = self.effects.iter().any(|effect| matches!(effect, Effect::Note(Note::NothingAvailable)));
        if !nothing || within.first == within.end {
            return;
        }
        let Some(table) = self.servers[role.partner().index()].table() else { return };
        let available = table.available(Some(table.group(AddressId(within.first))));
        let theirs = if role == Role::Primary { available.backup } else { available.free };
        self.measures.partner_has += u64::from(theirs > 0);
    }

    /// Clients that ask at once are offered different addresses.
    fn next_offer(&mut self, server: u8, within: Within) -> Option<AddressId> {
        let one = &mut self.servers[server as usize];
        let code = if server == 0 { Code::Free } else { Code::Backup };
        let table = one.table()?;
        let from = one.cursor.max(within.first);
        let next = table.next_with(from, code).filter(|address| within.contains(*address));
        let next = next.or_else(|| table.next_with(within.first, code).filter(|address| within.contains(*address)))?;
        one.cursor = next.0 + 1;
        Some(next)
    }

    /// A server answers what was asked at `asked`: `seconds` of a lease.
    pub(super) fn reply(&mut self, role: Role, id: u32, answer: Answer, seconds: u32, asked: u32) {
        let client = id % self.clients.len() as u32;
        let (said, address) = match answer {
            Answer::Offer(address) => (Said::Offer, address.0),
            Answer::Ack(address, _) => (Said::Ack, address.0),
            Answer::Nak => (Said::Nak, NONE),
            Answer::Informed => (Said::Informed, NONE),
        };
        self.post(Event::Answer { client, id, said, address, lease: (asked, seconds), server: role.index() as u8 });
    }

    pub(super) fn answered(
        &mut self,
        (client, id): (u32, u32),
        (said, address): (Said, u32),
        lease: (u32, u32),
        server: u8,
    ) {
        let now = self.second();
        let one = &mut self.clients[client as usize];
        if one.id != id || !one.is_there() {
            return;
        }
        match (said, one.doing) {
            (Said::Offer, Doing::Selecting) => {
                (one.offered, one.from, one.tries) = (address, server, 0);
                let next = one.request(now);
                self.make(client, next);
            }
            (Said::Ack, Doing::Requesting) if one.offered == address => {
                self.bound(client, AddressId(address), lease, server, true);
            }
            (Said::Ack, Doing::Rebooting | Doing::Renewing | Doing::Rebinding | Doing::Bound)
                if one.address == address =>
            {
                self.bound(client, AddressId(address), lease, server, false);
            }
            (Said::Nak, Doing::Requesting | Doing::Rebooting | Doing::Renewing | Doing::Rebinding) => {
                self.measures.refused += 1;
                self.change(client, |one| one.init(now));
                // RFC 2131 §3.1: not at once again and again.
                self.next_timer(client, 1000);
            }
            _ => {}
        }
    }

    /// A lease counts from when the question was sent that is answered, not from when one was sent last (RFC 2131 §4.4.1).
    fn bound(&mut self, client: u32, address: AddressId, (asked, seconds): (u32, u32), server: u8, new: bool) {
        let now = self.second();
        let drift = self.get(Setting::ClientDrift);
        let seconds = seconds.saturating_add((f64::from(seconds) * drift) as u32);
        let one = &mut self.clients[client as usize];
        // An answer to an older question may promise less than there is, or what is over already.
        let ends = asked + seconds;
        if ends <= now || !new && (ends < one.ends || one.doing == Doing::Bound && ends == one.ends) {
            return;
        }
        one.bind(address.0, asked, seconds, server);
        let id = one.id;
        self.note_at(address, || format!("client {client} ({id}) holds it until {ends} s"));
        if new {
            self.measures.granted += 1;
            self.note_wait(client, true);
        } else {
            self.measures.extended += 1;
        }
        self.measures.lease.add(u64::from(seconds));
        let (id, until) = (self.clients[client as usize].id, self.clients[client as usize].ends);
        self.see(&Sight::Holds(id, address.0, Some(until)));
        self.judge_holder(client, address);
        let decline = if new { self.get(Setting::Decline) } else { 0.0 };
        if self.chance(decline) {
            self.see(&Sight::Holds(id, address.0, None));
            self.send(client, Ask::Decline(address), server);
            self.change(client, |one| one.init(now));
            // RFC 2131 §3.1.5.
            return self.next_timer(client, 10_000);
        }
        // Not at once, however short the lease: what comes twice must not be answered twice.
        let until = self.clients[client as usize].renews_at().saturating_sub(now).max(1);
        let fuzz = self.random.random_range(0..1000_u32);
        self.next_timer(client, u64::from(until) * 1000 - 500 + u64::from(fuzz));
    }

    /// A client's wait for an address is over, because it got one or gave up.
    fn note_wait(&mut self, client: u32, served: bool) {
        let now = self.second();
        let one = &self.clients[client as usize];
        // Its lease may be over, and its timer still to come.
        let since = if one.address != NONE && one.ends <= now { one.ends } else { one.wants_since };
        let waited = u64::from(now.saturating_sub(since));
        self.measures.unserved.add(waited);
        if one.wants_apart {
            self.measures.unserved_apart.add(waited);
        }
        self.measures.gave_up += u64::from(!served);
    }

    /// At the end of a run: who waits still has waited in vain.
    pub(super) fn note_waits(&mut self) {
        let now = self.second();
        let waiting: Vec<u32> =
            (0..self.clients.len() as u32).filter(|&client| self.clients[client as usize].wants(now)).collect();
        waiting.into_iter().for_each(|client| self.note_wait(client, false));
    }

    /// All clients start anew: those that had a lease ask for its address again.
    pub(super) fn power_cut(&mut self) {
        let now = self.second();
        for client in 0..self.clients.len() as u32 {
            let one = &mut self.clients[client as usize];
            if !one.is_there() {
                continue;
            }
            if one.holds(now).is_some() {
                (one.doing, one.tries) = (Doing::Rebooting, 0);
            } else {
                self.change(client, |one| one.init(now));
            }
            let after = self.random.random_range(0..10_000_u32);
            self.next_timer(client, u64::from(after));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Run;
    use super::Doing;
    use dhcpfo_files::simulation::simulation;

    /// RFC 2131 §4.4.1. Packets take 6 s: the answer to the first DHCPREQUEST comes after a second one was sent.
    #[test]
    fn a_lease_counts_from_the_question_that_was_answered() {
        let text = "title = \"x\"\n[population]\nclients = 1\narrival = 0\n[network]\ndelay = 0\nrelay-delay = 6\n";
        let file = simulation("x.toml", &|_| Ok(text.to_owned())).unwrap();
        let mut run = Run::new(&file, &file.settings, 1);
        run.begin();
        run.go_on(24_100);
        let one = &run.clients[0];
        assert_eq!((one.doing, one.began, one.ends), (Doing::Bound, 12, 12 + 3600));
        assert!(one.asked > one.began, "it did not ask again");
    }
}
