//! Each claim: a capture in which it holds, and the same with one thing wrong, in which it does not.

use crate::tape::{ADDRESS, MCLT, Tape, binding};
use dhcpfo_audit::{Claim, Verdict};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_wire::client::Kind;
use dhcpfo_wire::message::{Answer, Body, Connect};

const PRIMARY: Role = Role::Primary;
const SECONDARY: Role = Role::Secondary;
const FREE: u8 = 1;

/// The primary has given the address to client 1 and told of it; then the connection is gone, and the partner down.
fn partner_down(potential: u32) -> Tape {
    let mut tape = Tape::normal();
    tape.lease(PRIMARY, 1, MCLT).tell(PRIMARY, 1, MCLT, potential).wait(5).state(SECONDARY, State::PartnerDown);
    tape
}

#[test]
fn no_duplicate_address() {
    let mut tape = Tape::normal();
    tape.lease(PRIMARY, 1, 60).tell(PRIMARY, 1, 60, 120).wait(30);
    let mut after = Tape::normal();
    after.lease(PRIMARY, 1, 20).tell(PRIMARY, 1, 20, 20).wait(30).update(PRIMARY, binding(FREE)).lease(PRIMARY, 2, 60);
    after.assert_held(Claim::NoDuplicate);
    tape.lease(PRIMARY, 2, 60).assert_violated(&[Claim::NoDuplicate, Claim::AckedBeforeReuse, Claim::OwnPoolOnly]);
}

#[test]
fn a_released_or_declined_address_is_not_held() {
    for kind in [Kind::Release, Kind::Decline] {
        let mut tape = Tape::normal();
        tape.lease(PRIMARY, 1, 60).wait(10).packet(None, kind, 1, 0).lease(PRIMARY, 2, 60);
        tape.assert_held(Claim::NoDuplicate);
    }
}

#[test]
fn mclt_bound() {
    let mut tape = Tape::normal();
    tape.lease(PRIMARY, 1, MCLT);
    tape.assert_held(Claim::McltBound);
    let mut long = Tape::normal();
    long.lease(PRIMARY, 1, MCLT + 10).assert_violated(&[Claim::McltBound]);
    // What the partner has accepted as potential expiration may be given.
    tape.tell(PRIMARY, 1, MCLT, 600).wait(10).lease(PRIMARY, 1, 590).assert_held(Claim::McltBound);
}

#[test]
fn acked_before_reuse() {
    let mut tape = Tape::normal();
    tape.lease(PRIMARY, 1, 20).tell(PRIMARY, 1, 20, 100).wait(30);
    tape.update(PRIMARY, binding(FREE)).lease(PRIMARY, 2, 60).assert_held(Claim::AckedBeforeReuse);
    let mut early = Tape::normal();
    early.lease(PRIMARY, 1, 20).tell(PRIMARY, 1, 20, 100).wait(30).lease(PRIMARY, 2, 60);
    early.assert_violated(&[Claim::AckedBeforeReuse, Claim::OwnPoolOnly]);
}

#[test]
fn own_pool_only() {
    let mut tape = Tape::normal();
    tape.back_up().wait(1).lease(SECONDARY, 1, 60).assert_held(Claim::OwnPoolOnly);
    let mut tape = Tape::normal();
    tape.back_up().wait(1).lease(PRIMARY, 1, 60).assert_violated(&[Claim::OwnPoolOnly]);
}

#[test]
fn own_pool_offered() {
    let mut tape = Tape::normal();
    tape.back_up().wait(1).offer(SECONDARY, 1).assert_held(Claim::OwnPoolOffered);
    let mut tape = Tape::normal();
    tape.back_up().wait(1).offer(PRIMARY, 1).assert_violated(&[Claim::OwnPoolOffered]);
}

