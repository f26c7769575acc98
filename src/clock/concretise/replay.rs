//! Replay under a clock of plain numbers: the acceptance test of a counterexample.

use super::{Question, Run};
use crate::{FreeSpans, START, Timed, Values};
use dhcpfo_time::{Clock, Span, Time};

/// Whole parts of a unit, counted from [`START`]; set by hand.
struct Plain {
    now: Time,
    values: Values,
    free: FreeSpans,
    per_unit: u32,
}

impl Clock for Plain {
    fn now(&self) -> Time {
        self.now
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        if self.free.has(span) {
            return Time::SOMETIME;
        }
        let later = self.values.get(span).checked_mul(self.per_unit).and_then(|parts| base.raw().checked_add(parts));
        Time::from_raw(later.expect("a run of more than 2^32 parts of a unit"))
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

/// Carries out the run. Its states are handed back, one after each action; or the number of the action that
/// was not enabled, or the number of actions if there is no violation at the end.
pub fn replay<T: Timed, V>(
    question: &Question<'_, T, V>,
    free: FreeSpans,
    run: &Run<T::Action>,
) -> Result<Vec<T::State>, usize>
where
    V: Fn(&T::State, Time) -> bool,
{
    let at = |parts: u32| Time::from_raw(START.raw() + parts);
    let mut clock = Plain { now: START, values: question.values, free, per_unit: run.end.per_unit };
    let mut state = question.initial.clone();
    let mut states = Vec::with_capacity(run.actions.len());
    for (number, &(action, instant)) in run.actions.iter().enumerate() {
        if clock.before(clock.now, at(instant.parts)) && !question.timed.may_pass(&state, &clock) {
            return Err(number);
        }
        clock.now = at(instant.parts);
        let before = state.clone();
        if !question.timed.step(&before, &mut state, action, &mut clock) {
            return Err(number);
        }
        question.timed.settle(&mut state, &clock);
        states.push(state.clone());
    }
    if clock.before(clock.now, at(run.end.parts)) && !question.timed.may_pass(&state, &clock) {
        return Err(states.len());
    }
    if (question.violated)(&state, at(run.end.parts)) { Ok(states) } else { Err(states.len()) }
}

/// Puts a unit between actions that happen at one instant, wherever the run stays a violation: that all
/// happens at once is mostly an accident of the search, and hard to believe.
pub(super) fn spread<T: Timed, V>(
    question: &Question<'_, T, V>,
    free: FreeSpans,
    mut run: Run<T::Action>,
) -> Run<T::Action>
where
    V: Fn(&T::State, Time) -> bool,
{
    let unit = run.end.per_unit;
    for number in 1..run.actions.len() {
        if run.actions[number - 1].1 != run.actions[number].1 {
            continue;
        }
        let mut later = run.clone();
        let after = later.actions[number..].iter_mut().map(|(_, instant)| instant);
        after.chain([&mut later.end]).for_each(|instant| instant.parts += unit);
        if replay(question, free, &later).is_ok() {
            run = later;
        }
    }
    run
}
