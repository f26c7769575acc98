//! Two servers as processes on loopback: what clients get, and what happens when one of them, or the link, fails.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::harness::pair::{CLOSED, Cable, FROZEN, PASS, Pair, good, resident};
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;
use rand::RngExt;

#[test]
fn a_pair_gives_renews_and_takes_back_leases() {
    let mut pair = Pair::normal("leases", &Shape::default());
    let summary = pair.client(&["--count", "6"]);
    good(&summary);
    assert_eq!(summary["acked"], 6);
    pair.wait_told();
    for at in 0..2 {
        assert_eq!(pair.with_status(at, "ACTIVE").len(), 6, "both know of every lease");
    }
    // The first lease is MCLT, 5 s; one that the partner knows of is as long as configured, 30 s.
    good(&pair.client(&["renew"]));
    pair.wait_told();
    let answer = pair.ask(0, &Request::Bindings { all: false });
    for binding in answer["bindings"].as_array().unwrap() {
        let seconds = binding["lease-expiration"].as_u64().unwrap() - answer["now"].as_u64().unwrap();
        // The books have two seconds more than clients are told.
        assert!((20..=32).contains(&seconds), "{binding}");
    }
    // In the second in which they renew.
    good(&pair.client(&["renew"]));
    pair.wait_told();
    assert_eq!(pair.client(&["decline", "--count", "1"])["returned"], 1);
    assert_eq!(pair.client(&["release"])["returned"], 5);
    pair.wait("given back", |pair| (0..2).all(|at| pair.with_status(at, "ACTIVE").is_empty()));
    pair.wait_told();
    // Who hears DHCPDECLINE of another server's client acts as well.
    assert_eq!([0, 1].map(|at| pair.with_status(at, "ABANDONED").len()), [1, 1]);
    let status = [0, 1].map(|at| pair.ask(at, &Request::Status));
    assert_eq!(status[0]["subnets"][0]["counts"], status[1]["subnets"][0]["counts"], "both have the same view");
    // An operator makes the address available again.
    let abandoned = pair.with_status(0, "ABANDONED")[0].clone();
    assert!(pair.ctl(0, &["reset", &abandoned]).status.success());
    pair.wait("reset", |pair| (0..2).all(|at| pair.with_status(at, "ABANDONED").is_empty()));
    // The protocol's SHUTDOWN: the partner takes over at once, and gives way when the server comes back.
    assert!(pair.ctl(1, &["shutdown"]).status.success());
    assert_eq!(pair.ended(1), 0);
    pair.wait_state(0, "PARTNER-DOWN");
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
}

#[test]
fn a_server_that_is_killed_comes_back_with_its_leases() {
    let mut pair = Pair::normal("killed", &Shape { lease: 120, ..Shape::default() });
    good(&pair.client(&["--count", "4"]));
    good(&pair.client(&["renew"]));
    for at in [1, 0] {
        pair.kill(at);
        pair.wait_state(1 - at, "COMMUNICATIONS-INTERRUPTED");
        // Whoever is left serves everybody, out of its own addresses.
        let summary = pair.client(&["--count", "3"]);
        good(&summary);
        assert_eq!(summary["acked"], 3);
        pair.start(at, &[]);
        pair.wait_states(["NORMAL", "NORMAL"]);
        pair.wait_told();
        good(&pair.client(&["renew"]));
    }
    assert_eq!(pair.with_status(0, "ACTIVE"), pair.with_status(1, "ACTIVE"));
}

