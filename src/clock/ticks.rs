//! Ticks: a time is a whole number of units from now, and now is always [`START`].
//!
//! Exact for lengths that are whole numbers of units, and concrete at once; a verdict is about these
//! lengths and whole instants only. Passed deadlines are one value. Past stamps keep their distances, up
//! to what a span can bridge: a longer silence between two of them, or up to now, is shortened to one unit
//! more than the longest span. No comparison with `base + K` can tell the difference, as long as a past
//! result of `after` is not a base itself.

use super::ages::Ages;
use super::{Choices, Domain, Facts, FreeSpans, GAP, MOST_CLASSES, Misuse, Options, START, Values};
use dhcpfo_time::{Clock, Kind, Span, Time, Times};

/// There is nothing to know beyond the numbers themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Nothing;

impl Facts for Nothing {
    fn encode(&self, _out: &mut Vec<u8>) {}
    fn decode(_bytes: &mut &[u8]) -> Self {
        Nothing
    }
}

/// The domain of whole units.
#[derive(Clone)]
pub struct Ticks {
    values: Values,
    free: FreeSpans,
    options: Options,
    now: Time,
    stuck: bool,
    misuse: Misuse,
}

/// Byte of now in [`Domain::compact`]: up to 63 units back, up to 127 ahead.
const NOW_BYTE: u32 = 127;

impl Ticks {
    /// Spans have these lengths, in ticks. New times after a `free` span are [`Time::SOMETIME`].
    ///
    /// Of the options only `settle` means anything here.
    pub fn new(values: Values, free: FreeSpans, options: Options) -> Ticks {
        Ticks { values, free, options, now: START, stuck: false, misuse: Misuse::NONE }
    }
}

impl Clock for Ticks {
    fn now(&self) -> Time {
        self.now
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        if base == Time::SOMETIME {
            self.misuse.counted(span);
            self.stuck = true;
            return Time::SOMETIME;
        }
        if self.free.has(span) {
            return Time::SOMETIME;
        }
        assert!(base.raw() > GAP / 2, "{base:?} is not known: a base must be now, later, or a stamp");
        Time::from_raw(base.raw() + self.values.get(span))
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

impl Domain for Ticks {
    type Facts = Nothing;

    const KNOWS_HELD: bool = false;

    fn load<S: Times>(&mut self, _state: &mut S, now: Time, _facts: &Nothing) {
        debug_assert_eq!(now, START);
        self.begin();
    }

    fn begin(&mut self) {
        self.rewind();
    }

    fn rewind(&mut self) {
        self.now = START;
        self.stuck = false;
    }

    fn bump(&mut self) -> bool {
        false
    }

    fn stuck(&self) -> bool {
        self.stuck
    }

    fn misuse(&self) -> Misuse {
        self.misuse
    }

    fn tick<S: Times>(&mut self, _state: &mut S) -> bool {
        self.now = Time::from_raw(START.raw() + 1);
        true
    }

    fn canon<S: Times>(&mut self, state: &mut S, _held: bool) -> Nothing {
        let now = self.now;
        let mut ages = Ages::new();
        let mut past = Past::new();
        let mut misuse = self.misuse;
        state.times(&mut |time, kind| {
            misuse.look(*time, kind);
            debug_assert!(!matches!(kind, Kind::Age(_)) || time.raw() <= now.raw(), "an age lies in the future");
            if time.raw() >= now.raw() || *time == Time::LONG_AGO {
                return;
            }
            match kind {
                Kind::Deadline | Kind::Limit | Kind::Timer => {}
                Kind::Age(group) => ages.note(group, time.raw()),
                Kind::Stamp => past.note(time.raw()),
            }
        });
        self.misuse = misuse;
        past.squeeze(now.raw(), self.values.longest() + 1);
        state.times(&mut |time, kind| {
            if *time == Time::LONG_AGO || *time == Time::SOMETIME {
                return;
            }
            *time = match kind {
                Kind::Deadline | Kind::Limit | Kind::Timer if time.raw() < now.raw() => Time::LONG_AGO,
                Kind::Age(group) if time.raw() < now.raw() => ages.renumbered(group, time.raw()),
                Kind::Stamp if time.raw() < now.raw() => past.squeezed(time.raw()),
                _ => Time::from_raw(time.raw() - now.raw() + START.raw()),
            };
        });
        self.now = START;
        Nothing
    }

    fn choices(&self) -> Choices {
        Choices::default()
    }

    fn options(&self) -> &Options {
        &self.options
    }

    #[inline]
    fn compact(time: Time) -> u8 {
        match time.raw() {
            u32::MAX => u8::MAX,
            age if age < 64 => age as u8,
            raw => {
                let byte = raw + NOW_BYTE - START.raw();
                assert!((64..255).contains(&byte), "{time:?} is too far from now for one byte");
                byte as u8
            }
        }
    }

    #[inline]
    fn expand_time(byte: u8) -> Time {
        Time::from_raw(match byte {
            u8::MAX => u32::MAX,
            0..64 => byte.into(),
            _ => START.raw() + u32::from(byte) - NOW_BYTE,
        })
    }
}

/// The different past stamps of a state, with the times they get when long silences are shortened.
struct Past {
    old: [u32; MOST_CLASSES],
    new: [u32; MOST_CLASSES],
    len: usize,
}

impl Past {
    fn new() -> Past {
        Past { old: [0; MOST_CLASSES], new: [0; MOST_CLASSES], len: 0 }
    }

    fn note(&mut self, raw: u32) {
        let at = self.old[..self.len].partition_point(|&other| other < raw);
        if at < self.len && self.old[at] == raw {
            return;
        }
        assert!(self.len < MOST_CLASSES, "a state holds more than {MOST_CLASSES} past stamps");
        self.old.copy_within(at..self.len, at + 1);
        self.old[at] = raw;
        self.len += 1;
    }

    /// Counts back from now, which becomes [`START`], in steps of at most `most`.
    fn squeeze(&mut self, now: u32, most: u32) {
        let (mut old, mut new) = (now, START.raw());
        for i in (0..self.len).rev() {
            new -= (old - self.old[i]).min(most);
            old = self.old[i];
            self.new[i] = new;
        }
    }

    fn squeezed(&self, raw: u32) -> Time {
        let at = self.old[..self.len].partition_point(|&other| other < raw);
        Time::from_raw(self.new[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silences_are_shortened_and_short_distances_kept() {
        let mut past = Past::new();
        [70_000, 69_998, 60_000, 69_998].into_iter().for_each(|raw| past.note(raw));
        past.squeeze(70_003, 5);
        let back = |raw| START.raw() - past.squeezed(raw).raw();
        assert_eq!([back(70_000), back(69_998), back(60_000)], [3, 5, 10]);
    }

    #[test]
    fn bytes_round_trip() {
        assert!((0..=255).all(|byte| Ticks::compact(Ticks::expand_time(byte)) == byte));
    }
}
