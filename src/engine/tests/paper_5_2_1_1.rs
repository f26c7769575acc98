//! Figure 5.2.1-1, lazy update message traffic, and the example below it (failover-12 §5.2.1).

mod support;

use dhcpfo_engine::binding::{ClientId, Partner, Status};
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::message::{BndUpd, Message};
use dhcpfo_engine::state::Role;
use dhcpfo_engine::time::Span;
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
    for (span, length) in [(Span::Mclt, MCLT), (Span::DesiredLease, X), (Span::PotentialLead, potential)] {
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

/// The figure, with its own potential-expiration-times: the clock is told before each update what the server of
/// the figure computes, half of the lease just given plus X. F12-5.2.1-j, F12-5.2.1-k, F12-5.2.1-l.
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
    // The BNDACK carries no time (Q49): what is acknowledged is what was sent.
    assert_eq!(pair.binding(Role::Primary, 0).acked_potential_expiration, at(T + MCLT / 2 + X));

    // t+MCLT/2; the figure's t1 is the instant of the answer.
    let t1 = T + MCLT / 2;
    pair.clock.now = t1;
    pair.clock.set(Span::PotentialLead, X / 2 + X);
    assert_eq!(ask(&mut pair, Ask::Renew(A0)), Some(Answer::Ack(A0, at(t1 + X))));
    let update = told(&pair);
    assert_eq!((update.lease_expiration, update.potential_expiration), (at(t1 + X), at(t1 + X / 2 + X)));
    pair.settle(Role::Secondary);
    assert_eq!(pair.take_log(), ["P> BNDUPD(0 ACTIVE)", "S> BNDACK(0)"]);
    assert_eq!(pair.binding(Role::Primary, 0).acked_potential_expiration, at(t1 + X / 2 + X));
}

/// The same with the lead that this engine uses: one constant, X/2 + X, whatever the client got. The first
/// potential-expiration-time is then later than the figure's, all that the client sees is the same
/// (F12-9.8.3-d; failover-12 §9.8.3 leaves the choice).
#[test]
fn figure_5_2_1_1_with_a_constant_lead() {
    let mut pair = pair(X / 2 + X);
    assert_eq!(ask(&mut pair, Ask::Discover), Some(Answer::Offer(A0)));
    assert_eq!(ask(&mut pair, Ask::Select(A0)), Some(Answer::Ack(A0, at(T + MCLT))));
    assert_eq!(told(&pair).potential_expiration, at(T + X / 2 + X));
    pair.settle(Role::Secondary);
    let t1 = T + MCLT / 2;
    pair.clock.now = t1;
    assert_eq!(ask(&mut pair, Ask::Renew(A0)), Some(Answer::Ack(A0, at(t1 + X))));
    let update = told(&pair);
    assert_eq!((update.lease_expiration, update.potential_expiration), (at(t1 + X), at(t1 + X / 2 + X)));
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

    // T1: 3 days remain acknowledged, and 1 hour is more than 3 days.
    pair.clock.now = T + HOUR / 2;
    pair.clock.set(Span::PotentialLead, 4 * DAY + DAY / 2);
    let Some(Answer::Ack(_, second)) = ask(&mut pair, Ask::Renew(A0)) else { panic!("no lease") };
    assert_eq!(second, at(pair.clock.now + 3 * DAY), "3 days");
    assert_eq!(told(&pair).potential_expiration, at(pair.clock.now + 4 * DAY + DAY / 2), "4.5 days");

    // Without that acknowledgement, shortly before the end: what remains of the first potential, plus MCLT.
    pair.break_link();
    pair.clock.now = T + 3 * DAY;
    let Some(Answer::Ack(_, third)) = ask(&mut pair, Ask::Renew(A0)) else { panic!("no lease") };
    assert_eq!(third, at(T + 3 * DAY + HOUR / 2 + HOUR), "F12-5.2.1-d");
}
