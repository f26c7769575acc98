//! The flags of states that claims about whole runs need, [`Check::Reach`].

use dhcpfo_world::claim::{Check, Goal, Reach, View};
use dhcpfo_world::model::Model;

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
