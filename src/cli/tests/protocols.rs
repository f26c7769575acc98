//! Models of small protocols at the command line: the verbs that take any protocol, and what is refused with a sentence.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhcpfo"));
    let Output { status, stdout, stderr } =
        command.args(args).current_dir(folder).stdin(Stdio::null()).output().expect("the command runs");
    (status.code().expect("an exit code"), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn here(args: &[&str]) -> (i32, String, String) {
    run(&root(), args)
}

const BROKEN: [&str; 5] = [
    "models/fischer/broken/wait-too-short.toml",
    "models/lf2/broken/always-long.toml",
    "models/resource-sharing/broken/forgotten-grant.toml",
    "models/split-scope/broken/overlap.toml",
    "models/split-scope/broken/refused-renewal.toml",
];

#[test]
fn a_counterexample_is_found_saved_and_played() {
    for (number, model) in BROKEN.into_iter().enumerate() {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("protocols-{number}.toml"));
        let file = file.to_str().unwrap();
        let (code, out, err) = here(&["check", model, "--no-times", "--save-scenario", file]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(out.contains(" is refuted in "), "{out}");
        let (code, out, err) = here(&["play", file]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(out.contains("REFUTED ") && out.ends_with("as expected\n"), "{out}");
    }
}

#[test]
fn random_runs_refute_and_shrink() {
    for model in BROKEN {
        let seed = |jobs| here(&["simulate", model, "--no-times", "--json", "--jobs", jobs]);
        let (code, out, err) = seed("1");
        assert_eq!((code, err.as_str()), (0, ""), "{model}: {out}");
        let document: Value = serde_json::from_str(&out).expect("JSON");
        let failure = &document["models"][0]["failures"][0];
        assert!(failure["shrunk-to"].as_u64() <= failure["actions"].as_u64(), "{out}");
        assert_eq!(seed("2").1, out, "the same for any number of threads");
    }
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let json = |threads| {
        let args = ["check", "models/fischer/three.toml", "models/resource-sharing/broken/no-margin.toml", "--json"];
        here(&[&args[..], &["--no-times", "--threads", threads]].concat())
    };
    let (code, out, _) = json("1");
    assert_eq!((code, json("2").1), (0, out.clone()));
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(document["models"][0]["unique"], 112);
    assert_eq!(document["models"][1]["claims"][0]["verdict"], "refuted");
}

#[test]
fn stateright_cross_and_list_take_them() {
    let (code, out, _) = here(&["stateright", "models/resource-sharing/two.toml"]);
    assert!(code == 0 && out.contains("  holds  200 states  "), "{out}");
    assert_eq!(here(&["stateright", "models/fischer/broken/no-wait.toml"]).0, 1);
    let (code, out, _) = here(&["cross", "models/fischer/four.toml", "models/split-scope/disjoint.toml"]);
    assert!(code == 0 && out.lines().all(|line| line.ends_with("agree")), "{out}");
    let (code, out, _) = here(&["list", "protocols"]);
    assert!(
        code == 0
            && ["draft-12", "fischer", "kea-ha", "lf2", "resource-sharing", "split-scope"]
                .iter()
                .all(|p| out.contains(p))
    );
    assert!(here(&["list", "models"]).1.contains("models/lf2/2-1-1.toml"));
}

#[test]
fn every_scenario_of_a_small_protocol_is_as_it_says() {
    let folder = root().join("scenarios/protocols");
    let mut files: Vec<String> = fs::read_dir(folder)
        .expect("scenarios")
        .map(|entry| format!("scenarios/protocols/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    files.sort();
    assert!(files.len() >= 7);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let (code, out, err) = here(&[&["play"], &files[..]].concat());
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let (code, out, _) = here(&[&["play", "--json"], &files[..1]].concat());
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((code, &lines[0]["kind"], &lines[0]["version"]), (0, &"dhcpfo-play".into(), &1.into()));
    assert_eq!(lines.last().unwrap()["as-expected"], true);
}

#[test]
fn what_is_of_another_protocol_is_2_with_file_line_and_what_would_be_accepted() {
    const HEAD: &str = "title = \"x\"\nclass = \"smoke\"\n";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("protocols-bad");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let cases = [
        (
            "protocol = \"fisher\"\nclaims = \"all\"\n",
            "x.toml:3: protocol: there is no protocol `fisher`; did you mean `fischer`? (accepted: draft-12, fischer, kea-ha, lf2, ",
        ),
        (
            "protocol = \"fischer\"\nclaims = [\"mclt-bound\"]\n",
            "x.toml:4: claims: there is no claim of fischer `mclt-bound` (accepted: mutual-exclusion, named-inside)",
        ),
        (
            "protocol = \"fischer\"\nclaims = \"all\"\n[system]\naddresses = [\"primary\"]\n",
            "x.toml:6: system.addresses: there is no such key (accepted: processes, waits, looks)",
        ),
        (
            "protocol = \"fischer\"\nclaims = \"all\"\n[budgets]\nleases = 2\n",
            "x.toml:5: budgets: there is no such key (accepted: protocol, ",
        ),
        ("claims = [\"mutual-exclusion\"]\n", "x.toml:3: claims: there is no claim `mutual-exclusion` (accepted: no-"),
        ("claims = \"all\"\n[system]\nprocesses = 2\n", "x.toml:5: system.processes: there is no such key (accepted: "),
    ];
    for (text, error) in cases {
        fs::write(folder.join("x.toml"), format!("{HEAD}{text}")).unwrap();
        let (code, out, err) = run(&folder, &["check", "x.toml"]);
        assert_eq!((code, out.as_str()), (2, ""), "{text}");
        assert!(err.starts_with(error) && err.lines().count() == 1, "{text}: {err}");
    }
}

#[test]
fn verbs_that_know_draft_12_only_say_so() {
    let model = "models/fischer/two.toml";
    let only = "models/fischer/two.toml:1: protocol: is `fischer`, and this goes with models of draft-12 only (accepted: draft-12)\n";
    for args in [
        &["report", model][..],
        &["diff", model, "models/one-address.toml"],
        &["check", model, "--lattice", "--weight", "1"],
        &["check", model, "--twins"],
    ] {
        let (code, out, err) = here(args);
        assert_eq!((code, out.as_str(), err.as_str()), (2, "", only), "{args:?}");
    }
    for args in [&["check", model, "--clock", "untimed"][..], &["simulate", model, "--refine"]] {
        let (code, out, err) = here(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.contains(model), "{args:?}: {err}");
    }
    let (code, _, err) = here(&["play", "--minimise", "scenarios/protocols/split-scope-overlap.toml"]);
    assert!(code == 2 && err.contains("--minimise goes with scenarios of draft-12 only"), "{err}");
}
