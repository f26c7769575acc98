//! Sessions one by one: who dials, timers, refusals and retries, what is agreed.

mod bench;

use std::time::Duration;

use bench::*;
use dhcpfo_engine::effect::{Input as EngineInput, Parameters};
use dhcpfo_engine::message::{Message, StateReport};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::Time;
use dhcpfo_wire::digest::Secret;
use dhcpfo_wire::message::Body;
use dhcpfo_wire::profile::Profile;
use dhcpfo_wire::session::{Config, ConfigError, Input, Link, Output, Trouble};

const NORMAL: StateReport = StateReport { state: Reported::In(State::Normal), startup: false, since: Time::LONG_AGO };

fn dials(out: &[Output]) -> bool {
    out.contains(&Output::Dial)
}

// ---- who dials ------------------------------------------------------------------------------------------

#[test]
fn both_roles_dial_at_once_and_again_with_longer_and_longer_pauses() {
    for role in Role::ALL {
        let mut bench = Bench::new(config(role, Profile::DRAFT));
        assert!(dials(&bench.pass(0)));
        assert_eq!(bench.session.link(), Link::Connecting);
        for pause in [5, 10, 20, 40, 60, 60] {
            assert!(!dials(&bench.give(Input::DialFailed)));
            assert_eq!(bench.session.next_deadline(), Some(bench.now.elapsed + Duration::from_secs(pause)));
            assert!(!dials(&bench.pass(pause as u32 - 1)));
            assert!(dials(&bench.pass(1)), "after {pause} s");
        }
    }
}

#[test]
fn a_server_that_only_listens_does_not_dial() {
    let mut bench = Bench::new(Config { dials: false, ..config(Role::Secondary, Profile::DRAFT) });
    assert_eq!(bench.pass(1000), []);
    assert_eq!(bench.session.next_deadline(), None);
}

#[test]
fn a_primary_by_the_draft_takes_a_connection_of_the_secondary_for_a_stimulus() {
    let mut bench = Bench::new(config(Role::Primary, Profile::DRAFT));
    bench.pass(0);
    bench.give(Input::DialFailed);
    let out = bench.give(Input::Accepted(ONE));
    assert_eq!(out, [Output::Dial]);
    assert_eq!(bench.give(Input::Closed(ONE)), []);
    assert_eq!(kinds(&bench.give(Input::Dialled(TWO))), ["CONNECT"]);
}

#[test]
fn a_secondary_by_the_draft_drops_what_it_dialled_and_waits() {
    let mut bench = Bench::new(config(Role::Secondary, Profile::DRAFT));
    bench.pass(0);
    assert_eq!(bench.give(Input::Dialled(ONE)), [Output::Close(ONE)]);
    assert!(!dials(&bench.pass(4)));
    bench.give(Input::Accepted(TWO));
    assert!(has_connected(&bench.hear(TWO, 0, &Body::Connect(connect()))));
}

#[test]
fn with_dhcpd_connect_goes_over_whichever_connection_is_there_first() {
    let mut bench = Bench::new(config(Role::Primary, Profile::ISC_DHCPD));
    assert!(dials(&bench.pass(0)));
    assert_eq!(kinds(&bench.give(Input::Accepted(ONE))), ["CONNECT"]);
    // The one that was dialled meanwhile is one too many.
    assert_eq!(bench.give(Input::Dialled(TWO)), [Output::Close(TWO)]);
    // As secondary, what was dialled is kept: the primary sends CONNECT there.
    let mut bench = Bench::new(config(Role::Secondary, Profile::ISC_DHCPD));
    bench.pass(0);
    assert_eq!(bench.give(Input::Dialled(ONE)), []);
    assert!(has_connected(&bench.hear(ONE, 0, &Body::Connect(connect()))));
}

#[test]
fn a_secondary_answers_the_first_connect_of_two_and_goes_on_when_the_other_is_closed() {
    let mut bench = Bench::new(config(Role::Secondary, Profile::ISC_DHCPD));
    bench.pass(0);
    bench.give(Input::Accepted(ONE));
    bench.give(Input::Dialled(TWO));
    assert!(has_connected(&bench.hear(TWO, 0, &Body::Connect(connect()))));
    let out = bench.give(Input::Closed(ONE));
    assert_eq!(out, [], "no blind attempt to reconnect");
    assert!(matches!(bench.session.link(), Link::Up { .. }));
    // Nor is one connection too many a failure, whoever closes it.
    bench.give(Input::Accepted(ONE));
    assert_eq!(closed_with(&bench.hear(ONE, 0, &Body::Connect(connect()))), Some(7));
    bench.give(Input::Closed(TWO));
    assert_eq!(bench.session.next_deadline(), Some(bench.now.elapsed + Duration::from_secs(5)));
}

