//! What every model claims that says `claims = "all"`.

use crate::common;
use crate::entry::{Entry, Judge};

/// `no-duplicate-address`
pub static NO_DUPLICATE_ADDRESS: Entry = Entry {
    section: "failover-12 §4.1, §5.2",
    limits: "Nothing about clients that go on using an address after its end (assumption A1), and nothing while a server is in PARTNER-DOWN although its partner serves, unless the model lets that happen.",
    occasion: "A client holds an address, and another holds one or may still ask for one.",
    capture: "A lease counts from the DHCPREQUEST, whatever its client does, or from the DHCPACK a second earlier where the request is missing; a client that asks anew, releases, declines or is refused has none, but one that stops in silence, or never got its DHCPACK, is taken to have what it was given. Ends are compared to the milliseconds that the capture's clock allows.",
    judges: &[Judge::Search, Judge::Simulation, Judge::Audit, Judge::Client, Judge::Recording],
    ..Entry::of(&common::NO_DUPLICATE_ADDRESS)
};

/// `mclt-bound`
pub static MCLT_BOUND: Entry = Entry {
    name: "mclt-bound",
    statement: "A lease given outside PARTNER-DOWN ends at most MCLT after the later of now and what the partner has on stable storage as a potential expiration of that binding.",
    section: "failover-12 §5.2.1, §7.1.5",
    limits: "Nothing about a partner whose stable storage was lost and is not restored yet; nothing in PARTNER-DOWN.",
    occasion: "A lease is given outside PARTNER-DOWN, by a server whose partner has its storage.",
    capture: "What the partner has on stable storage is what it has sent, or was sent and accepted; what it accepted without its answer being seen is not known, nor what was before the capture (then a longer lease is not judged). Two seconds are allowed, since servers say whole ones. A longer lease is not judged where the server's state then is not in the capture, nor where the partner has given the address and accepted, in an order that does not show, that it is available.",
    judges: &[Judge::Search, Judge::Simulation, Judge::Audit],
    ..Entry::EMPTY
};

