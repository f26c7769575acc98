//! What people suffer from: each claim once held and once violated, and what looks alike and is nothing wrong.

use crate::tape::{ADDRESS, MCLT, Tape, binding};
use dhcpfo_audit::Claim;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_wire::client::Kind;
use dhcpfo_wire::message::{Answer, Binding, Body, ConnectAck, Refusal};
use dhcpfo_wire::number::Reject;
use dhcpfo_wire::option::Opt;
use std::net::Ipv4Addr;

const PRIMARY: Role = Role::Primary;
const SECONDARY: Role = Role::Secondary;
const FREE: u8 = 1;
const EXPIRED: u8 = 3;
const RELEASED: u8 = 4;
const BACKUP: u8 = 7;

/// The end of client 1's lease, which names it.
fn ended(tape: &Tape, status: u8) -> Binding {
    Binding { status: Some(status), ..tape.lease_of(1, 0, 0) }
}

/// The primary dials and says CONNECT, the secondary refuses, and the connection is closed.
fn refuse(tape: &mut Tape, reason: Reject) -> &mut Tape {
    tape.dial();
    let (connect, accepting) = (tape.connect_body(), tape.accepting());
    let Body::ConnectAck(accepting) = accepting else { unreachable!() };
    let refusal = Some(Refusal::new(reason, "because"));
    tape.message(PRIMARY, &connect);
    tape.answer(SECONDARY, &Body::ConnectAck(ConnectAck { refusal, ..accepting })).close()
}

#[test]
fn connection_accepted() {
    Tape::normal().assert_held(Claim::Accepted);
    let mut tape = Tape::new();
    for _ in 0..3 {
        refuse(&mut tape, Reject::VERSION_MISMATCH).wait(5);
    }
    tape.assert_violated(&[Claim::Accepted]);
    let text = tape.finding();
    assert!(text.starts_with("10.1.1.2 (secondary) refuses 10.1.1.1 (primary), 3 times in 10."), "{text}");
    assert!(text.contains("reject-reason 14 (protocol version mismatch): because (CONNECTACK)"), "{text}");
    assert!(text.ends_with("the capture has no connection of the two that was accepted"), "{text}");
    // That it is accepted in the end does not undo it, and is said.
    tape.connect().both(State::Normal);
    assert!(tape.finding().contains("; the last connection was accepted, at "), "{}", tape.finding());
}

#[test]
fn every_reason_for_refusing_says_what_it_means() {
    for (reason, means) in [
        (Reject::TIME_MISMATCH, "clocks"),
        (Reject::INVALID_PARTNER, "name of the relationship"),
        (Reject::TLS_REQUIRED, "TLS"),
        (Reject::DIGEST_MISMATCH, "shared secrets differ"),
        (Reject::DIGEST_MISSING, "shared secret"),
        (Reject::VERSION_MISMATCH, "versions"),
        (Reject::HASH_BUCKETS, "split"),
        (Reject(99), "no number"),
    ] {
        let mut tape = Tape::new();
        refuse(&mut tape, reason);
        assert!(tape.finding().contains(means), "{}", tape.finding());
    }
}

#[test]
fn a_second_connection_may_be_refused_or_dropped() {
    let mut tape = Tape::normal();
    refuse(&mut tape, Reject::DUPLICATE_CONNECTION);
    tape.assert_held(Claim::Accepted);
    let mut dropped = Tape::normal();
    dropped.dial();
    let connect = dropped.connect_body();
    dropped.message(PRIMARY, &connect).close().assert_held(Claim::Accepted);
    // Alone it is nothing second.
    let mut alone = Tape::new();
    refuse(&mut alone, Reject::DUPLICATE_CONNECTION).assert_violated(&[Claim::Accepted]);
}

