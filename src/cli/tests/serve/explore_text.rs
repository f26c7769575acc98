//! `dhcpfo explore` on models of other protocols than draft-12: over HTTP, as the page asks.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::{fs, time::Duration};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// An explorer that is running.
struct Running {
    child: Child,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn of(file: &str) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dhcpfo"))
            .args(["explore", file, "--listen", "127.0.0.1:0"])
            .current_dir(ROOT)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the explorer starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split([',', '/']).next());
        let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
        Running { child, address }
    }

    fn ask(&self, path: &str, question: &Value) -> (u16, Value) {
        let body = question.to_string();
        let mut stream = TcpStream::connect(&self.address).expect("it answers");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all((head + &body).as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
    }

    fn good(&self, path: &str, question: &Value) -> Value {
        let (status, value) = self.ask(path, question);
        assert_eq!(status, 200, "{path} {question}: {value}");
        value
    }
}

fn names(values: &Value, key: &str) -> Vec<String> {
    values.as_array().expect("a list").iter().map(|one| one[key].as_str().expect("text").to_owned()).collect()
}

#[test]
fn a_person_chooses_searches_and_saves() {
    let running = Running::of("models/fischer/broken/wait-too-short.toml");
    let start = running.good("/api/state", &json!({"path": []}));
    assert_eq!(names(&start["actions"], "text"), ["p0 reads", "p1 reads"]);
    assert_eq!(start["lines"][1], json!(["p0", "idle", false]));
    let found = running.good("/api/find", &json!({"path": [], "want": ""}));
    let path = found["steps"].as_array().expect("a path").clone();
    assert_eq!(path.iter().filter(|step| *step != "tick").count(), 6, "as many actions as the search says");
    let end = running.good("/api/state", &json!({"path": path}));
    assert_eq!((&end["claims"][0]["now"], &end["claims"][0]["since"]), (&json!(true), &json!(path.len())));
    assert_eq!(end["path"], json!(path));
    let times = running.good("/api/times", &json!({"path": path}));
    let at: Vec<_> = times["at"].as_array().expect("instants").iter().filter_map(Value::as_str).collect();
    assert_eq!(at.len(), 6, "{times}");
    let mut sorted = at.clone();
    sorted.sort_unstable();
    assert_eq!(at, sorted, "time goes forward");
    // What it saves can be played.
    let text = running.good("/api/scenario", &json!({"path": path}))["text"].as_str().expect("text").to_owned();
    let file = format!("{}/explored.toml", env!("CARGO_TARGET_TMPDIR"));
    let model = format!("{ROOT}/models/fischer/broken/wait-too-short.toml");
    fs::write(&file, text.replace("models/fischer/broken/wait-too-short.toml", &model)).expect("a file");
    let played = Command::new(env!("CARGO_BIN_EXE_dhcpfo")).args(["play", &file]).output().expect("it runs");
    assert_eq!(played.status.code(), Some(0), "{text}\n{}", String::from_utf8_lossy(&played.stderr));
}

#[test]
fn what_does_not_fit_is_told() {
    let running = Running::of("models/fischer/two.toml");
    let state = running.good("/api/state", &json!({"path": ["p0 reads", "p1 enters"]}));
    assert_eq!(state["path"], json!(["p0 reads"]));
    let problem = state["unfit"]["problem"].as_str().expect("a reason");
    assert!(problem.contains("not enabled") && problem.contains("p0 writes"), "{problem}");
    let (status, none) = running.ask("/api/find", &json!({"path": [], "want": "nonsense"}));
    assert_eq!(status, 400);
    assert!(none["error"].as_str().is_some_and(|why| why.contains("mutual-exclusion, named-inside, inside")), "{none}");
    assert_eq!(running.ask("/api/state", &json!({"with": [["lead-base", "sent"]]})).0, 400);
    assert_eq!(running.ask("/api/state", &json!({"source": "nowhere"})).0, 400);
    // With the waits that the protocol asks for there is nothing to find.
    assert_eq!(running.good("/api/find", &json!({"path": [], "want": ""}))["none"], json!(true));
}

#[test]
fn a_scenario_is_where_its_script_ends() {
    for name in ["fischer-too-hasty", "kea-ha-reset", "lf2-always-long", "sharing-late-grant", "split-scope-overlap"] {
        let running = Running::of(&format!("scenarios/protocols/{name}.toml"));
        let path = &running.good("/api/open", &json!({}))["main"]["start"];
        let state = running.good("/api/state", &json!({"path": path}));
        assert!(state["claims"].as_array().expect("claims").iter().any(|claim| claim["now"] == true), "{state}");
        // As the script has times, so has the path.
        let times = running.good("/api/times", &json!({"path": path}));
        assert_eq!(times["why"], Value::Null, "{name}");
    }
}

/// Each lesson's solution reaches its goal, and not before its last step.
#[test]
fn lessons_can_be_done() {
    for (model, least) in [
        ("fischer/two", 1),
        ("split-scope/disjoint", 1),
        ("resource-sharing/two", 1),
        ("lf2/2-1-1", 1),
        ("kea-ha/hs-crash", 3),
    ] {
        let running = Running::of(&format!("models/{model}.toml"));
        let open = running.good("/api/open", &json!({}));
        let lessons = open["lessons"].as_array().expect("lessons");
        assert!(lessons.len() >= least, "{model} has no lesson");
        for lesson in lessons {
            let key = lesson["key"].as_str().expect("a key");
            let protocol = model.split('/').next().expect("a name");
            let text = fs::read_to_string(format!("{ROOT}/scenarios/lessons/{protocol}/{key}.toml")).expect("its file");
            let solution = text.split("solution = \"\"\"\n").nth(1).and_then(|rest| rest.split("\"\"\"").next());
            let steps: Vec<&str> = solution.expect("a solution").lines().collect();
            let met = |path: &[&str]| {
                let state = running.good("/api/state", &json!({"source": key, "path": path}));
                assert_eq!(state["unfit"], Value::Null, "{key}");
                state["goal"].as_array().expect("goals").iter().all(|goal| goal["met"] == true)
            };
            assert!(met(&steps) && !met(&steps[..steps.len() - 1]), "{key}");
        }
    }
}
