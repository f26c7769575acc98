//! What a search said before, against what it says now: for whoever changes a protocol and wants to know what that broke.
//!
//! Both are documents of `dhcpfo check --json`, of which this reads what does not differ from run to run.

use dhcpfo_documents::verdicts::{ClaimVerdict, FORMAT, ModelVerdict, SEEN_VERSION, Verdicts, Witness};
use std::collections::{BTreeMap, BTreeSet};

pub use dhcpfo_documents::verdicts::Difference;

/// Most things that are named in one difference.
const MOST_NAMED: usize = 12;

/// Reads a document.
///
/// # Errors
/// What is wrong with it, with line and column, and what would be accepted.
pub fn read(text: &str) -> Result<Verdicts, String> {
    FORMAT.read(text)
}

/// What is `now` not as in `before`. `all`: models that are not here any more count, too.
pub fn differences(now: &Verdicts, before: &Verdicts, all: bool) -> Vec<Difference> {
    let mut found = Vec::new();
    for model in &now.models {
        match before.models.iter().find(|before| before.path == model.path) {
            Some(before) => compare(model, before, &mut found),
            None => found.push(differs(model, "model", format!("{}, was not there", model.verdict.word()))),
        }
    }
    let gone = before.models.iter().filter(|model| all && !now.models.iter().any(|now| now.path == model.path));
    found.extend(
        gone.map(|model| differs(model, "model", format!("not searched any more, was {}", model.verdict.word()))),
    );
    found
}

fn differs(model: &ModelVerdict, what: &str, text: String) -> Difference {
    Difference { path: model.path.clone(), what: what.to_owned(), text }
}

fn outcome(model: &ModelVerdict) -> String {
    match &model.cut_off {
        Some(why) => format!("{} by {why}", model.verdict.word()),
        None => model.verdict.word().to_owned(),
    }
}

fn compare(now: &ModelVerdict, before: &ModelVerdict, found: &mut Vec<Difference>) {
    let mut note = |what: &str, is: String, was: String| {
        if is != was {
            found.push(differs(now, what, format!("{is}, was {was}")));
        }
    };
    note("verdict", outcome(now), outcome(before));
    for claim in &now.claims {
        let then = before.claims.iter().find(|then| then.name == claim.name);
        note(&claim.name, fate(claim), then.map_or_else(|| "not claimed".to_owned(), fate));
    }
    for then in before.claims.iter().filter(|then| now.claims.iter().all(|claim| claim.name != then.name)) {
        note(&then.name, "not claimed".to_owned(), fate(then));
    }
    for witness in &now.witnesses {
        let then = before.witnesses.iter().find(|then| then.name == witness.name);
        note(&witness.name, reached(witness), then.map_or_else(|| "not looked for".to_owned(), reached));
    }
    for then in before.witnesses.iter().filter(|then| now.witnesses.iter().all(|witness| witness.name != then.name)) {
        note(&then.name, "not looked for".to_owned(), reached(then));
    }
    note("states", now.unique.to_string(), before.unique.to_string());
    note("depth", now.depth.to_string(), before.depth.to_string());
    if now.unique != before.unique || now.depth != before.depth {
        explain(now, before, found);
    }
}

/// What is behind a count that has moved: what came up and did not before, and the other way round.
fn explain(model: &ModelVerdict, before: &ModelVerdict, found: &mut Vec<Difference>) {
    let (Some(now), Some(then)) = (&model.seen, &before.seen) else {
        let text = "what came up is not in both documents: write the baseline anew to have moved counts explained";
        found.push(differs(model, "seen", text.to_owned()));
        return;
    };
    if now.version != SEEN_VERSION || then.version != SEEN_VERSION {
        let text =
            format!("version {SEEN_VERSION} of \"seen\" is understood, not {} and {}", now.version, then.version);
        found.push(differs(model, "seen", text));
        return;
    }
    let before_any = found.len();
    for (what, now, then) in [("actions", &now.actions, &then.actions), ("bindings", &now.bindings, &then.bindings)] {
        let (now, then) = (listed(now), listed(then));
        let come: Vec<&String> = now.difference(&then).collect();
        let gone: Vec<&String> = then.difference(&now).collect();
        let parts = [("new", come), ("gone", gone)].into_iter().filter(|(_, list)| !list.is_empty());
        let parts: Vec<String> = parts.map(|(word, list)| format!("{word}: {}", few(&list))).collect();
        if !parts.is_empty() {
            found.push(differs(model, what, parts.join(", ")));
        }
    }
    let (now, then) = (counted(&now.states), counted(&then.states));
    let pairs: BTreeSet<&String> = now.keys().chain(then.keys()).collect();
    let count = |counts: &BTreeMap<String, u64>, pair: &String| counts.get(pair).copied().unwrap_or(0);
    let mut moved: Vec<(u64, String)> = Vec::new();
    for pair in pairs {
        let (is, was) = (count(&now, pair), count(&then, pair));
        if is != was {
            moved.push((is.abs_diff(was), format!("{pair} {is}, was {was}")));
        }
    }
    moved.sort_by_key(|(difference, _)| std::cmp::Reverse(*difference));
    if !moved.is_empty() {
        let moved: Vec<String> = moved.into_iter().map(|(_, text)| text).collect();
        found.push(differs(model, "states of the servers", few(&moved.iter().collect::<Vec<_>>())));
    }
    if found.len() == before_any {
        found.push(differs(model, "seen", "the same actions, states of servers and bindings came up".to_owned()));
    }
}