/// FREE by a server that cannot know it yet.
#[test]
fn nothing_becomes_available_too_early_in_partner_down() {
    let freed_after = |seconds| {
        let mut tape = partner_down(600);
        tape.wait(seconds).update(SECONDARY, binding(FREE)).wait(5);
        tape
    };
    freed_after(600 + MCLT + 1).assert_held(Claim::PartnerDownWait);
    freed_after(MCLT + 10).assert_violated(&[Claim::PartnerDownWait]);
}

#[test]
fn normal_is_entered_only_beside_a_partner_that_fits() {
    let entered_beside = |theirs| {
        let mut tape = Tape::normal();
        tape.wait(5).state(SECONDARY, theirs).wait(5).state(PRIMARY, State::CommunicationsInterrupted);
        tape.wait(5).state(PRIMARY, State::Normal);
        tape.judged().ledger.row(Claim::Interlock).verdict()
    };
    assert_eq!(entered_beside(State::CommunicationsInterrupted), Verdict::Held);
    assert_eq!(entered_beside(State::Recover), Verdict::Violated);
    assert_eq!(entered_beside(State::PartnerDown), Verdict::Violated);
}

#[test]
fn partner_down_wait() {
    let waits = 600 + MCLT;
    let mut late = partner_down(600);
    late.wait(waits + 1).lease(SECONDARY, 2, 60);
    late.assert_held(Claim::PartnerDownWait);
    let mut early = partner_down(600);
    // The lease that was told of has ended, but the partner may have let the client have it until potential expiration.
    early.wait(MCLT + 10).lease(SECONDARY, 2, 60);
    early.assert_violated(&[Claim::PartnerDownWait]);
}

/// The secondary comes back on another connection, so many seconds after it was last heard.
fn recovers_after(seconds: u32) -> Tape {
    let mut tape = Tape::normal();
    tape.close().wait(5).connect().state(PRIMARY, State::PartnerDown).state(SECONDARY, State::Recover);
    tape.wait(1).state(SECONDARY, State::RecoverWait).wait(seconds - 6).state(SECONDARY, State::RecoverDone);
    tape.state(PRIMARY, State::Normal).state(SECONDARY, State::Normal);
    tape
}

#[test]
fn recover_wait() {
    recovers_after(MCLT).assert_held(Claim::RecoverWait);
    recovers_after(MCLT / 2).assert_violated(&[Claim::RecoverWait]);
}

#[test]
fn silence() {
    let recovering = |answers: bool| {
        let mut tape = Tape::normal();
        tape.close().wait(5).connect().state(PRIMARY, State::PartnerDown).state(SECONDARY, State::Recover).wait(5);
        tape.packet(None, Kind::Request, 1, 0);
        if answers {
            tape.packet(Some(SECONDARY), Kind::Ack, 1, 60);
        }
        // The stretch of time in which it was in RECOVER is known once it says something else.
        tape.wait(5).state(SECONDARY, State::RecoverWait);
        tape
    };
    recovering(false).assert_held(Claim::Silence);
    assert!(recovering(true).violated().contains(&"silence"), "{}", recovering(true).judged().text(true));
}

#[test]
fn one_responsible() {
    // Which client's bucket is whose is the business of RFC 3074's hash; one of many is the secondary's.
    let offered = |client| {
        let mut tape = Tape::normal();
        tape.wait(3).offer(PRIMARY, client).wait(3).both(State::Normal);
        tape.judged().ledger.row(Claim::OneResponsible).verdict()
    };
    let verdicts: Vec<_> = (1..40).map(offered).collect();
    assert!(verdicts.contains(&Verdict::Held));
    // The secondary is not known to have an address, so nothing is wrong yet.
    assert!(verdicts.contains(&Verdict::NotJudged) && !verdicts.contains(&Verdict::Violated));
    let wrong = |client| {
        let mut tape = Tape::normal();
        let other = dhcpfo_wire::message::Binding { address: std::net::Ipv4Addr::new(10, 0, 0, 11), ..binding(7) };
        tape.update(PRIMARY, other).wait(3).offer(PRIMARY, client).wait(3).both(State::Normal);
        tape.judged().ledger.row(Claim::OneResponsible).verdict()
    };
    assert!((1..40).map(wrong).any(|verdict| verdict == Verdict::Violated));
}