#[test]
fn in_partner_down_the_partners_addresses_are_used_after_mclt() {
    let shape = Shape { pool: (Ipv4Addr::new(10, 77, 0, 10), Ipv4Addr::new(10, 77, 0, 17)), ..Shape::default() };
    let mut pair = Pair::normal("partner-down", &Shape { lease: 300, ..shape });
    pair.kill(1);
    pair.wait_state(0, "COMMUNICATIONS-INTERRUPTED");
    let told = pair.ctl(0, &["partner-down"]);
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(!told.status.success() && text.contains("becomes-available: 4") && text.contains("at-risk"), "{text}");
    assert_eq!(pair.state(0), "COMMUNICATIONS-INTERRUPTED", "only told");
    let told = pair.ctl(0, &["partner-down", "--yes", "--down-for", "3600"]);
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(!told.status.success() && text.contains("the partner may have been in touch"), "{text}");
    // MCLT, 5 s, counts from then.
    sleep(Duration::from_millis(1200));
    // That it was not heard does not say that it served nobody.
    let told = pair.ctl(0, &["partner-down", "--yes", "--down-for", "1"]);
    assert!(!told.status.success() && String::from_utf8_lossy(&told.stdout).contains("--stopped-serving"), "{told:?}");
    assert!(pair.ctl(0, &["partner-down", "--yes", "--down-for", "1", "--stopped-serving"]).status.success());
    assert_eq!(pair.state(0), "PARTNER-DOWN");
    let status = pair.ask(0, &Request::Status);
    let wait = status["partners-available-from"].as_u64().unwrap() - status["now"].as_u64().unwrap();
    assert!(wait <= 4, "{status}");
    let summary = pair.client(&["--count", "5", "--patience", "0.3", "--tries", "2"]);
    // The fifth is offered an address that another one takes first, or none.
    let without = summary["unanswered"].as_u64().unwrap() + summary["refused"].as_u64().unwrap();
    assert_eq!((summary["acked"].as_u64(), without), (Some(4), 1), "{summary}");
    let why = pair.ask(0, &Request::Why { client: "02:f0:00:00:ff:ff".into(), link: None });
    assert!(why["rules"][0]["rule"].as_str().unwrap().contains("§9.4.2"), "{why}");
    let until = why["rules"][0]["until"].as_u64().expect("until when");
    pair.wait("MCLT over", |pair| pair.ask(0, &Request::Status)["now"].as_u64().is_some_and(|now| now >= until));
    let why = pair.ask(0, &Request::Why { client: "02:f0:00:00:ff:ff".into(), link: None });
    assert_eq!(why["served"], true, "{why}");
    let summary = pair.client(&["--count", "4"]);
    assert_eq!((summary["acked"].as_u64(), summary["duplicates"].as_array().map(Vec::len)), (Some(4), Some(0)));
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["renew"]));
}

#[test]
fn a_link_that_is_cut_or_silent_is_noticed_and_what_happened_meanwhile_is_told() {
    let cable = Cable::new();
    let mut pair = Pair::new("cable", &Shape { lease: 120, through: Some(cable.addresses), ..Shape::default() });
    cable.plug(&pair);
    pair.start(0, &[]);
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    for mode in [CLOSED, FROZEN] {
        cable.mode.store(mode, Ordering::Relaxed);
        pair.wait_states(["COMMUNICATIONS-INTERRUPTED", "COMMUNICATIONS-INTERRUPTED"]);
        good(&pair.client(&["--count", "5"]));
        // What is frozen would arrive later, on connections that are given up.
        cable.mode.store(CLOSED, Ordering::Relaxed);
        sleep(Duration::from_millis(300));
        cable.mode.store(PASS, Ordering::Relaxed);
        pair.wait_states(["NORMAL", "NORMAL"]);
        pair.wait_told();
        good(&pair.client(&["renew"]));
        assert_eq!(pair.with_status(0, "ACTIVE"), pair.with_status(1, "ACTIVE"));
    }
}

/// What one server has of the other's BNDACKs: by address, the time of the client's transaction if the last update is
/// acknowledged, and the client and the potential-expiration-time that is.
type Acked = BTreeMap<String, (Option<u64>, serde_json::Value, u64)>;

fn rows(pair: &Pair, at: usize) -> Vec<serde_json::Value> {
    pair.ask(at, &Request::Bindings { all: true })["bindings"].as_array().cloned().unwrap_or_default()
}

