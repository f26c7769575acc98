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
    for folder in ["scenarios", "scenarios/found"] {
        for entry in fs::read_dir(root().join(folder)).expect("a folder") {
            let path = format!("{folder}/{}", entry.expect("an entry").file_name().to_string_lossy());
            if path.ends_with(".toml") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn look() {
    for path in scenarios() {
        let (refuted, ledger, text) = both(&path);
        println!("{path}");
        for (entry, claim) in shared() {
            let row = ledger.row(claim);
            let (search, audit) = (refuted.contains(entry.name), row.verdict());
            let differs = if search == (audit == Verdict::Violated) { ' ' } else { '!' };
            println!("  {differs} {:<22} {:<5} {} {} {:?}", entry.name, search, audit.word(), row.occasions, row.open);
        }
        if std::env::var("LOOK").is_ok_and(|name| path.contains(&name)) {
            println!("{text}");
        }
    }
}
