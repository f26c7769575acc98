//! Any protocol as a space to search: one model under one clock.

use crate::protocol::{Fields, Model, Protocol, Visit, span_words};
use crate::timed_space::{TimedSpace, WITNESSES};
use dhcpfo_clock::{Domain, Misuses, Moment, Timed, Values};
use dhcpfo_search::covering::{Covering, Parts};
use dhcpfo_search::space::{Edge, Flags, Space};
use dhcpfo_time::{Clock, Kind, Standing, Time, Times};
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What happens on an edge of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening<A> {
    /// Time passes.
    Tick,
    /// An action of the protocol.
    Act(A),
}

impl<A: fmt::Display> fmt::Display for Happening<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Happening::Tick => f.write_str("tick"),
            Happening::Act(action) => action.fmt(f),
        }
    }
}

/// A model under a clock.
pub struct ProtocolSpace<'a, P: Protocol, D> {
    model: &'a Model<P>,
    domain: D,
    misuse: Misuses,
    /// Bit `i` is set if claim `i` had its occasion; claims about whole runs come last.
    occasions: AtomicU32,
}

/// What one thread works with.
pub struct Scratch<P: Protocol, D: Domain> {
    domain: D,
    next: Moment<P::State, D::Facts>,
    renamed: Vec<u8>,
    candidates: Vec<P::Action>,
    live: Vec<Time>,
    least: Vec<usize>,
}

/// A model as its clock sees it: what is claimed of its states is among what a state has to say.
struct Judged<'a, P: Protocol>(&'a Model<P>);

impl<P: Protocol> Timed for Judged<'_, P> {
    type State = P::State;
    type Action = P::Action;

    fn step(&self, before: &P::State, state: &mut P::State, action: P::Action, clock: &mut dyn Clock) -> bool {
        self.0.system.step(before, state, action, clock)
    }

    fn settle(&self, state: &mut P::State, clock: &dyn Clock) {
        self.0.system.settle(state, clock);
    }

    fn tidy(&self, state: &mut P::State) {
        self.0.system.tidy(state);
    }

    fn may_pass(&self, state: &P::State, clock: &dyn Clock) -> bool {
        self.0.system.may_pass(state, clock)
    }

    fn judge(&self, state: &P::State, clock: &dyn Clock) -> u64 {
        self.0.violations(state, clock)
    }
}

impl<'a, P: Protocol, D: Domain + Clone> ProtocolSpace<'a, P, D> {
    /// `model` under the clock `domain`.
    pub fn new(model: &'a Model<P>, domain: D) -> Self {
        ProtocolSpace { model, domain, misuse: Misuses::default(), occasions: AtomicU32::new(0) }
    }
}

impl<'a, P: Protocol, D> ProtocolSpace<'a, P, D> {
    /// The model.
    pub(crate) fn model(&self) -> &'a Model<P> {
        self.model
    }

    /// Whether a state at an instant is, but for its times, the canonical one `other`.
    fn is_alike(&self, state: &P::State, now: Time, other: &P::State) -> bool {
        let (mut state, clock) = (state.clone(), Standing(now));
        state.times(&mut |time, _| {
            if clock.passed(*time) {
                *time = Time::LONG_AGO;
            }
        });
        self.model.system.tidy(&mut state);
        without_times(state) == without_times(other.clone())
    }

    /// The first of the two flags of a claim about whole runs: from where, to where.
    pub(crate) fn run_flag(&self, nth: usize) -> u32 {
        WITNESSES + (self.model.witnesses.len() + 2 * nth) as u32
    }

    /// The claims that have something to say of a state, and had not yet.
    fn note_occasions(&self, state: &P::State, clock: &dyn Clock) {
        let known = self.occasions.load(Relaxed);
        for (bit, claim) in self.model.claims.iter().enumerate().filter(|(bit, _)| known >> bit & 1 == 0) {
            if (claim.arises)(&self.model.system, state, clock) {
                self.occasions.fetch_or(1 << bit, Relaxed);
            }
        }
        for (bit, run) in (self.model.claims.len()..).zip(&self.model.runs).filter(|(bit, _)| known >> bit & 1 == 0) {
            let is = |kind: fn(&P, &P::State, &dyn Clock) -> bool| kind(&self.model.system, state, clock);
            if is(run.from) && !is(run.to) {
                self.occasions.fetch_or(1 << bit, Relaxed);
            }
        }
    }
}

