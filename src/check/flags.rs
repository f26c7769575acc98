//! What is said of single states: which claims they violate, and the flags that claims about whole runs need,
//! [`Check::Reach`].

use dhcpfo_time::{Standing, Time, Times};
use dhcpfo_world::claim::{Check, Goal, Reach, View};
use dhcpfo_world::model::Model;
use dhcpfo_world::system::System;

/// The claims of this kind, with their numbers in the model.
pub(crate) fn claims(model: &Model) -> impl Iterator<Item = (usize, Reach)> {
    model.claims.iter().enumerate().filter_map(|(number, claim)| match claim.check {
        Check::Reach(reach) => Some((number, reach)),
        Check::State(_) | Check::Step(_) => None,
    })
}

/// The first of the two flags of the claim that is the `nth` of its kind: where it is asked, where its goal is. Model
/// files keep the number of these and of the witnesses below that of the flags there are.
pub(crate) fn bit(model: &Model, nth: usize) -> u32 {
    (32 + model.witnesses.len() + 2 * nth) as u32
}

/// The flags of a state that the claims of this kind need.
pub(crate) fn flags(view: &View<'_>) -> u64 {
    let mut bits = 0;
    for (nth, (_, reach)) in claims(view.model).enumerate() {
        let first = bit(view.model, nth);
        bits |= u64::from((reach.from)(view)) << first;
        if let Goal::State(goal) = reach.goal {
            bits |= u64::from(goal(view)) << (first + 1);
        }
    }
    bits
}

/// Whether two states differ in nothing but times.
pub fn is_alike(one: &System, other: &System) -> bool {
    let without_times = |system: &System| {
        let mut system = system.clone();
        system.times(&mut |time, _| *time = Time::LONG_AGO);
        system
    };
    without_times(one) == without_times(other)
}

/// Whether a claim of a model, by its number, is violated in a state.
pub fn is_broken(model: &Model, claim: usize, system: &System, now: Time) -> bool {
    match model.claims[claim].check {
        Check::State(holds) => !holds(&View { model, system, clock: &Standing(now) }),
        Check::Step(_) => system.broken & 1 << claim != 0,
        // A single state shows nothing of what can be reached from it.
        Check::Reach(_) => false,
    }
}
