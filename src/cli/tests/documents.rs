//! What the command writes as JSON is of the types and schemas that it says. Servers write theirs in `serve`.

mod fits;

use dhcpfo_documents::{
    SCHEMAS, audit, coverage, diff, kea_audit, lattice, lists, matrix, play, population, recording, runs, story, trace,
    verdicts,
};
use fits::{fits, says};
use std::path::{Path, PathBuf};
use std::process::Command;

const OLD: &str = "src/cli/tests/written_by_0_1";
const MODEL: &str = "src/cli/tests/written_by_0_1/model.toml";
const BROKEN: &str = "models/broken/m01-no-mclt-in-wait-duplicate.toml";
const CAPTURES: [&str; 2] =
    ["src/audit/tests/audit/captures/isc-b01-link.pcap", "src/audit/tests/audit/captures/isc-b01-lan.pcap"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dhcpfo")).args(arguments).current_dir(root()).output();
    let output = output.expect("the command runs");
    let text = |octets: Vec<u8>| String::from_utf8(octets).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// What is printed by a command that ends as it should.
fn printed(arguments: &[&str], code: i32) -> String {
    let (ended, out, says) = run(arguments);
    assert_eq!(ended, Some(code), "{arguments:?}: {says}");
    out
}

fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    let _ = std::fs::remove_file(&path);
    path.display().to_string()
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("a file")
}

#[test]
fn searches() {
    type T = verdicts::Verdicts;
    says::<T>("verdicts", &printed(&["check", MODEL, BROKEN, "--json"], 0), verdicts::FORMAT);
    let plain = printed(&["check", MODEL, "--json", "--no-times"], 0);
    says::<T>("verdicts", &plain, verdicts::FORMAT);
    let (_, compared, _) = run(&["check", MODEL, "--json", "--baseline", &format!("{OLD}/verdicts.json")]);
    assert!(fits::<T>("verdicts", &compared)["baseline"].is_array());
    let log = file("lattice.jsonl");
    let lattice = printed(&["check", MODEL, "--lattice", "--weight", "1", "--log", &log, "--json"], 0);
    says::<lattice::Lattice>("lattice", &lattice, lattice::FORMAT);
    let lines = text(&log);
    lines.lines().for_each(|line| drop(fits::<lattice::LogLine>("lattice-log", line)));
    says::<lattice::LogLine>("lattice-log", lines.lines().next().expect("a head"), lattice::FORMAT);
    let other = printed(&["diff", "models/one-address.toml", "--with", "lead-base=unbounded", "--json"], 1);
    says::<diff::Diff>("diff", &other, diff::FORMAT);
    says::<matrix::Matrix>("matrix", &printed(&["matrix", "--states", "50", "--json"], 0), matrix::FORMAT);
}

#[test]
fn plays() {
    let told = printed(&["play", &format!("{OLD}/scenario.toml"), "--json"], 0);
    let lines: Vec<&str> = told.lines().collect();
    lines.iter().for_each(|line| drop(fits::<trace::TraceLine>("trace", line)));
    says::<trace::TraceLine>("trace", lines[0], trace::FORMAT);
    assert!(lines.len() > 3 && lines[lines.len() - 1].contains("\"end\""), "{told}");
    let fischer = printed(&["play", FISCHER, "--json"], 0);
    fischer.lines().for_each(|line| drop(fits::<play::PlayLine>("play", line)));
    says::<play::PlayLine>("play", fischer.lines().next().expect("a head"), play::FORMAT);
    let told = printed(&["report", &format!("{OLD}/scenario.toml"), "--json"], 0);
    says::<story::Story>("story", &told, story::FORMAT);
    let told = printed(&["report", "coverage", "--states", "5", "--json"], 0);
    says::<coverage::Coverage>("coverage", &told, coverage::FORMAT);
}

const FISCHER: &str = "scenarios/protocols/fischer-too-hasty.toml";

#[test]
fn random_runs() {
    let models = printed(&["simulate", BROKEN, "--runs", "2000", "--json"], 0);
    says::<runs::Runs>("runs", &models, runs::FORMAT);
    assert!(models.contains("\"shrunk-to\""), "{models}");
    let record = file("recording.jsonl");
    let short = ["--until", "2h", "--runs", "1", "--json", "--record", &record];
    let pair = printed(&[&["simulate", "scenarios/simulate/campus.toml"], &short[..]].concat(), 0);
    says::<population::Population>("population", &pair, population::FORMAT);
    let lines = text(&record);
    lines.lines().for_each(|line| drop(fits::<recording::RecordingLine>("recording", line)));
    let first = lines.lines().next().expect("a header");
    says::<recording::RecordingLine>("recording", first, recording::FORMAT);
}

