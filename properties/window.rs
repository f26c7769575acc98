//! The claim [`window`](dhcpfo_claims::draft_12::WINDOW).

use dhcpfo_claims::draft_12::WINDOW;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::View;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &WINDOW, check: Check::State(holds), ghost: None, occasion: Occasion::State(arises) };

fn holds(view: &View<'_>) -> bool {
    Role::ALL.into_iter().all(|role| outstanding(view, role) <= usize::from(view.model.max_unacked))
}

/// BNDUPDs of a server that its partner has still to read, and answers that it has still to read itself.
fn outstanding(view: &View<'_>, role: Role) -> usize {
    let under_way = |end: Role, is: fn(&Message) -> bool| {
        view.system.link.towards[end.index()].iter().filter(|flying| is(&flying.message)).count()
    };
    under_way(role.partner(), |message| matches!(message, Message::BndUpd(_)))
        + under_way(role, |message| matches!(message, Message::BndAck(_)))
}

/// As many are under way as the partner accepts.
fn arises(view: &View<'_>) -> bool {
    Role::ALL.into_iter().any(|role| outstanding(view, role) >= usize::from(view.model.max_unacked))
}
