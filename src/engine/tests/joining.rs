//! Joining a partner that has recovered, however fast leases change meanwhile (failover-12 §9.4.3; Q30).

mod support;

use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Partner, Status};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::effect::{Answer, Ask, Effect, Input, Parameters};
use dhcpfo_engine::endpoint::Session;
use dhcpfo_engine::message::{BndAck, Message, Transaction};
use dhcpfo_engine::state::{Reported, Role, State};
use support::{Counting, Server, active, at, config, durable, line, request, running, sent, step};

const NOW: u32 = 1000;

/// A primary in PARTNER-DOWN for long, connected to a partner that takes one update at a time.
fn survivor(bindings: &[Binding]) -> Server {
    let record =
        EndpointRecord { since: at(900), partner_down_wait_ends: at(910), ..EndpointRecord::of(State::PartnerDown) };
    running(durable(record, bindings), Session::Connected(Parameters { max_unacked: 1 }))
}

fn recovered() -> Input {
    support::state_message(Reported::In(State::RecoverDone), false, 950)
}

/// All clients renew between any two answers of the partner: each answer makes something new to tell.
#[test]
fn the_walk_ends_while_every_lease_is_renewed() {
    let (config, mut clock) = (config(Role::Primary), Counting::small(NOW));
    let bindings = [1, 2, 3, 4].map(|client| active(client, Partner::Unsent, NOW + 20));
    let mut server = survivor(&bindings);
    let mut under_way = sent(&step(&mut server, &config, &mut clock, recovered()));
    for answered in 0.. {
        assert!(answered <= bindings.len(), "still in {} after {answered} answers", server.state().name());
        clock.now += 1;
        for client in 1..=4 {
            let renew = request(client, Ask::Renew(AddressId(client - 1)), 200);
            step(&mut server, &config, &mut clock, renew);
        }
        let Some(Message::BndUpd(update)) = under_way.first().copied() else { panic!("{under_way:?}") };
        let ack = BndAck { transaction: update.transaction, address: update.address, reject: None };
        let effects = step(&mut server, &config, &mut clock, Input::Message(Message::BndAck(ack)));
        under_way = sent(&effects);
        if server.state() == State::Normal {
            assert!(under_way.iter().any(|message| line(message) == "STATE(NORMAL)"));
            return;
        }
    }
}

/// What the partner may lease as soon as it hears NORMAL is left alone from the moment that it could be told so.
#[test]
fn the_partners_addresses_are_left_alone_meanwhile() {
    let (config, mut clock) = (config(Role::Primary), Counting::small(NOW));
    let partners = Binding::known(Status::Backup { last: None });
    let bindings = [active(1, Partner::Unsent, NOW + 20), active(2, Partner::Unsent, NOW + 20), partners, partners];
    let mut server = survivor(&bindings);
    let offered = |server: &mut Server, clock: &mut Counting| {
        step(server, &config, clock, request(7, Ask::Discover, 200))
            .contains(&Effect::Reply(ClientId(7), Answer::Offer(AddressId(2))))
    };
    assert!(offered(&mut server, &mut clock));
    step(&mut server, &config, &mut clock, recovered());
    assert_eq!(server.state(), State::PartnerDown);
    assert!(!offered(&mut server, &mut clock));
    // The connection breaks before it was told: the addresses may be used as before.
    step(&mut server, &config, &mut clock, Input::Disconnected);
    assert!(offered(&mut server, &mut clock));
}

/// Nor is an address freed that has rested; and no deadline asks for it, again and again.
#[test]
fn nothing_is_freed_meanwhile() {
    let (config, mut clock) = (config(Role::Primary), Counting::small(NOW));
    let ended = Status::Expired { client: ClientId(3) };
    let rests = Binding { partner: Partner::UpToDate, wait_ends: at(NOW + 5), ..Binding::known(ended) };
    let bindings = [rests, active(1, Partner::Unsent, NOW + 20), active(2, Partner::Unsent, NOW + 20)];
    let mut server = survivor(&bindings);
    assert_eq!(server.next_deadline(&config, &clock), Some(at(NOW + 5)));
    step(&mut server, &config, &mut clock, recovered());
    assert_eq!(server.next_deadline(&config, &clock), Some(at(NOW + 20)));
    clock.now += 5;
    step(&mut server, &config, &mut clock, Input::Wake);
    assert_eq!(server.durable().table().bindings()[0].status, ended);
    step(&mut server, &config, &mut clock, Input::Disconnected);
    step(&mut server, &config, &mut clock, Input::Wake);
    assert_eq!(server.durable().table().bindings()[0].status, Status::Free { last: None });
}

/// A partner that goes back to RECOVER has to be told anew: meanwhile its addresses may have been leased again.
#[test]
fn the_walk_begins_anew_with_a_partner_that_recovers_anew() {
    let (config, mut clock) = (config(Role::Primary), Counting::small(NOW));
    let partners = Binding::known(Status::Backup { last: None });
    let bindings = [partners, active(1, Partner::Unsent, NOW + 20), active(2, Partner::Unsent, NOW + 20)];
    let mut server = survivor(&bindings);
    let told = |effects: &[Effect]| sent(effects).iter().map(line).collect::<Vec<_>>();
    assert_eq!(told(&step(&mut server, &config, &mut clock, recovered())), ["BNDUPD(1 ACTIVE)"]);
    let anew = support::state_message(Reported::In(State::Recover), false, 950);
    step(&mut server, &config, &mut clock, anew);
    step(&mut server, &config, &mut clock, request(7, Ask::Select(AddressId(0)), 200));
    assert_eq!(server.durable().table().bindings()[0].status, Status::Active { client: ClientId(7) });
    step(&mut server, &config, &mut clock, recovered());
    let ack = BndAck { transaction: Transaction(0), address: AddressId(1), reject: None };
    let effects = step(&mut server, &config, &mut clock, Input::Message(Message::BndAck(ack)));
    assert_eq!((server.state(), told(&effects)), (State::PartnerDown, vec!["BNDUPD(0 ACTIVE)".into()]));
}