#[test]
fn connections_that_say_nothing_do_not_pile_up() {
    let mut bench = Bench::new(config(Role::Secondary, Profile::DRAFT));
    for id in 1..=4 {
        assert!(!closes(&bench.give(Input::Accepted(dhcpfo_wire::session::ConnectionId(id)))));
    }
    assert!(closes(&bench.give(Input::Accepted(dhcpfo_wire::session::ConnectionId(5)))));
}

// ---- after a failure ------------------------------------------------------------------------------------

#[test]
fn a_lost_link_is_dialled_at_once_if_it_lasted_and_later_if_it_did_not() {
    let mut bench = Bench::up_primary();
    for _ in 0..8 {
        bench.pass(2);
        bench.hear(ONE, 1, &Body::Contact);
    }
    let out = bench.give(Input::Closed(ONE));
    assert!(has_disconnected(&out) && dials(&out), "{out:?}");
    let mut bench = Bench::up_primary();
    assert!(!dials(&bench.give(Input::Closed(ONE))));
    assert!(dials(&bench.pass(5)));
}

#[test]
fn after_a_refusal_a_minute_passes_but_not_after_reason_7() {
    for (reason, pause) in [(8, 60), (4, 60), (7, 5)] {
        let mut bench = Bench::up_primary();
        let out = bench.hear(ONE, 9, &Body::Disconnect(refusal(reason)));
        assert!(has_disconnected(&out) && out.iter().any(|output| matches!(output, Output::Alarm(_))));
        assert!(!dials(&bench.pass(pause - 1)), "reason {reason}");
        assert!(dials(&bench.pass(1)), "reason {reason}");
    }
}

#[test]
fn a_stimulus_does_not_shorten_the_pause_after_a_refusal() {
    let mut bench = Bench::new(config(Role::Primary, Profile::DRAFT));
    bench.pass(0);
    let xid = written(&bench.give(Input::Dialled(ONE)))[0].xid;
    let mut refused = ack();
    refused.refusal = Some(refusal(8));
    assert!(closes(&bench.hear(ONE, xid, &Body::ConnectAck(refused))));
    assert_eq!(bench.give(Input::Accepted(TWO)), []);
    assert_eq!(bench.give(Input::Closed(TWO)), []);
    assert!(dials(&bench.pass(60)));
}

/// What is wrong between the two servers, as far as it is told.
fn troubles(out: &[Output]) -> Vec<Trouble> {
    let trouble = |output: &Output| match output {
        Output::Trouble(trouble) => Some(trouble.clone()),
        _ => None,
    };
    out.iter().filter_map(trouble).collect()
}

#[test]
fn two_primaries_notice_each_other_and_nothing_else_is_read() {
    let mut bench = Bench::new(config(Role::Primary, Profile::DRAFT));
    bench.pass(0);
    bench.give(Input::Accepted(ONE));
    let out = bench.hear(ONE, 5, &Body::Connect(connect()));
    assert_eq!((troubles(&out), kinds(&out), closes(&out)), (vec![Trouble::TwoPrimaries], vec!["CONNECTACK"], true));
    let Ok(Body::ConnectAck(ack)) = Body::from_frame(&written(&out)[0]) else { panic!("{out:?}") };
    assert_eq!(ack.refusal.map(|refusal| refusal.reason.0), Some(8));
    assert_eq!(bench.hear(ONE, 6, &Body::Connect(connect())), [], "it is closed");
    // Something else, and nothing at all.
    bench.give(Input::Accepted(TWO));
    assert_eq!(bench.hear(TWO, 5, &state(State::Normal)), [Output::Close(TWO)]);
    for id in 3..=6 {
        assert_eq!(bench.give(Input::Accepted(dhcpfo_wire::session::ConnectionId(id))), []);
    }
    assert!(closes(&bench.give(Input::Accepted(dhcpfo_wire::session::ConnectionId(7)))), "not so many at a time");
    assert_eq!(bench.pass(16).iter().filter(|output| matches!(output, Output::Close(_))).count(), 4);
    // With a shared secret only who knows it is believed.
    let secret = Secret::new(b"sesame".to_vec());
    let mut bench = Bench::new(Config { secret, ..config(Role::Primary, Profile::DRAFT) });
    bench.give(Input::Accepted(ONE));
    assert_eq!(troubles(&bench.hear(ONE, 5, &Body::Connect(connect()))), []);
}

