//! Figure 5.2.1-1, lazy update message traffic, and the example below it (failover-12 §5.2.1).

mod support;

use dhcpfo_engine::binding::{ClientId, Partner, Status};
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::message::{BndUpd, Message};
use dhcpfo_engine::span;
use dhcpfo_engine::state::Role;
use support::{A0, Counting, DAY, HOUR, Pair, at, config, request};

/// A time of day: the instant of the first DHCPACK.
const T: u32 = 1_000_000;
const MCLT: u32 = HOUR;
/// The desired lease interval.
const X: u32 = 3 * DAY;
const CLIENT: ClientId = ClientId(1);
/// A bucket of the primary's.
const BUCKET: u8 = 200;

fn pair(potential: u32) -> Pair {
    let mut clock = Counting::small(T);
    for (span, length) in [(span::MCLT, MCLT), (span::DESIRED_LEASE, X), (span::POTENTIAL_LEAD, potential)] {
        clock.set(span, length);
    }
    let configs = Role::ALL.map(|role| {
        let mut config = config(role);
        config.pool.ask = false;
        config
    });
    Pair::normal(clock, &[dhcpfo_engine::binding::Binding::NEVER_USED], configs, 4)
}

fn ask(pair: &mut Pair, ask: Ask) -> Option<Answer> {
    pair.stimulate(Role::Primary, request(CLIENT.0, ask, BUCKET));
    pair.answers.pop().map(|(client, answer)| {
        assert_eq!(client, CLIENT);
        answer
    })
}

/// The update that is on its way to the secondary.
fn told(pair: &Pair) -> BndUpd {
    match pair.queue[Role::Secondary.index()].front() {
        Some(Message::BndUpd(update)) => *update,
        other => panic!("{other:?} instead of a BNDUPD"),
    }
}

/// The figure. F12-5.2.1-j, F12-5.2.1-k, F12-5.2.1-l. Where ours differs:
///
/// * The figure computes the lead from the lease just given, half of it plus X; ours is a constant, which the
///   clock of this test has at the figure's first value.
/// * The BNDACK carries no time (Q49): what is acknowledged is what was sent.
/// * The lead is one length, here MCLT/2+X; the figure's second update has t1+X/2+X.
#[test]
fn figure_5_2_1_1() {
    let mut pair = pair(MCLT / 2 + X);
    assert_eq!(ask(&mut pair, Ask::Discover), Some(Answer::Offer(A0)));
    // time t
    assert_eq!(ask(&mut pair, Ask::Select(A0)), Some(Answer::Ack(A0, at(T + MCLT))));
    let update = told(&pair);
    assert_eq!((update.lease_expiration, update.potential_expiration), (at(T + MCLT), at(T + MCLT / 2 + X)));
    pair.settle(Role::Secondary);
    assert_eq!(pair.take_log(), ["P> BNDUPD(0 ACTIVE)", "S> BNDACK(0)"]);
    assert_eq!(pair.binding(Role::Primary, 0).acked_potential_expiration, at(T + MCLT / 2 + X));

    // t+MCLT/2; the figure's t1 is the instant of the answer.
    let t1 = T + MCLT / 2;
    pair.clock.now = t1;
    assert_eq!(ask(&mut pair, Ask::Renew(A0)), Some(Answer::Ack(A0, at(t1 + X))));
    let update = told(&pair);
    assert_eq!((update.lease_expiration, update.potential_expiration), (at(t1 + X), at(t1 + MCLT / 2 + X)));
    pair.settle(Role::Secondary);
    assert_eq!(pair.take_log(), ["P> BNDUPD(0 ACTIVE)", "S> BNDACK(0)"]);
    assert_eq!(pair.binding(Role::Primary, 0).acked_potential_expiration, at(t1 + MCLT / 2 + X));
}

/// The same with the lead that a model takes, X/2 + X, whatever the client got: the first
/// potential-expiration-time is later than the figure's, all that the client sees is the same (F12-9.8.3-d;
/// failover-12 §9.8.3 leaves the choice). As in the figure a client that renews at half of its lease gets X each time.
#[test]
fn figure_5_2_1_1_with_a_constant_lead() {
    let mut pair = pair(X / 2 + X);
    assert_eq!(ask(&mut pair, Ask::Discover), Some(Answer::Offer(A0)));
    let mut got = Vec::new();
    let mut what = Ask::Select(A0);
    for _ in 0..5 {
        let Some(Answer::Ack(_, ends)) = ask(&mut pair, what) else { panic!("no lease") };
        let length = ends.raw() - pair.clock.now;
        got.push(length);
        let update = told(&pair);
        assert_eq!(update.lease_expiration, ends);
        let promised = update.potential_expiration.raw();
        assert!(promised >= ends.raw() && promised <= pair.clock.now + X / 2 + X);
        pair.settle(Role::Secondary);
        pair.clock.now += length / 2;
        what = Ask::Renew(A0);
    }
    assert_eq!(got, [MCLT, X, X, X, X]);
}

/// The example in words: MCLT 1 hour, desired 3 days. The first lease is exactly the limit (Q15).
#[test]
fn example_of_5_2_1() {
    let mut pair = pair(3 * DAY + HOUR / 2);
    let Some(Answer::Ack(_, first)) = ask(&mut pair, Ask::Select(A0)) else { panic!("no lease") };
    assert_eq!(first, at(T + HOUR), "1 hour");
    let update = told(&pair);
    assert_eq!(update.potential_expiration, at(T + 3 * DAY + HOUR / 2));
    // The update comes after the answer, and until it is acknowledged nothing more may be promised.
    assert_eq!(pair.binding(Role::Primary, 0).partner, Partner::Sent);
    let Some(Answer::Ack(_, again)) = ask(&mut pair, Ask::Renew(A0)) else { panic!("no lease") };
    assert_eq!(again, at(T + HOUR));
    pair.settle(Role::Secondary);
    // Both have it, and the secondary may lead the same client by what it received (failover-12 §7.1.5).
    let theirs = pair.binding(Role::Secondary, 0);
    assert_eq!((theirs.status, theirs.partner), (Status::Active { client: CLIENT }, Partner::UpToDate));
    assert_eq!(theirs.received_potential_expiration, at(T + 3 * DAY + HOUR / 2));

    // T1: 3 days remain acknowledged, and 1 hour is more than 3 days. The example now tells 4.5 days; here
    // the lead is one length (see the figure).
    pair.clock.now = T + HOUR / 2;
    let Some(Answer::Ack(_, second)) = ask(&mut pair, Ask::Renew(A0)) else { panic!("no lease") };
    assert_eq!(second, at(pair.clock.now + 3 * DAY), "3 days");
    assert_eq!(told(&pair).potential_expiration, at(pair.clock.now + 3 * DAY + HOUR / 2));

    // That update is lost. Shortly before the end: what remains of what was acknowledged, plus MCLT.
    pair.break_link();
    pair.clock.now = T + 3 * DAY;
    let Some(Answer::Ack(_, third)) = ask(&mut pair, Ask::Renew(A0)) else { panic!("no lease") };
    assert_eq!(third, at(T + 3 * DAY + HOUR / 2 + HOUR), "F12-5.2.1-d");
}
