//! A clock of plain numbers: seconds, or parts of one, from a fixed beginning.

use dhcpfo_clock::length::Length;
use dhcpfo_clock::{FreeSpans, Values};
use dhcpfo_time::{Clock, Span, Time};

/// The beginning of a play: far from the numbers that mean something by themselves.
const BEGINNING: u32 = 1_000_000_000;

/// The last instant that a play may reach: room is left for the deadlines made there.
const LAST: u32 = 3_500_000_000;

/// How a play's instants and lengths are written as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Parts of a second.
    pub per_second: u32,
}

impl Scale {
    /// The time so long after the beginning; None if that is too far, or falls between two parts.
    pub fn time(&self, since: Length) -> Option<Time> {
        let raw = BEGINNING.checked_add(since.in_parts(self.per_second)?)?;
        (raw <= LAST).then_some(Time::from_raw(raw))
    }

    /// How long after the beginning a time is; None for what is no instant of the play.
    pub fn since(&self, time: Time) -> Option<Length> {
        let parts = time.raw().checked_sub(BEGINNING)?;
        if time == Time::SOMETIME { None } else { Length::parts(u64::from(parts), self.per_second) }
    }

    /// How long `later` is after `earlier`; None if it is not, or one of them is no instant of the play.
    pub fn between(&self, earlier: Time, later: Time) -> Option<Length> {
        self.since(earlier).and(self.since(later))?;
        Length::parts(u64::from(later.raw().checked_sub(earlier.raw())?), self.per_second)
    }
}

/// The clock of a play.
#[derive(Clone, Debug)]
pub struct Wall {
    now: Time,
    values: Values,
    free: FreeSpans,
    scale: Scale,
}

impl Wall {
    /// A clock at the beginning. Times after a `free` span are [`Time::SOMETIME`].
    pub fn new(values: Values, free: FreeSpans, scale: Scale) -> Wall {
        Wall { now: Time::from_raw(BEGINNING), values, free, scale }
    }

    /// How its numbers are to be read.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Sets it.
    pub fn set(&mut self, now: Time) {
        self.now = now;
    }
}

impl Clock for Wall {
    fn now(&self) -> Time {
        self.now
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        if self.free.has(span) {
            return Time::SOMETIME;
        }
        let parts = u64::from(self.values.get(span)) * u64::from(self.scale.per_second);
        let raw = u64::from(base.raw()) + parts;
        Time::from_raw(u32::try_from(raw).unwrap_or(u32::MAX).min(u32::MAX - 1))
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}
