//! Engine message to frame and back, through a directory of a few addresses and clients.

use std::net::Ipv4Addr;

use dhcpfo_engine::binding::{AddressId, ClientId, Status};
use dhcpfo_engine::message::{self as engine, BndAck, BndUpd, RejectReason, StateReport, Transaction};
use dhcpfo_engine::state::{Reported, State};
use dhcpfo_time::Time;

use super::*;
use crate::message::{Answer, Body, Refusal};
use crate::number::Reject;
use crate::option::{Ddns, Flags};
use crate::profile::Profile;

/// Addresses 10.0.0.0 to 10.0.0.9; clients as they come.
#[derive(Default)]
struct Names {
    clients: Vec<Client>,
    told: Vec<Ipv4Addr>,
    ddns: bool,
}

impl Directory for Names {
    fn address(&self, id: AddressId) -> Option<Ipv4Addr> {
        (id.0 < 10).then(|| Ipv4Addr::from(0x0a00_0000 + id.0))
    }
    fn address_id(&self, address: Ipv4Addr) -> Option<AddressId> {
        u32::from(address).checked_sub(0x0a00_0000).filter(|&id| id < 10).map(AddressId)
    }
    fn client(&self, id: ClientId) -> Option<Client> {
        self.clients.get(id.0 as usize).cloned()
    }
    fn client_id(&mut self, client: &Client) -> Option<ClientId> {
        let known = self.clients.iter().position(|known| known.key() == client.key());
        let at = known.unwrap_or_else(|| {
            self.clients.push(client.clone());
            self.clients.len() - 1
        });
        (at < 5).then_some(ClientId(at as u32))
    }
    fn told(&mut self, binding: &Binding) {
        self.told.push(binding.address);
    }
    fn extras(&self, binding: &mut Binding) {
        if self.ddns {
            binding.ddns = Some(Ddns { flags: 1, name: b"\x01a\x00".to_vec() });
            binding.flags = Some(Flags(Flags::BOOTP));
        }
    }
}

fn names() -> Names {
    let client = |identifier: Option<&[u8]>, last| Client {
        identifier: identifier.map(<[u8]>::to_vec),
        hardware_address: vec![1, 2, 0, 0, 0, 0, last],
    };
    Names { clients: vec![client(None, 1), client(Some(b"two"), 2)], ..Names::default() }
}

fn update(status: Status) -> BndUpd {
    BndUpd {
        transaction: Transaction(3),
        address: AddressId(4),
        status,
        reserved: false,
        lease_expiration: Time::LONG_AGO,
        potential_expiration: Time::LONG_AGO,
        client_last_transaction: Time::LONG_AGO,
        start_of_status: Time::from_raw(1000),
    }
}

fn active(client: u32) -> BndUpd {
    BndUpd {
        lease_expiration: Time::from_raw(2000),
        potential_expiration: Time::from_raw(3000),
        client_last_transaction: Time::from_raw(900),
        ..update(Status::Active { client: ClientId(client) })
    }
}

/// Sends with one end and receives with another, over a frame's octets.
fn across(profile: &Profile, skew: i64, names: &mut Names, message: engine::Message) -> Vec<Delivery> {
    let mut sender = Exchange::new(1);
    let sent = sender.outgoing(message, profile, &Skew::default(), names).expect("something to send");
    let (xid, body) = sender.number(sent).expect("of this connection");
    let frame = crate::frame::Frame::decode(&body.to_frame(5000, xid).encode().unwrap()).unwrap();
    let body = Body::from_frame(&frame).unwrap();
    let skew = Skew::baseline((5000 + skew) as u32, 5000);
    Exchange::new(1).incoming(body, xid, profile, &skew, names)
}

#[test]
fn every_status_goes_across() {
    let client = ClientId(1);
    let all = [
        Status::Free { last: None },
        Status::Free { last: Some(client) },
        Status::Backup { last: Some(client) },
        Status::Active { client },
        Status::Expired { client },
        Status::Released { client: ClientId(0) },
        Status::Abandoned,
        Status::Reset,
    ];
    for status in all {
        let sent = match status {
            Status::Active { .. } => BndUpd { reserved: true, ..active(1) },
            status => update(status),
        };
        let got = across(&Profile::DRAFT, 0, &mut names(), engine::Message::BndUpd(sent));
        let expected = BndUpd { transaction: Transaction(0), ..sent };
        assert_eq!(got, [Delivery::Engine(engine::Message::BndUpd(expected))], "{status:?}");
    }
}

