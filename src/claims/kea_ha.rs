//! What is claimed of a pair of ISC Kea servers with high availability. `kea-ha` is `src/protocols/kea-ha/kea-ha.md`.

use crate::common;
use crate::entry::{Entry, Judge};

/// `no-duplicate-address`
pub static NO_DUPLICATE_ADDRESS: Entry = Entry {
    section: "Kea's manual, \"High Availability\"; kea-ha section 10",
    limits: "Clients that go on using an address after its end.",
    occasion: "A client holds an address, and there is another client.",
    capture: "What clients hold is what they were last told DHCPACK; a packet that is not in the capture is not known of.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::of(&common::NO_DUPLICATE_ADDRESS)
};

/// `lease-renewed`
pub static LEASE_RENEWED: Entry = Entry {
    section: "RFC 2131 §4.4.5; kea-ha section 6",
    limits: "Clients that get no answer at all.",
    occasion: "A client holds an address.",
    capture: "The occasions are answers to clients whose DHCPACK is in the capture, too.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::of(&common::LEASE_RENEWED)
};

/// `copied-before-answered`
pub static COPIED_BEFORE_ANSWERED: Entry = Entry {
    name: "copied-before-answered",
    statement: "In normal operation a client is answered only when the partner has stored its lease.",
    section: "kea-ha sections 1 and 6",
    limits: "What is answered in COMMUNICATION-RECOVERY, PARTNER-DOWN and TERMINATED, and what becomes of the copy later.",
    occasion: "A client holds an address while a server is in normal operation.",
    capture: "That a server is in normal operation is known between two heartbeats that say so.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::EMPTY
};

/// `held-is-stored`
pub static HELD_IS_STORED: Entry = Entry {
    name: "held-is-stored",
    statement: "While both servers are in normal operation, each has what clients hold, and until no earlier time.",
    section: "kea-ha sections 1 and 7",
    limits: "Servers that have not both come to normal operation; with a clock that is ahead, the time.",
    occasion: "A client holds an address while both servers are in normal operation.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `one-serves`
pub static ONE_SERVES: Entry = Entry {
    name: "one-serves",
    statement: "No two servers answer the same clients at the same time.",
    section: "kea-ha section 5",
    limits: "Whether anybody answers.",
    occasion: "A server answers clients.",
    capture: "Whom a server answers is what heartbeats, status-get and the transitions in its log say; and two offers to one client.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::EMPTY
};

/// `synchronised-has-all`
pub static SYNCHRONISED_HAS_ALL: Entry = Entry {
    name: "synchronised-has-all",
    statement: "A server that says that it has synchronised has every lease that its partner has.",
    section: "kea-ha section 7",
    limits: "What it has besides, and what is given afterwards.",
    occasion: "A server is in READY.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `survivor-can-serve`
pub static SURVIVOR_CAN_SERVE: Entry = Entry {
    name: "survivor-can-serve",
    statement: "A server whose partner is not running comes to serve all clients by itself.",
    section: "kea-ha sections 5 and 9",
    limits: "When, and whether the clients reach it.",
    occasion: "A server runs, and its partner does not.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `leases-agree`
pub static LEASES_AGREE: Entry = Entry {
    name: "leases-agree",
    statement: "Both servers have the same leases: each address for the same client, until the same time.",
    section: "kea-ha sections 1 and 7",
    limits: "Files that were not copied at one time; leases that had ended by then.",
    occasion: "A lease runs in the lease file of one server, and there is the other's.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `told-again`
pub static TOLD_AGAIN: Entry = Entry {
    name: "told-again",
    statement: "A lease of which the partner did not take the update is told it again, or read by it.",
    section: "kea-ha section 6",
    limits: "When. A release or an end that was not taken.",
    occasion: "An update of a lease is answered with an error, or not at all.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `heard-before-serving`
pub static HEARD_BEFORE_SERVING: Entry = Entry {
    name: "heard-before-serving",
    statement: "A server that has started, or was reset, serves alone only after it has heard of its partner.",
    section: "kea-ha sections 3 and 8",
    limits: "What it heard.",
    occasion: "A server leaves WAITING.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `works-together`
pub static WORKS_TOGETHER: Entry = Entry {
    name: "works-together",
    statement: "No server gives up working together for good.",
    section: "kea-ha sections 2 and 5",
    limits: "Servers that are out of touch, and come back.",
    occasion: "A server says in which state it is.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `clocks-agree`
pub static CLOCKS_AGREE: Entry = Entry {
    name: "clocks-agree",
    statement: "The clocks of the two servers differ by no more than 30 seconds.",
    section: "kea-ha sections 2 and 10",
    limits: "Differences below that, which are enough for a lease that is given again too early.",
    occasion: "Each server has told the time.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// All of them.
pub static ALL: &[&Entry] = &[
    &NO_DUPLICATE_ADDRESS,
    &LEASE_RENEWED,
    &COPIED_BEFORE_ANSWERED,
    &HELD_IS_STORED,
    &ONE_SERVES,
    &SYNCHRONISED_HAS_ALL,
    &SURVIVOR_CAN_SERVE,
    &LEASES_AGREE,
    &TOLD_AGAIN,
    &HEARD_BEFORE_SERVING,
    &WORKS_TOGETHER,
    &CLOCKS_AGREE,
];
