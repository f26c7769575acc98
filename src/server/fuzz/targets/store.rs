//! A store with any octets changed, and cut anywhere: it is refused, or it says what was written last.
#![no_main]

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Status};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::state::State;
use dhcpfo_time::Time;
use dhcpfo_server::store::{Changes, Found, Start, Store, StoreError};
use dhcpfo_wire::convert::Client;
use libfuzzer_sys::fuzz_target;

const WHOSE: &str = "the primary of \"fo\"";

fn open(path: &Path) -> Result<Found, StoreError> {
    let place = |address: Ipv4Addr| Some(AddressId(u32::from(address) & 0xff));
    let number = |client: &Client| client.hardware_address.last().map(|&last| ClientId(last.into()));
    Store::open(path, Start::Found, WHOSE, place, number).map(|(_, found)| found)
}

/// A good store, and what it says.
fn good() -> &'static (PathBuf, Vec<u8>, Found) {
    static GOOD: OnceLock<(PathBuf, Vec<u8>, Found)> = OnceLock::new();
    GOOD.get_or_init(|| {
        // What the library finds wrong by an assertion is a refusal, not a finding.
        std::panic::set_hook(Box::new(|_| {}));
        let path = std::env::temp_dir().join(format!("dhcpfo-fuzz-{}.store", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let (mut store, _) = Store::open(&path, Start::Found, WHOSE, |_| None, |_| None).expect("a new store");
        for round in 0..3u8 {
            let mut changes = Changes::default();
            changes.heartbeat(1000 + u32::from(round), true);
            changes.endpoint(&EndpointRecord::of(State::Normal));
            for last in 0..20 {
                let mut binding = Binding::known(Status::Active { client: ClientId(last) });
                binding.lease_expiration = Time::from_raw(5000 + last + u32::from(round));
                let client = Client { identifier: None, hardware_address: vec![1, 2, 0, 0, 0, round, last as u8] };
                changes.binding(Ipv4Addr::new(10, 0, 0, last as u8), &binding, Some(&client));
            }
            store.commit(&changes).expect("there is room");
        }
        drop(store);
        let octets = std::fs::read(&path).expect("it was written");
        let found = open(&path).expect("it is good");
        (path, octets, found)
    })
}

fuzz_target!(|input: &[u8]| {
    let (path, octets, found) = good();
    let mut spoiled = octets.clone();
    let [cut, edits @ ..] = input else { return };
    for edit in edits.chunks_exact(4) {
        let at = usize::from(edit[0]) << 16 | usize::from(edit[1]) << 8 | usize::from(edit[2]);
        let length = spoiled.len();
        spoiled[at % length] ^= edit[3];
    }
    if *cut >= 0xf0 {
        let length = spoiled.len();
        spoiled.truncate(length - length * usize::from(cut & 0xf) / 16 - 1);
    }
    std::fs::write(path, &spoiled).expect("there is room");
    if let Ok(read) = open(path) {
        assert!(read == *found, "another state than the last one is believed");
    }
});