#[test]
fn connections_on_which_nothing_is_said_are_a_trouble_while_there_is_no_other() {
    let mut bench = Bench::new(config(Role::Secondary, Profile::DRAFT));
    bench.give(Input::Accepted(ONE));
    assert_eq!(troubles(&bench.give(Input::Closed(ONE))), [Trouble::NoConnect]);
    bench.give(Input::Accepted(ONE));
    assert_eq!(troubles(&bench.pass(16)), [Trouble::NoConnect]);
    let mut bench = Bench::new(config(Role::Primary, Profile::DRAFT));
    bench.pass(0);
    bench.give(Input::Dialled(ONE));
    assert_eq!(troubles(&bench.give(Input::Closed(ONE))), [Trouble::NoAnswer]);
    let mut bench = Bench::up_secondary();
    bench.give(Input::Accepted(TWO));
    assert_eq!(troubles(&bench.give(Input::Closed(TWO))), []);
}

#[test]
fn held_sessions_neither_dial_nor_accept_until_resumed() {
    let mut bench = Bench::up_secondary();
    let out = bench.give(Input::Hold(refusal(254)));
    assert_eq!(closed_with(&out), Some(254));
    assert!(has_disconnected(&out));
    assert_eq!(bench.pass(1000), []);
    assert_eq!(bench.give(Input::Accepted(TWO)), [Output::Close(TWO)]);
    assert!(dials(&bench.give(Input::Resume)));
}

// ---- timers ---------------------------------------------------------------------------------------------

#[test]
fn silence_of_ours_is_broken_by_contact_and_silence_of_theirs_ends_the_link() {
    let mut bench = Bench::up_secondary();
    assert_eq!(kinds(&bench.pass_slowly(5)), ["CONTACT", "CONTACT"]);
    let out = bench.pass(1);
    assert_eq!(closed_with(&out), Some(17));
    assert!(has_disconnected(&out) && dials(&out), "reconnects at once: {out:?}");
}

#[test]
fn anything_heard_keeps_the_link_and_anything_said_puts_contact_off() {
    let mut bench = Bench::up_primary();
    for second in 0..30 {
        let mut out = bench.pass(1);
        if second % 5 == 0 {
            out.extend(bench.hear(ONE, second, &Body::Contact));
        }
        let said = bench.session.outgoing(Message::State(NORMAL), &bench.names).unwrap();
        bench.session.send(bench.now, said, &mut out);
        assert_eq!(kinds(&out), ["STATE"]);
        assert!(!closes(&out));
    }
}

#[test]
fn contact_goes_out_by_the_partners_timer_and_the_profiles_share() {
    for (profile, role, due) in [(Profile::DRAFT, Role::Secondary, 10), (Profile::ISC_DHCPD, Role::Secondary, 10)] {
        let mut bench = Bench::new(config(role, profile));
        bench.give(Input::Accepted(ONE));
        let mut connect = connect();
        connect.receive_timer = Some(30);
        connect.hash_buckets = Some(vec![0; 32]);
        assert!(has_connected(&bench.hear(ONE, 0, &Body::Connect(connect))));
        let mut contact = None;
        for second in 1..=due {
            bench.hear(ONE, second, &Body::Contact);
            contact = contact.or(kinds(&bench.pass(1)).first().map(|_| second));
        }
        assert_eq!(contact, Some(due), "{}", profile.name);
    }
}

#[test]
fn the_timer_of_a_flooding_partner_cannot_make_us_flood() {
    // dhcpd sends 80000 CONTACTs a second to a partner with receive-timer 2; here 1 is the least.
    let mut bench = Bench::secondary();
    let mut connect = connect();
    connect.receive_timer = Some(1);
    bench.hear(ONE, 0, &Body::Connect(connect));
    let out = bench.pass_slowly(5);
    assert!(written(&out).len() <= 5, "{out:?}");
    let deadline = bench.session.next_deadline().unwrap();
    assert!(deadline > bench.now.elapsed, "nothing is due that is already done");
}

// ---- what is agreed -------------------------------------------------------------------------------------

