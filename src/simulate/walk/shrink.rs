//! Making a failure small: leaving out actions, drawing time together, and undoing what makes actions special, until
//! nothing more can go.

use super::{Script, Walker};
use dhcpfo_world::action::Action;
use dhcpfo_world::model::Model;

/// Longest script of which any two actions are left out together.
const PAIRS: usize = 80;

/// Longest script of which any three are.
const TRIPLES: usize = 24;

/// Carries out what it can of a script, and leaves out the rest. What was carried out up to a violation of `claim`;
/// None if there is none, or another claim is violated first.
pub fn replay(model: &Model, script: &Script, claim: &str) -> Option<Script> {
    let mut walker = Walker::new(model, script.values(model));
    let mut steps = Vec::with_capacity(script.steps.len());
    for &(at, action) in &script.steps {
        if walker.violated().is_some() {
            break;
        }
        if !walker.advance(at) {
            return None;
        }
        if walker.violated().is_none() && walker.act(action) {
            steps.push((at, action));
        }
    }
    if walker.violated().is_none() && !walker.advance(script.end) {
        return None;
    }
    (walker.violated() == Some(claim)).then(|| Script { small: script.small, steps, end: walker.elapsed() })
}

/// A script that violates the same claim and of which no action, no pair, and of short ones no three can be left out.
pub fn shrink(model: &Model, script: &Script, claim: &str) -> Script {
    let mut best = replay(model, script, claim).unwrap_or_else(|| script.clone());
    loop {
        let before = best.clone();
        while leave_out(model, &mut best, claim) {}
        draw_together(model, &mut best, claim);
        make_plain(model, &mut best, claim);
        if best == before {
            return best;
        }
    }
}

fn take(model: &Model, best: &mut Script, candidate: &Script, claim: &str) -> bool {
    let Some(found) = replay(model, candidate, claim) else { return false };
    let better = found.steps.len() < best.steps.len();
    if better {
        *best = found;
    }
    better
}

/// One round of leaving out: runs of actions, long ones first; then pairs and triples that lie apart.
fn leave_out(model: &Model, best: &mut Script, claim: &str) -> bool {
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
    let count = best.steps.len();
    if count > PAIRS {
        return false;
    }
    for a in 0..count {
        for b in a + 1..count {
            if take(model, best, &without(best, &[a, b]), claim) {
                return true;
            }
            for c in (b + 1..count).filter(|_| count <= TRIPLES) {
                if take(model, best, &without(best, &[a, b, c]), claim) {
                    return true;
                }
            }
        }
    }
    false
}

/// Without the actions at these places, which rise.
fn without(script: &Script, places: &[usize]) -> Script {
    let kept = script.steps.iter().enumerate().filter(|(place, _)| !places.contains(place));
    Script { small: script.small, steps: kept.map(|(_, step)| *step).collect(), end: script.end }
}

/// Draws everything from each action on as near to what is before it as it will go.
fn draw_together(model: &Model, best: &mut Script, claim: &str) {
    for place in 0..=best.steps.len() {
        let before = if place == 0 { 0 } else { best.steps[place - 1].0 };
        let Some(at) = best.steps.get(place).map(|step| step.0).or(Some(best.end)) else { return };
        // The longest cut that will do, by halves: a shorter one need not do where a longer one does.
        let (mut cut, gap) = (at - before, at - before);
        while cut > 0 {
            let mut candidate = best.clone();
            candidate.steps[place..].iter_mut().for_each(|step| step.0 -= cut);
            candidate.end -= cut;
            match replay(model, &candidate, claim) {
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

/// A crash in the middle of a step, or a table looked through in another order, only where that matters.
fn make_plain(model: &Model, best: &mut Script, claim: &str) {
    for place in 0..best.steps.len() {
        let Some(&(at, action)) = best.steps.get(place) else { return };
        let plainer = [
            Action { crash_after: None, places: None, ..action },
            Action { places: None, ..action },
            Action { crash_after: None, ..action },
        ];
        for plain in plainer.into_iter().filter(|plain| *plain != action) {
            let mut candidate = best.clone();
            candidate.steps[place] = (at, plain);
            if let Some(found) = replay(model, &candidate, claim)
                && found.steps.len() <= best.steps.len()
            {
                *best = found;
                break;
            }
        }
    }
}
