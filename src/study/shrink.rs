//! Making a failure small: leaving out actions, drawing time together, and making actions plainer, until nothing more can
//! go.

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

/// Longest run of which any two actions are left out together.
const PAIRS: usize = 80;

/// Longest run of which any three are.
const TRIPLES: usize = 24;

/// The claim that a run violates first.
pub(crate) fn violated<P: Protocol>(model: &Model<P>, run: &Steps<P::Action>) -> Option<&'static str> {
    carried_out(model, run)?.1
}

/// Carries out what it can of a run of a model, and leaves out the rest. What was carried out up to a violation of the
/// claim of that name; None if there is none, or another claim is violated first.
pub fn replay<P: Protocol>(model: &Model<P>, run: &Steps<P::Action>, claim: &str) -> Option<Steps<P::Action>> {
    carried_out(model, run).filter(|(_, violated)| *violated == Some(claim)).map(|(steps, _)| steps)
}

/// What can be carried out of a run up to its first violation, and which claim that is of. None: time may not pass as it says.
fn carried_out<P: Protocol>(
    model: &Model<P>,
    run: &Steps<P::Action>,
) -> Option<(Steps<P::Action>, Option<&'static str>)> {
    let mut player = Player::new(model, run.values(&model.lengths), 1);
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
    let violated = player.violated().map(|number| model.claims[number].entry.name);
    Some((Steps { small: run.small, steps, end: player.elapsed() }, violated))
}

/// How runs of a system are made smaller.
pub struct Shrink<R, L> {
    /// Carries out what it can of a run, and leaves out the rest; None if what is looked for does not happen then.
    pub replay: R,
    /// Actions that are plainer than one, the plainest first.
    pub plainer: L,
}

impl<R, L> Shrink<R, L> {
    /// What is left of a run when no action, no pair, and of short runs no three can be left out.
    pub fn shrink<A>(&self, run: &Steps<A>) -> Steps<A>
    where
        A: Copy + Eq,
        R: Fn(&Steps<A>) -> Option<Steps<A>>,
        L: Fn(A) -> Vec<A>,
    {
        let mut best = (self.replay)(run).unwrap_or_else(|| run.clone());
        loop {
            let before = best.clone();
            while self.leave_out(&mut best) {}
            self.draw_together(&mut best);
            self.make_plain(&mut best);
            if best == before {
                return best;
            }
        }
    }

    fn take<A>(&self, best: &mut Steps<A>, candidate: &Steps<A>) -> bool
    where
        R: Fn(&Steps<A>) -> Option<Steps<A>>,
    {
        let Some(found) = (self.replay)(candidate) else { return false };
        let better = found.steps.len() < best.steps.len();
        if better {
            *best = found;
        }
        better
    }

    /// One round of leaving out: runs of actions, long ones first; then pairs and triples that lie apart.
    fn leave_out<A>(&self, best: &mut Steps<A>) -> bool
    where
        A: Copy,
        R: Fn(&Steps<A>) -> Option<Steps<A>>,
    {
        let mut width = best.steps.len().div_ceil(2);
        while width > 0 {
            for first in (0..best.steps.len().saturating_sub(width - 1)).rev() {
                let mut candidate = best.clone();
                candidate.steps.drain(first..first + width);
                if self.take(best, &candidate) {
                    return true;
                }
            }
            width /= 2;
        }
        let count = best.steps.len();
        if count > PAIRS {
            return false;
        }
        for a in 0..count {
            for b in a + 1..count {
                if self.take(best, &best.without(&[a, b])) {
                    return true;
                }
                for c in (b + 1..count).filter(|_| count <= TRIPLES) {
                    if self.take(best, &best.without(&[a, b, c])) {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Draws everything from each action on as near to what is before it as it will go.
    fn draw_together<A>(&self, best: &mut Steps<A>)
    where
        A: Copy,
        R: Fn(&Steps<A>) -> Option<Steps<A>>,
    {
        for place in 0..=best.steps.len() {
            let before = if place == 0 { 0 } else { best.steps[place - 1].0 };
            let Some(at) = best.steps.get(place).map(|step| step.0).or(Some(best.end)) else { return };
            // The longest cut that will do, by halves: a shorter one need not do where a longer one does.
            let (mut cut, gap) = (at - before, at - before);
            while cut > 0 {
                let mut candidate = best.clone();
                candidate.steps[place..].iter_mut().for_each(|step| step.0 -= cut);
                candidate.end -= cut;
                match (self.replay)(&candidate) {
                    Some(found) if found.steps.len() <= best.steps.len() => {
                        *best = found;
                        break;
                    }
                    _ if cut == gap && gap > 1 => cut = gap - 1,
                    _ => cut /= 2,
                }
            }
            if place >= best.steps.len() {
                return;
            }
        }
    }

    /// What makes actions special is kept only where it matters.
    fn make_plain<A>(&self, best: &mut Steps<A>)
    where
        A: Copy + Eq,
        R: Fn(&Steps<A>) -> Option<Steps<A>>,
        L: Fn(A) -> Vec<A>,
    {
        for place in 0..best.steps.len() {
            let Some(&(at, action)) = best.steps.get(place) else { return };
            for plain in (self.plainer)(action) {
                let mut candidate = best.clone();
                candidate.steps[place] = (at, plain);
                if let Some(found) = (self.replay)(&candidate)
                    && found.steps.len() <= best.steps.len()
                {
                    *best = found;
                    break;
                }
            }
        }
    }
}
