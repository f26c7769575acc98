//! Beginning without waiting, on an operator's word that no lease is alive (Q111), and two servers that both recover (Q112).

mod support;

use dhcpfo_engine::binding::{Binding, Code, Partner};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::effect::{Answer, Ask, Command, Effect, Input, Note};
use dhcpfo_engine::endpoint::{Phase, Session};
use dhcpfo_engine::rules::{RecoverWait, Rules};
use dhcpfo_engine::state::{Reported, Role, State};
use support::{Counting, Server, active, at, config, conversation, durable, request, running, step};

const NOW: u32 = 1000;

fn waiting(bindings: &[Binding], session: Session<{ support::N }>) -> Server {
    let record = EndpointRecord { recover_wait_ends: at(NOW + 500), ..EndpointRecord::of(State::RecoverWait) };
    running(durable(record, bindings), session)
}

fn begin(alone: bool) -> Input {
    Input::Operator(Command::Begin { alone })
}

#[test]
fn a_server_without_bindings_need_not_wait_any_more() {
    let (config, mut clock) = (config(Role::Primary), Counting::small(NOW));
    let mut server = waiting(&[Binding::NEVER_USED; 2], Session::Down);
    step(&mut server, &config, &mut clock, Input::Wake);
    assert_eq!(server.state(), State::RecoverWait, "otherwise it waits");
    step(&mut server, &config, &mut clock, begin(false));
    step(&mut server, &config, &mut clock, Input::Wake);
    assert_eq!(server.state(), State::RecoverDone);
}

#[test]
fn a_server_with_a_binding_or_in_another_state_knows_better() {
    let (config, mut clock) = (config(Role::Primary), Counting::small(NOW));
    let mut server = waiting(&[active(1, Partner::UpToDate, NOW + 20)], Session::Down);
    for alone in [false, true] {
        assert_eq!(step(&mut server, &config, &mut clock, begin(alone)), [Effect::Note(Note::Ignored)]);
    }
    let record = EndpointRecord::of(State::CommunicationsInterrupted);
    let mut server = running(durable(record, &[Binding::NEVER_USED]), Session::Down);
    assert_eq!(step(&mut server, &config, &mut clock, begin(true)), [Effect::Note(Note::Ignored)]);
}

#[test]
fn alone_it_serves_at_once_and_every_address() {
    for role in Role::ALL {
        let (config, mut clock) = (config(role), Counting::small(NOW));
        let record = EndpointRecord { lost: true, ..EndpointRecord::of(State::Recover) };
        let durable = durable(record, &[Binding::NEVER_USED; 4]);
        let mut server = Server::start(&config, durable, &mut clock, &mut |_| {});
        assert!(matches!(server.volatile().phase, Phase::Startup { .. }));
        step(&mut server, &config, &mut clock, begin(true));
        assert_eq!((server.state(), server.volatile().phase), (State::PartnerDown, Phase::Running));
        let out = step(&mut server, &config, &mut clock, request(1, Ask::Discover, 200));
        assert!(matches!(out[..], [Effect::Reply(_, Answer::Offer(_))]), "{out:?}");
        assert_eq!(server.durable().endpoint().map(|record| record.lost), Some(true), "it still asks for everything");
    }
}

/// What ISC dhcpd does with two empty databases.
#[test]
fn two_that_recover_wait_unless_they_are_told_not_to() {
    for (reading, state) in
        [(RecoverWait::FromStart, State::RecoverWait), (RecoverWait::UnlessBoth, State::RecoverDone)]
    {
        let mut config = config(Role::Primary);
        config.rules = Rules { recover_wait: reading, ..config.rules };
        let mut clock = Counting::small(NOW);
        for partner in [State::Recover, State::RecoverWait] {
            let session = Session::Ok(conversation(Reported::In(partner)));
            let mut server = waiting(&[Binding::NEVER_USED], session);
            step(&mut server, &config, &mut clock, Input::Wake);
            assert_eq!(server.state(), state, "{partner:?}");
        }
        let mut server = waiting(&[Binding::NEVER_USED], Session::Ok(conversation(Reported::In(State::PartnerDown))));
        step(&mut server, &config, &mut clock, Input::Wake);
        assert_eq!(server.state(), State::RecoverWait);
    }
    assert_eq!(Binding::NEVER_USED.status.code(), Code::Free);
}
