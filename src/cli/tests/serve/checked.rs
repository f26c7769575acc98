//! The server runs what was checked: what it waits for, what it refuses to believe, and what it says where it departs.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::Duration;

use crate::harness::pair::{CLOSED, Cable, PASS, Pair, dhcpfo, good};
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;
use serde_json::Value;

fn log(pair: &Pair, at: usize) -> String {
    std::fs::read_to_string(pair.log(at)).unwrap()
}

fn said(output: &std::process::Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

fn change(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// Q31: a truthful partner-down, a restart in a partition. The one that comes back waits.
#[test]
fn a_server_that_restarts_in_a_partition_serves_nobody() {
    let cable = Cable::new();
    let mut pair = Pair::new("startup", &Shape { lease: 120, through: Some(cable.addresses), ..Shape::default() });
    cable.plug(&pair);
    pair.start(0, &[]);
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    cable.mode.store(CLOSED, Ordering::Relaxed);
    pair.kill(1);
    pair.wait_state(0, "COMMUNICATIONS-INTERRUPTED");
    assert!(pair.ctl(0, &["partner-down", "--yes"]).status.success());
    pair.start(1, &[]);
    // Its startup time is 2 s; after that it says why nobody is served.
    pair.wait("said", |pair| log(pair, 1).contains("nobody is served until the partner answers"));
    assert_eq!(pair.state(1), "COMMUNICATIONS-INTERRUPTED not running");
    let why = pair.ask(1, &Request::Why { client: "02:00:00:00:00:01".into(), link: None });
    assert!(why["rules"][0]["rule"].as_str().unwrap().contains("ctl partner-down --yes"), "{why}");
    let address = pair.files.clients[1].to_string();
    let mut alone = dhcpfo();
    alone.args(["client", "--json", "--count", "2", "--patience", "0.3", "--tries", "2", "--server", &address]);
    let alone = alone.output().unwrap();
    let summary: Value = serde_json::from_slice(&alone.stdout).unwrap();
    assert_eq!((&summary["acked"], &summary["unanswered"]), (&0.into(), &2.into()), "{summary}");
    cable.mode.store(PASS, Ordering::Relaxed);
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["--count", "3"]));
}

/// A server whose partner is dead, and that restarts, serves when an operator says so: also out of PARTNER-DOWN.
#[test]
fn an_operator_ends_the_wait_of_a_server_that_restarts_alone() {
    let mut pair = Pair::normal("alone-again", &Shape { lease: 120, ..Shape::default() });
    sleep(Duration::from_secs(3));
    pair.kill(1);
    pair.kill(0);
    pair.start(0, &[]);
    pair.wait_state(0, "COMMUNICATIONS-INTERRUPTED not running");
    // NORMAL was entered more than 3 s ago, and the partner was in touch since.
    let early = pair.ctl(0, &["partner-down", "--yes", "--down-for", "3", "--stopped-serving"]);
    assert!(!early.status.success() && said(&early).contains("may have been in touch"), "{}", said(&early));
    for _ in 0..2 {
        assert!(pair.ctl(0, &["partner-down", "--yes"]).status.success());
        assert_eq!(pair.state(0), "PARTNER-DOWN");
        good(&pair.client(&["--count", "2"]));
        pair.kill(0);
        pair.start(0, &[]);
        pair.wait_state(0, "PARTNER-DOWN not running");
    }
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["renew"]));
}

#[test]
fn what_is_not_searched_is_said_with_what_it_can_cost() {
    let mut pair =
        Pair::new("exceptions", &Shape { extra: "startup-over = \"previous\"\n".into(), ..Shape::default() });
    let check = dhcpfo().args(["serve", "--check"]).arg(&pair.files.configs[0]).output().unwrap();
    assert!(check.status.success(), "{}", said(&check));
    let line = "not what is searched: failover.startup-over = \"previous\"";
    assert!(said(&check).contains(line) && said(&check).contains("two clients"), "{}", said(&check));
    pair.start(0, &[]);
    pair.wait_state(0, "RECOVER");
    let status = pair.ask(0, &Request::Status);
    assert_eq!(status["exceptions"][0]["what"], "failover.startup-over = \"previous\"", "{status}");
    assert!(said(&pair.ctl(0, &["status"])).contains("two clients get one address"));
    assert!(log(&pair, 0).contains("not what is searched"), "{}", log(&pair, 0));
}

