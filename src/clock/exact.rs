//! Exact real time: the order of the live times, and bounds on all their differences.
//!
//! A state is a set of instants in real time, closed under the passing of time as far as no order changes;
//! both the order and the bounds are part of it (THEORY.md section 10). Verdicts hold for the lengths given,
//! in real time. There is no extrapolation: a stamp that is kept for ever makes infinitely many states.

use super::canon::{Found, Survey};
use super::classes::Classes;
use super::concretise::Traced;
use super::tape::Tape;
use super::{Choices, Domain, Facts, FreeSpans, Misuse, Options, START, Values, ranks};
use dhcpfo_time::{Clock, Span, Time, Times};
use std::hash::{Hash, Hasher};

/// Most classes, those made during a step included.
const MOST: usize = 32;

/// A bound `c` on a difference: `2c + 1` for "at most", `2c` for "less than".
type Bound = i32;

/// No bound. Two of them can be added.
const NONE: Bound = i32::MAX / 2;
/// At most 0.
const ZERO: Bound = 1;
/// Less than 0.
const BELOW: Bound = 0;

/// The bound on the sum of two differences.
fn sum(a: Bound, b: Bound) -> Bound {
    if a == NONE || b == NONE { NONE } else { a + b - ((a | b) & 1) }
}

/// The bound "at most `units`", or its negative.
fn at_most(units: i32) -> Bound {
    2 * units + 1
}

/// Bounds on all differences: entry (i, j) bounds `i - j`. Always closed: no sum of two beats a third.
#[derive(Clone, Copy)]
struct Matrix([[Bound; MOST]; MOST]);

impl Matrix {
    /// Adds `i - j <= bound` and closes again, over the first `count` rows.
    fn tighten(&mut self, count: usize, i: usize, j: usize, bound: Bound) {
        if self.0[i][j] <= bound {
            return;
        }
        for u in 0..count {
            let to_i = sum(self.0[u][i], bound);
            if to_i == NONE {
                continue;
            }
            for v in 0..count {
                self.0[u][v] = self.0[u][v].min(sum(to_i, self.0[j][v]));
            }
        }
    }

    /// Makes row and column `x` those of the instant `units` after that of row `base`.
    fn shifted(&mut self, count: usize, x: usize, base: usize, units: i32) {
        for i in 0..count {
            self.0[x][i] = sum(self.0[base][i], at_most(units));
            self.0[i][x] = sum(self.0[i][base], at_most(-units));
        }
        self.0[x][x] = ZERO;
    }

    /// Makes row and column `x` those of any instant from that of row `base` on.
    fn later(&mut self, count: usize, x: usize, base: usize) {
        for i in 0..count {
            self.0[x][i] = NONE;
            self.0[i][x] = self.0[i][base];
        }
        self.0[x][x] = ZERO;
    }
}

/// The bounds on the differences of the classes of a canonical state.
#[derive(Clone, Copy)]
pub struct Bounds {
    count: u8,
    matrix: Matrix,
}

impl Bounds {
    fn rows(&self) -> impl Iterator<Item = &[Bound]> {
        let count = self.count as usize;
        self.matrix.0[..count].iter().map(move |row| &row[..count])
    }
}

impl Default for Bounds {
    /// One class: now.
    fn default() -> Self {
        Bounds { count: 1, matrix: Matrix([[ZERO; MOST]; MOST]) }
    }
}

impl PartialEq for Bounds {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.rows().eq(other.rows())
    }
}

impl Eq for Bounds {}

impl Hash for Bounds {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rows().for_each(|row| row.hash(state));
    }
}

impl Facts for Bounds {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.count);
        self.rows().flatten().for_each(|bound| out.extend_from_slice(&bound.to_le_bytes()));
    }

    fn decode(bytes: &mut &[u8]) -> Self {
        let mut bounds = Bounds { count: bytes[0], ..Bounds::default() };
        let count = bounds.count as usize;
        let (mine, rest) = bytes[1..].split_at(4 * count * count);
        for (i, word) in mine.chunks_exact(4).enumerate() {
            bounds.matrix.0[i / count][i % count] = Bound::from_le_bytes([word[0], word[1], word[2], word[3]]);
        }
        *bytes = rest;
        bounds
    }
}

/// The domain of order and difference bounds.
#[derive(Clone)]
pub struct Exact {
    values: Values,
    free: FreeSpans,
    options: Options,
    now: Time,
    loaded_now: Time,
    classes: Classes,
    loaded: Bounds,
    matrix: Matrix,
    tape: Tape,
    stuck: bool,
    ticked: bool,
    found: Found,
    kept: u64,
}

impl Exact {
    /// Spans have these lengths. New times after a `free` span are [`Time::SOMETIME`].
    ///
    /// Of the options only `settle` means anything here.
    pub fn new(values: Values, free: FreeSpans, options: Options) -> Exact {
        let loaded = Bounds::default();
        Exact {
            values,
            free,
            options,
            now: START,
            loaded_now: START,
            classes: Classes::default(),
            loaded,
            matrix: loaded.matrix,
            tape: Tape::default(),
            stuck: false,
            ticked: false,
            found: Found::default(),
            kept: 0,
        }
    }

    /// The places that row `x` may have. They are one interval, because the instants are a convex set.
    fn places(&self, x: usize) -> (u8, u8) {
        let (mut first, mut last) = (0, 2 * self.classes.count as u8 - 1);
        for position in 0..self.classes.count {
            let (c, p) = (self.classes.slots[position] as usize, 2 * position as u8);
            match self.matrix.0[c][x] {
                ZERO => first = first.max(p),
                ..=BELOW => first = first.max(p + 1),
                _ => {}
            }
            match self.matrix.0[x][c] {
                ZERO => last = last.min(p),
                ..=BELOW => last = last.min(p - 1),
                _ => {}
            }
        }
        debug_assert!(first <= last, "the bounds of a state contradict each other");
        (first, last)
    }

