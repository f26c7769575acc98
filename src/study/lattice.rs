//! All combinations of budgets up to a weight, so that nobody has to guess which ones matter.
//!
//! A *budget* bounds how often something happens. A combination gives each budget of a model an amount; its *weight* is
//! the sum of them. A combination that allows at least as much of everything *covers* another one: whatever the smaller
//! can do, the larger can, so what was exhausted without a violation there holds here. And what is refuted in a smaller
//! one is refuted in every larger one, with the same counterexample.

use crate::answer::{Answer, RunOptions, Times, Watch};
use crate::file::entries;
use crate::protocol::{Model, Protocol};
use crate::run::run;
use dhcpfo_search::search::SearchError;

/// An amount for each budget of a model, in its order.
pub type Amounts = Vec<u8>;

/// What amounts of a budget there are in the combinations of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Its key in model files.
    pub name: &'static str,
    /// The least amount.
    pub least: u8,
    /// The model's own.
    pub most: u8,
}

/// A model whose budgets can be set.
pub trait Budgeted {
    /// Its budgets.
    fn budgets(&self) -> Vec<Range>;
    /// What it claims, by name.
    fn claims(&self) -> Vec<&'static str>;
    /// Everything of it but its budgets, in words that are only compared.
    fn setting(&self) -> String;
    /// Whether some of what is allowed can never be spent, so that a smaller combination has the same states.
    fn adds_nothing(&self, amounts: &[u8]) -> bool {
        let _ = amounts;
        false
    }
    /// Searches it with these amounts for the claims of these names alone.
    ///
    /// # Errors
    /// The search cannot begin.
    fn search(
        &self,
        amounts: &[u8],
        names: &[&'static str],
        options: &RunOptions<'_>,
        watch: Watch<'_>,
    ) -> Result<Answer, SearchError>;
}

/// How much a combination allows in all.
pub fn weight(amounts: &[u8]) -> u32 {
    amounts.iter().map(|&amount| u32::from(amount)).sum()
}

/// Whether everything that `smaller` allows is allowed by `larger`.
pub fn covers(larger: &[u8], smaller: &[u8]) -> bool {
    larger.iter().zip(smaller).all(|(more, less)| more >= less)
}

/// Every combination of at most that weight in which no amount is above the model's own: by weight, and among those of one
/// weight in the order of the budgets. A combination that cannot do more than a smaller one is left out.
pub fn combinations(model: &dyn Budgeted, most: u32) -> Vec<Amounts> {
    let ranges = model.budgets();
    let mut found = Vec::new();
    for weight in 0..=most {
        add(&ranges, &mut Vec::new(), weight, &mut found);
    }
    found.retain(|amounts| !model.adds_nothing(amounts));
    found
}

/// Shares out `left` among the budgets that have no amount yet.
fn add(ranges: &[Range], amounts: &mut Amounts, left: u32, found: &mut Vec<Amounts>) {
    let Some(range) = ranges.get(amounts.len()) else {
        if left == 0 {
            found.push(amounts.clone());
        }
        return;
    };
    let most = u8::try_from(left).unwrap_or(u8::MAX).min(range.most);
    for amount in (range.least..=most).rev() {
        amounts.push(amount);
        add(ranges, amounts, left - u32::from(amount), found);
        amounts.pop();
    }
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
    pub amounts: Amounts,
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
pub fn undecided(model: &dyn Budgeted, amounts: &[u8], found: &[Found]) -> Vec<&'static str> {
    let decided = |name: &str| {
        found.iter().any(|other| {
            other.claims.iter().any(|&(claim, fate)| {
                claim == name
                    && match fate {
                        Fate::Holds => covers(&other.amounts, amounts),
                        Fate::Refuted(_) => covers(amounts, &other.amounts),
                        Fate::Open => false,
                    }
            })
        })
    };
    model.claims().into_iter().filter(|name| !decided(name)).collect()
}

/// Searches one combination for the claims of these names. Behind a violation nothing is searched, so each refuted claim is
/// put aside and the others are searched anew.
///
/// # Errors
/// The search cannot begin.
pub fn explore(
    model: &dyn Budgeted,
    amounts: &[u8],
    names: &[&'static str],
    options: &RunOptions<'_>,
    watch: Watch<'_>,
) -> Result<Found, SearchError> {
    // In the order of the model, as the answers are.
    let mut left = model.claims();
    left.retain(|name| names.contains(name));
    let mut found = Found { amounts: amounts.to_vec(), claims: Vec::new(), states: 0, seen_to: None };
    loop {
        let answer = model.search(amounts, &left, options, watch)?;
        (found.states, found.seen_to) = (answer.unique, seen_to(&answer));
        let cut_off = found.seen_to.is_some();
        let refuted = refuted(&left, &answer);
        if refuted.is_empty() {
            let fate = |path: bool| if cut_off || path { Fate::Open } else { Fate::Holds };
            found.claims.extend(left.iter().zip(&answer.claims).map(|(name, path)| (*name, fate(path.is_some()))));
            return Ok(found);
        }
        left.retain(|left| !refuted.iter().any(|(name, _)| name == left));
        found.claims.extend(refuted.iter().map(|&(name, length)| (name, Fate::Refuted(length))));
        if left.is_empty() {
            return Ok(found);
        }
    }
}

fn refuted(names: &[&'static str], answer: &Answer) -> Vec<(&'static str, u32)> {
    let paths = names.iter().zip(&answer.claims).filter_map(|(name, path)| Some((*name, path.as_ref()?)));
    let realised = paths.filter(|(_, path)| !matches!(path.times, Times::Unrealisable(_)));
    realised.map(|(name, path)| (name, path.length)).collect()
}

fn seen_to(answer: &Answer) -> Option<u32> {
    (answer.cut_off.is_some() || answer.overflow).then(|| answer.depth.saturating_sub(1))
}

/// A combination in the words of model files: `crashes = 1, leases = 2`; `nothing` if it allows nothing.
pub fn in_words(ranges: &[Range], amounts: &[u8]) -> String {
    let amounts = ranges.iter().zip(amounts).filter(|(_, amount)| **amount > 0);
    let words: Vec<String> = amounts.map(|(range, amount)| format!("{} = {amount}", range.name)).collect();
    if words.is_empty() { "nothing".into() } else { words.join(", ") }
}

impl<P: Protocol> Budgeted for Model<P> {
    fn budgets(&self) -> Vec<Range> {
        let range = |budget: &crate::protocol::Budget<P>| {
            Some(Range { name: budget.key, least: budget.least, most: (budget.of)(&self.system)? })
        };
        P::BUDGETS.iter().filter_map(range).collect()
    }

    fn claims(&self) -> Vec<&'static str> {
        entries(&self.claims).iter().map(|entry| entry.name).collect()
    }

    fn setting(&self) -> String {
        let none = self.budgets().iter().map(|range| range.least).collect::<Amounts>();
        let claims = Budgeted::claims(self).join(" ");
        format!("{:?} {:?} {claims}", self.with(&none).system, self.lengths)
    }

    fn search(
        &self,
        amounts: &[u8],
        names: &[&'static str],
        options: &RunOptions<'_>,
        watch: Watch<'_>,
    ) -> Result<Answer, SearchError> {
        let mut model = Model { witnesses: Vec::new(), runs: Vec::new(), fair: Vec::new(), ..self.with(amounts) };
        model.claims.retain(|claim| names.contains(&claim.entry.name));
        run(&model, options, watch)
    }
}

impl<P: Protocol> Model<P> {
    /// The same with these amounts for the budgets that it has.
    fn with(&self, amounts: &[u8]) -> Model<P> {
        let mut model = self.clone();
        let bounded = P::BUDGETS.iter().filter(|budget| (budget.of)(&self.system).is_some());
        bounded.zip(amounts).for_each(|(budget, amount)| (budget.set)(&mut model.system, *amount));
        model
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_combination_covers_what_allows_no_more() {
        let ranges = ["leases", "crashes"].map(|name| Range { name, least: 0, most: 3 });
        let (small, large) = ([1, 0], [2, 1]);
        assert!(covers(&large, &small) && covers(&small, &small) && !covers(&small, &large));
        assert!(!covers(&[0, 3], &small), "more of something else does not count");
        assert_eq!((weight(&small), weight(&large)), (1, 3));
        assert_eq!(in_words(&ranges, &large), "leases = 2, crashes = 1");
        assert_eq!(in_words(&ranges, &[0, 0]), "nothing");
    }

    #[test]
    fn amounts_are_from_the_least_to_the_models_own() {
        let ranges = [Range { name: "capacity", least: 1, most: 2 }, Range { name: "crashes", least: 0, most: 1 }];
        let of = |weight| {
            let mut found = Vec::new();
            add(&ranges, &mut Vec::new(), weight, &mut found);
            found
        };
        assert_eq!((of(0), of(1)), (vec![], vec![vec![1, 0]]));
        assert_eq!((of(2), of(3), of(4)), (vec![vec![2, 0], vec![1, 1]], vec![vec![2, 1]], vec![]));
    }
}
