//! The claim [`instants-recorded`](dhcpfo_claims::draft_12::INSTANTS_RECORDED).

use crate::look::{addresses, grants, recorded, stored};
use dhcpfo_claims::draft_12::INSTANTS_RECORDED;
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::action::{Order, What};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &INSTANTS_RECORDED, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some(role) = step.server.filter(|_| step.action.crash_after.is_none()) else { return true };
    let clock: &dyn Clock = clock;
    let is_now = |time| clock.same(time, clock.now());
    let by_message = matches!(step.action.what, What::Deliver(_));
    let of_address = |address| {
        let (before, after) = (stored(step.before, role, address), stored(step.after, role, address));
        let changed = before.status.code() != after.status.code() && !by_message;
        match after.status.code() {
            Code::Abandoned | Code::Reset => !changed || is_now(after.start_of_status),
            Code::Released => !changed || is_now(after.client_last_transaction),
            _ => true,
        }
    };
    let heard =
        grants(step).all(|(_, _, address, _)| is_now(stored(step.after, role, address).client_last_transaction));
    heard && addresses(step.model).all(of_address) && of_server(step, role, &is_now)
}

fn of_server(step: &Happening<'_>, role: Role, is_now: &dyn Fn(Time) -> bool) -> bool {
    let Some(record) = step.after.server(role).durable().endpoint() else { return true };
    let entered = recorded(step.before, role) != Some(record.state) && record.state == State::PartnerDown;
    let dated_back = matches!(step.action.what, What::Operator(_, Order::PartnerDownSince(_)));
    let leaves = matches!(step.action.what, What::Operator(_, Order::Pause | Order::Shutdown));
    let served = step
        .before
        .server(role)
        .running()
        .is_some_and(|state| !matches!(state, State::Recover | State::RecoverWait | State::PotentialConflict));
    (!entered || dated_back || is_now(record.since)) && (!leaves || !served || is_now(record.last_operational))
}

/// A server stores something.
fn arises(step: &Happening<'_>) -> bool {
    step.writer().is_some()
}
