//! Laws of the session under any inputs: no panic, nothing to the engine outside an agreed connection, bounded memory,
//! and everything that is written decodes.

mod bench;
mod generate;

use bench::*;
use dhcpfo_engine::effect::Input as EngineInput;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::Role;
use dhcpfo_wire::message::Body;
use dhcpfo_wire::profile::Profile;
use dhcpfo_wire::session::{ConnectionId, Input, Link, Output};
use proptest::prelude::*;

/// What may happen next; connections are named by small numbers so that they meet.
#[derive(Clone, Debug)]
enum Step {
    Dialled(u64),
    DialFailed,
    Accepted(u64),
    Frame(u64, Box<dhcpfo_wire::frame::Frame>),
    Good(u64, u32, u8),
    Noise(u64, Vec<u8>),
    Closed(u64),
    Secured(u64),
    Close,
    Hold,
    Resume,
    Pass(u32),
    Send(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let id = 0u64..4;
    prop_oneof![
        2 => id.clone().prop_map(Step::Dialled),
        1 => Just(Step::DialFailed),
        4 => id.clone().prop_map(Step::Accepted),
        2 => (id.clone(), generate::frame()).prop_map(|(id, frame)| Step::Frame(id, Box::new(frame))),
        12 => (id.clone(), 0u32..4, 0u8..10).prop_map(|(id, xid, which)| Step::Good(id, xid, which)),
        1 => (id.clone(), proptest::collection::vec(any::<u8>(), 0..60)).prop_map(|(id, octets)| Step::Noise(id, octets)),
        1 => id.clone().prop_map(Step::Closed),
        1 => id.prop_map(Step::Secured),
        1 => Just(Step::Close),
        1 => Just(Step::Hold),
        2 => Just(Step::Resume),
        4 => (0u32..20).prop_map(Step::Pass),
        4 => (0u8..6).prop_map(Step::Send),
    ]
}

fn good(which: u8) -> Body {
    match which {
        0 | 1 => Body::Connect(connect()),
        2 | 3 => Body::ConnectAck(ack()),
        4 => state(dhcpfo_engine::state::State::Normal),
        5 => Body::BndUpd(vec![binding(2), binding(9)]),
        6 => Body::Contact,
        7 => Body::UpdReqAll,
        8 => Body::PoolReq,
        _ => Body::Disconnect(refusal(17)),
    }
}

fn take(bench: &mut Bench, step: &Step) -> Vec<Output> {
    match step {
        Step::Dialled(id) => bench.give(Input::Dialled(ConnectionId(*id))),
        Step::DialFailed => bench.give(Input::DialFailed),
        Step::Accepted(id) => bench.give(Input::Accepted(ConnectionId(*id))),
        Step::Frame(id, frame) => bench.octets(ConnectionId(*id), &frame.encode().unwrap()),
        Step::Good(id, xid, which) => bench.hear(ConnectionId(*id), *xid, &good(*which)),
        Step::Noise(id, octets) => bench.octets(ConnectionId(*id), octets),
        Step::Closed(id) => bench.give(Input::Closed(ConnectionId(*id))),
        Step::Secured(id) => bench.give(Input::Secured(ConnectionId(*id))),
        Step::Close => bench.give(Input::Close(refusal(254))),
        Step::Hold => bench.give(Input::Hold(refusal(254))),
        Step::Resume => bench.give(Input::Resume),
        Step::Pass(seconds) => bench.pass(*seconds),
        Step::Send(which) => send(bench, *which),
    }
}

fn send(bench: &mut Bench, which: u8) -> Vec<Output> {
    let message = match which {
        0 => Message::UpdReq,
        1 => Message::UpdDone,
        2 => Message::PoolReq,
        3 => Message::PoolResp(0),
        _ => Message::UpdReqAll,
    };
    let mut out = Vec::new();
    if let Some(outbound) = bench.session.outgoing(message, &bench.names) {
        bench.session.send(bench.now, outbound, &mut out);
    }
    out
}

/// Connected and Disconnected alternate, messages come in between, and the link says the same.
fn check(bench: &Bench, up: &mut bool, out: &[Output]) {
    for input in to_engine(out) {
        match input {
            EngineInput::Connected(parameters) => {
                assert!(!std::mem::replace(up, true) && parameters.max_unacked > 0);
            }
            EngineInput::Disconnected => assert!(std::mem::replace(up, false)),
            EngineInput::Message(_) => assert!(*up),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(*up, matches!(bench.session.link(), Link::Up { .. }));
    // What is written decodes and means something.
    bodies(out);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_inputs_have_an_outcome(
        primary in any::<bool>(), isc in any::<bool>(), steps in proptest::collection::vec(step(), 0..120),
    ) {
        let role = if primary { Role::Primary } else { Role::Secondary };
        let mut bench = Bench::new(config(role, if isc { Profile::ISC_DHCPD } else { Profile::DRAFT }));
        let mut up = false;
        for step in &steps {
            let out = take(&mut bench, step);
            check(&bench, &mut up, &out);
            prop_assert!(out.len() < 400);
            // Nothing is due that has just been done.
            if !matches!(step, Step::Send(_)) && let Some(deadline) = bench.session.next_deadline() {
                let again = bench.give(Input::Wake);
                prop_assert!(deadline > bench.now.elapsed, "{:?} then {:?}", out, again);
            }
        }
    }
}
