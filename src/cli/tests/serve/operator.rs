//! What operators ask and command, and what a server writes about itself.

use std::path::Path;

use crate::fits::{fits, says};
use crate::harness::pair::{Pair, dhcpfo, good};
use crate::harness::web;
use dhcpfo_documents::{clients, control, served};
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;

#[test]
fn the_examples_are_as_they_should_be() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let output = dhcpfo().args(["serve", "--check"]).arg(&path).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            count += 1;
        }
    }
    assert_eq!(count, 3);
}

#[test]
fn a_server_says_what_it_does_and_why_and_takes_a_new_configuration() {
    let mut pair = Pair::new("operator", &Shape { lease: 120, ..Shape::default() });
    let http = pair.with_http(0);
    let with_http = std::fs::read_to_string(&pair.files.configs[0]).unwrap();
    pair.start(0, &[]);
    // Alone after an empty store: it waits for its partner, and says so.
    pair.wait_state(0, "RECOVER not running");
    let why = pair.ask(0, &Request::Why { client: "02:00:00:00:00:01".into(), link: None });
    assert_eq!((&why["served"], &why["known"]), (&false.into(), &false.into()));
    assert!(why["rules"][0]["rule"].as_str().unwrap().starts_with("STARTUP serves nobody until the partner"), "{why}");
    let down = Request::PartnerDown { yes: true, down_for: 0, stopped_serving: false };
    assert_eq!(pair.ask(0, &down)["ok"], false, "not from RECOVER");
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    // Exactly one of the two is responsible for a client, and each says whose it is.
    let whys = [0, 1].map(|at| pair.ask(at, &Request::Why { client: "02:00:00:00:00:01".into(), link: None }));
    let served = whys.iter().filter(|why| why["served"] == true).count();
    assert_eq!(served, 1, "{whys:?}");
    let other = whys.iter().find(|why| why["served"] == false).unwrap();
    assert!(
        other["rules"][0]["rule"].as_str().unwrap().contains("the partner is responsible for hash bucket"),
        "{other}"
    );
    good(&pair.client(&["--count", "5"]));
    let metrics = web::get(http, "/metrics");
    assert!(metrics.starts_with("HTTP/1.1 200 OK"), "{metrics}");
    for line in [
        "dhcpfo_state{state=\"NORMAL\"} 1",
        "dhcpfo_communications_ok 1",
        "dhcpfo_packets_total{type=\"DHCPDISCOVER\"}",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert!(web::get(http, "/status").contains("\"state\":\"NORMAL\""));
    assert!(web::get(http, "/x").starts_with("HTTP/1.1 404"));
    assert!(web::get(http, "/why/02:00:00:00:00:01").contains("\"bucket\":"));
    let said = web::post(http, "application/json", "{\"command\":\"rebalance\"}");
    assert!(said.starts_with("HTTP/1.1 200") && said.contains("\"state\":\"NORMAL\""), "{said}");
    let said = web::post(http, "application/json", "{\"command\":\"explode\"}");
    assert!(said.starts_with("HTTP/1.1 400") && said.contains("partner-down"), "{said}");
    // What a page in a browser can send without asking is not obeyed.
    assert!(web::post(http, "text/plain", "{\"command\":\"shutdown\"}").starts_with("HTTP/1.1 415"));
    // Another lease time and one more pool; then something that needs a restart; then nonsense.
    let changed = with_http
        .replace("lease = 120", "lease = 90")
        .replace("10.77.0.49\"", "10.77.0.49\", \"10.77.1.1-10.77.1.10\"");
    std::fs::write(&pair.files.configs[0], changed).unwrap();
    assert!(pair.ctl(0, &["reload"]).status.success());
    assert_eq!(pair.ask(0, &Request::Bindings { all: true })["bindings"].as_array().unwrap().len(), 50);
    std::fs::write(&pair.files.configs[0], with_http.replace("mclt = 5", "mclt = 6")).unwrap();
    let refused = pair.ctl(0, &["reload"]);
    assert!(String::from_utf8_lossy(&refused.stdout).contains("failover changed: that needs a restart"), "{refused:?}");
    std::fs::write(&pair.files.configs[0], "nonsense = 1\n").unwrap();
    let refused = pair.ctl(0, &["reload"]);
    let text = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(!refused.status.success() && text.contains("nonsense: there is no such key"), "{text}");
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["renew"]));
    answers_are_of_their_schema(&pair);
    let trace = pair.trace(0);
    let kept = pair.folder.join("kept.jsonl");
    std::fs::hard_link(&trace, &kept).unwrap();
    assert!(pair.ctl(0, &["pause"]).status.success());
    assert_eq!(pair.ended(0), 0);
    pair.wait_state(1, "COMMUNICATIONS-INTERRUPTED");
    a_trace_is_done_again(&kept);
}

