//! Documents that other verbs wrote (`--json`), as pages to read: verdicts of searches, random runs, audits, the kill
//! matrix.

mod audit;
mod matrix;
mod simulation;
mod verdicts;

pub use verdicts::About;

use crate::page::Page;
use dhcpfo_header::version::Format;
use serde_json::Value;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of `check --json`.
    Verdicts,
    /// Of `simulate --json`.
    Simulation,
    /// Of `audit --json`.
    Audit,
    /// Of `matrix --json`.
    Matrix,
}

impl Kind {
    /// What it is, to whoever has one of another version.
    pub const fn format(self) -> Format {
        match self {
            Kind::Verdicts => crate::baseline::FORMAT,
            Kind::Simulation => {
                Format { name: "what random runs found", version: 1, written_by: "dhcpfo simulate --json" }
            }
            Kind::Audit => Format { name: "an audit", version: 1, written_by: "dhcpfo audit --json" },
            Kind::Matrix => Format { name: "a kill matrix", version: 1, written_by: "dhcpfo matrix --json" },
        }
    }

    /// What a document is, by its keys.
    pub fn of(document: &Value) -> Option<Kind> {
        let models = document["models"].as_array();
        if document["findings"].is_array() && document["claims"].is_array() {
            Some(Kind::Audit)
        } else if document["matrix"].is_array() {
            Some(Kind::Matrix)
        } else if document["points"].is_array()
            || models.is_some_and(|models| models.iter().any(|m| m["runs"].is_u64()))
        {
            Some(Kind::Simulation)
        } else if models.is_some_and(|models| models.iter().any(|model| model["verdict"].is_string())) {
            Some(Kind::Verdicts)
        } else {
            None
        }
    }
}

/// A document as a page. `about`: what is known of a model by its file.
///
/// # Errors
/// The document is of another version.
pub fn page(kind: Kind, document: &Value, about: &dyn Fn(&str) -> Option<About>) -> Result<Page, String> {
    kind.format().accept(document["version"].as_u64(), document["tool"].as_str())?;
    Ok(match kind {
        Kind::Verdicts => verdicts::page(document, about),
        Kind::Simulation => simulation::page(document),
        Kind::Audit => audit::page(document),
        Kind::Matrix => matrix::page(document),
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_u64().map_or_else(|| decimals(number.as_f64().unwrap_or(0.0)), grouped),
        other => other.to_string(),
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

    #[test]
    fn every_kind_is_told_by_its_keys() {
        let kind = |text: &str| Kind::of(&serde_json::from_str(text).expect("JSON"));
        assert_eq!(kind(r#"{"models":[{"verdict":"holds"}]}"#), Some(Kind::Verdicts));
        assert_eq!(kind(r#"{"models":[{"runs":3}]}"#), Some(Kind::Simulation));
        assert_eq!(kind(r#"{"points":[]}"#), Some(Kind::Simulation));
        assert_eq!(kind(r#"{"findings":[],"claims":[]}"#), Some(Kind::Audit));
        assert_eq!(kind(r#"{"matrix":[]}"#), Some(Kind::Matrix));
        assert_eq!(kind(r#"{"models":[]}"#), None);
        assert_eq!(kind("7"), None);
    }

    /// Documents that lack everything but what makes them what they are.
    #[test]
    fn nothing_panics_on_what_is_not_there() {
        for text in [
            r#"{"version":1,"models":[{"verdict":"holds"},{"verdict":5},7]}"#,
            r#"{"version":1,"models":[{"runs":3,"failures":[{}]}]}"#,
            r#"{"version":1,"points":[{"spreads":[{}],"failures":[{}]}]}"#,
            r#"{"version":1,"findings":[{},7],"claims":[{}]}"#,
            r#"{"version":1,"matrix":[{}],"claims":["a"]}"#,
        ] {
            let document = serde_json::from_str(text).expect("JSON");
            let page = page(Kind::of(&document).expect("a kind"), &document, &|_| None).expect("a page");
            assert!(page.html().contains("</html>"));
        }
        let later = serde_json::from_str(r#"{"version":2,"points":[]}"#).expect("JSON");
        assert!(page(Kind::Simulation, &later, &|_| None).unwrap_err().contains("version 2"));
    }
}
