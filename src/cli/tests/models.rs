//! Every model is as it says: what must be refuted is, in the length that it gives; what must hold does.
//!
//! Models in which the committed verdicts count many states are left to `dhcpfo check` in release mode, which `.ci/run` runs.

use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// Most states of a model that is searched here.
const MOST_STATES: u64 = 300_000;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// How many states the committed verdicts count, by the path of the model.
fn counted() -> HashMap<String, u64> {
    let text = std::fs::read_to_string(root().join("reports/golden/verdicts.json")).expect("the verdicts are there");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let models = document["models"].as_array().expect("a list of models");
    let row = |model: &Value| Some((model["path"].as_str()?.to_owned(), model["unique"].as_u64()?));
    models.iter().filter_map(row).collect()
}

fn check(class: &str, folder: &str) {
    let counted = counted();
    let mut files: Vec<String> = std::fs::read_dir(root().join(folder))
        .expect("there are models")
        .filter_map(|entry| Some(format!("{folder}/{}", entry.ok()?.file_name().to_str()?)))
        .filter(|path| path.ends_with(".toml"))
        .filter(|path| {
            let text = std::fs::read_to_string(root().join(path)).expect("readable");
            text.contains(&format!("class = \"{class}\""))
                && counted.get(path).is_none_or(|states| *states <= MOST_STATES)
        })
        .collect();
    files.sort();
    assert!(files.len() > 20, "{folder} has lost its models");
    let output = Command::new(env!("CARGO_BIN_EXE_dhcpfo"))
        .current_dir(root())
        .args(["check", "--quiet"])
        .args(&files)
        .output()
        .expect("the command runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn broken_models_are_refuted_as_they_say() {
    check("broken", "models/broken");
}

/// With the repaired rules nothing of that happens, as far as a few seconds go.
#[test]
fn twins_of_broken_models_are_not_refuted() {
    let run = Command::new(env!("CARGO_BIN_EXE_dhcpfo"))
        .current_dir(root())
        .args(["check", "--twins", "--no-times", "--states", "20000"])
        .output()
        .expect("the command runs");
    let text = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{text}{}", String::from_utf8_lossy(&run.stderr));
    assert!(text.lines().count() > 30, "the broken models have lost their twins: {text}");
}

#[test]
fn smoke_models_hold() {
    check("smoke", "models");
}

/// Every mutant and known departure has a model that refutes it or a reason; the list is the committed one.
#[test]
fn every_mutant_is_accounted_for() {
    let run = Command::new(env!("CARGO_BIN_EXE_dhcpfo")).current_dir(root()).args(["list", "mutants"]).output();
    let run = run.expect("the command runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let golden = root().join("reports/golden/mutants.md");
    dhcpfo_report::golden::compare_or_update(&golden, &String::from_utf8_lossy(&run.stdout)).unwrap();
}
