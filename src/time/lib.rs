//! Time as the rules of a protocol see it: an order, and new times made by a clock that somebody else supplies.
//!
//! Rules ask the clock which of two times is the later; they have no order of their own, and nothing may be added to one.
//! These two restrictions let the same rules run under an order of deadlines, small integers, difference bounds, or a wall
//! clock, and let a clock decide an order only when somebody asks for it. See `src/clock` for those of a search.
#![no_std]
#![forbid(unsafe_code)]

/// An instant. Opaque: what it means is known to the clock that made it, which compares it with others
/// ([`Clock::before`]). Two times that are the same value are the same instant; two values may be one instant, too.
///
/// Under a wall clock it is seconds since 1970 (unsigned, good to 2106, as on the failover wire).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Time(u32);

impl Time {
    /// Before every instant that matters: a deadline that has passed, or a time that never was.
    pub const LONG_AGO: Time = Time(0);
    /// A deadline of which nothing is known but that it has not passed yet: that of a span which a model leaves free.
    /// Only a [`Kind::Timer`] may be one.
    pub const SOMETIME: Time = Time(u32::MAX);

    /// For clocks and for the wire only.
    pub const fn from_raw(raw: u32) -> Time {
        Time(raw)
    }

    /// For clocks and for the wire only.
    pub const fn raw(self) -> u32 {
        self.0
    }
}

/// A named length of time, by its number among those of the protocol. The rules know the names, never the sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u8);

impl Span {
    /// Most spans of a protocol: their numbers are below this.
    pub const MOST: usize = 8;
}

/// What a protocol says of one of its lengths of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanWords {
    /// The word used in model files.
    pub name: &'static str,
    /// With what deadlines of this span are compared besides now, or what is counted from them. None: with nothing, and
    /// nothing is; each is the end of a [`Kind::Timer`]. Only of those is it enough to know that they pass some time.
    pub compared: Option<&'static str>,
}

/// Where new times come from, and who compares them.
pub trait Clock {
    /// The present instant.
    fn now(&self) -> Time;
    /// The instant `span` after `base`. `base` is `now` or later, or a time declared [`Kind::Stamp`].
    ///
    /// Make no time that is not stored: under timeout order each call may branch.
    fn after(&mut self, base: Time, span: Span) -> Time;
    /// Whether `a` is earlier than `b`.
    fn before(&self, a: Time, b: Time) -> bool;

    /// Whether `a` is earlier than `b`, if that can be said without deciding it. A clock that decides an order only when
    /// it is asked for one may not know it yet; any other clock knows everything.
    fn decided(&self, a: Time, b: Time) -> Option<bool> {
        Some(self.before(a, b))
    }

    /// Whether another round of a question is wanted; see [`uniform`].
    fn look(&mut self, look: &mut Look) -> bool {
        look.once()
    }

    /// Whether `time` is not after the present instant.
    fn passed(&self, time: Time) -> bool {
        !self.before(self.now(), time)
    }

    /// Whether two times are one instant.
    fn same(&self, a: Time, b: Time) -> bool {
        a == b || !self.before(a, b) && !self.before(b, a)
    }

    /// Whether two deadlines cannot be told apart: they are one instant, or both have passed.
    fn alike(&self, a: Time, b: Time) -> bool {
        a == b || self.passed(a) && self.passed(b) || self.same(a, b)
    }

    /// The later of two times.
    fn later(&self, a: Time, b: Time) -> Time {
        if self.before(a, b) { b } else { a }
    }

    /// The earlier of two times.
    fn earlier(&self, a: Time, b: Time) -> Time {
        if self.before(b, a) { b } else { a }
    }
}

/// What a clock keeps while [`uniform`] puts one question to it several times.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Rounds so far.
    pub round: u32,
    /// What was answered in the last round.
    pub answer: u64,
    /// What was answered in the first round.
    pub first: u64,
    /// Whether the next round is one whose comparisons count.
    pub decides: bool,
}

impl Look {
    /// For a clock that knows everything: one round.
    fn once(&mut self) -> bool {
        self.round += 1;
        self.round == 1
    }
}

/// The answer to a question about times that the clock need not decide for its own sake, such as whether claims hold.
///
/// A clock that decides an order only when it is asked for one goes through all answers that its comparisons may have, and
/// decides something only if the outcome depends on it. Any other clock is asked once.
pub fn uniform(clock: &mut dyn Clock, mut ask: impl FnMut(&mut dyn Clock) -> u64) -> u64 {
    let mut look = Look::default();
    while clock.look(&mut look) {
        look.answer = ask(clock);
    }
    look.answer
}

/// A clock that stands still, for looking at a state: its times are numbers, and any new one lies ahead of all others.
#[derive(Clone, Copy, Debug)]
pub struct Standing(pub Time);

impl Clock for Standing {
    fn now(&self) -> Time {
        self.0
    }

    fn after(&mut self, _: Time, _: Span) -> Time {
        Time::SOMETIME
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

/// What may still be asked of a time once it has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its order among the deadlines that have not passed, and whether it has. All passed deadlines are one value,
    /// [`Time::LONG_AGO`]; a deadline that is now has passed, so it is no base, and nobody asks whether it is before now.
    Deadline,
    /// As a deadline, but what is now has not passed yet: it may be a base, and be asked whether it is before now. For the
    /// last instant at which something may happen.
    Limit,
    /// Only whether it has passed; it is compared with nothing but now, and never a base. It may be
    /// [`Time::SOMETIME`].
    Timer,
    /// Anything: its order among all other times, or being the base of a new one. Dear; mark sparingly.
    Stamp,
    /// Its order among the passed times of the same group, and nothing else; never a base.
    Age(u8),
}

/// Something that holds times, all of which can be visited and rewritten in a fixed order.
pub trait Times {
    /// Calls `visit` for every time that is held, live or not.
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind));
}
