//! Making a failure small: leaving out actions, and drawing time together, until nothing more can go.

use crate::player::Player;
use crate::protocol::{Model, Protocol};

/// What a run is made of: its actions, each with the second since the beginning in which it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps<A> {
    /// The model's small lengths are meant, each unit a second.
    pub small: bool,
    /// What is done when.
    pub steps: Vec<(u32, A)>,
    /// When it ends.
    pub end: u32,
}

/// Carries out what it can of a run, and leaves out the rest. What was carried out up to a violation of the claim of
/// that number; None if there is none, or another claim is violated first.
pub fn replay<P: Protocol>(model: &Model<P>, run: &Steps<P::Action>, claim: usize) -> Option<Steps<P::Action>> {
    let values = if run.small { model.lengths.small } else { model.lengths.seconds };
    let mut player = Player::new(model, values, 1);
    let mut steps = Vec::with_capacity(run.steps.len());
    for &(at, action) in &run.steps {
        if player.violated().is_some() {
            break;
        }
        player.advance(at).ok()?;
        if player.violated().is_none() && player.act(action).is_ok() {
            steps.push((at, action));
        }
    }
    if player.violated().is_none() {
        player.advance(run.end).ok()?;
    }
    (player.violated() == Some(claim)).then(|| Steps { small: run.small, steps, end: player.elapsed() })
}

/// A run that violates the same claim and of which neither an action nor a pair of actions can be left out.
pub fn shrink<P: Protocol>(model: &Model<P>, run: &Steps<P::Action>, claim: usize) -> Steps<P::Action> {
    let mut best = replay(model, run, claim).unwrap_or_else(|| run.clone());
    loop {
        let before = best.clone();
        while leave_out(model, &mut best, claim) {}
        draw_together(model, &mut best, claim);
        if best == before {
            return best;
        }
    }
}

/// One round of leaving out: runs of actions, long ones first; then pairs that lie apart.
fn leave_out<P: Protocol>(model: &Model<P>, best: &mut Steps<P::Action>, claim: usize) -> bool {
    let mut width = best.steps.len().div_ceil(2);
    while width > 0 {
        for first in (0..best.steps.len().saturating_sub(width - 1)).rev() {
            let mut candidate = best.clone();
            candidate.steps.drain(first..first + width);
            if take(model, best, &candidate, claim) {
                return true;
            }
        }
        width /= 2;
    }
    for first in 0..best.steps.len() {
        for second in first + 1..best.steps.len() {
            let mut candidate = best.clone();
            candidate.steps.remove(second);
            candidate.steps.remove(first);
            if take(model, best, &candidate, claim) {
                return true;
            }
        }
    }
    false
}

fn take<P: Protocol>(
    model: &Model<P>,
    best: &mut Steps<P::Action>,
    candidate: &Steps<P::Action>,
    claim: usize,
) -> bool {
    let Some(found) = replay(model, candidate, claim) else { return false };
    let better = found.steps.len() < best.steps.len();
    if better {
        *best = found;
    }
    better
}

/// Draws everything from each action on as near to what is before it as it will go.
fn draw_together<P: Protocol>(model: &Model<P>, best: &mut Steps<P::Action>, claim: usize) {
    for place in 0..=best.steps.len() {
        let before = if place == 0 { 0 } else { best.steps.get(place - 1).map_or(0, |step| step.0) };
        let at = best.steps.get(place).map_or(best.end, |step| step.0);
        let mut cut = at.saturating_sub(before);
        while cut > 0 {
            let mut candidate = best.clone();
            candidate.steps.iter_mut().skip(place).for_each(|step| step.0 -= cut);
            candidate.end -= cut;
            match replay(model, &candidate, claim) {
                Some(found) if found.steps.len() <= best.steps.len() => {
                    *best = found;
                    break;
                }
                _ => cut /= 2,
            }
        }
    }
}
