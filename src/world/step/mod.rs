//! Carrying out an action.

mod clients;
mod servers;

pub use servers::is_visible;

use crate::action::{Action, Deed, Order, What};
use crate::budget::Item;
use crate::claim::{Check, Claim, Effects, Ghost, Happening, Occasion, Told};
use crate::clients::Client;
use crate::model::{Exchange, Model};
use crate::places::Places;
use crate::system::{Met, Server, System};
use dhcpfo_clock::Timed;
use dhcpfo_engine::binding::{AddressId, Binding, Code, Status};
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::service::Service;
use dhcpfo_engine::span;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Clock, Span, Time, uniform};

impl Model {
    /// Everything that may happen in a state except that time passes, in a fixed order. Some of it may turn
    /// out not to be enabled when it is carried out.
    pub fn candidates(&self, system: &System, clock: &dyn Clock, emit: &mut impl FnMut(What)) {
        if (system.broken == 0 || self.go_on) && !system.overflow {
            crate::enabled::candidates(self, system, clock, emit);
        }
    }

    /// Carries out `action` and tells what the server did. False if it is not enabled or comes to nothing.
    pub fn carry_out(&self, system: &mut System, action: Action, clock: &mut dyn Clock, effects: &mut Effects) -> bool {
        self.step_with(&system.clone(), system, action, clock, &mut Told::of(effects))
    }

    /// [`Model::carry_out`] for somebody who has a copy of `system` already.
    pub fn step_with(
        &self,
        before: &System,
        system: &mut System,
        action: Action,
        clock: &mut dyn Clock,
        told: &mut Told<'_>,
    ) -> bool {
        match action.places {
            Some(places) if action.what.depends_on_order() && places.are_open(self) => {
                self.carry_out_in_order(places, system, action, clock, told)
            }
            Some(_) => false,
            None => self.carry_out_from(before, system, action, clock, told),
        }
    }

    /// The servers look through their tables as if the addresses were numbered by their places.
    fn carry_out_in_order(
        &self,
        places: Places,
        system: &mut System,
        action: Action,
        clock: &mut dyn Clock,
        told: &mut Told<'_>,
    ) -> bool {
        system.rename(|address| places.place(address));
        let before = system.clone();
        let renamed = action.rename(|address| places.place(address));
        let done = self.carry_out_from(&before, system, renamed, clock, told);
        system.rename(|place| places.address(place));
        done
    }

    fn carry_out_from(
        &self,
        before: &System,
        system: &mut System,
        action: Action,
        clock: &mut dyn Clock,
        told: &mut Told<'_>,
    ) -> bool {
        let mut act =
            Act { model: self, system, clock, effects: &mut *told.effects, action, server: None, as_of: None };
        let done = act.perform();
        let server = act.server;
        told.server = server;
        system.overflow |= self.symmetric_addresses && is_midway(system);
        if !done || (self.truthful && system.partner_down_is_untrue(self, before)) {
            return false;
        }
        self.keep_ghosts(before, system, action, clock);
        if system.keeps_past {
            self.keep_dates(before, system, clock.now());
        }
        let happening = Happening { model: self, action, before, server, effects: &*told.effects, after: system };
        let broken = of_steps(&self.claims, &happening, clock, false);
        let met = of_steps(&self.witnesses, &happening, clock, true);
        let arisen = self.arisen_by(&happening, told.wanted);
        told.arisen |= arisen;
        system.broken = broken;
        system.met = Met(met);
        true
    }

    /// Which of the wanted claims had their occasion in this step.
    fn arisen_by(&self, happening: &Happening<'_>, wanted: u32) -> u32 {
        if happening.effects.is_empty() {
            return 0;
        }
        let (mut arisen, mut open) = (0, wanted);
        while open != 0 {
            let bit = open.trailing_zeros();
            open &= open - 1;
            if let Occasion::Step(arises) = self.claims[bit as usize].occasion {
                arisen |= u32::from(arises(happening)) << bit;
            }
        }
        arisen
    }