/// Q54: what was granted under an MCLT has to be waited for.
#[test]
fn a_smaller_mclt_waits_for_what_was_given_under_the_old_one() {
    let mut pair = Pair::normal("mclt", &Shape { mclt: 8, lease: 60, ..Shape::default() });
    good(&pair.client(&["--count", "3"]));
    pair.wait_told();
    pair.kill(0);
    pair.kill(1);
    change(&pair.files.configs[0], "mclt = 8", "mclt = 4");
    pair.start(0, &[]);
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    for at in 0..2 {
        assert_eq!(pair.ask(at, &Request::Status)["mclt"], 8);
    }
    let held = pair.ask(0, &Request::Status)["mclt-held"].clone();
    assert!(held["configured"] == 4 && held["not-before"].as_u64().is_some(), "{held}");
    // One that has forgotten what it promised asks for the smaller one: the secondary remembers.
    pair.kill(0);
    std::fs::remove_file(pair.folder.join("a.store")).unwrap();
    pair.start(0, &[]);
    pair.wait("refused", |pair| log(pair, 1).contains("MCLT 4 s; leases of 8 s may be alive"));
    pair.kill(0);
    change(&pair.files.configs[0], "mclt = 4", "mclt = 10");
    pair.start(0, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    assert_eq!(pair.ask(1, &Request::Status)["mclt"], 10, "a longer one is taken over");
}

/// Q17: a copy of a store is put back after its server has gone on, told its partner, and been told.
#[test]
fn an_old_store_put_back_is_noticed() {
    for at in [0, 1] {
        let mut pair = Pair::normal(&format!("old-store-{at}"), &Shape { lease: 120, ..Shape::default() });
        good(&pair.client(&["--count", "4"]));
        good(&pair.client(&["renew"]));
        pair.wait_told();
        let (store, copy) = (pair.folder.join(["a.store", "b.store"][at]), pair.folder.join("copy"));
        pair.kill(at);
        std::fs::copy(&store, &copy).unwrap();
        pair.start(at, &[]);
        pair.wait_states(["NORMAL", "NORMAL"]);
        good(&pair.client(&["--count", "8"]));
        good(&pair.client(&["renew"]));
        pair.wait_told();
        pair.kill(at);
        // The latest one is believed.
        pair.start(at, &[]);
        pair.wait_states(["NORMAL", "NORMAL"]);
        assert!(!log(&pair, at).contains("the store is older"), "{}", log(&pair, at));
        pair.kill(at);
        std::fs::copy(&copy, &store).unwrap();
        pair.start(at, &[]);
        pair.wait("noticed", |pair| log(pair, at).contains("the store is older than what the partner has heard of"));
        pair.wait_states(["NORMAL", "NORMAL"]);
        assert!(log(&pair, at).contains("RECOVER-DONE"), "{}", log(&pair, at));
        pair.wait_told();
        assert_eq!(pair.with_status(0, "ACTIVE"), pair.with_status(1, "ACTIVE"));
        assert_eq!(pair.with_status(at, "ACTIVE").len(), 12, "what was forgotten is known again");
        good(&pair.client(&["--count", "8"]));
        good(&pair.client(&["renew"]));
        assert!(store.with_extension("store.lost").exists(), "the old copy is set aside");
    }
}

/// Two empty stores: told, and the way to begin at once (Q111).
#[test]
fn two_servers_without_stores_say_so_and_begin_when_somebody_knows_better() {
    let mut pair = Pair::new("begin", &Shape { mclt: 200, lease: 300, ..Shape::default() });
    for at in 0..2 {
        pair.start(at, &[]);
    }
    pair.wait_states(["RECOVER-WAIT", "RECOVER-WAIT"]);
    for at in 0..2 {
        let status = pair.ask(at, &Request::Status);
        let until = status["forgotten"]["leases-may-be-alive-until"].as_u64().unwrap();
        assert!((250..=310).contains(&(until - status["now"].as_u64().unwrap())), "{status}");
        assert!(log(&pair, at).contains("this server has no bindings"), "{}", log(&pair, at));
        assert!(log(&pair, at).contains("the partner knows of no lease either"), "{}", log(&pair, at));
    }
    let told = pair.ctl(0, &["begin"]);
    assert!(!told.status.success() && said(&told).contains("no client holds a lease"), "{}", said(&told));
    assert!(!pair.ctl(0, &["begin", "--alone", "--yes"]).status.success(), "the partner is in touch");
    for at in 0..2 {
        let begun = pair.ctl(at, &["begin", "--yes"]);
        assert!(begun.status.success(), "{}", said(&begun));
    }
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["--count", "3"]));
    let late = pair.ctl(0, &["begin", "--yes"]);
    assert!(!late.status.success() && said(&late).contains("only a server without bindings"), "{}", said(&late));
    assert!(pair.ask(0, &Request::Status)["exceptions"][0]["what"].as_str().unwrap().starts_with("begin"));
}

#[test]
fn one_server_alone_begins_and_is_joined() {
    let mut pair = Pair::new("begin-alone", &Shape { lease: 300, ..Shape::default() });
    pair.start(0, &[]);
    pair.wait_state(0, "RECOVER not running");
    assert!(pair.ctl(0, &["begin", "--alone", "--yes"]).status.success());
    assert_eq!(pair.state(0), "PARTNER-DOWN");
    let address = pair.files.clients[0].to_string();
    let mut alone = dhcpfo();
    alone
        .args(["client", "--json", "--count", "40", "--server", &address, "--record"])
        .arg(pair.folder.join("leases.jsonl"));
    let summary: Value = serde_json::from_slice(&alone.output().unwrap().stdout).unwrap();
    good(&summary);
    assert_eq!(summary["acked"], 40, "the whole pool, at once");
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["renew"]));
}

/// Somebody says that no lease is alive, and the partner knows better.
#[test]
fn a_partner_that_remembers_is_believed_over_a_begin() {
    let mut pair = Pair::normal("begin-wrongly", &Shape { lease: 120, ..Shape::default() });
    good(&pair.client(&["--count", "4"]));
    pair.wait_told();
    pair.kill(0);
    pair.kill(1);
    std::fs::remove_file(pair.folder.join("a.store")).unwrap();
    pair.start(0, &[]);
    pair.wait_state(0, "RECOVER not running");
    assert!(pair.ctl(0, &["begin", "--yes"]).status.success());
    pair.start(1, &[]);
    pair.wait("noticed", |pair| log(pair, 0).contains("the store is older than what the partner has heard of"));
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["--count", "8"]));
    good(&pair.client(&["renew"]));
}

/// Q110: a client that gives its address back in the second in which it got it.
#[test]
fn a_release_in_the_second_of_the_renewal_is_heard_by_both() {
    let pair = Pair::normal("release", &Shape { lease: 300, ..Shape::default() });
    for _ in 0..5 {
        good(&pair.client(&["--count", "4"]));
        good(&pair.client(&["renew"]));
        assert_eq!(pair.client(&["release"])["returned"], 4);
        pair.wait("given back", |pair| (0..2).all(|at| pair.with_status(at, "ACTIVE").is_empty()));
        pair.wait_told();
    }
}
