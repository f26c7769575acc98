//! Any octets are a report or an error that says where; nothing panics.

use crate::tape::Tape;
use dhcpfo_audit::{Input, Settings, audit};
use dhcpfo_engine::state::Role;
use proptest::prelude::*;

fn read(octets: Vec<u8>) {
    match audit(&[Input::Octets("noise".to_owned(), octets)], &Settings { timeline: true, ..Settings::default() }) {
        Ok(report) => drop((report.text(true), report.document(true))),
        Err(error) => assert!(error.to_string().starts_with("noise"), "{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn noise(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        read(octets);
    }

    #[test]
    fn a_capture_with_spoiled_octets(spoiled in prop::collection::vec((0usize..3_000, any::<u8>()), 1..8)) {
        let mut tape = Tape::normal();
        tape.lease(Role::Primary, 1, 60).tell(Role::Primary, 1, 60, 120).wait(30).offer(Role::Secondary, 2);
        let mut octets = tape.pcap();
        for (at, octet) in spoiled {
            let length = octets.len();
            octets[at % length] = octet;
        }
        read(octets);
    }

    #[test]
    fn noise_on_a_connection(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut tape = Tape::normal();
        tape.octets(Role::Secondary, &octets).close();
        read(tape.pcap());
    }
}