    /// The times that claims compare with: made when their base is fixed, like a server's own.
    fn keep_ghosts(&self, before: &System, after: &mut System, action: Action, clock: &mut dyn Clock) {
        for role in Role::ALL {
            let i = role.index();
            let down = |system: &System| {
                system.server(role).durable().endpoint().is_some_and(|record| record.state == State::PartnerDown)
            };
            let entered = !down(before) && down(after);
            // What counts of a declaration that is dated back is when the partner stopped serving.
            let is_dated_back = matches!(action.what, What::Operator(_, Order::PartnerDownSince(_)));
            let from = if is_dated_back { before.stopped_at(role.partner()) } else { None };
            let from = from.unwrap_or(clock.now());
            if entered && self.watches(Ghost::Rest) {
                for address in 0..self.addresses.len() {
                    let binding = after.server(role).durable().table().get(AddressId(address as u32));
                    let mclt = after.span(self, role, span::MCLT);
                    after.ghosts.rest[i][address] = self.rest(role, &binding, (from, mclt), clock);
                }
            }
            if let Some(address) = ended_by_partner(before, action, role) {
                after.ghosts.rest[i][address.0 as usize] = Time::LONG_AGO;
            }
            let served = before.service(self, role) != Service::Silent;
            let leaves = |phase| matches!(phase, Phase::Shutdown | Phase::Paused);
            let left = after.server(role).endpoint().is_none_or(|endpoint| leaves(endpoint.volatile().phase));
            if served && left && self.watches(Ghost::Silence) {
                after.ghosts.silence[i] = clock.after(clock.now(), after.span(self, role, span::MCLT));
            }
        }
    }

    /// Since when each server does not serve, and since when there is no connection, where somebody may refer to it.
    fn keep_dates(&self, before: &System, after: &mut System, now: Time) {
        for role in Role::ALL {
            let serves = |system: &System| system.service(self, role) != Service::Silent;
            let (served, serves) = (serves(before), serves(after));
            if serves {
                after.ghosts.stopped[role.index()] = Time::LONG_AGO;
            } else if served {
                after.ghosts.stopped[role.index()] = now;
            }
        }
        match (before.link.intact, after.link.intact) {
            (_, true) => after.ghosts.contact = Time::LONG_AGO,
            (true, false) => after.ghosts.contact = now,
            (false, false) => {}
        }
    }

    /// failover-12 §9.4.2 and §5.2.1, independently of the engine: how long an address rests after entry, which is taken
    /// to have been at `entry`.
    fn rest(&self, role: Role, binding: &Binding, (entry, mclt): (Time, Span), clock: &mut dyn Clock) -> Time {
        let own = match binding.status {
            Status::Free { .. } => role == Role::Primary,
            Status::Backup { .. } => role == Role::Secondary,
            _ => false,
        };
        if own {
            return Time::LONG_AGO;
        }
        let known = [
            binding.lease_expiration,
            binding.sent_potential_expiration,
            binding.acked_potential_expiration,
            binding.received_potential_expiration,
        ];
        let latest = known.into_iter().fold(entry, |latest, time| clock.later(latest, time));
        clock.after(latest, mclt)
    }
}

/// The claims or witnesses about steps, by number, of which this step is `what`: false, violates the claim; true, meets
/// the witness.
fn of_steps(all: &[Claim], happening: &Happening<'_>, clock: &mut dyn Clock, what: bool) -> u32 {
    // Of a server that did nothing on a stimulus a claim may say that it should have.
    if happening.server.is_none() && happening.effects.is_empty() {
        return 0;
    }
    uniform(clock, |clock| {
        let mut bits = 0;
        for (bit, claim) in all.iter().enumerate() {
            if let Check::Step(says) = claim.check
                && says(happening, clock) == what
            {
                bits |= 1 << bit;
            }
        }
        bits
    }) as u32
}

impl Timed for Model {
    type State = System;
    type Action = Action;

    fn step(&self, before: &System, state: &mut System, action: Action, clock: &mut dyn Clock) -> bool {
        self.step_with(before, state, action, clock, &mut Told::of(&mut Effects::new_const()))
    }

    fn may_pass(&self, system: &System, clock: &dyn Clock) -> bool {
        system.time_may_pass(self, clock)
    }

    fn settle(&self, system: &mut System, clock: &dyn Clock) {
        for role in Role::ALL {
            let i = role.index();
            match &mut system.servers[i] {
                Server::Up(endpoint) => endpoint.settle(self.config(role), clock),
                Server::Down(durable) => durable.settle(self.config(role), clock),
            }
            if system.servers[i].durable().endpoint().is_none_or(|record| record.state != State::PartnerDown) {
                system.ghosts.rest[i] = Default::default();
            }
            if system.servers[i].running().is_some_and(|s| !matches!(s, State::Recover | State::RecoverWait)) {
                system.ghosts.silence[i] = Time::LONG_AGO;
            }
        }
        if let Some(backup) = &mut system.backup {
            backup.durable.settle(self.config(backup.of), clock);
        }
        if system.keeps_past {
            let left = |item| system.budgets.left(item) > 0;
            let (stop, contact) = (left(Item::DatedPartnerDowns), left(Item::MisdatedPartnerDowns));
            if !stop && !contact {
                system.ghosts.stopped = [Time::LONG_AGO; 2];
            }
            if !contact {
                system.ghosts.contact = Time::LONG_AGO;
            }
        }
    }

