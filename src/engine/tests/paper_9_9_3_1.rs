//! Figure 9.9.3-1, transition from NORMAL to COMMUNICATIONS-INTERRUPTED and back, with two addresses for the
//! secondary (failover-12 §9.9.3, §9.8.1, §7.6, §7.6.2, §7.7, §7.7.1, §7.7.2; F12-5.4-d, F12-9.8.4-c).

mod support;

use dhcpfo_engine::binding::{Binding, Partner};
use dhcpfo_engine::effect::Ask;
use dhcpfo_engine::state::{Role, State};
use support::{A0, A1, Counting, Pair, active, config, request};

/// CONTACT, CONNECT and CONNECTACK are the wire's. Where the rest differs from the drawing:
///
/// * Q19: communications are ok with the first STATE received, so each side first reports that it is in
///   COMMUNICATIONS-INTERRUPTED; the secondary is in NORMAL when it has read the primary's, not before.
/// * The two directions are independent: the secondary's BNDUPD and the primary's cross, which the drawing shows
///   one after the other.
/// * POOLREQ follows when all updates are on their way; the drawing has it after the last answer. The second one
///   follows POOLRESP(2) at once; the drawing has it after the first BNDACK.
///
/// Each takes one update at a time.
#[test]
fn figure_9_9_3_1() {
    let mut bindings = [Binding::NEVER_USED; 4];
    bindings[0] = active(1, Partner::UpToDate, 1030);
    bindings[1] = active(2, Partner::UpToDate, 1030);
    let configs = Role::ALL.map(|role| {
        let mut config = config(role);
        // Two free addresses, both for the secondary; not before they have parted.
        config.pool.secondary_share = 100;
        config.pool.ask = false;
        config
    });
    let mut pair = Pair::normal(Counting::small(1000), &bindings, configs, 1);

    pair.break_link();
    assert_eq!(pair.take_log(), ["P = COMMUNICATIONS-INTERRUPTED", "S = COMMUNICATIONS-INTERRUPTED"]);
    // Each answers a client of its own meanwhile.
    pair.clock.now = 1010;
    pair.stimulate(Role::Primary, request(1, Ask::Renew(A0), 0));
    pair.stimulate(Role::Secondary, request(2, Ask::Renew(A1), 0));
    assert_eq!(pair.answers.len(), 2);
    pair.configs[Role::Secondary.index()].pool.ask = true;

    pair.connect(Role::Primary, 1);
    pair.settle(Role::Secondary);
    let ours = [
        "P> STATE(COMMUNICATIONS-INTERRUPTED)",
        "S> STATE(COMMUNICATIONS-INTERRUPTED)",
        "S = NORMAL",
        "S> STATE(NORMAL)",
        "S> BNDUPD(1 ACTIVE)",
        "S> POOLREQ",
        "P = NORMAL",
        "P> STATE(NORMAL)",
        "P> BNDUPD(0 ACTIVE)",
        "S> BNDACK(0)",
        "P> BNDACK(1)",
        "P> POOLRESP(2)",
        "S> POOLREQ",
        "P> BNDUPD(2 BACKUP)",
        "S> BNDACK(2)",
        "P> POOLRESP(0)",
        "P> BNDUPD(3 BACKUP)",
        "S> BNDACK(3)",
    ];
    assert_eq!(pair.take_log(), ours);
    assert_eq!(Role::ALL.map(|role| pair.state(role)), [State::Normal; 2]);
}
