//! Two models that differ in their rules: where their behaviours part.

use crate::world::WorldSpace;
use dhcpfo_study::diff::{self, Parted};
use dhcpfo_world::action::Action;
use dhcpfo_world::model::Model;

/// Why two models cannot be compared step by step.
pub const INCOMPARABLE: &str =
    "they have other addresses, clients, budgets or options of the world, so their steps cannot be compared";

/// Whether two models differ in nothing but rules, claims and lengths of the replay.
fn are_comparable(first: &Model, second: &Model) -> bool {
    let outline = |model: &Model| {
        let mut model = model.clone();
        (model.claims, model.witnesses) = (Vec::new(), Vec::new());
        let rules = dhcpfo_engine::rules::Rules::DRAFT_12;
        model.servers.iter_mut().for_each(|server| server.rules = rules);
        model.lengths.seconds = model.lengths.small;
        format!("{model:?}")
    };
    outline(first) == outline(second)
}

/// Walks through both models together until `most_states` common states have been seen.
///
/// # Errors
/// They differ in more than their rules.
pub fn compare(first: &Model, second: &Model, most_states: u64) -> Result<Parted<Action>, &'static str> {
    if !are_comparable(first, second) {
        return Err(INCOMPARABLE);
    }
    // Violations must not end the walk, nor be a difference of their own.
    let bare = |model: &Model| Model { claims: Vec::new(), witnesses: Vec::new(), go_on: true, ..model.clone() };
    let models = [bare(first), bare(second)];
    let spaces = [0, 1].map(|i| WorldSpace::new(&models[i], models[i].lengths.order()));
    Ok(diff::compare(&spaces, most_states))
}
