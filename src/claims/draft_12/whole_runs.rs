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

/// `normal-follows`
pub static NORMAL_FOLLOWS: Entry = Entry {
    name: "normal-follows",
    statement: "After every state comes one in which both servers are in NORMAL, in contact.",
    section: "failover-12 §9.2",
    limits: "That they stay there; how soon.",
    occasion: "A state in which not both are in NORMAL.",
    reads: "Whether a server takes itself to be connected.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `updates-answered`
pub static UPDATES_ANSWERED: Entry = Entry {
    name: "updates-answered",
    statement: "After every state comes one in which each binding has been answered by the partner and none is EXPIRED or RELEASED, unless the partner refused it.",
    section: "failover-12 §5.11, §7.1, §9.8.1",
    limits: "How soon, and nothing about what was refused; with more than one binding, that all are answered at once.",
    occasion: "A state in which a binding has not been answered.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `addresses-freed`
pub static ADDRESSES_FREED: Entry = Entry {
    name: "addresses-freed",
    statement: "When an address is EXPIRED or RELEASED at a server, there comes a state in which none is.",
    section: "failover-12 §5.11, §7.1.3",
    limits: "How soon. ABANDONED addresses are for an operator.",
    occasion: "An address is EXPIRED or RELEASED at a server.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `asked-then-leased`
pub static ASKED_THEN_LEASED: Entry = Entry {
    name: "asked-then-leased",
    statement: "When a client has no lease and may ask for one, there comes a state in which it has one.",
    section: "failover-12 §5.3, §9.9.2",
    limits: "How soon, and how long the lease is; where there are several clients, that it is each of them.",
    occasion: "A client that may ask has no lease.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `recovery-ends`
pub static RECOVERY_ENDS: Entry = Entry {
    name: "recovery-ends",
    statement: "When a server is in RECOVER or RECOVER-WAIT, there comes a state in which none is.",
    section: "failover-12 §9.5.2, §9.6.2",
    limits: "Into which state it leads; how soon.",
    occasion: "A server runs in RECOVER or RECOVER-WAIT.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `conflict-ends`
pub static CONFLICT_ENDS: Entry = Entry {
    name: "conflict-ends",
    statement: "When a server is in POTENTIAL-CONFLICT, RESOLUTION-INTERRUPTED or CONFLICT-DONE, there comes a state in which none is.",
    section: "failover-12 §9.10, §9.11, §9.12",
    limits: "Into which state it leads; how soon.",
    occasion: "A server runs in one of these states.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `somebody-answers`
pub static SOMEBODY_ANSWERS: Entry = Entry {
    name: "somebody-answers",
    statement: "When both servers run and neither answers clients, there comes a state in which one of them does, or one is off.",
    section: "failover-12 §9.2",
    limits: "How soon; which leases can be had. A client that asks for parameters alone is answered by whoever answers new clients.",
    occasion: "Both servers run, and neither answers a DHCPINFORM.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};
