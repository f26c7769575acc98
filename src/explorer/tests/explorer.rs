//! What the explorer answers: paths, searches, other readings, and questions that are not as they should be.

use dhcpfo_explorer::api::{Asked, Explorer, Refused};
use dhcpfo_explorer::source::Source;
use serde_json::{Value, json};

const BROKEN: &str = "models/broken/m01-no-mclt-in-wait-duplicate.toml";
const DUPLICATE: [&str; 4] =
    ["client 0 obtain a0 primary", "crash primary", "operator secondary partner-down", "client 1 obtain a0 secondary"];

fn at_root() {
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).expect("the root of the repository");
}

fn explorer(path: &str) -> Explorer {
    at_root();
    Explorer::new(Source::of_model(path).expect("a model"), Vec::new())
}

fn asked(question: Value) -> Asked {
    serde_json::from_value(question).expect("a question")
}

fn claim<'a>(state: &'a Value, name: &str) -> &'a Value {
    let claims = state["claims"].as_array().expect("claims");
    claims.iter().find(|claim| claim["name"] == name).expect("the claim")
}

#[test]
fn the_known_counterexample_turns_its_claim_red() {
    let explorer = explorer(BROKEN);
    let before = explorer.state(&asked(json!({ "path": DUPLICATE[..3] }))).unwrap();
    assert!(claim(&before, "no-duplicate-address")["since"].is_null());
    let state = explorer.state(&asked(json!({ "path": DUPLICATE }))).unwrap();
    assert!(state["unfit"].is_null(), "{}", state["unfit"]);
    let light = claim(&state, "no-duplicate-address");
    assert_eq!(light["since"], 4);
    assert!(light["why"].as_str().unwrap().contains("Clients 0 and 1 both hold a0"), "{light}");
    assert!(state["diagram"].as_str().unwrap().contains("client 1 obtain a0 secondary"));
}

/// Behind a step stand the readings under which it would have come out otherwise, and what they would have made of it; not what
/// another reading would only have written down for later.
#[test]
fn a_step_tells_what_decided_it() {
    let explorer = explorer(BROKEN);
    let decided = |steps: usize| -> Vec<(String, String)> {
        let state = explorer.state(&asked(json!({ "path": DUPLICATE[..steps] }))).unwrap();
        let text = |value: &Value| value.as_str().expect("a word").to_owned();
        let cites = state["last"]["cites"].as_array().expect("rules").clone();
        let others = |cite: &Value| cite["otherwise"].as_array().expect("readings").clone();
        let pairs =
            cites.iter().flat_map(|cite| others(cite).into_iter().map(|r| (text(&cite["key"]), text(&r["word"]))));
        pairs.collect()
    };
    let has = |found: &[(String, String)], key: &str, word: &str| {
        found.iter().any(|(k, w)| (k.as_str(), w.as_str()) == (key, word))
    };
    let leased = decided(1);
    assert!(has(&leased, "lead-base", "unbounded"), "{leased:?}");
    assert!(!leased.iter().any(|(key, _)| key == "partner-down-wait"), "{leased:?}");
    let entered = decided(3);
    assert!(has(&entered, "partner-down-wait", "full"), "{entered:?}");
    // It would note when the state was entered, which nothing here reads.
    assert!(!has(&entered, "recover-wait", "from-state"), "{entered:?}");
    assert!(decided(2).is_empty(), "a crash is nobody's rule");
}

#[test]
fn the_nearest_violation_is_the_known_one() {
    let explorer = explorer(BROKEN);
    let found = explorer.find(&asked(json!({ "path": [] }))).unwrap();
    assert_eq!(found["steps"].as_array().unwrap().len(), 4, "{found}");
    // On from there, nothing else can be violated.
    let further = explorer.find(&asked(json!({ "path": found["steps"] }))).unwrap();
    assert_eq!(further["none"], true, "{further}");
}

#[test]
fn a_state_is_found_and_a_bound_is_told() {
    let explorer = explorer("models/one-address.toml");
    let found = explorer.find(&asked(json!({ "want": "primary PARTNER-DOWN, client 1 a0" }))).unwrap();
    let path = found["steps"].clone();
    let state = explorer.state(&asked(json!({ "path": path }))).unwrap();
    assert_eq!(state["servers"][0]["condition"], "PARTNER-DOWN");
    assert_eq!(state["clients"][1]["holds"], "a0");
    let bounded = explorer.find(&asked(json!({ "want": "recover-done, client 1 a0", "states": 1 }))).unwrap();
    assert!(bounded["bound"].as_str().unwrap().contains("states"), "{bounded}");
}

