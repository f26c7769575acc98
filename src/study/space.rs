//! Any protocol as a space to search: one model under one clock.

use crate::protocol::{Fields, Model, Protocol, Visit, span_words};
use dhcpfo_clock::{Domain, Facts, Misuse, Moment};
use dhcpfo_search::space::{Edge, Flags, Space};
use dhcpfo_search::trace::Step;
use dhcpfo_time::{Kind, Time};
use std::fmt;
use std::sync::atomic::{AtomicU16, Ordering};

/// The first flag of a witness; those before are of claims.
pub const WITNESSES: u32 = 32;

/// What happens on an edge of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening<A> {
    /// Time passes.
    Tick,
    /// An action of the protocol.
    Act(A),
}

impl<A: Copy> Happening<A> {
    /// The action, unless time passes.
    pub fn action(&self) -> Option<A> {
        match *self {
            Happening::Tick => None,
            Happening::Act(action) => Some(action),
        }
    }
}

impl<A: fmt::Display> fmt::Display for Happening<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Happening::Tick => f.write_str("tick"),
            Happening::Act(action) => action.fmt(f),
        }
    }
}

/// The steps of a path, as a search under one clock has them.
pub(crate) type Steps<'a, P, D> = [Step<ProtocolSpace<'a, P, D>>];

/// A model under a clock.
pub struct ProtocolSpace<'a, P: Protocol, D> {
    model: &'a Model<P>,
    domain: D,
    /// Of all threads, as [`Misuse::bits`].
    misuse: AtomicU16,
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
        ProtocolSpace { model, domain, misuse: AtomicU16::new(0) }
    }

    /// The model.
    pub fn model(&self) -> &'a Model<P> {
        self.model
    }

    /// The clock, as configured.
    pub fn domain(&self) -> &D {
        &self.domain
    }

    /// What rules did with free deadlines that they may not do, in all that was searched.
    pub fn misuse(&self) -> Option<String> {
        let misuse = Misuse::from_bits(self.misuse.load(Ordering::Relaxed));
        (misuse != Misuse::NONE).then(|| misuse.text(&span_words::<P>()))
    }

    fn note_misuse(&self, domain: &D) {
        if domain.misuse() != Misuse::NONE {
            self.misuse.fetch_or(domain.misuse().bits(), Ordering::Relaxed);
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
        self.note_misuse(&scratch.domain);
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
        system.candidates(&from.state, from.now, &mut |action| {
            let mut choice = 0;
            dhcpfo_clock::outcomes(system, domain, from, next, action, &mut |next, _| {
                emit(Edge::action(Happening::Act(action)).choice(choice), next);
                choice += 1;
            });
        });
        self.note_misuse(domain);
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
        let mut bits = 0;
        for (bit, claim) in claims.iter().enumerate() {
            bits |= u64::from(!(claim.holds)(system, &state.state, state.now)) << bit;
        }
        let expand = bits == 0;
        for (bit, witness) in (WITNESSES..).zip(witnesses) {
            bits |= u64::from((witness.holds)(system, &state.state, state.now)) << bit;
        }
        Flags { bits, expand }
    }

    fn describe(&self, state: &Self::State) -> String {
        let lines = self.model.system.describe(&state.state, &|time| format!("{}", D::compact(time)));
        lines.iter().map(|(who, what)| format!("{who}: {what}\n")).collect()
    }
}

/// The octets of a state with nothing left of its times but which have not passed.
pub fn outline<S: Fields>(state: S) -> Vec<u8> {
    let mut out = Vec::new();
    write(state, |time| u8::from(time != Time::LONG_AGO), &mut out);
    out
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
