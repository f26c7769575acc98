//! The claim [`normal-agreement`](dhcpfo_claims::draft_12::NORMAL_AGREEMENT).

use crate::look::{addresses, is_settled, stored};
use dhcpfo_claims::draft_12::NORMAL_AGREEMENT;
use dhcpfo_engine::binding::{Binding, Code};
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &NORMAL_AGREEMENT, check: Check::State(holds), ghost: None, occasion: Occasion::State(arises) };

/// They are, and an address is not as it was at the start.
fn arises(view: &View<'_>) -> bool {
    let table = view.model.initial_table(false);
    let has_changed = |address| stored(view.system, Role::Primary, address).status != table.get(address).status;
    is_settled(view.model, view.system) && addresses(view.model).any(has_changed)
}

fn holds(view: &View<'_>) -> bool {
    let agree = |address| {
        let bindings = Role::ALL.map(|role| stored(view.system, role, address));
        let over = |b: &Binding| b.status.code() == Code::Active && view.clock.passed(b.lease_expiration);
        let [mine, theirs] = bindings.map(|binding| binding.status);
        bindings.iter().any(over) || mine.code() == theirs.code() && (mine.is_available() || mine == theirs)
    };
    !is_settled(view.model, view.system)
        || addresses(view.model).filter(|a| view.model.addresses[a.0 as usize].reserved.is_none()).all(agree)
}