    /// Settles that row `x`, the first unused one, is at `place`; returns its slot.
    fn put(&mut self, x: usize, place: u8) -> usize {
        let at = place as usize / 2;
        let rows = x + 1;
        let neighbour = |position: usize| self.classes.slots[..x].get(position).map(|&slot| slot as usize);
        let (Some(below), above) = (neighbour(at), neighbour(at + 1)) else { unreachable!("no such place") };
        if place.is_multiple_of(2) {
            self.matrix.tighten(rows, x, below, ZERO);
            self.matrix.tighten(rows, below, x, ZERO);
        } else {
            self.matrix.tighten(rows, below, x, BELOW);
            if let Some(above) = above {
                self.matrix.tighten(rows, x, above, BELOW);
            }
        }
        self.classes.put(place)
    }

    /// The first row that is not in use.
    fn fresh(&self) -> usize {
        assert!(self.classes.count < MOST, "more than {MOST} classes of times in one step");
        self.classes.count
    }

    /// Takes the upper bounds off a now that no time is tied with, up to the next class: time may pass unseen.
    fn relax(&mut self, survey: &Survey) {
        if survey.solid >> survey.now & 1 != 0 {
            return;
        }
        let now = self.classes.slots[survey.now as usize] as usize;
        let next = super::canon::ceiling(survey.kept & !(1 << survey.now), survey.now);
        let next = next.map(|position| self.classes.slots[position as usize] as usize);
        for position in survey.positions() {
            let i = self.classes.slots[position] as usize;
            if i != now {
                self.matrix.0[now][i] = next.map_or(NONE, |next| sum(BELOW, self.matrix.0[next][i]));
            }
        }
    }
}

impl Clock for Exact {
    fn now(&self) -> Time {
        self.now
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        if base == Time::SOMETIME {
            self.found.misuse.counted(span);
            self.stuck = true;
            return Time::SOMETIME;
        }
        if self.free.has(span) {
            return Time::SOMETIME;
        }
        let (base, x) = (self.classes.slot(base), self.fresh());
        self.matrix.shifted(x, x, base, self.values.get(span) as i32);
        let place = match self.tape.recall() {
            Some(place) => place,
            None => {
                let (first, last) = self.places(x);
                self.tape.choose(first, last)
            }
        };
        let slot = self.put(x, place);
        self.classes.time(slot)
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

impl Traced for Exact {
    fn retrace(&mut self, choices: Choices) {
        self.tape.force(choices);
        self.rewind();
    }

    fn classes(&self) -> &Classes {
        &self.classes
    }

    fn kept(&self) -> u64 {
        self.kept
    }
}

impl Domain for Exact {
    type Facts = Bounds;

    const KNOWS_HELD: bool = true;

    fn load<S: Times>(&mut self, _state: &mut S, now: Time, facts: &Bounds) {
        self.loaded_now = now;
        self.loaded = *facts;
        self.classes.reset(facts.count as usize);
        self.begin();
    }

    fn begin(&mut self) {
        self.tape.clear();
        self.rewind();
    }

    fn rewind(&mut self) {
        self.tape.rewind();
        self.stuck = false;
        self.ticked = false;
        self.now = self.loaded_now;
        self.matrix = self.loaded.matrix;
        self.classes.rewind();
    }

    fn bump(&mut self) -> bool {
        self.tape.bump()
    }

    fn stuck(&self) -> bool {
        self.stuck
    }

    fn misuse(&self) -> Misuse {
        self.found.misuse
    }

    fn tick<S: Times>(&mut self, state: &mut S) -> bool {
        let now = self.now;
        let mut tied = false;
        state.times(&mut |time, _| tied |= *time == now);
        let Some(place) = self.classes.next(now, tied) else { return false };
        let x = self.fresh();
        self.matrix.later(x, x, self.classes.slot(now));
        let slot = self.put(x, place);
        self.now = self.classes.time(slot);
        self.ticked = true;
        true
    }

    fn canon<S: Times>(&mut self, state: &mut S, held: bool) -> Bounds {
        let survey = Survey::of(state, &self.classes, self.now, self.ticked, &mut self.found);
        self.kept = survey.kept;
        if !held {
            self.relax(&survey);
        }
        let mut bounds = Bounds { count: survey.kept.count_ones() as u8, ..Bounds::default() };
        let slot = |position: usize| self.classes.slots[position] as usize;
        for (i, row) in survey.positions().map(slot).enumerate() {
            for (j, column) in survey.positions().map(slot).enumerate() {
                bounds.matrix.0[i][j] = self.matrix.0[row][column];
            }
        }
        self.now = survey.renumber(state, &self.classes, self.now, &mut self.found);
        bounds
    }

    fn choices(&self) -> Choices {
        self.tape.choices()
    }

    fn options(&self) -> &Options {
        &self.options
    }

    #[inline]
    fn compact(time: Time) -> u8 {
        ranks::compact(time)
    }

    #[inline]
    fn expand_time(byte: u8) -> Time {
        ranks::expand(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_strict_if_a_part_is() {
        assert_eq!(sum(at_most(3), at_most(-1)), at_most(2));
        assert_eq!(sum(at_most(3), BELOW), 2 * 3);
        assert_eq!(sum(NONE, BELOW), NONE);
        assert!(sum(BELOW, BELOW) == BELOW && BELOW < ZERO);
    }
}
