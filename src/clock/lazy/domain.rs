//! Canonical states under a clock that decides an order when it is asked for one: what is kept of what is known, how that is
//! stored, and what stands for what.

use super::bounds::Bounds;
use super::clock::{Lazy, slot, time_of};
use super::detail::Detail;
use super::matrix::{MOST, Matrix};
use super::questions::Inner;
use super::stored::{Stored, compare, covers, join};
use crate::{Choices, Domain, Facts, Misuse, Options, START};
use dhcpfo_time::{Clock, Kind, Time, Times};
use std::cell::Cell;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// What is known of the times of a canonical state.
pub struct Knowledge<B: Bounds>(Matrix<B>);

impl<B: Bounds> Knowledge<B> {
    /// The bound of each instant on its difference from itself: whatever ways there are around.
    pub(super) fn around(&self) -> impl Iterator<Item = B::Bound> {
        (0..self.0.count()).map(|i| self.0.get(i, i))
    }
}

// Not derived, because that would demand as much of the bounds' rules.
impl<B: Bounds> Clone for Knowledge<B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B: Bounds> Copy for Knowledge<B> {}

impl<B: Bounds> Default for Knowledge<B> {
    fn default() -> Self {
        Knowledge(Matrix::default())
    }
}

impl<B: Bounds> PartialEq for Knowledge<B> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<B: Bounds> Eq for Knowledge<B> {}

impl<B: Bounds> Hash for Knowledge<B> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<B: Bounds> Facts for Knowledge<B> {
    fn encode(&self, out: &mut Vec<u8>) {
        let all: Vec<usize> = (0..self.0.count()).collect();
        self.0.write(&all, out);
    }

    fn decode(bytes: &mut &[u8]) -> Self {
        let (&count, rest) = bytes.split_first().expect("the octets of whole knowledge");
        *bytes = rest;
        let mut matrix = Matrix::default();
        matrix.resize(usize::from(count));
        for i in 0..matrix.count() {
            for j in 0..matrix.count() {
                matrix.set(i, j, B::read(bytes));
            }
        }
        Knowledge(matrix)
    }
}

impl<B: Bounds> Domain for Lazy<B> {
    type Facts = Knowledge<B>;

    const KNOWS_HELD: bool = true;
    const LAZY: bool = true;

    fn load<S: Times>(&mut self, _: &mut S, now: Time, facts: &Knowledge<B>) {
        debug_assert_eq!(now, START);
        self.inner().loaded.copy_from(&facts.0);
        self.begin();
    }

    fn begin(&mut self) {
        self.inner().tape.clear();
        self.rewind();
    }

    fn rewind(&mut self) {
        let inner = self.inner();
        inner.cursor = 0;
        inner.stuck = false;
        inner.matrix.copy_from(&inner.loaded);
    }

    fn bump(&mut self) -> bool {
        self.inner().bump()
    }

    fn stuck(&self) -> bool {
        self.look_at().stuck
    }

    fn misuse(&self) -> Misuse {
        self.look_at().misuse
    }

    /// Never on its own: a canonical state stands for all instants up to which time may pass.
    fn tick<S: Times>(&mut self, _: &mut S) -> bool {
        false
    }

    fn elapse<S: Times>(&mut self, state: &mut S) {
        let inner = self.inner();
        let mut then = None;
        state.times(&mut |time, kind| {
            if *time == START {
                *time = match kind {
                    Kind::Deadline | Kind::Timer => Time::LONG_AGO,
                    _ => *then
                        .get_or_insert_with(|| if inner.has_room() { time_of(inner.matrix.copy_of(0)) } else { START }),
                };
            }
        });
        inner.matrix.elapse();
    }

    fn canon<S: Times>(&mut self, state: &mut S, _held: bool) -> Knowledge<B> {
        let detail = self.detail;
        let inner = self.inner();
        inner.collect(state);
        let kept = Kept::of(inner);
        let mut known = kept.known(inner, detail);
        kept.forget_past(&mut inner.bounds, &mut known);
        state.times(&mut |time, kind| {
            if *time != Time::LONG_AGO && *time != Time::SOMETIME {
                let slot = slot(*time);
                let is_over = inner.is_over(slot, kind);
                *time = if is_over { Time::LONG_AGO } else { time_of(kept.ranks[slot].unwrap_or(0)) };
            }
        });
        inner.matrix.copy_from(&known);
        Knowledge(known)
    }

    fn choices(&self) -> Choices {
        Choices::default()
    }

    fn options(&self) -> &Options {
        &self.options
    }

    fn each_case(&mut self, _: Time, facts: &Knowledge<B>, ask: &mut dyn FnMut(&dyn Clock) -> u64) -> u64 {
        self.inner().loaded.copy_from(&facts.0);
        self.begin();
        let mut any = 0;
        loop {
            let answer = ask(&*self);
            if !self.stuck() {
                any |= answer;
            }
            if !self.bump() {
                return any;
            }
            self.rewind();
        }
    }

    #[inline]
    fn compact(time: Time) -> u8 {
        match time {
            Time::LONG_AGO => 0,
            Time::SOMETIME => u8::MAX,
            _ => 1,
        }
    }

    /// Now; for other times see [`Domain::nth`].
    #[inline]
    fn expand_time(byte: u8) -> Time {
        match byte {
            0 => Time::LONG_AGO,
            u8::MAX => Time::SOMETIME,
            _ => START,
        }
    }