#[test]
fn who_does_not_answer_and_who_refuses_an_answer_are_told() {
    let mut silent = Tape::new();
    silent.dial();
    let connect = silent.connect_body();
    silent.message(PRIMARY, &connect).wait(15).close();
    assert!(
        silent.finding().starts_with("10.1.1.2 (secondary) does not answer the CONNECT of 10.1.1.1"),
        "{}",
        silent.finding()
    );
    // A process that is killed may take a connection and say nothing: once, and later the two are connected.
    let killed = |times: u32| {
        let mut tape = Tape::new();
        for _ in 0..times {
            tape.dial();
            let connect = tape.connect_body();
            tape.message(PRIMARY, &connect).wait(1).close().wait(5);
        }
        tape.connect().both(State::Normal);
        tape
    };
    killed(1).assert_held(Claim::Accepted);
    assert!(killed(1).judged().text(false).contains("note: 10.1.1.2 (secondary) does not answer the CONNECT"));
    killed(2).assert_violated(&[Claim::Accepted]);
    let mut dropped = Tape::new();
    dropped.connect().close();
    assert!(dropped.finding().starts_with("10.1.1.1 (primary) closes the connection after"), "{}", dropped.finding());
    let mut disconnected = Tape::new();
    let why = Body::Disconnect(Refusal::new(Reject::TIME_MISMATCH, "time offset too large"));
    disconnected.connect().message(PRIMARY, &why).close();
    let text = disconnected.finding();
    assert!(
        text.starts_with("10.1.1.1 (primary) refuses 10.1.1.2 (secondary), once") && text.contains("DISCONNECT"),
        "{text}"
    );
}

#[test]
fn nobody_listens() {
    let mut tape = Tape::new();
    for _ in 0..4 {
        tape.dial_refused(PRIMARY).wait(5);
    }
    let text = tape.finding();
    assert!(text.starts_with("10.1.1.1 dials 10.1.1.2, 4 times in 15."), "{text}");
    assert!(text.contains("nobody listens at port 647"), "{text}");
    let mut unanswered = Tape::new();
    unanswered.call(PRIMARY).wait(3).call(PRIMARY);
    assert!(unanswered.finding().contains("without an answer"), "{}", unanswered.finding());
    // A server that was there before, or comes later, was down: that is noted, and no finding.
    tape.connect().both(State::Normal).assert_held(Claim::Accepted);
    assert!(tape.judged().text(false).contains("note: 10.1.1.1 (primary) dials 10.1.1.2 (secondary), 4 times"));
}

#[test]
fn two_secondaries() {
    let mut tape = Tape::new();
    for role in [PRIMARY, SECONDARY, PRIMARY, SECONDARY] {
        tape.dial_by(role);
        tape.now += 15;
        tape.close();
    }
    tape.assert_violated(&[Claim::OnePrimary]);
    assert!(tape.finding().starts_with("both ends are secondaries: 10.1.1.1 and 10.1.1.2"), "{}", tape.finding());
    let report = tape.judged();
    assert!(!report.text(true).contains("capture the connection"), "{}", report.text(true));
    // If only one dials, the other one may hang as well.
    let mut one = Tape::new();
    one.dial_by(SECONDARY);
    one.now += 15;
    one.close().assert_violated(&[Claim::Accepted]);
    assert!(one.finding().contains("does not send CONNECT"), "{}", one.finding());
    // Our secondary dials only to tell the primary that it is there.
    let mut stimulus = Tape::new();
    stimulus.dial_by(SECONDARY).close().connect().both(State::Normal).assert_held(Claim::OnePrimary);
}

#[test]
fn two_primaries() {
    let mut tape = Tape::new();
    tape.dial();
    let connect = tape.connect_body();
    tape.message(PRIMARY, &connect).dial_by(SECONDARY).message(SECONDARY, &connect);
    tape.assert_violated(&[Claim::OnePrimary]);
    assert!(tape.finding().starts_with("both ends are primaries: 10.1.1.1"), "{}", tape.finding());
}