impl<P: Protocol, D: Domain + Clone + Send + Sync> Space for ProtocolSpace<'_, P, D>
where
    D::Facts: Send,
{
    type State = Moment<P::State, D::Facts>;
    type Action = Happening<P::Action>;
    type Scratch = Scratch<P, D>;

    fn scratch(&self) -> Self::Scratch {
        let state = self.model.system.initial();
        let next = Moment { state, now: dhcpfo_clock::START, facts: D::Facts::default() };
        let (renamed, candidates) = (Vec::new(), Vec::new());
        Scratch { domain: self.domain.clone(), next, renamed, candidates, live: Vec::new(), least: Vec::new() }
    }

    fn initial(&self, scratch: &mut Self::Scratch, emit: &mut impl FnMut(&Self::State)) {
        let system = &self.model.system;
        emit(&dhcpfo_clock::start(system, &mut scratch.domain, system.initial()));
        self.misuse.note(scratch.domain.misuse());
    }

    fn successors(
        &self,
        scratch: &mut Self::Scratch,
        from: &Self::State,
        emit: &mut impl FnMut(Edge<Self::Action>, &Self::State),
    ) {
        let Scratch { domain, next, candidates, .. } = scratch;
        let (system, judged) = (&self.model.system, &Judged(self.model));
        dhcpfo_clock::load::<Judged<'_, P>, D>(domain, from, next);
        if dhcpfo_clock::tick_loaded(judged, domain, from, next) {
            emit(Edge::tick(Happening::Tick), next);
        }
        candidates.clear();
        dhcpfo_clock::each_run(domain, |domain| {
            system.candidates(&from.state, domain, &mut |action| {
                if !D::LAZY || !candidates.contains(&action) {
                    candidates.push(action);
                }
            });
        });
        for &action in candidates.iter() {
            let mut choice = 0;
            dhcpfo_clock::outcomes(judged, domain, from, next, action, &mut |next, _| {
                emit(Edge::action(Happening::Act(action)).choice(choice), next);
                choice += 1;
            });
        }
        self.misuse.note(domain.misuse());
    }

    fn encode(&self, scratch: &mut Self::Scratch, state: &Self::State, out: &mut Vec<u8>) {
        self.encode_parts(scratch, state, out);
    }

    fn decode(&self, _: &mut Self::Scratch, mut bytes: &[u8], state: &mut Self::State) {
        let live = Cell::new(0);
        state.state.fields(&mut Reader { bytes: &mut bytes, expand: |byte| D::nth(byte, &live) });
        state.now = D::expand_time(first(&mut bytes));
        state.facts = D::read(&mut bytes, live.get() as usize, &mut state.state);
    }

    /// Behind a violation nothing is searched.
    fn flags(&self, scratch: &mut Self::Scratch, state: &Self::State) -> Flags {
        let Model { system, witnesses, runs, .. } = self.model;
        let bits = scratch.domain.each_case(state.now, &state.facts, &mut |clock| {
            self.note_occasions(&state.state, clock);
            let violated = self.model.violations(&state.state, clock);
            let bits = (WITNESSES..).zip(witnesses).fold(violated, |bits, (bit, witness)| {
                bits | u64::from((witness.holds)(system, &state.state, clock)) << bit
            });
            (0..).zip(runs).fold(bits, |bits, (nth, run)| {
                let flag = |is: fn(&P, &P::State, &dyn Clock) -> bool| u64::from(is(system, &state.state, clock));
                bits | (flag(run.from) | flag(run.to) << 1) << self.run_flag(nth)
            })
        });
        Flags { bits, expand: bits & ((1 << WITNESSES) - 1) == 0 }
    }

    fn describe(&self, state: &Self::State) -> String {
        let lines = self.model.system.describe(&state.state, &|time| format!("{}", D::compact(time)));
        lines.iter().map(|(who, what)| format!("{who}: {what}\n")).collect()
    }
}

impl<P: Protocol, D: Domain + Clone + Send + Sync> Covering for ProtocolSpace<'_, P, D>
where
    D::Facts: Send,
{
    fn encode_parts(&self, scratch: &mut Self::Scratch, state: &Self::State, out: &mut Vec<u8>) -> Parts {
        let start = out.len();
        let Scratch { domain, renamed, live, least, .. } = scratch;
        *least = vec![0];
        write(state.state.clone(), D::compact, out);
        for number in 1..self.model.system.renamings() {
            renamed.clear();
            write(self.model.system.renamed(&state.state, number), D::compact, renamed);
            match renamed[..].cmp(&out[start..]) {
                Ordering::Less => {
                    out[start..].copy_from_slice(renamed);
                    *least = vec![number];
                }
                Ordering::Equal => least.push(number),
                Ordering::Greater => {}
            }
        }
        out.push(D::compact(state.now));
        let key = out.len() - start;
        if !D::LAZY {
            D::write(&state.facts, &[], out);
            return Parts { key, live: 0 };
        }
        for (number, &renaming) in least.iter().enumerate() {
            live.clear();
            self.model.system.renamed(&state.state, renaming).fields(&mut Live(live));
            dhcpfo_clock::write_least(domain, &state.facts, live, start + key, number, out);
        }
        Parts { key, live: live.len() }
    }

    fn covers(&self, scratch: &mut Self::Scratch, live: usize, weak: &[u8], strong: &[u8]) -> bool {
        scratch.domain.covers(live, weak, strong)
    }

    fn join(&self, scratch: &mut Self::Scratch, live: usize, one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
        scratch.domain.join(live, one, other)
    }
}

