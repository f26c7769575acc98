//! Two servers that do not come together: each says why, once and not again and again, and in its status.

use crate::harness::pair::Pair;
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;
use serde_json::Value;

fn troubles(pair: &Pair, at: usize) -> Vec<Value> {
    let status = pair.ask(at, &Request::Status);
    status["partner"]["troubles"].as_array().cloned().unwrap_or_default()
}

/// Waits until a server has this trouble in its status, and told it in one line of WARN.
fn wait_told(pair: &Pair, at: usize, what: &str, text: &str) {
    pair.wait(&format!("{what}: {text}"), |pair| {
        troubles(pair, at).iter().any(|one| one["what"] == what && one["text"].as_str().unwrap_or("").contains(text))
    });
    let log = pair.logged(at);
    assert!(log.lines().any(|line| line.contains("WARN") && line.contains(text)), "{log}");
    let shown = pair.ctl(at, &["status"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains(text), "{shown:?}");
}

fn few_warnings(pair: &Pair, at: usize) {
    let log = pair.logged(at);
    let warnings = log.lines().filter(|line| line.contains("WARN")).count();
    assert!(warnings <= 12, "{warnings} warnings:\n{log}");
}

#[test]
fn two_primaries_say_so() {
    let mut pair = Pair::new("two-primaries", &Shape::default());
    pair.replace(1, "role = \"secondary\"", "role = \"primary\"");
    pair.start(0, &[]);
    // Until there is somebody, dials are refused.
    wait_told(&pair, 0, "no-connection", "refuses connections: nobody listens there");
    pair.start(1, &[]);
    for at in 0..2 {
        wait_told(&pair, at, "one-role", "both ends have one role");
    }
    std::thread::sleep(std::time::Duration::from_secs(8));
    (0..2).for_each(|at| few_warnings(&pair, at));
}

#[test]
fn who_waits_for_its_partner_says_that_nobody_is_served_until_it_goes_on() {
    let mut pair = Pair::normal("waits", &Shape::default());
    let (what, text) = ("nobody-served", "nobody is served until the partner answers");
    pair.kill(0);
    pair.kill(1);
    pair.start(0, &[]);
    wait_told(&pair, 0, what, text);
    wait_told(&pair, 0, "no-connection", "refuses connections: nobody listens there");
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    pair.wait("over", |pair| troubles(pair, 0).is_empty());
    // An operator ends it as well.
    pair.kill(0);
    pair.kill(1);
    pair.start(1, &[]);
    wait_told(&pair, 1, what, text);
    assert!(pair.ctl(1, &["partner-down", "--yes"]).status.success());
    pair.wait_state(1, "PARTNER-DOWN");
    pair.wait("over", |pair| troubles(pair, 1).iter().all(|one| one["what"] != what));
    assert!(troubles(&pair, 1).iter().any(|one| one["what"] == "no-connection"), "what keeps them apart goes on");
}

#[test]
fn two_secondaries_say_so() {
    let mut pair = Pair::new("two-secondaries", &Shape::default());
    pair.replace(0, "role = \"primary\"", "role = \"secondary\"");
    pair.start(0, &[]);
    pair.start(1, &[]);
    for at in 0..2 {
        wait_told(&pair, at, "silence", "it seems to be a secondary, too. If both ends have one role");
    }
    std::thread::sleep(std::time::Duration::from_secs(8));
    (0..2).for_each(|at| few_warnings(&pair, at));
}

#[test]
fn with_a_shared_secret_or_with_dhcpd_expected_two_equal_roles_say_so_too() {
    for (round, extra) in ["key = \"a secret\"", "peer = \"isc-dhcpd\""].into_iter().enumerate() {
        for (role, other, what) in [("primary", "secondary", "one-role"), ("secondary", "primary", "silence")] {
            let shape = Shape { extra: extra.to_owned(), ..Shape::default() };
            let mut pair = Pair::new(&format!("alike-{round}-{role}"), &shape);
            let at = usize::from(role == "primary");
            pair.replace(at, &format!("role = \"{other}\""), &format!("role = \"{role}\""));
            pair.start(0, &[]);
            pair.start(1, &[]);
            (0..2).for_each(|at| wait_told(&pair, at, what, "both ends have one role"));
        }
    }
}

#[test]
fn names_secrets_and_clocks_that_differ_are_told_by_both() {
    for (name, from, to, text) in [
        ("names", "name = \"demo\"", "name = \"other\"", "relationship-name"),
        ("secrets", "receive-timer = 3", "receive-timer = 3\nkey = \"x\"", "reject-reason"),
    ] {
        let mut pair = Pair::new(&format!("differ-{name}"), &Shape::default());
        pair.replace(1, from, to);
        pair.start(0, &[]);
        pair.start(1, &[]);
        (0..2).for_each(|at| wait_told(&pair, at, "refused", text));
        (0..2).for_each(|at| few_warnings(&pair, at));
    }
}

#[test]
fn pools_that_differ_are_told_and_do_no_harm() {
    let mut pair = Pair::new("pools-differ", &Shape { lease: 120, ..Shape::default() });
    // A subnet of its own, so that the partner is to have half of it (of one subnet the lowest addresses are handed over,
    // and these might be those that both have).
    let more = "[[subnet]]\nnetwork = \"10.78.0.0/24\"\npools = [\"10.78.0.10-10.78.0.49\"]\nlease = 120\n\n";
    pair.replace(0, "[[subnet]]", &format!("{more}[[subnet]]"));
    pair.start(0, &[]);
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    wait_told(&pair, 0, "pools-differ", "is in no pool of the partner");
    wait_told(&pair, 1, "pools-differ", "which is in no pool here");
    (0..2).for_each(|at| few_warnings(&pair, at));
    // What kept them apart before is not in the status any more.
    assert!(troubles(&pair, 0).iter().all(|one| one["what"] == "pools-differ"), "{:?}", troubles(&pair, 0));
    // Taken away, it is over.
    pair.replace(0, more, "");
    assert!(pair.ctl(0, &["reload"]).status.success());
    pair.wait("over", |pair| troubles(pair, 0).is_empty());
    pair.wait_states(["NORMAL", "NORMAL"]);
}

#[test]
fn a_stranger_who_connects_is_told() {
    let mut pair = Pair::new("stranger", &Shape::default());
    pair.start(0, &[]);
    pair.wait("started", |pair| pair.state(0) != "- not running");
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 9], 0)).into()).unwrap();
    socket.connect(&pair.files.failover[0].into()).unwrap();
    wait_told(&pair, 0, "stranger", "a connection from 127.0.0.9 is closed");
}