#[test]
fn normal_again() {
    let interrupted = |seconds| {
        let mut tape = Tape::normal();
        tape.close().wait(5).connect().both(State::CommunicationsInterrupted);
        tape.wait(1).state(PRIMARY, State::Normal).wait(seconds);
        tape.both(State::Normal);
        tape
    };
    interrupted(1).assert_held(Claim::NormalAgain);
    interrupted(30).assert_violated(&[Claim::NormalAgain]);
    let text = interrupted(30).finding();
    let expected = "the secondary stays in COMMUNICATIONS-INTERRUPTED for 31.";
    assert!(text.starts_with(expected) && text.ends_with("the primary says NORMAL there"), "{text}");
    // Saying it again is not leaving it.
    let mut again = Tape::normal();
    again.close().wait(5).connect();
    for _ in 0..6 {
        again.both(State::CommunicationsInterrupted).wait(5);
    }
    again.assert_violated(&[Claim::NormalAgain]);
    // With a partner that is somewhere else it is as it should be.
    let mut waits = Tape::normal();
    waits
        .close()
        .wait(5)
        .connect()
        .state(SECONDARY, State::RecoverWait)
        .state(PRIMARY, State::CommunicationsInterrupted);
    waits.wait(30).assert_held(Claim::NormalAgain);
}

#[test]
fn partner_told() {
    let given = |seconds| {
        let mut tape = Tape::normal();
        tape.lease(PRIMARY, 1, MCLT);
        (0..seconds).for_each(|_| {
            tape.wait(1);
        });
        tape
    };
    let mut told = given(3);
    told.tell(PRIMARY, 1, MCLT, MCLT);
    (0..20).for_each(|_| {
        told.wait(1);
    });
    told.assert_held(Claim::PartnerTold);
    given(20).assert_violated(&[Claim::PartnerTold]);
    assert!(given(20).finding().contains("once, at"), "{}", given(20).finding());
    // What ends at once, or the connection with it, may be untold.
    assert!(given(5).violated().is_empty());
    let mut broken = given(2);
    broken.close();
    broken.now += 60;
    assert!(broken.violated().is_empty());
    // A renewal that is not told is not covered by what was told of the lease before.
    let mut renewed = told.clone();
    renewed.lease(PRIMARY, 1, MCLT);
    (0..30).for_each(|_| {
        renewed.wait(1);
    });
    renewed.assert_violated(&[Claim::PartnerTold]);
    // What the client gives back need not be told any more.
    let mut released = given(5);
    let update = ended(&released, RELEASED);
    released.packet(None, Kind::Release, 1, 0).update(PRIMARY, update);
    (0..30).for_each(|_| {
        released.wait(1);
    });
    assert!(released.violated().is_empty());
}

#[test]
fn a_lease_of_a_time_without_connection_is_told_when_there_is_one() {
    let back = |tells: bool| {
        let mut tape = Tape::normal();
        tape.close();
        tape.now += 5;
        tape.lease(PRIMARY, 1, MCLT).connect().both(State::CommunicationsInterrupted).both(State::Normal);
        if tells {
            tape.tell(PRIMARY, 1, MCLT, MCLT);
        }
        (0..20).for_each(|_| {
            tape.wait(1);
        });
        tape
    };
    back(true).assert_held(Claim::PartnerTold);
    back(false).assert_violated(&[Claim::PartnerTold]);
}

#[test]
fn no_storm() {
    let refuse = |tape: &mut Tape, update: &Binding| {
        tape.refused(PRIMARY, update.clone(), Reject::OUTDATED).wait(1);
    };
    let mut tape = Tape::normal();
    let update = tape.lease_of(1, MCLT, 600);
    (0..2).for_each(|_| refuse(&mut tape, &update));
    tape.assert_held(Claim::RefusedAgain);
    refuse(&mut tape, &update);
    tape.assert_violated(&[Claim::RefusedAgain]);
    let text = tape.finding();
    assert!(text.starts_with("10.0.0.10: 10.1.1.2 (secondary) refuses the same update (ACTIVE), 3 times"), "{text}");
    assert!(text.contains("reject-reason 15 (outdated binding information): no: the refusing server knows"), "{text}");
    // With fresh times it is the same all the same.
    let mut fresh = Tape::normal();
    for _ in 0..4 {
        let update = fresh.lease_of(1, MCLT, 600);
        refuse(&mut fresh, &update);
    }
    assert!(fresh.finding().contains("updates that differ in their times only"), "{}", fresh.finding());
}

