//! Carrying out an action.

use crate::action::{Action, Deed, Order, Timer, What};
use crate::budget::Item;
use crate::claim::{Check, Effects, Ghost, Happening};
use crate::clients::{Body, Client, Lease, Packet, Waiting};
use crate::clock::Timed;
use crate::link::{InFlight, Link};
use crate::model::{Anchor, Delay, Exchange, Model};
use crate::system::{Server, System};
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Code, Status};
use dhcpfo_engine::durable::{Durable, EndpointRecord, Record};
use dhcpfo_engine::effect::{Answer, Ask, Command, Effect, Input, Parameters, Request};
use dhcpfo_engine::endpoint::{Endpoint, Phase, Session, Volatile};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::rules::{OldAcks, StartupOver};
use dhcpfo_engine::service::Service;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_engine::time::{Clock, Span, Time};

impl Model {
    /// Everything that may happen in a state except that time passes, in a fixed order. Some of it may turn
    /// out not to be enabled when it is carried out.
    pub fn candidates(&self, system: &System, now: Time, emit: &mut impl FnMut(What)) {
        if (system.broken == 0 || self.go_on) && !system.overflow {
            crate::enabled::candidates(self, system, now, emit);
        }
    }

    /// Carries out `action` and tells what the server did. False if it is not enabled or comes to nothing.
    pub fn carry_out(&self, system: &mut System, action: Action, clock: &mut dyn Clock, effects: &mut Effects) -> bool {
        let before = system.clone();
        match action.exchanged {
            Some((a, b)) => self.carry_out_exchanged((a, b), system, action, clock, effects),
            None => self.carry_out_from(&before, system, action, clock, effects),
        }
    }

    /// The servers look through their tables as if the two addresses had each other's names.
    fn carry_out_exchanged(
        &self,
        (a, b): (u8, u8),
        system: &mut System,
        action: Action,
        clock: &mut dyn Clock,
        effects: &mut Effects,
    ) -> bool {
        system.exchange(a, b);
        let before = system.clone();
        let done = self.carry_out_from(&before, system, action.exchange(a, b), clock, effects);
        system.exchange(a, b);
        done
    }

    fn carry_out_from(
        &self,
        before: &System,
        system: &mut System,
        action: Action,
        clock: &mut dyn Clock,
        effects: &mut Effects,
    ) -> bool {
        let mut act = Act { model: self, system, clock, effects, action, server: None };
        let done = act.perform();
        let server = act.server;
        system.overflow |= self.symmetric_addresses && is_midway(system);
        if !done || (self.truthful && system.partner_down_is_untrue(self)) {
            return false;
        }
        self.keep_ghosts(before, system, action, clock);
        let happening = Happening { model: self, action, before, server, effects, after: system };
        let broken = self.broken_by(&happening, clock);
        system.broken = broken;
        true
    }

    fn broken_by(&self, happening: &Happening<'_>, clock: &mut dyn Clock) -> u32 {
        let mut broken = 0;
        if happening.effects.is_empty() {
            // No server did anything.
            return 0;
        }
        for (bit, claim) in self.claims.iter().enumerate() {
            if let Check::Step(holds) = claim.check
                && !holds(happening, clock)
            {
                broken |= 1 << bit;
            }
        }
        broken
    }

    /// The times that claims compare with: made when their base is fixed, like a server's own.
    fn keep_ghosts(&self, before: &System, after: &mut System, action: Action, clock: &mut dyn Clock) {
        for role in Role::ALL {
            let i = role.index();
            let down = |system: &System| {
                system.server(role).durable().endpoint().is_some_and(|record| record.state == State::PartnerDown)
            };
            let entered = !down(before) && down(after);
            if entered && self.watches(Ghost::Rest) {
                for address in 0..self.addresses.len() {
                    let binding = after.server(role).durable().table().get(AddressId(address as u32));
                    after.ghosts.rest[i][address] = self.rest(role, &binding, clock);
                }
            }
            if let Some(address) = ended_by_partner(before, action, role) {
                after.ghosts.rest[i][address.0 as usize] = Time::LONG_AGO;
            }
            let served = before.service(self, role) != Service::Silent;
            if served && after.server(role).endpoint().is_none() && self.watches(Ghost::Silence) {
                after.ghosts.silence[i] = clock.after(clock.now(), Span::Mclt);
            }
        }
    }

    /// failover-12 §9.4.2 and §5.2.1, independently of the engine: how long an address rests after entry.
    fn rest(&self, role: Role, binding: &Binding, clock: &mut dyn Clock) -> Time {
        let own = match binding.status {
            Status::Free { .. } => role == Role::Primary,
            Status::Backup { .. } => role == Role::Secondary,
            _ => false,
        };
        if own {
            return Time::LONG_AGO;
        }
        let latest = binding
            .lease_expiration
            .later(binding.sent_potential_expiration)
            .later(binding.acked_potential_expiration)
            .later(binding.received_potential_expiration);
        clock.after(clock.now().later(latest), Span::Mclt)
    }
}

