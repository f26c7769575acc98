//! An audit: findings, claims, and what could not be judged.

use super::{decimals, grouped};
use crate::calendar::date;
use crate::page::{Cell, Mood, Page, Table};
use dhcpfo_documents::audit::{Audit, Place, Verdict};

pub(super) fn page(document: &Audit) -> Page {
    let mut page = Page::new(format!("Audit of {}", document.files.join(", ")));
    let findings = document.findings.len() + document.traced.len();
    let held = document.claims.iter().filter(|claim| claim.verdict == Verdict::Held).count();
    match (findings, held) {
        (0, 0) => page.text(Mood::Bad, "Nothing could be judged."),
        (0, held) => page.text(Mood::Good, format!("✓ Nothing is violated. {held} claims could be judged.")),
        (some, _) => page.text(Mood::Bad, format!("✗ {some} findings.")),
    }
    facts(&mut page, document);
    page.heading("Findings");
    page.table(found(document));
    page.table(traced(document));
    if findings == 0 {
        page.text(Mood::Plain, "None.");
    }
    if !document.refusals.is_empty() {
        page.heading("Refusals");
        page.table(refusals(document));
    }
    page.heading("Claims");
    page.table(claims(document));
    page.heading("Notes");
    page.list(document.remarks.clone());
    page.text(Mood::Plain, "What cannot be judged from a capture is not passed: the table says why.");
    page
}

fn facts(page: &mut Page, document: &Audit) {
    let mut facts = Vec::new();
    for server in &document.servers {
        let clients: Vec<String> = server.clients.iter().map(ToString::to_string).collect();
        let clients = if clients.is_empty() { "not known".to_owned() } else { clients.join(", ") };
        let link = server.link.map_or_else(|| "not on a connection".to_owned(), |link| link.to_string());
        facts.push((server.role.clone(), format!("{link}, towards clients {clients}")));
    }
    let mclt = document.mclt.map_or_else(|| "not known".to_owned(), |mclt| format!("{mclt} s"));
    facts.push(("MCLT".to_owned(), mclt));
    facts.push(("profile".to_owned(), document.profile.clone().unwrap_or_default()));
    let more = [
        ("roles", &document.roles_guessed),
        ("profile", &document.profile_guessed),
        ("exactness", &document.exactness),
    ];
    facts.extend(more.into_iter().filter_map(|(name, said)| Some((name.to_owned(), said.clone()?))));
    page.facts(facts);
}

/// Seconds since 1970 with decimals, as a date.
fn instant(at: &str) -> String {
    at.parse::<f64>().map_or_else(|_| at.to_owned(), |seconds| date((seconds * 1e6) as i64))
}

fn found(document: &Audit) -> Table {
    let mut table =
        Table::new("Violations, in the order of time", &["when", "claim", "what happened", "where to look"]);
    for finding in &document.findings {
        let file = |place: &Place| place.file.clone().unwrap_or_default();
        let place = |place: &Place| format!("{} packet {}", file(place), grouped(place.packet));
        let places: Vec<String> = finding.places.iter().map(place).collect();
        table.row([
            Cell::from(instant(&finding.at)),
            Cell::new(Mood::Bad, format!("{}\n{}", finding.claim, finding.section)),
            Cell::from(finding.text.clone()),
            Cell::from(places.join("\n")),
        ]);
    }
    table
}

fn refusals(document: &Audit) -> Table {
    let mut table = Table::new("Summed up", &["who", "reason", "what it means", "how often", "first", "last"]);
    for refusal in &document.refusals {
        let who = refusal.role.clone().unwrap_or_else(|| refusal.by.to_string());
        let reason = format!("{} in {}\n{}", refusal.reason, refusal.r#in, refusal.text);
        let (means, count) = (refusal.means.clone(), grouped(refusal.count));
        table.row([who, reason, means, count, instant(&refusal.first), instant(&refusal.last)].map(Cell::from));
    }
    table
}

fn traced(document: &Audit) -> Table {
    let mut table = Table::new("Recorded in traces", &["second", "claim", "action", "where to look"]);
    for traced in &document.traced {
        let place = format!("{} line {}", traced.file.clone().unwrap_or_default(), grouped(traced.line));
        let cells = [decimals(traced.seconds), traced.claim.clone(), traced.action.clone(), place];
        table.row(cells.map(Cell::from));
    }
    table
}

fn claims(document: &Audit) -> Table {
    let mut table =
        Table::new("Each claim", &["claim", "what it states", "verdict", "occasions", "violations", "not judged"]);
    for claim in &document.claims {
        let mood = match claim.verdict {
            Verdict::Held => Mood::Good,
            Verdict::Violated => Mood::Bad,
            Verdict::NotJudged => Mood::Plain,
        };
        let open: Vec<String> = claim.not_judged.iter().map(|(why, times)| format!("{times} times: {why}")).collect();
        table.row([
            Cell::from(format!("{}\n{}", claim.name, claim.section)),
            Cell::from(claim.statement.clone()),
            Cell::new(mood, claim.verdict.word()),
            Cell::from(grouped(claim.occasions)),
            Cell::from(grouped(claim.violations)),
            Cell::from(open.join("\n")),
        ]);
    }
    table
}
