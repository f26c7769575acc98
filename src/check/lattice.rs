//! All combinations of budgets up to a weight, so that nobody has to guess which ones matter.
//!
//! The *weight* of a combination is the sum of its amounts. A combination that allows at least as much of everything
//! *covers* another one: whatever the smaller can do, the larger can, so what was exhausted without a violation there holds
//! here. And what is refuted in a smaller one is refuted in every larger one, with the same counterexample.

use crate::run::{Answer, RunOptions, Times, Watch, run};
use dhcpfo_search::search::SearchError;
use dhcpfo_world::budget::{Budgets, Item};
use dhcpfo_world::model::{Exchange, Model};

/// How much a combination allows in all.
pub fn weight(budgets: &Budgets) -> u32 {
    budgets.amounts().iter().map(|&amount| u32::from(amount)).sum()
}

/// Whether everything that `smaller` allows is allowed by `larger`.
pub fn covers(larger: &Budgets, smaller: &Budgets) -> bool {
    larger.amounts().iter().zip(smaller.amounts()).all(|(more, less)| more >= less)
}

/// Every combination of at most that weight in which no amount is above the model's own: by weight, and among those of one
/// weight in the order of the kinds. A combination that cannot do more than a smaller one is left out.
pub fn combinations(model: &Model, most: u32) -> Vec<Budgets> {
    let mut found = Vec::new();
    for weight in 0..=most {
        add(model, Budgets::NONE, 0, weight, &mut found);
    }
    found.retain(|budgets| !adds_nothing(model, budgets));
    found
}

/// Shares out `left` among the kinds from number `kind` on.
fn add(model: &Model, budgets: Budgets, kind: usize, left: u32, found: &mut Vec<Budgets>) {
    let Some(&(item, _)) = Item::WORDS.get(kind) else {
        if left == 0 {
            found.push(budgets);
        }
        return;
    };
    let most = left.min(u32::from(model.budgets.left(item)));
    for amount in (0..=most).rev() {
        add(model, budgets.with(item, amount as u8), kind + 1, left - amount, found);
    }
}

/// Whether some of what is allowed can never be spent, so that a smaller combination has the same states.
fn adds_nothing(model: &Model, budgets: &Budgets) -> bool {
    let amount = |item| budgets.left(item);
    let (leases, packets) = (amount(Item::Leases), model.exchange == Exchange::Packets);
    let at_most = [
        (Item::StorageLosses, amount(Item::Crashes)),
        // One for each lease that there is.
        (Item::Releases, leases),
        (Item::Declines, leases),
        (Item::Losses, if packets { 0 } else { leases }),
        (Item::Duplicates, if packets && leases > 0 { u8::MAX } else { 0 }),
        // The first lease is obtained.
        (Item::Reboots, leases.saturating_sub(1)),
        (Item::Resets, if model.truthful { amount(Item::Declines) } else { u8::MAX }),
    ];
    at_most.into_iter().any(|(item, most)| amount(item) > most)
}

/// What a claim's fate is in one combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Every reachable state was judged.
    Holds,
    /// Refuted, with the protocol actions of a shortest counterexample.
    Refuted(u32),
    /// Neither: the search was cut off, or there is a path without times.
    Open,
}

/// What came of one combination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The combination.
    pub budgets: Budgets,
    /// The fate of each claim that was asked, by name.
    pub claims: Vec<(&'static str, Fate)>,
    /// Unique states of the last search.
    pub states: u64,
    /// Protocol actions up to which everything was seen, if it was cut off.
    pub seen_to: Option<u32>,
}

impl Found {
    /// Whether every claim that was asked is decided.
    pub fn is_decided(&self) -> bool {
        self.claims.iter().all(|(_, fate)| *fate != Fate::Open)
    }
}

/// The claims of a model that are still to be decided for a combination, by what has been found for others.
pub fn undecided(model: &Model, budgets: &Budgets, found: &[Found]) -> Vec<&'static str> {
    let decided = |name: &str| {
        found.iter().any(|other| {
            other.claims.iter().any(|&(claim, fate)| {
                claim == name
                    && match fate {
                        Fate::Holds => covers(&other.budgets, budgets),
                        Fate::Refuted(_) => covers(budgets, &other.budgets),
                        Fate::Open => false,
                    }
            })
        })
    };
    model.claims.iter().map(|claim| claim.entry.name).filter(|name| !decided(name)).collect()
}

/// Searches one combination for the claims of these names. Behind a violation nothing is searched, so each refuted claim is
/// put aside and the others are searched anew.
///
/// # Errors
/// The search cannot begin.
pub fn explore(
    model: &Model,
    budgets: Budgets,
    names: &[&'static str],
    options: &RunOptions<'_>,
    watch: Watch<'_>,
) -> Result<Found, SearchError> {
    let mut model = Model { budgets, witnesses: Vec::new(), ..model.clone() };
    model.claims.retain(|claim| names.contains(&claim.entry.name));
    let mut found = Found { budgets, claims: Vec::new(), states: 0, seen_to: None };
    loop {
        let (answer, _) = run(&model, options, watch)?;
        (found.states, found.seen_to) = (answer.unique, seen_to(&answer));
        let cut_off = found.seen_to.is_some();
        let refuted = refuted(&model, &answer);
        if refuted.is_empty() {
            let fate = |path: bool| if cut_off || path { Fate::Open } else { Fate::Holds };
            let rest = model.claims.iter().zip(&answer.claims);
            found.claims.extend(rest.map(|(claim, path)| (claim.entry.name, fate(path.is_some()))));
            return Ok(found);
        }
        model.claims.retain(|claim| !refuted.iter().any(|(name, _)| *name == claim.entry.name));
        found.claims.extend(refuted.iter().map(|&(name, length)| (name, Fate::Refuted(length))));
        if model.claims.is_empty() {
            return Ok(found);
        }
    }
}

fn refuted(model: &Model, answer: &Answer) -> Vec<(&'static str, u32)> {
    let paths = model.claims.iter().zip(&answer.claims).filter_map(|(claim, path)| Some((claim, path.as_ref()?)));
    let realised = paths.filter(|(_, path)| !matches!(path.times, Times::Unrealisable(_)));
    realised.map(|(claim, path)| (claim.entry.name, path.length)).collect()
}

fn seen_to(answer: &Answer) -> Option<u32> {
    (answer.cut_off.is_some() || answer.overflow).then(|| answer.depth.saturating_sub(1))
}

/// A combination in the words of model files: `crashes = 1, leases = 2`; `nothing` if it allows nothing.
pub fn in_words(budgets: &Budgets) -> String {
    let amounts = Item::WORDS.iter().map(|(item, word)| (word, budgets.left(*item))).filter(|(_, amount)| *amount > 0);
    let words: Vec<String> = amounts.map(|(word, amount)| format!("{word} = {amount}")).collect();
    if words.is_empty() { "nothing".into() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(amounts: &[(Item, u8)]) -> Budgets {
        amounts.iter().fold(Budgets::NONE, |budgets, &(item, amount)| budgets.with(item, amount))
    }

    #[test]
    fn a_combination_covers_what_allows_no_more() {
        let (small, large) = (of(&[(Item::Leases, 1)]), of(&[(Item::Leases, 2), (Item::Crashes, 1)]));
        assert!(covers(&large, &small) && covers(&small, &small) && !covers(&small, &large));
        assert!(!covers(&of(&[(Item::Crashes, 3)]), &small), "more of something else does not count");
        assert_eq!((weight(&small), weight(&large)), (1, 3));
        assert_eq!(in_words(&large), "crashes = 1, leases = 2");
    }
}