#[test]
fn audits() {
    let [link, lan] = CAPTURES;
    let told = printed(&["audit", link, lan, "--json", "--timeline"], 1);
    says::<audit::Audit>("audit", &told, audit::FORMAT);
    let (server, old) = (format!("{OLD}/server.jsonl"), format!("{OLD}/audit.json"));
    let (_, compared, _) = run(&["audit", link, lan, &server, "--json", "--baseline", &old]);
    let compared = fits::<audit::Audit>("audit", &compared);
    assert!(compared["baseline"].is_array() && compared["served"][0]["accepted"] == true, "{compared}");
    let kea = |run: &str| {
        ["control.pcap.gz", "s1.log.gz", "s0.csv"].map(|name| format!("src/audit/tests/audit/kea/{run}/{name}"))
    };
    for (run, code) in [("day", 0), ("k05", 1)] {
        let files = kea(run);
        let told = printed(&["audit", &files[0], &files[1], &files[2], "--json"], code);
        says::<kea_audit::KeaAudit>("kea-audit", &told, kea_audit::FORMAT);
    }
    let told = printed(&["audit", &server, "--json"], 0);
    says::<audit::Replays>("replays", &told, audit::REPLAYS);
    fits::<audit::Replay>("replay", &printed(&["play", &server, "--json"], 0));
    let (_, departs, _) = run(&["audit", link, lan, "--dialect", "isc-dhcpd-4.4", "--json"]);
    says::<audit::Departures>("dialect", &departs, audit::DIALECT);
}

#[test]
fn lists() {
    let list = |what: &str| printed(&["list", what, "--json"], 0);
    fits::<Vec<lists::Model>>("list-models", &list("models"));
    fits::<Vec<lists::Claim>>("list-claims", &list("claims"));
    fits::<Vec<lists::Claim>>("list-claims", &list("witnesses"));
    fits::<Vec<lists::Condition>>("list-fairness", &list("fairness"));
    fits::<Vec<lists::Claim>>("list-audit", &list("audit"));
    fits::<Vec<lists::Question>>("list-rules", &list("rules"));
    fits::<lists::Keys>("list-keys", &list("keys"));
    fits::<Vec<lists::Scenario>>("list-scenarios", &list("scenarios"));
    fits::<Vec<lists::Mutant>>("list-mutants", &list("mutants"));
    fits::<Vec<lists::Protocol>>("list-protocols", &list("protocols"));
    fits::<Vec<lists::Schema>>("list-schemas", &list("schemas"));
}

#[test]
fn a_schema_is_printed_by_its_name() {
    let names = printed(&["list", "schemas"], 0);
    assert_eq!(names.lines().count(), SCHEMAS.len());
    for document in SCHEMAS {
        assert!(names.contains(document.about), "{}", document.name);
        let schema = printed(&["list", "schemas", document.name], 0);
        assert_eq!(schema, text(&format!("reports/golden/schemas/{}.json", document.name)));
    }
    let (code, out, says) = run(&["list", "schemas", "nonsense"]);
    assert!(code == Some(2) && out.is_empty() && says.contains("serve-trace"), "{says}");
    let (code, _, says) = run(&["list", "models", "verdicts"]);
    assert!(code == Some(2) && says.contains("list schemas"), "{says}");
}

/// A document of another kind is not taken for one that it is not.
#[test]
fn another_kind_is_refused_in_one_sentence() {
    let path = file("audit.json");
    std::fs::write(&path, printed(&["audit", CAPTURES[0], "--json"], 0)).expect("a file");
    let (code, out, says) = run(&["check", MODEL, "--baseline", &path]);
    assert!(code == Some(2) && out.is_empty(), "{says}");
    assert_eq!(says.trim_end().lines().count(), 1, "{says}");
    assert!(says.contains("this is a `dhcpfo-audit`, not the verdicts of a search (`dhcpfo-verdicts`)"), "{says}");
}
