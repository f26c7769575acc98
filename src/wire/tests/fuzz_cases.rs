//! Every case of the testbed's fuzz client, against a session that has agreed or is about to. What a real dhcpd does
//! with them is in `src/wire/DHCPD.md`; several of them kill it. Here: no panic, nothing let through that is not
//! meant, and the reason is written before the connection is closed.

mod bench;

use bench::*;
use dhcpfo_engine::binding::Status;
use dhcpfo_engine::effect::Input as EngineInput;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::State;
use dhcpfo_wire::message::{Answer, Binding, Body, Connect, ConnectAck};
use dhcpfo_wire::option::{Ddns, Flags, Opt};
use dhcpfo_wire::session::{Input, Output};

/// One message, with lies where the test wants them.
fn raw(kind: u8, offset: u8, length: Option<u16>, payload: &[u8]) -> Vec<u8> {
    let [l1, l2] = length.unwrap_or(12 + payload.len() as u16).to_be_bytes();
    [&[l1, l2, kind, offset], &START.to_be_bytes()[..], &[0, 0, 0, 9], payload].concat()
}

fn option(code: u16, data: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], &(data.len() as u16).to_be_bytes()[..], data].concat()
}

/// The options of a STATE.
fn said(state: u8) -> Vec<u8> {
    [option(24, &[state]), option(23, &[0]), option(25, &START.to_be_bytes())].concat()
}

const STATE: u8 = 10;
const CONTACT: u8 = 11;

/// A link that has agreed, as secondary and as primary.
fn both(test: impl Fn(Bench)) {
    test(Bench::up_secondary());
    test(Bench::up_primary());
}

/// The connection is refused with this reason, and the engine hears that it is over.
fn refused(octets: Vec<u8>, reason: u8) {
    both(|mut bench| {
        let out = bench.octets(ONE, &octets);
        assert_eq!(closed_with(&out), Some(reason), "{octets:02x?}: {out:?}");
        assert!(has_disconnected(&out));
        assert!(messages(&out).is_empty());
        // What follows on that connection is nobody's.
        assert_eq!(bench.octets(ONE, &raw(CONTACT, 12, None, &[])), []);
    });
}

/// The connection stays; the engine hears so many messages.
fn taken(octets: Vec<u8>, count: usize) {
    both(|mut bench| {
        let out = bench.octets(ONE, &octets);
        assert!(!closes(&out), "{octets:02x?}: {out:?}");
        assert_eq!(messages(&out).len(), count, "{octets:02x?}");
    });
}

// ---- framing --------------------------------------------------------------------------------------------

#[test]
fn a_header_that_never_comes_whole_ends_with_the_receive_timer() {
    both(|mut bench| {
        assert_eq!(bench.octets(ONE, &raw(CONTACT, 12, None, &[])[..6]), []);
        let out = bench.pass_slowly(6);
        assert_eq!(closed_with(&out), Some(17), "{out:?}");
        assert!(has_disconnected(&out));
    });
}

#[test]
fn a_header_that_is_cut_off_by_the_end_of_the_connection() {
    both(|mut bench| {
        bench.octets(ONE, &raw(CONTACT, 12, None, &[])[..6]);
        assert!(has_disconnected(&bench.give(Input::Closed(ONE))));
    });
}

#[test]
fn lengths() {
    refused(raw(CONTACT, 12, Some(0), &[]), 254);
    refused(raw(CONTACT, 12, Some(11), &[]), 254);
    taken(raw(CONTACT, 12, None, &[]), 0);
    taken(raw(CONTACT, 12, None, &option(999, &[b'x'; 2032])), 0);
    refused(raw(CONTACT, 12, None, &option(999, &[b'x'; 2033])), 254);
    refused(raw(CONTACT, 12, None, &option(999, &[b'x'; 65519])), 254);
    refused(raw(CONTACT, 12, Some(65535), &[]), 254);
}

#[test]
fn payload_offsets() {
    taken(raw(CONTACT, 8, None, &[]), 0);
    taken(raw(STATE, 8, None, &said(2)), 1);
    refused(raw(STATE, 0, None, &said(2)), 254);
    taken(raw(STATE, 16, None, &[b"abcd", said(2).as_slice()].concat()), 1);
    refused(raw(CONTACT, 13, None, &[]), 254);
    refused(raw(STATE, 255, None, &said(2)), 254);
}

