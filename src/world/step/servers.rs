//! What happens to servers and to the connection between them.

use super::Act;
use crate::action::{Order, Since, Timer};
use crate::budget::Item;
use crate::enabled::settable;
use crate::link::{InFlight, Link};
use crate::model::{Delay, Table};
use crate::system::{Backup, Server};
use dhcpfo_engine::binding::{AddressId, Status};
use dhcpfo_engine::durable::{Durable, EndpointRecord, Record};
use dhcpfo_engine::effect::{Command, Effect, Input, Parameters};
use dhcpfo_engine::endpoint::{Endpoint, Phase, Volatile};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::rules::{OldAcks, StartupOver};
use dhcpfo_engine::span;
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Clock, Span, Time};

fn is_in_service(server: &Server) -> bool {
    let phase = server.endpoint().map(|endpoint| endpoint.volatile().phase);
    matches!(phase, Some(Phase::Running | Phase::Startup { .. }))
}

/// The clock of one server: it may stand at an earlier instant, for a step that is made as of then, and have other
/// lengths, where the server's configuration has changed.
struct Own<'a> {
    clock: &'a mut dyn Clock,
    now: Time,
    mclt: Span,
    lease: Span,
}

impl Clock for Own<'_> {
    fn now(&self) -> Time {
        self.now
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        let span = match span {
            span::MCLT => self.mclt,
            span::DESIRED_LEASE => self.lease,
            other => other,
        };
        self.clock.after(base, span)
    }

    fn before(&self, a: Time, b: Time) -> bool {
        self.clock.before(a, b)
    }

    fn decided(&self, a: Time, b: Time) -> Option<bool> {
        self.clock.decided(a, b)
    }
}

/// Whether an effect is on stable storage or can be seen by somebody.
pub fn is_visible(effect: &Effect) -> bool {
    !matches!(effect, Effect::Note(_))
}

