//! The clocks of a search: what the times of a state mean, and what may come of a step.
//!
//! Rules read and make times only through [`Clock`]. Four domains stand behind it here, one state space each:
//!
//! | domain | a time is | a verdict holds for |
//! | --- | --- | --- |
//! | [`Order`] | a class in the order of all live times | all lengths of the spans that satisfy [`Phi`] |
//! | [`Exact`] | the same, with bounds on all differences | the lengths given, in real time |
//! | [`Ticks`] | a whole number of units from now | the lengths given, in whole units |
//! | [`Lazy`] | an instant with what is known of its distance to others, for all lengths or for given ones | as of [`Order`], or of [`Exact`] |
//!
//! Under the first two a new time may fall in several places of the order: the step is run again for each
//! ([`outcomes`]). [`concretise`] gives the times back to a path found under [`Order`]. `THEORY.md` has
//! the method, why it is sound, and its reference counts.
//!
//! Between steps a state is *canonical*: passed deadlines are [`Time::LONG_AGO`], past ages are numbered from
//! 1 within their group, and the classes are the multiples of [`GAP`] from [`START`] on without a hole.
//!
//! What a system has to keep to, beyond the contract of [`Clock`], or else numbers and orders part ways
//! (the replay of [`concretise`] then reports [`concretise::Reason::Differs`]):
//!
//! * a deadline that may have passed is compared with now only, or after `later(now)`, and is not copied into
//!   a stamp (`later` and `earlier` of deadlines are deadlines, and do no harm);
//! * an age is set to now, to [`Time::LONG_AGO`], or to another age of its group, and compared with those;
//! * a free deadline ([`Time::SOMETIME`]) is a [`Timer`](dhcpfo_time::Kind::Timer), and no base; an action of
//!   the world makes it [`Time::LONG_AGO`]. What is done with one besides is noted ([`Misuse`]);
//! * a time that a transition reads is visited by [`Times`], and a time that none reads is settled.

mod ages;
mod canon;
mod classes;
pub mod concretise;
mod exact;
mod facts;
mod lazy;
pub mod length;
mod lengths;
mod misuse;
mod order;
mod place;
mod settings;
mod tape;
mod ticks;

pub use exact::{Bounds, Exact};
pub use facts::Known;
pub use lazy::{Bounds as LazyBounds, Condition, Detail, Expressions, Knowledge, Lazy, Numbers, Room, simplest};
pub use lengths::Lengths;
pub use misuse::{Misuse, Misuses};
pub use order::Order;
pub use place::Place;
pub use settings::{FreeSpans, Options, Phi, SettingError, Values};
pub use tape::Choices;
pub use ticks::{Nothing, Ticks};

use dhcpfo_time::{Clock, Standing, Time, Times, uniform};
use std::cell::Cell;
use std::cmp::Ordering;
use std::hash::Hash;

/// Distance of two neighbouring classes in a canonical state: room for 16 insertions between them.
pub const GAP: u32 = 1 << 16;

/// The present instant of an initial state, under every domain.
pub const START: Time = Time::from_raw(GAP);

/// Most classes (different live instants, with now) in one state, those made during a step included.
pub(crate) const MOST_CLASSES: usize = 64;

/// A system whose steps read and make times only through a [`Clock`].
pub trait Timed {
    /// The discrete state with all its live times, but not `now`.
    type State: Times + Clone;
    /// One thing that can happen, other than time passing.
    type Action: Copy;

    /// Carries out `action`; false if it is not enabled. Deterministic, given the clock's answers.
    ///
    /// `state` begins as a copy of `before`, which is there so that nobody has to make another.
    fn step(&self, before: &Self::State, state: &mut Self::State, action: Self::Action, clock: &mut dyn Clock) -> bool;

    /// Sets times that no transition reads before it writes them to [`Time::LONG_AGO`]. What it asks of the clock decides
    /// nothing: `before` says whether it is known.
    fn settle(&self, state: &mut Self::State, clock: &dyn Clock);

    /// Drops what has ended, once passed deadlines are [`Time::LONG_AGO`]. May touch no time that has not passed.
    fn tidy(&self, state: &mut Self::State) {
        let _ = state;
    }

    /// Whether time may pass: false while something has to happen at this very instant.
    fn may_pass(&self, state: &Self::State, clock: &dyn Clock) -> bool {
        let _ = (state, clock);
        true
    }

