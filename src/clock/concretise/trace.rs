//! From a path to difference constraints.
//!
//! The path is run again. Each step has an instant of its own, since time may pass within a gap of the
//! order without a tick; each new time has a variable, or shares that of the class that it joins. Canonical
//! states know classes only, so the variables are kept per class, and follow the classes into their new ranks.

use super::{Question, Step};
use crate::classes::Classes;
use crate::{Choices, Domain, Timed, finish, start};
use dhcpfo_time::{Clock, Span, Time, Times};

/// A domain whose classes can be followed from step to step.
pub(crate) trait Traced: Domain {
    /// Begins a step that is to make these choices.
    fn retrace(&mut self, choices: Choices);
    /// The classes of the step at hand.
    fn classes(&self) -> &Classes;
    /// Positions of the classes that the last [`Domain::canon`] kept.
    fn kept(&self) -> u64;
}

/// `left - right <= units`, or `<`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) units: i64,
    pub(super) strict: bool,
}

/// What a variable stands for; steps are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// The instant at which the run starts. Always variable 0.
    Start,
    /// The instant of a step.
    Step(usize),
    /// A time made in a step.
    Made(usize, Span),
}

/// The constraints of a path.
pub(super) struct Trace {
    pub(super) names: Vec<Name>,
    pub(super) rows: Vec<Row>,
    /// Variable of the instant of each step.
    pub(super) steps: Vec<usize>,
    /// Variable of each class: by slot during a step, by rank between steps.
    classes: Vec<usize>,
}

impl Trace {
    fn variable(&mut self, name: Name) -> usize {
        self.names.push(name);
        self.names.len() - 1
    }

    fn at_most(&mut self, left: usize, right: usize, units: i64) {
        self.rows.push(Row { left, right, units, strict: false });
    }

    fn before(&mut self, left: usize, right: usize) {
        self.rows.push(Row { left, right, units: 0, strict: true });
    }

    /// Puts a variable of a class that was just made between its neighbours.
    fn place(&mut self, classes: &Classes, slot: usize) {
        debug_assert_eq!(slot, self.classes.len() - 1);
        let (x, at) = (self.classes[slot], classes.places[slot] as usize);
        let below = self.classes[classes.slots[at - 1] as usize];
        self.before(below, x);
        if at + 1 < classes.count {
            let above = self.classes[classes.slots[at + 1] as usize];
            self.before(x, above);
        }
    }

    /// Gives a step an instant: that of now if a time is tied with it or time may not pass, else a later one in
    /// the same gap.
    fn instant(&mut self, classes: &Classes, now: Time, held: bool, step: usize) {
        let slot = classes.slot(now);
        let before = self.classes[slot];
        if !held {
            let instant = self.variable(Name::Step(step));
            self.at_most(before, instant, 0);
            let above = classes.places[slot] as usize + 1;
            if above < classes.count {
                self.before(instant, self.classes[classes.slots[above] as usize]);
            }
            self.classes[slot] = instant;
        }
        self.steps.push(self.classes[slot]);
    }

    /// Now has moved: into a gap that was just made, or onto a class.
    fn ticked(&mut self, classes: &Classes, old: Time, now: Time, step: usize) {
        let (old, slot) = (self.classes[classes.slot(old)], classes.slot(now));
        if slot == self.classes.len() {
            let instant = self.variable(Name::Step(step));
            self.classes.push(instant);
            self.place(classes, slot);
        }
        let instant = self.classes[slot];
        self.at_most(old, instant, 0);
        self.steps.push(instant);
    }
}

/// A clock that writes down what the domain's clock decides.
struct Scribe<'a, D> {
    domain: &'a mut D,
    trace: &'a mut Trace,
    length: &'a dyn Fn(Span) -> i64,
    step: usize,
}

impl<D: Traced> Clock for Scribe<'_, D> {
    fn now(&self) -> Time {
        self.domain.now()
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        let time = self.domain.after(base, span);
        if time == Time::SOMETIME {
            return time;
        }
        let classes = self.domain.classes();
        let (base, slot) = (self.trace.classes[classes.slot(base)], classes.slot(time));
        if slot == self.trace.classes.len() {
            let made = self.trace.variable(Name::Made(self.step, span));
            self.trace.classes.push(made);
            self.trace.place(classes, slot);
        }
        let (x, length) = (self.trace.classes[slot], (self.length)(span));
        self.trace.at_most(x, base, length);
        self.trace.at_most(base, x, -length);
        time
    }

    fn before(&self, a: Time, b: Time) -> bool {
        self.domain.before(a, b)
    }
}

/// The constraints of `path`. Panics if the path is none of this system under this domain.
pub(super) fn trace<T: Timed, D: Traced, V>(
    question: &Question<'_, T, V>,
    domain: &mut D,
    path: &[Step<T::Action>],
) -> Trace {
    let timed = question.timed;
    let mut moment = start(timed, domain, question.initial.clone());
    let mut trace = Trace { names: vec![Name::Start], rows: Vec::new(), steps: Vec::new(), classes: vec![0] };
    let length = |span| i64::from(question.values.get(span));
    for (step, &taken) in path.iter().enumerate() {
        let mut state = moment.state.clone();
        domain.load(&mut state, moment.now, &moment.facts);
        let mut tied = false;
        state.times(&mut |time, _| tied |= *time == moment.now);
        match taken {
            Step::Tick => {
                assert!(domain.tick(&mut state), "step {step}: time cannot pass");
                trace.ticked(domain.classes(), moment.now, domain.now(), step);
            }
            Step::Act(action, choices) => {
                domain.retrace(choices);
                let held = tied || !timed.may_pass(&moment.state, domain);
                trace.instant(domain.classes(), moment.now, held, step);
                let mut scribe = Scribe { domain, trace: &mut trace, length: &length, step };
                let enabled = timed.step(&moment.state, &mut state, action, &mut scribe);
                assert!(enabled && !domain.stuck(), "step {step}: the action is not enabled");
            }
        }
        moment = finish(timed, domain, state);
        follow(&mut trace.classes, domain);
    }
    trace
}

/// Takes the variables of the classes that stay to their new ranks.
fn follow<D: Traced>(variables: &mut Vec<usize>, domain: &D) {
    let (classes, kept) = (domain.classes(), domain.kept());
    let stay = (0..classes.count).filter(|position| kept >> position & 1 != 0);
    *variables = stay.map(|position| variables[classes.slots[position] as usize]).collect();
}
