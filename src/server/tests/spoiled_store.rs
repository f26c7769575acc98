//! A store with any octet changed, or cut anywhere, is refused or says what was written last; never anything between.

use std::net::Ipv4Addr;
use std::path::Path;

use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Status};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::state::State;
use dhcpfo_engine::time::Time;
use dhcpfo_server::store::{Changes, Found, Start, Store, StoreError};
use dhcpfo_wire::convert::Client;

const WHOSE: &str = "the primary of \"fo\"";

fn open(path: &Path) -> Result<(Store, Found), StoreError> {
    let place = |address: Ipv4Addr| Some(AddressId(u32::from(address) & 0xff));
    let number = |client: &Client| client.hardware_address.last().map(|&last| ClientId(last.into()));
    Store::open(path, Start::Found, WHOSE, place, number)
}

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
        match open(&path) {
            Err(_) => refused += 1,
            Ok((_, read)) => {
                taken += 1;
                if read != found {
                    let _ = std::panic::take_hook();
                    panic!("{what}: another state is believed: {read:?}");
                }
            }
        }
    };
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
