//! Failover frames: what ISC dhcpd really sent, laws over generated frames, and octets from anywhere.

mod generate;

use dhcpfo_wire::frame::{Frame, Header};
use dhcpfo_wire::message::Body;
use dhcpfo_wire::option::{Flags, Opt};
use dhcpfo_wire::{DecodeError, Problem};
use generate::{frame, hex, unhex};
use proptest::prelude::*;

/// One message of each shape that dhcpd 4.4.3-P1 sent, hex and the decode of an independent program.
const DHCPD: &str = include_str!("dhcpd.frames");

fn fixtures() -> impl Iterator<Item = (Vec<u8>, &'static str)> {
    let lines = DHCPD.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').map(|(octets, text)| (unhex(octets), text)).expect("hex, blank, text"))
}

/// The same, and all frames of a file of hex lines if `DHCPFO_FRAMES` names one.
fn all_of_dhcpd() -> Vec<Vec<u8>> {
    let more = std::env::var("DHCPFO_FRAMES").map(|path| std::fs::read_to_string(path).expect("DHCPFO_FRAMES"));
    let more = more.unwrap_or_default();
    fixtures().map(|(octets, _)| octets).chain(more.lines().map(unhex)).collect()
}

#[test]
fn frames_of_dhcpd_decode_and_encode_to_the_same_octets() {
    for octets in all_of_dhcpd() {
        let frame = Frame::decode(&octets).unwrap_or_else(|error| panic!("{}: {error}", hex(&octets)));
        assert_eq!(hex(&frame.encode().unwrap()), hex(&octets));
    }
}

#[test]
fn messages_of_dhcpd_mean_something_and_encode_to_the_same_octets() {
    for octets in all_of_dhcpd() {
        let frame = Frame::decode(&octets).unwrap();
        let body = Body::from_frame(&frame).unwrap_or_else(|error| panic!("{}: {error}", hex(&octets)));
        assert_eq!(hex(&body.to_frame(frame.time, frame.xid).encode().unwrap()), hex(&octets));
    }
}