    fn tidy(&self, system: &mut System) {
        system.clients.iter_mut().for_each(Client::settle);
    }
}

/// The address of which the partner itself says in this step, or agrees, that nobody leases it from the partner.
fn ended_by_partner(before: &System, action: Action, role: Role) -> Option<AddressId> {
    match (action.what, before.link.head(role)?) {
        (What::Deliver(to), Message::BndUpd(update)) if to == role && update.status.code() != Code::Active => {
            Some(update.address)
        }
        // What it agrees to is what it was told, whatever has become of the binding since.
        (What::Deliver(to), Message::BndAck(ack)) if to == role && ack.reject.is_none() => {
            let conversation = before.server(role).endpoint()?.volatile().session.conversation()?;
            let outstanding = conversation.window.get(usize::from(ack.transaction.0)).copied().flatten()?;
            let is_over = match outstanding.told {
                Code::Expired | Code::Released | Code::Reset => true,
                // An address that was asked back is its sender's once the partner agrees (failover-12 §5.4).
                Code::Free => role == Role::Primary,
                Code::Backup => role == Role::Secondary,
                Code::Active | Code::Abandoned => false,
            };
            (is_over && outstanding.address == ack.address).then_some(ack.address)
        }
        _ => None,
    }
}

/// Whether a server has stopped half-way through its table, to answer an UPDREQ or before it joins its partner. Which
/// addresses lie behind it is then told by their numbers, so addresses are not interchangeable.
fn is_midway(system: &System) -> bool {
    system.servers.iter().any(|server| {
        let length = server.durable().table().len();
        let conversation = server.endpoint().and_then(|endpoint| endpoint.volatile().session.conversation());
        conversation.is_some_and(|conversation| {
            let serving = conversation.serving.map_or(0, |serving| serving.next);
            [serving, conversation.told_below].iter().any(|&next| 0 < next && next < length)
        })
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
    /// The instant as of which a server takes its stimulus, if not the present one.
    as_of: Option<Time>,
}

impl Act<'_> {
    fn perform(&mut self) -> bool {
        if !self.is_whole_or_may_be_split() {
            return false;
        }
        match self.action.what {
            What::Tick => false,
            What::Wake(role) => self.wake(role),
            What::Over(timer, role) => self.over(timer, role),
            What::Deliver(role) => self.deliver(role),
            What::Notice(role) => self.notice(role),
            What::Connect => self.connect(),
            What::Reconnect => self.reconnect(),
            What::Break => {
                let done = self.system.link.intact && self.take(Item::LinkBreaks);
                self.break_off();
                done
            }
            What::Deafen(end) => self.deafen(end),
            What::Crash { server, storage } => self.crash(server, storage),
            What::Restart(role) => self.restart(role),
            What::RestartChanged(role) => self.restart_changed(role),
            What::SwapRoles => self.swap_roles(),
            What::BackUp(role) => self.back_up(role),
            What::PutBack(role) => self.put_back(role),
            What::Operator(role, order) => self.operator(role, order),
            What::Client { client, .. } if usize::from(client) >= self.model.client_count() => false,
            What::Client { client, deed: Deed::Switch, server: None, lost: false } => self.switch(client),
            What::Client { client, deed, server, lost } => match (self.model.exchange, server) {
                (Exchange::Whole, Some(server)) => self.whole(client, deed, server, lost),
                (Exchange::Packets, server) if !lost => self.packets(client, deed, server),
                _ => false,
            },
            What::Arrive(packet) => self.take_packet(packet).is_some_and(|packet| self.arrive(packet)),
            What::Lose(packet) => self.take_packet(packet).is_some(),
            What::Duplicate(packet) => self.place_of(packet).is_some_and(|place| {
                let packet = self.system.network[place];
                self.take(Item::Duplicates) && {
                    self.post(packet);
                    true
                }
            }),
        }
    }

    /// Whether the action is carried out to its end, or is one in which the model lets a crash fall.
    fn is_whole_or_may_be_split(&self) -> bool {
        self.action.crash_after.is_none() || self.model.split_steps && self.action.what.may_be_split()
    }

    fn take(&mut self, item: Item) -> bool {
        self.system.budgets.take(item)
    }
}
