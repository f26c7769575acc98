//! What is judged from captures alone.

use crate::entry::{Entry, Judge};

/// `own-pool-offered`
pub static OWN_POOL_OFFERED: Entry = Entry {
    name: "own-pool-offered",
    statement: "Outside PARTNER-DOWN a server offers a new client only an address that is available to it.",
    section: "failover-12 §3.1.2, §5.4, §9.9.2",
    limits: "A lease that is given is own-pool-only's; reservations do not show.",
    occasion: "A DHCPOFFER to a new client outside PARTNER-DOWN.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `ack-answers`
pub static ACK_ANSWERS: Entry = Entry {
    name: "ack-answers",
    statement: "A BNDACK answers a BNDUPD about those addresses that is outstanding on its connection.",
    section: "failover-12 §7.2.1, §7.2.2, §8.6",
    limits: "What the server that reads it makes of it: ack-matches says that.",
    occasion: "A BNDACK.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `handshake`
pub static HANDSHAKE: Entry = Entry {
    name: "handshake",
    statement: "CONNECT and an accepting CONNECTACK come before anything else, and both servers name the same relationship and MCLT.",
    section: "failover-12 §7.8, §7.9, §8.2, §8.3",
    limits: "Whether they meant it.",
    occasion: "A message on a connection whose beginning is in the capture.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `connection-accepted`
pub static CONNECTION_ACCEPTED: Entry = Entry {
    name: "connection-accepted",
    statement: "A server that wants to connect is let in: its partner listens, answers, and does not refuse.",
    section: "failover-12 §7.8.2, §7.9.2, §8.2",
    limits: "Once without a word is nothing wrong where the two are connected later: a process that ends takes a connection and says nothing.",
    occasion: "A CONNECT and what came of it; a dialled connection that came to nothing.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `one-primary`
pub static ONE_PRIMARY: Entry = Entry {
    name: "one-primary",
    statement: "Of the two servers exactly one, the primary, sends CONNECT.",
    section: "failover-12 §7.8, §8.2",
    limits: "CONNECTs of both that are more than 60 s apart: servers may change roles.",
    occasion: "A connection on which CONNECT was sent, or should have been.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `normal-again`
pub static NORMAL_AGAIN: Entry = Entry {
    name: "normal-again",
    statement: "Servers that are connected, of which neither says more than COMMUNICATIONS-INTERRUPTED or NORMAL, are in NORMAL within 10 s.",
    section: "failover-12 §9.9.3",
    limits: "The draft gives no bound; ten seconds are long for two messages.",
    occasion: "A connection on which a server said that it is in COMMUNICATIONS-INTERRUPTED.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `partner-told`
pub static PARTNER_TOLD: Entry = Entry {
    name: "partner-told",
    statement: "A server that is connected tells its partner of each lease that it gives.",
    section: "failover-12 §5.2.1, §7.1, §9.8.3",
    limits: "Leases whose connection, or the capture, ends within 15 s; and a server whose window is full.",
    occasion: "A DHCPACK of a server that is, or then comes to be, in NORMAL for 15 s while the lease runs.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `refused-again`
pub static REFUSED_AGAIN: Entry = Entry {
    name: "refused-again",
    statement: "An update that is refused is not sent, and refused, again and again.",
    section: "failover-12 §7.2.1, §7.2.2",
    limits: "Two refusals in a row: a server may try once more, and is asked for everything twice at a first start. That none is sent in answer to its refusal is no-storm's.",
    occasion: "A BNDACK.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `rebalancing-ends`
pub static REBALANCING_ENDS: Entry = Entry {
    name: "rebalancing-ends",
    statement: "Rebalancing comes to an end: nobody asks for addresses, or moves them to and fro, while nothing has changed.",
    section: "failover-12 §5.4",
    limits: "Fewer than ten requests in vain, each within 10 s of the last, and fewer than six moves of an address.",
    occasion: "A POOLREQ, or an address that goes from one server's pool to the other's.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `partner-is-down`
pub static PARTNER_IS_DOWN: Entry = Entry {
    name: "partner-is-down",
    statement: "While a server answers clients in PARTNER-DOWN, its partner answers none, but for renewals in RECOVER-DONE.",
    section: "failover-12 §9.4.1, §9.4.2",
    limits: "Who was wrong: the operator, or the server that serves.",
    occasion: "A server that answers clients in PARTNER-DOWN.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `rests-until-end`
pub static RESTS_UNTIL_END: Entry = Entry {
    name: "rests-until-end",
    statement: "No address is told to be FREE, BACKUP or EXPIRED before the lease of the client that has it ends.",
    section: "failover-12 §5.2.2, §5.11, §9.8.3",
    limits: "What an operator or the client itself gave up.",
    occasion: "FREE, BACKUP or EXPIRED of an address that was given in the capture, which the partner accepts.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};

/// `well-formed`
pub static WELL_FORMED: Entry = Entry {
    name: "well-formed",
    statement: "Every message can be read and has the options that it must have.",
    section: "failover-12 §6.1, §6.2, §7",
    limits: "What is inside TLS; what Microsoft's servers say of bindings has a table of its own.",
    occasion: "A message.",
    judges: &[Judge::Audit],
    ..Entry::EMPTY
};
