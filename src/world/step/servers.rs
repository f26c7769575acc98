//! What happens to servers and to the connection between them.

use super::Act;
use crate::action::{Order, Timer};
use crate::budget::Item;
use crate::link::{InFlight, Link};
use crate::model::{Delay, Table};
use crate::system::Server;
use dhcpfo_engine::binding::Status;
use dhcpfo_engine::durable::{Durable, EndpointRecord, Record};
use dhcpfo_engine::effect::{Command, Effect, Input, Parameters};
use dhcpfo_engine::endpoint::{Endpoint, Phase, Session, Volatile};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::rules::{OldAcks, StartupOver};
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_engine::time::{Span, Time};

/// Whether an effect is on stable storage or can be seen by somebody.
pub fn is_visible(effect: &Effect) -> bool {
    !matches!(effect, Effect::Note(_))
}

impl Act<'_> {
    /// Gives a running server a stimulus and carries out what it does, up to a crash if one is to fall there.
    pub(super) fn stimulate(&mut self, role: Role, input: Input) -> bool {
        let config = self.model.config(role);
        let Server::Up(endpoint) = &mut self.system.servers[role.index()] else { return false };
        let before = self.action.crash_after.map(|_| *endpoint.durable());
        let (effects, mut room) = (&mut *self.effects, true);
        endpoint.step(config, self.clock, input, &mut |effect| room &= effects.try_push(effect).is_ok());
        self.system.overflow |= !room;
        self.server = Some(role);
        match self.action.crash_after.zip(before) {
            None => {
                self.carry_out(role, self.effects.len());
                true
            }
            Some((count, before)) => self.crash_within(role, usize::from(count), before),
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
        if self.system.link.intact {
            let by = self.read_by();
            self.system.overflow |= !self.system.link.send(role, InFlight { message, by });
        }
    }

    /// When something that begins now has been noticed by the other end, where that is bounded.
    fn read_by(&mut self) -> Time {
        match self.model.delay {
            Delay::Bounded => self.clock.after(self.clock.now(), Span::MessageAge),
            Delay::None | Delay::Unbounded => Time::LONG_AGO,
        }
    }

    /// The connection is gone; each end that believes in it has some time to notice.
    pub(super) fn break_off(&mut self) {
        if self.system.link.intact {
            self.system.link.break_off();
            let by = self.read_by();
            self.system.link.notice_by = [by; 2];
        }
    }

    /// The server crashes between two effects, when so many are carried out: what it wrote by then is on stable storage,
    /// what it sent is sent. What it only notes is no effect here.
    fn crash_within(&mut self, role: Role, count: usize, before: Durable<Table>) -> bool {
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
        self.stop(role, durable);
        true
    }

    /// Off. The time of the crash is known afterwards (questions.md: last time of operation).
    fn stop(&mut self, role: Role, mut durable: Durable<Table>) {
        if let Some(record) = durable.endpoint().copied() {
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
            Some(endpoint) => endpoint.is_due(self.model.config(role), self.clock.now()),
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
        if late || self.system.link.intact || !self.system.server(role).is_connected() {
            return false;
        }
        self.forget(role);
        self.stimulate(role, Input::Disconnected)
    }

    /// Whether something should have happened before now. A search does not let time pass that far; whoever
    /// gives a path its times has to be kept from it.
    fn is_late(&self, by: Option<Time>) -> bool {
        self.model.delay == Delay::Bounded && by.is_some_and(|by| by < self.clock.now())
    }

    /// CONNECT and CONNECTACK have been exchanged; each end says STATE.
    pub(super) fn connect(&mut self) -> bool {
        let free = |server: &Server| {
            server.endpoint().is_some_and(|endpoint| {
                endpoint.volatile().session == Session::Down
                    && matches!(endpoint.volatile().phase, Phase::Running | Phase::Startup { .. })
            })
        };
        if self.system.link.intact || !self.system.servers.iter().all(free) {
            return false;
        }
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
        true
    }

    pub(super) fn crash(&mut self, role: Role, storage: bool) -> bool {
        let Server::Up(endpoint) = self.system.servers[role.index()] else { return false };
        if !self.take(Item::Crashes) || (storage && !self.take(Item::StorageLosses)) {
            return false;
        }
        let durable = if storage { Durable::blank(self.model.initial_table(role, true)) } else { endpoint.crash() };
        self.stop(role, durable);
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
        let (effects, mut room) = (&mut *self.effects, true);
        let endpoint = Endpoint::start(self.model.config(role), durable, self.clock, &mut |effect| {
            room &= effects.try_push(effect).is_ok();
        });
        self.system.servers[role.index()] = Server::Up(endpoint);
        self.system.overflow |= !room;
        self.server = Some(role);
        self.action.crash_after.is_none()
    }

    pub(super) fn operator(&mut self, role: Role, order: Order) -> bool {
        let (item, command) = match order {
            Order::PartnerDown => (Item::PartnerDowns, Command::PartnerDown),
            Order::Pause => (Item::Pauses, Command::Pause),
            Order::Shutdown => (Item::Shutdowns, Command::Shutdown),
            Order::Reset(address) => (Item::Resets, Command::Reset(address)),
            Order::Rebalance => (Item::Rebalances, Command::Rebalance),
        };
        let truthful = match command {
            // Whoever resets an address says that nobody uses it.
            Command::Reset(address) if self.model.truthful => {
                let table = self.system.server(role).durable().table();
                let now = self.clock.now();
                let is_held = self.system.clients.iter().any(|client| client.holds(now) == Some(address));
                address.0 < table.len() && table.get(address).status == Status::Abandoned && !is_held
            }
            _ => true,
        };
        truthful && self.take(item) && self.stimulate(role, Input::Operator(command)) && self.did_something()
    }

    /// Whether anything came of the stimulus but a note.
    pub(super) fn did_something(&self) -> bool {
        self.effects.iter().any(|effect| !matches!(effect, Effect::Note(_)))
    }
}
