//! What servers are given and what comes of it: steps, writes, waking, crashes, restarts, operators.

use super::server::Out;
use super::{Event, Run, Sight, role_of};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::effect::{Answer, Command, Effect, Input, Note};
use dhcpfo_engine::service::Service;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_files::simulation::Setting;
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::action::{Order, What};
use rand::RngExt;

impl Run<'_> {
    /// What a server's clock shows, in seconds since the beginning.
    pub(super) fn server_second(&self, role: Role) -> u64 {
        let ahead = if role == Role::Secondary { self.offset } else { 0 };
        let drift = if role == Role::Secondary { self.get(Setting::ClockDrift) } else { 0.0 };
        self.now / 1000 + ahead + (self.now as f64 / 1000.0 * drift) as u64
    }

    /// Gives a server a stimulus and carries out what it does.
    pub(super) fn stimulate(&mut self, role: Role, input: Input) {
        let (i, second) = (role.index(), self.server_second(role));
        if !self.servers[i].is_up() {
            return;
        }
        if let Input::Operator(Command::PartnerDown) = input {
            self.tell_what(What::Operator(role, Order::PartnerDown));
        }
        let (before, binding) = (self.before(role, &input), self.followed_binding(role));
        let mut effects = std::mem::take(&mut self.effects);
        effects.clear();
        let server = &mut self.servers[i];
        server.clock.set(second);
        server.step(input, &mut effects);
        self.note_step(role, &input, binding, &effects);
        if before.state != self.servers[i].running() {
            self.state_changed(role, before.state);
        }
        self.see_step(role, Some(input), &effects);
        self.judge_step(role, &before, &effects);
        self.carry_out_or_hold(role, &effects);
        self.effects = effects;
        self.plan_wake(role);
    }

    fn carry_out_or_hold(&mut self, role: Role, effects: &[Effect]) {
        let (i, told, asked) = (role.index(), self.servers[role.index()].clock.now(), self.asked);
        let visible = |effect: &&Effect| !matches!(effect, Effect::Persist(_));
        let writes = effects.iter().any(|effect| matches!(effect, Effect::Persist(_)));
        let (delay, slow) = (self.get(Setting::DiskDelay), self.get(Setting::SlowDisk));
        let instant = delay == 0.0 && slow == 0.0;
        let server = &mut self.servers[i];
        let out = |effect: &Effect| Out { effect: *effect, told, asked };
        if instant && server.crashes_in_step && effects.len() > 1 {
            let out: Vec<Out> = effects.iter().map(out).collect();
            let rest = self.carry_out_in_part(role, &out);
            let unwritten = rest.iter().filter(|out| matches!(out.effect, Effect::Persist(_))).count();
            self.servers[i].settle_but(unwritten);
            return self.crash_for_a_while(role);
        }
        if instant {
            server.settled();
        }
        if instant || !(writes || server.is_writing || server.has_waiting()) {
            return effects.iter().for_each(|effect| self.carry_out(role, out(effect)));
        }
        server.hold(effects.iter().filter(visible).map(out));
        if !server.is_writing {
            self.write(role);
        }
    }

    fn write(&mut self, role: Role) {
        let (delay, slow, slower) =
            (self.get(Setting::DiskDelay), self.get(Setting::SlowDisk), self.get(Setting::SlowDiskDelay));
        let slower = if self.faulty && self.chance(slow) { slower } else { 0.0 };
        self.servers[role.index()].begin_write();
        let life = self.servers[role.index()].life;
        self.push(((delay + slower) * 1000.0) as u64, Event::Written { role: role.index() as u8, life });
    }

    pub(super) fn written(&mut self, role: u8, life: u32) {
        let i = usize::from(role);
        if self.servers[i].life != life {
            return;
        }
        let out = self.servers[i].end_write();
        if self.servers[i].crashes_in_step && out.len() > 1 {
            self.carry_out_in_part(role_of(role), &out);
            return self.crash_for_a_while(role_of(role));
        }
        out.into_iter().for_each(|out| self.carry_out(role_of(role), out));
        if self.servers[i].has_waiting() {
            self.write(role_of(role));
        }
    }

    /// Carries out the first of these effects, at least one and not all; the others are handed back.
    fn carry_out_in_part<'o>(&mut self, role: Role, out: &'o [Out]) -> &'o [Out] {
        let (first, rest) = out.split_at(self.random.random_range(1..out.len() as u32) as usize);
        first.iter().for_each(|out| self.carry_out(role, *out));
        rest
    }

    fn carry_out(&mut self, role: Role, out: Out) {
        match out.effect {
            Effect::Send(message) => self.tell(role.partner(), message),
            Effect::Reply(client, answer) => {
                let seconds = match answer {
                    Answer::Ack(_, ends) => ends.raw().saturating_sub(out.told.raw()),
                    _ => 0,
                };
                self.reply(role, client.0, answer, seconds, out.asked);
            }
            Effect::Close => self.drop_end(role, false),
            Effect::Note(Note::NothingAvailable) => self.had_nothing(role),
            Effect::Note(_) | Effect::Persist(_) => {}
        }
    }

    // ---- waking -----------------------------------------------------------------------------------------

    fn plan_wake(&mut self, role: Role) {
        let server = &mut self.servers[role.index()];
        let Some(due) = server.due() else { return };
        // What is due now has just been looked at, or will be in a second.
        let due = server.clock.later(due, Time::from_raw(server.clock.now().raw() + 1));
        if server.clock.before(due, server.wake_at) {
            server.wake_at = due;
            let after = u64::from(due.raw() - server.clock.now().raw());
            self.queue.push((self.now / 1000 + after) * 1000, Event::Wake { role: role.index() as u8, at: due });
        }
    }

    pub(super) fn wake(&mut self, role: u8, at: Time) {
        let role = role_of(role);
        if self.servers[role.index()].wake_at != at {
            return;
        }
        self.servers[role.index()].wake_at = Time::SOMETIME;
        let due = self.servers[role.index()].due();
        let second = self.server_second(role);
        self.servers[role.index()].clock.set(second);
        if due.is_some_and(|due| self.servers[role.index()].clock.passed(due))
            || self.servers[role.index()].running() == Some(State::PartnerDown)
        {
            self.tell_what(What::Wake(role));
            self.stimulate(role, Input::Wake);
        } else {
            self.plan_wake(role);
        }
    }

    // ---- down and up ------------------------------------------------------------------------------------

    /// A server stops working.
    pub(super) fn crash(&mut self, role: Role, storage: bool) {
        let (i, torn) = (role.index(), self.get(Setting::TornWrite));
        if !self.servers[i].is_up() {
            return;
        }
        self.measures.crashes += 1;
        self.note(|| format!("{} crashes{}", role.name(), if storage { " and loses its storage" } else { "" }));
        self.tell_what(What::Crash { server: role, storage });
        self.see(&Sight::Crash(role));
        // Nothing is known, if the partner has lost it, too, and has not been told again.
        let partner_lost = self.record(role.partner()).is_none_or(|record| record.lost);
        // What it leased alone, its partner has not heard: until the two meet again, or for good if it loses its storage.
        let lost_before = self.record(role).is_none_or(|record| record.lost);
        let alone = self.recorded(role) == Some(State::PartnerDown);
        self.servers[i].leased_alone = alone || (self.servers[i].leased_alone && lost_before);
        self.go_beyond(storage && partner_lost, "both servers have lost their storage");
        // What comes after the effects that were carried out was never begun.
        let torn = !self.servers[i].crashes_in_step && self.chance(torn);
        let blank = storage.then(|| super::blank_table(self.settings));
        let random = &mut self.random;
        self.servers[i].crash(
            |unsynced| if torn && unsynced > 0 { random.random_range(0..=unsynced as u32) as usize } else { 0 },
            blank,
        );
        let state = self.servers[i].running();
        self.state_changed(role, state);
        self.drop_end(role, true);
        let delay = self.get(Setting::OperatorDelay);
        if delay > 0.0 {
            let event = Event::Operator { role: role.partner().index() as u8, partners_life: self.servers[i].life };
            self.push((delay * 1000.0) as u64, event);
        }
    }

    /// An operator declares the partner down if it still is.
    pub(super) fn operator(&mut self, role: u8, partners_life: u32) {
        let partner = role_of(role).partner().index();
        if self.servers[partner].life == partners_life && !self.servers[partner].is_up() {
            // Both have failed, one after the other: models/broken/both-servers-fail.toml.
            self.go_beyond(self.servers[partner].leased_alone, "both servers fail, one after the other");
            self.stimulate(role_of(role), Input::Operator(Command::PartnerDown));
        }
    }

    fn record(&self, role: Role) -> Option<EndpointRecord> {
        self.servers[role.index()].durable()?.endpoint().copied()
    }

    fn recorded(&self, role: Role) -> Option<State> {
        self.record(role).map(|record| record.state)
    }

    pub(super) fn restart_after(&mut self, role: u8, life: u32) {
        let i = usize::from(role);
        if self.servers[i].life != life || self.servers[i].is_up() || self.held_down[i] {
            return;
        }
        // Nobody starts a server that cannot ask its partner whether that is in PARTNER-DOWN.
        if self.link.blocked != [false; 2] && self.servers[1 - i].running() == Some(State::PartnerDown) {
            return self.push(60_000, Event::Restart { role, life });
        }
        self.restart(role_of(role));
    }

    pub(super) fn restart(&mut self, role: Role) {
        let second = self.server_second(role);
        let server = &mut self.servers[role.index()];
        server.clock.set(second);
        if server.start() {
            self.tell_what(What::Restart(role));
            self.note(|| format!("{} starts", role.name()));
            self.see_step(role, None, &[]);
            self.plan_wake(role);
            self.try_to_connect(0);
        }
    }

    /// Notes what follows from a server's being in another state than before.
    fn state_changed(&mut self, role: Role, before: Option<State>) {
        let i = role.index();
        let state = self.servers[i].running();
        if state != before {
            self.entered[i] = self.now / 1000;
            self.note(|| format!("{} is {}", role.name(), state.map_or("not serving", State::name)));
        }
        if state == Some(State::PartnerDown) && before != Some(State::PartnerDown) {
            self.down_since[i] = Some(self.now / 1000);
        } else if state != Some(State::PartnerDown) && self.servers[i].is_up() {
            self.down_since[i] = None;
        }
        self.account();
        let untrue = Role::ALL.into_iter().any(|role| {
            self.servers[role.index()].running() == Some(State::PartnerDown)
                && self.servers[role.partner().index()].service() > Service::RenewOnly
        });
        self.go_beyond(untrue, "a server is in PARTNER-DOWN while its partner serves");
    }
}
