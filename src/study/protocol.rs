//! What a protocol has to say of itself to be studied.

use dhcpfo_claims::Entry;
use dhcpfo_claims::fair::{Assumed, Condition};
use dhcpfo_clock::{Lengths, Timed};
use dhcpfo_header::keys::Key;
use dhcpfo_header::section::Section;
use dhcpfo_time::{Clock, Kind, Span, SpanWords, Time, Times};
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

/// A protocol with its system: servers, clients, network, faults. A value of it is one system, of some size and with
/// some rules, that a model file asks for.
///
/// Its rules are those of [`Timed`]: `step` carries an action out, and reads and makes times only through the clock.
pub trait Protocol: Timed<State: Shown, Action: Told> + Clone + Debug + Send + Sync + 'static {
    /// The word for it after `protocol =` in model files.
    const NAME: &'static str;
    /// What it is, in a line.
    const ABOUT: &'static str;
    /// Its lengths of time, by the number of their [`Span`].
    const SPANS: &'static [Length];
    /// Pairs (shorter, longer) of spans that models declare unless they say something else.
    const ORDER: &'static [(Span, Span)];
    /// What models can bound of what happens, for searches of all combinations of such bounds.
    const BUDGETS: &'static [Budget<Self>] = &[];
    /// What can be claimed.
    const CLAIMS: &'static [Claim<Self>];
    /// What can be demanded to be reachable.
    const WITNESSES: &'static [Claim<Self>];
    /// What can be claimed of whole runs.
    const RUNS: &'static [LeadsTo<Self>] = &[];
    /// What a model can take to be fair in them, besides [`TIME`](dhcpfo_claims::fair::TIME).
    const CONDITIONS: &'static [Condition] = &[];

    /// The keys of `[system]` in model files.
    fn keys() -> Vec<Key>;
    /// The system that `[system]` asks for. What is wrong is noted there; the value does not matter then.
    fn read(system: &Section<'_>) -> Self;

    /// The state with which everything begins. Its times are [`Time::LONG_AGO`] or now, which is
    /// [`START`](dhcpfo_clock::START).
    fn initial(&self) -> Self::State;
    /// Everything that may happen in a state, each once, in the same order each time. What is not enabled after all does no
    /// harm: the step refuses it.
    fn candidates(&self, state: &Self::State, clock: &dyn Clock, try_it: &mut impl FnMut(Self::Action));

    /// The condition of fairness that an action meets, by its name, and which part of it, counted from 0.
    ///
    /// What the renamings below exchange must meet the same condition and the same part: a cycle of the search comes back with
    /// others in their places, and what is demanded of one of them alone would be demanded of nobody for sure.
    fn met_by(&self, action: &Self::Action) -> Option<(&'static str, u32)> {
        let _ = action;
        None
    }

    /// How many ways there are to give equals each other's names, with the way that changes nothing. Two states are one
    /// if such a way makes one of the other. Systems that have as many ways have the same ones.
    fn renamings(&self) -> usize {
        1
    }
    /// The state after the renaming of that number; number 0 changes nothing.
    fn renamed(&self, state: &Self::State, number: usize) -> Self::State {
        let _ = number;
        state.clone()
    }

    /// The state in words, a line each: who, and what is to be said of it.
    fn describe(&self, state: &Self::State, time: &dyn Fn(Time) -> String) -> Vec<(String, String)>;
}

/// What a state has to be.
pub trait Shown: Fields + Times + Clone + Eq + Hash + Debug + Send + Sync {}
impl<S: Fields + Times + Clone + Eq + Hash + Debug + Send + Sync> Shown for S {}

/// What an action has to be: its text parses back to it.
pub trait Told: Copy + Eq + Debug + Display + FromStr<Err = String> + Send + Sync + 'static {}
impl<A: Copy + Eq + Debug + Display + FromStr<Err = String> + Send + Sync + 'static> Told for A {}

/// A length of time, as a protocol declares it.
#[derive(Clone, Copy, Debug)]
pub struct Length {
    /// Its name, and with what its deadlines are compared.
    pub words: SpanWords,
    /// Units of it for the small clocks, where a model gives no others.
    pub small: u32,
    /// Seconds of it, likewise.
    pub seconds: u32,
    /// What it is.
    pub about: &'static str,
}

/// A key of `[system]` that bounds how often something happens. Whatever can happen with less of it can happen with more.
pub struct Budget<P> {
    /// The key.
    pub key: &'static str,
    /// The least amount that a model can give it.
    pub least: u8,
    /// The amount that a system has; None: nothing is bounded.
    pub of: fn(&P) -> Option<u8>,
    /// Gives a system another amount.
    pub set: fn(&mut P, u8),
}

