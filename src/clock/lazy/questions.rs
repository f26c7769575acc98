//! The questions of a step: what is asked of the order, what was answered, and what is known by that.

use super::bounds::Bounds;
use super::matrix::Matrix;
use crate::Misuse;
use dhcpfo_time::{Kind, Look, Time, Times};

/// The answer to one question of a step, and whether the other one is still to be tried.
#[derive(Clone, Copy)]
pub(super) struct Answer {
    yes: bool,
    open: bool,
}

/// What is put aside while [`Clock::look`](dhcpfo_time::Clock::look) goes through the answers to one question.
#[derive(Clone)]
pub(super) struct Aside<B: Bounds> {
    matrix: Matrix<B>,
    tape: Vec<Answer>,
    cursor: usize,
    stuck: bool,
    first: Option<u64>,
}

/// What is known in a step, and the answers that led to it.
#[derive(Clone)]
pub(super) struct Inner<B: Bounds> {
    pub(super) bounds: B,
    pub(super) loaded: Matrix<B>,
    pub(super) matrix: Matrix<B>,
    pub(super) tape: Vec<Answer>,
    pub(super) cursor: usize,
    pub(super) stuck: bool,
    pub(super) aside: Option<Box<Aside<B>>>,
    pub(super) misuse: Misuse,
    pub(super) times: Vec<(Time, Kind)>,
}

impl<B: Bounds> Inner<B> {
    /// Nothing but now.
    pub(super) fn new(bounds: B) -> Inner<B> {
        Inner {
            bounds,
            loaded: Matrix::default(),
            matrix: Matrix::default(),
            tape: Vec::new(),
            cursor: 0,
            stuck: false,
            aside: None,
            misuse: Misuse::NONE,
            times: Vec::new(),
        }
    }

    /// Whether there is room for one more instant. If not, this run is void, and it is noted.
    pub(super) fn has_room(&mut self) -> bool {
        let has_room = self.matrix.has_room();
        if !has_room {
            self.misuse.outgrown();
            self.stuck = true;
        }
        has_room
    }

    /// What is known without asking: whether the first is the earlier.
    pub(super) fn known(&mut self, a: usize, b: usize) -> Option<bool> {
        let (ahead, back) = (self.matrix.get(a, b), self.matrix.get(b, a));
        if self.bounds.implies(ahead, B::BELOW) {
            Some(true)
        } else if self.bounds.implies(back, B::ZERO) {
            Some(false)
        } else {
            None
        }
    }

    /// Whether the first is the earlier: what is not known is answered in one of both ways, and known from then on.
    pub(super) fn is_before(&mut self, a: usize, b: usize) -> bool {
        if let Some(known) = self.known(a, b) {
            return known;
        }
        if self.stuck {
            return false;
        }
        if self.cursor == self.tape.len() {
            self.tape.push(Answer { yes: true, open: true });
        }
        let yes = self.tape[self.cursor].yes;
        self.cursor += 1;
        let fits = if yes {
            self.matrix.tighten(&mut self.bounds, a, b, B::BELOW)
        } else {
            self.matrix.tighten(&mut self.bounds, b, a, B::ZERO)
        };
        self.stuck |= !fits;
        if fits {
            let matrix = &self.matrix;
            self.stuck |= self.bounds.excludes(&mut (0..matrix.count()).map(|i| matrix.get(i, i)));
        }
        yes
    }

    /// The next way to answer; false if all were tried.
    pub(super) fn bump(&mut self) -> bool {
        // What is left of the tape of a longer run before was not asked in this one.
        self.tape.truncate(self.cursor);
        while let Some(last) = self.tape.last_mut() {
            if last.open {
                *last = Answer { yes: !last.yes, open: false };
                return true;
            }
            self.tape.pop();
        }
        false
    }

    /// See [`dhcpfo_time::Clock::look`].
    pub(super) fn look(&mut self, look: &mut Look) -> bool {
        if look.decides {
            return false;
        }
        if look.round == 0 {
            look.round = 1;
            if self.aside.is_some() {
                // A question within a question is part of it.
                look.decides = true;
                return true;
            }
            let tape = std::mem::take(&mut self.tape);
            let aside = Aside { matrix: self.matrix, tape, cursor: self.cursor, stuck: self.stuck, first: None };
            self.aside = Some(Box::new(aside));
            self.cursor = 0;
            return true;
        }
        let stuck = self.stuck;
        let Some(aside) = &mut self.aside else { return false };
        let mixed = !stuck && *aside.first.get_or_insert(look.answer) != look.answer;
        if !mixed && self.bump() {
            let Some(aside) = &self.aside else { return false };
            self.matrix.copy_from(&aside.matrix);
            (self.cursor, self.stuck) = (0, aside.stuck);
            look.round += 1;
            return true;
        }
        let Some(aside) = self.aside.take() else { return false };
        self.matrix.copy_from(&aside.matrix);
        (self.cursor, self.stuck) = (aside.cursor, aside.stuck);
        self.tape = aside.tape;
        look.answer = aside.first.unwrap_or(look.answer);
        look.decides = mixed;
        mixed
    }

    /// Takes note of the times of a state that are set.
    pub(super) fn collect<S: Times>(&mut self, state: &mut S) {
        let Inner { times, misuse, .. } = self;
        times.clear();
        state.times(&mut |time, kind| {
            misuse.look(*time, kind);
            if *time != Time::LONG_AGO && *time != Time::SOMETIME {
                times.push((*time, kind));
            }
        });
    }

    /// Whether nothing more can be asked of a time.
    pub(super) fn is_over(&mut self, slot: usize, kind: Kind) -> bool {
        let bound = self.matrix.get(slot, 0);
        match kind {
            Kind::Limit => self.bounds.implies(bound, B::BELOW),
            Kind::Deadline | Kind::Timer => self.bounds.implies(bound, B::ZERO),
            Kind::Stamp | Kind::Age(_) => false,
        }
    }

    /// Whether two are known to be one instant.
    pub(super) fn are_one(&mut self, a: usize, b: usize) -> bool {
        let (ahead, back) = (self.matrix.get(a, b), self.matrix.get(b, a));
        a == b || self.bounds.implies(ahead, B::ZERO) && self.bounds.implies(back, B::ZERO)
    }
}