/// `acked-implies-stored`
pub static ACKED_IMPLIES_STORED: Entry = Entry {
    name: "acked-implies-stored",
    statement: "What a server takes for acknowledged stands on the partner's stable storage, as long as both have the address ACTIVE for the same client.",
    section: "failover-12 §5.2.1, §7.2",
    limits: "Nothing about a partner whose stable storage was lost and is not restored yet.",
    occasion: "A server takes a time that lies ahead for acknowledged, and both have the address ACTIVE for the same client.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `record-covers-lease`
pub static RECORD_COVERS_LEASE: Entry = Entry {
    name: "record-covers-lease",
    statement: "While a client holds a lease, the server that gave it has an end on stable storage that is not earlier, if it still has the address ACTIVE for that client.",
    section: "failover-12 §3.1.3, §7.1.5",
    limits: "Nothing once stable storage was lost, and nothing about bindings that an update of the partner replaced.",
    occasion: "A client holds a lease from a server that still has the address ACTIVE for it, and no storage was lost.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `pool-disjoint`
pub static POOL_DISJOINT: Entry = Entry {
    name: "pool-disjoint",
    statement: "No unreserved address may be given to a new client by both servers at the same time.",
    section: "failover-12 §5.4",
    limits: "Nothing about PARTNER-DOWN, whose waits are another claim's business.",
    occasion: "Both servers give new leases, outside PARTNER-DOWN, and an unreserved address is available to one of them.",
    reads: "Whether a server serves, by the engine's own table of states: that table is what the claim is about.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `own-pool-only`
pub static OWN_POOL_ONLY: Entry = Entry {
    name: "own-pool-only",
    statement: "Outside PARTNER-DOWN a server gives a new lease only on an address that is available to it; a client that asks for more time for what it holds is believed.",
    section: "failover-12 §3.1.2, §5.4, §9.9.2",
    limits: "Nothing about bindings that go on: the same client, or one whose end was never reported; and nothing about an available address that is reserved for this client, which both servers may give to it.",
    occasion: "Outside PARTNER-DOWN a client is given an address that it does not hold, and that was not its own before.",
    capture: "Reservations do not show, so one that both servers may give from is found to be violated; a lease after one of which the partner was never told, and that is over, is not judged, nor one after an end that the server has told and that is not answered; a server that has been handed an address and has not answered yet is not judged. An address of which nothing was told is not judged, nor are leases at which the server's state is not known. Not judged where a server has given the address and accepted, in an order that does not show, that it is available.",
    judges: &[Judge::Search, Judge::Simulation, Judge::Audit],
    ..Entry::EMPTY
};

/// `acked-before-reuse`
pub static ACKED_BEFORE_REUSE: Entry = Entry {
    name: "acked-before-reuse",
    statement: "In NORMAL and COMMUNICATIONS-INTERRUPTED no address goes to a client while the partner's stable storage still has it ACTIVE for another with a time that lies ahead, unless it is that client's own already.",
    section: "failover-12 §5.2.2, §9.8.3",
    limits: "Nothing about a partner whose stable storage was lost, and nothing about conflicts that were there before the step.",
    occasion: "In NORMAL or COMMUNICATIONS-INTERRUPTED a client is given an address that was not its own, and it is not the first lease of the run.",
    capture: "The partner's record is what it last sent, accepted or gave; what it wrote since the connection broke is known where a client got it. Two seconds are allowed, since servers say whole ones. A lease is not judged where the server's state then is not in the capture. Not judged where a server has given the address and accepted, in an order that does not show, that it is available.",
    judges: &[Judge::Search, Judge::Simulation, Judge::Audit],
    ..Entry::EMPTY
};

/// `rewind-unreported`
pub static REWIND_UNREPORTED: Entry = Entry {
    name: "rewind-unreported",
    statement: "An ended lease goes on for the same client only while the partner may not give the address to another.",
    section: "failover-12 §5.2.2, §5.11",
    limits: "Nothing in PARTNER-DOWN, where the partner is not there to be told, and nothing about an address that is reserved for this client: the partner gives it to nobody else.",
    occasion: "A client is given again what it had until its lease ended, by a server whose partner serves, outside PARTNER-DOWN.",
    reads: "Whether the partner serves, by the engine's own table of states.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `partner-down-wait`
pub static PARTNER_DOWN_WAIT: Entry = Entry {
    name: "partner-down-wait",
    statement: "In PARTNER-DOWN no address becomes available, is handed over, or goes to another client before MCLT has passed since entry and since the latest end that anybody was told of before it.",
    section: "failover-12 §5.2.1, §7.1.5, §9.4.2",
    limits: "Nothing about addresses that were available to the server itself at entry, nothing about an address of which the partner itself has said or acknowledged since that it does not lease it, and nothing about leases of the one client for which an address is reserved.",
    occasion: "In PARTNER-DOWN a client is given an address that was not its own before.",
    capture: "What anybody was told of is what the capture shows, from entry as the server says it; an address that becomes FREE or BACKUP is judged when that is told, which may be later. An address of which the capture has nothing is not judged. Reservations do not show. Two seconds are allowed, since servers say whole ones. A lease is not judged where the server's state then is not in the capture.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::EMPTY
};

/// `recover-wait`
pub static RECOVER_WAIT: Entry = Entry {
    name: "recover-wait",
    statement: "A server leaves RECOVER-WAIT only when MCLT has passed since it stopped working.",
    section: "failover-12 §9.6.2",
    limits: "Nothing about a server that never stopped.",
    occasion: "A server leaves RECOVER or RECOVER-WAIT for RECOVER-DONE.",
    capture: "A server stopped working when it was last heard, on an earlier connection or by a client; where that is not in the capture, it is judged by when it was first seen to recover. Not judged where both recover: at a first start nobody waits.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::EMPTY
};

/// `durable-before-visible`
pub static DURABLE_BEFORE_VISIBLE: Entry = Entry {
    name: "durable-before-visible",
    statement: "Whatever a server lets others see is on its stable storage first: a lease before the DHCPACK, an update before the BNDACK, a state before the STATE, a promise before the BNDUPD.",
    section: "failover-12 §3.1.3, §7.1.1, §7.2, §9.2",
    limits: "Nothing about the disk itself: a record counts as stored when it is handed over.",
    occasion: "A server says something to its partner, or gives a client a lease.",
    judges: &[Judge::Search, Judge::Simulation],
    ..Entry::EMPTY
};

/// `silence`
pub static SILENCE: Entry = Entry {
    name: "silence",
    statement: "A server answers no client in STARTUP, RECOVER, RECOVER-WAIT, POTENTIAL-CONFLICT, PAUSED and SHUTDOWN, and in RECOVER-DONE only those that ask for more time on a binding that it knows.",
    section: "failover-12 §9.3.1, §9.5.1, §9.6.1, §9.7.1, §9.10.2, §9.13, §9.14.2",
    limits: "Nothing about what a server does with updates of its partner.",
    occasion: "A server runs that has to be silent, or all but silent, and a client may still ask it.",
    capture: "A request counts as an occasion if it may have reached the server. What is within 0.2 s of a change of state is not judged.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::EMPTY
};

/// `interlock`
pub static INTERLOCK: Entry = Entry {
    name: "interlock",
    statement: "A server enters NORMAL only when its partner is in NORMAL, COMMUNICATIONS-INTERRUPTED or RECOVER-DONE as it last said, out of PARTNER-DOWN in RECOVER-DONE alone, or when a secondary has been given all updates after a conflict.",
    section: "failover-12 §9.4.3, §9.7.2, §9.9.3, §9.10.3, §9.12.3",
    limits: "Nothing about where the partner is by the time.",
    occasion: "A server enters NORMAL.",
    reads: "Where the step reads no STATE, what the server remembers of the last one: a message that has been read is kept nowhere else.",
    capture: "An entry is seen where STATE says NORMAL after something else; one that is told only on a later connection is not judged, nor one on a connection on which the partner has said no state. Of STATEs that cross within 2 s the one that fits is taken to be the one that was read.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::EMPTY
};

/// `one-partner-down`
pub static ONE_PARTNER_DOWN: Entry = Entry {
    name: "one-partner-down",
    statement: "The servers are never both in PARTNER-DOWN and serving.",
    section: "failover-12 §9.4",
    limits: "Nothing in models whose operators lie.",
    occasion: "A server serves in PARTNER-DOWN.",
    capture: "A state lasts from when it was said, or by its own time, to what was last heard on that connection; what a server without a connection goes to shows when it says so. Not judged where the partner's state at that time is not in the capture.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::EMPTY
};

/// `window`
pub static WINDOW: Entry = Entry {
    name: "window",
    statement: "No more BNDUPDs are outstanding than the partner accepts.",
    section: "failover-12 §7.3.2, §8.4",
    limits: "Nothing about how fast they are answered, and nothing about those that a broken connection has swallowed.",
    occasion: "As many BNDUPDs and answers to them are under way as the partner accepts.",
    capture: "Counted from the BNDUPDs and BNDACKs as they pass, so what a connection swallows counts until it is closed.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::EMPTY
};

/// `one-responsible`
pub static ONE_RESPONSIBLE: Entry = Entry {
    name: "one-responsible",
    statement: "In NORMAL a client that is not extending a lease is answered by the server whose hash bucket it is, and by no other, unless servers cover for each other and by the records of the one that answers its partner has no address for the client (Q122).",
    section: "failover-12 §5.3, §9.8.2",
    limits: "Nothing about clients that have been waiting beyond the delayed-service parameter, of which a model has none; that somebody answers is for served.",
    occasion: "A server in NORMAL answers a client that asks anew.",
    capture: "Judged at DHCPOFFERs while both servers say NORMAL, and only where the responsible server is known to have an address on the client's link: configuration does not show. DHCPREQUESTs in SELECTING and INIT-REBOOT are not judged.",
    judges: &[Judge::Search, Judge::Audit],
    ..Entry::EMPTY
};

/// `update-done-complete`
pub static UPDATE_DONE_COMPLETE: Entry = Entry {
    name: "update-done-complete",
    statement: "UPDDONE is sent only when every BNDUPD of that request has been answered: when it answers the request at once, no BNDUPD that still stands is on its way or sent in the same step, and otherwise none is sent before it in the same step. A server in POTENTIAL-CONFLICT gives no lease, so it has told every one before.",
    section: "failover-12 §7.3, §7.5",
    limits: "Nothing about changes that came after the request.",
    occasion: "UPDDONE is sent.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `ack-matches`
pub static ACK_MATCHES: Entry = Entry {
    name: "ack-matches",
    statement: "A BNDACK changes a binding only if a BNDUPD about that address is outstanding under its transaction.",
    section: "failover-12 §7.2.1, §7.2.2, §8.6",
    limits: "Nothing about what the BNDUPD said.",
    occasion: "A BNDACK is read.",
    reads: "Which BNDUPDs the server itself takes for outstanding: a message that has been read is kept nowhere else.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `received-grows`
pub static RECEIVED_GROWS: Entry = Entry {
    name: "received-grows",
    statement: "While a lease lasts, the received potential-expiration-time of its binding does not go back.",
    section: "failover-12 §7.1.5",
    limits: "Nothing once it has passed.",
    occasion: "A server writes while it has an address ACTIVE with a received time that lies ahead.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `abandoned-stays`
pub static ABANDONED_STAYS: Entry = Entry {
    name: "abandoned-stays",
    statement: "An ABANDONED address is given to nobody, and stays so until it is reset.",
    section: "failover-12 §5.11, figure 7.1.3-1",
    limits: "Nothing about a server whose stable storage was lost.",
    occasion: "A server writes that has an address ABANDONED.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `same-client`
pub static SAME_CLIENT: Entry = Entry {
    name: "same-client",
    statement: "What a client says never makes an ACTIVE binding another client's.",
    section: "failover-12 §3.1.2, §9.9.2",
    limits: "Nothing about updates of the partner.",
    occasion: "A client makes a server write that has an address ACTIVE for another.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `no-storm`
pub static NO_STORM: Entry = Entry {
    name: "no-storm",
    statement: "A rejected update is not sent again in answer to its rejection, unless with that answer the server enters NORMAL, which is the next occasion (Q53).",
    section: "failover-12 §7.2.1, §7.2.2",
    limits: "Nothing about later occasions, and nothing about a binding that has changed since.",
    occasion: "A rejection is read.",
    reads: "What the refused BNDUPD had said, from the server's own list of those outstanding: a message that has been read is kept nowhere else.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `outdated-never-wins`
pub static OUTDATED_NEVER_WINS: Entry = Entry {
    name: "outdated-never-wins",
    statement: "Neither a release that is earlier than what a server knows of the client, or of the same time while the client holds the address by a lease that the sender has not given since, nor an ACTIVE of another client that was heard earlier, replaces an ACTIVE binding.",
    section: "failover-12 §7.1.3",
    limits: "Nothing about other updates, and nothing about a tie between two clients. Figure 7.1.3-1 to the letter lets the secondary accept any ACTIVE (Q50).",
    occasion: "A release, or an ACTIVE of another client, is read by a server that has the address ACTIVE.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `normal-agreement`
pub static NORMAL_AGREEMENT: Entry = Entry {
    name: "normal-agreement",
    statement: "When both servers are in NORMAL and have nothing left to tell each other, their records of every unreserved address say the same.",
    section: "failover-12 §5.5, §9.8",
    limits: "Nothing about times, about updates that were refused, and about a lease that is over and whose server has not looked at its clock yet: two updates that crossed may leave one server with such a lease, and it tells the partner as soon as it looks.",
    occasion: "They are and have, and an address is not as it was at the start.",
    reads: "Whether a server waits for answers, by its own list of outstanding BNDUPDs: the claim is about the time when it believes to have told everything.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `balanced-at-rest`
pub static BALANCED_AT_REST: Entry = Entry {
    name: "balanced-at-rest",
    statement: "When a change of a binding has been settled between two servers in NORMAL, and the primary restores the balance unasked, each group of two or more available addresses is shared: a server that is due a part has an address, and the secondary's part is off by no more than the slack.",
    section: "failover-12 §5.4",
    limits: "Nothing about groups with a single available address, about reserved addresses, and about what stands before the first change.",
    occasion: "A change has been settled, and the primary restores the balance of what is left.",
    reads: "Whether a server waits for answers, by its own list of outstanding BNDUPDs: balance is demanded when it believes to have told everything.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `update-judged`
pub static UPDATE_JUDGED: Entry = Entry {
    name: "update-judged",
    statement: "Every update of a partner in contact is answered, is accepted where figure 7.1.3-1 as repaired accepts it, is refused where it refuses it, and a refused one changes no status, nor does its receiver answer with its own view in the same step.",
    section: "failover-12 §7.1.2, §7.1.3, §7.2",
    limits: "Nothing about updates that cross with a word of the receiver that the partner has not heard: there it depends on what the receiver knows to be unheard (Q74, Q75, Q81, Q83, Q87), but for FREE and BACKUP that meet such a word on its way in NORMAL or COMMUNICATIONS-INTERRUPTED, which are refused; and nothing about a release within the instant of the last renewal of a lease that the partner has not acknowledged (Q110).",
    occasion: "An update arrives.",
    reads: "Whether the server has heard its partner, and whether it is answering a request for updates.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `update-contents`
pub static UPDATE_CONTENTS: Entry = Entry {
    name: "update-contents",
    statement: "A BNDUPD says what its sender has on stable storage, and nothing that its status must not: ends of a lease for ACTIVE only, the potential one ahead, not before the lease's or any that was received, and recorded; the reserved flag for reserved addresses, and a reserved address as BACKUP from the primary only; FREE for a BACKUP address that is asked back, ACTIVE for an end that rests.",
    section: "failover-12 §5.4, §5.13, §7.1, §7.1.1, §7.1.5",
    limits: "Nothing about options of clients, which the model does not have, and nothing about an end that is missing: one that has passed looks the same.",
    occasion: "An update is sent.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `partner-down-entry`
pub static PARTNER_DOWN_ENTRY: Entry = Entry {
    name: "partner-down-entry",
    statement: "A server enters PARTNER-DOWN by the command of an operator in NORMAL, COMMUNICATIONS-INTERRUPTED or RESOLUTION-INTERRUPTED, when its safe period in COMMUNICATIONS-INTERRUPTED is over, or when its partner says SHUTDOWN; by nothing else.",
    section: "failover-12 §9.4, §9.8.4, §9.9.3, §9.11.3, §10",
    limits: "Nothing about whether the operator was right, and nothing about one who sets states by hand.",
    occasion: "A server enters PARTNER-DOWN.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `states-fit`
pub static STATES_FIT: Entry = Entry {
    name: "states-fit",
    statement: "When both servers run, are in contact and have nothing under way to each other, both are in NORMAL, or one of them waits in RECOVER-WAIT for its time.",
    section: "failover-12 §9.2, §9.4.3, §9.6.2, §9.10.3",
    limits: "Nothing while a message is under way, or about servers in STARTUP, PAUSED and SHUTDOWN. So a PARTNER-DOWN that is not true lasts no longer than until the partner is heard.",
    occasion: "Both servers run, are in contact and have nothing under way.",
    reads: "What each server has heard its partner to be in: the claim is about the pairs of states in which both have read all.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `end-known-at-rest`
pub static END_KNOWN_AT_REST: Entry = Entry {
    name: "end-known-at-rest",
    statement: "When both servers are in NORMAL and have nothing under way to each other, the partner of the server that gave a lease has an end on record that is not earlier, if it has the address ACTIVE for that client; and it counts on no less than the partner was promised.",
    section: "failover-12 §7.1.1, §7.1.5, §9.8",
    limits: "Nothing about a partner that has another status on record: that is for normal-agreement; nor about a lease of which the partner has refused to hear, which is told again at the next occasion (Q53).",
    occasion: "A client holds a lease while both servers are at rest, of which the partner has not refused to hear, and the partner has the address ACTIVE for it.",
    reads: "Whether each server has heard its partner on the connection: a STATE that has been read is kept nowhere else.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `pool-messages`
pub static POOL_MESSAGES: Entry = Entry {
    name: "pool-messages",
    statement: "POOLREQ is sent by the secondary alone, in NORMAL and behind all updates unless an operator wants it, and again when something came of it; the primary answers each with the number of addresses that it made BACKUP for it, and something comes of it where the secondary has nothing and the primary two; addresses that are not reserved become BACKUP at the primary, in NORMAL only, never more of them than the secondary's share, and none is asked back of that share; an operator who wants the balance restored has what exceeds it asked back, as far as both have it BACKUP and nothing about it is under way.",
    section: "failover-12 §5.4, §7.6, §7.7",
    limits: "Nothing about how soon the balance is restored, and nothing about reserved addresses.",
    occasion: "POOLREQ is sent or answered.",
    reads: "What a server has heard its partner to be in: when it may ask depends on what it has read, which is kept nowhere else.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};

/// `state-told`
pub static STATE_TOLD: Entry = Entry {
    name: "state-told",
    statement: "A server that enters a state while it is connected tells its partner in the same step, and so does one that leaves service.",
    section: "failover-12 §9.2, §9.13.1, §9.14.1",
    limits: "Nothing about whether the partner hears it, and nothing about a server in SHUTDOWN, which only records that its partner has taken over.",
    occasion: "A connected server enters another state, or leaves service.",
    reads: "Whether a server takes itself to be connected, and whether it is in STARTUP: to a connection that it has given up it says nothing.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};
