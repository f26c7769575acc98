//! The world as a space to search: one model under one clock.

use crate::flags::{flags, is_alike, is_broken};
use crate::seen::{Notes, Seen};
use dhcpfo_clock::{Domain, Known, Misuses, Moment, Order, Timed, Values};
use dhcpfo_search::covering::{Covering, Parts};
use dhcpfo_search::onwards::{Bounds, Found, Wanted, onwards};
use dhcpfo_search::space::{Edge, Emit, Flags, Space};
use dhcpfo_study::timed_space::TimedSpace;
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::budget::Item;
use dhcpfo_world::claim::{Check, Effects, Told, View};
use dhcpfo_world::encode::{Least, Renaming, Room, decode, encode, encode_with, written};
use dhcpfo_world::model::Model;
use dhcpfo_world::places::Places;
use dhcpfo_world::step::is_visible;
use dhcpfo_world::system::System;
use std::cell::Cell;

/// The flag of a state in which more was in flight than there is room for.
pub use dhcpfo_study::timed_space::OVERFLOW;

/// A model under a clock.
pub struct WorldSpace<'a, D> {
    model: &'a Model,
    renamings: Vec<Renaming>,
    /// In which orders a server may look through its table. None: by number.
    orders: Vec<Option<Places>>,
    domain: D,
    misuse: Misuses,
    /// Of all threads.
    notes: Notes,
}

/// What is told of the steps of one thread.
#[derive(Default)]
struct Watch {
    /// Most effects of a step since this was last set to 0.
    effects: Cell<usize>,
    /// Claims whose occasion is wanted.
    wanted: Cell<u32>,
    /// Those of them that had it in the last step.
    arisen: Cell<u32>,
}

/// What one thread works with.
pub struct Scratch<D: Domain> {
    domain: D,
    watch: Watch,
    bytes: Room,
    next: Moment<System, D::Facts>,
    candidates: Vec<What>,
    live: Vec<Time>,
    least: Vec<usize>,
}

impl<'a, D: Domain + Clone> WorldSpace<'a, D> {
    /// `model` under the clock `domain`.
    pub fn new(model: &'a Model, domain: D) -> Self {
        let orders = [None].into_iter().chain(Places::open(model).into_iter().map(Some)).collect();
        WorldSpace {
            model,
            renamings: Renaming::all(model),
            orders,
            domain,
            misuse: Misuses::default(),
            notes: Notes::new(model),
        }
    }

    /// The same without forgetting names: what is alike is told apart.
    #[must_use]
    pub fn told_apart(self) -> Self {
        WorldSpace { renamings: vec![Renaming::NONE], ..self }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        self.model
    }

    /// What has come up in all that was judged and expanded so far.
    pub fn seen(&self) -> Seen {
        self.notes.seen(self.model)
    }

    fn try_all(
        &self,
        scratch: &mut Scratch<D>,
        from: &Moment<System, D::Facts>,
        what: What,
        emit: &mut impl FnMut(Edge<Action>, &Moment<System, D::Facts>),
    ) {
        let plain = Action::of(what);
        let orders = if what.depends_on_order() { &self.orders[..] } else { &self.orders[..1] };
        let may_crash = self.model.split_steps && from.state.budgets.left(Item::Crashes) > 0 && what.may_be_split();
        for &places in orders {
            let action = Action { places, ..plain };
            scratch.watch.effects.set(0);
            self.try_one(scratch, from, action, emit);
            // Also of what may not be done to its end, such as declaring a partner down that serves.
            let effects = if may_crash { u8::try_from(scratch.watch.effects.get()).unwrap_or(u8::MAX) } else { 0 };
            for count in 1..effects {
                self.try_one(scratch, from, Action { crash_after: Some(count), ..action }, emit);
            }
        }
    }

    fn try_one(
        &self,
        scratch: &mut Scratch<D>,
        from: &Moment<System, D::Facts>,
        action: Action,
        emit: &mut impl FnMut(Edge<Action>, &Moment<System, D::Facts>),
    ) {
        let mut choice = 0;
        let Scratch { domain, next, watch, .. } = scratch;
        watch.wanted.set(self.notes.wanted());
        let delivered = match action.what {
            What::Deliver(role) => from.state.link.head(role),
            _ => None,
        };
        let watched = Watched { model: self.model, watch };
        dhcpfo_clock::outcomes(&watched, domain, from, next, action, &mut |next, _| {
            self.notes.action(&action, delivered);
            self.notes.arisen(watch.arisen.get());
            emit(Edge::action(action).choice(choice).flags(u64::from(next.state.met.0) << 32), next);
            choice += 1;
        });
    }
}

