//! Two sessions with each other, octet by octet: connecting, digest, TLS, a whole window of updates.

mod bench;

use bench::*;
use dhcpfo_engine::binding::{AddressId, Status};
use dhcpfo_engine::effect::{Input as EngineInput, Parameters};
use dhcpfo_engine::message::{BndUpd, Message, StateReport, Transaction};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::Time;
use dhcpfo_wire::digest::Secret;
use dhcpfo_wire::message::Body;
use dhcpfo_wire::profile::Profile;
use dhcpfo_wire::session::{Config, Input, Link, Output, Tls, TlsSide};

const NORMAL: StateReport = StateReport { state: Reported::In(State::Normal), startup: false, since: Time::LONG_AGO };

/// Two sessions and the connections between them; what one writes the other reads, whole or octet by octet.
struct Pair {
    ends: [Bench; 2],
    next: u64,
    log: Vec<(usize, Output)>,
}

impl Pair {
    fn new(change: impl Fn(Config) -> Config) -> Pair {
        let ends = Role::ALL.map(|role| Bench::new(change(config(role, Profile::DRAFT))));
        Pair { ends, next: 1, log: Vec::new() }
    }

    fn give(&mut self, end: usize, input: Input<'_>) {
        let out = self.ends[end].give(input);
        self.carry(end, out);
    }

    /// Carries out what one end wants, the other end's reactions included.
    fn carry(&mut self, end: usize, out: Vec<Output>) {
        for output in out {
            self.log.push((end, output.clone()));
            match output {
                Output::Dial => {
                    let id = dhcpfo_wire::session::ConnectionId(self.next);
                    self.next += 1;
                    self.give(1 - end, Input::Accepted(id));
                    self.give(end, Input::Dialled(id));
                }
                Output::Write(id, octets) => octets.iter().for_each(|&o| self.give(1 - end, Input::Octets(id, &[o]))),
                Output::Close(id) => self.give(1 - end, Input::Closed(id)),
                _ => {}
            }
        }
    }

    fn pass(&mut self, seconds: u32) {
        for end in 0..2 {
            let out = self.ends[end].pass(seconds);
            self.carry(end, out);
        }
    }

    fn send(&mut self, end: usize, message: Message) -> bool {
        let bench = &mut self.ends[end];
        let Some(outbound) = bench.session.outgoing(message, &bench.names) else { return false };
        let mut out = Vec::new();
        bench.session.send(bench.now, outbound, &mut out);
        self.carry(end, out);
        true
    }

    fn engine(&self, end: usize) -> Vec<EngineInput> {
        let own: Vec<_> = self.log.iter().filter(|(e, _)| *e == end).map(|(_, output)| output.clone()).collect();
        to_engine(&own)
    }

    fn are_up(&self) -> bool {
        self.ends.iter().all(|end| matches!(end.session.link(), Link::Up { .. }))
    }
}

#[test]
fn two_of_ours_connect_whoever_dials_first_and_stay_connected() {
    for first in [0, 1] {
        for connect_on in
            [Profile::DRAFT, Profile { connect_on: dhcpfo_wire::profile::ConnectOn::Any, ..Profile::DRAFT }]
        {
            let mut pair = Pair::new(|c| Config { profile: connect_on, ..c });
            pair.give(first, Input::Wake);
            for _ in 0..120 {
                pair.pass(1);
            }
            assert!(pair.are_up());
            for end in 0..2 {
                assert_eq!(pair.engine(end), [EngineInput::Connected(Parameters { max_unacked: 10 })]);
            }
            assert!(pair.send(0, Message::State(NORMAL)));
            assert_eq!(pair.engine(1).last(), Some(&EngineInput::Message(Message::State(NORMAL))));
        }
    }
}

#[test]
fn two_of_ours_connect_with_a_digest_and_not_with_two_secrets() {
    let secret = |text: &str| Secret::new(text.as_bytes().to_vec());
    let mut pair = Pair::new(|c| Config { secret: secret("sesame"), ..c });
    pair.pass(0);
    assert!(pair.are_up());
    for _ in 0..20 {
        pair.pass(1);
        assert!(pair.send(1, Message::UpdReq));
    }
    assert!(pair.are_up());
    let mut pair = Pair::new(|c| Config { secret: secret(c.role.name()), ..c });
    pair.pass(0);
    assert!(!pair.are_up());
    // A CONNECTACK that nobody can check says so; the primary does not believe it either.
    let reasons: Vec<_> = pair.log.iter().filter_map(|(_, output)| reason(std::slice::from_ref(output))).collect();
    assert_eq!(reasons[0], 20, "{:?}", pair.log);
}

#[test]
fn with_a_digest_each_connect_is_later_than_the_one_before() {
    let profile = Profile { connect_on: dhcpfo_wire::profile::ConnectOn::Any, ..Profile::DRAFT };
    let secret = Secret::new(b"sesame".to_vec());
    let mut bench = Bench::new(Config { secret, ..config(Role::Primary, profile) });
    let mut times = Vec::new();
    for connection in [ONE, TWO] {
        times.push(written(&bench.give(Input::Accepted(connection)))[0].time);
        bench.give(Input::Closed(connection));
    }
    assert_eq!(times, [START, START + 1], "both within one second");
}