#[test]
fn times_are_corrected_by_the_receiver() {
    let got = across(&Profile::DRAFT, -50, &mut names(), engine::Message::BndUpd(active(0)));
    let Delivery::Engine(engine::Message::BndUpd(got)) = &got[0] else { panic!("{got:?}") };
    let times = [got.lease_expiration, got.potential_expiration, got.client_last_transaction, got.start_of_status];
    assert_eq!(times.map(Time::raw), [1950, 2950, 850, 950]);
    let report = StateReport { state: Reported::In(State::Normal), startup: true, since: Time::from_raw(70) };
    let got = across(&Profile::DRAFT, 50, &mut names(), engine::Message::State(report));
    let expected = StateReport { since: Time::from_raw(120), ..report };
    assert_eq!(got, [Delivery::Engine(engine::Message::State(expected))]);
}

fn sent(profile: &Profile, skew: Skew, names: &Names, update: BndUpd) -> Binding {
    let message = engine::Message::BndUpd(update);
    match Exchange::new(1).outgoing(message, profile, &skew, names).unwrap().body() {
        Body::BndUpd(bindings) => bindings[0].clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn dhcpd_gets_what_it_needs_and_nothing_that_breaks_it() {
    let with_ddns = Names { ddns: true, ..names() };
    let skew = Skew::baseline(5000, 4990);
    let binding = sent(&Profile::ISC_DHCPD, skew, &with_ddns, active(0));
    assert_eq!(binding.ddns, None);
    assert_eq!(binding.flags, Some(Flags(Flags::BOOTP)));
    // It takes times as they are: they are sent in its clock.
    assert_eq!((binding.lease_expiration, binding.potential_expiration), (Some(1990), Some(2990)));
    let free = sent(&Profile::ISC_DHCPD, Skew::default(), &names(), update(Status::Free { last: None }));
    assert_eq!((free.lease_expiration, free.potential_expiration), (Some(0), Some(1000)));
    let abandoned = sent(&Profile::ISC_DHCPD, Skew::default(), &names(), update(Status::Abandoned));
    assert_eq!((abandoned.lease_expiration, abandoned.client_hardware_address), (Some(0x7fff_ffff), None));
}

#[test]
fn a_partner_by_the_draft_gets_times_only_where_there_are_some() {
    let with_ddns = Names { ddns: true, ..names() };
    let binding = sent(&Profile::DRAFT, Skew::baseline(5000, 4990), &with_ddns, update(Status::Reset));
    assert_eq!((binding.lease_expiration, binding.potential_expiration), (None, None));
    assert_eq!((binding.start_of_state, binding.client_last_transaction), (Some(1000), None));
    assert!(binding.ddns.is_some());
}

fn binding(last: u8, status: u8) -> Binding {
    Binding {
        address: Ipv4Addr::new(10, 0, 0, last),
        status: Some(status),
        client_identifier: None,
        client_hardware_address: Some(vec![1, 2, 3]),
        lease_expiration: Some(2000),
        potential_expiration: Some(3000),
        start_of_state: None,
        client_last_transaction: None,
        flags: None,
        client_request_options: None,
        client_reply_options: None,
        ddns: None,
    }
}

fn receive(exchange: &mut Exchange, names: &mut Names, bindings: Vec<Binding>) -> Vec<Delivery> {
    exchange.incoming(Body::BndUpd(bindings), 77, &Profile::DRAFT, &Skew::default(), names)
}

fn reasons(deliveries: &[Delivery]) -> Vec<Option<u8>> {
    let bodies = deliveries.iter().filter_map(|d| match d {
        Delivery::Reply(outbound) => Some(outbound.body()),
        _ => None,
    });
    let answers = bodies.flat_map(|body| match body {
        Body::BndAck(answers) => answers.clone(),
        other => panic!("{other:?}"),
    });
    answers.map(|answer| answer.refusal.map(|refusal| refusal.reason.0)).collect()
}

#[test]
fn what_the_engine_cannot_be_told_is_refused_with_the_reason() {
    let cases: Vec<(Binding, u8)> = vec![
        (binding(99, 2), 1),
        (Binding { status: None, ..binding(1, 0) }, 3),
        (binding(1, 0), 254),
        (binding(1, 8), 254),
        (binding(1, 255), 254),
        (Binding { client_hardware_address: None, ..binding(1, 2) }, 3),
        (Binding { client_hardware_address: None, ..binding(1, 3) }, 3),
        (Binding { client_hardware_address: Some(Vec::new()), ..binding(1, 2) }, 3),
        (Binding { client_hardware_address: Some(vec![1; 64]), ..binding(1, 2) }, 254),
        (Binding { client_identifier: Some(vec![1; 1500]), ..binding(1, 2) }, 254),
        (Binding { potential_expiration: None, ..binding(1, 2) }, 3),
        (Binding { lease_expiration: Some(0), ..binding(1, 2) }, 3),
    ];
    for (bad, reason) in cases {
        let got = receive(&mut Exchange::new(1), &mut names(), vec![bad.clone()]);
        assert_eq!(reasons(&got), [Some(reason)], "{bad:?}");
    }
    assert_eq!(reasons(&receive(&mut Exchange::new(1), &mut names(), Vec::new())), [Some(3)]);
    // Clients without end: the directory has room for five.
    let many = |i| Binding { client_hardware_address: Some(vec![1, i]), ..binding(1, 2) };
    let got = receive(&mut Exchange::new(1), &mut names(), (0..4).map(many).collect());
    assert_eq!(got.iter().filter(|d| matches!(d, Delivery::Engine(_))).count(), 3);
}

#[test]
fn abandoned_with_a_client_and_an_empty_identifier_are_taken() {
    let mut names = names();
    let got = receive(&mut Exchange::new(1), &mut names, vec![binding(1, 5)]);
    assert!(matches!(&got[..], [Delivery::Engine(engine::Message::BndUpd(u))] if u.status == Status::Abandoned));
    let got = receive(
        &mut Exchange::new(1),
        &mut names,
        vec![Binding { client_identifier: Some(Vec::new()), ..binding(1, 2) }],
    );
    assert!(matches!(&got[..], [Delivery::Engine(_)]));
    assert_eq!(names.clients.last().unwrap().identifier, None);
    assert_eq!(names.told.len(), 2);
}

/// A dhcpd tells when an address was released in lease-expiration-time alone.
#[test]
fn a_release_at_a_dhcpd_is_a_later_transaction_than_the_lease() {
    let released = Binding {
        lease_expiration: Some(2010),
        potential_expiration: Some(2010),
        client_last_transaction: Some(2000),
        ..binding(1, 4)
    };
    for (profile, expected) in [(Profile::DRAFT, 2000), (Profile::ISC_DHCPD, 2010)] {
        let body = Body::BndUpd(vec![released.clone()]);
        let got = Exchange::new(1).incoming(body, 77, &profile, &Skew::default(), &mut names());
        let [Delivery::Engine(engine::Message::BndUpd(update))] = &got[..] else { panic!("{got:?}") };
        assert_eq!(update.client_last_transaction, Time::from_raw(expected), "{}", profile.name);
        // What is waited for is rounded up: clients of a dhcpd outlast what it tells.
        assert_eq!(update.lease_expiration, Time::from_raw(2010 + profile.outlasts));
    }
}

#[test]
fn several_bindings_get_one_answer_when_all_are_answered() {
    let (mut exchange, mut names) = (Exchange::new(1), names());
    let got = receive(&mut exchange, &mut names, vec![binding(1, 2), binding(99, 2), binding(2, 2)]);
    let updates: Vec<_> = got
        .iter()
        .filter_map(|d| match d {
            Delivery::Engine(engine::Message::BndUpd(u)) => Some(*u),
            _ => None,
        })
        .collect();
    let ack =
        |u: &BndUpd, reject| engine::Message::BndAck(BndAck { transaction: u.transaction, address: u.address, reject });
    let mut answer = |message| exchange.outgoing(message, &Profile::DRAFT, &Skew::default(), &names);
    assert_eq!(answer(ack(&updates[1], None)), None);
    let reply = answer(ack(&updates[0], Some(RejectReason::Outdated))).expect("all are answered");
    assert_eq!(answer(ack(&updates[0], None)), None, "answered once");
    let (xid, Body::BndAck(mut answers)) = exchange.number(reply).unwrap() else { panic!() };
    answers.sort_by_key(|answer| answer.address);
    let seen: Vec<_> = answers.iter().map(|a| a.refusal.as_ref().map(|refusal| refusal.reason.0)).collect();
    assert_eq!((xid, seen), (77, vec![Some(15), None, Some(1)]));
}

#[test]
fn only_the_answer_to_what_is_outstanding_counts() {
    let (mut exchange, names) = (Exchange::new(1), &mut names());
    let (profile, skew) = (&Profile::DRAFT, Skew::default());
    let out = exchange.outgoing(engine::Message::BndUpd(active(0)), profile, &skew, names).unwrap();
    let (xid, _) = exchange.number(out).unwrap();
    let answer = |last, reason: Option<u8>| {
        let refusal = reason.map(|reason| Refusal::new(Reject(reason), "why"));
        Body::BndAck(vec![Answer { address: Some(Ipv4Addr::new(10, 0, 0, last)), refusal }])
    };
    let mut receive = |body, xid| exchange.incoming(body, xid, profile, &skew, names);
    assert!(matches!(&receive(answer(4, None), xid + 1)[..], [Delivery::Note(_)]), "another xid");
    assert!(matches!(&receive(answer(5, None), xid)[..], [Delivery::Note(_)]), "another address");
    assert!(matches!(&receive(Body::BndAck(Vec::new()), xid)[..], [Delivery::Note(_)]), "no address");
    let expected =
        BndAck { transaction: Transaction(3), address: AddressId(4), reject: Some(RejectReason::FatalConflict) };
    let got = receive(answer(4, Some(6)), xid);
    assert_eq!(got.last(), Some(&Delivery::Engine(engine::Message::BndAck(expected))));
    assert!(matches!(&receive(answer(4, None), xid)[..], [Delivery::Note(_)]), "a second time");
    assert_eq!(exchange.unanswered(), 0);
}

#[test]
fn requests_get_their_own_xid_back_and_answers_of_an_old_connection_stay_unsent() {
    let (mut exchange, mut names) = (Exchange::new(1), names());
    let (profile, skew) = (&Profile::DRAFT, Skew::default());
    for (request, xid) in [(Body::UpdReqAll, 5), (Body::UpdReqAll, 6), (Body::PoolReq, 7)] {
        assert_eq!(exchange.incoming(request, xid, profile, &skew, &mut names).len(), 1);
    }
    let done = exchange.outgoing(engine::Message::UpdDone, profile, &skew, &names).unwrap();
    let pool = exchange.outgoing(engine::Message::PoolResp(2), profile, &skew, &names).unwrap();
    assert_eq!(exchange.outgoing(engine::Message::UpdDone, profile, &skew, &names), None, "nobody asked");
    assert_eq!(exchange.number(done).unwrap(), (6, Body::UpdDone));
    assert_eq!(Exchange::new(2).number(pool), None);
}

#[test]
fn an_update_done_answers_the_latest_request_only() {
    let (mut exchange, mut names) = (Exchange::new(1), names());
    let (profile, skew) = (&Profile::DRAFT, Skew::default());
    let ask = |exchange: &mut Exchange| {
        let out = exchange.outgoing(engine::Message::UpdReq, profile, &skew, &names).unwrap();
        exchange.number(out).unwrap().0
    };
    let (first, second) = (ask(&mut exchange), ask(&mut exchange));
    let mut done = |xid| exchange.incoming(Body::UpdDone, xid, profile, &skew, &mut names);
    assert!(matches!(&done(first)[..], [Delivery::Note(_)]));
    assert_eq!(done(second), [Delivery::Engine(engine::Message::UpdDone)]);
    assert!(matches!(&done(second)[..], [Delivery::Note(_)]));
}

#[test]
fn xids_are_never_zero() {
    let mut exchange = Exchange::new(1);
    exchange.last_xid = u32::MAX - 1;
    assert_eq!((exchange.next_xid(), exchange.next_xid()), (u32::MAX, 1));
}
