//! `dhcpfo audit` as a gate: what it writes for machines, and what it makes of what was found before.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn captures(names: &[&str]) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../audit/tests/audit/captures");
    names.iter().map(|name| folder.join(name)).collect()
}

fn audit(names: &[&str], args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhcpfo"));
    let output = command.arg("audit").args(captures(names)).args(args).output().unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("audit-{name}"));
    let _ = fs::remove_file(&path);
    path.display().to_string()
}

const DUPLICATE: &[&str] = &["isc-b01-link.pcap", "isc-b01-lan.pcap"];
const REFUSED: &[&str] = &["isc-names-differ.pcap"];

/// What `audit --json` prints, in a file.
fn baseline(name: &str, captures: &[&str]) -> String {
    let path = file(name);
    fs::write(&path, audit(captures, &["--json"]).out).unwrap();
    path
}

#[test]
fn what_is_known_passes_and_what_is_new_does_not() {
    let known = baseline("known.json", DUPLICATE);
    let ran = audit(DUPLICATE, &["--baseline", &known]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("violated no-duplicate-address"), "it is still shown: {}", ran.out);
    assert!(ran.out.contains("0 worse, 0 better than in"), "{}", ran.out);
    // Other captures: other findings, and much that was judged is not.
    let ran = audit(REFUSED, &["--baseline", &known]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(
        ran.out.contains("worse: connection-accepted: a finding of a kind that was not there: 10.77.1.2"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("worse: no-duplicate-address: not judged any more, was violated"), "{}", ran.out);
    assert!(ran.out.contains("better: no-duplicate-address: not found any more: "), "{}", ran.out);
    let json: Value = serde_json::from_str(&audit(REFUSED, &["--json", "--baseline", &known]).out).unwrap();
    assert_eq!(json["exit"], 1);
    assert!(json["baseline"].as_array().unwrap().iter().any(|difference| difference["worse"] == true), "{json:#}");
    // Only what is worse makes it fail.
    let both: Vec<&str> = DUPLICATE.iter().chain(REFUSED).copied().collect();
    let more = baseline("more.json", &both);
    let mut document: Value = serde_json::from_str(&fs::read_to_string(&more).unwrap()).unwrap();
    document["claims"] = Value::Array(Vec::new());
    fs::write(&more, document.to_string()).unwrap();
    let ran = audit(REFUSED, &["--baseline", &more]);
    assert!(ran.code == 0 && ran.out.contains("0 worse, "), "{}", ran.out);
}

#[test]
fn a_baseline_that_is_none_is_refused() {
    let path = file("none.json");
    let ran = audit(REFUSED, &["--baseline", &path]);
    assert!(ran.code == 2 && ran.err.starts_with(&path), "{}", ran.err);
    fs::write(&path, "{\"version\": 1, \"models\": []}").unwrap();
    let ran = audit(REFUSED, &["--baseline", &path]);
    assert!(
        ran.code == 2 && ran.err.contains("missing field `exit`") && ran.err.contains("would be accepted"),
        "{}",
        ran.err
    );
}

#[test]
fn files_of_kea_are_judged_and_what_is_for_failover_only_is_refused() {
    let kea = |names: &[&str], args: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| format!("../kea/k05/{name}")).collect();
        audit(&names.iter().map(String::as_str).collect::<Vec<_>>(), args)
    };
    let whole = kea(&["control.pcap.gz", "lan.pcap.gz", "s0.log.gz", "s1.log.gz", "s0.csv", "s1.csv"], &[]);
    assert_eq!(whole.code, 1, "{}", whole.err);
    assert!(whole.out.contains("violated heard-before-serving (kea-ha sections 3 and 8)"), "{}", whole.out);
    assert_eq!(kea(&["s0.log.gz"], &[]).code, 0);
    let one = kea(&["s0.csv"], &[]);
    assert_eq!(one.code, 3, "{}", one.out);
    let refused = kea(&["s0.csv"], &["--timeline"]);
    assert_eq!(refused.code, 2);
    let accepted = "--timeline: is for captures of failover; --json and --server would be accepted";
    assert!(refused.err.contains(accepted), "{}", refused.err);
}

#[test]
fn junit_has_a_case_for_each_claim() {
    let path = file("junit.xml");
    let ran = audit(REFUSED, &["--junit", &path]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    let xml = fs::read_to_string(&path).unwrap();
    assert!(xml.contains("<testsuite name=\"audit\" tests=\"23\""), "{xml}");
    assert!(xml.contains("failures=\"1\"") && xml.contains("10.77.1.2 (secondary) refuses 10.77.1.1"), "{xml}");
    assert!(xml.contains("<skipped message=\"no occasion in the capture\""), "{xml}");
    // What is known is no failure.
    let known = baseline("junit.json", REFUSED);
    assert_eq!(audit(REFUSED, &["--junit", &path, "--baseline", &known]).code, 0);
    assert!(fs::read_to_string(&path).unwrap().contains("failures=\"0\""));
    assert_eq!(audit(REFUSED, &["--junit", "/nowhere/junit.xml"]).code, 2);
}

#[test]
fn annotations_are_for_what_makes_the_gate_fail() {
    let ran = audit(REFUSED, &["--github"]);
    assert!(
        ran.out.contains("::error file=") && ran.out.contains(",title=connection-accepted::10.77.1.2"),
        "{}",
        ran.out
    );
    let known = baseline("github.json", REFUSED);
    assert!(!audit(REFUSED, &["--github", "--baseline", &known]).out.contains("::error"));
    assert_eq!(audit(REFUSED, &["--github", "--json"]).code, 2);
}
