//! The claim [`silence`](dhcpfo_claims::draft_12::SILENCE).

use crate::look::stored;
use dhcpfo_claims::draft_12::SILENCE;
use dhcpfo_engine::binding::Status;
use dhcpfo_engine::effect::{Answer, Effect};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::budget::Item;
use dhcpfo_world::claim::{Check, Claim, Occasion};
use dhcpfo_world::claim::{Happening, View};
use dhcpfo_world::clients::Body;

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &SILENCE, check: Check::Step(holds), ghost: None, occasion: Occasion::State(arises) };

fn holds(step: &Happening<'_>, _: &mut dyn Clock) -> bool {
    let Some(role) = step.server else { return true };
    step.effects.iter().all(|effect| {
        let Effect::Reply(client, answer) = effect else { return true };
        match step.before.server(role).running() {
            None | Some(State::Recover | State::RecoverWait | State::PotentialConflict) => false,
            Some(State::RecoverDone) => match answer {
                Answer::Ack(address, _) => {
                    stored(step.before, role, *address).status == Status::Active { client: *client }
                }
                Answer::Nak => true,
                Answer::Offer(_) | Answer::Informed => false,
            },
            Some(_) => true,
        }
    })
}

/// A server runs that has to be silent, or all but silent, and a client may still ask it.
fn arises(view: &View<'_>) -> bool {
    let may_ask = [Item::Leases, Item::Informs].into_iter().any(|item| view.system.budgets.left(item) > 0)
        || view.system.network.iter().any(|packet| matches!(packet.body, Body::Ask(_)));
    may_ask
        && Role::ALL.into_iter().any(|role| {
            let server = view.system.server(role);
            server.endpoint().is_some() && is_silent(server.running())
        })
}

/// Whether a server that runs, in this state or in none, answers nobody, or those alone that it knows.
fn is_silent(state: Option<State>) -> bool {
    use State::{PotentialConflict, Recover, RecoverDone, RecoverWait};
    matches!(state, None | Some(Recover | RecoverWait | PotentialConflict | RecoverDone))
}
