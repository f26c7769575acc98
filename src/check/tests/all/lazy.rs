//! An order that is decided when it is asked for, against the order that is decided at once.

use dhcpfo_check::reach;
use dhcpfo_check::run::{Answer, Clock, RunOptions, Times, run};
use dhcpfo_check::world::WorldSpace;
use dhcpfo_clock::{Detail, Room};
use dhcpfo_files::model::{ModelFile, model};
use dhcpfo_search::covering::{Covering, search};
use dhcpfo_search::outcome::{Bound, End, Options};
use std::path::Path;

/// Models with more states under the order of all deadlines are searched by `.ci/run`.
const MOST: u64 = 20_000;

/// The models in these folders that are searched under the order of deadlines, and judged state by state.
fn models() -> Vec<ModelFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = Vec::new();
    for folder in ["models", "models/broken"] {
        let files = std::fs::read_dir(root.join(folder)).expect("a folder of the repository");
        paths.extend(files.map(|file| file.expect("a file").path()).filter(|path| path.is_file()));
    }
    paths.sort();
    let read = |path: &str| std::fs::read_to_string(path);
    let of = |path: &std::path::PathBuf| model(path.to_str().expect("UTF-8"), &read).ok();
    let judged = |file: &ModelFile| file.clock == Clock::TimeoutOrder && !reach::is_wanted(&file.model);
    paths.iter().filter_map(of).filter(judged).collect()
}

fn searched(file: &ModelFile, clock: Clock, most: Option<u64>) -> Answer {
    let options = RunOptions { clock, max_states: most, threads: 2, ..RunOptions::whole() };
    run(&file.model, &options, &mut |_| {}).expect("it can be searched").0
}

/// The lengths of what was refuted and reached.
fn lengths(answer: &Answer) -> (Vec<Option<u32>>, Vec<Option<u32>>) {
    let refuted = answer.claims.iter().map(|found| found.as_ref().map(|found| found.length));
    (refuted.collect(), answer.witnesses.clone())
}

#[test]
fn verdicts_and_lengths_are_those_of_the_order_that_is_decided_at_once() {
    let (mut models_seen, mut refuted, mut states, mut fewer) = (0, 0, 0, 0);
    for file in models() {
        let order = searched(&file, Clock::TimeoutOrder, Some(MOST));
        if order.cut_off.is_some() {
            continue;
        }
        let lazy = searched(&file, Clock::Lazy, None);
        assert_eq!(lengths(&lazy), lengths(&order), "{}", file.path);
        for found in lazy.claims.iter().flatten() {
            assert!(matches!(found.times, Times::Realised { .. }), "{}: {:?}", file.path, found.times);
            refuted += 1;
        }
        models_seen += 1;
        states += order.unique;
        fewer += lazy.unique;
    }
    assert!(models_seen >= 20 && refuted >= 12, "{models_seen} models, {refuted} claims refuted");
    assert!(fewer < states / 2, "{fewer} states instead of {states}");
}

fn counts(space: &impl Covering, threads: usize) -> (u64, u64, u64, u64, Vec<(u32, u32)>) {
    let found = search(space, &Options { threads, ..Options::default() }, &mut |_| {}).expect("threads");
    let counts = &found.counts;
    let sightings = found.sightings.iter().map(|seen| (seen.bit, seen.depth)).collect();
    (counts.stored, counts.kept, counts.discrete, counts.edges, sightings)
}

#[test]
fn counts_do_not_depend_on_the_number_of_threads() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/two-addresses.toml");
    let file = model(root, &|path| std::fs::read_to_string(path)).expect("a model");
    let lengths = &file.model.lengths;
    let numbers = || WorldSpace::new(&file.model, lengths.lazy_exact(Detail::Whole));
    let all = || WorldSpace::new(&file.model, lengths.lazy(Room::ALL[1]));
    assert_eq!(counts(&numbers(), 1), counts(&numbers(), 3));
    assert_eq!(counts(&all(), 1), counts(&all(), 3));
}

/// The same spaces without a state that stands for another: more states, and the same flags as near.
#[test]
fn what_is_covered_brings_nothing_new() {
    let (mut compared, mut stored, mut fewer) = (0, 0, 0);
    for file in models() {
        let space = WorldSpace::new(&file.model, file.model.lengths.lazy_exact(Detail::Whole));
        let options = Options { max_depth: Some(8), max_states: Some(8_000), threads: 2, ..Options::default() };
        let native = dhcpfo_search::search(&space, &options, &mut |_| {}).expect("threads");
        if native.end == End::CutOff(Bound::States) {
            continue;
        }
        let covered = search(&space, &options, &mut |_| {}).expect("threads");
        let hits: Vec<_> = native.hits.iter().map(|hit| (hit.bit, hit.depth)).collect();
        let sightings: Vec<_> = covered.sightings.iter().map(|seen| (seen.bit, seen.depth)).collect();
        assert_eq!(sightings, hits, "{}", file.path);
        compared += 1;
        stored += native.stats.unique;
        fewer += covered.counts.stored;
    }
    assert!(compared >= 40 && fewer < stored, "{compared} models, {fewer} states of {stored}");
}
