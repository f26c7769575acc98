//! Following a path through a model under the order of deadlines.
//!
//! Nothing is remembered between two walks: a path of 1,000 steps is followed in a few milliseconds, so the page's
//! address is the only state there is.

use crate::path::Step;
use dhcpfo_clock::{Choices, Known, Order, Timed};
use dhcpfo_time::{Clock, Standing};
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::claim::Effects;
use dhcpfo_world::model::Model;
use dhcpfo_world::places::Places;
use dhcpfo_world::play;
use dhcpfo_world::system::System;
use std::cell::RefCell;

pub use dhcpfo_study::explore::Unfit;

/// A state under the order of deadlines.
pub type Moment = dhcpfo_clock::Moment<System, Known>;

/// A step that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Which.
    pub step: Step,
    /// Where its new times were put; None where time passed.
    pub places: Option<Choices>,
    /// What happened; where time passed, with nothing but the states before and after.
    pub seen: play::Step,
}

/// A path that was followed as far as it fits.
pub struct Walk<'a> {
    /// The model.
    pub model: &'a Model,
    /// The clock.
    pub order: Order,
    /// Where it begins.
    pub start: Moment,
    /// What was done.
    pub taken: Vec<Taken>,
    /// Where it ends.
    pub end: Moment,
    /// Where it was before its last step.
    pub before: Option<Moment>,
    /// What did not fit any more.
    pub unfit: Option<Unfit>,
    /// The claims that are violated at the end.
    violated: Vec<&'static str>,
}

/// A model that remembers what its servers did in the last step.
struct Watched<'a> {
    model: &'a Model,
    effects: RefCell<Effects>,
}

impl Timed for Watched<'_> {
    type State = System;
    type Action = Action;

    fn step(&self, _: &System, state: &mut System, action: Action, clock: &mut dyn Clock) -> bool {
        let mut effects = self.effects.borrow_mut();
        effects.clear();
        self.model.carry_out(state, action, clock, &mut effects)
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
}

/// An outcome of an action: the state, where its new times were put, and what the servers did.
pub struct Outcome {
    /// The state after it.
    pub after: Moment,
    /// The places of its new times.
    pub places: Choices,
    /// What happened.
    pub effects: Effects,
}

/// The clock of a model.
pub fn order(model: &Model) -> Order {
    model.lengths.order()
}

/// All outcomes of an action, none if it is not enabled.
pub fn outcomes(model: &Model, order: &mut Order, from: &Moment, action: Action) -> Vec<Outcome> {
    let watched = Watched { model, effects: RefCell::new(Effects::new_const()) };
    let mut outcomes = Vec::new();
    dhcpfo_clock::expand(&watched, order, from, action, &mut |after, places| {
        outcomes.push(Outcome { after: after.clone(), places, effects: watched.effects.borrow().clone() });
    });
    outcomes
}

fn play_moment(moment: &Moment) -> play::Moment {
    play::Moment { system: moment.state.clone(), now: moment.now }
}

impl<'a> Walk<'a> {
    /// The beginning of a model.
    pub fn new(model: &'a Model) -> Walk<'a> {
        let mut order = order(model);
        let start = dhcpfo_clock::start(model, &mut order, System::initial(model));
        let violated = violated(model, &start);
        Walk { model, order, end: start.clone(), start, taken: Vec::new(), before: None, unfit: None, violated }
    }

    /// Follows a path as far as it fits.
    pub fn along<T: AsRef<str>>(model: &'a Model, path: &[T]) -> Walk<'a> {
        let mut walk = Walk::new(model);
        for (index, text) in path.iter().enumerate() {
            let text = text.as_ref();
            let step = if index < crate::path::MOST {
                text.parse::<Step>()
            } else {
                Err(format!("a path has at most {} steps", crate::path::MOST))
            };
            if let Err(problem) = step.and_then(|step| walk.go(step)) {
                walk.unfit = Some(Unfit { number: index + 1, text: text.chars().take(200).collect(), problem });
                break;
            }
        }
        walk
    }

    /// Takes one step.
    pub fn go(&mut self, step: Step) -> Result<(), String> {
        if step.action.what == What::Tick {
            return self.tick(step);
        }
        if self.end.state.overflow {
            return Err("more is in flight than the world has room for".to_owned());
        }
        if !self.is_offered(step.action) {
            return Err("it is not enabled there".to_owned());
        }
        let mut outcomes = outcomes(self.model, &mut self.order, &self.end, step.action);
        let count = outcomes.len();
        if usize::from(step.choice) >= count {
            return Err(match count {
                0 => "it is not enabled there".to_owned(),
                1 => "it has one outcome only, ~0".to_owned(),
                _ => format!("it has {count} outcomes, ~0 to ~{}", count - 1),
            });
        }
        let outcome = outcomes.swap_remove(usize::from(step.choice));
        self.push(step, Some(outcome.places), &outcome.effects, outcome.after);
        Ok(())
    }

    /// Whether an action is among those that may happen; a crash in the middle only where budgets have one.
    fn is_offered(&self, action: Action) -> bool {
        let mut offered = false;
        self.model.candidates(&self.end.state, &Standing(self.end.now), &mut |what| offered |= what == action.what);
        let crashes = self.end.state.budgets.left(dhcpfo_world::budget::Item::Crashes) > 0;
        offered && (action.crash_after.is_none() || crashes) && self.may_look(action)
    }

    fn may_look(&self, action: Action) -> bool {
        let places = action.places;
        places.is_none_or(|places| action.what.depends_on_order() && Places::open(self.model).contains(&places))
    }

    fn tick(&mut self, step: Step) -> Result<(), String> {
        match dhcpfo_clock::tick(self.model, &mut self.order, &self.end) {
            Some(_) if step.choice > 0 => Err("time has one outcome only, ~0".to_owned()),
            Some(after) => {
                self.push(step, None, &[], after);
                Ok(())
            }
            None if self.model.may_pass(&self.end.state, &Standing(self.end.now)) => {
                Err("nothing will be different later: no deadline lies ahead".to_owned())
            }
            None => Err("time may not pass while something has to be read or noticed first".to_owned()),
        }
    }

    fn push(&mut self, step: Step, places: Option<Choices>, effects: &[dhcpfo_engine::effect::Effect], after: Moment) {
        let is = violated(self.model, &after);
        let was = std::mem::replace(&mut self.violated, is.clone());
        let refuted = is.into_iter().filter(|name| !was.contains(name)).collect();
        let seen = play::Step::seen(step.action, effects, play_moment(&self.end), play_moment(&after), refuted);
        self.taken.push(Taken { step, places, seen });
        self.before = Some(std::mem::replace(&mut self.end, after));
    }

    /// Every claim that was violated on the way, with the number of the first step after which it was.
    pub fn refuted(&self) -> Vec<(&'static str, usize)> {
        let mut all: Vec<(&'static str, usize)> =
            violated(self.model, &self.start).into_iter().map(|name| (name, 0)).collect();
        for (number, taken) in (1..).zip(&self.taken) {
            for name in &taken.seen.refuted {
                if !all.iter().any(|(known, _)| known == name) {
                    all.push((name, number));
                }
            }
        }
        all
    }
}

/// The claims that are violated in a state, or were by the step that led to it.
pub fn violated(model: &Model, moment: &Moment) -> Vec<&'static str> {
    let broken = |number: usize| dhcpfo_check::run::is_broken(model, number, &moment.state, moment.now);
    model.claims.iter().enumerate().filter(|(number, _)| broken(*number)).map(|(_, claim)| claim.entry.name).collect()
}
