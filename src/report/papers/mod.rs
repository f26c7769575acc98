//! Documents that other verbs wrote (`--json`), as pages to read: verdicts of searches, random runs, audits, the kill
//! matrix.

mod audit;
mod matrix;
mod simulation;
mod verdicts;

pub use verdicts::About;

use crate::page::Page;
use dhcpfo_documents::paper::Paper;

/// A document as a page. `about`: what is known of a model by its file.
pub fn page(paper: &Paper, about: &dyn Fn(&str) -> Option<About>) -> Page {
    match paper {
        Paper::Verdicts(document) => verdicts::page(document, about),
        Paper::Runs(document) => simulation::runs(document),
        Paper::Population(document) => simulation::population(document),
        Paper::Audit(document) => audit::page(document),
        Paper::Matrix(document) => matrix::page(document),
    }
}

/// As many decimals as say something.
fn decimals(number: f64) -> String {
    if number != 0.0 && number.abs() < 0.001 { format!("{number:.1e}") } else { format!("{number:.3}") }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, tail) = digits.split_at(first);
    let parts = tail.as_bytes().chunks(3).map(|part| String::from_utf8_lossy(part).into_owned());
    let parts: Vec<String> = (!head.is_empty()).then(|| head.to_owned()).into_iter().chain(parts).collect();
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 2_476_252].map(grouped), ["0", "999", "1,000", "2,476,252"]);
    }
}
