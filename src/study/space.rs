//! Any protocol as a space to search: one model under one clock.

use crate::protocol::{Fields, Model, Protocol, Visit, span_words};
use crate::timed_space::{TimedSpace, WITNESSES};
use dhcpfo_clock::{Domain, Facts, Misuses, Moment, Values};
use dhcpfo_search::space::{Edge, Flags, Space};
use dhcpfo_time::{Kind, Standing, Time};
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
    /// Bit `i` is set if claim `i` had its occasion.
    occasions: AtomicU32,
}

/// What one thread works with.
pub struct Scratch<S, D: Domain> {
    domain: D,
    next: Moment<S, D::Facts>,
    renamed: Vec<u8>,
}

impl<'a, P: Protocol, D: Domain + Clone> ProtocolSpace<'a, P, D> {
    /// `model` under the clock `domain`.
    pub fn new(model: &'a Model<P>, domain: D) -> Self {
        ProtocolSpace { model, domain, misuse: Misuses::default(), occasions: AtomicU32::new(0) }
    }
}

impl<P: Protocol, D> ProtocolSpace<'_, P, D> {
    /// The claims that have something to say of a state, and had not yet.
    fn note_occasions(&self, state: &P::State, now: Time) {
        let known = self.occasions.load(Relaxed);
        for (bit, claim) in self.model.claims.iter().enumerate().filter(|(bit, _)| known >> bit & 1 == 0) {
            if (claim.arises)(&self.model.system, state, &Standing(now)) {
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
    type Scratch = Scratch<P::State, D>;

    fn scratch(&self) -> Self::Scratch {
        let state = self.model.system.initial();
        let next = Moment { state, now: dhcpfo_clock::START, facts: D::Facts::default() };
        Scratch { domain: self.domain.clone(), next, renamed: Vec::new() }
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
        let Scratch { domain, next, .. } = scratch;
        let system = &self.model.system;
        dhcpfo_clock::load::<P, D>(domain, from, next);
        if dhcpfo_clock::tick_loaded(system, domain, from, next) {
            emit(Edge::tick(Happening::Tick), next);
        }
        system.candidates(&from.state, &Standing(from.now), &mut |action| {
            let mut choice = 0;
            dhcpfo_clock::outcomes(system, domain, from, next, action, &mut |next, _| {
                emit(Edge::action(Happening::Act(action)).choice(choice), next);
                choice += 1;
            });
        });
        self.misuse.note(domain.misuse());
    }

    fn encode(&self, scratch: &mut Self::Scratch, state: &Self::State, out: &mut Vec<u8>) {
        let start = out.len();
        write(state.state.clone(), D::compact, out);
        for number in 1..self.model.system.renamings() {
            scratch.renamed.clear();
            write(self.model.system.renamed(&state.state, number), D::compact, &mut scratch.renamed);
            if scratch.renamed[..] < out[start..] {
                out[start..].copy_from_slice(&scratch.renamed);
            }
        }
        out.push(D::compact(state.now));
        state.facts.encode(out);
    }

    fn decode(&self, _: &mut Self::Scratch, mut bytes: &[u8], state: &mut Self::State) {
        state.state.fields(&mut Reader { bytes: &mut bytes, expand: D::expand_time });
        state.now = D::expand_time(first(&mut bytes));
        state.facts = D::Facts::decode(&mut bytes);
    }

    /// Behind a violation nothing is searched.
    fn flags(&self, state: &Self::State) -> Flags {
        let Model { system, claims, witnesses, .. } = self.model;
        self.note_occasions(&state.state, state.now);
        let (mut bits, clock) = (0, Standing(state.now));
        for (bit, claim) in claims.iter().enumerate() {
            bits |= u64::from(!(claim.holds)(system, &state.state, &clock)) << bit;
        }
        let expand = bits == 0;
        for (bit, witness) in (WITNESSES..).zip(witnesses) {
            bits |= u64::from((witness.holds)(system, &state.state, &clock)) << bit;
        }
        Flags { bits, expand }
    }

    fn describe(&self, state: &Self::State) -> String {
        let lines = self.model.system.describe(&state.state, &|time| format!("{}", D::compact(time)));
        lines.iter().map(|(who, what)| format!("{who}: {what}\n")).collect()
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
        (0..self.model.claims.len()).filter(|claim| had >> claim & 1 == 0).collect()
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

    fn is_violated(&self, claim: usize, state: &P::State, now: Time, _: Option<&P::State>) -> bool {
        !(self.model.claims[claim].holds)(&self.model.system, state, &Standing(now))
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

struct Reader<'b, 'o> {
    bytes: &'b mut &'o [u8],
    expand: fn(u8) -> Time,
}

impl Visit for Reader<'_, '_> {
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