impl Timed for Model {
    type State = System;
    type Action = Action;

    fn step(&self, before: &System, state: &mut System, action: Action, clock: &mut dyn Clock) -> bool {
        let mut effects = Effects::new_const();
        match action.exchanged {
            Some(pair) => self.carry_out_exchanged(pair, state, action, clock, &mut effects),
            None => self.carry_out_from(before, state, action, clock, &mut effects),
        }
    }

    fn may_pass(&self, system: &System, now: Time) -> bool {
        system.time_may_pass(self, now)
    }

    fn settle(&self, system: &mut System) {
        for role in Role::ALL {
            let i = role.index();
            match &mut system.servers[i] {
                Server::Up(endpoint) => endpoint.settle(self.config(role)),
                Server::Down(durable) => durable.settle(self.config(role)),
            }
            if system.servers[i].durable().endpoint().is_none_or(|record| record.state != State::PartnerDown) {
                system.ghosts.rest[i] = Default::default();
            }
            if system.servers[i].running().is_some_and(|s| !matches!(s, State::Recover | State::RecoverWait)) {
                system.ghosts.silence[i] = Time::LONG_AGO;
            }
        }
    }

    fn tidy(&self, system: &mut System) {
        system.clients.iter_mut().for_each(Client::settle);
    }
}

/// The address whose lease the partner itself says is over, or agrees that it is, in this step.
fn ended_by_partner(before: &System, action: Action, role: Role) -> Option<AddressId> {
    match (action.what, before.link.head(role)?) {
        (What::Deliver(to), Message::BndUpd(update)) if to == role && update.status.code() != Code::Active => {
            Some(update.address)
        }
        (What::Deliver(to), Message::BndAck(ack)) if to == role && ack.reject.is_none() => {
            let status = before.server(role).durable().table().get(ack.address).status;
            status.is_ending().then_some(ack.address)
        }
        _ => None,
    }
}

/// Whether a server has stopped half-way through its table to answer an UPDREQ. Which addresses lie behind it
/// is then told by their numbers, so addresses are not interchangeable.
fn is_midway(system: &System) -> bool {
    let serving = |server: &Server| server.endpoint()?.volatile().session.conversation()?.serving;
    system.servers.iter().any(|server| {
        let length = server.durable().table().len();
        serving(server).is_some_and(|serving| 0 < serving.next && serving.next < length)
    })
}

/// An action being carried out.
struct Act<'a> {
    model: &'a Model,
    system: &'a mut System,
    clock: &'a mut dyn Clock,
    effects: &'a mut Effects,
    action: Action,
    server: Option<Role>,
}

