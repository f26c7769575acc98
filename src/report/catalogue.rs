//! The catalogue of claims and witnesses, for `properties.md` and the command line.

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
        };
        let _ = write!(out, "\n## {}\n\n{}\n\n", claim.name, claim.statement);
        let _ = writeln!(out, "* Of {kind}. {}.", section(claim.section));
        if !claim.limits.is_empty() {
            let _ = writeln!(out, "* What it does not say: {}", claim.limits);
        }
    }
    out.push_str(WITNESSES);
    for witness in witnesses {
        let _ = writeln!(out, "| {} | {} |", witness.name, witness.statement.replace('|', "\\|"));
    }
    out
}

fn section(section: &str) -> &str {
    if section.is_empty() { "No section" } else { section }
}

const INTRODUCTION: &str = "\
# Claims

Generated from `properties/`; do not edit. One file each. A claim speaks of what clients hold and of what is stored
and sent, never of what a server thinks.
";

const WITNESSES: &str = "
# Witnesses

What a model has to be able to reach, so that its claims do not hold for want of anything happening.

| witness | |
| --- | --- |
";
