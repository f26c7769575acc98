//! What a search said before, against what it says now: for whoever changes a protocol and wants to know what that broke.
//!
//! Both are documents of `dhcpfo check --json`, of which this reads what does not differ from run to run.

use serde::Deserialize;
use std::fmt;

/// The version of the documents that are read.
const VERSION: u32 = 1;

/// A document of `dhcpfo check --json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Verdicts {
    version: u32,
    models: Vec<ModelVerdict>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ModelVerdict {
    path: String,
    verdict: String,
    cut_off: Option<String>,
    claims: Vec<ClaimVerdict>,
    witnesses: Vec<Witness>,
    unique: u64,
    depth: u32,
}

#[derive(Clone, Debug, Deserialize)]
struct ClaimVerdict {
    name: String,
    verdict: String,
    length: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
struct Witness {
    name: String,
    length: Option<u32>,
}

/// One thing that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The model's file.
    pub path: String,
    /// `model`, `verdict`, `states`, `depth`, or the name of a claim or witness.
    pub what: String,
    /// How it is, and how it was.
    pub text: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.text)
    }
}

impl Verdicts {
    /// Reads a document.
    ///
    /// # Errors
    /// What is wrong with it, with line and column, and what would be accepted.
    pub fn read(text: &str) -> Result<Verdicts, String> {
        let accepted = "what `dhcpfo check --json --no-times` prints would be accepted";
        let read: Verdicts = serde_json::from_str(text).map_err(|error| format!("{error}; {accepted}"))?;
        match read.version {
            VERSION => Ok(read),
            other => Err(format!("version {other} of the document is not known; {accepted}")),
        }
    }

    /// What is not as in `before`. `all`: models that are not here any more count, too.
    pub fn differences(&self, before: &Verdicts, all: bool) -> Vec<Difference> {
        let mut found = Vec::new();
        for now in &self.models {
            match before.models.iter().find(|model| model.path == now.path) {
                Some(before) => now.compare(before, &mut found),
                None => found.push(now.differs("model", format!("{}, was not there", now.verdict))),
            }
        }
        let gone = before.models.iter().filter(|model| all && !self.models.iter().any(|now| now.path == model.path));
        found.extend(gone.map(|model| model.differs("model", format!("not searched any more, was {}", model.verdict))));
        found
    }
}

impl ModelVerdict {
    fn differs(&self, what: &str, text: String) -> Difference {
        Difference { path: self.path.clone(), what: what.to_owned(), text }
    }

    fn words(&self) -> String {
        match &self.cut_off {
            Some(why) => format!("{} by {why}", self.verdict),
            None => self.verdict.clone(),
        }
    }

    fn compare(&self, before: &ModelVerdict, found: &mut Vec<Difference>) {
        let mut note = |what: &str, now: String, then: String| {
            if now != then {
                found.push(self.differs(what, format!("{now}, was {then}")));
            }
        };
        note("verdict", self.words(), before.words());
        for claim in &self.claims {
            let then = before.claims.iter().find(|then| then.name == claim.name);
            note(&claim.name, claim.words(), then.map_or_else(|| "not claimed".to_owned(), ClaimVerdict::words));
        }
        for then in before.claims.iter().filter(|then| self.claims.iter().all(|claim| claim.name != then.name)) {
            note(&then.name, "not claimed".to_owned(), then.words());
        }
        for witness in &self.witnesses {
            let then = before.witnesses.iter().find(|then| then.name == witness.name);
            note(&witness.name, witness.words(), then.map_or_else(|| "not looked for".to_owned(), Witness::words));
        }
        for then in before.witnesses.iter().filter(|then| self.witnesses.iter().all(|now| now.name != then.name)) {
            note(&then.name, "not looked for".to_owned(), then.words());
        }
        note("states", self.unique.to_string(), before.unique.to_string());
        note("depth", self.depth.to_string(), before.depth.to_string());
    }
}

impl ClaimVerdict {
    fn words(&self) -> String {
        match self.length {
            Some(length) => format!("{} in {length}", self.verdict),
            None => self.verdict.clone(),
        }
    }
}

impl Witness {
    fn words(&self) -> String {
        self.length.map_or_else(|| "not reached".to_owned(), |length| format!("reached in {length}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn model(path: &str) -> Value {
        json!({
            "path": path, "verdict": "refuted", "cut-off": null, "unique": 530, "depth": 4,
            "claims": [{"name": "no-duplicate-address", "verdict": "refuted", "length": 6, "path": []}],
            "witnesses": [{"name": "normal-again", "length": 9}],
        })
    }

    fn document(models: &[Value]) -> Verdicts {
        Verdicts::read(&json!({"version": 1, "tool": "x", "models": models}).to_string()).unwrap()
    }

    fn told(now: &[Value], before: &[Value], all: bool) -> Vec<String> {
        let told = |difference: Difference| format!("{} {difference}", difference.path);
        document(now).differences(&document(before), all).into_iter().map(told).collect()
    }

    #[test]
    fn what_is_as_it_was_is_not_told() {
        assert_eq!(told(&[model("a")], &[model("a")], true), [""; 0]);
    }

    #[test]
    fn whatever_has_changed_is_told() {
        let mut now = model("a");
        now["verdict"] = json!("cut-off");
        now["cut-off"] = json!("states");
        now["claims"][0]["length"] = json!(4);
        now["witnesses"][0]["length"] = Value::Null;
        now["unique"] = json!(531);
        now["depth"] = json!(5);
        let expected = [
            "a verdict: cut-off by states, was refuted",
            "a no-duplicate-address: refuted in 4, was refuted in 6",
            "a normal-again: not reached, was reached in 9",
            "a states: 531, was 530",
            "a depth: 5, was 4",
        ];
        assert_eq!(told(&[now], &[model("a")], true), expected);
    }

    #[test]
    fn claims_and_witnesses_come_and_go() {
        let mut now = model("a");
        now["claims"][0]["name"] = json!("mclt-bound");
        now["witnesses"] = json!([]);
        let expected = [
            "a mclt-bound: refuted in 6, was not claimed",
            "a no-duplicate-address: not claimed, was refuted in 6",
            "a normal-again: not looked for, was reached in 9",
        ];
        assert_eq!(told(&[now], &[model("a")], true), expected);
    }

    #[test]
    fn models_come_and_go() {
        let expected = ["b model: refuted, was not there", "a model: not searched any more, was refuted"];
        assert_eq!(told(&[model("b")], &[model("a")], true), expected);
        assert_eq!(told(&[model("b")], &[model("b"), model("a")], false), [""; 0]);
    }

    #[test]
    fn what_is_no_document_is_refused_with_its_place() {
        let refused = |text: &str| Verdicts::read(text).unwrap_err();
        assert!(refused("{\"version\": 1}").contains("missing field `models` at line 1 column 14"));
        assert!(refused("{\"version\": 2, \"models\": []}").starts_with("version 2 of the document is not known"));
        assert!(refused("").contains("would be accepted"));
    }
}