fn acked(pair: &Pair, at: usize) -> Acked {
    let row = |row: serde_json::Value| {
        let transaction = (row["partner"] == "up to date").then(|| row["client-last-transaction"].as_u64()).flatten();
        let promised = row["acked-potential-expiration"].as_u64().unwrap_or(0);
        let known = transaction.is_some() || promised > 0;
        known.then(|| (row["address"].as_str().unwrap().to_owned(), (transaction, row["client"].clone(), promised)))
    };
    rows(pair, at).into_iter().filter_map(row).collect()
}

/// What a server has acknowledged before it was killed is there. Its partner does not tell it again: to it, it is told.
fn nothing_acked_is_lost(pair: &Pair, at: usize, acked: &Acked) {
    assert_eq!(pair.state(at), "NORMAL");
    let (mut compared, rows) = (0, rows(pair, at));
    assert!(rows.len() >= acked.len(), "{} rows, {} acknowledged", rows.len(), acked.len());
    for row in rows {
        let Some((transaction, client, promised)) = acked.get(row["address"].as_str().unwrap()) else { continue };
        let has = |key: &str| row[key].as_u64().unwrap_or(0);
        // An address that has become free since then has no transaction any more.
        let told = has("client-last-transaction").max(has("start-of-status"));
        // The servers compare their clocks in whole seconds, and correct each other's times by what they find.
        assert!(told + 1 >= transaction.unwrap_or(0), "older than {transaction:?}: {row}");
        if row["status"] == "ACTIVE" && row["client"] == *client {
            assert!(has("received-potential-expiration") >= *promised, "not what was promised, {promised}: {row}");
        }
        compared += 1;
    }
    assert_eq!(compared, acked.len());
}

/// `DHCPFO_KILLS` kills (10 without) at random instants under load. With `--nocapture` it says how far it is.
#[test]
fn no_kill_loses_a_lease_or_gives_one_twice() {
    let kills = std::env::var("DHCPFO_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    let shape = Shape { pool: (Ipv4Addr::new(10, 77, 0, 10), Ipv4Addr::new(10, 77, 15, 250)), ..Shape::default() };
    let mut pair = Pair::normal("kills", &Shape { lease: 60, ..shape });
    let (mut random, begun) = (rand::rng(), Instant::now());
    let (mut leases, mut updates, mut most) = (0, 0, 0);
    for round in 0..kills {
        let load =
            pair.client_command(&["mix", "--seconds", "2.5", "--rate", "150", "--patience", "0.5"]).spawn().unwrap();
        let at = random.random_range(0..2);
        sleep(Duration::from_millis(random.random_range(50..1500)));
        pair.kill(at);
        let acked = acked(&pair, 1 - at);
        sleep(Duration::from_millis(random.random_range(0..600)));
        pair.start(at, &[]);
        let under_load = pair.judged(load);
        let judged = (&under_load["lost"], under_load["duplicates"].as_array().map(Vec::len));
        assert_eq!(judged, (&0.into(), Some(0)), "round {round}: {under_load}");
        leases += under_load["acked"].as_u64().unwrap();
        updates += acked.len();
        pair.wait_states(["NORMAL", "NORMAL"]);
        nothing_acked_is_lost(&pair, at, &acked);
        good(&pair.client(&["renew"]));
        let memory = [0, 1].map(|at| resident(pair.process(at)) >> 10);
        most = most.max(memory[0]).max(memory[1]);
        assert!(most < 200, "round {round}: {memory:?} MiB");
        if (round + 1) % 10 == 0 {
            let seconds = begun.elapsed().as_secs();
            eprintln!(
                "{} of {kills} kills, {seconds} s: {leases} leases, {updates} acknowledged updates compared, {most} MiB",
                round + 1
            );
        }
    }
    assert!(leases > 20 * kills && updates as u64 > kills, "there was load: {leases} leases, {updates} updates");
    pair.wait_told();
}