/// What can be claimed of a state, or demanded to be reachable.
pub struct Claim<P: Protocol> {
    /// Its name in model files, what it says, where that stands, and what it does not say.
    pub entry: &'static Entry,
    /// Whether it has something to say of a state. A claim without an occasion in all that was searched holds for nothing.
    pub arises: fn(&P, &P::State, &dyn Clock) -> bool,
    /// A claim: whether it holds. A witness: whether it is reached.
    pub holds: fn(&P, &P::State, &dyn Clock) -> bool,
}

impl<P: Protocol> Claim<P> {
    /// What has to be reachable, and has no other occasion than that.
    pub const fn witness(entry: &'static Entry, reached: fn(&P, &P::State, &dyn Clock) -> bool) -> Claim<P> {
        Claim { entry, arises: reached, holds: reached }
    }
}

/// What can be claimed of whole runs: after each state of one kind comes one of another kind, if the run is fair.
///
/// Neither kind may depend on what renamings exchange.
pub struct LeadsTo<P: Protocol> {
    /// Its name in model files, what it says, where that stands, and what it does not say.
    pub entry: &'static Entry,
    /// After a state like this …
    pub from: fn(&P, &P::State, &dyn Clock) -> bool,
    /// … comes one like this; it may be the same.
    pub to: fn(&P, &P::State, &dyn Clock) -> bool,
}

// Not derived, because that would demand as much of the protocol itself.
impl<P: Protocol> Clone for LeadsTo<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Protocol> Copy for LeadsTo<P> {}

impl<P: Protocol> Clone for Claim<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: Protocol> Copy for Claim<P> {}

/// The content of a state, field by field, always in the same order: from this its octets are written and read, and its
/// times are found. What is not visited is not part of the state.
pub trait Fields {
    /// Visits every field.
    fn fields(&mut self, visit: &mut impl Visit);
}

/// Somebody to whom a state shows its fields.
pub trait Visit {
    /// A small number, also of a kind or a place.
    fn byte(&mut self, byte: &mut u8);
    /// A time.
    fn time(&mut self, time: &mut Time, kind: Kind);

    /// Something that is or is not so.
    fn flag(&mut self, flag: &mut bool) {
        let mut byte = u8::from(*flag);
        self.byte(&mut byte);
        *flag = byte != 0;
    }

    /// One of several values.
    fn one_of<T: Copy + PartialEq>(&mut self, value: &mut T, all: &[T]) {
        let mut byte = all.iter().position(|one| one == value).expect("one of all values") as u8;
        self.byte(&mut byte);
        *value = all[usize::from(byte)];
    }

    /// A set of up to 64 things.
    fn set(&mut self, set: &mut u64, octets: usize) {
        let mut bytes = set.to_le_bytes();
        bytes[..octets].iter_mut().for_each(|byte| self.byte(byte));
        *set = u64::from_le_bytes(bytes);
    }
}

/// [`Times`] of a state that has [`Fields`].
pub fn times(state: &mut impl Fields, visit: &mut impl FnMut(&mut Time, Kind)) {
    struct Only<V>(V);
    impl<V: FnMut(&mut Time, Kind)> Visit for Only<V> {
        fn byte(&mut self, _: &mut u8) {}
        fn time(&mut self, time: &mut Time, kind: Kind) {
            (self.0)(time, kind);
        }
        fn one_of<T: Copy + PartialEq>(&mut self, _: &mut T, _: &[T]) {}
    }
    state.fields(&mut Only(visit));
}

/// A system with what is claimed of it.
#[derive(Clone)]
pub struct Model<P: Protocol> {
    /// The system.
    pub system: P,
    /// What must hold, at most 32.
    pub claims: Vec<Claim<P>>,
    /// What must be reachable, at most 32.
    pub witnesses: Vec<Claim<P>>,
    /// What must hold of whole runs. Each takes two flags of a state, among those of the witnesses.
    pub runs: Vec<LeadsTo<P>>,
    /// What is fair in them.
    pub fair: Vec<Assumed>,
    /// Its lengths of time.
    pub lengths: Lengths,
}

impl<P: Protocol> Model<P> {
    /// The claims that do not hold in a state: bit `i` for claim `i`.
    pub fn violations(&self, state: &P::State, clock: &dyn Clock) -> u64 {
        let broken = |(bit, claim): (u32, &Claim<P>)| u64::from(!(claim.holds)(&self.system, state, clock)) << bit;
        (0..).zip(&self.claims).map(broken).sum()
    }

    /// The first claim that does not hold in a state, by its number.
    pub fn violated(&self, state: &P::State, clock: &dyn Clock) -> Option<usize> {
        self.claims.iter().position(|claim| !(claim.holds)(&self.system, state, clock))
    }
}

/// The words of a protocol's spans.
pub fn span_words<P: Protocol>() -> Vec<SpanWords> {
    P::SPANS.iter().map(|length| length.words).collect()
}
