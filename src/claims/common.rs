//! What is claimed of more than one protocol.

use crate::entry::{Entry, Judge};

/// `no-duplicate-address`: what any protocol that gives addresses to clients is for.
pub static NO_DUPLICATE_ADDRESS: Entry = Entry {
    name: "no-duplicate-address",
    statement: "No two clients hold the same address at the same time.",
    ..Entry::EMPTY
};

/// `lease-renewed`: what a client that asks for more time counts on.
pub static LEASE_RENEWED: Entry = Entry {
    name: "lease-renewed",
    section: "RFC 2131 §4.4.5",
    statement: "No client that asks in time is refused the lease that it has.",
    occasion: "An answer to a client that asks for more time.",
    limits: "Nothing about a client that is not answered at all.",
    judges: &[Judge::Client],
    ..Entry::EMPTY
};

/// `mutual-exclusion`
pub static MUTUAL_EXCLUSION: Entry =
    Entry { name: "mutual-exclusion", statement: "At most one has what only one may have.", ..Entry::EMPTY };

/// `progress`: what is judged at the end of each random run of a population.
pub static PROGRESS: Entry = Entry {
    name: "progress",
    statement: "When all faults have ended, both servers come to NORMAL, agree about each address, and serve all clients, within two MCLT, a lease and an hour.",
    limits: "Agreement where the updates of the drawn configuration cannot be answered as fast as they come.",
    occasion: "The end of a run.",
    judges: &[Judge::Simulation],
    ..Entry::EMPTY
};

/// All of them.
pub static ALL: &[&Entry] = &[&NO_DUPLICATE_ADDRESS, &LEASE_RENEWED, &MUTUAL_EXCLUSION, &PROGRESS];
