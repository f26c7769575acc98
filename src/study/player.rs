//! A model under a wall clock of plain numbers: it does what it is told, and refuses what is not enabled.

use crate::protocol::{Model, Protocol};
use dhcpfo_clock::length::Length;
use dhcpfo_clock::{FreeSpans, START, Values};
use dhcpfo_time::{Clock, Span, Time, Times};

/// Whole parts of a second since [`START`].
struct Wall {
    now: Time,
    values: Values,
    free: FreeSpans,
    per_second: u32,
}

impl Clock for Wall {
    fn now(&self) -> Time {
        self.now
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        if self.free.has(span) {
            return Time::SOMETIME;
        }
        let parts = self.values.get(span).checked_mul(self.per_second);
        let later = parts.and_then(|parts| base.raw().checked_add(parts));
        Time::from_raw(later.expect("an instant that 32 bits can hold: spans are bounded, and so is a run"))
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

/// Latest instant of a play, in parts of a second: what is counted from there must still be a number.
const LATEST: u32 = 1 << 30;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The action is not enabled; these are.
    NotEnabled(Vec<String>),
    /// Time may not pass now: one of these actions has to happen at this very instant.
    Held(Vec<String>),
    /// That instant is over.
    Past,
    /// That instant is too far away to be counted to.
    TooFar,
}

impl Refusal {
    /// The actions that would be accepted instead.
    pub fn instead(&self) -> &[String] {
        match self {
            Refusal::NotEnabled(actions) | Refusal::Held(actions) => actions,
            Refusal::Past | Refusal::TooFar => &[],
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Refusal::NotEnabled(_) => "is not enabled",
            Refusal::Held(_) => "no time may pass here: something has to happen first",
            Refusal::Past => "that instant is over",
            Refusal::TooFar => "that instant is too far away",
        })
    }
}

/// A play that is under way.
pub struct Player<'a, P: Protocol> {
    model: &'a Model<P>,
    wall: Wall,
    state: P::State,
}

impl<'a, P: Protocol> Player<'a, P> {
    /// At the beginning, with these lengths of time, and so many parts to a second.
    pub fn new(model: &'a Model<P>, values: Values, per_second: u32) -> Self {
        let wall = Wall { now: START, values, free: model.lengths.free, per_second };
        let mut state = model.system.initial();
        model.system.settle(&mut state, &wall);
        Player { model, wall, state }
    }

    /// The state.
    pub fn state(&self) -> &P::State {
        &self.state
    }

    /// Parts of a second since the beginning.
    pub fn elapsed(&self) -> u32 {
        self.wall.now.raw() - START.raw()
    }

    /// The first claim that does not hold here, by its number.
    pub fn violated(&self) -> Option<usize> {
        self.model.violated(&self.state, &self.wall)
    }

    /// Every claim that does not hold here, by its number.
    pub fn all_violated(&self) -> impl Iterator<Item = usize> + '_ {
        let Model { system, claims, .. } = self.model;
        (0..claims.len()).filter(|&claim| !(claims[claim].holds)(system, &self.state, &self.wall))
    }

    /// Every witness that is reached here, by its number.
    pub fn reached(&self) -> impl Iterator<Item = usize> + '_ {
        let Model { system, witnesses, .. } = self.model;
        (0..witnesses.len()).filter(|&witness| (witnesses[witness].holds)(system, &self.state, &self.wall))
    }

    /// What can be done now.
    pub fn enabled(&self) -> Vec<P::Action> {
        let mut found = Vec::new();
        self.model.system.candidates(&self.state, &self.wall, &mut |action| found.push(action));
        found.retain(|&action| self.after(action).is_some());
        found
    }

    fn texts(&self) -> Vec<String> {
        self.enabled().iter().map(ToString::to_string).collect()
    }

    /// The state after an action; None if it is not enabled.
    fn after(&self, action: P::Action) -> Option<P::State> {
        let Wall { now, values, free, per_second } = self.wall;
        let mut wall = Wall { now, values, free, per_second };
        let mut next = self.state.clone();
        self.model.system.step(&self.state, &mut next, action, &mut wall).then(|| {
            self.model.system.settle(&mut next, &wall);
            next
        })
    }

    /// Carries out an action.
    ///
    /// # Errors
    /// It is not enabled.
    pub fn act(&mut self, action: P::Action) -> Result<(), Refusal> {
        self.state = self.after(action).ok_or_else(|| Refusal::NotEnabled(self.texts()))?;
        Ok(())
    }

    /// Whether time may pass now.
    pub fn may_pass(&self) -> bool {
        self.model.system.may_pass(&self.state, &self.wall)
    }

    /// The next instant that a time of the state marks, in parts since the beginning.
    pub fn next_instant(&mut self) -> Option<u32> {
        let (now, mut next) = (self.wall.now.raw(), None);
        self.state.times(&mut |time, _| {
            if time.raw() > now && *time != Time::SOMETIME {
                next = Some(next.map_or(time.raw(), |next: u32| next.min(time.raw())));
            }
        });
        next.map(|next| next - START.raw())
    }

    /// Lets time pass up to an instant, in parts since the beginning.
    ///
    /// # Errors
    /// It is over, or too far away, or something has to happen before; then it is that instant.
    pub fn advance(&mut self, to: u32) -> Result<(), Refusal> {
        if to < self.elapsed() {
            return Err(Refusal::Past);
        }
        if to > LATEST {
            return Err(Refusal::TooFar);
        }
        while self.elapsed() < to {
            if !self.may_pass() {
                return Err(Refusal::Held(self.texts()));
            }
            let next = self.next_instant().map_or(to, |next| next.min(to));
            self.wall.now = Time::from_raw(START.raw() + next);
        }
        Ok(())
    }

    /// The state in words.
    pub fn describe(&self) -> Vec<(String, String)> {
        let time = |time: Time| match time {
            Time::SOMETIME => "some time".to_owned(),
            time if self.wall.passed(time) => "over".to_owned(),
            time => {
                let parts = u64::from(time.raw() - START.raw());
                Length::parts(parts, self.wall.per_second).map_or_else(|| "?".to_owned(), |length| length.as_clock())
            }
        };
        self.model.system.describe(&self.state, &time)
    }
}