/// What a person asks from where they stand. Written out for one clock, so that rooms above do not compile the world anew.
impl WorldSpace<'_, Order> {
    /// Everything that can happen next.
    pub fn next(&self, state: &Moment<System, Known>, emit: Emit<'_, Action, Moment<System, Known>>) {
        self.each_successor(&mut self.scratch(), state, emit);
    }

    /// Searches on from a state.
    pub fn onwards(
        &self,
        state: &Moment<System, Known>,
        wanted: &Wanted<'_, Self>,
        bounds: &Bounds<'_>,
    ) -> Found<Edge<Action>> {
        onwards(self, state, wanted, Some(OVERFLOW), bounds)
    }
}

/// A model that tells how many effects its steps have, and of which claims they are the occasion.
struct Watched<'a> {
    model: &'a Model,
    watch: &'a Watch,
}

impl Timed for Watched<'_> {
    type State = System;
    type Action = Action;

    fn step(&self, before: &System, state: &mut System, action: Action, clock: &mut dyn Clock) -> bool {
        let mut effects = Effects::new_const();
        let mut told = Told { wanted: self.watch.wanted.get(), ..Told::of(&mut effects) };
        let done = self.model.step_with(before, state, action, clock, &mut told);
        self.watch.arisen.set(told.arisen);
        let visible = effects.iter().filter(|effect| is_visible(effect)).count();
        self.watch.effects.set(self.watch.effects.get().max(visible));
        done
    }

    fn settle(&self, state: &mut System, clock: &dyn Clock) {
        self.model.settle(state, clock);
    }

    fn tidy(&self, state: &mut System) {
        self.model.tidy(state);
    }

    fn may_pass(&self, state: &System, clock: &dyn Clock) -> bool {
        self.model.may_pass(state, clock)
    }

    fn judge(&self, state: &System, clock: &dyn Clock) -> u64 {
        violated(&View { model: self.model, system: state, clock })
    }
}

/// The claims about states that do not hold in one: bit `i` for claim `i`.
fn violated(view: &View<'_>) -> u64 {
    let mut bits = 0;
    for (bit, claim) in view.model.claims.iter().enumerate() {
        if let Check::State(holds) = claim.check {
            bits |= u64::from(!holds(view)) << bit;
        }
    }
    bits
}

impl<D: Domain + Clone + Send + Sync> Space for WorldSpace<'_, D>
where
    D::Facts: Send,
{
    type State = Moment<System, D::Facts>;
    type Action = Action;
    type Scratch = Scratch<D>;

    fn scratch(&self) -> Scratch<D> {
        let room = Moment { state: System::initial(self.model), now: dhcpfo_clock::START, facts: D::Facts::default() };
        Scratch {
            domain: self.domain.clone(),
            watch: Watch::default(),
            bytes: Room::default(),
            next: room,
            candidates: Vec::new(),
            live: Vec::new(),
            least: Vec::new(),
        }
    }

    fn initial(&self, scratch: &mut Scratch<D>, emit: &mut impl FnMut(&Self::State)) {
        emit(&dhcpfo_clock::start(self.model, &mut scratch.domain, System::initial(self.model)));
        self.misuse.note(scratch.domain.misuse());
    }

    fn successors(
        &self,
        scratch: &mut Scratch<D>,
        state: &Self::State,
        emit: &mut impl FnMut(Edge<Action>, &Self::State),
    ) {
        let Scratch { domain, next, .. } = scratch;
        dhcpfo_clock::load::<Model, D>(domain, state, next);
        if dhcpfo_clock::tick_loaded(self.model, domain, state, next) {
            self.notes.action(&Action::of(What::Tick), None);
            emit(Edge::tick(Action::of(What::Tick)), next);
        }
        let mut candidates = std::mem::take(&mut scratch.candidates);
        candidates.clear();
        dhcpfo_clock::each_run(&mut scratch.domain, |domain| {
            self.model.candidates(&state.state, domain, &mut |what| {
                if !D::LAZY || !candidates.contains(&what) {
                    candidates.push(what);
                }
            });
        });
        candidates.iter().for_each(|&what| self.try_all(scratch, state, what, emit));
        scratch.candidates = candidates;
        self.misuse.note(scratch.domain.misuse());
    }

    fn encode(&self, scratch: &mut Scratch<D>, state: &Self::State, out: &mut Vec<u8>) {
        self.encode_parts(scratch, state, out);
    }

    fn decode(&self, _: &mut Scratch<D>, mut bytes: &[u8], state: &mut Self::State) {
        let live = Cell::new(0);
        decode(self.model, &mut bytes, |byte| D::nth(byte, &live), &mut state.state);
        let (&now, rest) = bytes.split_first().expect("bytes of a whole state");
        bytes = rest;
        state.now = D::expand_time(now);
        state.facts = D::read(&mut bytes, live.get() as usize, &mut state.state);
    }

    fn flags(&self, scratch: &mut Scratch<D>, state: &Self::State) -> Flags {
        self.flags_beyond(scratch, state, 0)
    }

    /// Witnesses need not be looked for once they have been met. A violation says whether there is anything behind it.
    fn flags_beyond(&self, scratch: &mut Scratch<D>, state: &Self::State, known: u64) -> Flags {
        let (model, system) = (self.model, &state.state);
        self.notes.state(model, system);
        let mut bits = u64::from(system.broken) | u64::from(system.overflow) << OVERFLOW;
        bits |= scratch.domain.each_case(state.now, &state.facts, &mut |clock| {
            let view = View { model, system, clock };
            self.notes.occasions_in(&view);
            let mut bits = violated(&view) | flags(&view);
            for (bit, witness) in model.witnesses.iter().enumerate() {
                if let Check::State(reached) = witness.check
                    && known >> (32 + bit) & 1 == 0
                {
                    bits |= u64::from(reached(&view)) << (32 + bit);
                }
            }
            bits
        });
        let is_violated = bits & (u64::from(u32::MAX) | 1 << OVERFLOW) != 0;
        Flags { bits, expand: !is_violated || model.go_on && !system.overflow }
    }

    fn describe(&self, state: &Self::State) -> String {
        format!("{:#?}", state.state)
    }
}

