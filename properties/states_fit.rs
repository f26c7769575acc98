//! The claim [`states-fit`](dhcpfo_claims::draft_12::STATES_FIT).

use crate::look::{heard_of_partner, is_quiet};
use dhcpfo_claims::draft_12::STATES_FIT;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &STATES_FIT, check: Check::State(holds), ghost: None, occasion: Occasion::State(arises) };

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
