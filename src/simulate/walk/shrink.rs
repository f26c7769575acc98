//! Making a failure of draft-12 small.

use super::{Script, Walker};
use dhcpfo_study::shrink::Shrink;
use dhcpfo_world::action::Action;
use dhcpfo_world::model::Model;

/// Carries out what it can of a script, and leaves out the rest. What was carried out up to a violation of `claim`;
/// None if there is none, or another claim is violated first.
pub fn replay(model: &Model, script: &Script, claim: &str) -> Option<Script> {
    let mut walker = Walker::new(model, script.values(&model.lengths));
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

/// A script that violates the same claim and of which nothing more can go.
pub fn shrink(model: &Model, script: &Script, claim: &str) -> Script {
    Shrink { replay: |script: &Script| replay(model, script, claim), plainer }.shrink(script)
}

/// A crash in the middle of a step, or a table looked through in another order, only where that matters.
fn plainer(action: Action) -> Vec<Action> {
    let plainer = [
        Action { crash_after: None, places: None, ..action },
        Action { places: None, ..action },
        Action { crash_after: None, ..action },
    ];
    plainer.into_iter().filter(|plain| *plain != action).collect()
}
