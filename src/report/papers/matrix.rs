//! The kill matrix: which broken model refutes which claim.

use super::{list, text};
use crate::page::{Cell, Mood, Page, Table};
use serde_json::Value;

pub(super) fn page(document: &Value) -> Page {
    let mut page = Page::new("Kill matrix");
    page.text(
        Mood::Plain,
        format!(
            "Which rule each claim rests on: broken models, the claims that they refute, and the protocol actions of a \
             shortest counterexample. Searches go on beyond a violation, up to {} states: an empty cell says nothing. \
             Bold is the claim that the model is there for.",
            text(&document["states"])
        ),
    );
    let claims: Vec<String> = list(&document["claims"]).map(text).collect();
    let numbers: Vec<String> = (1..=claims.len()).map(|number| number.to_string()).collect();
    let head: Vec<&str> = ["model"].into_iter().chain(numbers.iter().map(String::as_str)).collect();
    let mut table = Table::new("Protocol actions to a violation, by model and claim", &head);
    for row in list(&document["matrix"]) {
        let name = Cell::from(format!("{}\n{}", text(&row["path"]), text(&row["title"])));
        let cells = claims.iter().map(|claim| {
            let wanted = row["wanted"] == claim.as_str();
            Cell::new(if wanted { Mood::Main } else { Mood::Plain }, text(&row["lengths"][claim.as_str()]))
        });
        table.row([name].into_iter().chain(cells));
    }
    page.facts(numbers.iter().cloned().zip(claims.iter().cloned()).collect());
    page.table(table);
    let never: Vec<String> = claims
        .into_iter()
        .filter(|claim| list(&document["matrix"]).all(|row| row["lengths"][claim.as_str()].is_null()))
        .collect();
    if !never.is_empty() {
        page.text(Mood::Bad, format!("Refuted by no model: {}.", never.join(", ")));
    }
    page
}
