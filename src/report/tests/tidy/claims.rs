//! One catalogue of claims: a sentence stands once, a name means one thing, and who judges is in it.

use super::texts;
use dhcpfo_claims::{Entry, Judge, common, draft_12, kea_ha};
use std::collections::{BTreeMap, BTreeSet};

fn catalogue() -> impl Iterator<Item = &'static Entry> {
    draft_12::ALL.iter().chain(kea_ha::ALL).chain(common::ALL).copied()
}

/// Where claims are judged, by folder.
const JUDGES: [&str; 6] =
    ["properties/", "src/simulate/", "src/audit/", "src/server/client/", "src/explorer/recorded/", "src/check/"];

fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

#[test]
fn a_name_means_one_thing_and_an_entry_is_whole() {
    let mut names: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in catalogue() {
        let is_apart = |other: &&Entry| {
            let of_one = entry.base.is_some() && entry.base == other.base;
            entry.base != Some(other) && other.base != Some(entry) && !of_one
        };
        let same = names.insert(entry.name, entry).filter(is_apart);
        assert!(same.is_none(), "{}: two entries, of which neither is the base of the other", entry.name);
        let whole = [entry.name, entry.statement].iter().all(|text| !text.is_empty());
        let told = entry.judges.is_empty() || !entry.limits.is_empty() && !entry.occasion.is_empty();
        assert!(whole && told, "{}: what it says, what it does not say and when it has something to say", entry.name);
        let twice = entry.is_judged_by(Judge::Search) && entry.is_judged_by(Judge::Audit);
        assert_eq!(twice, !entry.capture.is_empty(), "{}: what a capture does not show", entry.name);
    }
}

#[test]
fn a_sentence_stands_once() {
    let entries: BTreeMap<&str, &str> = catalogue().map(|entry| (entry.statement, entry.name)).collect();
    let mut twice = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| path.ends_with(".rs") && !path.contains("/tests/")) {
        for (statement, name) in &entries {
            let allowed = usize::from(path.starts_with("src/claims/"));
            let found = code(text).matches(statement.trim_end_matches('.')).count();
            if found > allowed {
                twice.push(format!("{path}: the sentence of {name}"));
            }
        }
    }
    assert!(twice.is_empty(), "a sentence of the catalogue stands elsewhere, too:\n{}", twice.join("\n"));
}

/// Judges refer to entries, so a name in quotation marks is one that the catalogue does not know of.
#[test]
fn judges_name_no_claim_in_quotation_marks() {
    // One word may mean anything.
    let names = catalogue().map(|entry| entry.name).filter(|name| name.contains('-'));
    let names: BTreeSet<String> = names.map(|name| format!("\"{name}\"")).collect();
    let mut found = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| path.ends_with(".rs") && !path.contains("/tests/")) {
        let judges = JUDGES.iter().any(|folder| path.starts_with(folder));
        // What the audit's claims were called before is no name of theirs.
        let lines = code(text).lines().filter(|line| judges && !line.contains("const RENAMED"));
        let lines = lines.filter(|line| !line.trim_start().starts_with("//") && !line.contains("Entry::witness("));
        found.extend(lines.filter(|line| names.iter().any(|name| line.contains(name))).map(|l| format!("{path}: {l}")));
    }
    assert!(found.is_empty(), "a claim by its name, not by its entry:\n{}", found.join("\n"));
}

/// Who is said to judge does, and says so: each entry is named in the folders of its judges, and in no other.
#[test]
fn who_judges_is_in_the_catalogue() {
    let mut wrong = Vec::new();
    for (judge, folder) in [
        (Judge::Search, "properties/"),
        (Judge::Simulation, "src/simulate/population/"),
        (Judge::Audit, "src/audit/"),
        (Judge::Client, "src/server/client/"),
        (Judge::Recording, "src/explorer/recorded/"),
    ] {
        // Kea's claims have their own entries.
        let words = taken(|path| path.starts_with(folder) && !path.starts_with("src/audit/kea/"));
        for entry in draft_12::ALL.iter().chain([&&common::PROGRESS, &&common::LEASE_RENEWED]) {
            let name = entry.name.replace('-', "_").to_uppercase();
            if words.contains(name.as_str()) != entry.is_judged_by(judge) {
                wrong.push(format!("{}: {}", entry.name, judge.word()));
            }
        }
    }
    for (judge, folder) in [(Judge::Search, "src/protocols/kea-ha/"), (Judge::Audit, "src/audit/kea/")] {
        let words = taken(|path| path.starts_with(folder));
        for entry in kea_ha::ALL {
            let name = entry.name.replace('-', "_").to_uppercase();
            if words.contains(name.as_str()) != entry.is_judged_by(judge) {
                wrong.push(format!("{} of Kea: {}", entry.name, judge.word()));
            }
        }
    }
    assert!(wrong.is_empty(), "said to judge, and does not, or the other way round:\n{}", wrong.join("\n"));
}

/// Words in what files take from the catalogue, and in the tables of the audit's claims.
fn taken(is_there: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let of_file = |text: &str| -> Vec<String> {
        let text = code(text).replace("claims! {", "use dhcpfo_claims {").replace("\n}", ";");
        let after = text.split("use dhcpfo_claims").skip(1);
        after.map(|rest| rest.split(';').next().unwrap_or_default().to_owned()).collect()
    };
    let texts = texts();
    let there = texts.iter().filter(|(path, _)| is_there(path) && !path.contains("/tests/"));
    there
        .flat_map(|(_, text)| of_file(text))
        .flat_map(|taken| {
            let words = taken.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            words.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// What of a server's volatile half a claim looks at, by itself or through what several claims look at.
const MIND: [&str; 8] = [
    ".volatile()",
    "both_in_normal",
    ".service(",
    "heard_of_partner(",
    "is_settled",
    "is_at_rest",
    ".is_connected()",
    ".is_due(",
];

#[test]
fn a_claim_that_reads_a_mind_says_so() {
    let texts: BTreeMap<String, String> = texts().into_iter().collect();
    let mut wrong = Vec::new();
    for entry in draft_12::ALL.iter().filter(|entry| entry.is_judged_by(Judge::Search)) {
        let text = code(&texts[&format!("properties/{}.rs", entry.name.replace('-', "_"))]);
        if MIND.iter().any(|look| text.contains(look)) == entry.reads.is_empty() {
            wrong.push(entry.name);
        }
    }
    assert!(wrong.is_empty(), "what is read is not said, or said and not read: {wrong:?}");
}