    /// What has to be the same for all instants that one state of a [`Domain::LAZY`] clock stands for, besides everything
    /// discrete: which claims are violated there. Such a clock decides as much as that takes.
    fn judge(&self, state: &Self::State, clock: &dyn Clock) -> u64 {
        let _ = (state, clock);
        0
    }
}

/// A state with its present instant and what is known of its times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Moment<S, F> {
    /// The discrete state with its times.
    pub state: S,
    /// The present instant.
    pub now: Time,
    /// What the domain knows of the times beyond their order.
    pub facts: F,
}

/// A [`Moment`] of system `T` under domain `D`.
pub type MomentOf<T, D> = Moment<<T as Timed>::State, <D as Domain>::Facts>;

/// Knowledge about the times of a canonical state; part of what is hashed and stored.
pub trait Facts: Copy + Default + Eq + Hash {
    /// Appends the bytes of these facts; equal facts have equal bytes.
    fn encode(&self, out: &mut Vec<u8>);
    /// The inverse of [`Facts::encode`]; moves `bytes` on to what follows.
    fn decode(bytes: &mut &[u8]) -> Self;
}

/// The world's side of a clock: one notion of time, with the outcomes of the step at hand.
///
/// Order of calls: `load`, then any number of [`outcomes`] and [`tick_loaded`] of the state that was loaded.
pub trait Domain: Clock {
    /// What is known of the times of a state beyond their order.
    type Facts: Facts;

    /// Whether it makes a difference that no time may pass in a state. To [`Order`] it makes none: it may take what follows
    /// at once for a little later, and a path that needs that has no times.
    const KNOWS_HELD: bool;

    /// Whether a state stands for all instants up to which time may pass, and for all orders that are not decided yet. Times
    /// pass inside the canonical form then, and there are no ticks.
    const LAZY: bool = false;

    /// Takes up a canonical state. Rewrites none of its times.
    fn load<S: Times>(&mut self, state: &mut S, now: Time, facts: &Self::Facts);
    /// Begins a step of the loaded state, with no choice made.
    fn begin(&mut self);
    /// Begins the same step again, with the choices of the tape.
    fn rewind(&mut self);
    /// Goes on to the next tape; false if all were tried.
    fn bump(&mut self) -> bool;
    /// Was a time made for which there was no place, or counted from a free deadline? The run is void then.
    fn stuck(&self) -> bool;
    /// What was done with free deadlines since this domain was made that may not be done with them.
    fn misuse(&self) -> Misuse;
    /// Lets time pass: up to the next instant that can be told apart. False if that changes nothing.
    fn tick<S: Times>(&mut self, state: &mut S) -> bool;
    /// If [`Domain::LAZY`]: now may be any later instant.
    fn elapse<S: Times>(&mut self, state: &mut S) {
        let _ = state;
    }
    /// Makes the state canonical after a step or a tick; [`Clock::now`] is canonical afterwards, too. `held`: no time may
    /// pass in it ([`Timed::may_pass`]); always false where [`Domain::KNOWS_HELD`] is.
    fn canon<S: Times>(&mut self, state: &mut S, held: bool) -> Self::Facts;
    /// The places taken by the times made in this run.
    fn choices(&self) -> Choices;
    /// What is left out.
    fn options(&self) -> &Options;

    /// One byte for a time of a canonical state. Panics if there are too many classes, or units to it.
    fn compact(time: Time) -> u8;
    /// The inverse of [`Domain::compact`].
    fn expand_time(byte: u8) -> Time;

    /// What a question about a canonical state has as its answer in any of the cases that the state stands for, bit by bit.
    fn each_case(&mut self, now: Time, facts: &Self::Facts, ask: &mut dyn FnMut(&dyn Clock) -> u64) -> u64 {
        let _ = facts;
        ask(&Standing(now))
    }

    /// If [`Domain::LAZY`]: the time behind a byte of [`Domain::compact`], times that are live numbered as they come.
    fn nth(byte: u8, live: &Cell<u32>) -> Time {
        let _ = live;
        Self::expand_time(byte)
    }

    /// Appends what is known; `live` are the times that are live, in the order in which they were written.
    fn write(facts: &Self::Facts, live: &[Time], out: &mut Vec<u8>) {
        let _ = live;
        facts.encode(out);
    }

