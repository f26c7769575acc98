//! Random runs of the models that the repository has.

use dhcpfo_files::{ModelFile, from_disk};
use dhcpfo_simulate::swarm::Plan;
use dhcpfo_simulate::walk::{Bag, Bounds, Hunt, Lengths, Parted, hunt, replay, walk};
use std::path::Path;

fn model(name: &str) -> ModelFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
    dhcpfo_files::model::model(path.to_str().unwrap(), &from_disk).unwrap()
}

fn hunted(name: &str, runs: u64, failures: u32, follow: bool) -> (ModelFile, Bag, Parted) {
    let file = model(name);
    let lengths = if follow { Lengths::Small } else { Lengths::Either };
    let bounds = Bounds { actions: 60, ..Bounds::default() };
    let plan = Hunt { plan: Plan::new(1, runs), bounds, lengths, follow, failures };
    let (bag, parted, _) = hunt(&file.model, &plan, &mut |_| {});
    (file, bag, parted)
}

/// Every step of a run is one that the searches allow. More by hand: `dhcpfo simulate MODEL --refine --runs 10000`.
#[test]
fn runs_do_what_searches_allow() {
    for name in ["one-address.toml", "two-addresses.toml", "conflict-ladder.toml", "packets.toml", "message-age.toml"] {
        let (_, bag, parted) = hunted(name, 40, 1, true);
        assert_eq!(parted.map(|(seed, what)| format!("{seed}: {what}")), None, "{name}");
        assert_eq!((bag.tally.runs, bag.failures.len()), (40, 0), "{name}");
        assert!(bag.tally.actions > 200, "{name}: {} actions are no runs", bag.tally.actions);
    }
}

/// A client that gave up and asked again has two acknowledgements under way that differ only in when their leases end.
/// Which of them arrives stands in the action, or run and search take different ones.
#[test]
fn alike_acknowledgements_are_told_apart() {
    let file = model("packets.toml");
    let (walk, parted) = walk(&file.model, 368, Bounds::default(), Lengths::Small, true);
    assert_eq!(parted, None);
    let texts: Vec<String> = walk.run.steps.iter().map(|(_, action)| action.to_string()).collect();
    assert!(texts.iter().any(|text| text.ends_with("ACK a0 end 2")), "{texts:#?}");
}

/// A correct protocol is not refuted.
#[test]
fn correct_models_are_not_refuted() {
    for name in ["one-address.toml", "pool-reclaiming.toml", "storage-loss.toml", "first-start.toml"] {
        let (_, bag, _) = hunted(name, 2_000, 1, false);
        assert_eq!(bag.failures.iter().map(|failure| failure.claim).next(), None, "{name}");
    }
}

/// Broken ones are, and what is left of a failure is not much longer than a shortest counterexample.
#[test]
fn failures_shrink() {
    let broken = [
        ("broken/m01-no-mclt-in-wait-duplicate.toml", 4),
        ("broken/m04-lead-on-sent.toml", 2),
        ("broken/m08-giver-goes-on-duplicate.toml", 4),
        ("broken/m20-buckets-inverted.toml", 1),
        ("broken/m26-window-ignored.toml", 2),
        ("broken/q51-reset-over-a-lease.toml", 4),
    ];
    for (name, shortest) in broken {
        let (file, bag, _) = hunted(name, 30_000, 3, false);
        let failure = bag.shortest().unwrap_or_else(|| panic!("{name}: not found in {} runs", bag.tally.runs));
        let length = failure.shrunk.steps.len();
        assert!((shortest..=2 * shortest).contains(&length), "{name}: {length} for {shortest}");
        let again = replay(&file.model, &failure.shrunk, failure.claim);
        assert_eq!(again.as_ref(), Some(&failure.shrunk), "{name}");
        for place in 0..length {
            let mut less = failure.shrunk.clone();
            less.steps.remove(place);
            let found = replay(&file.model, &less, failure.claim);
            assert!(found.is_none_or(|found| found.steps.len() >= length), "{name}: {place} can be left out");
        }
    }
}

/// The same seed gives the same run, and the same bag for any number of threads.
#[test]
fn seeds_decide() {
    let file = model("broken/m01-no-mclt-in-wait-duplicate.toml");
    let bounds = Bounds::default();
    let run = |seed| walk(&file.model, seed, bounds, Lengths::Either, false).0.run;
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
    let bag = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let (_, bag, _) = pool.install(|| hunted("broken/m06-free-on-send.toml", 3_000, 4, false));
        let failures: Vec<_> = bag.failures.into_iter().map(|f| (f.seed, f.claim, f.run, f.shrunk)).collect();
        (bag.tally.runs, bag.tally.actions, failures)
    };
    assert_eq!(bag(1), bag(3));
}
