//! Strangers who decline whatever they are given, and clients that ask again.

use crate::harness::pair::{Pair, good};
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;

#[test]
fn strangers_who_decline_everything_take_a_quarter_away_and_an_operator_brings_it_back() {
    let pair = Pair::normal("declines", &Shape { lease: 300, ..Shape::default() });
    good(&pair.client(&["--count", "40"]));
    pair.wait_told();
    pair.client(&["decline"]);
    pair.wait_told();
    for at in 0..2 {
        let abandoned = pair.with_status(at, "ABANDONED").len();
        // Each of the two may have taken one before it heard of the other's.
        assert!((10..=12).contains(&abandoned), "{abandoned} of 40");
        let log = pair.logged(at);
        assert!(log.contains("are ABANDONED already"), "{log}");
        let troubles = pair.ask(at, &Request::Status)["partner"]["troubles"].to_string();
        assert!(troubles.contains("have declined 10 addresses, a quarter"), "{troubles}");
    }
    // Of an address on which both could act, whoever heard of it first says so.
    assert!((0..2).any(|at| pair.logged(at).contains("it is ABANDONED now")), "{}", pair.logged(0));
    let asked = pair.ctl(0, &["reset-abandoned"]);
    let said = String::from_utf8_lossy(&asked.stdout).into_owned();
    assert!(
        !asked.status.success() && said.contains("only told, not done") && said.contains("given to a second one"),
        "{said}"
    );
    assert!(said.contains("abandoned: 1") && !pair.with_status(0, "ABANDONED").is_empty(), "{said}");
    assert!(pair.ctl(0, &["reset-abandoned", "--yes"]).status.success());
    pair.wait("available again", |pair| {
        (0..2).all(|at| pair.with_status(at, "ABANDONED").is_empty() && pair.with_status(at, "RESET").is_empty())
    });
    pair.wait_told();
    assert_eq!(pair.with_status(0, "ACTIVE"), pair.with_status(1, "ACTIVE"));
}

#[test]
fn an_abandoned_address_is_tried_again_when_nobody_can_hold_it() {
    let pair = Pair::new("abandon-time", &Shape { lease: 6, ..Shape::default() });
    (0..2).for_each(|at| pair.replace(at, "lease = 6", "lease = 6\nabandon-time = 3"));
    let mut pair = pair;
    (0..2).for_each(|at| pair.start(at, &[]));
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["--count", "2"]));
    pair.client(&["decline"]);
    pair.wait("declined", |pair| pair.with_status(0, "ABANDONED").len() == 2);
    let answer = pair.ask(0, &Request::Bindings { all: false });
    let ends = answer["bindings"].as_array().unwrap().iter().flat_map(|row| {
        ["lease-expiration", "sent-potential-expiration", "received-potential-expiration"]
            .map(|key| row[key].as_u64().unwrap_or(0))
    });
    let soonest = ends.max().unwrap() + 5;
    pair.wait("tried again", |pair| (0..2).all(|at| pair.with_status(at, "ABANDONED").is_empty()));
    let now = pair.ask(0, &Request::Status)["now"].as_u64().unwrap();
    assert!(now >= soonest, "{now}, and somebody could have held one until {soonest}");
    assert!(pair.logged(0).contains("ABANDONED long enough"));
    assert!(!pair.logged(1).contains("ABANDONED long enough"), "one of the two is enough");
}

#[test]
fn who_asks_again_is_offered_the_same_address() {
    use std::net::UdpSocket;
    let pair = Pair::normal("again", &Shape::default());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(std::time::Duration::from_secs(2))).unwrap();
    let ask = |last: u8, xid: u8| {
        let mut packet = vec![0; 240];
        packet[..8].copy_from_slice(&[1, 1, 6, 0, 0, 0, last, xid]);
        packet[28..34].copy_from_slice(&[2, 0, 0, 9, 9, last]);
        packet[236..].copy_from_slice(&[99, 130, 83, 99]);
        packet.extend([53, 1, 1, 255]);
        packet.resize(300, 0);
        for server in pair.files.clients {
            socket.send_to(&packet, server).unwrap();
        }
    };
    // The client that is answered, and the address that it is offered.
    let offer = |xid: u8| {
        let mut answer = [0; 600];
        loop {
            let length = socket.recv(&mut answer).ok()?;
            if length > 240 && answer[4..6] == [0, 0] && answer[7] == xid {
                return Some((answer[6], answer[16..20].to_vec()));
            }
        }
    };
    let discover = |last: u8, xid: u8| {
        ask(last, xid);
        let (client, address) = offer(xid).expect("one of the two answers");
        assert_eq!(client, last);
        address
    };
    // Both may answer one of these: each has a transaction of its own.
    let first: Vec<Vec<u8>> = (0..8).map(|client| discover(client, 10 + client)).collect();
    for round in 2..6 {
        let again: Vec<Vec<u8>> = (0..8).map(|client| discover(client, 10 * round + client)).collect();
        assert_eq!(again, first, "round {round}");
    }
    // More clients at once than there are addresses: no two are offered one, and some nothing.
    (0..60).for_each(|client| ask(100 + client, 200));
    socket.set_read_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    let offers: Vec<_> = std::iter::from_fn(|| offer(200)).collect();
    let mut addresses: Vec<&Vec<u8>> = offers.iter().map(|(_, address)| address).chain(&first).collect();
    let all = addresses.len();
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), all, "no two are offered one address");
    assert!((20..=40).contains(&all), "{all} of 40 addresses");
    assert!((0..2).any(|at| pair.logged(at).contains("all that is available is offered to others")));
}
