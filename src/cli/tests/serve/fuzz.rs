//! Every case of the testbed's fuzz client (`wire/tests/fuzz_cases.rs` has them without sockets), against living
//! processes: a primary and a secondary survive them all, refuse with the reason that is due, take nothing from a
//! stranger, and agree with an honest partner afterwards.

use std::net::Shutdown;
use std::time::{Duration, Instant};

use crate::harness::fuzz_peer::{Expect, Peer, Way, ack, binding, connect, kept, now, option, raw, said};
use crate::harness::pair::{Pair, resident};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;
use dhcpfo_wire::message::{Answer, Binding, Body, Connect, ConnectAck, Refusal, StateSaid};
use dhcpfo_wire::number::Reject;

const STATE: u8 = 10;
const CONTACT: u8 = 11;
const SOON: Duration = Duration::from_secs(5);

/// What is sent over a link that is in NORMAL, and what has to come of it.
fn cases() -> Vec<(String, Vec<u8>, Expect)> {
    use Expect::{Refused, Stays};
    let mut cases: Vec<(String, Vec<u8>, Expect)> = Vec::new();
    let mut add = |name: &str, octets: Vec<u8>, expect| cases.push((name.to_owned(), octets, expect));
    let contact = || raw(CONTACT, 12, None, &[]);
    let state = |options: &[u8]| raw(STATE, 12, None, options);
    add("length 0", raw(CONTACT, 12, Some(0), &[]), Refused(254));
    add("length 11", raw(CONTACT, 12, Some(11), &[]), Refused(254));
    add("length 12", contact(), Stays);
    add("length 2048", raw(CONTACT, 12, None, &option(999, &[b'x'; 2032])), Stays);
    add("length 2049", raw(CONTACT, 12, None, &option(999, &[b'x'; 2033])), Refused(254));
    add("length 65535", raw(CONTACT, 12, None, &option(999, &[b'x'; 65519])), Refused(254));
    add("length 65535, header only", raw(CONTACT, 12, Some(65535), &[]), Refused(254));
    add("offset 8", raw(CONTACT, 8, None, &[]), Stays);
    add("offset 8, STATE", raw(STATE, 8, None, &said(2)), Stays);
    add("offset 0", raw(STATE, 0, None, &said(2)), Refused(254));
    add("offset 16", raw(STATE, 16, None, &[b"abcd", said(2).as_slice()].concat()), Stays);
    add("offset 13 of 12", raw(CONTACT, 13, None, &[]), Refused(254));
    add("offset 255 of 30", raw(STATE, 255, None, &said(2)), Refused(254));
    add("three in one segment", [contact(), contact(), raw(9, 12, None, &[])].concat(), Stays);
    for (kind, expect) in [(0, Refused(254)), (13, Refused(254)), (255, Stays)] {
        add(&format!("type {kind}"), raw(kind, 12, None, &[]), expect);
        add(&format!("type {kind} with an option"), raw(kind, 12, None, &option(16, b"hi")), expect);
    }
    for code in [0, 30, 200, 65535] {
        add(&format!("option {code}"), state(&[option(code, b"zz"), said(2)].concat()), Stays);
    }
    add("an unknown option twice", state(&[option(999, b""), option(999, b""), said(2)].concat()), Stays);
    add("options of other messages", raw(CONTACT, 12, None, &[said(2), option(2, &[10, 77, 0, 20])].concat()), Stays);
    add("an option past the end", state(&[said(2), vec![0, 25, 1, 144]].concat()), Refused(254));
    add("an option of 65535", state(&[vec![3, 231, 255, 255], said(2)].concat()), Refused(254));
    for trailing in 1..4 {
        add(&format!("{trailing} octets more"), state(&[said(2), vec![0; trailing]].concat()), Refused(254));
    }
    add("server-state twice", state(&[said(2), option(24, &[2])].concat()), Refused(254));
    add("server-state of 2 octets", state(&option(24, &[0, 2])), Refused(254));
    add("server-state of none", state(&option(24, &[])), Refused(254));
    let digest = option(17, &[&[1], [b'd'; 16].as_slice()].concat());
    add("digest at the end", state(&[said(2), digest.clone()].concat()), Refused(13));
    add("digest at the front", state(&[digest, said(2)].concat()), Refused(13));
    for value in [0, 1, 12, 255] {
        add(&format!("state {value}"), state(&said(value)), Refused(254));
    }
    add("STATE without server-state", state(&option(23, &[0])), Refused(254));
    add("STATE without flags and time", state(&option(24, &[6])), Refused(254));
    add("NORMAL again", state(&said(2)), Stays);
    let address = option(2, &[10, 77, 0, 20]);
    add("two addresses in one option", raw(3, 12, None, &option(2, &[10, 77, 0, 20, 10, 77, 0, 20])), Refused(254));
    for ddns in [b"".as_slice(), b"\x01"] {
        let octets = raw(3, 12, None, &[address.clone(), option(9, ddns)].concat());
        add(&format!("DDNS of {} octets", ddns.len()), octets, Refused(254));
    }
    add("156 updates", raw(3, 12, None, &address.repeat(156)), Refused(254));
    for (name, octets, reason) in updates() {
        add(name, octets, Expect::Answered(reason));
    }
    let body = |body: &Body| body.to_frame(now(), 0x999).encode().unwrap();
    let acks = |last| vec![Answer { address: Some([10, 77, 0, last].into()), refusal: None }];
    add("BNDACK of nothing sent", body(&Body::BndAck(acks(20))), Stays);
    add("BNDACK of a foreign address", body(&Body::BndAck(acks(250))), Stays);
    add("BNDACK of no address", body(&Body::BndAck(Vec::new())), Stays);
    add("UPDDONE unasked", body(&Body::UpdDone), Stays);
    add("POOLRESP unasked", body(&Body::PoolResp(5)), Stays);
    add("POOLRESP without a count", raw(2, 12, None, &[]), Refused(254));
    add("POOLREQ", body(&Body::PoolReq), Stays);
    add("UPDREQ", body(&Body::UpdReq), Stays);
    add("UPDREQALL twice", [body(&Body::UpdReqAll), body(&Body::UpdReqAll)].concat(), Stays);
    add("a second CONNECT", body(&Body::Connect(connect())), Refused(7));
    add("a second CONNECTACK", body(&Body::ConnectAck(ack())), Refused(7));
    add("DISCONNECT", raw(12, 12, None, &[option(21, &[17]), option(16, b"bye")].concat()), Expect::Closed);
    add("DISCONNECT without a reason", raw(12, 12, None, &[]), Expect::Closed);
    cases
}