#[test]
fn refusals_of_different_updates_are_no_storm() {
    let mut tape = Tape::normal();
    for client in 1..9 {
        let update = tape.lease_of(client, MCLT, 600);
        tape.refused(PRIMARY, update.clone(), Reject::LESS_CRITICAL).refused(PRIMARY, update, Reject::LESS_CRITICAL);
    }
    tape.assert_held(Claim::RefusedAgain);
    // Nor is what is refused since the partner's own update about the address is accepted.
    let mut crossed = Tape::normal();
    for _ in 0..6 {
        let update = crossed.lease_of(1, MCLT, 600);
        crossed.refused(SECONDARY, update.clone(), Reject::LESS_CRITICAL).update(PRIMARY, update).wait(5);
    }
    crossed.assert_held(Claim::RefusedAgain);
}

#[test]
fn rebalancing_ends() {
    let asked = |times| {
        let mut tape = Tape::normal();
        (0..times).for_each(|_| {
            tape.pool_request(0).wait(1);
        });
        tape
    };
    asked(9).assert_held(Claim::RebalancingEnds);
    asked(10).assert_violated(&[Claim::RebalancingEnds]);
    assert!(asked(10).finding().starts_with("10.1.1.2 (secondary) asks for addresses (POOLREQ), 10 times"));
    // That it gets some each time means nothing if they go back.
    let mut flips = Tape::normal();
    for _ in 0..3 {
        flips.pool_request(1).update(PRIMARY, binding(BACKUP)).update(SECONDARY, binding(FREE)).wait(30);
    }
    flips.assert_violated(&[Claim::RebalancingEnds]);
    assert!(flips.finding().starts_with("10.0.0.10 goes from one server's pool to the other's"), "{}", flips.finding());
}

#[test]
fn asking_for_what_there_is_to_get_is_no_ping_pong() {
    // An address at a time.
    let mut little = Tape::normal();
    for last in 11..60 {
        let address = Ipv4Addr::new(10, 0, 0, last);
        little.update(PRIMARY, Binding { address, ..binding(FREE) });
    }
    for last in 11..60 {
        let address = Ipv4Addr::new(10, 0, 0, last);
        little.pool_request(1).update(PRIMARY, Binding { address, ..binding(BACKUP) });
    }
    little.assert_held(Claim::RebalancingEnds);
    // Leases come and go meanwhile.
    let mut busy = Tape::normal();
    for round in 0..30 {
        let update = ended(&busy, EXPIRED);
        busy.pool_request(round % 2).tell(PRIMARY, 1, 10, 10).update(PRIMARY, update).wait(1);
        busy.update(PRIMARY, binding(if round % 2 == 0 { FREE } else { BACKUP }));
    }
    busy.assert_held(Claim::RebalancingEnds);
    // Now and then, as a server does that has run out of addresses.
    let mut seldom = Tape::normal();
    (0..30).for_each(|_| {
        seldom.pool_request(0).wait(60);
    });
    seldom.assert_held(Claim::RebalancingEnds);
}

#[test]
fn partner_is_down() {
    // The secondary was told that its partner is down, which the capture shows when they meet again.
    let beside = |serves: bool| {
        let mut tape = Tape::normal();
        tape.back_up().wait(1).close();
        tape.now += 5;
        let since = tape.now;
        tape.now += 100;
        tape.lease(SECONDARY, 1, MCLT);
        if serves {
            tape.lease(PRIMARY, 1, MCLT);
        }
        tape.now += 5;
        tape.connect().state_since(SECONDARY, State::PartnerDown, since);
        tape.state(PRIMARY, if serves { State::CommunicationsInterrupted } else { State::Recover });
        tape
    };
    beside(false).assert_held(Claim::PartnerIsDown);
    assert!(beside(true).violated().contains(&"partner-is-down"), "{}", beside(true).judged().text(true));
}

