//! Every model of a small protocol is as it says: searched natively, by Stateright and plainly, under three clocks.

use dhcpfo_header::head::{Class, Clock, Expect};
use dhcpfo_header::node::parse;
use dhcpfo_protocols::ALL;
use dhcpfo_study::answer::{Answer, RunOptions, Times};
use dhcpfo_study::{Family, Study, lattice};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Most states of a model that is searched here more than once.
const SMALL: u64 = 30_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path, family: &dyn Family) -> Box<dyn Study> {
    let text = std::fs::read_to_string(path).expect("a readable model");
    let name = path.display().to_string();
    let node = parse(&name, &text).expect("TOML");
    let whose = ALL.of(&node, "draft-12").expect("a known protocol").expect("no model of draft-12");
    assert_eq!(whose.name(), family.name(), "{name} lies in another protocol's folder");
    whose.model(&name, &node).unwrap_or_else(|errors| panic!("{errors}"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .collect();
    files.sort();
    files
}

/// Models that hold or are cut off, and broken ones, of a protocol.
fn models(family: &dyn Family) -> [Vec<Box<dyn Study>>; 2] {
    let folder = root().join("models").join(family.name());
    [folder.clone(), folder.join("broken")].map(|folder| files(&folder).iter().map(|path| read(path, family)).collect())
}

fn each(mut look: impl FnMut(&dyn Family, &dyn Study)) {
    for family in ALL.0 {
        models(*family).iter().flatten().for_each(|study| look(*family, &**study));
    }
}

fn is_large(study: &dyn Study) -> bool {
    let head = study.head();
    let known = matches!(head.expect, Expect::Holds { states: Some(states) } if states > SMALL);
    // What a broken model has in all stands nowhere: it is cut off where it ends.
    let whole = || RunOptions { max_states: Some(SMALL), ..RunOptions::whole() };
    head.class == Class::Full
        || known
        || study.check(&whole(), &mut |_| {}).is_ok_and(|answer| answer.cut_off.is_some())
}

fn search(study: &dyn Study, clock: Clock) -> Answer {
    let stop_at_first = matches!(study.head().expect, Expect::Refuted { .. });
    let options = RunOptions { clock, stop_at_first, threads: 2, ..RunOptions::whole() };
    study.check(&options, &mut |_| {}).unwrap_or_else(|error| panic!("{}: {error}", study.head().path))
}

/// What the search says of the claim that is expected to be refuted: the length and the times.
fn refuted(study: &dyn Study, answer: &Answer) -> Option<(u32, Times)> {
    let Expect::Refuted { claim, .. } = study.head().expect else { return None };
    let number = study.head().claims.iter().position(|known| known.name == claim)?;
    answer.claims[number].as_ref().map(|found| (found.length, found.times.clone()))
}

#[test]
fn every_model_is_as_it_says() {
    each(|_, study| {
        let head = study.head();
        if head.class == Class::Full {
            return;
        }
        let (path, answer) = (&head.path, search(study, head.clock));
        match head.expect {
            Expect::Holds { states } => {
                assert!(answer.cut_off.is_none() && answer.claims.iter().all(Option::is_none), "{path}: {answer:?}");
                let missing: Vec<_> =
                    head.witnesses.iter().zip(&answer.witnesses).filter(|(_, n)| n.is_none()).collect();
                assert!(missing.is_empty(), "{path} does not reach {missing:?}");
                assert_eq!(answer.unique, states.unwrap_or(answer.unique), "{path}");
            }
            Expect::Refuted { length, .. } => {
                let (found, times) = refuted(study, &answer).unwrap_or_else(|| panic!("{path}: not refuted"));
                assert_eq!(found, length.unwrap_or(found), "{path}");
                assert!(matches!(times, Times::Realised { .. }), "{path}: {times:?}");
            }
            Expect::CutOff { .. } => panic!("{path}: small models are searched to the end"),
        }
    });
}

#[test]
fn three_searches_count_the_same() {
    each(|_, study| {
        if !is_large(study) {
            let counts = study.counts().expect("threads");
            assert!(counts.agree(), "{}: {counts:?}", study.head().path);
        }
    });
}

/// A walk through two models that are one reaches what a search does, and parts nowhere.
#[test]
fn no_model_parts_from_itself() {
    each(|_, study| {
        if is_large(study) || !matches!(study.head().expect, Expect::Holds { .. }) {
            return;
        }
        let (path, answer) = (&study.head().path, search(study, Clock::TimeoutOrder));
        let parted = study.diff(study, u64::MAX).expect("one protocol, one size");
        assert_eq!((parted.common, parted.exhausted), (answer.unique, true), "{path}");
        assert!(parted.partings.is_empty(), "{path}: {:?}", parted.partings);
    });
}

/// What a protocol calls a budget is one: whatever is refuted with less of it is refuted with more, by no longer a path. Else
/// combinations that nobody searched would be judged wrongly.
#[test]
fn more_of_a_budget_allows_all_that_less_does() {
    let mut with = BTreeSet::new();
    each(|family, study| {
        let Some(model) = study.budgeted().filter(|_| !is_large(study)) else { return };
        let all = lattice::combinations(model, 20);
        let names = model.claims();
        let fates = |amounts: &lattice::Amounts| {
            let found = lattice::explore(model, amounts, &names, &RunOptions::whole(), &mut |_| {}).expect("a search");
            (amounts.clone(), found)
        };
        let found: Vec<_> = all.iter().map(fates).collect();
        let length = |found: &lattice::Found, name: &str| {
            found.claims.iter().find_map(|(claim, fate)| match fate {
                lattice::Fate::Refuted(length) if *claim == name => Some(*length),
                _ => None,
            })
        };
        for (small, less) in &found {
            for (_, more) in found.iter().filter(|(large, _)| lattice::covers(large, small)) {
                for name in &names {
                    let (less, more) = (length(less, name), length(more, name));
                    assert!(less.is_none_or(|less| more.is_some_and(|more| more <= less)), "{}", study.head().path);
                }
            }
        }
        with.insert(family.name());
    });
    let declared: BTreeSet<&str> = ALL.0.iter().filter(|one| !one.budgets().is_empty()).map(|one| one.name()).collect();
    assert_eq!(with, declared, "each that declares budgets has a model that bounds them");
    for family in ALL.0 {
        let keys = family.keys();
        let known = |budget: &str| keys.iter().any(|key| key.section == "system" && key.name == budget);
        assert!(family.budgets().iter().all(|budget| known(budget)), "{}", family.name());
    }
}

/// The small numbers of a model are an instance of what it declares; so what holds for all lengths holds for them, and
/// what is refuted for its seconds has small numbers that refute it.
#[test]
fn three_clocks_say_the_same() {
    each(|_, study| {
        let (path, expected) = (&study.head().path, refuted(study, &search_if_small(study)));
        if is_large(study) {
            return;
        }
        for clock in [Clock::Ticks, Clock::Exact] {
            let answer = search(study, clock);
            assert_eq!(answer.cut_off, None, "{path}");
            match &expected {
                None => assert!(answer.claims.iter().all(Option::is_none), "{path} under {clock:?}"),
                Some((length, _)) => {
                    let found = refuted(study, &answer).map(|(length, _)| length);
                    assert_eq!(found, Some(*length), "{path} under {clock:?}");
                }
            }
        }
        let inside = study.inside();
        assert_eq!(inside.missing, 0, "{path}: {inside:?}");
    });
}

fn search_if_small(study: &dyn Study) -> Answer {
    let options = RunOptions { max_states: is_large(study).then_some(1), ..RunOptions::whole() };
    let stop_at_first = matches!(study.head().expect, Expect::Refuted { .. });
    study.check(&RunOptions { stop_at_first, ..options }, &mut |_| {}).expect("a search")
}

/// No claim is there that nothing refutes, and no witness that no model has to reach.
#[test]
fn every_claim_is_refuted_and_every_witness_reached_somewhere() {
    for family in ALL.0 {
        let [holding, broken] = models(*family);
        let refuted = broken.iter().filter_map(|study| match study.head().expect {
            Expect::Refuted { claim, .. } => Some(claim),
            _ => None,
        });
        let refuted: BTreeSet<&str> = refuted.collect();
        let claims: BTreeSet<&str> = family.claims().iter().chain(&family.runs()).map(|claim| claim.name).collect();
        assert_eq!(refuted, claims, "{}", family.name());
        let reached: BTreeSet<&str> =
            holding.iter().flat_map(|study| study.head().witnesses.iter().map(|witness| witness.name)).collect();
        let witnesses: BTreeSet<&str> = family.witnesses().iter().map(|witness| witness.name).collect();
        assert_eq!(reached, witnesses, "{}", family.name());
    }
}

/// Each key that a mutant turns, and each other key of a system, is used by a model.
#[test]
fn every_key_of_a_system_is_used() {
    for family in ALL.0 {
        let folder = root().join("models").join(family.name());
        let all = files(&folder).into_iter().chain(files(&folder.join("broken")));
        let texts: String = all.map(|path| std::fs::read_to_string(path).expect("readable")).collect();
        for key in family.keys().iter().filter(|key| key.section == "system") {
            let used = texts.lines().any(|line| line.split('=').next().is_some_and(|name| name.trim() == key.name));
            assert!(used, "{}: no model says {}", family.name(), key.name);
        }
    }
}