/// Updates that are answered one by one, and the reason if they are refused.
fn updates() -> Vec<(&'static str, Vec<u8>, Option<u8>)> {
    let b = || binding(2);
    let update = |binding: Binding| Body::BndUpd(vec![binding]).to_frame(now(), 0x51).encode().unwrap();
    let mut foreign = b();
    foreign.address = [192, 0, 2, 9].into();
    vec![
        ("without status", update(Binding { status: None, ..b() }), Some(3)),
        ("without address", raw(3, 12, None, &option(3, &[2])), Some(3)),
        ("foreign address", update(foreign), Some(1)),
        ("without hardware address", update(Binding { client_hardware_address: None, ..b() }), Some(3)),
        ("empty hardware address", update(Binding { client_hardware_address: Some(Vec::new()), ..b() }), Some(3)),
        ("hardware address of 64", update(Binding { client_hardware_address: Some(vec![1; 64]), ..b() }), Some(254)),
        ("identifier of 1500", update(Binding { client_identifier: Some(vec![b'i'; 1500]), ..b() }), Some(254)),
        ("status 0", update(binding(0)), Some(254)),
        ("status 8", update(binding(8)), Some(254)),
        ("status 255", update(binding(255)), Some(254)),
        ("xid 0", Body::BndUpd(vec![b()]).to_frame(now(), 0).encode().unwrap(), None),
        ("empty identifier", update(Binding { client_identifier: Some(Vec::new()), ..b() }), None),
        ("DDNS name", raw(3, 12, None, &[options(&b()), option(9, b"\x00\x01host.example.")].concat()), None),
        ("unknown flags", raw(3, 12, None, &[options(&b()), option(12, b"\xff\xf0")].concat()), None),
        ("right", update(b()), None),
        ("ABANDONED with a client", update(binding(5)), None),
        ("ABANDONED", update(Binding { client_hardware_address: None, ..binding(5) }), None),
    ]
}

