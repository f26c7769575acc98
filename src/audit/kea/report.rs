//! The result as text, and as the document [`dhcpfo_documents::kea_audit::KeaAudit`].

use std::fmt::Write;

use dhcpfo_documents::audit as document;
use dhcpfo_documents::kea_audit::{FORMAT, File, KeaAudit, Server};

use super::claims::{Claim, needs};
use crate::claims::{Finding, Ledger, Verdict};
use crate::event::Place;
use crate::say;

/// Findings that are printed for each claim; JSON has more.
const PRINTED: usize = 10;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A capture of packets.
    Capture,
    /// A log.
    Log,
    /// A lease file.
    Leases,
    /// Answers to `status-get`.
    Status,
}

impl Kind {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Capture => "capture",
            Kind::Log => "log",
            Kind::Leases => "lease file",
            Kind::Status => "status-get",
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Kind::Capture => "packet",
            _ => "line",
        }
    }
}

/// What an audit of Kea's files found out.
#[derive(Debug, Default)]
pub struct Report {
    /// The files, and what each is.
    pub files: Vec<(String, Kind)>,
    /// Occasions, findings and reasons by claim.
    pub ledger: Ledger<Claim>,
    /// Servers: what they are called, and where that is from.
    pub servers: Vec<(String, String)>,
    /// What could not be read, and what else is worth saying.
    pub remarks: Vec<String>,
}

impl Report {
    /// Findings in the order of the claims, each claim's in the order of time.
    pub fn findings(&self) -> Vec<Finding<Claim>> {
        let sorted = |claim: &Claim| {
            let mut findings = self.ledger.row(*claim).findings;
            findings.sort_by_key(|finding| finding.at);
            findings
        };
        Claim::ALL.iter().flat_map(sorted).collect()
    }

    /// 1: something is violated; 0: something could be judged, and nothing is violated; 3: nothing could be judged.
    pub fn exit_code(&self) -> u8 {
        let verdicts = || Claim::ALL.iter().map(|claim| self.ledger.row(*claim).verdict());
        if verdicts().any(|verdict| verdict == Verdict::Violated) {
            1
        } else if verdicts().any(|verdict| verdict == Verdict::Held) {
            0
        } else {
            3
        }
    }

    fn place(&self, place: &Place) -> String {
        let Some((name, kind)) = self.files.get(place.file) else { return String::new() };
        format!("{name} {} {}", kind.unit(), place.packet)
    }

    /// The report for people: findings, claims, and what is missing.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for (server, how) in &self.servers {
            let _ = writeln!(out, "{server}: {how}");
        }
        for (file, kind) in &self.files {
            let _ = writeln!(out, "{:<10} {file}", kind.word());
        }
        out.push('\n');
        for claim in Claim::ALL {
            let row = self.ledger.row(*claim);
            for finding in row.findings.iter().take(PRINTED) {
                let at = if finding.at > 0 { format!("{} ", say::clock(finding.at)) } else { String::new() };
                let places: Vec<_> = finding.places.iter().map(|place| self.place(place)).collect();
                let _ = writeln!(out, "{at}violated {} ({})", claim.name(), claim.section());
                let _ = writeln!(out, "    {}\n    {}\n", finding.text, places.join(", "));
            }
            if row.found > PRINTED as u64 {
                let _ = writeln!(
                    out,
                    "and {} more of {}; --json has the first 200\n",
                    row.found - PRINTED as u64,
                    claim.name()
                );
            }
        }
        for claim in Claim::ALL {
            let _ = writeln!(out, "{}", self.line(*claim));
        }
        for remark in &self.remarks {
            let _ = writeln!(out, "note: {remark}");
        }
        out
    }

    fn line(&self, claim: Claim) -> String {
        let row = self.ledger.row(claim);
        let counts = match row.verdict() {
            Verdict::Held => format!("{} times", row.occasions),
            Verdict::Violated => format!("{} of {} times", row.violations, row.occasions),
            Verdict::NotJudged if row.open.is_empty() => format!("no occasion; it takes {}", needs(claim)),
            Verdict::NotJudged => String::new(),
        };
        let mut notes: Vec<_> = Vec::from_iter((!counts.is_empty()).then_some(counts));
        notes.extend(row.open.iter().map(|(reason, count)| format!("not judged {count} times: {reason}")));
        format!("{:<22} {:<10} {}", claim.name(), row.verdict().word(), notes.join("; "))
    }

    /// The report as a document.
    pub fn document(&self) -> KeaAudit {
        let finding = |finding: &Finding<Claim>| document::Finding {
            claim: finding.claim.name().to_owned(),
            section: finding.claim.section().to_owned(),
            at: say::epoch(finding.at),
            text: finding.text.clone(),
            places: finding.places.iter().map(|place| self.told_place(place)).collect(),
        };
        KeaAudit {
            version: FORMAT.version,
            exit: self.exit_code(),
            files: self
                .files
                .iter()
                .map(|(name, kind)| File { name: name.clone(), is: kind.word().to_owned() })
                .collect(),
            servers: self.servers.iter().map(|(name, how)| Server { name: name.clone(), seen: how.clone() }).collect(),
            findings: self.findings().iter().map(finding).collect(),
            claims: Claim::ALL.iter().map(|claim| self.told_claim(*claim)).collect(),
            remarks: self.remarks.clone(),
        }
    }

    fn told_place(&self, place: &Place) -> document::Place {
        document::Place { file: self.files.get(place.file).map(|(name, _)| name.clone()), packet: place.packet }
    }

    fn told_claim(&self, claim: Claim) -> document::Claim {
        let row = self.ledger.row(claim);
        let mut not_judged = row.open.clone();
        if row.verdict() == Verdict::NotJudged && not_judged.is_empty() {
            not_judged.insert(format!("it takes {}", needs(claim)), 0);
        }
        document::Claim {
            name: claim.name().to_owned(),
            section: claim.section().to_owned(),
            statement: claim.statement().to_owned(),
            verdict: match row.verdict() {
                Verdict::Held => document::Verdict::Held,
                Verdict::Violated => document::Verdict::Violated,
                Verdict::NotJudged => document::Verdict::NotJudged,
            },
            occasions: row.occasions,
            violations: row.violations,
            not_judged,
        }
    }
}
