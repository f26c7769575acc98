//! Two servers as processes on loopback with several links: the addresses of each link are shared by themselves, and every
//! client is answered while its link has an address.

use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::Duration;

use crate::harness::pair::{CLOSED, Cable, PASS, Pair, good};
use dhcpfo_engine::balance::bucket;
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;
use serde_json::Value;

/// An address of each link, and how many addresses clients may have there. The last is the one that every demo has.
const LINKS: [(&str, u64); 4] = [("10.1.0.1", 1), ("10.2.0.1", 5), ("10.3.0.1", 44), ("10.77.0.1", 8)];

/// `failover`: further lines of that section.
fn shape(failover: &str, through: Option<[std::net::SocketAddr; 2]>) -> Shape {
    let subnets =
        [("10.3.0.0/24", "10.3.0.10-10.3.0.53"), ("10.1.0.0/24", "10.1.0.10"), ("10.2.0.0/24", "10.2.0.10-10.2.0.14")];
    let subnet = |(network, pool): (&str, &str)| {
        format!("[[subnet]]\nnetwork = \"{network}\"\npools = [\"{pool}\"]\nlease = 600\n")
    };
    let extra = format!("{failover}\n{}", subnets.map(subnet).concat());
    let pool = ("10.77.0.10".parse().unwrap(), "10.77.0.17".parse().unwrap());
    // A first lease is as long as MCLT, and has to outlast a few seconds on a busy machine.
    Shape { pool, mclt: 15, lease: 600, extra, through }
}

/// Each link of a server: FREE, BACKUP, and how many of them are due to the secondary.
fn pools(pair: &Pair, at: usize) -> Vec<(u64, u64, u64)> {
    let status = pair.ask(at, &Request::Status);
    let number = |pool: &Value, key: &str| pool[key].as_u64().unwrap();
    let links = status["subnets"].as_array().cloned().unwrap_or_default();
    let pools = links.iter().map(|link| &link["pool"]);
    pools.map(|pool| (number(pool, "free"), number(pool, "backup"), number(pool, "secondarys-due"))).collect()
}

/// Waits until each link is shared as it should be, off by no more than this, and both servers say so.
fn wait_shared(pair: &Pair, slack: u64) {
    pair.wait("links shared", |pair| {
        let both = [0, 1].map(|at| pools(pair, at));
        let shared = |&(free, backup, due): &(u64, u64, u64)| {
            let neither_is_without = free + backup < 2 || (free > 0 && backup > 0);
            backup.abs_diff(due) <= slack && neither_is_without
        };
        both[0] == both[1] && !both[0].is_empty() && both[0].iter().all(shared)
    });
}

/// So many new clients on a link, a few a second: who asks at once may be offered what another takes first.
fn clients(pair: &Pair, link: &str, count: u64) -> Value {
    pair.client(&["--link", link, "--count", &count.to_string(), "--rate", "40", "--patience", "0.5", "--tries", "12"])
}

fn all_are_served(pair: &Pair, link: &str, count: u64) {
    let summary = clients(pair, link, count);
    good(&summary);
    assert_eq!((&summary["acked"], &summary["refused"]), (&count.into(), &0.into()), "{link}: {summary}");
}

#[test]
fn each_link_is_shared_and_serves_every_client_to_its_last_address() {
    // A client of the secondary's half, which has a reservation.
    let hardware = (1..).map(|last: u8| [2, 0, 0, 0, 9, last]).find(|hardware| bucket(hardware) < 128).unwrap();
    let hardware = hardware.map(|octet| format!("{octet:02x}")).join(":");
    let mut shape = shape("", None);
    shape.extra += &format!("[[reservation]]\naddress = \"10.2.0.77\"\nhardware = \"{hardware}\"\n");
    let pair = Pair::normal("links", &shape);
    wait_shared(&pair, 0);
    // Whoever the responsible server is: here the secondary.
    pair.wait("the reserved address is the secondary's, too", |pair| {
        pair.ask(1, &Request::Why { client: hardware.clone(), link: None })["would-be-offered"][0]["address"]
            == "10.2.0.77"
    });
    for (link, count) in LINKS {
        all_are_served(&pair, link, count);
        good(&pair.client(&["renew"]));
        let one_more = pair.client(&["--link", link, "--count", "1", "--patience", "0.5", "--tries", "2"]);
        assert_eq!(one_more["acked"], 0, "{link}: {one_more}");
    }
    // Why, is told of the client's own link: the one that an operator names, or where it was heard.
    let why = |arguments: &[&str]| String::from_utf8_lossy(&pair.ctl(0, arguments).stdout).into_owned();
    let named = why(&["why", "02:f0:00:00:ff:ff", "--link", "10.1.0.1"]);
    assert!(named.contains("10.1.0.0/24") && !named.contains("10.2.0") && !named.contains("10.3.0"), "{named}");
    let heard = why(&["why", "02:f0:00:00:00:3a"]);
    assert!(heard.contains("10.77.0.0/16") && !heard.contains("10.2.0") && !heard.contains("10.3.0"), "{heard}");
    let unheard = why(&["why", "02:f0:00:00:ff:ff"]);
    assert!(unheard.contains("--link") && !unheard.contains("/24"), "{unheard}");
    let metrics = pair.ask(0, &Request::Metrics);
    let metrics = metrics["text"].as_str().unwrap();
    assert!(metrics.contains("dhcpfo_subnet_bindings{subnet=\"10.3.0.0/24\",status=\"ACTIVE\"} 44"), "{metrics}");
    // All come back at once, to whom they belonged before; then an operator has the rest restored.
    sleep(Duration::from_millis(1100));
    assert_eq!(pair.client(&["release"])["returned"], 58);
    pair.wait_told();
    wait_shared(&pair, 1);
    assert!(pair.ctl(0, &["rebalance"]).status.success());
    pair.wait_told();
    wait_shared(&pair, 0);
}

#[test]
fn a_hot_standby_has_a_reserve_on_each_link_and_shares_again_after_a_partition() {
    let cable = Cable::new();
    let shape = shape("split = 0\nsecondary-share = 10\n", Some(cable.addresses));
    let mut pair = Pair::new("standby", &shape);
    cable.plug(&pair);
    pair.start(0, &[]);
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    wait_shared(&pair, 0);
    // A tenth: of 44 there are 4, of 8 and of 5 there is one and not none, of a single one nobody has a part.
    let backup: Vec<u64> = pools(&pair, 1).iter().map(|pool| pool.1).collect();
    assert_eq!(backup, [4, 0, 1, 1]);
    cable.mode.store(CLOSED, Ordering::Relaxed);
    pair.wait_states(["COMMUNICATIONS-INTERRUPTED", "COMMUNICATIONS-INTERRUPTED"]);
    // Both answer everybody now, each from its own share of the link.
    all_are_served(&pair, "10.3.0.1", 20);
    all_are_served(&pair, "10.2.0.1", 2);
    cable.mode.store(PASS, Ordering::Relaxed);
    pair.wait_states(["NORMAL", "NORMAL"]);
    pair.wait_told();
    wait_shared(&pair, 1);
    for (link, count) in [("10.1.0.1", 1), ("10.2.0.1", 3), ("10.3.0.1", 24), ("10.77.0.1", 8)] {
        all_are_served(&pair, link, count);
    }
}