/// Two updates about one address in one segment: both are answered, in their order.
fn sequences() -> Vec<(&'static str, Vec<u8>)> {
    let both = |first: Binding, second: Binding| {
        let frame = |xid, binding| Body::BndUpd(vec![binding]).to_frame(now(), xid).encode().unwrap();
        [frame(0x62, first), frame(0x63, second)].concat()
    };
    let long = |status| Binding { lease_expiration: Some(now() + 300), ..binding(status) };
    vec![
        ("ACTIVE, then FREE", both(binding(2), binding(1))),
        ("ACTIVE, then RELEASED", both(binding(2), binding(4))),
        ("ACTIVE, then EXPIRED early", both(long(2), long(3))),
    ]
}

/// The options of an update about one binding, as octets.
fn options(binding: &Binding) -> Vec<u8> {
    let frame = Body::BndUpd(vec![binding.clone()]).to_frame(now(), 0).encode().unwrap();
    frame[12..].to_vec()
}

/// One case after another at one server, which is told that its partner is in NORMAL each time.
fn all_cases(pair: &Pair, at: usize) {
    let role = [Role::Primary, Role::Secondary][at];
    let way = Way { role, target: pair.files.failover[at] };
    way.agreed().first_start();
    for (name, octets, expect) in cases() {
        let mut peer = way.agreed();
        peer.normal();
        peer.send(&octets);
        peer.expect(expect, SOON, &format!("{role:?}: {name}"));
    }
    for (name, octets) in sequences() {
        let mut peer = way.agreed();
        peer.normal();
        peer.send(&octets);
        peer.expect_answers(2, SOON, &format!("{role:?}: {name}"));
    }
    let mut peer = way.agreed();
    peer.normal();
    for octet in raw(CONTACT, 12, None, &[]) {
        peer.send(&[octet]);
    }
    peer.expect(Expect::Stays, SOON, "one octet at a time");
    let mut peer = way.agreed();
    peer.send(&raw(CONTACT, 12, None, &[])[..6]);
    peer.stream.shutdown(Shutdown::Write).unwrap();
    peer.expect(Expect::Closed, SOON, "a header that is cut off");
    let mut peer = way.agreed();
    peer.send(&raw(CONTACT, 12, None, &[])[..6]);
    peer.expect(Expect::Refused(17), SOON, "a header that never comes whole");
    handshakes(&way, role);
    a_second_link(&way, role);
    for state in [State::PotentialConflict, State::Recover] {
        let mut peer = way.agreed();
        peer.normal();
        let body = Body::State(StateSaid { state: Reported::In(state), startup: false, since: now() });
        peer.send(&body.to_frame(now(), 0x7b).encode().unwrap());
        // What a server does then is the engine's business; it lives.
        peer.until_silent(Duration::from_millis(300));
    }
}

