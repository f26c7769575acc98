//! Time as the rules see it: an order, and new times made by a clock that somebody else supplies.
//!
//! The engine may compare two times and take the later or the earlier; it may not add to one. That single
//! restriction lets the same rules run under an order of deadlines, small integers, difference bounds, or
//! a wall clock. See `src/world/clock` for the first three.

/// An instant. Opaque: only its place in the order means anything to the rules.
///
/// Under a wall clock it is seconds since 1970 (unsigned, good to 2106, as on the failover wire).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// The later of two times.
    pub fn later(self, other: Time) -> Time {
        Time(self.0.max(other.0))
    }

    /// The earlier of two times.
    pub fn earlier(self, other: Time) -> Time {
        Time(self.0.min(other.0))
    }
}

/// The named lengths of time of the protocol. The rules know their names, never their sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Span {
    /// Maximum client lead time (failover-12 §5.2.1).
    Mclt,
    /// A second, different MCLT: what a secondary uses that does not take the primary's (mutant M-28).
    OtherMclt,
    /// The lease interval that the server would like to give (failover-12 §5.2.1).
    DesiredLease,
    /// How far ahead of now the potential-expiration-time is set (failover-12 §5.2.1).
    PotentialLead,
    /// COMMUNICATIONS-INTERRUPTED to PARTNER-DOWN without an operator (failover-12 §10).
    SafePeriod,
    /// How long STARTUP lasts without a word from the partner (failover-12 §9.3.2).
    Startup,
    /// How long an ABANDONED address stays so before it is tried again (ISC dhcpd only).
    AbandonTime,
    /// How old a message may get in flight before the receive timer breaks the connection (failover-12 §8.3).
    MessageAge,
}

impl Span {
    /// Every span, in the order of their numbers.
    pub const ALL: [Span; 8] = [
        Span::Mclt,
        Span::OtherMclt,
        Span::DesiredLease,
        Span::PotentialLead,
        Span::SafePeriod,
        Span::Startup,
        Span::AbandonTime,
        Span::MessageAge,
    ];

    /// The word used in model files.
    pub const fn name(self) -> &'static str {
        match self {
            Span::Mclt => "mclt",
            Span::OtherMclt => "other-mclt",
            Span::DesiredLease => "lease",
            Span::PotentialLead => "potential",
            Span::SafePeriod => "safe-period",
            Span::Startup => "startup",
            Span::AbandonTime => "abandon-time",
            Span::MessageAge => "message-age",
        }
    }

    /// With what deadlines of this span are compared besides now, or what is counted from them. None: with nothing, and
    /// nothing is. Only of those is it enough to know that they pass some time.
    pub const fn compared(self) -> Option<&'static str> {
        match self {
            // Each is the end of a [`Kind::Timer`].
            Span::SafePeriod | Span::Startup => None,
            Span::Mclt => Some(
                "a lease ends then or when it was wanted to, whichever is earlier (failover-12 §5.2.1, §7.1.5), and \
                 addresses rest until the latest of such deadlines (§9.4.2, §9.6.2)",
            ),
            Span::OtherMclt => {
                Some("it stands in the place of mclt, whose deadlines are compared with the ends of leases")
            }
            Span::DesiredLease => Some(
                "a lease ends then or MCLT after what the partner acknowledged, whichever is earlier (failover-12 §5.2.1)",
            ),
            Span::PotentialLead => Some(
                "the potential-expiration-time is compared with the end of the lease, and MCLT is counted from it \
                 (failover-12 §5.2.1, §7.1.5, §9.4.2)",
            ),
            Span::AbandonTime => Some(
                "it takes the place of the end of a lease, with which the ends that the partner tells are compared \
                 (dhcpd, B-19)",
            ),
            Span::MessageAge => Some("no time may pass beyond it while the message is under way (failover-12 §8.3)"),
        }
    }
}

/// Where new times come from.
pub trait Clock {
    /// The present instant.
    fn now(&self) -> Time;
    /// The instant `span` after `base`. `base` is `now` or later, or a time declared [`Kind::Stamp`].
    ///
    /// Make no time that is not stored: under timeout order each call may branch.
    fn after(&mut self, base: Time, span: Span) -> Time;
}

/// What may still be asked of a time once it has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its order among the deadlines that have not passed, and whether it has. All passed deadlines are one value,
    /// [`Time::LONG_AGO`].
    Deadline,
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