#[test]
fn another_reading_takes_the_path_differently() {
    let explorer = explorer(BROKEN);
    let with = json!([["partner-down-wait", "full"]]);
    let state = explorer.state(&asked(json!({ "path": DUPLICATE, "with": with }))).unwrap();
    assert_eq!(state["unfit"]["number"], 4, "the repaired reading refuses the second lease");
    assert_eq!(state["path"].as_array().unwrap().len(), 3);
    for (key, word, part) in
        [("partner-down-wait", "?", "no-mclt"), ("?", "full", "no question"), ("dialect", "?", "draft-12")]
    {
        let refused = explorer.state(&asked(json!({ "with": [[key, word]] }))).unwrap_err();
        assert!(matches!(&refused, Refused::Wrong(why) if why.contains(part)), "{key} = {word}: {refused:?}");
    }
}

#[test]
fn a_link_that_does_not_fit_opens_at_its_longest_part_that_does() {
    let explorer = explorer(BROKEN);
    let cases = [
        ("fly", "tick, wake"),
        ("client 9 obtain a0 primary", "not enabled"),
        ("client 255 obtain a4000000000 secondary", "not enabled"),
        ("deliver primary, looking at a1 a0", "not enabled"),
        ("crash primary ~7", "one outcome only"),
        ("tick ~1", "tick"),
        ("restart primary", "not enabled"),
        ("client 1 obtain a0 primary, crash after 200", "not enabled"),
        ("\u{0}\u{202e}<script>", "tick, wake"),
    ];
    for (text, part) in cases {
        let state = explorer
            .state(&asked(json!({ "path": ["client 0 obtain a0 primary", "deliver secondary", text] })))
            .unwrap();
        assert_eq!(state["path"].as_array().unwrap().len(), 2, "{text}");
        assert_eq!(state["unfit"]["number"], 3, "{text}");
        let problem = state["unfit"]["problem"].as_str().unwrap();
        assert!(problem.contains(part) || text == "tick ~1", "{text}: {problem}");
    }
    let long: Vec<&str> = std::iter::repeat_n("crash primary", 3_000).collect();
    assert_eq!(explorer.state(&asked(json!({ "path": long }))).unwrap()["path"].as_array().unwrap().len(), 1);
}

#[test]
fn everything_that_is_offered_can_be_done() {
    // A walk through models of every kind: the last action offered, then the first, in turn.
    for path in
        ["models/packets.toml", "models/storage-loss.toml", "models/isc-dhcpd-4.4.toml", "models/first-start.toml"]
    {
        let explorer = explorer(path);
        let mut steps: Vec<Value> = Vec::new();
        for turn in 0..14 {
            let state = explorer.state(&asked(json!({ "path": steps }))).unwrap();
            assert!(state["unfit"].is_null(), "{path}: {}", state["unfit"]);
            let actions = state["actions"].as_array().unwrap();
            for action in actions {
                let outcomes = action["outcomes"].as_array().unwrap();
                let mut longer = steps.clone();
                longer.push(outcomes[outcomes.len() - 1]["step"].clone());
                let next = explorer.state(&asked(json!({ "path": longer }))).unwrap();
                assert!(next["unfit"].is_null(), "{path}: {}", next["unfit"]);
            }
            let Some(action) = (if turn % 2 == 0 { actions.last() } else { actions.first() }) else { break };
            steps.push(action["outcomes"][0]["step"].clone());
        }
    }
}

#[test]
fn a_path_gets_times_and_is_saved_as_a_scenario_that_plays() {
    let explorer = explorer("models/broken/f02-wait-without-entry-duplicate.toml");
    let found = explorer.find(&asked(json!({}))).unwrap();
    assert!(found["steps"].is_array(), "{found}");
    let path = &found["steps"];
    let times = explorer.times(&asked(json!({ "path": path }))).unwrap();
    assert_eq!(times["at"].as_array().unwrap().len(), path.as_array().unwrap().len(), "{times}");
    let text = explorer.scenario(&asked(json!({ "path": path }))).unwrap()["text"].as_str().unwrap().to_owned();
    let read = |asked: &str| match asked {
        "saved.toml" => Ok(text.clone()),
        other => dhcpfo_files::from_disk(other),
    };
    let file =
        dhcpfo_files::scenario::scenario("saved.toml", &read).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let outcome =
        dhcpfo_world::play::perform(&file.model.model, file.lengths, &file.script, &mut |_| {}).expect("it plays");
    let (mut is, mut should) = (outcome.refuted, file.refutes);
    is.sort_unstable();
    should.sort_unstable();
    assert_eq!(is, should);
    assert!(!is.is_empty());
}