#[test]
fn rests_until_end() {
    let after = |status: u8, after: u32| {
        let mut tape = Tape::normal();
        tape.lease(PRIMARY, 1, MCLT).tell(PRIMARY, 1, MCLT, MCLT);
        tape.wait(after);
        let update = ended(&tape, status);
        tape.update(PRIMARY, update);
        tape
    };
    for status in [FREE, BACKUP, EXPIRED] {
        after(status, MCLT + 1).assert_held(Claim::Rests);
        after(status, MCLT - 1).assert_held(Claim::Rests);
        after(status, 20).assert_violated(&[Claim::Rests]);
    }
    let text = after(FREE, 20).finding();
    assert!(
        text.starts_with("10.0.0.10: the primary told that it is FREE, and its partner agreed, while 02:"),
        "{text}"
    );
    // Whoever is handed an address may give it away before its answer leaves, and not before it was handed over.
    let handed = |early: bool| {
        let mut tape = Tape::normal();
        tape.lease(PRIMARY, 1, 20).tell(PRIMARY, 1, 20, 20).wait(30);
        let update = ended(&tape, EXPIRED);
        tape.update(PRIMARY, update).wait(1);
        if early {
            tape.lease(SECONDARY, 2, MCLT).wait(1);
        }
        tape.message(PRIMARY, &Body::BndUpd(vec![binding(BACKUP)]));
        let xid = tape.xid();
        tape.wait(1);
        if !early {
            tape.lease(SECONDARY, 2, MCLT).wait(1);
        }
        tape.answer_to(xid, SECONDARY, &Body::BndAck(vec![Answer { address: Some(ADDRESS), refusal: None }]));
        tape
    };
    // Whether it had read the word is not to be seen: no violation, and not held either.
    assert!(handed(false).violated().is_empty(), "{}", handed(false).judged().text(true));
    let report = handed(false).judged();
    let open = &report.ledger.row(Claim::OwnPoolOnly).open;
    assert!(open.keys().any(|reason| reason.starts_with("whether the server had read")), "{open:?}");
    handed(true).assert_violated(&[Claim::OwnPoolOnly, Claim::Rests]);
    // A client that gives its address back may do so where the capture does not see it.
    let mut released = Tape::normal();
    released.lease(PRIMARY, 1, MCLT).tell(PRIMARY, 1, MCLT, MCLT).wait(5);
    let update = ended(&released, RELEASED);
    released.update(PRIMARY, update).update(PRIMARY, binding(BACKUP));
    assert!(released.violated().is_empty(), "{}", released.judged().text(true));
    // A partner that does not agree keeps the address for the client.
    let mut refused = Tape::normal();
    refused.lease(PRIMARY, 1, MCLT).tell(PRIMARY, 1, MCLT, MCLT).wait(5);
    refused.refused(PRIMARY, binding(FREE), Reject::FATAL_CONFLICT);
    assert!(refused.violated().is_empty(), "{}", refused.judged().text(true));
}

#[test]
fn duplicates_are_judged_to_the_millisecond() {
    let overlap = |millis: i64| {
        let mut tape = Tape::normal();
        tape.lease(PRIMARY, 1, 20).tell(PRIMARY, 1, 20, 20);
        tape.now += 20;
        let update = ended(&tape, EXPIRED);
        tape.later(-millis).update(PRIMARY, update).lease(PRIMARY, 2, 20);
        tape
    };
    assert!(overlap(600).violated().contains(&"no-duplicate-address"), "{}", overlap(600).judged().text(true));
    assert_eq!(overlap(20).violated(), ["no-duplicate-address"]);
    assert!(overlap(0).violated().is_empty(), "{}", overlap(0).judged().text(true));
    let report = overlap(600).judged();
    assert!(report.text(false).contains("exactness: what clients hold is judged to 0.002 s"), "{}", report.text(false));
    assert!(report.findings()[0].text.ends_with("until in 0.593 s"), "{}", report.findings()[0].text);
}

#[test]
fn refusals_are_summed_up() {
    let mut tape = Tape::normal();
    let update = tape.lease_of(1, MCLT, 600);
    tape.refused(PRIMARY, update.clone(), Reject::LESS_CRITICAL).update(PRIMARY, update);
    let text = tape.judged().text(false);
    assert!(text.contains("10.1.1.2 (secondary) refused once, at "), "{text}");
    assert!(
        text.contains("reject-reason 16 (less critical binding information): no (BNDACK)\n    both told"),
        "{text}"
    );
}

