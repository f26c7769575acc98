//! What a model takes to be fair: `[fair]`, for claims about whole runs.

use crate::section::{Field, Section};
use dhcpfo_claims::fair::{Assumed, Condition, TIME};

/// Reads `[fair]`, of conditions that the protocol has.
pub fn assumed(section: &Section<'_>, all: &[Condition]) -> Vec<Assumed> {
    let mut assumed: Vec<Assumed> = Vec::new();
    for (key, strong) in [("weak", false), ("strong", true)] {
        for field in section.field(key).and_then(|field| field.list()).unwrap_or_default() {
            let Some(condition) = named(&field, all) else { continue };
            if assumed.iter().any(|other| other.condition.name == condition.name) {
                let _ = field.fail_with::<()>(format!("`{}` stands there twice", condition.name), "each once");
            } else {
                assumed.push(Assumed { condition, strong });
            }
        }
    }
    assumed
}

fn named(field: &Field<'_>, all: &[Condition]) -> Option<Condition> {
    let (name, every) = (field.text()?, || [TIME].into_iter().chain(all.iter().copied()));
    let found = every().find(|condition| condition.name == name);
    let names: Vec<&str> = every().map(|condition| condition.name).collect();
    found.or_else(|| field.unknown("condition of fairness", name, names.into_iter()))
}