    fn nth(byte: u8, live: &Cell<u32>) -> Time {
        if byte != 1 {
            return Self::expand_time(byte);
        }
        live.set(live.get() + 1);
        Time::from_raw(live.get())
    }

    /// The class of each live time, then the bounds, the classes numbered as the times come.
    fn write(facts: &Knowledge<B>, live: &[Time], out: &mut Vec<u8>) {
        let mut order: Vec<usize> = vec![0];
        for &time in live {
            let slot = slot(time);
            let class = order.iter().position(|&known| known == slot).unwrap_or_else(|| {
                order.push(slot);
                order.len() - 1
            });
            out.push(class as u8);
        }
        facts.0.write(&order, out);
    }

    fn read<S: Times>(bytes: &mut &[u8], live: usize, state: &mut S) -> Knowledge<B> {
        let (classes, rest) = bytes.split_at(live);
        *bytes = rest;
        state.times(&mut |time, _| {
            if *time != Time::LONG_AGO && *time != Time::SOMETIME {
                *time = time_of(usize::from(classes[time.raw() as usize - 1]));
            }
        });
        Knowledge::decode(bytes)
    }

    fn compare(&mut self, live: usize, one: &[u8], other: &[u8]) -> Ordering {
        let (one, other) = (Stored::<B>::of(live, one), Stored::of(live, other));
        compare(&mut self.inner().bounds, &one, &other)
    }

    fn covers(&mut self, live: usize, weak: &[u8], strong: &[u8]) -> bool {
        let (weak, strong) = (Stored::<B>::of(live, weak), Stored::of(live, strong));
        covers(&mut self.inner().bounds, &weak, &strong)
    }

    fn join(&mut self, live: usize, one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
        let (one, other) = (Stored::<B>::of(live, one), Stored::of(live, other));
        join(&mut self.inner().bounds, &one, &other)
    }
}

/// The instants of a step that stay.
struct Kept {
    /// Their slots, by their new numbers.
    slots: Vec<usize>,
    /// New numbers by slot; those that are known to be one instant have one.
    ranks: [Option<usize>; MOST],
    /// The group of what is nothing but an age, by new number.
    ages: [Option<Option<u8>>; MOST],
    /// Whether it is nothing but a deadline or a timer, by new number.
    is_deadline: [bool; MOST],
}

impl Kept {
    /// Now, and what something may still be asked of, in the order in which a state shows them.
    fn of<B: Bounds>(inner: &mut Inner<B>) -> Kept {
        let mut kept = Kept { slots: vec![0], ranks: [None; MOST], ages: [None; MOST], is_deadline: [true; MOST] };
        kept.ranks[0] = Some(0);
        let times = std::mem::take(&mut inner.times);
        for &(time, kind) in &times {
            let slot = slot(time);
            if inner.is_over(slot, kind) || kept.ranks[slot].is_some() {
                continue;
            }
            let same = kept.slots.iter().position(|&other| inner.are_one(other, slot));
            kept.ranks[slot] = Some(same.unwrap_or(kept.slots.len()));
            if same.is_none() {
                kept.slots.push(slot);
            }
        }
        for &(time, kind) in &times {
            let Some(rank) = kept.ranks[slot(time)] else { continue };
            kept.is_deadline[rank] &= matches!(kind, Kind::Deadline | Kind::Timer);
            kept.ages[rank] = match (kept.ages[rank], kind) {
                (None, Kind::Age(group)) => Some(Some(group)),
                (Some(Some(known)), Kind::Age(group)) if known == group => Some(Some(group)),
                _ => Some(None),
            };
        }
        inner.times = times;
        kept
    }

    /// The group of an instant of which nothing is used but its order among the ages of that.
    fn age(&self, rank: usize) -> Option<u8> {
        if rank == 0 { None } else { self.ages[rank].flatten() }
    }

    /// What is known of them, and may matter.
    fn known<B: Bounds>(&self, inner: &mut Inner<B>, detail: Detail) -> Matrix<B> {
        let mut known = Matrix::default();
        known.resize(self.slots.len());
        for (i, &from) in self.slots.iter().enumerate() {
            for (j, &to) in self.slots.iter().enumerate() {
                let bound = inner.matrix.get(from, to);
                let bound = match (self.age(i), self.age(j)) {
                    _ if i == j => bound,
                    (None, None) => bound,
                    (Some(a), Some(b)) if a != b => B::NONE,
                    _ => match detail {
                        Detail::Whole => inner.bounds.relevant(bound),
                        Detail::Order if inner.bounds.implies(bound, B::BELOW) => B::BELOW,
                        Detail::Order if inner.bounds.implies(bound, B::ZERO) => B::ZERO,
                        Detail::Order => B::NONE,
                    },
                };
                known.set(i, j, bound);
            }
        }
        known
    }

    /// How long ago a deadline has passed makes no difference, if it has: all that have are one. Where now is late enough for
    /// what a bound says of a deadline to be about the past alone, the bound goes (THEORY.md section 11).
    fn forget_past<B: Bounds>(&self, bounds: &mut B, known: &mut Matrix<B>) {
        for x in (1..known.count()).filter(|&x| self.is_deadline[x]) {
            for y in 0..known.count() {
                if y != x && bounds.implies(known.get(y, 0), known.get(y, x)) {
                    known.set(y, x, B::NONE);
                }
            }
        }
    }
}