/// A person may choose an order of deadlines that the model's lengths do not have. Such a path has the times of a run with
/// all its actions, in their order, or none.
#[test]
fn whatever_order_is_chosen_times_are_of_the_whole_path() {
    let explorer = explorer("models/one-address.toml");
    let (mut random, mut with, mut without) = (1_u64, 0, 0);
    let mut pick = |count: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % count
    };
    for _ in 0..40 {
        let mut path: Vec<Value> = Vec::new();
        for _ in 0..14 {
            let state = explorer.state(&asked(json!({ "path": path }))).unwrap();
            let actions = state["actions"].as_array().expect("actions");
            let Some(action) = (!actions.is_empty()).then(|| &actions[pick(actions.len())]) else { break };
            let outcomes = action["outcomes"].as_array().expect("outcomes");
            path.push(outcomes[pick(outcomes.len())]["step"].clone());
        }
        let times = explorer.times(&asked(json!({ "path": path }))).unwrap();
        let Some(at) = times["at"].as_array() else {
            without += 1;
            continue;
        };
        with += 1;
        for (step, at) in path.iter().zip(at) {
            assert_eq!(step == "tick", at.is_null(), "{path:#?}\n{times}");
        }
    }
    assert!(with > 10 && without > 0, "{with} paths with times, {without} without");
}

#[test]
fn a_path_under_another_reading_is_saved_with_it_and_opens_with_it() {
    let explorer = explorer("models/one-address.toml");
    let with = json!([["partner-down-wait", "no-mclt"]]);
    let question = json!({ "path": DUPLICATE, "with": with });
    let text = explorer.scenario(&asked(question)).unwrap()["text"].as_str().unwrap().to_owned();
    let read = |asked: &str| match asked {
        "saved.toml" => Ok(text.clone()),
        other => dhcpfo_files::from_disk(other),
    };
    let file =
        dhcpfo_files::scenario::scenario("saved.toml", &read).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    assert_eq!(file.refutes, ["partner-down-wait", "no-duplicate-address"], "only with that reading\n{text}");
    let outcome =
        dhcpfo_world::play::perform(&file.model.model, file.lengths, &file.script, &mut |_| {}).expect("it plays");
    assert!(outcome.refuted.contains(&"no-duplicate-address"), "{:?}", outcome.refuted);
    let source = Source::of_scenario(&file).unwrap();
    assert_eq!(json!(source.with), with);
    assert_eq!(source.notes.len(), 1, "{:?}", source.notes);
    let again = Explorer::new(source.clone(), Vec::new());
    let state = again.state(&asked(json!({ "path": source.start, "with": source.with }))).unwrap();
    assert!(!claim(&state, "no-duplicate-address")["since"].is_null());
    // What the scenario's reading is good for: without it the path ends.
    let state = again.state(&asked(json!({ "path": source.start }))).unwrap();
    assert!(
        !state["unfit"].is_null() && claim(&state, "no-duplicate-address")["since"].is_null(),
        "{}",
        state["unfit"]
    );
    for (wrong, part) in [("no-mclt", "nothing"), ("[rules]", "[rule]")] {
        let text = text.replacen(wrong, part, 1);
        let read = |asked: &str| if asked == "saved.toml" { Ok(text.clone()) } else { dhcpfo_files::from_disk(asked) };
        let errors = dhcpfo_files::scenario::scenario("saved.toml", &read).unwrap_err().to_string();
        assert!(
            errors.contains("saved.toml:") && errors.contains(if part == "nothing" { "reading" } else { "rule" }),
            "{errors}"
        );
    }
}

#[test]
fn scenarios_are_followed_to_their_end() {
    at_root();
    let mut count = 0;
    for folder in ["scenarios", "scenarios/found"] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "toml") {
                continue;
            }
            let path = path.to_str().unwrap().to_owned();
            let file = dhcpfo_files::scenario::scenario(&path, &dhcpfo_files::from_disk).unwrap();
            let source = Source::of_scenario(&file).unwrap();
            assert_eq!(source.notes.len(), 1, "{:?}", source.notes);
            let explorer = Explorer::new(source.clone(), Vec::new());
            let state = explorer.state(&asked(json!({ "path": source.start }))).unwrap();
            let red = state["claims"].as_array().unwrap().iter().filter(|claim| !claim["since"].is_null());
            let mut red: Vec<&str> = red.map(|claim| claim["name"].as_str().unwrap()).collect();
            let mut should = file.refutes.clone();
            red.sort_unstable();
            should.sort_unstable();
            assert_eq!(red, should, "{path}");
            count += 1;
        }
    }
    assert!(count > 20, "{count} scenarios");
}