#[test]
fn what_is_agreed_is_stored_before_it_is_acknowledged() {
    let mut bench = Bench::secondary();
    let out = bench.hear(ONE, 0, &Body::Connect(connect()));
    let Output::Agreed(agreement) = &out[0] else { panic!("{out:?}") };
    assert!(matches!(out[1], Output::Write(..)));
    assert_eq!(out[2], Output::Engine(EngineInput::Connected(Parameters { max_unacked: 10 })));
    assert_eq!((agreement.mclt, agreement.receive_timer, agreement.connect_time), (60, 6, START));
    // The dhcpd's polarity: the second half of the buckets is the secondary's.
    assert!(!agreement.buckets.is_secondarys(127) && agreement.buckets.is_secondarys(128));
}

#[test]
fn our_connect_is_that_of_a_dhcpd_but_for_names_and_buckets() {
    let mut bench = Bench::new(config(Role::Primary, Profile::ISC_DHCPD));
    let frame = written(&bench.give(Input::Accepted(ONE))).remove(0);
    let codes: Vec<_> = frame.options.iter().map(dhcpfo_wire::option::Opt::code).collect();
    assert_eq!(codes, [22, 14, 19, 28, 20, 27, 15, 11], "the order of a dhcpd 4.4.3");
    assert_eq!(frame.time, START);
}

#[test]
fn clocks_that_differ_are_corrected_and_a_jump_is_an_alarm() {
    let mut bench = Bench::secondary();
    let octets = Body::Connect(connect()).to_frame(START - 50, 0).encode().unwrap();
    assert!(has_connected(&bench.octets(ONE, &octets)));
    assert_eq!(bench.session.skew().map(|skew| skew.seconds()), Some(50));
    let octets = Body::BndUpd(vec![binding(2)]).to_frame(START - 50, 1).encode().unwrap();
    let Message::BndUpd(update) = messages(&bench.octets(ONE, &octets))[0] else { panic!() };
    // One second more, for clients of a dhcpd outlast what it tells.
    assert_eq!(update.lease_expiration.raw(), START + 111);
    let octets = Body::Contact.to_frame(START + 5000, 2).encode().unwrap();
    let out = bench.octets(ONE, &octets);
    assert!(!closes(&out) && out.iter().any(|output| matches!(output, Output::Alarm(_))));
}

#[test]
fn an_answer_that_was_held_back_is_not_sent_on_the_next_connection() {
    let mut bench = Bench::up_secondary();
    assert_eq!(messages(&bench.hear(ONE, 5, &Body::PoolReq)), [Message::PoolReq]);
    let answer = bench.session.outgoing(Message::PoolResp(0), &bench.names).unwrap();
    bench.give(Input::Closed(ONE));
    bench.give(Input::Accepted(TWO));
    assert!(has_connected(&bench.hear(TWO, 0, &Body::Connect(connect()))));
    let mut out = Vec::new();
    bench.session.send(bench.now, answer, &mut out);
    assert_eq!(out, []);
}

#[test]
fn configurations_that_cannot_work_are_refused() {
    let good = || config(Role::Primary, Profile::DRAFT);
    let field = |config: Config| config.check().map_err(|ConfigError { field, .. }| field);
    assert_eq!(field(good()), Ok(()));
    let secret = Secret::new(vec![1]);
    for (config, bad) in [
        (Config { relationship_name: Vec::new(), ..good() }, "relationship-name"),
        (Config { relationship_name: vec![b'x'; 256], ..good() }, "relationship-name"),
        (Config { vendor_class: Vec::new(), ..good() }, "vendor-class"),
        (Config { max_unacked: 0, ..good() }, "max-unacked"),
        (Config { receive_timer: 2, ..good() }, "receive-timer"),
        (Config { mclt: 6, ..good() }, "mclt"),
        (Config { delayed_service: Some(0), ..good() }, "delayed-service"),
        (Config { secret, profile: Profile::ISC_DHCPD, ..good() }, "secret"),
        (Config { handshake: Duration::ZERO, ..good() }, "handshake"),
    ] {
        assert_eq!(field(config), Err(bad));
    }
}

// ---- what one remembers of the other ---------------------------------------------------------------------

#[test]
fn a_secondary_refuses_an_mclt_below_the_one_under_which_leases_may_be_alive() {
    for (least, refused) in [(0, None), (60, None), (61, Some(5))] {
        let mut bench = Bench::new(config(Role::Secondary, Profile::DRAFT));
        bench.session.set_least_mclt(least);
        bench.give(Input::Accepted(ONE));
        let out = bench.hear(ONE, 0, &Body::Connect(connect()));
        assert_eq!(closed_with(&out), refused, "{least}");
        assert_eq!(has_connected(&out), refused.is_none());
    }
}
