//! Every model is as it says: what must be refuted is, in the length that it gives; what must hold does.
//!
//! The largest smoke models, and the broken models that go on to a duplicate address, are left to `dhcpfo check` in release mode, which `.ci/run` runs as well.

use std::process::Command;

fn check(class: &str, most_states: u64) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folder = format!("{root}/models{}", if class == "broken" { "/broken" } else { "" });
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .expect("there are models")
        .filter_map(|entry| Some(entry.ok()?.path().to_str()?.to_owned()))
        .filter(|path| path.ends_with(".toml") && !path.ends_with("-duplicate.toml"))
        .filter(|path| {
            let text = std::fs::read_to_string(path).expect("readable");
            let states = text.lines().find_map(|line| line.strip_prefix("states = ")?.replace('_', "").parse().ok());
            text.contains(&format!("class = \"{class}\"")) && states.is_none_or(|states: u64| states <= most_states)
        })
        .collect();
    files.sort();
    assert!(files.len() > 5, "{folder} has lost its models");
    let output = Command::new(env!("CARGO_BIN_EXE_dhcpfo"))
        .current_dir(root)
        .args(["check", "--quiet"])
        .args(&files)
        .output()
        .expect("the command runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn broken_models_are_refuted_as_they_say() {
    check("broken", u64::MAX);
}

/// With the repaired rules nothing of that happens, as far as a few seconds go.
#[test]
fn twins_of_broken_models_are_not_refuted() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let run = Command::new(env!("CARGO_BIN_EXE_dhcpfo"))
        .current_dir(root)
        .args(["check", "--twins", "--no-times", "--states", "20000"])
        .output()
        .expect("the command runs");
    let text = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{text}{}", String::from_utf8_lossy(&run.stderr));
    assert!(text.lines().count() > 30, "the broken models have lost their twins: {text}");
}

#[test]
fn smoke_models_hold() {
    check("smoke", 300_000);
}

/// Every mutant and known departure has a model that refutes it or a reason; the list is the committed one.
#[test]
fn every_mutant_is_accounted_for() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let run = Command::new(env!("CARGO_BIN_EXE_dhcpfo")).current_dir(root).args(["list", "mutants"]).output();
    let run = run.expect("the command runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let golden = std::path::Path::new(root).join("reports/golden/mutants.md");
    dhcpfo_report::golden::compare_or_update(&golden, &String::from_utf8_lossy(&run.stdout)).unwrap();
}
