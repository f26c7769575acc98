//! The kill matrix: which broken model refutes which claim.

use super::grouped;
use crate::page::{Cell, Mood, Page, Table};
use dhcpfo_documents::matrix::Matrix;

pub(super) fn page(document: &Matrix) -> Page {
    let mut page = Page::new("Kill matrix");
    page.text(
        Mood::Plain,
        format!(
            "Which rule each claim rests on: broken models, the claims that they refute, and the protocol actions of a \
             shortest counterexample. Searches go on beyond a violation, up to {} states: an empty cell says nothing. \
             Bold is the claim that the model is there for.",
            grouped(document.states)
        ),
    );
    let claims = &document.claims;
    let numbers: Vec<String> = (1..=claims.len()).map(|number| number.to_string()).collect();
    let head: Vec<&str> = ["model"].into_iter().chain(numbers.iter().map(String::as_str)).collect();
    let mut table = Table::new("Protocol actions to a violation, by model and claim", &head);
    for row in &document.matrix {
        let name = Cell::from(format!("{}\n{}", row.path, row.title));
        let cells = claims.iter().map(|claim| {
            let wanted = row.wanted.as_ref() == Some(claim);
            let length = row.lengths.get(claim).map(|length| grouped(u64::from(*length)));
            Cell::new(if wanted { Mood::Main } else { Mood::Plain }, length.unwrap_or_default())
        });
        table.row([name].into_iter().chain(cells));
    }
    page.facts(numbers.iter().cloned().zip(claims.iter().cloned()).collect());
    page.table(table);
    let is_never = |claim: &&String| document.matrix.iter().all(|row| !row.lengths.contains_key(*claim));
    let never: Vec<&str> = claims.iter().filter(is_never).map(String::as_str).collect();
    if !never.is_empty() {
        page.text(Mood::Bad, format!("Refuted by no model: {}.", never.join(", ")));
    }
    page
}
