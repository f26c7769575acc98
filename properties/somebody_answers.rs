//! The claim [`somebody-answers`](dhcpfo_claims::draft_12::SOMEBODY_ANSWERS).

use crate::probe::{Asked, clients};
use dhcpfo_claims::draft_12::SOMEBODY_ANSWERS;
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::state::Role;
use dhcpfo_world::claim::{Check, Claim, LeadsTo, Occasion, View};

/// The claim.
pub const CLAIM: Claim = Claim {
    entry: &SOMEBODY_ANSWERS,
    check: Check::LeadsTo(LeadsTo { from: all_silent, to: |view| !all_silent(view) }),
    ghost: None,
    occasion: Occasion::Whole,
};

fn all_silent(view: &View<'_>) -> bool {
    Role::ALL.into_iter().all(|role| Asked::new(view, role).is_some_and(|asked| is_silent(view, &asked)))
}

fn is_silent(view: &View<'_>, asked: &Asked<'_>) -> bool {
    let informed = |client| matches!(asked.answer(client, Ask::Inform, true), Some(Answer::Informed));
    !clients(view).any(informed)
}
