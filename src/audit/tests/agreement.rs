//! Claims that are judged in two ways: a scenario is played, which the searches' predicates judge at each step; the play is
//! written as a capture, which the audit judges; and the verdicts agree, or what a capture does not show is the reason.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use dhcpfo_audit::{Claim, Input, Ledger, Settings, Verdict, audit};
use dhcpfo_claims::{Entry as Said, Judge};
use dhcpfo_files::ScenarioFile;
use dhcpfo_files::scenario::scenario;
use dhcpfo_report::pcap::pcap;
use dhcpfo_world::play;

/// Scenarios for claims of which no other has enough to show.
const OWN: &str = "src/audit/tests/agreement";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What the searches and the audit both judge.
fn shared() -> impl Iterator<Item = (&'static Said, Claim)> {
    let both = Claim::ALL.iter().map(|claim| (claim.entry(), *claim));
    both.filter(|(entry, _)| entry.is_judged_by(Judge::Search))
}

/// A scenario whose model claims all of that.
fn read(path: &str) -> ScenarioFile {
    let read = |path: &str| fs::read_to_string(root().join(path));
    let mut file =
        scenario(path, &read as &dyn Fn(&str) -> io::Result<String>).unwrap_or_else(|errors| panic!("{errors}"));
    file.model.model.claims =
        shared().map(|(entry, _)| dhcpfo_properties::find_claim(entry.name).expect("a predicate")).collect();
    file
}

/// What is refuted in the play of a scenario, and what the audit of its capture says.
fn both(path: &str) -> (BTreeSet<&'static str>, Ledger, String) {
    let file = read(path);
    let model = &file.model.model;
    let mut entries = Vec::new();
    let outcome = play::perform(model, file.lengths, &file.script, &mut |entry| entries.push(entry))
        .unwrap_or_else(|stop| panic!("{path}: {stop:?}"));
    let scale = play::scale(&file.script).expect("a scale");
    let octets = pcap(model, &entries, file.lengths, scale);
    let report = audit(&[Input::Octets(path.to_owned(), octets)], &Settings::default()).expect("a capture");
    (outcome.refuted.into_iter().collect(), report.ledger.clone(), report.text(true))
}

fn scenarios() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["scenarios", "scenarios/found", OWN] {
        for entry in fs::read_dir(root().join(folder)).expect("a folder") {
            let path = format!("{folder}/{}", entry.expect("an entry").file_name().to_string_lossy());
            if path.ends_with(".toml") && !path.ends_with(".model.toml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A capture does not show it, and the catalogue says so: a scenario, a claim that is refuted there, and why.
const NOT_SHOWN: [(&str, Claim, &str); 1] = [(
    "scenarios/found/f13-counted-from-receipt.toml",
    Claim::NoDuplicate,
    "the client counts its lease from when the answer came, and a capture from the request, as RFC 2131 does",
)];

/// Reasons for which what a search refutes may stay unjudged. The catalogue names them.
const REASONS: [&str; 2] = [
    "the state of the server at that time is not in the capture",
    "whether the server gave a lease before or after it stored what it accepted is not in the capture",
];

#[test]
fn searches_and_audit_agree() {
    let (mut wrong, mut refuted_by_both, mut held_by_both) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for path in scenarios() {
        let (refuted, ledger, text) = both(&path);
        for (entry, claim) in shared() {
            let row = ledger.row(claim);
            let is_excused = row.open.keys().any(|reason| REASONS.contains(&reason.as_str()))
                || NOT_SHOWN.iter().any(|(not_shown, of, _)| (*not_shown, *of) == (path.as_str(), claim));
            match (refuted.contains(entry.name), row.verdict()) {
                (true, Verdict::Violated) => drop(refuted_by_both.insert(entry.name)),
                (false, Verdict::Held) => drop(held_by_both.insert(entry.name)),
                (true, _) if is_excused => {}
                (false, Verdict::NotJudged) => {}
                (refuted, audited) => {
                    let search = if refuted { "refuted" } else { "not refuted" };
                    wrong.push(format!("{path}: {} is {search}, and {}\n{text}", entry.name, audited.word()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "search and audit differ:\n{}", wrong.join("\n"));
    let all: BTreeSet<&str> = shared().map(|(entry, _)| entry.name).collect();
    assert_eq!(refuted_by_both, all, "each claim is refuted by both somewhere");
    assert_eq!(held_by_both, all, "each claim has held in the judgment of both somewhere");
}

#[test]
fn what_is_not_shown_is_still_refuted() {
    for (path, claim, why) in NOT_SHOWN {
        let (refuted, ledger, _) = both(path);
        let differ = refuted.contains(claim.name()) && ledger.row(claim).verdict() != Verdict::Violated;
        assert!(differ, "{path}: {} is no exception any more: {why}", claim.name());
    }
}
