//! `dhcpfo check --inequalities` and `--sweep` from outside.

use dhcpfo_documents::inequalities::{Inequalities, Sweep};
use dhcpfo_documents::lattice::Fate;
use std::process::{Command, Output};

fn check(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhcpfo"));
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    command.arg("check").args(args).current_dir(root).output().expect("the command")
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).expect("UTF-8")
}

#[test]
fn a_verdict_is_told_with_what_it_needs() {
    let output = check(&["models/fischer/two.toml", "--inequalities"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let needs = "mutual-exclusion holds and needs set < wait: without it, it is refuted in 6 actions. It fails where wait <= set, \
                 and for no other lengths";
    assert!(told.contains(needs) && told.contains("for instance with set = 1, wait = 1:"), "{told}");
    let output = check(&["models/fischer/two.toml", "--inequalities", "--json"]);
    let document: Inequalities = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!(document.declared, ["set < wait"]);
    assert!(document.with_all.claims.values().all(Option::is_none));
    let refuted = document.without["set < wait"].claims["mutual-exclusion"].as_ref().expect("it needs that");
    assert_eq!((refuted.length, refuted.only_there, refuted.actions.len()), (6, true, 6));
    assert_eq!(refuted.conditions, [["wait <= set"]]);
}

/// The failover protocol: without `mclt < lease` PARTNER-DOWN is waited for too briefly.
#[test]
fn draft_12_is_asked_too() {
    let output = check(&["models/mclt-core.toml", "--inequalities", "--json"]);
    let document: Inequalities = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!((output.status.code(), document.exit), (Some(0), 0));
    assert_eq!(document.declared, ["mclt < lease", "lease < potential"]);
    let refuted = |pair: &str| {
        let claims = document.without[pair].claims.iter();
        claims.filter_map(|(name, refuted)| refuted.is_some().then_some(name.clone())).collect::<Vec<_>>()
    };
    assert_eq!(refuted("mclt < lease"), ["partner-down-wait"]);
    assert!(refuted("lease < potential").is_empty());
}

#[test]
fn what_is_cut_off_is_open_and_ends_with_3() {
    let output = check(&["models/mclt-core.toml", "--inequalities", "--states", "1000"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("no-duplicate-address is open: the search was cut off"), "{told}");
}

#[test]
fn each_choice_of_lengths_has_a_verdict() {
    let output = check(&["models/fischer/two.toml", "--sweep", "set=1..2", "--sweep", "wait=1..3", "--json"]);
    let document: Sweep = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!((output.status.code(), document.rows.len(), document.clock.as_str()), (Some(0), 6, "exact"));
    for row in &document.rows {
        let (set, wait) = (row.lengths["set"], row.lengths["wait"]);
        assert_eq!(row.is_declared, set < wait);
        assert_eq!(row.claims["mutual-exclusion"] == Fate::Holds, set < wait, "{row:?}");
    }
    let told = text(&check(&["models/fischer/two.toml", "--sweep", "wait=1"]).stdout);
    assert!(told.contains("set = 1") && told.contains("(not as declared)"), "{told}");
}

#[test]
fn wrong_words_end_with_2_and_say_what_is_accepted() {
    let model = "models/fischer/two.toml";
    let cases: [(&[&str], &str); 8] = [
        (
            &[model, "--sweep", "mclt=1..8"],
            "there is no length `mclt` in models/fischer/two.toml (accepted: set, wait)",
        ),
        (&[model, "--sweep", "set=0..8"], "`set=0..8` is no range of lengths (accepted: such as mclt=1..8"),
        (&[model, "--sweep", "set=8..1"], "is no range of lengths"),
        (&[model, "--sweep", "set=1..2", "--sweep", "set=3"], "`set` is swept twice"),
        (
            &[model, "--sweep", "set=1..200", "--sweep", "wait=1..200"],
            "40,000 choices of lengths (accepted: up to 10,000)",
        ),
        (&[model, "--sweep", "set=1", "--clock", "timeout-order"], "(accepted: exact, ticks, lazy-exact)"),
        (&[model, model, "--inequalities"], "--inequalities goes with one model, not with 2"),
        (&[model, "--inequalities", "--clock", "exact"], "(accepted with it: --clock lazy)"),
    ];
    for (args, wanted) in cases {
        let output = check(args);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains(wanted) && output.stdout.is_empty(), "{args:?}: {told}");
    }
}