    /// The inverse of [`Domain::write`] for a state with as many live times, numbered by [`Domain::nth`].
    fn read<S: Times>(bytes: &mut &[u8], live: usize, state: &mut S) -> Self::Facts {
        let _ = (live, state);
        Self::Facts::decode(bytes)
    }

    /// A fixed order of what [`Domain::write`] says of states with as many live times: the same in every run.
    fn compare(&mut self, live: usize, one: &[u8], other: &[u8]) -> Ordering {
        let _ = live;
        one.cmp(other)
    }

    /// Of two states with the same discrete part and as many live times, by what [`Domain::write`] says of them: whether
    /// everything that the second stands for is among what the first stands for.
    fn covers(&mut self, live: usize, weak: &[u8], strong: &[u8]) -> bool {
        let _ = live;
        weak == strong
    }

    /// Of two states with the same discrete part: what stands for whatever one of both stands for, and for nothing else.
    /// None if nothing does, or if that was not found.
    fn join(&mut self, live: usize, one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
        let _ = (live, one, other);
        None
    }
}

/// The canonical moment with which a search begins.
///
/// The times of `state` may be [`Time::LONG_AGO`], [`Time::SOMETIME`] and [`START`], which is now.
pub fn start<T: Timed, D: Domain>(timed: &T, domain: &mut D, mut state: T::State) -> MomentOf<T, D> {
    domain.load(&mut state, START, &D::Facts::default());
    domain.begin();
    if domain.options().settle {
        timed.settle(&mut state, domain);
    }
    let held = is_held(timed, &state, domain);
    if D::LAZY && !held {
        domain.elapse(&mut state);
    }
    let facts = domain.canon(&mut state, held);
    Moment { state, now: domain.now(), facts }
}

fn is_held<T: Timed, D: Domain>(timed: &T, state: &T::State, domain: &D) -> bool {
    D::KNOWS_HELD && !timed.may_pass(state, domain)
}

/// All outcomes of one action, each handed to `emit` with the choices that led to it.
///
/// Two of them may be equal. To try many actions on one moment, load it once and call [`outcomes`] for each.
pub fn expand<T: Timed, D: Domain>(
    timed: &T,
    domain: &mut D,
    from: &MomentOf<T, D>,
    action: T::Action,
    emit: &mut impl FnMut(&MomentOf<T, D>, Choices),
) {
    let mut next = from.clone();
    load::<T, D>(domain, from, &mut next);
    outcomes(timed, domain, from, &mut next, action, emit);
}

/// Takes up a canonical moment. `room` is room to work in; what stands there before does not matter.
pub fn load<T: Timed, D: Domain>(domain: &mut D, from: &MomentOf<T, D>, room: &mut MomentOf<T, D>) {
    room.state.clone_from(&from.state);
    domain.load(&mut room.state, from.now, &from.facts);
}

/// [`expand`] for the moment that was loaded last, which must be `from`. `next` is room to work in; what stands
/// there before does not matter.
pub fn outcomes<T: Timed, D: Domain>(
    timed: &T,
    domain: &mut D,
    from: &MomentOf<T, D>,
    next: &mut MomentOf<T, D>,
    action: T::Action,
    emit: &mut impl FnMut(&MomentOf<T, D>, Choices),
) {
    domain.begin();
    loop {
        next.state.clone_from(&from.state);
        if timed.step(&from.state, &mut next.state, action, domain) && !domain.stuck() {
            let choices = domain.choices();
            if make_canonical(timed, domain, next) {
                emit(next, choices);
            }
        }
        if !domain.bump() {
            return;
        }
        domain.rewind();
    }
}

/// Asks something of the state that was loaded last once for each way in which its comparisons may come out.
pub fn each_run<D: Domain>(domain: &mut D, mut ask: impl FnMut(&mut D)) {
    domain.begin();
    loop {
        ask(domain);
        if !domain.bump() {
            return;
        }
        domain.rewind();
    }
}

/// Appends what is known, as [`Domain::write`] does, after the discrete part that ends at `start`: of several ways to name
/// what is alike, of which this is that `number`, the one that comes first in a fixed order stays.
pub fn write_least<D: Domain>(
    domain: &mut D,
    facts: &D::Facts,
    live: &[Time],
    start: usize,
    number: usize,
    out: &mut Vec<u8>,
) {
    let end = out.len();
    D::write(facts, live, out);
    if number > 0 {
        let (known, new) = out[start..].split_at(end - start);
        if domain.compare(live.len(), new, known).is_lt() {
            out.drain(start..end);
        } else {
            out.truncate(end);
        }
    }
}

