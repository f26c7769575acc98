//! Documents that can be reported as pages, told apart by what they say they are; those of 0.1, which do not, by their keys.

use crate::audit::Audit;
use crate::format::Format;
use crate::matrix::Matrix;
use crate::population::Population;
use crate::runs::Runs;
use crate::verdicts::Verdicts;
use crate::{audit, matrix, population, runs, verdicts};
use serde_json::Value;

/// What one command printed, for another to read.
#[derive(Clone, Debug, PartialEq)]
pub enum Paper {
    /// Of `check`.
    Verdicts(Verdicts),
    /// Of `simulate`, of models.
    Runs(Runs),
    /// Of `simulate`, of a simulation file.
    Population(Population),
    /// Of `audit`.
    Audit(Box<Audit>),
    /// Of `matrix`.
    Matrix(Matrix),
}

impl Paper {
    /// What a document is; None: none of these.
    pub fn format_of(document: &Value) -> Option<Format> {
        const ALL: [Format; 5] = [verdicts::FORMAT, runs::FORMAT, population::FORMAT, audit::FORMAT, matrix::FORMAT];
        if let Some(kind) = document["kind"].as_str() {
            return ALL.into_iter().find(|format| format.kind == kind);
        }
        let any =
            |key: &str| document["models"].as_array().is_some_and(|all| all.iter().any(|one| one.get(key).is_some()));
        if document["findings"].is_array() && document["claims"].is_array() {
            Some(audit::FORMAT)
        } else if document["matrix"].is_array() {
            Some(matrix::FORMAT)
        } else if document["points"].is_array() {
            Some(population::FORMAT)
        } else if any("runs") {
            Some(runs::FORMAT)
        } else if any("verdict") {
            Some(verdicts::FORMAT)
        } else {
            None
        }
    }

    /// Reads a document; None: it is none of these.
    ///
    /// # Errors
    /// It is of another version, or lacks something.
    pub fn read(document: &Value) -> Result<Option<Paper>, String> {
        let Some(format) = Paper::format_of(document) else { return Ok(None) };
        Ok(Some(match format.kind {
            kind if kind == verdicts::FORMAT.kind => Paper::Verdicts(format.read_value(document)?),
            kind if kind == runs::FORMAT.kind => Paper::Runs(format.read_value(document)?),
            kind if kind == population::FORMAT.kind => Paper::Population(format.read_value(document)?),
            kind if kind == audit::FORMAT.kind => Paper::Audit(Box::new(format.read_value(document)?)),
            _ => Paper::Matrix(format.read_value(document)?),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<&'static str> {
        Paper::format_of(&serde_json::from_str(text).expect("JSON")).map(|format| format.kind)
    }

    #[test]
    fn documents_of_before_are_told_by_their_keys() {
        assert_eq!(kind(r#"{"models":[{"verdict":"holds"}]}"#), Some("dhcpfo-verdicts"));
        assert_eq!(kind(r#"{"models":[{"runs":3}]}"#), Some("dhcpfo-runs"));
        assert_eq!(kind(r#"{"points":[]}"#), Some("dhcpfo-population"));
        assert_eq!(kind(r#"{"findings":[],"claims":[]}"#), Some("dhcpfo-audit"));
        assert_eq!(kind(r#"{"matrix":[]}"#), Some("dhcpfo-matrix"));
        assert_eq!(kind(r#"{"models":[]}"#), None);
        assert_eq!(kind("7"), None);
    }

    #[test]
    fn what_a_document_says_it_is_counts() {
        assert_eq!(kind(r#"{"kind":"dhcpfo-runs","models":[]}"#), Some("dhcpfo-runs"));
        assert_eq!(kind(r#"{"kind":"dhcpfo-lattice","models":[{"verdict":"holds"}]}"#), None);
    }

    /// Documents that lack everything but what makes them what they are.
    #[test]
    fn what_lacks_something_is_refused_with_what_that_is() {
        for (text, lacks) in [
            (r#"{"version":1,"models":[{"verdict":"holds"},7]}"#, "missing field `path`"),
            (r#"{"version":1,"tool":"x","exit":0,"models":[{"verdict":"holds"}]}"#, "missing field `path`"),
            (r#"{"version":1,"tool":"x","exit":0,"models":[{"runs":3}]}"#, "missing field `path`"),
            (r#"{"version":1,"tool":"x","exit":0,"path":"x","title":"x","points":[{}]}"#, "missing field `at`"),
            (r#"{"version":1,"findings":[{},7],"claims":[{}]}"#, "missing field"),
            (r#"{"version":1,"matrix":[{}],"claims":["a"],"states":1}"#, "missing field `path`"),
        ] {
            let document = serde_json::from_str(text).expect("JSON");
            let said = Paper::read(&document).expect_err("it lacks something");
            assert!(said.contains(lacks) && said.contains("would be accepted"), "{text}: {said}");
        }
        let later = serde_json::from_str(r#"{"version":2,"points":[]}"#).expect("JSON");
        assert!(Paper::read(&later).expect_err("another version").starts_with("version 2"));
    }
}
