//! What models claim by name: dear claims, and those for which few models have an occasion.

use crate::entry::{Entry, Judge};

/// `reservations-kept`
pub static RESERVATIONS_KEPT: Entry = Entry {
    name: "reservations-kept",
    statement: "A reserved address is offered and leased to the client for which it is reserved, and to nobody else.",
    section: "failover-12 §5.13",
    limits: "Nothing about a client that holds an address before it is reserved.",
    occasion: "A reserved address is offered or leased.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `served`
pub static SERVED: Entry = Entry {
    name: "served",
    statement: "Whoever is due something gets it, clients in NORMAL from nobody else: an operator who says in NORMAL, COMMUNICATIONS-INTERRUPTED or RESOLUTION-INTERRUPTED that the partner is down is obeyed, in STARTUP, too; a client whose lease a server has on record can extend it there, give it back and decline it, and, outside RESOLUTION-INTERRUPTED (Q91), go on with it after its end as long as nobody was told of that; one that renews what a server has available is believed, unless it is reserved for another; a new client is offered an address that is available to a server in COMMUNICATIONS-INTERRUPTED, PARTNER-DOWN, RESOLUTION-INTERRUPTED or CONFLICT-DONE; in NORMAL by the server whose hash bucket it is, by the other once it has waited, and, where a server covers for its partner, by one that sees nothing available there.",
    section: "failover-12 §3.1.2, §5.3, §5.11, §9.3.2, §9.4.2, §9.8.2, §9.8.4, §9.9.2, §9.9.3, §9.11.2, §9.11.3, §9.12.2, §12.10",
    limits: "Nothing about how long the lease is, about addresses of the partner, and about RECOVER-DONE.",
    occasion: "A server runs in a state in which it answers.",
    reads: "Whether the server, and the copy of it that is asked, is in STARTUP.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `refused`
pub static REFUSED: Entry = Entry {
    name: "refused",
    statement: "A client that asks for an address that a serving server has leased to another, or that is ABANDONED, is told DHCPNAK, and the holder never is; INIT-REBOOT gets no address that the server could not give to a new client; and RELEASE or DECLINE of an address changes nothing unless it is leased to the client that says so. In RECOVER, RECOVER-WAIT and POTENTIAL-CONFLICT no renewal is answered, and in RECOVER-DONE none of what is not on record as the client's lease, or of which nothing that the partner acknowledged or promised lies ahead.",
    section: "failover-12 §3.1.2, §5.11; RFC 2131 §4.3.2",
    limits: "Nothing about servers that answer only some clients: STARTUP, RECOVER, RECOVER-WAIT, RECOVER-DONE, POTENTIAL-CONFLICT.",
    occasion: "A serving server has an address leased, or ABANDONED.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `lease-long-enough`
pub static LEASE_LONG_ENOUGH: Entry = Entry {
    name: "lease-long-enough",
    statement: "Outside RECOVER-DONE a lease ends no earlier than the desired one would, or MCLT after the later of now and what the partner is known to have acknowledged or promised for it; and what is told of it at once promises as much as a potential-expiration-time may. In RECOVER-DONE what the partner acknowledged or promised has to lie ahead, and the lease ends MCLT after that or when it is desired to.",
    section: "failover-12 §5.2.1, §7.1.5",
    limits: "Nothing about what the partner knows: mclt-bound does.",
    occasion: "A lease is given.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `states-follow`
pub static STATES_FOLLOW: Entry = Entry {
    name: "states-follow",
    statement: "A server goes from state to state as the text of failover-12 section 9 with its repairs leads it: by what its partner says, by the loss of contact, by UPDDONE, by a restart, and not otherwise.",
    section: "failover-12 §9.3.2, §9.4.3, §9.5.2, §9.6.2, §9.7.2, §9.8.4, §9.9.3, §9.10.3, §9.11.3, §9.12.3, §9.14.2",
    limits: "Nothing about when a server that could join a recovered partner is done with telling it what has changed (Q30), about commands, and about what a server that crashes in the step has come to.",
    occasion: "A server takes a stimulus and has a state on record.",
    reads: "What a server has heard its partner to be in, and whether it is in STARTUP: the table of states is about what was read.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `update-recorded`
pub static UPDATE_RECORDED: Entry = Entry {
    name: "update-recorded",
    statement: "What a server acknowledges is on its stable storage by then, whole: the status, FREE for an end; of a lease the end, the promise and when the client was heard, each the later one where the lease was known before, with what was promised to the partner about it; and what another lease of the address was promised counts no more. The end of a lease that a client has from the server itself stays under ABANDONED, and a lease that is the partner's word alone is not told back. That the partner was told of the end of a lease, and took it or refused it, is not forgotten there.",
    section: "failover-12 §5.2.2, §5.11, §7.1.1, §7.1.2, §7.1.5, §7.2",
    limits: "Nothing about whether the update had to be accepted.",
    occasion: "An update is accepted.",
    reads: "Whether the server has heard its partner, and whether it is answering a request for updates.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `requests-fit`
pub static REQUESTS_FIT: Entry = Entry {
    name: "requests-fit",
    statement: "A server asks for updates in RECOVER, in POTENTIAL-CONFLICT if it is the primary or its partner is in CONFLICT-DONE, and nowhere else; for all of them as long as it has lost its storage, and not after UPDDONE; and not again while its request is on its way, unless it enters POTENTIAL-CONFLICT, where what it asked before is no answer. A primary in contact that enters POTENTIAL-CONFLICT asks.",
    section: "failover-12 §7.3, §7.4, §7.5.2, §9.5.2, §9.10.1, §9.10.3",
    limits: "Nothing about when a secondary, or a server in RECOVER, asks at the latest.",
    occasion: "A request for updates is sent, or answered in RECOVER.",
    reads: "What a server has heard its partner to be in: what it has to ask for depends on what it has read.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `instants-recorded`
pub static INSTANTS_RECORDED: Entry = Entry {
    name: "instants-recorded",
    statement: "What happens is stored with its instant: when a client was heard, for a lease and for RELEASE; since when an address is ABANDONED or RESET; since when a server is in PARTNER-DOWN; and until when it served, if it is paused or shut down.",
    section: "failover-12 §5.11, §7.1.1, §7.1.3, §9.2, §9.3.2, §9.13.1, §9.14.1",
    limits: "Nothing about what the partner tells of.",
    occasion: "A server stores something.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `rests-as-stored`
pub static RESTS_AS_STORED: Entry = Entry {
    name: "rests-as-stored",
    statement: "At entry to PARTNER-DOWN every address that is not available is stored with a rest, at least as long as that of the partner's available ones; and when a server in PARTNER-DOWN has looked at its clock, no address rests any more whose lease and rest are over, and none has become FREE before, unless it is about to join its partner.",
    section: "failover-12 §5.11, §9.4.2",
    limits: "Nothing about how long the rest has to be: that is partner-down-wait.",
    occasion: "A server enters PARTNER-DOWN, or looks at its clock there.",
    reads: "What a server has heard its partner to be in.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `rests-when-told`
pub static RESTS_WHEN_TOLD: Entry = Entry {
    name: "rests-when-told",
    statement: "In PARTNER-DOWN a lease of which the partner is told, or that its last words tell of, rests until MCLT after what was promised for it, and no shorter than before.",
    section: "failover-12 §5.2.1, §9.4.2",
    limits: "Nothing about leases of which nobody was told: those rest from entry.",
    occasion: "A server in PARTNER-DOWN tells or hears of a lease.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `loss-rests`
pub static LOSS_RESTS: Entry = Entry {
    name: "loss-rests",
    statement: "When a partner that has lost its storage asks for everything, no lease, and none that had ended and is not agreed upon to be over, ends before MCLT after the latest time that either server was told of it, or MCLT after now: one of whose end the partner was never told goes on, one of whose end it was told is nobody's; a RESET that it did not acknowledge is ABANDONED again; and nothing is taken back. Whoever enters NORMAL goes on with what rested so, until its end, and keeps no end of which nothing is left to be told.",
    section: "failover-12 §5.2.1, §5.4, §7.4, §9.6.2",
    limits: "Nothing about a partner that asks for everything again before it has had it.",
    occasion: "A server is asked for everything while a lease goes on, or has ended and is not agreed upon to be over, or a RESET is not acknowledged.",
    reads: "Whether a server has heard its partner on the connection.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `holds-back`
pub static HOLDS_BACK: Entry = Entry {
    name: "holds-back",
    statement: "A server in PARTNER-DOWN that has heard its partner say that it is in RECOVER-DONE makes no address free by itself any more and gives none that is available to the partner to a client that does not hold it; and it tells nothing to a partner that is only starting, out of RECOVER-DONE, nor does a server that recovers to one in PARTNER-DOWN or COMMUNICATIONS-INTERRUPTED.",
    section: "failover-12 §9.4.3, §9.5.2, §9.8.1, §9.9.3",
    limits: "Nothing about how long a server may wait before it joins its partner, and nothing about a server that is put into its state while it is in contact.",
    occasion: "A server that is about to join its partner, or is not to tell anything, takes a stimulus.",
    reads: "What a server has heard its partner to be in, and whether it is in STARTUP: what it may do depends on what it has read, which is kept nowhere else.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `woken-once`
pub static WOKEN_ONCE: Entry = Entry {
    name: "woken-once",
    statement: "A server that has looked at its clock does not want to be woken again at once: what it says to be the next thing to wait for lies ahead.",
    section: "failover-12 §5.11, §9.3.2, §9.4.2, §9.6.2",
    limits: "Nothing about whether everything that was due has been done: that is for the claims about leases and states.",
    occasion: "A server is woken, and finishes what it does then.",
    reads: "When the server itself says that it has to be woken: that is what the claim is about.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};