#[test]
fn one_octet_at_a_time_and_three_messages_at_once() {
    both(|mut bench| {
        let octets = raw(9, 12, None, &[]);
        let out: Vec<_> = octets.iter().flat_map(|&octet| bench.octets(ONE, &[octet])).collect();
        assert_eq!(messages(&out), [Message::UpdReq]);
        let three = [raw(CONTACT, 12, None, &[]), raw(CONTACT, 12, None, &[]), octets].concat();
        assert_eq!(messages(&bench.octets(ONE, &three)), [Message::UpdReq]);
    });
}

#[test]
fn message_types_that_are_not_known() {
    for payload in [Vec::new(), option(16, b"hi")] {
        refused(raw(0, 12, None, &payload), 254);
        refused(raw(13, 12, None, &payload), 254);
        // 128 to 255 are skipped (failover-12 §6.1).
        taken(raw(255, 12, None, &payload), 0);
    }
}

// ---- options --------------------------------------------------------------------------------------------

#[test]
fn options_that_are_not_known_or_do_not_belong_are_skipped() {
    for code in [0, 30, 200, 65535] {
        taken(raw(STATE, 12, None, &[option(code, b"zz"), said(2)].concat()), 1);
    }
    taken(raw(STATE, 12, None, &[option(999, b""), option(999, b""), said(2)].concat()), 1);
    taken(raw(CONTACT, 12, None, &[said(2), option(2, &[10, 77, 0, 20])].concat()), 0);
}

#[test]
fn options_that_do_not_fit() {
    refused(raw(STATE, 12, None, &[said(2), vec![0, 25, 1, 144]].concat()), 254);
    refused(raw(STATE, 12, None, &[vec![3, 231, 255, 255], said(2)].concat()), 254);
    for trailing in 1..4 {
        refused(raw(STATE, 12, None, &[said(2), vec![0; trailing]].concat()), 254);
    }
    refused(raw(STATE, 12, None, &[said(2), option(24, &[2])].concat()), 254);
    refused(raw(STATE, 12, None, &option(24, &[0, 2])), 254);
    refused(raw(STATE, 12, None, &option(24, &[])), 254);
}

#[test]
fn a_digest_that_nobody_asked_for_is_refused() {
    let digest = option(17, &[&[1], [b'd'; 16].as_slice()].concat());
    refused(raw(STATE, 12, None, &[said(2), digest.clone()].concat()), 13);
    refused(raw(STATE, 12, None, &[digest, said(2)].concat()), 13);
}

// ---- STATE ----------------------------------------------------------------------------------------------

#[test]
fn states_that_do_not_exist_and_states_that_say_too_little() {
    for state in [0, 1, 12, 255] {
        refused(raw(STATE, 12, None, &said(state)), 254);
    }
    refused(raw(STATE, 12, None, &option(23, &[0])), 254);
    refused(raw(STATE, 12, None, &option(24, &[6])), 254);
}

#[test]
fn states_again_and_in_any_order_are_the_engines_business() {
    for said in [State::Normal, State::PotentialConflict, State::Recover, State::RecoverWait] {
        both(|mut bench| {
            for xid in [0x7a, 0x7b] {
                assert_eq!(messages(&bench.hear(ONE, xid, &state(said))).len(), 1);
            }
        });
    }
}

// ---- BNDUPD ---------------------------------------------------------------------------------------------

/// What the engine hears of a BNDUPD, and the reason of a BNDACK that is sent without asking it.
fn update(options: Vec<Opt>) -> (Vec<Status>, Option<u8>) {
    let mut bench = Bench::up_primary();
    let frame = dhcpfo_wire::frame::Frame {
        message_type: dhcpfo_wire::number::MessageType::BndUpd,
        time: START,
        xid: 0x51,
        options,
    };
    let out = bench.octets(ONE, &frame.encode().unwrap());
    assert!(!closes(&out), "{out:?}");
    assert!(written(&out).iter().all(|frame| frame.xid == 0x51), "a BNDACK repeats the xid");
    let told = messages(&out).into_iter().map(|message| match message {
        Message::BndUpd(update) => update.status,
        other => panic!("{other:?}"),
    });
    (told.collect(), reason(&out))
}