/// What is said before anything is agreed.
fn handshakes(way: &Way, role: Role) {
    let state = Body::State(StateSaid { state: Reported::In(State::Recover), startup: false, since: now() });
    let early = [Body::UpdReqAll, Body::BndUpd(vec![binding(2)]), Body::Contact, Body::PoolReq, state];
    for body in early {
        let mut peer = way.connected();
        peer.send(&body.to_frame(now(), 1).encode().unwrap());
        peer.expect(Expect::Refused(6), SOON, &format!("{role:?}: {body:?} before the handshake"));
    }
    let say = |name: &str, body: Body, late: i64, reason: u8| {
        let mut peer = way.connected();
        let time = (i64::from(now()) + late) as u32;
        let octets = body.to_frame(time, peer.connect_xid).encode().unwrap();
        peer.send(&octets);
        peer.expect(Expect::Refused(reason), SOON, &format!("{role:?}: {name}"));
    };
    let agrees = |name: &str, octets: Vec<u8>| {
        let mut peer = way.connected();
        let octets = if role == Role::Primary { with_xid(octets, peer.connect_xid) } else { octets };
        peer.send(&octets);
        peer.expect_state(SOON, &format!("{role:?}: {name}"));
    };
    let (c, a) = (connect, ack);
    let (name, nul) = (|| Some(b"other".to_vec()), || Some(b"demo\0".to_vec()));
    if role == Role::Primary {
        agrees("clock 58 s ahead", Body::ConnectAck(a()).to_frame(now() + 58, 0).encode().unwrap());
        say("NUL in the name", Body::ConnectAck(ConnectAck { relationship_name: nul(), ..a() }), 0, 8);
        say("only a name", Body::ConnectAck(ConnectAck { max_unacked: None, ..a() }), 0, 6);
        let mut peer = way.connected();
        let refuses = Body::ConnectAck(ConnectAck { refusal: Some(Refusal::new(Reject(8), "test")), ..a() });
        peer.send(&with_xid(refuses.to_frame(now(), 0).encode().unwrap(), peer.connect_xid));
        peer.expect(Expect::Closed, SOON, "a CONNECTACK that refuses");
        let mut peer = way.connected();
        let octets = Body::ConnectAck(a()).to_frame(now(), 0).encode().unwrap();
        peer.send(&with_xid(octets, peer.connect_xid ^ 0x4242));
        peer.expect(Expect::Closed, Duration::from_secs(20), "a CONNECTACK with another xid");
        say("no name", Body::ConnectAck(ConnectAck { relationship_name: None, ..a() }), 0, 8);
        say("name", Body::ConnectAck(ConnectAck { relationship_name: name(), ..a() }), 0, 8);
        say("version", Body::ConnectAck(ConnectAck { protocol_version: Some(2), ..a() }), 0, 14);
        say("TLS", Body::ConnectAck(ConnectAck { tls_reply: Some(1), ..a() }), 0, 10);
        say("clock ahead", Body::ConnectAck(a()), 70, 4);
        say("clock behind", Body::ConnectAck(a()), -70, 4);
        say("CONNECT to a primary", Body::Connect(c()), 0, 8);
    } else {
        agrees("clock 58 s ahead", Body::Connect(c()).to_frame(now() + 58, 1).encode().unwrap());
        let mut reversed = Body::Connect(c()).to_frame(now(), 1);
        reversed.options.reverse();
        agrees("options in reverse", reversed.encode().unwrap());
        say("NUL in the name", Body::Connect(Connect { relationship_name: nul(), ..c() }), 0, 8);
        let few = Connect { max_unacked: None, receive_timer: None, vendor_class: None, ..c() };
        say("only name, MCLT and buckets", Body::Connect(few), 0, 6);
        say("no name", Body::Connect(Connect { relationship_name: None, ..c() }), 0, 8);
        say("name", Body::Connect(Connect { relationship_name: name(), ..c() }), 0, 8);
        say("no MCLT", Body::Connect(Connect { mclt: None, ..c() }), 0, 5);
        say("MCLT 0", Body::Connect(Connect { mclt: Some(0), ..c() }), 0, 5);
        say("no buckets", Body::Connect(Connect { hash_buckets: None, ..c() }), 0, 18);
        say("31 octets of buckets", Body::Connect(Connect { hash_buckets: Some(vec![255; 31]), ..c() }), 0, 18);
        say("version", Body::Connect(Connect { protocol_version: Some(2), ..c() }), 0, 14);
        say("TLS", Body::Connect(Connect { tls_request: Some(2), ..c() }), 0, 10);
        say("clock ahead", Body::Connect(c()), 70, 4);
        say("clock behind", Body::Connect(c()), -70, 4);
        say("CONNECTACK to a secondary", Body::ConnectAck(a()), 0, 6);
    }
}