impl Act<'_> {
    fn perform(&mut self) -> bool {
        match self.action.what {
            What::Tick => false,
            What::Wake(role) => self.wake(role),
            What::Over(timer, role) => self.over(timer, role),
            What::Deliver(role) => self.deliver(role),
            What::Notice(role) => self.notice(role),
            What::Connect => self.connect(),
            What::Break => {
                let done = self.system.link.intact && self.take(Item::LinkBreaks);
                self.break_off();
                done
            }
            What::Crash { server, storage } => self.crash(server, storage),
            What::Restart(role) => self.restart(role),
            What::Operator(role, order) => self.operator(role, order),
            What::Client { client, deed, server: Some(server), lost } => self.whole(client, deed, server, lost),
            What::Client { client, deed, server: None, .. } => self.packets(client, deed),
            What::Arrive(packet) => self.take_packet(packet).is_some_and(|packet| self.arrive(packet)),
            What::Lose(packet) => self.take_packet(packet).is_some(),
            What::Duplicate(packet) => {
                let known = self.system.network.contains(&packet);
                known && self.take(Item::Duplicates) && {
                    self.post(packet);
                    true
                }
            }
        }
    }

    fn take(&mut self, item: Item) -> bool {
        self.system.budgets.take(item)
    }

    // ---- servers ----------------------------------------------------------------------------------------

    /// Gives a running server a stimulus and carries out what it does, up to a crash if one is to fall there.
    fn stimulate(&mut self, role: Role, input: Input) -> bool {
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
    fn break_off(&mut self) {
        if self.system.link.intact {
            self.system.link.break_off();
            let by = self.read_by();
            self.system.link.notice_by = [by; 2];
        }
    }

    /// The server crashes between two effects: what it wrote by then is on stable storage, what it sent is sent.
    fn crash_within(&mut self, role: Role, count: usize, before: Durable<crate::model::Table>) -> bool {
        let visible = |effect: &Effect| !matches!(effect, Effect::Note(_));
        let between = count > 0
            && count < self.effects.len()
            && visible(&self.effects[count - 1])
            && self.effects[count..].iter().any(visible);
        if !between || !self.take(Item::Crashes) {
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
    fn stop(&mut self, role: Role, mut durable: Durable<crate::model::Table>) {
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

    fn wake(&mut self, role: Role) -> bool {
        let due = match self.system.server(role).endpoint() {
            Some(endpoint) => endpoint.is_due(self.model.config(role), self.clock.now()),
            None => false,
        };
        due && self.stimulate(role, Input::Wake)
    }

    fn over(&mut self, timer: Timer, role: Role) -> bool {
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

    fn deliver(&mut self, role: Role) -> bool {
        let late = self.is_late(self.system.link.towards[role.index()].first().map(|flying| flying.by));
        if late || !self.system.server(role).is_connected() {
            return false;
        }
        match self.system.link.receive(role) {
            Some(message) => self.stimulate(role, Input::Message(message)),
            None => false,
        }
    }

    fn notice(&mut self, role: Role) -> bool {
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
    fn connect(&mut self) -> bool {
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

    fn crash(&mut self, role: Role, storage: bool) -> bool {
        let Server::Up(endpoint) = self.system.servers[role.index()] else { return false };
        if !self.take(Item::Crashes) || (storage && !self.take(Item::StorageLosses)) {
            return false;
        }
        let durable = if storage { Durable::blank(self.model.initial_table(true)) } else { endpoint.crash() };
        self.stop(role, durable);
        true
    }

    fn restart(&mut self, role: Role) -> bool {
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

    fn operator(&mut self, role: Role, order: Order) -> bool {
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
                address.0 < table.len() && table.get(address).status == Status::Abandoned
            }
            _ => true,
        };
        truthful && self.take(item) && self.stimulate(role, Input::Operator(command)) && self.did_something()
    }

    /// Whether anything came of the stimulus but a note.
    fn did_something(&self) -> bool {
        self.effects.iter().any(|effect| !matches!(effect, Effect::Note(_)))
    }

    // ---- clients: whole exchanges -----------------------------------------------------------------------

    fn whole(&mut self, client: u8, deed: Deed, server: Role, lost: bool) -> bool {
        if self.model.exchange != Exchange::Whole || usize::from(client) >= self.model.client_count() {
            return false;
        }
        let now = self.clock.now();
        let slot = &mut self.system.clients[usize::from(client)];
        let held = slot.lease.filter(|lease| now < lease.ends).map(|lease| lease.address);
        let (ask, item) = match (deed, held) {
            (Deed::Obtain(address), None) => (Ask::Select(address), Item::Leases),
            (Deed::Renew, Some(address)) => (Ask::Renew(address), Item::Leases),
            (Deed::Rebind, Some(address)) => (Ask::Rebind(address), Item::Leases),
            (Deed::Reboot, Some(address)) => (Ask::Reboot(address), Item::Leases),
            (Deed::Release, Some(address)) => (Ask::Release(address), Item::Releases),
            (Deed::Decline, Some(address)) => (Ask::Decline(address), Item::Declines),
            _ => return false,
        };
        if matches!(deed, Deed::Release | Deed::Decline) || held.is_none() {
            slot.lease = None;
        }
        let bucket = self.model.clients[usize::from(client)];
        let request = Request::new(ClientId(u32::from(client)), ask, bucket);
        let budgets =
            self.take(item) && (deed != Deed::Reboot || self.take(Item::Reboots)) && (!lost || self.take(Item::Losses));
        // A refusal that takes nothing from the client, or no answer, is no event.
        let refused =
            |this: &Self| held.is_none() && matches!(this.effects.as_slice(), [Effect::Reply(_, Answer::Nak)]);
        budgets && self.stimulate(server, Input::Client(request)) && self.did_something() && !refused(self)
    }

    fn reply(&mut self, from: Role, client: ClientId, answer: Answer) {
        match self.model.exchange {
            Exchange::Packets => {
                self.post(Packet { client: client.0 as u8, server: from, body: Body::Answer(answer) });
            }
            Exchange::Whole if !matches!(self.action.what, What::Client { lost: true, .. }) => {
                let slot = &mut self.system.clients[client.0 as usize];
                match answer {
                    Answer::Ack(address, ends) => slot.lease = Some(Lease { address, ends, from }),
                    Answer::Nak => slot.lease = None,
                    Answer::Offer(_) | Answer::Informed => {}
                }
            }
            Exchange::Whole => {}
        }
    }

    // ---- clients: single packets ------------------------------------------------------------------------

    fn post(&mut self, packet: Packet) {
        self.system.overflow |= self.system.network.try_push(packet).is_err();
    }

    /// Takes the packet meant from the network. An ACK read from text does not know its end: any one fits.
    fn take_packet(&mut self, packet: Packet) -> Option<Packet> {
        let alike = |other: &Packet| match (packet.body, other.body) {
            (Body::Answer(Answer::Ack(a, _)), Body::Answer(Answer::Ack(b, _))) => {
                a == b && (packet.client, packet.server) == (other.client, other.server)
            }
            _ => packet == *other,
        };
        let network = &mut self.system.network;
        let place = network.iter().position(|p| *p == packet).or_else(|| network.iter().position(alike))?;
        Some(network.remove(place))
    }

    fn packets(&mut self, client: u8, deed: Deed) -> bool {
        if self.model.exchange != Exchange::Packets || usize::from(client) >= self.model.client_count() {
            return false;
        }
        let now = self.clock.now();
        let slot = &mut self.system.clients[usize::from(client)];
        let lease = slot.lease.filter(|lease| now < lease.ends);
        let post = |this: &mut Self, ask, to: &[Role]| {
            to.iter().for_each(|&server| this.post(Packet { client, server, body: Body::Ask(ask) }));
            true
        };
        match (deed, slot.waiting, lease) {
            (Deed::GiveUp, Waiting::Offer | Waiting::Choice(..) | Waiting::Extension, _) => {
                slot.waiting = Waiting::Nothing;
                true
            }
            (Deed::Discover, Waiting::Nothing, None) => {
                *slot = Client { lease: None, waiting: Waiting::Offer };
                self.take(Item::Leases) && post(self, Ask::Discover, &Role::ALL)
            }
            (Deed::Renew, Waiting::Nothing, Some(lease)) => {
                slot.waiting = Waiting::Extension;
                self.take(Item::Leases) && post(self, Ask::Renew(lease.address), &[lease.from])
            }
            (Deed::Rebind, Waiting::Nothing, Some(lease)) => {
                slot.waiting = Waiting::Extension;
                self.take(Item::Leases) && post(self, Ask::Rebind(lease.address), &Role::ALL)
            }
            (Deed::Reboot, Waiting::Nothing, Some(lease)) => {
                slot.waiting = Waiting::Extension;
                self.take(Item::Leases)
                    && self.take(Item::Reboots)
                    && post(self, Ask::Reboot(lease.address), &Role::ALL)
            }
            (Deed::Release, Waiting::Nothing, Some(lease)) => {
                slot.lease = None;
                self.take(Item::Releases) && post(self, Ask::Release(lease.address), &[lease.from])
            }
            (Deed::Decline, Waiting::Nothing, Some(lease)) => {
                slot.lease = None;
                self.take(Item::Declines) && post(self, Ask::Decline(lease.address), &[lease.from])
            }
            (Deed::Inform, Waiting::Nothing, Some(lease)) => post(self, Ask::Inform, &[lease.from]),
            _ => false,
        }
    }

    fn arrive(&mut self, packet: Packet) -> bool {
        match packet.body {
            Body::Ask(ask) => {
                let bucket = self.model.clients[usize::from(packet.client)];
                let client = ClientId(u32::from(packet.client));
                // A server that is off simply does not get it.
                let up = self.system.server(packet.server).endpoint().is_some();
                let request = Request::new(client, ask, bucket);
                !up || self.stimulate(packet.server, Input::Client(request))
            }
            Body::Answer(answer) => {
                self.hear(packet.client, packet.server, answer);
                self.action.crash_after.is_none()
            }
        }
    }

    fn hear(&mut self, client: u8, server: Role, answer: Answer) {
        let slot = &mut self.system.clients[usize::from(client)];
        match (answer, slot.waiting) {
            (Answer::Offer(address), Waiting::Offer) => {
                slot.waiting = Waiting::Choice(server, address);
                self.post(Packet { client, server, body: Body::Ask(Ask::Select(address)) });
            }
            (Answer::Ack(address, ends), waiting) => {
                let mine = match waiting {
                    Waiting::Choice(chosen, wanted) => (chosen, wanted) == (server, address),
                    Waiting::Extension => slot.lease.is_some_and(|lease| lease.address == address),
                    Waiting::Nothing | Waiting::Offer => false,
                };
                if mine {
                    let ends = match self.model.anchor {
                        Anchor::Request => ends,
                        // The least that a server ever gives, counted from now (M13).
                        Anchor::Receipt => self.clock.after(self.clock.now(), Span::Mclt),
                    };
                    slot.lease = Some(Lease { address, ends, from: server });
                    slot.waiting = Waiting::Nothing;
                }
            }
            (Answer::Nak, Waiting::Choice(chosen, _)) if chosen == server => slot.waiting = Waiting::Nothing,
            (Answer::Nak, Waiting::Extension) => {
                *slot = Client::default();
            }
            _ => {}
        }
    }
}