#[test]
fn what_goes_on_inside_tls_is_not_judged() {
    let mut tape = Tape::new();
    tape.dial();
    let (connect, accepting) = (tape.connect_body(), tape.accepting());
    let Body::ConnectAck(accepting) = accepting else { unreachable!() };
    tape.message(PRIMARY, &connect)
        .answer(SECONDARY, &Body::ConnectAck(ConnectAck { tls_reply: Some(1), ..accepting }));
    tape.octets(PRIMARY, &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]).octets(SECONDARY, &[0x16, 3, 3, 0, 0x7a, 2, 0, 0]);
    assert!(tape.violated().is_empty(), "{}", tape.judged().text(true));
    assert!(tape.judged().text(false).contains("the connection goes on inside TLS"));
}

#[test]
fn an_answer_is_the_addresses_own() {
    // An answer about another address is no refusal of this one.
    let mut tape = Tape::normal();
    for _ in 0..4 {
        let update = tape.lease_of(1, MCLT, 600);
        let other = Ipv4Addr::new(10, 0, 0, 99);
        assert_ne!(other, ADDRESS);
        let refusal = Some(Refusal::new(Reject::OUTDATED, ""));
        tape.message(PRIMARY, &Body::BndUpd(vec![update]));
        tape.answer(SECONDARY, &Body::BndAck(vec![Answer { address: Some(other), refusal }]));
    }
    tape.assert_violated(&[Claim::AckAnswers]);
}

#[test]
fn a_capture_that_begins_in_the_middle_says_what_it_guesses() {
    let head = |tape: &Tape| tape.judged().text(false).lines().take(3).collect::<Vec<_>>().join("\n");
    // Nothing to tell it by.
    let mut silent = Tape::normal();
    silent.begins_here().wait(1).wait(1);
    let text = head(&silent);
    assert!(text.contains("it may be the other way round") && text.contains("profile not known"), "{text}");
    assert!(silent.judged().text(false).contains("nothing in the capture tells the servers' dialect"));
    // The draft's table, and an address that the primary gives to its partner.
    let mut draft = Tape::normal();
    draft.begins_here().update(PRIMARY, binding(FREE)).back_up();
    let text = head(&draft);
    assert!(
        text.contains("primary    10.1.1.1, towards clients 10.0.0.2 (guessed from what only that role does)"),
        "{text}"
    );
    assert!(text.contains("profile draft (guessed from expiration times"), "{text}");
    // ISC dhcpd sends both times always.
    let mut dhcpd = Tape::normal();
    let free = Binding { lease_expiration: Some(0), potential_expiration: Some(0), ..binding(FREE) };
    dhcpd.begins_here().update(SECONDARY, free);
    assert!(head(&dhcpd).contains("profile isc-dhcpd (guessed from"), "{}", head(&dhcpd));
    // Microsoft's bindings have options of their own, and mean something else.
    let mut microsoft = Tape::normal();
    microsoft.begins_here();
    for xid in 1..4 {
        let mut frame = Body::BndUpd(vec![binding(2)]).to_frame(crate::tape::BEGINNING, xid);
        frame.options.push(Opt::Unknown { code: 33, data: vec![255, 255, 255, 0] });
        microsoft.octets(PRIMARY, &frame.encode().unwrap());
    }
    let report = microsoft.judged();
    assert_eq!(report.findings(), [], "{}", report.text(true));
    assert!(report.text(false).contains("these are Microsoft's servers"), "{}", report.text(false));
}

#[test]
fn a_clock_that_is_ahead_is_not_behind() {
    let text = |behind: i64| {
        let mut tape = Tape::new();
        tape.clock[1] = -behind;
        tape.connect().both(State::Normal).wait(5);
        tape.judged().text(false)
    };
    assert!(text(70).contains("the clock of the secondary is 70 s behind the capture's"), "{}", text(70));
    assert!(text(-70).contains("the clock of the secondary is 70 s ahead of the capture's"), "{}", text(-70));
    assert!(text(-70).contains("the clock of the primary is 70 s behind that of the secondary"), "{}", text(-70));
    assert!(!text(1).contains("the clock of"), "{}", text(1));
}