/// The first of a list, with how many more there are.
fn few(list: &[&String]) -> String {
    let named: Vec<&str> = list.iter().take(MOST_NAMED).map(|text| text.as_str()).collect();
    let more = list.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}", named.join("; "))
}

/// All members of lists, each with what it begins with.
fn listed(lists: &BTreeMap<String, String>) -> BTreeSet<String> {
    let members = |(first, list): (&String, &String)| {
        list.split("; ").map(|rest| format!("{first} {rest}").trim().to_owned()).collect::<Vec<_>>()
    };
    lists.iter().flat_map(members).collect()
}

/// The same where each member ends with a count.
fn counted(lists: &BTreeMap<String, String>) -> BTreeMap<String, u64> {
    let split = |member: String| {
        let (pair, count) = member.rsplit_once(' ')?;
        Some((pair.to_owned(), count.parse().ok()?))
    };
    listed(lists).into_iter().filter_map(split).collect()
}

fn fate(claim: &ClaimVerdict) -> String {
    match claim.length {
        Some(length) => format!("{} in {length}", claim.verdict.word()),
        None => claim.verdict.word().to_owned(),
    }
}

fn reached(witness: &Witness) -> String {
    witness.length.map_or_else(|| "not reached".to_owned(), |length| format!("reached in {length}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn model(path: &str) -> Value {
        json!({
            "path": path, "title": "x", "class": "smoke", "clock": "ticks", "verdict": "refuted", "cut-off": null,
            "as-expected": true, "unexpected": [], "unique": 530, "edges": 900, "depth": 4, "omission-odds": 1e-12,
            "claims": [{"name": "no-duplicate-address", "verdict": "refuted", "length": 6, "path": []}],
            "witnesses": [{"name": "normal-again", "length": 9}],
        })
    }

    fn document(models: &[Value]) -> Verdicts {
        read(&json!({"version": 1, "tool": "x", "exit": 0, "models": models}).to_string()).unwrap()
    }

    fn told(now: &[Value], before: &[Value], all: bool) -> Vec<String> {
        let told = |difference: Difference| format!("{} {difference}", difference.path);
        differences(&document(now), &document(before), all).into_iter().map(told).collect()
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
            "a seen: what came up is not in both documents: write the baseline anew to have moved counts explained",
        ];
        assert_eq!(told(&[now], &[model("a")], true), expected);
    }

    #[test]
    fn a_moved_count_is_explained() {
        let seen = |actions: &str, states: &str| {
            json!({
                "version": 1, "actions": {"deliver": actions, "tick": ""},
                "states": {"NORMAL": states}, "bindings": {"FREE": "FREE; ACTIVE"},
            })
        };
        let (mut before, mut now) = (model("a"), model("a"));
        before["seen"] = seen("primary STATE; secondary STATE", "NORMAL 12; off 3");
        now["seen"] = seen("primary STATE; primary UPDDONE", "NORMAL 13; RECOVER 4");
        assert_eq!(told(&[now.clone()], &[before.clone()], true), [""; 0]);
        now["unique"] = json!(532);
        let expected = [
            "a states: 532, was 530",
            "a actions: new: deliver primary UPDDONE, gone: deliver secondary STATE",
            "a states of the servers: NORMAL RECOVER 4, was 0; NORMAL off 0, was 3; NORMAL NORMAL 13, was 12",
        ];
        assert_eq!(told(&[now.clone()], &[before.clone()], true), expected);
        now["seen"] = before["seen"].clone();
        let expected = ["a states: 532, was 530", "a seen: the same actions, states of servers and bindings came up"];
        assert_eq!(told(&[now.clone()], &[before.clone()], true), expected);
        before["seen"]["version"] = json!(2);
        let told = told(&[now], &[before], true);
        assert_eq!(told[1], "a seen: version 1 of \"seen\" is understood, not 1 and 2");
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
        let refused = |text: &str| read(text).unwrap_err();
        assert!(refused("{\"version\": 1}").contains("missing field `tool` at line 1 column 14"));
        assert!(
            refused("{\"version\": 2, \"models\": []}")
                .starts_with("version 2 of the verdicts of a search is not known")
        );
        assert!(refused("").contains("would be accepted"));
    }
}
