//! The claim [`conflict-ends`](dhcpfo_claims::draft_12::CONFLICT_ENDS).

use dhcpfo_claims::draft_12::CONFLICT_ENDS;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_world::claim::{Check, Claim, LeadsTo, Occasion, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &CONFLICT_ENDS,
    check: Check::LeadsTo(LeadsTo { from: in_conflict, to: |view| !in_conflict(view) }),
    ghost: None,
    occasion: Occasion::Whole,
};

fn in_conflict(view: &View<'_>) -> bool {
    use State::{ConflictDone, PotentialConflict, ResolutionInterrupted};
    let state = |role| view.system.server(role).running();
    let conflict = |role| matches!(state(role), Some(PotentialConflict | ResolutionInterrupted | ConflictDone));
    Role::ALL.into_iter().any(conflict)
}
