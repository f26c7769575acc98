//! Twins of broken models: the same with the repaired rules in place of theirs (`dhcpfo check --twins`).
//!
//! A broken model shows that a claim is lost with a rule. Its twin shows that the rule, as the engine has it, keeps the
//! claim in the same place: a fault in the code of the rule itself passes every model that does not come there. A twin is
//! searched as deep as the broken model needs to be refuted, and no less.

use crate::model::{Bound, Clock, Expect, ModelFile};
use dhcpfo_engine::rules::Rules;
use dhcpfo_world::claim::Claim;
use std::collections::BTreeMap;

/// The twins of all files that have one: those in which nothing but rules is wrong. Models that are the same but for
/// their rules and claims have one twin.
pub fn twins(files: Vec<ModelFile>) -> Vec<ModelFile> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut twins: Vec<ModelFile> = Vec::new();
    for file in files {
        let repaired = file.model.servers.iter().all(|server| server.rules == Rules::DRAFT_12);
        let Expect::Refuted { claim, length } = file.expect else { continue };
        let claim = file.model.claims.iter().find(|known| known.entry.name == claim).copied();
        let (Some(claim), false) = (claim, repaired || !file.has_twin || file.clock == Clock::Untimed) else {
            continue;
        };
        let twin = twin(file, claim, length);
        let like = format!("{:?}", dhcpfo_world::model::Model { claims: Vec::new(), ..twin.model.clone() });
        match numbers.get(&like) {
            None => {
                numbers.insert(like, twins.len());
                twins.push(twin);
            }
            Some(&number) => join(&mut twins[number], twin),
        }
    }
    twins
}

fn twin(mut file: ModelFile, claim: Claim, length: Option<u32>) -> ModelFile {
    for server in &mut file.model.servers {
        server.rules = Rules::DRAFT_12;
    }
    // What can be reached is known only when everything was seen.
    let depth = length.filter(|_| !claim.check.is_whole());
    file.limits.depth = depth;
    file.model.claims = vec![claim];
    file.model.witnesses = Vec::new();
    file.expect = match depth {
        Some(_) => Expect::CutOff { bound: Bound::Depth, states: None },
        None => Expect::Holds { states: None },
    };
    file.title = format!("With the repaired rules: {}", file.title);
    file
}

/// Another twin of the same system: its claim, too, and as deep as either needs.
fn join(to: &mut ModelFile, other: ModelFile) {
    for claim in other.model.claims {
        if !to.model.claims.iter().any(|known| known.entry.name == claim.entry.name) {
            to.model.claims.push(claim);
        }
    }
    to.limits.depth = to.limits.depth.zip(other.limits.depth).map(|(one, other)| one.max(other));
    if to.limits.depth.is_none() {
        to.expect = Expect::Holds { states: None };
    }
}
