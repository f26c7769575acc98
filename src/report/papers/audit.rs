//! An audit: findings, claims, and what could not be judged.

use super::{list, text};
use crate::calendar::date;
use crate::page::{Cell, Mood, Page, Table};
use serde_json::Value;

pub(super) fn page(document: &Value) -> Page {
    let files: Vec<String> = list(&document["files"]).map(text).collect();
    let mut page = Page::new(format!("Audit of {}", files.join(", ")));
    let findings = list(&document["findings"]).count() + list(&document["traced"]).count();
    let held = list(&document["claims"]).filter(|claim| claim["verdict"] == "held").count();
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
    if list(&document["refusals"]).count() > 0 {
        page.heading("Refusals");
        page.table(refusals(document));
    }
    page.heading("Claims");
    page.table(claims(document));
    page.heading("Notes");
    page.list(list(&document["remarks"]).map(text).collect());
    page.text(Mood::Plain, "What cannot be judged from a capture is not passed: the table says why.");
    page
}

fn facts(page: &mut Page, document: &Value) {
    let mut facts = Vec::new();
    for server in list(&document["servers"]) {
        let clients: Vec<String> = list(&server["clients"]).map(text).collect();
        let clients = if clients.is_empty() { "not known".to_owned() } else { clients.join(", ") };
        let link = if server["link"].is_null() { "not on a connection".to_owned() } else { text(&server["link"]) };
        facts.push((text(&server["role"]), format!("{link}, towards clients {clients}")));
    }
    let mclt = document["mclt"].as_u64().map_or_else(|| "not known".to_owned(), |mclt| format!("{mclt} s"));
    facts.push(("MCLT".to_owned(), mclt));
    facts.push(("profile".to_owned(), text(&document["profile"])));
    for (name, key) in [("roles", "roles-guessed"), ("profile", "profile-guessed"), ("exactness", "exactness")] {
        if document[key].is_string() {
            facts.push((name.to_owned(), text(&document[key])));
        }
    }
    page.facts(facts);
}

/// Seconds since 1970 with decimals, as a date.
fn instant(value: &Value) -> String {
    let seconds = value.as_str().and_then(|seconds| seconds.parse::<f64>().ok());
    seconds.map_or_else(|| text(value), |seconds| date((seconds * 1e6) as i64))
}

fn found(document: &Value) -> Table {
    let mut table =
        Table::new("Violations, in the order of time", &["when", "claim", "what happened", "where to look"]);
    for finding in list(&document["findings"]) {
        let place = |place: &Value| format!("{} packet {}", text(&place["file"]), text(&place["packet"]));
        let places: Vec<String> = list(&finding["places"]).map(place).collect();
        table.row([
            Cell::from(instant(&finding["at"])),
            Cell::new(Mood::Bad, format!("{}\n{}", text(&finding["claim"]), text(&finding["section"]))),
            Cell::from(text(&finding["text"])),
            Cell::from(places.join("\n")),
        ]);
    }
    table
}

fn refusals(document: &Value) -> Table {
    let mut table = Table::new("Summed up", &["who", "reason", "what it means", "how often", "first", "last"]);
    for refusal in list(&document["refusals"]) {
        let who = if refusal["role"].is_null() { &refusal["by"] } else { &refusal["role"] };
        let reason = format!("{} in {}\n{}", text(&refusal["reason"]), text(&refusal["in"]), text(&refusal["text"]));
        let (means, count) = (text(&refusal["means"]), text(&refusal["count"]));
        table.row(
            [text(who), reason, means, count, instant(&refusal["first"]), instant(&refusal["last"])].map(Cell::from),
        );
    }
    table
}

fn traced(document: &Value) -> Table {
    let mut table = Table::new("Recorded in traces", &["second", "claim", "action", "where to look"]);
    for traced in list(&document["traced"]) {
        let place = format!("{} line {}", text(&traced["file"]), text(&traced["line"]));
        let cells = [text(&traced["seconds"]), text(&traced["claim"]), text(&traced["action"]), place];
        table.row(cells.map(Cell::from));
    }
    table
}

fn claims(document: &Value) -> Table {
    let mut table =
        Table::new("Each claim", &["claim", "what it states", "verdict", "occasions", "violations", "not judged"]);
    for claim in list(&document["claims"]) {
        let mood = match claim["verdict"].as_str() {
            Some("held") => Mood::Good,
            Some("violated") => Mood::Bad,
            _ => Mood::Plain,
        };
        let open = claim["not-judged"].as_object().into_iter().flatten();
        let open: Vec<String> = open.map(|(why, times)| format!("{times} times: {why}")).collect();
        table.row([
            Cell::from(format!("{}\n{}", text(&claim["name"]), text(&claim["section"]))),
            Cell::from(text(&claim["statement"])),
            Cell::new(mood, text(&claim["verdict"])),
            Cell::from(text(&claim["occasions"])),
            Cell::from(text(&claim["violations"])),
            Cell::from(open.join("\n")),
        ]);
    }
    table
}