#[test]
fn a_message_that_is_recorded_and_sent_again_is_refused() {
    let secret = Secret::new(b"sesame".to_vec()).unwrap();
    let mut bench = Bench::new(Config { secret: Some(secret.clone()), ..config(Role::Secondary, Profile::DRAFT) });
    let mut connect = connect();
    connect.hash_buckets = Some(vec![0; 32]);
    let connect = secret.encode(Body::Connect(connect).to_frame(START, 1)).unwrap();
    bench.give(Input::Accepted(ONE));
    assert!(has_connected(&bench.octets(ONE, &connect)));
    let update = secret.encode(Body::UpdReq.to_frame(START, 2)).unwrap();
    assert_eq!(messages(&bench.octets(ONE, &update)), [Message::UpdReq]);
    assert_eq!(closed_with(&bench.octets(ONE, &update)), Some(20));
    bench.give(Input::Accepted(TWO));
    assert_eq!(closed_with(&bench.octets(TWO, &connect)), Some(6), "the same CONNECT");
    // Without a digest nothing is believed.
    bench.give(Input::Accepted(dhcpfo_wire::session::ConnectionId(3)));
    let plain = Body::Contact.to_frame(START, 1).encode().unwrap();
    assert_eq!(closed_with(&bench.octets(dhcpfo_wire::session::ConnectionId(3), &plain)), Some(21));
}

#[test]
fn tls_is_used_where_both_can_and_refused_where_they_disagree() {
    use Tls::{Desired, Off, Required};
    for (primary, secondary, expected) in [
        (Off, Off, Ok(false)),
        (Off, Desired, Ok(false)),
        (Desired, Off, Ok(false)),
        (Desired, Desired, Ok(true)),
        (Desired, Required, Ok(true)),
        (Required, Desired, Ok(true)),
        (Required, Required, Ok(true)),
        (Off, Required, Err(11)),
        (Required, Off, Err(10)),
    ] {
        let mut pair = Pair::new(|c| Config { tls: if c.role == Role::Primary { primary } else { secondary }, ..c });
        pair.give(0, Input::Wake);
        let tls: Vec<_> = pair
            .log
            .iter()
            .filter_map(|(end, output)| match output {
                Output::StartTls(id, side) => Some((*end, *id, *side)),
                _ => None,
            })
            .collect();
        let refused = pair.log.iter().find_map(|(_, output)| reason(std::slice::from_ref(output)));
        match expected {
            Ok(false) => assert!(pair.are_up() && tls.is_empty()),
            Err(code) => assert_eq!((pair.are_up(), refused), (false, Some(code)), "{primary:?} {secondary:?}"),
            Ok(true) => {
                assert!(!pair.are_up() && tls.len() == 2);
                for (end, id, side) in tls.into_iter().rev() {
                    assert_eq!(side == TlsSide::Client, end == 0);
                    // The secondary is ready to read before the primary speaks.
                    if end == 1 {
                        pair.give(1, Input::Secured(id));
                    }
                }
                let id = dhcpfo_wire::session::ConnectionId(pair.next - 1);
                pair.give(1, Input::Secured(id));
                pair.give(0, Input::Secured(id));
                assert!(pair.are_up(), "{:?}", pair.log);
            }
        }
    }
}

#[test]
fn plain_octets_during_tls_are_refused() {
    let mut bench = Bench::new(Config { tls: Tls::Required, ..config(Role::Secondary, Profile::DRAFT) });
    bench.give(Input::Accepted(ONE));
    let mut connect = connect();
    connect.tls_request = Some(2);
    let octets = Body::Connect(connect).to_frame(START, 1).encode().unwrap();
    let out = bench.octets(ONE, &[octets.clone(), octets].concat());
    assert!(out.contains(&Output::StartTls(ONE, TlsSide::Server)));
    assert!(closes(&out) && !has_connected(&out));
}

#[test]
fn updates_of_a_whole_window_are_answered_by_their_xids() {
    let mut pair = Pair::new(|c| c);
    pair.give(0, Input::Wake);
    for slot in 0..10u8 {
        let update = BndUpd {
            transaction: Transaction(slot),
            address: AddressId(slot.into()),
            status: Status::Free { last: None },
            reserved: false,
            lease_expiration: Time::LONG_AGO,
            potential_expiration: Time::LONG_AGO,
            client_last_transaction: Time::LONG_AGO,
            start_of_status: Time::from_raw(START),
        };
        assert!(pair.send(0, Message::BndUpd(update)));
    }
    assert!(matches!(pair.ends[0].session.link(), Link::Up { unanswered: 10, .. }));
    let told: Vec<_> = pair
        .engine(1)
        .into_iter()
        .filter_map(|input| match input {
            EngineInput::Message(Message::BndUpd(update)) => Some(update),
            _ => None,
        })
        .collect();
    // Answered in the opposite order.
    for update in told.iter().rev() {
        let (transaction, address) = (update.transaction, update.address);
        let ack = dhcpfo_engine::message::BndAck { transaction, address, reject: None };
        assert!(pair.send(1, Message::BndAck(ack)));
    }
    let acked: Vec<_> = pair
        .engine(0)
        .into_iter()
        .filter_map(|input| match input {
            EngineInput::Message(Message::BndAck(ack)) => Some((ack.transaction.0, ack.address.0)),
            _ => None,
        })
        .collect();
    assert_eq!(acked, (0..10).rev().map(|slot| (slot, u32::from(slot))).collect::<Vec<_>>());
    assert!(matches!(pair.ends[0].session.link(), Link::Up { unanswered: 0, .. }));
}
