//! Figure 9.5.2-1, transition out of RECOVER state: server A has been down, B has taken over (failover-12 §9.5.2,
//! §9.6.2, §9.7.2).

mod support;

use dhcpfo_engine::binding::Partner;
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::endpoint::Session;
use dhcpfo_engine::state::{Role, State};
use support::{Counting, Pair, active, at, config, durable, running};

const NOW: u32 = 1000;

/// A is the primary. Before what the figure shows, the two have met: A reports with the STARTUP flag, which B in
/// PARTNER-DOWN ignores, hears of B's PARTNER-DOWN, and goes to RECOVER. B takes one update at a time, so that
/// BNDUPD and BNDACK alternate as drawn. RECOVER-WAIT ends MCLT after A's start, since A does not know when it
/// went down (Q27).
#[test]
fn figure_9_5_2_1() {
    let taken_over = EndpointRecord { since: at(NOW - 50), ..EndpointRecord::of(State::PartnerDown) };
    let leases = [active(1, Partner::Unsent, NOW + 20), active(2, Partner::Unsent, NOW + 25)];
    let down = EndpointRecord { last_operational: at(NOW - 80), ..EndpointRecord::of(State::Normal) };
    let never = [dhcpfo_engine::binding::Binding::NEVER_USED; 2];
    let b = running(durable(taken_over, &leases), Session::Down);
    let mut pair = Pair::new(Counting::small(NOW), [b, b]);
    // POOLREQ at the end is not in this figure.
    pair.configs = Role::ALL.map(|role| {
        let mut config = config(role);
        config.pool.ask = false;
        config
    });
    pair.start(Role::Primary, durable(down, &never));

    pair.connect(Role::Primary, 1);
    pair.settle(Role::Primary);
    let met =
        ["P> STATE(COMMUNICATIONS-INTERRUPTED, STARTUP)", "S> STATE(PARTNER-DOWN)", "P = RECOVER", "P> STATE(RECOVER)"];
    let figure = [
        "P> UPDREQ",
        "S> BNDUPD(0 ACTIVE)",
        "P> BNDACK(0)",
        "S> BNDUPD(1 ACTIVE)",
        "P> BNDACK(1)",
        "S> UPDDONE",
        "P = RECOVER-WAIT",
        "P> STATE(RECOVER-WAIT)",
    ];
    assert_eq!(pair.take_log(), [met.as_slice(), figure.as_slice()].concat());
    assert_eq!(pair.state(Role::Secondary), State::PartnerDown);

    pair.clock.now = NOW + 9;
    pair.wake(Role::Primary);
    assert_eq!(pair.take_log(), [""; 0], "MCLT is 10");
    pair.clock.now = NOW + 10;
    pair.wake(Role::Primary);
    pair.settle(Role::Secondary);
    let figure = [
        "P = RECOVER-DONE",
        "P> STATE(RECOVER-DONE)",
        "S = NORMAL",
        "S> STATE(NORMAL)",
        "P = NORMAL",
        "P> STATE(NORMAL)",
    ];
    assert_eq!(pair.take_log(), figure);
}

/// The words below the figure: communications fail during the answer, and the request is made again. F12-9.5.2-f.
#[test]
fn the_request_is_repeated_on_the_next_connection() {
    let taken_over = EndpointRecord { since: at(NOW - 50), ..EndpointRecord::of(State::PartnerDown) };
    let leases = [active(1, Partner::Unsent, NOW + 20), active(2, Partner::Unsent, NOW + 25)];
    let recover = EndpointRecord { recover_wait_ends: at(NOW + 10), ..EndpointRecord::of(State::Recover) };
    let never = [dhcpfo_engine::binding::Binding::NEVER_USED; 2];
    let a = running(durable(recover, &never), Session::Down);
    let b = running(durable(taken_over, &leases), Session::Down);
    let mut pair = Pair::new(Counting::small(NOW), [a, b]);
    pair.connect(Role::Primary, 1);
    // STATE each, UPDREQ, the first BNDUPD; its BNDACK is lost.
    for role in [Role::Secondary, Role::Primary, Role::Secondary, Role::Primary] {
        assert!(pair.deliver(role));
    }
    assert_eq!(pair.log.last().map(String::as_str), Some("P> BNDACK(0)"));
    pair.break_link();
    assert_eq!(pair.state(Role::Primary), State::Recover);
    pair.log.clear();
    pair.connect(Role::Primary, 1);
    pair.settle(Role::Secondary);
    let again = [
        "P> STATE(RECOVER)",
        "S> STATE(PARTNER-DOWN)",
        "P> UPDREQ",
        // Nothing was acknowledged, so everything comes again (failover-12 §7.3.2).
        "S> BNDUPD(0 ACTIVE)",
        "P> BNDACK(0)",
        "S> BNDUPD(1 ACTIVE)",
        "P> BNDACK(1)",
        "S> UPDDONE",
        "P = RECOVER-WAIT",
        "P> STATE(RECOVER-WAIT)",
    ];
    assert_eq!(pair.take_log(), again);
}
