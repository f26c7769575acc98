//! `dhcpfo check --lattice` as a command: what it decides, kills and resumption, parts of an array job.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MODEL: &str = r#"
title = "x"
class = "study"
claims = ["no-duplicate-address", "acked-before-reuse"]
[system]
split-steps = false
[budgets]
leases = 2
crashes = 1
partner-downs = 1
link-breaks = 1
"#;

fn dhcpfo(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dhcpfo")).args(arguments).current_dir(folder).output().expect("the command runs")
}

fn lattice(folder: &Path, model: &str, more: &[&str]) -> (Option<i32>, Value) {
    up_to(folder, model, "3", more)
}

fn up_to(folder: &Path, model: &str, weight: &str, more: &[&str]) -> (Option<i32>, Value) {
    let output = dhcpfo(folder, &[&["check", model, "--lattice", "--weight", weight, "--json"], more].concat());
    let document = serde_json::from_slice(&output.stdout);
    (output.status.code(), document.unwrap_or_else(|error| panic!("{error}: {}", said(&output))))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("lattice-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("good.toml"), MODEL).unwrap();
    let bad = MODEL.replace("link-breaks = 1\n", "");
    fs::write(folder.join("bad.toml"), format!("{bad}[rules]\nlead-base = \"unbounded\"\n")).unwrap();
    folder
}

fn all(document: &Value, what: &str) -> u64 {
    document["weights"].as_array().unwrap().iter().map(|row| row[what].as_u64().unwrap()).sum()
}

#[test]
fn what_holds_is_exhausted_and_what_does_not_has_its_smallest_combination() {
    let folder = folder("decides");
    let (code, good) = lattice(&folder, "good.toml", &[]);
    assert_eq!(code, Some(0));
    assert_eq!(all(&good, "exhausted"), all(&good, "combinations"));
    assert_eq!(good["frontier"], "decided for all combinations of weight up to 3");
    // Two leases, a crash and a command.
    let (code, bad) = up_to(&folder, "bad.toml", "4", &[]);
    assert_eq!(code, Some(1));
    let refuted = bad["refuted"].as_array().unwrap();
    let duplicate = refuted.iter().find(|one| one["claim"] == "no-duplicate-address").expect("a duplicate");
    assert_eq!(duplicate["budgets"], serde_json::json!({"crashes": 1, "partner-downs": 1, "leases": 2}));
    let alone = dhcpfo(&folder, &["check", "bad.toml", "--json", "--no-times", "--depth", "6"]);
    let alone: Value = serde_json::from_slice(&alone.stdout).unwrap();
    assert_eq!(duplicate["length"], alone["models"][0]["claims"][0]["length"], "with all budgets it is no shorter");
    assert_eq!(all(&bad, "cut-off") + all(&bad, "not-searched"), 0);
}

#[test]
fn a_bound_is_told_and_does_not_pass() {
    let folder = folder("bound");
    let (code, document) = lattice(&folder, "good.toml", &["--depth", "3"]);
    assert_eq!(code, Some(3));
    assert!(all(&document, "cut-off") > 0, "{document}");
    let text = dhcpfo(&folder, &["check", "good.toml", "--lattice", "--weight", "3", "--depth", "3"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("seen to depth"), "{}", said(&text));
}

#[test]
fn what_a_kill_left_is_gone_on_with() {
    let folder = folder("resumes");
    let (_, whole) = lattice(&folder, "good.toml", &["--log", "whole.jsonl"]);
    let text = fs::read_to_string(folder.join("whole.jsonl")).unwrap();
    // Cut off within a line, wherever that is.
    for cut in [text.len() / 3, text.len() / 2, text.len() - 2] {
        fs::write(folder.join("cut.jsonl"), &text[..cut]).unwrap();
        let (code, resumed) = lattice(&folder, "good.toml", &["--log", "cut.jsonl"]);
        assert_eq!((code, &resumed["weights"]), (Some(0), &whole["weights"]), "cut at {cut}");
    }
    let lines = |name: &str| fs::read_to_string(folder.join(name)).unwrap().lines().count();
    let before = lines("whole.jsonl");
    lattice(&folder, "good.toml", &["--log", "whole.jsonl"]);
    assert_eq!(lines("whole.jsonl"), before, "nothing is searched twice");
}

#[test]
fn what_was_cut_off_is_searched_again_with_more_states() {
    let folder = folder("deeper");
    let lines = || fs::read_to_string(folder.join("x.jsonl")).unwrap().lines().count();
    let (code, small) = lattice(&folder, "good.toml", &["--log", "x.jsonl", "--states", "20"]);
    assert_eq!(code, Some(3));
    assert!(all(&small, "cut-off") > 0, "{small}");
    let before = lines();
    lattice(&folder, "good.toml", &["--log", "x.jsonl", "--states", "20"]);
    assert_eq!(lines(), before, "with the same bound nothing is searched again");
    let (code, large) = lattice(&folder, "good.toml", &["--log", "x.jsonl"]);
    assert_eq!((code, all(&large, "cut-off")), (Some(0), 0), "{large}");
    assert!(lines() > before);
}

#[test]
fn parts_are_the_whole() {
    let folder = folder("parts");
    let (_, whole) = lattice(&folder, "good.toml", &[]);
    for (part, log) in [("1/2", "1.jsonl"), ("2/2", "2.jsonl")] {
        let (code, document) = lattice(&folder, "good.toml", &["--shard", part, "--log", log]);
        assert!(all(&document, "exhausted") < all(&whole, "exhausted"), "{part} is a part");
        assert_eq!(code, Some(3), "{part} alone decides not everything");
    }
    let (code, merged) = lattice(&folder, "good.toml", &["--merge", "1.jsonl", "2.jsonl"]);
    assert_eq!((code, &merged["weights"]), (Some(0), &whole["weights"]));
}

#[test]
fn a_log_of_something_else_is_refused() {
    let folder = folder("refuses");
    lattice(&folder, "good.toml", &["--log", "x.jsonl"]);
    let refused = |arguments: &[&str], why: &str| {
        let output = dhcpfo(&folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains(why), "{}", said(&output));
    };
    let before = fs::read(folder.join("x.jsonl")).unwrap();
    refused(
        &["check", "bad.toml", "--lattice", "--weight", "3", "--log", "x.jsonl"],
        "x.jsonl:1: is about another model",
    );
    assert_eq!(fs::read(folder.join("x.jsonl")).unwrap(), before);
    refused(&["check", "good.toml", "--lattice", "--weight", "3", "--log", "good.toml"], "good.toml:1: is no log");
    refused(&["check", "--lattice", "--weight", "3"], "goes with one model, not with 0");
    refused(&["check", "good.toml", "--lattice"], "--weight");
}
