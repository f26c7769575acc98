//! What is claimed of whole runs.

use crate::entry::{Entry, Judge};

/// `normal-reachable`
pub static NORMAL_REACHABLE: Entry = Entry {
    name: "normal-reachable",
    statement: "From every state both servers can come to NORMAL, in contact, without a further failure and without an operator or a client.",
    section: "failover-12 §9.2",
    limits: "That they do: only that nothing keeps them from it for ever.",
    occasion: "A state in which the goal is not yet reached, and from which it has to be.",
    reads: "Whether a server takes itself to be connected.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `updates-settle`
pub static UPDATES_SETTLE: Entry = Entry {
    name: "updates-settle",
    statement: "From every state, without a further failure and without an operator or a client, the servers can come to where each binding has been answered by the partner and none is EXPIRED or RELEASED, unless the partner refused it.",
    section: "failover-12 §5.11, §7.1, §9.8.1",
    limits: "That they do, and nothing about what was refused.",
    occasion: "A state in which the goal is not yet reached, and from which it has to be.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `addresses-return`
pub static ADDRESSES_RETURN: Entry = Entry {
    name: "addresses-return",
    statement: "From every state, without a further failure and without an operator or a client, the servers can come to where no address is EXPIRED or RELEASED at either of them.",
    section: "failover-12 §5.11, §7.1.3",
    limits: "That they do, or how soon. ABANDONED addresses are for an operator.",
    occasion: "A state in which the goal is not yet reached, and from which it has to be.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `answered-when-interrupted`
pub static ANSWERED_WHEN_INTERRUPTED: Entry = Entry {
    name: "answered-when-interrupted",
    statement: "A client that holds a lease can have it extended by a server in COMMUNICATIONS-INTERRUPTED that has it on record, though the connection stays broken.",
    section: "failover-12 §9.9.2",
    limits: "Nothing about clients that hold nothing.",
    occasion: "A state in which the goal is not yet reached, and from which it has to be.",
    reads: "Whether a server takes itself to be connected.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `served-while-available`
pub static SERVED_WHILE_AVAILABLE: Entry = Entry {
    name: "served-while-available",
    statement: "A client without a lease can get one from servers that are in NORMAL and have nothing left to tell each other, while there is an available address for it.",
    section: "failover-12 §5.3, §5.4",
    limits: "Which server gives it; and where there are several clients, that it is each of them.",
    occasion: "A state in which the goal is not yet reached, and from which it has to be.",
    reads: "Whether a server waits for answers, by its own list of outstanding BNDUPDs.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `refusals-settle`
pub static REFUSALS_SETTLE: Entry = Entry {
    name: "refusals-settle",
    statement: "From every state, without a further failure and without an operator or a client, the servers can come to NORMAL with records that say the same of every unreserved address, though updates were refused on the way.",
    section: "failover-12 §7.2.2, §9.8.1",
    limits: "That they do, or how soon; nothing about times.",
    occasion: "A state in which the goal is not yet reached, and from which it has to be.",
    reads: "Whether each server has heard its partner on the connection: a STATE that has been read is kept nowhere else.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};
