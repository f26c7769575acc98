//! `dhcpfo explore` of what happened elsewhere: traces of real servers, captures, audits, failures; live; and files that
//! are not as they should be.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::pair::{Pair, good};
use dhcpfo_server::demo::Shape;
use serde_json::{Value, json};

const CAPTURES: [&str; 2] =
    ["src/audit/tests/audit/captures/isc-b01-link.pcap", "src/audit/tests/audit/captures/isc-b01-lan.pcap"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("explore-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// What a command prints.
fn output(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_dhcpfo")).args(arguments).current_dir(root()).output();
    String::from_utf8(output.expect("it runs").stdout).expect("text")
}

/// A page that is served.
struct Page {
    child: Child,
    address: SocketAddr,
}

impl Page {
    fn open<T: AsRef<std::ffi::OsStr>>(arguments: &[T]) -> Page {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dhcpfo"));
        command.arg("explore").args(arguments).args(["--listen", "127.0.0.1:0"]).current_dir(root());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split([',', '/']).next());
        let address = address.unwrap_or_else(|| {
            let mut says = String::new();
            let _ = child.stderr.take().expect("its errors").read_to_string(&mut says);
            panic!("no address in {line:?}: {says}")
        });
        Page { address: address.parse().expect("an address"), child }
    }

    fn ask(&self, path: &str, question: &Value) -> Value {
        let body = question.to_string();
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let (address, length) = (self.address, body.len());
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    fn moment(&self, number: Option<u64>) -> Value {
        self.ask("/api/moment", &json!({ "number": number }))
    }

    /// Asks until it is so.
    fn until(&self, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let moment = self.moment(None);
            if so(&moment) {
                return moment;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "never {what}: {moment:#}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Ends it as Ctrl-C does; the exit code, and what it complained about.
    fn interrupted(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
        let status = self.child.wait().expect("it ends");
        let mut says = String::new();
        self.child.stderr.take().expect("its errors").read_to_string(&mut says).expect("text");
        (status.code(), says)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn events(moment: &Value) -> Vec<String> {
    let events = moment["events"].as_array().expect("events");
    events.iter().map(|event| event[2].as_str().expect("words").to_owned()).collect()
}

fn conditions(moment: &Value) -> [String; 2] {
    [0, 1].map(|at| moment["servers"][at]["condition"].as_str().expect("a condition").to_owned())
}

#[test]
fn traces_of_a_pair_are_stepped_through_and_followed() {
    let mut pair = Pair::normal("explored", &Shape::default());
    good(&pair.client(&["--count", "3"]));
    pair.wait_told();
    let traces = [0, 1].map(|at| pair.trace(at).display().to_string());
    // A trace that is being written.
    let growing = Page::open(&["--follow", &traces[0]]);
    let followed = growing.until("followed", |moment| conditions(moment)[0] == "NORMAL");
    let before = followed["count"].as_u64().expect("a count");
    pair.kill(1);
    pair.wait_state(0, "COMMUNICATIONS-INTERRUPTED");
    // What only memory has is written with the next thing that somebody sees.
    good(&pair.client(&["--count", "1"]));
    let later = growing.until("followed on", |moment| conditions(moment)[0] == "COMMUNICATIONS-INTERRUPTED");
    assert!(later["count"].as_u64().expect("a count") > before);
    drop(growing);

    let kept = folder("traces");
    let copies = [0, 1].map(|at| kept.join(["a.jsonl", "b.jsonl"][at]));
    std::fs::copy(&traces[0], &copies[0]).expect("the first trace");
    // That of the server which was killed is gone with it; it comes back with another one.
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    pair.wait_told();
    for (at, copy) in copies.iter().enumerate() {
        std::fs::copy(pair.trace(at), copy).expect("a trace");
    }
    let page = Page::open(&copies);
    let opening = page.ask("/api/open", &json!({}));
    assert!(opening["notes"][0].as_str().unwrap().contains("the primary and the secondary"), "{opening}");
    let moment = page.moment(None);
    assert_eq!(conditions(&moment), ["NORMAL", "NORMAL"], "{moment:#}");
    let bindings = moment["servers"][0]["bindings"].as_array().expect("bindings");
    let active: Vec<&Value> = bindings.iter().filter(|binding| binding["status"] == "ACTIVE").collect();
    assert_eq!(active.len(), 4, "{moment:#}");
    assert!(active[0]["address"].as_str().unwrap().starts_with("10.77.0."), "addresses by name");
    assert!(active[0]["client"].as_str().unwrap().contains(':'), "clients by name");
    assert_eq!(moment["claims"][0]["name"], "no-duplicate-address");
    assert_eq!(moment["claims"][0]["verdict"], "held", "{}", moment["claims"]);
    assert!(moment["diagram"].as_str().unwrap().starts_with("<svg"));
    // At the beginning nothing has happened, and each event can be visited.
    assert_eq!(page.moment(Some(0))["last"], Value::Null);
    let count = moment["count"].as_u64().expect("a count");
    let said: Vec<String> = (1..=count).map(|number| page.moment(Some(number))["last"]["words"].to_string()).collect();
    assert!(said.iter().any(|words| words.contains("primary starts")), "{said:?}");
    assert!(said.iter().any(|words| words.contains("reads BNDUPD")), "{said:?}");
    let beyond = page.ask("/api/moment", &json!({ "number": count + 1 }));
    assert!(beyond["error"].as_str().unwrap().contains("there are"), "{beyond}");
    let wanted = page.ask("/api/moment", &json!({ "number": 0, "want": "bndupd" }));
    assert!(events(&wanted).iter().all(|words| !words.contains("starts")), "{wanted:#}");
    drop(page);

    // An effect that the engine does not have is a finding; a line that is none is told, and the exit code is 2.
    let text = std::fs::read_to_string(&copies[0]).expect("the trace");
    let wrong = kept.join("wrong.jsonl");
    const ACK: &str = "\"answer\":\"ACK\",\"address\":";
    let spoiled = text.replacen(ACK, &format!("{ACK}9"), 1);
    assert_ne!(spoiled, text);
    std::fs::write(&wrong, spoiled).expect("a file");
    let page = Page::open(&[&wrong]);
    let opening = page.ask("/api/open", &json!({}));
    let found = page.moment(opening["first"].as_u64());
    assert_eq!(found["last"]["findings"][0][0], "as-the-engine-does", "{found:#}");
    assert_eq!(page.interrupted().0, Some(0));
    let torn = kept.join("torn.jsonl");
    let lines = text.lines().count();
    std::fs::write(&torn, format!("{text}nonsense\n")).expect("a file");
    let page = Page::open(&[&torn]);
    let notes = page.moment(None)["notes"].to_string();
    let place = format!("torn.jsonl:{}: no JSON", lines + 1);
    assert!(notes.contains(&place), "{notes}");
    let (code, says) = page.interrupted();
    assert!(code == Some(2) && says.contains(&place), "{code:?}: {says}");
    let _ = std::fs::remove_dir_all(kept);
}

#[test]
fn servers_that_run_are_followed_until_they_are_gone() {
    let mut pair = Pair::new("live", &Shape::default());
    let [a, b] = [0, 1].map(|at| pair.with_http(at).to_string());
    let token = pair.token();
    let page = Page::open(&["--live", &a, &b, "--control-token", token.to_str().expect("a path")]);
    page.until("gone before they start", |moment| events(moment).iter().any(|words| words.contains("is gone")));
    pair.start(0, &[]);
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    page.until("in NORMAL", |moment| conditions(moment) == ["NORMAL", "NORMAL"] && moment["link"] == true);
    good(&pair.client(&["--count", "2"]));
    let is_told = |server: &Value| {
        let bindings = server["bindings"].as_array().expect("bindings");
        bindings.iter().filter(|one| one["status"] == "ACTIVE" && one["ends"].is_string()).count() == 2
    };
    page.until("two leases on both", |moment| moment["servers"].as_array().unwrap().iter().all(is_told));
    pair.kill(1);
    let moment = page.until("one gone", |moment| conditions(moment) == ["COMMUNICATIONS-INTERRUPTED", "gone"]);
    assert_eq!(moment["link"], false);
    assert_eq!(moment["claims"], json!([]), "nothing is judged from bindings");
    let facts = moment["servers"][0]["facts"].to_string();
    assert!(facts.contains("communications") && facts.contains("FREE"), "{facts}");
}

#[test]
fn captures_and_their_audit_show_the_duplicate_where_it_happened() {
    let page = Page::open(&CAPTURES);
    let first = page.ask("/api/open", &json!({}))["first"].as_u64();
    let found = page.moment(first);
    assert_eq!(found["last"]["findings"][0][0], "no-duplicate-address", "{found:#}");
    let holders = found["holders"].as_array().expect("holders");
    assert_eq!(holders.iter().filter(|holder| holder[3] == true).count(), 2, "{holders:?}");
    let claims = found["claims"].as_array().expect("claims");
    let verdict = |name: &str| claims.iter().find(|claim| claim["name"] == name).expect("the claim")["verdict"].clone();
    assert_eq!(verdict("no-duplicate-address"), "violated");
    assert_eq!(verdict("handshake"), "held");

    let kept = folder("audit");
    let file = kept.join("audit.json").display().to_string();
    std::fs::write(&file, output(&["audit", CAPTURES[0], CAPTURES[1], "--json", "--timeline"])).expect("a file");
    let audited = Page::open(&[&file]);
    assert_eq!(audited.moment(first)["last"], found["last"], "the same from the audit's document");
    // Without a timeline there are the findings alone.
    std::fs::write(&file, output(&["audit", CAPTURES[0], CAPTURES[1], "--json"])).expect("a file");
    let findings = Page::open(&[&file]).moment(None);
    assert!(findings["notes"].to_string().contains("--timeline"), "{findings:#}");
    assert_eq!(findings["findings"][0][1], "no-duplicate-address");
    let _ = std::fs::remove_dir_all(kept);
}

#[test]
fn failures_and_counterexamples_open_at_their_violation() {
    let kept = folder("failures");
    let file = kept.join("found.json").display().to_string();
    let model = "models/broken/m01-no-mclt-in-wait-duplicate.toml";
    for arguments in [vec!["simulate", model, "--json", "--no-times"], vec!["check", model, "--json"]] {
        std::fs::write(&file, output(&arguments)).expect("a file");
        let page = Page::open(&[&file]);
        let main = page.ask("/api/open", &json!({}))["main"].clone();
        let state = page.ask("/api/state", &json!({ "path": main["start"] }));
        let broken: Vec<&Value> =
            state["claims"].as_array().expect("claims").iter().filter(|claim| !claim["since"].is_null()).collect();
        assert!(broken.iter().any(|claim| claim["name"] == "no-duplicate-address"), "{arguments:?}: {main}");
    }
    let _ = std::fs::remove_dir_all(kept);
}

#[test]
fn a_simulation_is_recorded_and_followed() {
    let kept = folder("recorded");
    let path = |name: &str| kept.join(name).display().to_string();
    let (file, run) = (path("pair.toml"), path("run.jsonl"));
    let pair = |rules: &str| {
        format!(
            "title = \"three clients\"\nuntil = \"2d\"\n[population]\nclients = 3\n[network]\naddresses = 4\n{rules}"
        )
    };
    std::fs::write(&file, pair("")).expect("a file");
    output(&["simulate", &file, "--seed", "7", "--record", &run]);
    let page = Page::open(&[&run]);
    let last = page.moment(None);
    assert_eq!(conditions(&last), ["NORMAL", "NORMAL"]);
    assert_eq!(last["holders"].as_array().expect("holders").len(), 3, "{last:#}");
    let end = last["at"].as_str().expect("a date");
    assert!(end.starts_with("day 1") || end.starts_with("day 2"), "{end}");
    let seen: Vec<Value> = (1..=12).map(|number| page.moment(Some(number))).collect();
    assert!(seen.iter().any(|moment| moment["last"]["words"] == "primary starts"), "{seen:#?}");
    drop(page);
    // A run that fails ends with its finding, at which the page opens.
    std::fs::write(&file, pair("[rules]\nlead-base = \"unbounded\"\n")).expect("a file");
    output(&["simulate", &file, "--record", &run]);
    let page = Page::open(&[&run]);
    let opening = page.ask("/api/open", &json!({}));
    let found = page.moment(opening["first"].as_u64());
    assert_eq!(found["last"]["findings"][0][0], "mclt-bound", "{found:#}");
    assert_eq!(found["number"], found["count"]);
    drop(page);
    // A line that is none: shown up to there.
    let text = std::fs::read_to_string(&run).expect("the recording");
    let torn = path("torn.jsonl");
    std::fs::write(&torn, format!("{text}{{\"line\":5}}\n{text}")).expect("a file");
    let page = Page::open(&[&torn]);
    let place = format!("torn.jsonl:{}: ", text.lines().count() + 1);
    assert!(page.moment(None)["notes"].to_string().contains(&place));
    let (code, says) = page.interrupted();
    assert!(code == Some(2) && says.contains(&place), "{code:?}: {says}");
    // Ten virtual hours in a second.
    std::fs::write(&file, pair("")).expect("a file");
    std::fs::write(&run, "").expect("an empty file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhcpfo"));
    command.args(["simulate", &file, "--record", &run, "--pace", "36000"]).stdout(Stdio::null());
    let mut simulation = command.spawn().expect("it runs");
    let page = Page::open(&["--follow", &run]);
    let first = page.until("begun", |moment| moment["count"].as_u64() > Some(10));
    let later = page.until("gone on", |moment| moment["count"].as_u64() > first["count"].as_u64());
    assert!(later["count"].as_u64() > first["count"].as_u64());
    let _ = simulation.kill();
    let _ = simulation.wait();
    let _ = std::fs::remove_dir_all(kept);
}

#[test]
fn what_is_wrong_with_a_model_or_a_scenario_stands_in_the_page() {
    let kept = folder("wrong");
    let scenario = |script: &str| {
        let model = root().join("models/one-address.toml");
        format!("title = \"x\"\nmodel = {:?}\nscript = '''\n{script}\n'''\n[expect]\nrefutes = \"silence\"\n", model)
    };
    let cases = [
        ("model.toml", "title = \"x\"\nclass = \"smoke\"\nclaim = \"all\"\n".to_owned(), "model.toml:3"),
        ("number.toml", "title = \"x\"\nmodel = \"y\"\nscript = 5\n".to_owned(), "number.toml:3"),
        ("words.toml", scenario("client 0 obtain a0 primary\nfly"), "words.toml:5"),
    ];
    for (name, text, place) in cases {
        let path = kept.join(name).display().to_string();
        std::fs::write(&path, text).expect("a file");
        let page = Page::open(&[&path]);
        let notes = page.moment(None)["notes"].to_string();
        assert!(notes.contains(place), "{name}: {notes}");
        let (code, says) = page.interrupted();
        assert!(code == Some(2) && says.contains(place), "{name}: {code:?}: {says}");
    }
    let _ = std::fs::remove_dir_all(kept);
}

#[test]
fn what_cannot_be_opened_is_told_at_once() {
    let kept = folder("bad");
    let write = |name: &str, text: &str| {
        let path = kept.join(name).display().to_string();
        std::fs::write(&path, text).expect("a file");
        path
    };
    let run = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_dhcpfo")).arg("explore").args(arguments).current_dir(root()).output();
        let output = output.expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let header = "{\"line\":\"serve-header\"}\n";
    let document = "{\"models\":[{\"path\":\"models/one-address.toml\",\"failures\":[]}]}";
    let cases = [
        (vec![write("header.jsonl", header)], "header.jsonl:1: without a \"version\""),
        (vec![write("header2.jsonl", header), CAPTURES[0].to_owned()], "opened alone"),
        (vec![CAPTURES[0].to_owned(), "models/one-address.toml".to_owned()], "captures of one pair"),
        (vec![write("half.json", "{\"findings\":[],\n")], "half.json:2:"),
        (vec![write("none.json", document)], "nothing is refuted"),
        (vec![write("version.json", "{\"version\":9,\"findings\":[],\"claims\":[],\"files\":[]}")], "version 9"),
        (vec![write("short.pcap", "\u{a}\u{d}")], "short.pcap"),
        (vec!["--live".to_owned(), "192.0.2.1:80".to_owned()], "not a loopback address"),
        (vec!["--follow".to_owned(), kept.join("nowhere").display().to_string()], "cannot be read"),
        (
            vec![write("later.jsonl", "{\"line\":\"recording-header\",\"version\":9,\"title\":\"x\"}\n")],
            "later.jsonl:1: version 9",
        ),
        (vec!["no-such-file".to_owned()], "no-such-file"),
        (Vec::new(), "required"),
    ];
    for (arguments, part) in cases {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (code, says) = run(&arguments);
        assert!(code == Some(2) && says.contains(part), "{arguments:?}: {code:?}: {says}");
    }
    let _ = std::fs::remove_dir_all(kept);
}
