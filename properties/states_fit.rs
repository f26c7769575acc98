//! When both servers run, are in contact and have nothing under way to each other, both are in NORMAL, or one of them waits in RECOVER-WAIT for its time.
//!
//! failover-12 §9.2, §9.4.3, §9.6.2, §9.10.3. What it does not say: nothing while a message is under way, or about servers in STARTUP, PAUSED and SHUTDOWN. So a PARTNER-DOWN that is not true lasts no longer than until the partner is heard.

use crate::look::{heard_of_partner, is_quiet};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "states-fit",
    statement: "When both servers run, are in contact and have nothing under way to each other, both are in NORMAL, or one of them waits in RECOVER-WAIT for its time.",
    section: "failover-12 §9.2, §9.4.3, §9.6.2, §9.10.3",
    limits: "Nothing while a message is under way, or about servers in STARTUP, PAUSED and SHUTDOWN. So a PARTNER-DOWN that is not true lasts no longer than until the partner is heard.",
    check: Check::State(holds),
    ghost: None,
    occasion: Occasion::State(arises),
};

fn holds(view: &View<'_>) -> bool {
    let in_contact = Role::ALL.into_iter().all(|role| heard_of_partner(view.system, role).is_some());
    if !in_contact || !is_quiet(view.system) {
        return true;
    }
    match Role::ALL.map(|role| view.system.server(role).running()) {
        [Some(one), Some(other)] => [one, other] == [State::Normal; 2] || [one, other].contains(&State::RecoverWait),
        _ => true,
    }
}

/// Both servers run, are in contact and have nothing under way.
fn arises(view: &View<'_>) -> bool {
    is_quiet(view.system)
        && Role::ALL
            .into_iter()
            .all(|role| heard_of_partner(view.system, role).is_some() && view.system.server(role).running().is_some())
}
