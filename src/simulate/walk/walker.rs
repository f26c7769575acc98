//! A model under plain seconds, as a walk and its replays need it: what [`dhcpfo_world::play::Player`] does, without
//! what that keeps for people.

use dhcpfo_clock::{START, Timed, Values};
use dhcpfo_time::{Clock, Time, Times};
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::claim::{Check, Effects, View};
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{Scale, Wall};
use dhcpfo_world::system::System;

/// One unit of time is one second of a play.
const UNITS: Scale = Scale { per_second: 1 };

/// A model on its way.
pub struct Walker<'m> {
    model: &'m Model,
    system: System,
    /// Room to try something in.
    spare: System,
    clock: Wall,
    beginning: u32,
    effects: Effects,
    violated: Option<&'static str>,
}

impl<'m> Walker<'m> {
    /// The beginning of `model`, its lengths being `values` seconds.
    pub fn new(model: &'m Model, values: Values) -> Walker<'m> {
        let clock = Wall::new(values, model.lengths.free, UNITS);
        let mut system = System::initial(model);
        let now = clock.now();
        system.times(&mut |time, _| {
            if *time == START {
                *time = now;
            }
        });
        model.settle(&mut system, &clock);
        let (spare, beginning) = (system.clone(), now.raw());
        let effects = Effects::new_const();
        let mut walker = Walker { model, system, spare, clock, beginning, effects, violated: None };
        walker.judge();
        walker
    }

    /// The model.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// The state.
    pub fn system(&self) -> &System {
        &self.system
    }

    /// The present instant.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Seconds since the beginning.
    pub fn elapsed(&self) -> u32 {
        self.now().raw() - self.beginning
    }

    /// The first claim that was violated, if one was.
    pub fn violated(&self) -> Option<&'static str> {
        self.violated
    }

    /// How many effects the latest action had, those of one that was not enabled included.
    pub fn effects(&self) -> usize {
        self.effects.len()
    }

    /// Everything that may be tried.
    pub fn candidates(&self, emit: &mut impl FnMut(What)) {
        self.model.candidates(&self.system, &self.clock, emit);
    }

    /// Does one thing; false if it is not enabled, or needs more room than the world has. Nothing changes then.
    pub fn act(&mut self, action: Action) -> bool {
        if !self.attempt(action) {
            return false;
        }
        std::mem::swap(&mut self.system, &mut self.spare);
        self.model.settle(&mut self.system, &self.clock);
        self.drop_ended_leases();
        self.judge();
        true
    }

    /// Whether something can be done, and with how many effects.
    pub fn attempt(&mut self, action: Action) -> bool {
        self.spare.clone_from(&self.system);
        self.effects.clear();
        self.model.carry_out(&mut self.spare, action, &mut self.clock, &mut self.effects) && !self.spare.overflow
    }

    /// Whether time may pass now.
    pub fn may_pass(&self) -> bool {
        self.system.time_may_pass(self.model, &self.clock)
    }

    /// Lets time pass until so many seconds after the beginning, and looks at the claims at each instant between that
    /// a time of the state marks. Stops at a violation. False if something has to happen first.
    pub fn advance(&mut self, to: u32) -> bool {
        let to = Time::from_raw(self.beginning + to);
        while self.clock.before(self.now(), to) && self.violated.is_none() {
            if !self.may_pass() {
                return false;
            }
            let next = self.next_mark().filter(|mark| mark.raw() < to.raw()).unwrap_or(to);
            self.clock.set(next);
            self.drop_ended_leases();
            self.judge();
        }
        true
    }

    /// Seconds from the beginning to the next instant that a time of the state marks.
    pub fn next_instant(&mut self) -> Option<u32> {
        self.next_mark().map(|mark| mark.raw() - self.beginning)
    }

    fn next_mark(&mut self) -> Option<Time> {
        let (now, mut next) = (self.clock.now(), None::<u32>);
        self.system.times(&mut |time, _| {
            if *time != Time::SOMETIME && time.raw() >= now.raw() {
                let mark = if time.raw() > now.raw() { time.raw() } else { time.raw() + 1 };
                next = Some(next.map_or(mark, |next| next.min(mark)));
            }
        });
        next.map(Time::from_raw)
    }

    /// A lease that ends now is none any more, but its end is told apart from the past for this one instant, as in
    /// every other clock.
    fn drop_ended_leases(&mut self) {
        let (clock, now) = (&self.clock, self.clock.now());
        for client in &mut self.system.clients {
            if let Some(lease) = client.lease.as_mut().filter(|lease| clock.before(lease.ends, now)) {
                lease.ends = Time::LONG_AGO;
            }
            client.settle();
        }
    }

    fn judge(&mut self) {
        if self.violated.is_some() {
            return;
        }
        let broken = self.system.broken;
        let view = View { model: self.model, system: &self.system, clock: &self.clock };
        let is_violated = |(bit, check): (usize, Check)| match check {
            Check::State(holds) => !holds(&view),
            Check::Step(_) => broken >> bit & 1 == 1,
            Check::Reach(_) | Check::LeadsTo(_) => false,
        };
        let mut claims = self.model.claims.iter().enumerate();
        self.violated = claims.find(|(bit, claim)| is_violated((*bit, claim.check))).map(|(_, claim)| claim.entry.name);
    }
}
