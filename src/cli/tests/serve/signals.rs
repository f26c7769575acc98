//! SIGHUP and the log: what a running server takes over, and what it writes.

use std::process::Command;

use crate::harness::pair::{Pair, good};
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;
use serde_json::Value;

fn signal(pair: &Pair, at: usize, name: &str) {
    let id = pair.process(at).to_string();
    assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
}

fn addresses(pair: &Pair) -> usize {
    pair.ask(0, &Request::Bindings { all: true })["bindings"].as_array().map_or(0, Vec::len)
}

#[test]
fn sighup_takes_over_what_can_be_and_a_bad_file_changes_nothing() {
    let mut pair = Pair::normal("hup", &Shape { lease: 120, ..Shape::default() });
    good(&pair.client(&["--count", "3"]));
    pair.replace(0, "10.77.0.49\"]", "10.77.0.49\", \"10.77.1.1-10.77.1.10\"]");
    signal(&pair, 0, "HUP");
    pair.wait("taken over", |pair| addresses(pair) == 50);
    assert!(pair.logged(0).contains("the configuration is taken over"), "{}", pair.logged(0));
    // Something that needs a restart, together with something that does not: nothing is taken over.
    for (from, to, said) in [
        ("mclt = 5", "mclt = 6", "failover changed: that needs a restart; nothing was changed"),
        ("mclt = 6", "mlct = 6", "failover.mlct: there is no such key"),
        ("mlct = 6", "mclt = 5\nrole = ", "not TOML"),
    ] {
        pair.replace(0, from, to);
        if from == "mclt = 5" {
            pair.replace(0, "10.77.1.10", "10.77.1.20");
        }
        signal(&pair, 0, "HUP");
        pair.wait(said, |pair| {
            let log = pair.logged(0);
            log.lines().any(|line| line.contains("WARN") && line.contains("is not taken over")) && log.contains(said)
        });
        assert_eq!(addresses(&pair), 50);
    }
    std::fs::remove_file(&pair.files.configs[0]).unwrap();
    signal(&pair, 0, "HUP");
    pair.wait("absent", |pair| pair.logged(0).contains("cannot be read"));
    assert_eq!(addresses(&pair), 50);
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["renew"]));
    signal(&pair, 0, "TERM");
    assert_eq!(pair.ended(0), 0);
    signal(&pair, 1, "INT");
    assert_eq!(pair.ended(1), 0);
}

#[test]
fn a_log_in_json_has_each_lease() {
    let mut pair = Pair::new("json-log", &Shape { lease: 120, ..Shape::default() });
    for at in 0..2 {
        pair.start(at, &["--log-format", "json"]);
    }
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["--count", "6"]));
    good(&pair.client(&["release"]));
    let lines = |at: usize| -> Vec<Value> {
        let log = pair.logged(at);
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    };
    let all: Vec<Value> = (0..2).flat_map(lines).collect();
    let leases: Vec<_> = all.iter().filter(|line| line["message"] == "lease").collect();
    assert_eq!(leases.len(), 6, "{leases:?}");
    for lease in leases {
        assert_eq!(lease["level"], "INFO");
        assert!(lease["address"].as_str().unwrap().starts_with("10.77.0."), "{lease}");
        assert!(lease["client"].as_str().unwrap().starts_with("02:f0:") && lease["seconds"].is_u64(), "{lease}");
    }
    let given_back = |line: &&Value| line["message"].as_str().is_some_and(|text| text.contains("gives 10.77.0."));
    assert!(all.iter().filter(given_back).count() >= 6);
    assert!(all.iter().any(|line| line["message"] == "state" && line["to"] == "NORMAL" && line["level"] == "WARN"));
}