impl<D: Domain + Clone + Send + Sync> Covering for WorldSpace<'_, D>
where
    D::Facts: Send,
{
    fn encode_parts(&self, scratch: &mut Scratch<D>, state: &Self::State, out: &mut Vec<u8>) -> Parts {
        let start = out.len();
        let Scratch { domain, bytes, live, least, .. } = scratch;
        if !D::LAZY {
            encode(self.model, &self.renamings, &state.state, D::compact, bytes, out);
            out.push(D::compact(state.now));
            let key = out.len() - start;
            D::write(&state.facts, &[], out);
            return Parts { key, live: 0 };
        }
        encode_with(self.model, &self.renamings, &state.state, D::compact, bytes, out, &mut |found| match found {
            Least::First(place) => *least = vec![place],
            Least::Same(place) => least.push(place),
        });
        out.push(D::compact(state.now));
        let key = out.len() - start;
        for (number, &place) in least.iter().enumerate() {
            live.clear();
            written(self.model, &self.renamings[place], &state.state, bytes, live);
            dhcpfo_clock::write_least(domain, &state.facts, live, start + key, number, out);
        }
        Parts { key, live: live.len() }
    }

    fn covers(&self, scratch: &mut Scratch<D>, live: usize, weak: &[u8], strong: &[u8]) -> bool {
        scratch.domain.covers(live, weak, strong)
    }

    fn join(&self, scratch: &mut Scratch<D>, live: usize, one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
        scratch.domain.join(live, one, other)
    }
}

impl<D: Domain + Clone + Send + Sync> TimedSpace for WorldSpace<'_, D>
where
    D::Facts: Send,
{
    type System = Model;
    type Clock = D;

    fn system(&self) -> &Model {
        self.model
    }

    fn beginning(&self) -> System {
        System::initial(self.model)
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

    fn is_outgrown(&self) -> bool {
        self.misuse.is_outgrown()
    }

    fn misuse(&self) -> Option<String> {
        self.misuse.text(&dhcpfo_engine::span::WORDS)
    }

    fn action(edge: Action) -> Option<Action> {
        (edge.what != What::Tick).then_some(edge)
    }

    /// Without a crash in its midst, too, and in whatever order a server looks through its table.
    fn kind(edge: Action) -> String {
        let whole = Action { crash_after: None, places: None, ..edge };
        whole.to_string().chars().filter(|letter| !letter.is_ascii_digit()).collect()
    }

    fn edge(action: Action) -> Action {
        action
    }

    fn is_violated(&self, claim: usize, system: &System, now: Time, end: Option<&System>) -> bool {
        match self.model.claims[claim].check {
            // What cannot be reached from there, or is never reached, was found on the graph; the run has to come to that state.
            Check::Reach(_) | Check::LeadsTo(_) => end.is_some_and(|end| is_alike(self.model, system, now, end)),
            Check::State(_) | Check::Step(_) => is_broken(self.model, claim, system, now),
        }
    }

    fn outline(&self, system: &System) -> Vec<u8> {
        let mut octets = Vec::new();
        encode(self.model, &self.renamings, system, |_| 1, &mut Room::default(), &mut octets);
        octets
    }
}
