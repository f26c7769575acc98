//! What goes wrong around a server: the disk is full, the clock jumps back, the partner is configured otherwise.

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::pair::{Pair, good, resident};
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;
use dhcpfo_server::store::{Changes, Start, Store};
use rand::RngExt;

fn log(pair: &Pair, at: usize) -> String {
    std::fs::read_to_string(pair.log(at)).unwrap_or_default()
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// A limit to the length of files is what a full disk is: writing fails.
#[test]
fn a_full_disk_loses_nothing_and_ends_when_there_is_room() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        return eprintln!("SKIPPED: no prlimit here (util-linux); a full disk was not tested");
    }
    let pool = (Ipv4Addr::new(10, 77, 0, 10), Ipv4Addr::new(10, 77, 63, 250));
    let mut pair = Pair::normal("full", &Shape { pool, lease: 300, ..Shape::default() });
    good(&pair.client(&["--count", "20"]));
    pair.wait_told();
    let size = std::fs::metadata(pair.folder.join("b.store")).unwrap().len();
    pair.kill(1);
    pair.wait_state(0, "COMMUNICATIONS-INTERRUPTED");
    let script = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$@\"", size / 1024);
    let mut command = Command::new("bash");
    command.args(["-c", &script, "bash", env!("CARGO_BIN_EXE_dhcpfo"), "serve"]).arg(&pair.files.configs[1]);
    command.stdout(Stdio::null()).stderr(std::fs::File::options().append(true).open(pair.log(1)).unwrap());
    let server = command.spawn().unwrap();
    let id = server.id();
    pair.adopt(1, server);
    pair.wait_states(["NORMAL", "NORMAL"]);
    let load = pair.client(&["--count", "6000", "--patience", "0.3", "--tries", "3"]);
    assert_eq!((&load["lost"], load["duplicates"].as_array().map(Vec::len)), (&0.into(), Some(0)), "{load}");
    pair.wait("the disk is full", |pair| pair.ask(1, &Request::Status)["store"] == "takes no changes");
    assert!(log(&pair, 1).contains("the store does not take changes: nobody is served until it does"));
    // The other one serves everybody.
    pair.wait_state(0, "COMMUNICATIONS-INTERRUPTED");
    good(&pair.client(&["--count", "20"]));
    let lifted = Command::new("prlimit").args(["--pid", &id.to_string(), "--fsize=unlimited:"]).status().unwrap();
    assert!(lifted.success());
    pair.wait_states(["NORMAL", "NORMAL"]);
    assert!(log(&pair, 1).contains("the store takes changes again"));
    pair.wait_told();
    good(&pair.client(&["renew"]));
    // First leases of 5 s end all the while.
    pair.wait("one view", |pair| pair.with_status(0, "ACTIVE") == pair.with_status(1, "ACTIVE"));
}

#[test]
fn a_clock_that_was_set_back_is_told_and_not_followed() {
    let mut pair = Pair::normal("clock", &Shape { lease: 300, ..Shape::default() });
    good(&pair.client(&["--count", "4"]));
    good(&pair.client(&["renew"]));
    pair.wait_told();
    let before = pair.with_status(1, "ACTIVE");
    pair.kill(1);
    // The store has been written by a clock that was half a minute ahead of the present one.
    let now = pair.ask(0, &Request::Status)["now"].as_u64().unwrap() as u32;
    let path = pair.folder.join("b.store");
    let open = || Store::open(&path, Start::Found, "the secondary of \"demo\"", |_| None, |_| None);
    let (mut store, _) = open().unwrap();
    let mut changes = Changes::default();
    changes.heartbeat(now + 30, true);
    store.commit(&changes).unwrap();
    drop(store);
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    let told = log(&pair, 1);
    assert!(told.contains("the system's clock is behind what this server has written"), "{told}");
    assert!(pair.ask(1, &Request::Status)["now"].as_u64().unwrap() >= u64::from(now) + 30);
    assert_eq!(pair.with_status(1, "ACTIVE"), before, "no lease has ended by that");
    good(&pair.client(&["renew"]));
}

#[test]
fn a_partner_of_another_name_is_refused_and_another_mclt_gives_way() {
    let mut pair = Pair::new("otherwise", &Shape { lease: 120, ..Shape::default() });
    replace(&pair.files.configs[1], "mclt = 5", "mclt = 9");
    pair.start(0, &[]);
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    assert!(log(&pair, 1).contains("MCLT is the primary's"), "{}", log(&pair, 1));
    assert_eq!(pair.ask(1, &Request::Status)["mclt"], 5);
    good(&pair.client(&["--count", "4"]));
    pair.wait_told();
    // Now the primary has another name. Nobody talks to it, and both go on serving on their own.
    pair.kill(0);
    pair.wait_state(1, "COMMUNICATIONS-INTERRUPTED");
    std::fs::remove_file(pair.folder.join("a.store")).unwrap();
    replace(&pair.files.configs[0], "name = \"demo\"", "name = \"other\"");
    pair.start(0, &[]);
    pair.wait("refused", |pair| (0..2).all(|at| log(pair, at).contains("relationship-name \"other\" is not mine")));
    pair.wait_states(["RECOVER not running", "COMMUNICATIONS-INTERRUPTED"]);
    good(&pair.client(&["renew"]));
    // A store of that name is not taken for this one.
    pair.kill(0);
    replace(&pair.files.configs[0], "name = \"other\"", "name = \"demo\"");
    pair.start(0, &[]);
    assert_eq!(pair.ended(0), 1);
    assert!(log(&pair, 0).contains("this is the store of the primary of \"other\""), "{}", log(&pair, 0));
}

#[test]
fn noise_from_anybody_changes_no_lease_and_no_state_and_fills_nothing() {
    let pair = Pair::normal("noise", &Shape { lease: 300, ..Shape::default() });
    good(&pair.client(&["--count", "8"]));
    good(&pair.client(&["renew"]));
    pair.wait_told();
    let leases = pair.with_status(0, "ACTIVE");
    let mut random = rand::rng();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    // A good DHCPDISCOVER, of which noise is made.
    let mut discover = vec![0; 260];
    discover[..3].copy_from_slice(&[1, 1, 6]);
    discover[236..244].copy_from_slice(&[0x63, 0x82, 0x53, 0x63, 53, 1, 7, 255]);
    for round in 0..20_000 {
        let mut packet = discover.clone();
        let (at, octet) = (random.random_range(0..packet.len()), random.random());
        packet[at] = octet;
        packet[242] = random.random();
        packet[28..34].fill_with(|| random.random());
        packet.truncate(random.random_range(0..=discover.len()));
        let _ = socket.send_to(&packet, pair.files.clients[round % 2]);
    }
    // On loopback everybody has the partner's address: connections that say nothing, or anything.
    let mut open = Vec::new();
    for round in 0..100usize {
        let Ok(mut stream) = TcpStream::connect(pair.files.failover[round % 2]) else { continue };
        let noise: Vec<u8> = (0..round * 20).map(|_| random.random()).collect();
        let _ = stream.write_all(&noise);
        open.push(stream);
    }
    pair.wait_states(["NORMAL", "NORMAL"]);
    for at in 0..2 {
        assert_eq!(pair.with_status(at, "ACTIVE"), leases, "server {at}");
        let (memory, written) = (resident(pair.process(at)), log(&pair, at).len());
        assert!(memory < 200 << 10 && written < 1 << 20, "{memory} KiB, {written} octets of log");
    }
    drop(open);
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["renew"]));
}
