//! The catalogue of claims and witnesses, for `properties.md` and the command line.

use dhcpfo_claims::Entry;
use dhcpfo_world::claim::{Check, Claim};
use std::fmt::Write as _;

/// The text of `properties.md`.
pub fn properties(claims: &[Claim], witnesses: &[Claim]) -> String {
    let mut out = String::from(INTRODUCTION);
    for claim in claims {
        let kind = match claim.check {
            Check::State(_) => "every state",
            Check::Step(_) => "every step",
            Check::Reach(_) => "whole runs",
            Check::LeadsTo(_) => "whole runs that are fair",
        };
        let _ = write!(out, "\n## {}\n\n{}\n\n", claim.entry.name, claim.entry.statement);
        let _ = writeln!(out, "* Of {kind}. {}.", section(claim.entry.section));
        let Entry { limits, occasion, reads, capture, judges, .. } = claim.entry;
        let judges: Vec<&str> = judges.iter().map(|judge| judge.word()).collect();
        let judges = format!("{}.", judges.join(", "));
        for (what, says) in [
            ("What it does not say", *limits),
            ("Has something to say when", *occasion),
            ("Reads besides", *reads),
            ("Judged by", judges.as_str()),
            ("Not to be seen in a capture", *capture),
        ] {
            if !says.is_empty() {
                let _ = writeln!(out, "* {what}: {says}");
            }
        }
    }
    out.push_str(WITNESSES);
    for witness in witnesses {
        let _ = writeln!(out, "| {} | {} |", witness.entry.name, witness.entry.statement.replace('|', "\\|"));
    }
    out
}

fn section(section: &str) -> &str {
    if section.is_empty() { "No section" } else { section }
}

const INTRODUCTION: &str = "\
# Claims

Generated from the catalogue in `src/claims`; do not edit. A claim speaks of what clients hold and of what is stored
and sent; what else it reads, it says. Claims of captures alone: `dhcpfo list audit`.
";

const WITNESSES: &str = "
# Witnesses

What a model has to be able to reach, so that its claims do not hold for want of anything happening.

| witness | |
| --- | --- |
";
