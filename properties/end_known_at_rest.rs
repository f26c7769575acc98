//! When both servers are in NORMAL and have nothing under way to each other, the partner of the server that gave a lease has an end on record that is not earlier, if it has the address ACTIVE for that client; and it counts on no less than the partner was promised.
//!
//! failover-12 §7.1.1, §7.1.5, §9.8. What it does not say: nothing about a partner that has another status on record: that is for normal-agreement; nor about a lease of which the partner has refused to hear, which is told again at the next occasion (Q53).

use crate::look::{is_at_rest, stored};
use dhcpfo_engine::binding::{Binding, ClientId, Partner, Status};
use dhcpfo_time::Time;
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim = Claim {
    name: "end-known-at-rest",
    statement: "When both servers are in NORMAL and have nothing under way to each other, the partner of the server that gave a lease has an end on record that is not earlier, if it has the address ACTIVE for that client; and it counts on no less than the partner was promised.",
    section: "failover-12 §7.1.1, §7.1.5, §9.8",
    limits: "Nothing about a partner that has another status on record: that is for normal-agreement; nor about a lease of which the partner has refused to hear, which is told again at the next occasion (Q53).",
    check: Check::State(holds),
    ghost: None,
    occasion: Occasion::State(arises),
};

fn holds(view: &View<'_>) -> bool {
    ends(view).all(|(held, mine, theirs)| {
        let promised = view.clock.later(mine.acked_potential_expiration, mine.received_potential_expiration);
        !view.clock.before(theirs.lease_expiration, held)
            && !view.clock.before(promised, theirs.received_potential_expiration)
    })
}

/// The client holds a lease while both servers are at rest, of which the partner has not refused to hear, and the partner
/// has the address ACTIVE for it.
fn arises(view: &View<'_>) -> bool {
    ends(view).next().is_some()
}

/// The ends of leases as clients hold them, with the bindings of the server that gave them and of its partner.
fn ends<'a>(view: &'a View<'_>) -> impl Iterator<Item = (Time, Binding, Binding)> + use<'a> {
    let clients = view.system.clients[..view.model.client_count()].iter().filter(|_| is_at_rest(view.system));
    (0..).zip(clients).filter_map(|(number, client)| {
        let lease = client.lease.filter(|lease| !view.clock.passed(lease.ends))?;
        let [mine, theirs] = [lease.from, lease.from.partner()].map(|role| stored(view.system, role, lease.address));
        let active = theirs.status == Status::Active { client: ClientId(number) };
        (active && mine.partner != Partner::Rejected).then_some((lease.ends, mine, theirs))
    })
}