/// The world's passage of time: the moment after it, unless that is no different.
pub fn tick<T: Timed, D: Domain>(timed: &T, domain: &mut D, from: &MomentOf<T, D>) -> Option<MomentOf<T, D>> {
    let mut next = from.clone();
    load::<T, D>(domain, from, &mut next);
    tick_loaded(timed, domain, from, &mut next).then_some(next)
}

/// [`tick`] for the moment that was loaded last, which must be `from`: whether there is a moment after it, which is
/// then in `next`.
pub fn tick_loaded<T: Timed, D: Domain>(
    timed: &T,
    domain: &mut D,
    from: &MomentOf<T, D>,
    next: &mut MomentOf<T, D>,
) -> bool {
    domain.begin();
    if !timed.may_pass(&from.state, domain) {
        return false;
    }
    next.state.clone_from(&from.state);
    domain.tick(&mut next.state) && make_canonical(timed, domain, next)
}

fn finish<T: Timed, D: Domain>(timed: &T, domain: &mut D, state: T::State) -> MomentOf<T, D> {
    let mut moment = Moment { state, now: domain.now(), facts: D::Facts::default() };
    make_canonical(timed, domain, &mut moment);
    moment
}

/// In place: states are large, and every copy counts. False if no instant keeps to what was decided.
fn make_canonical<T: Timed, D: Domain>(timed: &T, domain: &mut D, moment: &mut MomentOf<T, D>) -> bool {
    if domain.options().settle {
        timed.settle(&mut moment.state, domain);
    }
    let held = is_held(timed, &moment.state, domain);
    if D::LAZY && !pass_and_judge(timed, domain, &mut moment.state, held) {
        return false;
    }
    moment.facts = domain.canon(&mut moment.state, held);
    timed.tidy(&mut moment.state);
    moment.now = domain.now();
    true
}

/// Lets time pass as far as it may, and decides what claims depend on. False if no instant keeps to what was decided.
fn pass_and_judge<T: Timed, D: Domain>(timed: &T, domain: &mut D, state: &mut T::State, held: bool) -> bool {
    if !held {
        domain.elapse(state);
        if !timed.may_pass(state, &Until(domain)) {
            return false;
        }
    }
    uniform(domain, |clock| timed.judge(state, clock));
    !domain.stuck()
}

/// All instants before now at once: what has passed by then has passed before now. What may pass time up to now is asked
/// under this clock.
struct Until<'a>(&'a dyn Clock);

impl Clock for Until<'_> {
    fn now(&self) -> Time {
        self.0.now()
    }

    fn after(&mut self, _: Time, _: dhcpfo_time::Span) -> Time {
        Time::SOMETIME
    }

    fn before(&self, a: Time, b: Time) -> bool {
        self.0.before(a, b)
    }

    fn passed(&self, time: Time) -> bool {
        self.0.before(time, self.0.now())
    }
}

/// Bytes of the times that [`Order`] and [`Exact`] make: passed, ages, then classes.
mod ranks {
    use super::{GAP, Time};

    /// First byte of a class. There are at most [`MOST_CLASSES`](super::MOST_CLASSES) of them.
    const CLASSES: u32 = 64;

    #[inline]
    pub(super) fn compact(time: Time) -> u8 {
        let raw = time.raw();
        // Without a branch: nothing foretells which it is, and this is done for every time of every state.
        debug_assert!(raw < CLASSES || raw == u32::MAX || raw.is_multiple_of(GAP), "time {raw} is not canonical");
        let class = (CLASSES - 1 + raw / GAP).min(u32::from(u8::MAX));
        (if raw < CLASSES { raw } else { class }) as u8
    }

    #[inline]
    pub(super) fn expand(byte: u8) -> Time {
        Time::from_raw(match u32::from(byte) {
            255 => u32::MAX,
            age if age < CLASSES => age,
            class => (class - CLASSES + 1) * GAP,
        })
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn bytes_round_trip() {
            assert!((0..=255).all(|byte| super::compact(super::expand(byte)) == byte));
        }
    }
}