impl<P: Protocol, D: Domain + Clone + Send + Sync> TimedSpace for ProtocolSpace<'_, P, D>
where
    D::Facts: Send,
{
    type System = P;
    type Clock = D;

    fn system(&self) -> &P {
        &self.model.system
    }

    fn beginning(&self) -> P::State {
        self.model.system.initial()
    }

    fn clock(&self) -> &D {
        &self.domain
    }

    fn seconds(&self) -> Values {
        self.model.lengths.seconds
    }

    fn counts(&self) -> (usize, usize) {
        (self.model.claims.len(), self.model.witnesses.len())
    }

    fn without_occasion(&self) -> Vec<usize> {
        let had = self.occasions.load(Relaxed);
        (0..self.model.claims.len() + self.model.runs.len()).filter(|claim| had >> claim & 1 == 0).collect()
    }

    fn is_outgrown(&self) -> bool {
        self.misuse.is_outgrown()
    }

    fn misuse(&self) -> Option<String> {
        self.misuse.text(&span_words::<P>())
    }

    fn action(edge: Happening<P::Action>) -> Option<P::Action> {
        match edge {
            Happening::Tick => None,
            Happening::Act(action) => Some(action),
        }
    }

    fn edge(action: P::Action) -> Happening<P::Action> {
        Happening::Act(action)
    }

    fn is_violated(&self, claim: usize, state: &P::State, now: Time, end: Option<&P::State>) -> bool {
        match self.model.claims.get(claim) {
            Some(claim) => !(claim.holds)(&self.model.system, state, &Standing(now)),
            // A claim about whole runs: the cycle was found on the graph, and the run has to come round to its end.
            None => end.is_some_and(|end| self.is_alike(state, now, end)),
        }
    }

    fn outline(&self, state: &P::State) -> Vec<u8> {
        let system = &self.model.system;
        let passed = |time| u8::from(time != Time::LONG_AGO);
        let octets = (0..system.renamings()).map(|number| {
            let mut out = Vec::new();
            write(system.renamed(state, number), passed, &mut out);
            out
        });
        octets.min().unwrap_or_default()
    }
}

/// A state of which nothing is left of its times.
fn without_times<S: Times>(mut state: S) -> S {
    state.times(&mut |time, _| *time = Time::LONG_AGO);
    state
}

fn write<S: Fields>(mut state: S, compact: fn(Time) -> u8, out: &mut Vec<u8>) {
    state.fields(&mut Writer { out, compact });
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
    compact: fn(Time) -> u8,
}

impl Visit for Writer<'_> {
    fn byte(&mut self, byte: &mut u8) {
        self.out.push(*byte);
    }
    fn time(&mut self, time: &mut Time, _: Kind) {
        self.out.push((self.compact)(*time));
    }
}

/// The times that are live, as they come.
struct Live<'a>(&'a mut Vec<Time>);

impl Visit for Live<'_> {
    fn byte(&mut self, _: &mut u8) {}
    fn time(&mut self, time: &mut Time, _: Kind) {
        if *time != Time::LONG_AGO && *time != Time::SOMETIME {
            self.0.push(*time);
        }
    }
    fn one_of<T: Copy + PartialEq>(&mut self, _: &mut T, _: &[T]) {}
}

struct Reader<'b, 'o, E> {
    bytes: &'b mut &'o [u8],
    expand: E,
}

impl<E: Fn(u8) -> Time> Visit for Reader<'_, '_, E> {
    fn byte(&mut self, byte: &mut u8) {
        *byte = first(self.bytes);
    }
    fn time(&mut self, time: &mut Time, _: Kind) {
        *time = (self.expand)(first(self.bytes));
    }
}

fn first(bytes: &mut &[u8]) -> u8 {
    let (&first, rest) = bytes.split_first().expect("the octets of a whole state");
    *bytes = rest;
    first
}
