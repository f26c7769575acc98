//! What is said of single states: which claims they violate, and the flags that claims about whole runs need,
//! [`Check::Reach`] and [`Check::LeadsTo`].

use dhcpfo_clock::Timed;
use dhcpfo_time::{Clock, Standing, Time, Times};
use dhcpfo_world::claim::{Check, Goal, LeadsTo, Reach, View};
use dhcpfo_world::model::Model;
use dhcpfo_world::system::System;

/// The claims about whole runs, with their numbers in the model.
pub(crate) fn claims(model: &Model) -> impl Iterator<Item = (usize, Check)> {
    let all = model.claims.iter().enumerate().map(|(number, claim)| (number, claim.check));
    all.filter(|(_, check)| check.is_whole())
}

/// The first of the two flags of the claim that is the `nth` of these: where it is asked, where its goal is. Model
/// files keep the number of these and of the witnesses below that of the flags there are.
pub(crate) fn bit(model: &Model, nth: usize) -> u32 {
    (32 + model.witnesses.len() + 2 * nth) as u32
}

/// The flags of a state that these claims need.
pub(crate) fn flags(view: &View<'_>) -> u64 {
    let mut bits = 0;
    for (nth, (_, check)) in claims(view.model).enumerate() {
        let (from, to) = match check {
            Check::Reach(Reach { from, goal: Goal::State(to), .. }) => (from, Some(to)),
            Check::Reach(Reach { from, goal: Goal::Step(_), .. }) => (from, None),
            Check::LeadsTo(LeadsTo { from, to }) => (from, Some(to)),
            Check::State(_) | Check::Step(_) => continue,
        };
        let flags = u64::from(from(view)) | u64::from(to.is_some_and(|to| to(view))) << 1;
        bits |= flags << bit(view.model, nth);
    }
    bits
}

/// Whether a state at an instant is, but for its times, the canonical one `other`: what a client held is gone once it has ended.
pub fn is_alike(model: &Model, system: &System, now: Time, other: &System) -> bool {
    let (mut system, clock) = (system.clone(), Standing(now));
    system.times(&mut |time, _| {
        if clock.passed(*time) {
            *time = Time::LONG_AGO;
        }
    });
    model.tidy(&mut system);
    without_times(system) == without_times(other.clone())
}

fn without_times(mut system: System) -> System {
    system.times(&mut |time, _| *time = Time::LONG_AGO);
    system
}

/// Whether a claim of a model, by its number, is violated in a state.
pub fn is_broken(model: &Model, claim: usize, system: &System, now: Time) -> bool {
    match model.claims[claim].check {
        Check::State(holds) => !holds(&View { model, system, clock: &Standing(now) }),
        Check::Step(_) => system.broken & 1 << claim != 0,
        // A single state shows nothing of what can be reached from it.
        Check::Reach(_) | Check::LeadsTo(_) => false,
    }
}