/// What a server answers on its socket, what clients are told, and their record.
fn answers_are_of_their_schema(pair: &Pair) {
    for words in [
        &["status"][..],
        &["bindings", "--all"],
        &["why", "02:00:00:00:00:01"],
        &["metrics"],
        &["rebalance"],
        &["reset-abandoned"],
        &["partner-down"],
        &["begin"],
        &["recover"],
        &["reload"],
    ] {
        let output = pair.ctl(0, &[&["--json"], words].concat());
        let answer = fits::<control::Answer>("ctl-answer", &String::from_utf8_lossy(&output.stdout));
        assert_eq!(answer["ok"], output.status.success(), "{words:?}: {answer}");
        let is_refused = matches!(words[0], "partner-down" | "begin" | "recover" | "reset-abandoned" | "reload");
        assert_eq!(answer["ok"], !is_refused, "{words:?}: {answer}");
    }
    fits::<clients::Summary>("client", &pair.client(&["--count", "1"]).to_string());
    let record = std::fs::read_to_string(pair.folder.join("leases.jsonl")).unwrap();
    assert!(!record.is_empty());
    record.lines().for_each(|line| drop(fits::<clients::Event>("client-record", line)));
}

/// Each line of a server's trace.
fn lines_are_of_their_schema(trace: &str) {
    for line in trace.lines() {
        match line.contains("serve-header") {
            true => says::<served::Line>("serve-trace", line, served::FORMAT),
            false => drop(fits::<served::Line>("serve-trace", line)),
        }
    }
}

fn verb(verb: &str, trace: &Path) -> (Option<i32>, String) {
    let output = dhcpfo().arg(verb).arg(trace).output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
    (output.status.code(), text)
}

/// `play` and `audit` accept it as it is, and say where it is not what the engine does.
fn a_trace_is_done_again(trace: &Path) {
    for word in ["play", "audit"] {
        let (code, said) = verb(word, trace);
        assert!(code == Some(0) && said.contains("each effect as in the trace"), "{said}");
        assert!(said.contains("2 starts"), "the pools changed: {said}");
    }
    const ACK: &str = "\"answer\":\"ACK\",\"address\":";
    let text = std::fs::read_to_string(trace).unwrap();
    lines_are_of_their_schema(&text);
    let lines: Vec<&str> = text.lines().collect();
    let reply = lines.iter().position(|line| line.contains("\"effect\":\"REPLY\"") && line.contains(ACK)).unwrap();
    let spoiled = trace.with_extension("spoiled.jsonl");
    let spoil = |with: &dyn Fn(usize, &str) -> String| {
        let spoiled_lines = lines.iter().enumerate().map(|(at, line)| with(at, line)).filter(|line| !line.is_empty());
        let text: String = spoiled_lines.map(|line| line + "\n").collect();
        std::fs::write(&spoiled, text).unwrap();
        verb("play", &spoiled)
    };
    // A lease to somebody else's address, a step left out, time that runs back, something from a partner that is gone.
    let (code, said) = spoil(&|at, line| if at == reply { line.replace(ACK, &format!("{ACK}9")) } else { line.into() });
    assert!(code == Some(1) && said.contains(&format!(":{}: effect ", reply + 1)), "{said}");
    let (code, said) = spoil(&|at, line| {
        if at == reply {
            String::from("{\"line\":\"serve-step\",\"at\":1,\"input\":\"wake\",\"effects\":[]}")
        } else {
            line.into()
        }
    });
    assert!(code == Some(1) && said.contains("time runs back"), "{said}");
    let (code, said) = spoil(&|_, line| if line.contains("\"connected\":") { String::new() } else { line.into() });
    assert!(code == Some(1) && said.contains("without a connection"), "{said}");
    let (code, said) = spoil(&|at, line| if at == reply { "nonsense".into() } else { line.into() });
    assert!(code == Some(2) && said.contains(&format!(":{}: no JSON", reply + 1)), "{said}");
    std::fs::write(&spoiled, text.trim_end().trim_end_matches('}')).unwrap();
    let (code, said) = verb("play", &spoiled);
    assert!(code == Some(0) && said.contains("its last line was cut off"), "{said}");
}
