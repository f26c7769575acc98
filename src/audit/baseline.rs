//! What an audit found before, against what it finds now: a gate for servers with faults that are known.
//!
//! Two captures are never the same, so findings are compared by their kind: the claim, and what is said without addresses,
//! clients, times and counts.

use std::collections::{BTreeMap, BTreeSet};

use dhcpfo_documents::audit::{Audit, FORMAT};

use crate::claims::{Claim, RENAMED, Verdict};
use crate::report::Report;

/// A document of `dhcpfo audit --json`.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// Verdict by claim.
    verdicts: BTreeMap<String, String>,
    /// Claim and kind of each finding.
    kinds: BTreeSet<(String, String)>,
}

/// Something that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The claim.
    pub claim: Claim,
    /// How it is, and how it was.
    pub text: String,
    /// Whether that is worse: a finding of a new kind, or a claim that could be judged before.
    pub is_worse: bool,
}

impl Baseline {
    /// Reads a document.
    ///
    /// # Errors
    /// What is wrong with it, and what would be accepted.
    pub fn read(text: &str) -> Result<Baseline, String> {
        let document: Audit = FORMAT.read(text)?;
        let verdicts = document.claims.into_iter().map(|claim| (claim.name, claim.verdict.word().to_owned()));
        let mut kinds = BTreeSet::new();
        for finding in document.findings {
            if let Some((before, now)) = RENAMED.iter().find(|(before, _)| *before == finding.claim) {
                let now = now.name();
                return Err(format!("a finding of {before}, which is called {now} now; write the baseline anew"));
            }
            kinds.insert((finding.claim, kind(&finding.text)));
        }
        Ok(Baseline { verdicts: verdicts.collect(), kinds })
    }

    /// Whether a finding of this kind was there.
    pub fn knows(&self, claim: Claim, text: &str) -> bool {
        self.kinds.contains(&(claim.name().to_owned(), kind(text)))
    }

    /// What is not as it was, in the order of the claims.
    pub fn differences(&self, report: &Report) -> Vec<Difference> {
        let mut found = Vec::new();
        for &claim in Claim::ALL {
            let row = report.ledger.row(claim);
            let mut note = |text: String, is_worse: bool| found.push(Difference { claim, text, is_worse });
            let kinds: BTreeMap<String, &str> = row.findings.iter().map(|f| (kind(&f.text), f.text.as_str())).collect();
            let fresh = kinds.values().filter(|text| !self.knows(claim, text));
            fresh.for_each(|text| note(format!("a finding of a kind that was not there: {text}"), true));
            let before = self.verdicts.get(claim.name()).map_or(Verdict::NotJudged.word(), String::as_str);
            if row.verdict() == Verdict::NotJudged && before != Verdict::NotJudged.word() {
                note(format!("not judged any more, was {before}"), true);
            }
            let is_gone = |(of, kind): &&(String, String)| of == claim.name() && !kinds.contains_key(kind);
            self.kinds.iter().filter(is_gone).for_each(|(_, kind)| note(format!("not found any more: {kind}"), false));
        }
        found
    }
}

/// What a finding says, without what differs from one run to the next.
fn kind(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| c.is_ascii_punctuation());
        let differs = bare.contains(|c: char| c.is_ascii_digit()) || bare.contains(':');
        if differs { word.replace(bare, "…") } else { word.to_owned() }
    };
    // What follows a semicolon explains the rest.
    let said = text.split(';').next().unwrap_or_default();
    let words: Vec<String> = said.split_whitespace().map(word).collect();
    words.join(" ").replace("once, at …", "… times in … s, from … to …")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dhcpfo_documents::audit::Finding;

    #[test]
    fn a_kind_has_no_addresses_times_and_counts() {
        let one = "10.77.0.10: the primary in PARTNER-DOWN gave it to 02:c1:00:00:00:02 while aa:bb:cc:dd:ee:ff has it from \
                   the secondary, until in 7.2 s";
        let other = "10.77.0.11: the primary in PARTNER-DOWN gave it to 02:c1:00:00:00:09 (id 01) while ee:ee has it from \
                     the secondary, until in 0.001 s";
        assert_eq!(kind(one), kind(&other.replace(" (id 01)", "")));
        assert_ne!(kind(one), kind(&one.replace("PARTNER-DOWN", "NORMAL")));
        assert_eq!(
            kind("10.0.0.1 (primary) refuses, once, at 20:30:25.711: reject-reason 8 (x); the last was at 1"),
            kind(
                "10.0.0.2 (primary) refuses, 9 times in 20.1 s, from 20:30:25.711 to 20:30:45.000: reject-reason 8 (x)"
            )
        );
    }

    #[test]
    fn a_finding_under_an_old_name_is_refused_with_the_new_one() {
        let before = Finding {
            claim: "no-storm".to_owned(),
            section: String::new(),
            at: String::new(),
            text: "x".to_owned(),
            places: Vec::new(),
        };
        let document = Audit {
            version: FORMAT.version,
            exit: 1,
            files: Vec::new(),
            servers: Vec::new(),
            roles_guessed: None,
            mclt: None,
            profile: None,
            profile_guessed: None,
            vendor: None,
            exactness: None,
            findings: vec![before],
            refusals: Vec::new(),
            claims: Vec::new(),
            traced: Vec::new(),
            remarks: Vec::new(),
            timeline: None,
            served: None,
            baseline: None,
        };
        let problem = Baseline::read(&dhcpfo_documents::pretty(&document)).unwrap_err();
        assert!(problem.contains("no-storm, which is called refused-again now"), "{problem}");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let refused = |text: &str| Baseline::read(text).unwrap_err();
        assert!(refused("").contains("would be accepted"));
        assert!(refused("{\"version\": 2}").starts_with("version 2 of an audit is not known"));
        assert!(refused("{\"version\": 1}").starts_with("missing field `exit`"));
    }
}