fn with_xid(mut octets: Vec<u8>, xid: u32) -> Vec<u8> {
    octets[8..12].copy_from_slice(&xid.to_be_bytes());
    octets
}

/// A second connection while the first is good: one of the two is kept, and it works.
fn a_second_link(way: &Way, role: Role) {
    let mut first = way.agreed();
    first.normal();
    let mut second = way.dialled();
    if role == Role::Secondary {
        second.try_send(&Body::Connect(connect()).to_frame(now(), 1).encode().unwrap());
    }
    assert!(second.ends(SOON), "{role:?}: the second link is refused");
    first.expect(Expect::Stays, SOON, "the first link goes on");
}

/// The same octets from an address that is not the partner's: the connection ends before they are read.
fn strangers(pair: &Pair, at: usize) {
    let seen = |pair: &Pair| (pair.state(at), pair.ask(at, &Request::Bindings { all: true })["bindings"].clone());
    let before = seen(pair);
    for (name, octets, _) in cases() {
        let mut peer = Peer::from_elsewhere(pair.files.failover[at]);
        let hello = Body::Connect(connect()).to_frame(now(), 1).encode().unwrap();
        peer.try_send(&[hello, octets].concat());
        assert!(peer.ends_without_a_word(SOON), "{name}");
    }
    assert_eq!(seen(pair), before, "server {at}: a stranger has changed something");
}

/// Cases against one server, the other of the pair not running; then the other one comes, and both agree.
fn survives(at: usize) {
    let pool = ([10, 77, 0, 10].into(), [10, 77, 0, 25].into());
    // A primary of the draft dials, and waits for seconds after each refusal.
    let extra = if at == 0 { "peer = \"isc-dhcpd\"" } else { "" };
    let shape = Shape { pool, extra: extra.to_owned(), ..Shape::default() };
    let mut pair = Pair::new(["fuzzed-a", "fuzzed-b"][at], &shape);
    let partners = kept(pair.files.failover[1 - at]);
    pair.start(at, &[]);
    pair.wait("it waits for its partner", |pair| pair.state(at) == "RECOVER not running");
    let begun = Instant::now();
    let before = resident(pair.process(at));
    strangers(&pair, at);
    all_cases(&pair, at);
    let after = resident(pair.process(at));
    assert!(after < before + (32 << 10), "{before} KiB before, {after} KiB after");
    let log = std::fs::metadata(pair.log(at)).unwrap().len();
    assert!(log < 256 << 10, "{log} octets of log");
    eprintln!("server {at}: {} s, {after} KiB, {log} octets of log", begun.elapsed().as_secs());
    drop(partners);
    pair.start(1 - at, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
}

#[test]
fn a_primary_survives_the_fuzz_client() {
    survives(0);
}

#[test]
fn a_secondary_survives_the_fuzz_client() {
    survives(1);
}

#[test]
fn a_silent_connection_is_closed() {
    let mut pair = Pair::new("silent", &Shape::default());
    pair.start(1, &[]);
    pair.wait("it waits for its partner", |pair| pair.state(1) == "RECOVER not running");
    let mut peer = Way { role: Role::Secondary, target: pair.files.failover[1] }.connected();
    peer.expect(Expect::Closed, Duration::from_secs(20), "silence");
    pair.start(0, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
}