fn of(binding: Binding) -> (Vec<Status>, Option<u8>) {
    update(Body::BndUpd(vec![binding]).to_options())
}

#[test]
fn updates_that_are_right_reach_the_engine() {
    let b = || binding(2);
    let right = [
        b(),
        Binding { flags: Some(Flags(0xfff0)), ..b() },
        Binding { client_identifier: Some(Vec::new()), ..b() },
        Binding { ddns: Some(Ddns { flags: 1, name: b"\x04host\x00".to_vec() }), ..b() },
        binding(3),
        binding(4),
        binding(5),
        Binding { client_hardware_address: None, ..binding(5) },
    ];
    for binding in right {
        let (told, refused) = of(binding.clone());
        assert_eq!((told.len(), refused), (1, None), "{binding:?}");
    }
}

#[test]
fn updates_that_lack_something_are_refused_one_by_one() {
    let b = || binding(2);
    let wrong = [
        (Binding { status: None, ..b() }, 3),
        (Binding { address: [192, 0, 2, 9].into(), ..b() }, 1),
        (Binding { client_hardware_address: None, ..b() }, 3),
        (Binding { client_hardware_address: Some(Vec::new()), ..b() }, 3),
        (Binding { client_hardware_address: Some(vec![1; 64]), ..b() }, 254),
        (Binding { client_identifier: Some(vec![b'i'; 1500]), ..b() }, 254),
        (binding(0), 254),
        (binding(8), 254),
        (binding(255), 254),
    ];
    for (binding, reason) in wrong {
        assert_eq!(of(binding.clone()), (Vec::new(), Some(reason)), "{binding:?}");
    }
    let mut without_address = Body::BndUpd(vec![b()]).to_options();
    without_address.remove(0);
    assert_eq!(update(without_address), (Vec::new(), Some(3)));
}

#[test]
fn update_options_of_a_wrong_size_end_the_connection() {
    let address = option(2, &[10, 77, 0, 20]);
    refused(raw(3, 12, None, &option(2, &[10, 77, 0, 20, 10, 77, 0, 20])), 254);
    refused(raw(3, 12, None, &[address.clone(), option(9, b"")].concat()), 254);
    refused(raw(3, 12, None, &[address.clone(), option(9, b"\x01")].concat()), 254);
    refused(raw(3, 12, None, &[address.clone(), option(3, &[2]), option(3, &[1])].concat()), 254);
    // More than can be answered in one BNDACK.
    refused(raw(3, 12, None, &address.repeat(156)), 254);
}

#[test]
fn two_updates_in_one_segment_come_in_order() {
    let mut bench = Bench::up_primary();
    let both: Vec<u8> = [2, 1]
        .into_iter()
        .flat_map(|status| Body::BndUpd(vec![binding(status)]).to_frame(START, 0x62).encode().unwrap())
        .collect();
    let out = bench.octets(ONE, &both);
    let told: Vec<_> = messages(&out).into_iter().filter(|m| matches!(m, Message::BndUpd(_))).collect();
    assert_eq!(told.len(), 2);
}

#[test]
fn as_many_refusals_as_fit_into_one_answer_are_sent_without_their_texts() {
    let mut bench = Bench::up_primary();
    let out = bench.octets(ONE, &raw(3, 12, None, &option(2, &[192, 0, 2, 9]).repeat(155)));
    let Body::BndAck(answers) = &bodies(&out)[0] else { panic!("{out:?}") };
    assert_eq!(answers.len(), 155);
    assert!(answers.iter().all(|answer| answer.refusal.as_ref().is_some_and(|r| r.reason.0 == 1 && r.text.is_empty())));
}

// ---- answers and requests -------------------------------------------------------------------------------

#[test]
fn answers_to_nothing_are_ignored() {
    both(|mut bench| {
        let answer = |last| vec![Answer { address: Some([10, 77, 0, last].into()), refusal: None }];
        for body in [Body::BndAck(answer(20)), Body::BndAck(answer(99)), Body::BndAck(Vec::new()), Body::UpdDone] {
            let out = bench.hear(ONE, 0x999, &body);
            assert!(!closes(&out) && messages(&out).is_empty(), "{out:?}");
            assert!(out.iter().any(|output| matches!(output, Output::Note(_))));
        }
        assert_eq!(messages(&bench.hear(ONE, 0x71, &Body::PoolResp(5))), [Message::PoolResp(5)]);
    });
}