impl Act<'_> {
    /// Gives a running server a stimulus and carries out what it does, up to a crash if one is to fall there.
    pub(super) fn stimulate(&mut self, role: Role, input: Input) -> bool {
        let config = self.system.config(self.model, role);
        let [mclt, lease] = [span::MCLT, span::DESIRED_LEASE].map(|span| self.system.span(self.model, role, span));
        let now = self.as_of.unwrap_or(self.clock.now());
        let Server::Up(endpoint) = &mut self.system.servers[role.index()] else { return false };
        // As it stood before: the crash falls at the same instant.
        let before = self.action.crash_after.map(|_| (endpoint.operates(&config), *endpoint.durable()));
        let (effects, mut room) = (&mut *self.effects, true);
        let mut clock = Own { clock: self.clock, now, mclt, lease };
        endpoint.step(&config, &mut clock, input, &mut |effect| room &= effects.try_push(effect).is_ok());
        self.system.overflow |= !room;
        self.server = Some(role);
        match self.action.crash_after.zip(before) {
            None => {
                self.carry_out(role, self.effects.len());
                true
            }
            Some((count, (operated, before))) => self.crash_within(role, usize::from(count), operated, before),
        }
    }

    /// Everything visible among the first `count` effects.
    fn carry_out(&mut self, role: Role, count: usize) {
        for i in 0..count {
            match self.effects[i] {
                Effect::Send(mut message) => {
                    message.settle();
                    self.post_to(role.partner(), message);
                }
                Effect::Reply(client, answer) => self.reply(role, client, answer),
                Effect::Close => self.forget(role),
                Effect::Persist(_) | Effect::Note(_) => {}
            }
        }
    }

    fn post_to(&mut self, role: Role, message: Message) {
        if self.system.link.carries(role) {
            let by = self.read_by();
            self.system.overflow |= !self.system.link.send(role, InFlight { message, by });
        }
    }

    /// When something that begins now has been noticed by the other end, where that is bounded.
    fn read_by(&mut self) -> Time {
        match self.model.delay {
            Delay::Bounded => self.clock.after(self.clock.now(), span::MESSAGE_AGE),
            Delay::None | Delay::Unbounded => Time::LONG_AGO,
        }
    }

    /// The connection is gone; each end that believes in it has some time to notice.
    pub(super) fn break_off(&mut self) {
        if self.system.link.intact {
            let deaf = self.system.link.deaf;
            self.system.link.break_off();
            let by = self.read_by();
            for role in Role::ALL.into_iter().filter(|&role| deaf != Some(role)) {
                self.system.link.notice_by[role.index()] = by;
            }
        }
    }

    /// The server crashes between two effects, when so many are carried out: what it wrote by then is on stable storage,
    /// what it sent is sent. What it only notes is no effect here.
    fn crash_within(&mut self, role: Role, count: usize, operated: bool, before: Durable<Table>) -> bool {
        let mut places =
            self.effects.iter().enumerate().filter(|(_, effect)| is_visible(effect)).map(|(place, _)| place);
        let last = count.checked_sub(1).and_then(|earlier| places.nth(earlier));
        let Some(count) = last.filter(|_| places.next().is_some()).map(|last| last + 1) else { return false };
        if !self.take(Item::Crashes) {
            return false;
        }
        let mut durable = before;
        for effect in &self.effects[..count] {
            if let Effect::Persist(record) = effect {
                durable.apply(record);
            }
        }
        self.carry_out(role, count);
        self.effects.truncate(count);
        self.stop(role, operated, durable);
        true
    }

    /// Off. Whether it operated until now is known afterwards (questions.md Q44, Q85).
    fn stop(&mut self, role: Role, operated: bool, mut durable: Durable<Table>) {
        if let Some(record) = durable.endpoint().copied().filter(|_| operated) {
            durable.apply(&Record::Endpoint(EndpointRecord { last_operational: self.clock.now(), ..record }));
        }
        self.system.servers[role.index()] = Server::Down(durable);
        self.forget(role);
    }

    /// Nothing of the connection will be read at this end any more. The reading in which BNDACKs wait for the
    /// next connection keeps them (M-18).
    fn forget(&mut self, role: Role) {
        let keeps = self.model.config(role.partner()).rules.old_acks == OldAcks::Resent;
        self.break_off();
        let queue = &mut self.system.link.towards[role.index()];
        if keeps {
            queue.retain(|flying| matches!(flying.message, Message::BndAck(_)));
            self.system.link.notice_by[role.index()] = Time::LONG_AGO;
        } else {
            self.system.link.forget(role);
        }
    }

    pub(super) fn wake(&mut self, role: Role) -> bool {
        let due = match self.system.server(role).endpoint() {
            Some(endpoint) => endpoint.is_due(self.model.config(role), self.clock),
            None => false,
        };
        due && self.stimulate(role, Input::Wake)
    }

    pub(super) fn over(&mut self, timer: Timer, role: Role) -> bool {
        let Server::Up(endpoint) = &mut self.system.servers[role.index()] else { return false };
        let volatile = *endpoint.volatile();
        let passed = match (timer, volatile) {
            (Timer::Startup, Volatile { phase: Phase::Startup { ends: Time::SOMETIME }, .. })
                if self.model.config(role).rules.startup_over != StartupOver::Wait =>
            {
                Volatile { phase: Phase::Startup { ends: Time::LONG_AGO }, ..volatile }
            }
            (Timer::SafePeriod, Volatile { safe_period_ends: Some(Time::SOMETIME), .. }) => {
                Volatile { safe_period_ends: Some(Time::LONG_AGO), ..volatile }
            }
            _ => return false,
        };
        *endpoint = Endpoint::resume(*endpoint.durable(), passed);
        self.stimulate(role, Input::Wake)
    }

    pub(super) fn deliver(&mut self, role: Role) -> bool {
        let late = self.is_late(self.system.link.towards[role.index()].first().map(|flying| flying.by));
        if late || !self.system.server(role).is_connected() {
            return false;
        }
        match self.system.link.receive(role) {
            Some(message) => self.stimulate(role, Input::Message(message)),
            None => false,
        }
    }

    pub(super) fn notice(&mut self, role: Role) -> bool {
        let late = self.is_late(Some(self.system.link.notice_by[role.index()]));
        if late || self.system.link.carries(role) || !self.system.server(role).is_connected() {
            return false;
        }
        self.forget(role);
        self.stimulate(role, Input::Disconnected)
    }

    /// Whether something should have happened before now. A search does not let time pass that far; whoever
    /// gives a path its times has to be kept from it.
    fn is_late(&self, by: Option<Time>) -> bool {
        self.model.delay == Delay::Bounded && by.is_some_and(|by| self.clock.before(by, self.clock.now()))
    }

    /// One end hears nothing any more. Like after a break, what was sent before may still be read there.
    pub(super) fn deafen(&mut self, end: Role) -> bool {
        if !self.system.link.works() || !self.take(Item::OneWayBreaks) {
            return false;
        }
        self.system.link.deaf = Some(end);
        self.system.link.notice_by[end.index()] = self.read_by();
        true
    }

    /// CONNECT and CONNECTACK have been exchanged; each end says STATE.
    pub(super) fn connect(&mut self) -> bool {
        let free = |server: &Server| is_in_service(server) && !server.is_connected();
        if self.system.link.intact || self.is_refused() || !self.system.servers.iter().all(free) {
            return false;
        }
        self.join();
        true
    }

    /// The same while one end still believes in the old connection. It drops that, with all that it has not read.
    pub(super) fn reconnect(&mut self) -> bool {
        let believe = self.system.servers.iter().filter(|server| server.is_connected()).count();
        let in_service = self.system.servers.iter().all(is_in_service);
        if self.system.link.intact
            || self.is_refused()
            || believe != 1
            || !in_service
            || !self.take(Item::HalfOpenConnections)
        {
            return false;
        }
        for role in Role::ALL {
            if self.system.server(role).is_connected() {
                self.forget(role);
            }
        }
        self.join();
        true
    }

    /// The primary's MCLT is smaller than the one under which the secondary has given leases (Q54).
    fn is_refused(&self) -> bool {
        let [primary, secondary] = Role::ALL.map(|role| self.system.span(self.model, role, span::MCLT));
        !self.model.changed.takes_smaller && self.model.lengths.phi.is_shorter(primary, secondary)
    }

    fn join(&mut self) {
        self.system.terms[Role::Secondary.index()] = self.system.terms[Role::Primary.index()];
        let old = std::mem::replace(&mut self.system.link, Link { intact: true, ..Link::down() });
        for role in [Role::Secondary, Role::Primary] {
            self.effects.clear();
            self.stimulate(role, Input::Connected(Parameters { max_unacked: self.model.max_unacked }));
        }
        for role in Role::ALL {
            for flying in &old.towards[role.index()] {
                if matches!(flying.message, Message::BndAck(_)) {
                    self.post_to(role, flying.message);
                }
            }
        }
    }

    pub(super) fn crash(&mut self, role: Role, storage: bool) -> bool {
        let Server::Up(endpoint) = self.system.servers[role.index()] else { return false };
        if !self.take(Item::Crashes) || (storage && !self.take(Item::StorageLosses)) {
            return false;
        }
        let operated = endpoint.operates(&self.system.config(self.model, role));
        let durable = if storage {
            // What was agreed with the partner is lost, too.
            self.system.terms[role.index()] = self.system.changed[role.index()];
            let blank = self.model.initial_table(true);
            Durable::blank(self.model.table(blank.bindings(), self.system.changed[role.index()]))
        } else {
            endpoint.crash()
        };
        self.stop(role, operated, durable);
        true
    }

    pub(super) fn restart(&mut self, role: Role) -> bool {
        let durable = match &self.system.servers[role.index()] {
            Server::Down(durable) => *durable,
            Server::Up(endpoint) if matches!(endpoint.volatile().phase, Phase::Paused | Phase::Shutdown) => {
                *endpoint.durable()
            }
            Server::Up(_) => return false,
        };
        self.forget(role);
        let config = self.system.config(self.model, role);
        let [mclt, lease] = [span::MCLT, span::DESIRED_LEASE].map(|span| self.system.span(self.model, role, span));
        let (effects, mut room) = (&mut *self.effects, true);
        let now = self.clock.now();
        let mut clock = Own { clock: self.clock, now, mclt, lease };
        let endpoint = Endpoint::start(&config, durable, &mut clock, &mut |effect| {
            room &= effects.try_push(effect).is_ok();
        });
        self.system.servers[role.index()] = Server::Up(endpoint);
        self.system.overflow |= !room;
        self.server = Some(role);
        self.action.crash_after.is_none()
    }

    /// The server, which is off, has its other configuration from here on.
    pub(super) fn restart_changed(&mut self, role: Role) -> bool {
        let durable = *self.system.server(role).durable();
        let is_off = match self.system.server(role).endpoint() {
            Some(endpoint) => matches!(endpoint.volatile().phase, Phase::Paused | Phase::Shutdown),
            None => true,
        };
        if !is_off || !self.take(Item::Changes) {
            return false;
        }
        let i = role.index();
        self.system.changed[i] = !self.system.changed[i];
        if role == Role::Primary {
            self.system.terms[i] = self.system.changed[i];
        }
        let table = self.model.table(durable.table().bindings(), self.system.changed[i]);
        self.system.servers[i] = Server::Down(Durable::found(durable.endpoint().copied(), table));
        self.restart(role)
    }

    /// Each server keeps its stable storage and its configuration, and is the other side from here on.
    pub(super) fn swap_roles(&mut self) -> bool {
        let off = self.system.servers.iter().all(|server| server.endpoint().is_none());
        if !off || !self.take(Item::RoleSwaps) {
            return false;
        }
        self.system.swap_roles();
        true
    }

    /// Copies what a server has on stable storage. It says of itself that it operates until then.
    pub(super) fn back_up(&mut self, role: Role) -> bool {
        let mut durable = *self.system.server(role).durable();
        let Some(record) = durable.endpoint().copied() else { return false };
        if self.system.server(role).endpoint().is_some() {
            durable.apply(&Record::Endpoint(EndpointRecord { last_operational: self.clock.now(), ..record }));
        }
        // What it is configured with is no part of it.
        let durable = Durable::found(durable.endpoint().copied(), self.model.table(durable.table().bindings(), false));
        self.system.backup = Some(Box::new(Backup { of: role, durable }));
        self.take(Item::Backups)
    }

    /// Puts the copy in place of what the server has. It is used up.
    pub(super) fn put_back(&mut self, role: Role) -> bool {
        match (self.system.backup.take(), &mut self.system.servers[role.index()]) {
            (Some(backup), Server::Down(durable)) if backup.of == role => {
                let table = self.model.table(backup.durable.table().bindings(), self.system.changed[role.index()]);
                let before = std::mem::replace(durable, Durable::found(backup.durable.endpoint().copied(), table));
                before != *durable
            }
            _ => false,
        }
    }

    pub(super) fn operator(&mut self, role: Role, order: Order) -> bool {
        let (item, command) = match order {
            Order::PartnerDown => (Item::PartnerDowns, Command::PartnerDown),
            Order::PartnerDownSince(Since::Stop) => (Item::DatedPartnerDowns, Command::PartnerDown),
            Order::PartnerDownSince(Since::Contact) => (Item::MisdatedPartnerDowns, Command::PartnerDown),
            Order::Pause => (Item::Pauses, Command::Pause),
            Order::Shutdown => (Item::Shutdowns, Command::Shutdown),
            Order::Reset(address) => (Item::Resets, Command::Reset(address)),
            Order::Rebalance => (Item::Rebalances, Command::Rebalance),
            Order::Set(state) => (Item::SetStates, Command::Set(state)),
        };
        let may_be_said = match order {
            Order::PartnerDownSince(since) => self.date_back(role, since),
            // Whoever resets an address says that nobody uses it.
            Order::Reset(address) if self.model.truthful => self.is_unused(role, address),
            Order::Set(state) => settable(self.model, role).any(|other| other == state),
            _ => true,
        };
        may_be_said && self.take(item) && self.stimulate(role, Input::Operator(command)) && self.did_something()
    }

    /// Takes an earlier instant for the present one. False if there is none to refer to.
    fn date_back(&mut self, role: Role, since: Since) -> bool {
        let ghosts = &self.system.ghosts;
        let then = match since {
            Since::Stop => ghosts.stopped[role.partner().index()],
            Since::Contact => ghosts.contact,
        };
        self.as_of = Some(then);
        then != Time::LONG_AGO && self.clock.before(then, self.clock.now())
    }

    fn is_unused(&self, role: Role, address: AddressId) -> bool {
        let table = self.system.server(role).durable().table();
        let is_held = self.system.clients.iter().any(|client| client.uses(self.clock, address));
        address.0 < table.len() && table.get(address).status == Status::Abandoned && !is_held
    }

    /// Whether anything came of the stimulus but a note.
    pub(super) fn did_something(&self) -> bool {
        self.effects.iter().any(|effect| !matches!(effect, Effect::Note(_)))
    }
}