#[test]
fn frames_of_dhcpd_say_what_another_decoder_says() {
    let mut seen = 0;
    for (octets, text) in fixtures() {
        let frame = Frame::decode(&octets).unwrap();
        let start = format!(
            "{} len={} off=12 time={} xid={:#x}",
            frame.message_type.name(),
            octets.len(),
            frame.time,
            frame.xid
        );
        assert!(text.starts_with(&start), "{text} | {start}");
        for option in &frame.options {
            let word = match option {
                Opt::AssignedIpAddress(address) => format!("assigned-ip={address}"),
                Opt::ClientHardwareAddress(octets) => format!("chaddr={}", hex(octets)),
                Opt::ClientIdentifier(octets) => format!("client-id={}", hex(octets)),
                Opt::HashBucketAssignment(octets) => format!("hba={}", hex(octets)),
                Opt::LeaseExpirationTime(time) => format!("lease-expiry={time}"),
                Opt::PotentialExpirationTime(time) => format!("potential-expiry={time}"),
                Opt::StartTimeOfState(time) => format!("stos={time}"),
                Opt::ClientLastTransactionTime(time) => format!("cltt={time}"),
                Opt::RejectReason(code) => format!("reject-reason={code}"),
                Opt::ServerFlags(flags) => format!("server-flags={flags}"),
                Opt::ReceiveTimer(seconds) => format!("receive-timer={seconds}"),
                Opt::Mclt(seconds) => format!("mclt={seconds}"),
                Opt::MaxUnackedBndUpd(count) => format!("max-unacked={count}"),
                _ => continue,
            };
            assert!(text.contains(&word), "{word} in {text}");
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen} values compared");
}

fn contact(length: u16, kind: u8, offset: u8, rest: &[u8]) -> Vec<u8> {
    let [l1, l2] = length.to_be_bytes();
    [&[l1, l2, kind, offset, 0, 0, 0, 1, 0, 0, 0, 9], rest].concat()
}

fn problem(octets: &[u8]) -> (usize, Problem) {
    let DecodeError { offset, problem } = Frame::decode(octets).expect_err("must not decode");
    (offset, problem)
}

#[test]
fn headers_are_checked_octet_by_octet() {
    assert_eq!(problem(&contact(0, 11, 12, &[])), (0, Problem::Length(0)));
    assert_eq!(problem(&contact(11, 11, 12, &[])), (0, Problem::Length(11)));
    assert_eq!(problem(&contact(2049, 11, 12, &[0; 2037])), (0, Problem::Length(2049)));
    assert_eq!(problem(&contact(13, 11, 12, &[])), (0, Problem::Octets { says: 13, are: 12 }));
    for kind in [0, 13, 127, 128, 255] {
        assert_eq!(problem(&contact(12, kind, 12, &[])), (2, Problem::MessageType(kind)));
        assert_eq!(Frame::decode(&contact(12, kind, 12, &[])).unwrap_err().may_ignore(), kind >= 128);
    }
    for offset in [0, 7, 9, 11, 13, 255] {
        assert_eq!(problem(&contact(12, 11, offset, &[])), (3, Problem::PayloadOffset { offset, length: 12 }));
    }
    assert_eq!(Header::decode(&[0, 12]).unwrap_err().offset, 0);
}

#[test]
fn payload_offsets_8_and_larger_are_taken() {
    let state = unhex("001800010200170001000019000400000007");
    let twelve = Frame::decode(&contact(30, 10, 12, &state)).unwrap();
    assert_eq!(Frame::decode(&contact(30, 10, 8, &state)).unwrap(), twelve);
    let four_more = [&[0xff; 4], state.as_slice()].concat();
    assert_eq!(Frame::decode(&contact(34, 10, 16, &four_more)).unwrap(), twelve);
    assert_eq!(twelve.options.len(), 3);
}

#[test]
fn options_are_checked_octet_by_octet() {
    let decode = |rest: &[u8]| problem(&contact(12 + rest.len() as u16, 10, 12, rest));
    for left in 1..4 {
        assert_eq!(decode(&vec![0; left]), (12, Problem::OptionHeader(left)));
    }
    let past_end = Problem::OptionEnd { code: 25, length: 400, left: 0 };
    assert_eq!(decode(&[0, 24, 0, 1, 2, 0, 25, 1, 144]), (17, past_end));
    assert_eq!(decode(&[0, 24, 0, 1, 2, 0, 24, 0, 1, 2]), (17, Problem::OptionTwice(24)));
    for (code, length, accepted) in [
        (24u8, 0u8, "1 octet"),
        (24, 2, "1 octet"),
        (2, 8, "4 octets"),
        (25, 3, "4 octets"),
        (12, 3, "1 or 2 octets"),
        (9, 1, "2 octets or more"),
    ] {
        let octets = [&[0, code, 0, length], vec![0; usize::from(length)].as_slice()].concat();
        let expected = Problem::OptionSize { code: code.into(), length: length.into(), accepted };
        assert_eq!(decode(&octets), (12, expected));
    }
}

#[test]
fn unknown_options_are_kept_and_may_repeat() {
    let rest = unhex("ffff0002414103e7000003e70000");
    let frame = Frame::decode(&contact(26, 11, 12, &rest)).unwrap();
    assert_eq!(frame.options[0], Opt::Unknown { code: 65535, data: b"AA".to_vec() });
    assert_eq!(frame.options.len(), 3);
    assert_eq!(frame.encode().unwrap(), contact(26, 11, 12, &rest));
}

#[test]
fn ip_flags_of_one_octet_are_taken_and_sent_with_two() {
    let one = unhex("00020004 0a4d0014 000c0001 01");
    let two = unhex("00020004 0a4d0014 000c0002 0001");
    let frame = Frame::decode(&contact(25, 3, 12, &one)).unwrap();
    assert_eq!(frame.options[1], Opt::IpFlags(Flags(Flags::RESERVED)));
    assert_eq!(frame.encode().unwrap(), contact(26, 3, 12, &two));
}

#[test]
fn several_bindings_in_one_update_are_told_apart() {
    let binding = "00020004 0a4d0014 00030001 02 00020004 0a4d0015 00030001 01 00190004 00000007";
    let octets = contact(46, 3, 12, &unhex(binding));
    let Body::BndUpd(bindings) = Body::from_frame(&Frame::decode(&octets).unwrap()).unwrap() else { panic!() };
    let seen: Vec<_> = bindings.iter().map(|b| (b.address.octets()[3], b.status, b.start_of_state)).collect();
    assert_eq!(seen, [(20, Some(2), None), (21, Some(1), Some(7))]);
    // In any other message a second address is an error.
    assert_eq!(problem(&contact(46, 10, 12, &unhex(binding))).1, Problem::OptionTwice(2));
}

#[test]
fn a_message_longer_than_2048_octets_is_not_sent() {
    let options = |octets| vec![Opt::Unknown { code: 999, data: vec![0; octets] }];
    let frame = |octets| Frame { options: options(octets), ..Frame::decode(&contact(12, 11, 12, &[])).unwrap() };
    assert_eq!(frame(2032).encode().unwrap().len(), 2048);
    assert_eq!(frame(2033).encode().unwrap_err().octets, 2049);
    assert!(frame(100_000).encode().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_encoded_decodes_to_the_same(frame in frame()) {
        let octets = frame.encode().unwrap();
        prop_assert_eq!(Frame::decode(&octets).unwrap(), frame);
    }

    #[test]
    fn any_octets_decode_or_say_where_they_are_wrong(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = Frame::decode(&octets) {
            prop_assert!(error.offset <= octets.len(), "{}", error);
        }
    }

    /// Octets that are nearly right reach further into the decoder than noise.
    #[test]
    fn spoiled_frames_decode_or_say_where_they_are_wrong(
        frame in frame(), at in any::<prop::sample::Index>(), octet in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let mut octets = frame.encode().unwrap();
        let at = at.index(octets.len());
        octets[at] = octet;
        octets.truncate(octets.len() - cut.index(octets.len()) / 8);
        match Frame::decode(&octets) {
            Ok(frame) => {
                let _ = Body::from_frame(&frame);
                // What was taken can be sent: at most the header is written differently.
                prop_assert!(frame.encode().is_ok());
            }
            Err(error) => prop_assert!(error.offset <= octets.len()),
        }
    }

    #[test]
    fn what_a_message_says_goes_there_and_back(frame in frame()) {
        if let Ok(body) = Body::from_frame(&frame) {
            let again = Frame::decode(&body.to_frame(frame.time, frame.xid).encode().unwrap()).unwrap();
            prop_assert_eq!(Body::from_frame(&again).unwrap(), body);
        }
    }
}