/// A server that hears nothing gives the connection up; what it had sent before may still come when the link is back.
#[test]
fn what_tcp_delivers_late_says_nothing_of_the_state_meanwhile() {
    let verdicts = |late| {
        let of = move |client| {
            let mut tape = Tape::normal();
            let other = dhcpfo_wire::message::Binding { address: std::net::Ipv4Addr::new(10, 0, 0, 11), ..binding(7) };
            tape.update(PRIMARY, other).wait(1);
            tape.now += 5;
            tape.offer(PRIMARY, client);
            tape.now += 5;
            tape.delayed(PRIMARY, &Body::Contact, late).delayed(SECONDARY, &Body::Contact, late).close();
            tape.judged().ledger.row(Claim::OneResponsible).verdict()
        };
        (1..40).map(of).collect::<Vec<_>>()
    };
    assert!(verdicts(0).contains(&Verdict::Violated));
    assert!(verdicts(8).iter().all(|verdict| *verdict == Verdict::NotJudged));
}

#[test]
fn one_partner_down() {
    let mut tape = Tape::normal();
    tape.wait(5).state(PRIMARY, State::PartnerDown).wait(5).state(PRIMARY, State::PartnerDown);
    tape.assert_held(Claim::OnePartnerDown);
    tape.state(SECONDARY, State::PartnerDown).assert_violated(&[Claim::OnePartnerDown]);
}

#[test]
fn interlock() {
    recovers_after(MCLT).assert_held(Claim::Interlock);
    let mut tape = Tape::normal();
    tape.wait(5).state(PRIMARY, State::PartnerDown).wait(5).both(State::Normal);
    tape.assert_violated(&[Claim::Interlock]);
}

#[test]
fn window() {
    let update = || Body::BndUpd(vec![binding(FREE)]);
    let mut tape = Tape::normal();
    tape.message(PRIMARY, &update()).message(PRIMARY, &update()).assert_held(Claim::Window);
    // The partner has said that it takes two.
    tape.message(PRIMARY, &update()).assert_violated(&[Claim::Window]);
}

#[test]
fn ack_matches() {
    Tape::normal().assert_held(Claim::AckAnswers);
    let mut tape = Tape::normal();
    let ack = Body::BndAck(vec![Answer { address: Some(ADDRESS), refusal: None }]);
    tape.message(SECONDARY, &ack).assert_violated(&[Claim::AckAnswers]);
}

#[test]
fn handshake() {
    Tape::normal().assert_held(Claim::Handshake);
    let mut before = Tape::new();
    before.dial().state(PRIMARY, State::Normal).assert_violated(&[Claim::Handshake]);
    let mut other = Tape::normal();
    let Body::Connect(connect) = other.connect_body() else { unreachable!() };
    let connect = Body::Connect(Connect { mclt: Some(MCLT + 1), ..connect });
    other.close().wait(5).dial().message(PRIMARY, &connect).assert_violated(&[Claim::Handshake]);
}

#[test]
fn well_formed() {
    Tape::normal().assert_held(Claim::WellFormed);
    let mut noise = Tape::normal();
    noise.octets(PRIMARY, &[0; 40]).assert_violated(&[Claim::WellFormed]);
    let mut incomplete = Tape::normal();
    incomplete.update(PRIMARY, binding(2)).assert_violated(&[Claim::WellFormed]);
}

#[test]
fn what_cannot_be_judged_is_not_passed() {
    let mut tape = Tape::new();
    tape.lease(PRIMARY, 1, 60);
    let report = tape.judged();
    assert_eq!(report.ledger.row(Claim::McltBound).verdict(), Verdict::NotJudged);
    assert!(report.text(false).contains("no failover messages: capture the connection between the servers too"));
    assert_eq!(Tape::new().judged().exit_code(), 3, "an empty capture shows nothing");
}
