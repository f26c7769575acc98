//! Figure 9.10.3-1, transition out of POTENTIAL-CONFLICT (failover-12 §9.10.1, §9.10.3, §9.12.3).

mod support;

use dhcpfo_engine::binding::{Binding, Partner};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::endpoint::Session;
use dhcpfo_engine::state::{Role, State};
use support::{Counting, Pair, active, durable, running};

/// Before what the figure shows: both were in PARTNER-DOWN, meet, and report POTENTIAL-CONFLICT. Each takes one
/// update at a time, so that BNDUPD and BNDACK alternate as drawn. POOLRESP gives one address (the figure's n).
/// The primary's answer to POOLREQ comes after its STATE, as drawn.
#[test]
fn figure_9_10_3_1() {
    let down = |bindings: &[Binding]| running(durable(EndpointRecord::of(State::PartnerDown), bindings), Session::Down);
    let free = Binding::NEVER_USED;
    let primary = down(&[active(1, Partner::Unsent, 1020), active(2, Partner::Unsent, 1020), free, free]);
    let mut theirs = [free; 4];
    theirs[2] = active(3, Partner::Unsent, 1020);
    let secondary = down(&theirs);
    let mut pair = Pair::new(Counting::small(1000), [primary, secondary]);

    pair.connect(Role::Primary, 1);
    pair.settle(Role::Secondary);
    let met = [
        "P> STATE(PARTNER-DOWN)",
        "S> STATE(PARTNER-DOWN)",
        "S = POTENTIAL-CONFLICT",
        "S> STATE(POTENTIAL-CONFLICT)",
        "P = POTENTIAL-CONFLICT",
        "P> STATE(POTENTIAL-CONFLICT)",
    ];
    let figure = [
        "P> UPDREQ",
        "S> BNDUPD(2 ACTIVE)",
        "P> BNDACK(2)",
        "S> UPDDONE",
        "P = CONFLICT-DONE",
        "P> STATE(CONFLICT-DONE)",
        "S> UPDREQ",
        "P> BNDUPD(0 ACTIVE)",
        "S> BNDACK(0)",
        "P> BNDUPD(1 ACTIVE)",
        "S> BNDACK(1)",
        "P> UPDDONE",
        "S = NORMAL",
        "S> STATE(NORMAL)",
        "S> POOLREQ",
        "P = NORMAL",
        "P> STATE(NORMAL)",
        "P> POOLRESP(0)",
    ];
    assert_eq!(pair.take_log(), [met.as_slice(), figure.as_slice()].concat());
}
