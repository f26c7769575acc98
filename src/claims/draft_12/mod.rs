//! The claims about the failover protocol of draft-ietf-dhc-failover-12.

mod named;
mod states_and_steps;
mod whole_runs;
mod wire;

pub use named::*;
pub use states_and_steps::*;
pub use whole_runs::*;
pub use wire::*;

use crate::entry::Entry;

/// All of them, in the order of the documents.
pub static ALL: &[&Entry] = &[
    &NO_DUPLICATE_ADDRESS,
    &MCLT_BOUND,
    &ACKED_IMPLIES_STORED,
    &RECORD_COVERS_LEASE,
    &POOL_DISJOINT,
    &OWN_POOL_ONLY,
    &ACKED_BEFORE_REUSE,
    &REWIND_UNREPORTED,
    &PARTNER_DOWN_WAIT,
    &RECOVER_WAIT,
    &DURABLE_BEFORE_VISIBLE,
    &SILENCE,
    &INTERLOCK,
    &ONE_PARTNER_DOWN,
    &WINDOW,
    &ONE_RESPONSIBLE,
    &UPDATE_DONE_COMPLETE,
    &ACK_MATCHES,
    &RECEIVED_GROWS,
    &ABANDONED_STAYS,
    &SAME_CLIENT,
    &NO_STORM,
    &OUTDATED_NEVER_WINS,
    &NORMAL_AGREEMENT,
    &BALANCED_AT_REST,
    &UPDATE_JUDGED,
    &UPDATE_CONTENTS,
    &PARTNER_DOWN_ENTRY,
    &STATES_FIT,
    &END_KNOWN_AT_REST,
    &POOL_MESSAGES,
    &STATE_TOLD,
    &RESERVATIONS_KEPT,
    &SERVED,
    &REFUSED,
    &LEASE_LONG_ENOUGH,
    &STATES_FOLLOW,
    &UPDATE_RECORDED,
    &REQUESTS_FIT,
    &INSTANTS_RECORDED,
    &RESTS_AS_STORED,
    &RESTS_WHEN_TOLD,
    &LOSS_RESTS,
    &HOLDS_BACK,
    &WOKEN_ONCE,
    &NORMAL_REACHABLE,
    &UPDATES_SETTLE,
    &ADDRESSES_RETURN,
    &ANSWERED_WHEN_INTERRUPTED,
    &SERVED_WHILE_AVAILABLE,
    &REFUSALS_SETTLE,
    &OWN_POOL_OFFERED,
    &ACK_ANSWERS,
    &HANDSHAKE,
    &CONNECTION_ACCEPTED,
    &ONE_PRIMARY,
    &NORMAL_AGAIN,
    &PARTNER_TOLD,
    &REFUSED_AGAIN,
    &REBALANCING_ENDS,
    &PARTNER_IS_DOWN,
    &RESTS_UNTIL_END,
    &WELL_FORMED,
];