#[test]
fn requests_reach_the_engine_and_a_poolresp_without_a_count_does_not() {
    both(|mut bench| {
        for (body, message) in [
            (Body::PoolReq, Message::PoolReq),
            (Body::UpdReq, Message::UpdReq),
            (Body::UpdReqAll, Message::UpdReqAll),
            (Body::UpdReqAll, Message::UpdReqAll),
        ] {
            assert_eq!(messages(&bench.hear(ONE, 0x72, &body)), [message]);
        }
    });
    refused(raw(2, 12, None, &[]), 254);
}

#[test]
fn a_disconnect_ends_the_connection_with_and_without_a_reason() {
    for octets in [raw(12, 12, None, &[option(21, &[17]), option(16, b"bye")].concat()), raw(12, 12, None, &[])] {
        both(|mut bench| {
            let out = bench.octets(ONE, &octets);
            assert!(closes(&out) && has_disconnected(&out) && written(&out).is_empty(), "{out:?}");
        });
    }
}

#[test]
fn a_second_handshake_on_a_live_link_is_refused() {
    both(|mut bench| {
        let out = bench.hear(ONE, 0x78, &Body::Connect(connect()));
        assert_eq!(closed_with(&out), Some(7), "{out:?}");
    });
    both(|mut bench| {
        let out = bench.hear(ONE, 0x79, &Body::ConnectAck(ack()));
        assert_eq!(closed_with(&out), Some(7), "{out:?}");
    });
}

// ---- the handshake: a CONNECTACK to a primary -----------------------------------------------------------

fn acked(change: impl FnOnce(&mut ConnectAck), late: i64) -> Vec<Output> {
    let (mut bench, xid) = Bench::primary();
    let mut ack = ack();
    change(&mut ack);
    let octets = Body::ConnectAck(ack).to_frame((i64::from(START) + late) as u32, xid).encode().unwrap();
    bench.octets(ONE, &octets)
}

#[test]
fn connectacks() {
    assert!(has_connected(&acked(|_| {}, 0)));
    assert!(has_connected(&acked(|_| {}, 58)));
    assert!(has_connected(&acked(|a| a.vendor_class = None, 0)));
    let cases: Vec<(Vec<Output>, Option<u8>)> = vec![
        (acked(|a| a.relationship_name = None, 0), Some(8)),
        (acked(|a| a.relationship_name = Some(b"other".to_vec()), 0), Some(8)),
        (acked(|a| a.relationship_name = Some(b"fo\0".to_vec()), 0), Some(8)),
        (acked(|a| a.refusal = Some(refusal(8)), 0), None),
        (acked(|_| {}, 61), Some(4)),
        (acked(|_| {}, -61), Some(4)),
        (acked(|a| a.max_unacked = None, 0), Some(6)),
        (acked(|a| a.max_unacked = Some(0), 0), Some(6)),
        (acked(|a| a.receive_timer = None, 0), Some(6)),
        (acked(|a| a.receive_timer = Some(0), 0), Some(6)),
        (acked(|a| a.protocol_version = Some(2), 0), Some(14)),
        (acked(|a| a.protocol_version = None, 0), Some(14)),
        (acked(|a| a.tls_reply = Some(1), 0), Some(10)),
        (acked(|a| a.tls_reply = Some(7), 0), Some(6)),
    ];
    for (out, reason) in cases {
        assert!(closes(&out) && !has_connected(&out), "{out:?}");
        assert_eq!(closed_with(&out), reason, "{out:?}");
    }
}

#[test]
fn a_connectack_with_a_foreign_xid_is_ignored_until_the_time_is_over() {
    let (mut bench, xid) = Bench::primary();
    let out = bench.hear(ONE, xid + 0x4242, &Body::ConnectAck(ack()));
    assert!(!closes(&out) && !has_connected(&out), "{out:?}");
    assert!(closes(&bench.pass(15)));
}

#[test]
fn a_connect_sent_to_a_primary_is_refused() {
    let (mut bench, _) = Bench::primary();
    let out = bench.hear(ONE, 1, &Body::Connect(connect()));
    assert_eq!(closed_with(&out), Some(8), "{out:?}");
}

