//! A store with any octet changed, or cut anywhere, is refused or says what was written last; never anything between,
//! and never at the price of much memory.

use std::net::Ipv4Addr;
use std::path::Path;

use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Status};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::state::State;
use dhcpfo_server::store::{Changes, Found, Start, Store, StoreError};
use dhcpfo_time::Time;
use dhcpfo_wire::convert::Client;

const WHOSE: &str = "the primary of \"fo\"";

fn open(path: &Path) -> Result<(Store, Found), StoreError> {
    let place = |address: Ipv4Addr| Some(AddressId(u32::from(address) & 0xff));
    let number = |client: &Client| client.hardware_address.last().map(|&last| ClientId(last.into()));
    Store::open(path, Start::Found, WHOSE, place, number)
}

/// What the file has, and the most memory that was held while it was opened.
fn measured(path: &Path) -> (Result<Found, StoreError>, u64) {
    let mut read = None;
    let memory = allocation_counter::measure(|| read = Some(open(path).map(|(_, found)| found)));
    (read.unwrap(), memory.bytes_max)
}

/// The library's tables and what is read at all. The file has 56 KiB.
const MEMORY: u64 = 16 << 20;

/// Inputs of the fuzz target that were findings: an octet that counts only there, then three of a place and one to spoil it.
const FINDINGS: [&[u8]; 1] = [include_bytes!("../fuzz/regressions/much-memory-for-one-octet")];

fn write(path: &Path, rounds: u8) {
    let (mut store, _) = open(path).unwrap();
    for round in 0..rounds {
        let mut changes = Changes::default();
        changes.heartbeat(1000 + u32::from(round), true);
        changes.endpoint(&EndpointRecord::of(State::Normal));
        for last in 0..20u8 {
            let mut binding = Binding::known(Status::Active { client: ClientId(last.into()) });
            binding.lease_expiration = Time::from_raw(5000 + u32::from(last) + u32::from(round));
            let client = Client { identifier: None, hardware_address: vec![1, 2, 0, 0, 0, round, last] };
            changes.binding(Ipv4Addr::new(10, 0, 0, last), &binding, Some(&client));
        }
        store.commit(&changes).unwrap();
    }
}

#[test]
fn a_spoiled_store_is_refused_or_says_what_was_written_last() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("spoiled.store");
    let _ = std::fs::remove_file(&path);
    write(&path, 3);
    let good = std::fs::read(&path).unwrap();
    let found = open(&path).unwrap().1;
    assert_eq!(found.bindings.len(), 20);
    std::panic::set_hook(Box::new(|_| {}));
    // Where something is written: pages that are all zeros are many, and say nothing.
    let written: Vec<usize> = good.iter().enumerate().filter(|(_, octet)| **octet != 0).map(|(at, _)| at).collect();
    let (mut refused, mut taken) = (0, 0);
    let mut check = |what: String, spoiled: &[u8]| {
        std::fs::write(&path, spoiled).unwrap();
        let (read, memory) = measured(&path);
        if memory > MEMORY {
            let _ = std::panic::take_hook();
            panic!("{what}: {memory} octets of memory were taken");
        }
        match read {
            Err(_) => refused += 1,
            Ok(read) => {
                taken += 1;
                if read != found {
                    let _ = std::panic::take_hook();
                    panic!("{what}: another state is believed: {read:?}");
                }
            }
        }
    };
    for finding in FINDINGS {
        let mut spoiled = good.clone();
        for edit in finding[1..].chunks_exact(4) {
            let at = usize::from(edit[0]) << 16 | usize::from(edit[1]) << 8 | usize::from(edit[2]);
            spoiled[at % good.len()] ^= edit[3];
        }
        check(format!("{finding:02x?}"), &spoiled);
    }
    // A prime step, so that every kind of place is met.
    for at in written.iter().step_by(101) {
        let mut spoiled = good.clone();
        spoiled[*at] ^= 0x41;
        check(format!("octet {at}"), &spoiled);
    }
    for cut in (0..good.len()).step_by(good.len() / 20) {
        check(format!("cut at {cut}"), &good[..cut]);
    }
    let _ = std::panic::take_hook();
    assert!(refused > 20, "{refused} refused, {taken} taken");
}

#[test]
fn nobody_else_may_read_a_store() {
    use std::os::unix::fs::PermissionsExt;
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mode-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let path = folder.join("a.store");
    let open = |start| Store::open(&path, start, "whose", |_| None, |_| None).expect("a store");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    drop(open(Start::Found));
    assert_eq!((mode(&path), mode(&folder.join("a.store.lock"))), (0o600, 0o600));
    // One of an earlier version, or that somebody has opened to others.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o664)).expect("changed");
    drop(open(Start::Found));
    assert_eq!(mode(&path), 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("changed");
    let (mut store, _) = open(Start::Blank);
    assert_eq!(mode(&path), 0o600);
    store.begin_anew("whose").expect("anew");
    assert_eq!(mode(&path), 0o600);
    drop(store);
    std::fs::remove_dir_all(&folder).expect("removed");
}
