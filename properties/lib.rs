//! The claims as predicates, one a file: about what clients hold and what is stored and sent.
//!
//! What each states, where the specification says so, what it does not say, and what else it reads and why stands in the
//! catalogue, `dhcpfo_claims::draft_12`. Which broken model
//! refutes it stands in the kill matrix (`reports/golden/kill-matrix.md`). [`witness`] has the things that must
//! be reachable, so that an empty search cannot pass.

pub mod addresses_return;
mod look;
mod probe;
pub mod witness;

pub mod abandoned_stays;
pub mod ack_matches;
pub mod acked_before_reuse;
pub mod acked_implies_stored;
pub mod addresses_freed;
pub mod answered_when_interrupted;
pub mod asked_then_leased;
pub mod balanced_at_rest;
pub mod conflict_ends;
pub mod durable_before_visible;
pub mod end_known_at_rest;
pub mod holds_back;
pub mod instants_recorded;
pub mod interlock;
pub mod lease_long_enough;
pub mod loss_rests;
pub mod mclt_bound;
pub mod no_duplicate_address;
pub mod no_storm;
pub mod normal_agreement;
pub mod normal_follows;
pub mod normal_reachable;
pub mod one_partner_down;
pub mod one_responsible;
pub mod outdated_never_wins;
pub mod own_pool_only;
pub mod partner_down_entry;
pub mod partner_down_wait;
pub mod pool_disjoint;
pub mod pool_messages;
pub mod received_grows;
pub mod record_covers_lease;
pub mod recover_wait;
pub mod recovery_ends;
pub mod refusals_settle;
pub mod refused;
pub mod requests_fit;
pub mod reservations_kept;
pub mod rests_as_stored;
pub mod rests_when_told;
pub mod rewind_unreported;
pub mod same_client;
pub mod served;
pub mod served_while_available;
pub mod silence;
pub mod somebody_answers;
pub mod state_told;
pub mod states_fit;
pub mod states_follow;
pub mod update_contents;
pub mod update_done_complete;
pub mod update_judged;
pub mod update_recorded;
pub mod updates_answered;
pub mod updates_settle;
pub mod window;
pub mod woken_once;

use dhcpfo_world::claim::Claim;

/// Every claim about states and steps but the named ones, in the order of the documents: `claims = "all"`.
pub fn claims() -> &'static [Claim] {
    const ALL: &[Claim] = &[
        no_duplicate_address::CLAIM,
        mclt_bound::CLAIM,
        acked_implies_stored::CLAIM,
        record_covers_lease::CLAIM,
        pool_disjoint::CLAIM,
        own_pool_only::CLAIM,
        acked_before_reuse::CLAIM,
        rewind_unreported::CLAIM,
        partner_down_wait::CLAIM,
        recover_wait::CLAIM,
        durable_before_visible::CLAIM,
        silence::CLAIM,
        interlock::CLAIM,
        one_partner_down::CLAIM,
        window::CLAIM,
        one_responsible::CLAIM,
        update_done_complete::CLAIM,
        ack_matches::CLAIM,
        received_grows::CLAIM,
        abandoned_stays::CLAIM,
        same_client::CLAIM,
        no_storm::CLAIM,
        outdated_never_wins::CLAIM,
        normal_agreement::CLAIM,
        balanced_at_rest::CLAIM,
        update_judged::CLAIM,
        update_contents::CLAIM,
        partner_down_entry::CLAIM,
        states_fit::CLAIM,
        end_known_at_rest::CLAIM,
        pool_messages::CLAIM,
        state_told::CLAIM,
    ];
    // Their numbers are bits beside those of the witnesses.
    const _: () = assert!(ALL.len() <= 32);
    ALL
}

/// Claims that models name where they want them: dear ones, that ask every server several questions in each state or make
/// times to compare with, and one for which few models have an occasion.
pub fn named_claims() -> &'static [Claim] {
    &[
        reservations_kept::CLAIM,
        served::CLAIM,
        refused::CLAIM,
        lease_long_enough::CLAIM,
        states_follow::CLAIM,
        update_recorded::CLAIM,
        requests_fit::CLAIM,
        instants_recorded::CLAIM,
        rests_as_stored::CLAIM,
        rests_when_told::CLAIM,
        loss_rests::CLAIM,
        holds_back::CLAIM,
        woken_once::CLAIM,
    ]
}

/// Every claim about whole runs. They need the graph of all states, so models name them where they want them.
pub fn reach_claims() -> &'static [Claim] {
    &[
        normal_reachable::CLAIM,
        updates_settle::CLAIM,
        addresses_return::CLAIM,
        answered_when_interrupted::CLAIM,
        served_while_available::CLAIM,
        refusals_settle::CLAIM,
    ]
}

/// Every claim of what leads to what in whole runs, where some things are fair. Likewise.
pub fn fair_claims() -> &'static [Claim] {
    &[
        normal_follows::CLAIM,
        updates_answered::CLAIM,
        addresses_freed::CLAIM,
        asked_then_leased::CLAIM,
        recovery_ends::CLAIM,
        conflict_ends::CLAIM,
        somebody_answers::CLAIM,
    ]
}

/// Every witness.
pub fn witnesses() -> &'static [Claim] {
    witness::ALL
}

/// Every claim of every kind.
pub fn all_claims() -> impl Iterator<Item = &'static Claim> {
    claims().iter().chain(named_claims()).chain(reach_claims()).chain(fair_claims())
}

/// The claim of that name.
pub fn find_claim(name: &str) -> Option<Claim> {
    all_claims().find(|claim| claim.entry.name == name).copied()
}

/// The witness of that name.
pub fn find_witness(name: &str) -> Option<Claim> {
    witnesses().iter().find(|witness| witness.entry.name == name).copied()
}