// ---- the handshake: a CONNECT to a secondary ------------------------------------------------------------

fn connected(change: impl FnOnce(&mut Connect), late: i64) -> Vec<Output> {
    let mut bench = Bench::secondary();
    let mut connect = connect();
    change(&mut connect);
    let octets = Body::Connect(connect).to_frame((i64::from(START) + late) as u32, 1).encode().unwrap();
    bench.octets(ONE, &octets)
}

#[test]
fn connects() {
    assert!(has_connected(&connected(|_| {}, 0)));
    assert!(has_connected(&connected(|_| {}, 58)));
    assert!(has_connected(&connected(|c| c.tls_request = Some(1), 0)), "TLS is desired only");
    assert!(has_connected(&connected(|c| (c.tls_request, c.vendor_class) = (None, None), 0)));
    let cases = [
        (connected(|c| c.relationship_name = None, 0), 8),
        (connected(|c| c.relationship_name = Some(b"other".to_vec()), 0), 8),
        (connected(|c| c.mclt = None, 0), 5),
        (connected(|c| c.mclt = Some(0), 0), 5),
        (connected(|c| c.mclt = Some(6), 0), 5),
        (connected(|c| c.hash_buckets = None, 0), 18),
        (connected(|c| c.hash_buckets = Some(vec![0xff; 31]), 0), 18),
        (connected(|c| c.protocol_version = Some(2), 0), 14),
        (connected(|c| c.tls_request = Some(2), 0), 10),
        (connected(|c| c.tls_request = Some(3), 0), 6),
        (connected(|_| {}, 61), 4),
        (connected(|_| {}, -61), 4),
        (connected(|c| c.max_unacked = None, 0), 6),
        (connected(|c| c.receive_timer = Some(0), 0), 6),
    ];
    for (out, reason) in cases {
        assert_eq!(closed_with(&out), Some(reason), "{out:?}");
        assert_eq!(kinds(&out), ["CONNECTACK"], "a CONNECT is refused by a CONNECTACK");
        assert!(to_engine(&out).is_empty(), "{out:?}");
    }
}

#[test]
fn the_options_of_a_connect_may_come_in_any_order() {
    let mut bench = Bench::secondary();
    let mut frame = Body::Connect(connect()).to_frame(START, 1);
    frame.options.reverse();
    assert!(has_connected(&bench.octets(ONE, &frame.encode().unwrap())));
}

#[test]
fn nothing_is_taken_before_the_handshake() {
    let early = [
        state(State::Recover),
        Body::BndUpd(vec![binding(2)]),
        Body::UpdReqAll,
        Body::PoolReq,
        Body::Contact,
        Body::ConnectAck(ack()),
    ];
    for body in &early {
        let out = Bench::secondary().hear(ONE, 1, body);
        assert_eq!(closed_with(&out), Some(6), "{out:?}");
        assert!(to_engine(&out).is_empty(), "{out:?}");
    }
    for body in early.iter().filter(|body| !matches!(body, Body::ConnectAck(_))) {
        let (mut bench, _) = Bench::primary();
        let out = bench.hear(ONE, 1, body);
        assert_eq!(closed_with(&out), Some(6), "{out:?}");
        assert!(!to_engine(&out).iter().any(|input| matches!(input, EngineInput::Message(_))));
    }
}

#[test]
fn a_silent_connection_is_closed_after_15_seconds() {
    for mut bench in [Bench::secondary(), Bench::primary().0] {
        assert!(!closes(&bench.pass(14)));
        assert!(closes(&bench.pass(1)));
    }
}

#[test]
fn of_two_links_the_older_stays() {
    let mut bench = Bench::up_secondary();
    bench.give(Input::Accepted(TWO));
    let out = bench.hear(TWO, 1, &Body::Connect(connect()));
    assert_eq!(closed_with(&out), Some(7), "{out:?}");
    assert_eq!(messages(&bench.hear(ONE, 2, &state(State::Normal))).len(), 1);
    let mut bench = Bench::up_primary();
    let out = bench.give(Input::Accepted(TWO));
    assert_eq!(out, [Output::Close(TWO)]);
    assert_eq!(messages(&bench.hear(ONE, 2, &state(State::Normal))).len(), 1);
}
