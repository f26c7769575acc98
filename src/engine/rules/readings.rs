//! The questions about the text, each declared once: what is asked and where, in which ways it can be read, and which of them
//! the dialects take. `spec/questions.md` argues them under their numbers.

use super::UnknownReading;
use super::question::{Question, Reading};

questions! {
    /// What a lease may lead by MCLT.
    lead_base "lead-base": LeadBase of "failover-12 §5.2.1, §7.1.5, §9.8.3, §9.9.2" [Q2, Q5] {
        draft_12: AckedOrReceived, isc_dhcpd: AckedOrReceived,
        /// The later of acked and received potential-expiration (§7.1.5).
        AckedOrReceived = "acked-or-received" (text),
        /// Acked only (§5.2.1).
        Acked = "acked" (text),
        /// Received only (§9.8.3).
        Received = "received" (text),
        /// Also this server's own lease-expiration-time (§9.9.2 and §9.11.2 to the letter; M-07).
        WithLeaseExpiration = "with-lease-expiration" (text),
        /// The latest sent, acked or not (M-04).
        Sent = "sent",
        /// No bound at all (F-01).
        Unbounded = "unbounded",
    }

    /// Whether potential-expiration times outlive the lease they were made for.
    lead_after_free "lead-after-free": LeadAfterFree of "failover-12 §7.1.5" [Q20] {
        draft_12: Cleared, isc_dhcpd: Kept,
        /// Cleared when the address becomes FREE.
        Cleared = "cleared",
        /// Kept for the next client, as §7.1.5 to the letter and ISC dhcpd (M-23, B-04).
        Kept = "kept" (text),
    }

    /// Lease times in PARTNER-DOWN: §9.4.2 leaves the choice.
    partner_down_lease "partner-down-lease": PartnerDownLease of "failover-12 §9.4.2" [Q58] {
        draft_12: Clamped, isc_dhcpd: Clamped,
        /// The MCLT rule holds there too.
        Clamped = "clamped" (text),
        /// No restriction.
        Unrestricted = "unrestricted" (text),
    }

    /// How long an address rests in PARTNER-DOWN before another client gets it.
    partner_down_wait "partner-down-wait": PartnerDownWait of "failover-12 §9.4.2" [Q3, Q47, Q76] {
        draft_12: Full, isc_dhcpd: ExpirationOnly,
        /// MCLT after the latest of entry, lease-expiration and the three potential-expiration times.
        Full = "full" (text),
        /// The same without MCLT (M-01).
        NoMclt = "no-mclt",
        /// MCLT after entry, and the recorded lease-expiration (M-02, B-01).
        ExpirationOnly = "expiration-only",
        /// Leaves out what was sent (M-03).
        WithoutSent = "without-sent",
        /// Leaves out what was received (F-03).
        WithoutReceived = "without-received",
        /// Leaves out the entry time (F-02).
        WithoutEntry = "without-entry",
        /// What was received is read on a clock that is ahead of the partner's, and not corrected (§5.10; M-17,
        /// F-14): it is followed by the span `other-mclt`, the MCLT less what the clocks differ by.
        ClockAhead = "clock-ahead",
        /// The last sentence of §9.4.2 evaluated when the address is wanted (F-06).
        LazySentence = "lazy-sentence" (text),
    }

    /// A lease given in PARTNER-DOWN and then reported to a partner that is coming back.
    reported_in_partner_down "reported-in-partner-down": ReportedInPartnerDown of "failover-12 §9.4.2" [Q45] {
        draft_12: WaitAgain, isc_dhcpd: Exempt,
        /// Rests like one from before.
        WaitAgain = "wait-again",
        /// May be given away at its end: §9.4.2 speaks of the clients at entry only.
        Exempt = "exempt" (text),
    }

    /// Which table decides on a received BNDUPD.
    acceptance "acceptance": Acceptance of "failover-12 §7.1.3" [] {
        draft_12: Figure, isc_dhcpd: Isc,
        /// Figure 7.1.3-1.
        Figure = "figure" (text),
        /// What ISC dhcpd does.
        Isc = "isc",
    }

    /// FREE or BACKUP received for an address that is ACTIVE here.
    free_over_active "free-over-active": FreeOverActive of "failover-12 figure 7.1.3-1" [Q32] {
        draft_12: LeaseOver, isc_dhcpd: PotentialOver,
        /// Accepted once the lease recorded here is over (figure 7.1.3-1, time 2).
        LeaseOver = "lease-over" (text),
        /// Accepted once the potential-expiration in the update is over; a missing one counts as over (B-03, M-24).
        PotentialOver = "potential-over",
    }

    /// ACTIVE received for an address that is ACTIVE here for another client.
    foreign_active "foreign-active": ForeignActive of "failover-12 figure 7.1.3-1" [Q50] {
        draft_12: LaterWins, isc_dhcpd: BothYield,
        /// The client that was heard later wins on both servers; if that is a tie, the primary's.
        LaterWins = "later-wins",
        /// The secondary accepts, the primary refuses (figure 7.1.3-1, note 5 to the letter).
        SecondaryYields = "secondary-yields" (text),
        /// Both accept (M-13, B-02).
        BothYield = "both-yield",
    }

    /// How client-last-transaction times are compared.
    transaction_time "transaction-time": TransactionTime of "failover-12 §7.1.3" [Q33] {
        draft_12: Later, isc_dhcpd: Later,
        /// A later one wins, a tie does not.
        Later = "later" (text),
        /// The wrong way round (M-14).
        Inverted = "inverted",
        /// Not at all (M-14).
        Omitted = "omitted",
    }

    /// When the BNDACK leaves.
    commit "commit": Commit of "failover-12 §7.2" [] {
        draft_12: BeforeAck, isc_dhcpd: BeforeAck,
        /// After the update is on stable storage (§7.2).
        BeforeAck = "before-ack" (text),
        /// Before (M-05).
        AfterAck = "after-ack",
    }

    /// When an ended binding becomes FREE at the server that reports it.
    free_on "free-on": FreeOn of "failover-12 §5.11" [] {
        draft_12: Acked, isc_dhcpd: Acked,
        /// When the partner has acknowledged (§5.11).
        Acked = "acked" (text),
        /// When the update is sent (M-06).
        Sent = "sent",
    }

    /// When the primary stops using an address that it gives to the secondary.
    hand_over "hand-over": HandOver of "failover-12 §5.4" [] {
        draft_12: AtSend, isc_dhcpd: AtSend,
        /// Before the update leaves (§5.4).
        AtSend = "at-send" (text),
        /// When it is acknowledged (M-08).
        AtAck = "at-ack",
    }

    /// When the primary may use an address that it takes back.
    reclaim "reclaim": Reclaim of "failover-12 §5.4" [] {
        draft_12: AtAck, isc_dhcpd: AtAck,
        /// When the secondary has acknowledged (§5.4).
        AtAck = "at-ack" (text),
        /// At once (M-09).
        AtSend = "at-send",
    }

    /// When UPDDONE is sent.
    update_done "update-done": UpdateDone of "failover-12 §7.5" [] {
        draft_12: AllAnswered, isc_dhcpd: LastAnswered,
        /// When all that was owed at the request has been answered (§7.5).
        AllAnswered = "all-answered" (text),
        /// When the last one queued has been answered, whatever of the others (ISC dhcpd) (B-11).
        LastAnswered = "last-answered",
        /// When all have been sent (M-10).
        AllSent = "all-sent",
    }

    /// From when RECOVER-WAIT counts.
    recover_wait "recover-wait": RecoverWait of "failover-12 §9.6.2" [Q27, Q112] {
        draft_12: FromStart, isc_dhcpd: FromState,
        /// From the start of this server, unless the time of failure is known.
        FromStart = "from-start" (text),
        /// As from the start, but over at once where there is no record: §9.3.2 step 1 to the letter (F-09).
        LongAgoIfBlank = "long-ago-if-blank" (text),
        /// As from the start, but over at once if the partner recovers, too (ISC dhcpd with two empty databases;
        /// Q112).
        UnlessBoth = "unless-both",
        /// Skipped (M-11).
        Skip = "skip",
        /// From the time the state before was entered (ISC dhcpd, B-05).
        FromState = "from-state",
    }

    /// What a server in RECOVER asks for.
    recover_request "recover-request": RecoverRequest of "failover-12 §9.5.2" [Q17] {
        draft_12: AllIfLost, isc_dhcpd: AlwaysAll,
        /// Everything if its storage was lost (§9.5.2).
        AllIfLost = "all-if-lost" (text),
        /// Always everything (ISC dhcpd).
        AlwaysAll = "always-all",
        /// Never everything (M-12).
        NeverAll = "never-all",
    }

    /// A STATE with the STARTUP flag, received in PARTNER-DOWN, or in STARTUP by a server that will resume
    /// PARTNER-DOWN.
    startup_flag "startup-flag": StartupFlag of "failover-12 §9.3.1, §9.4.3" [Q24, Q92] {
        draft_12: Ignored, isc_dhcpd: IgnoredWhenRunning,
        /// Ignored (§9.4.3): until the partner has heard of PARTNER-DOWN it does not know of what it has to tell.
        Ignored = "ignored",
        /// Ignored in PARTNER-DOWN, acted upon in STARTUP.
        IgnoredWhenRunning = "ignored-when-running" (text),
        /// Treated like any other (M-15).
        Acted = "acted",
    }

    /// STARTUP is over without a word from the partner.
    startup_over "startup-over": StartupOver of "failover-12 §9.3.2" [Q26, Q31] {
        draft_12: Wait, isc_dhcpd: Previous,
        /// Go on waiting.
        Wait = "wait" (text),
        /// Go to the previous state.
        Previous = "previous" (text),
        /// Go to PARTNER-DOWN, as a new installation may.
        PartnerDown = "partner-down" (text),
    }

    /// What counts as operation, whose last time decides between RECOVER and POTENTIAL-CONFLICT when a server comes
    /// back and its partner is in PARTNER-DOWN.
    last_operation "last-operation": LastOperation of "failover-12 §9.3.2" [Q43, Q85] {
        draft_12: Service, isc_dhcpd: Running,
        /// Answering clients: only what was leased after the partner's entry can be in conflict with what it leased.
        Service = "service",
        /// Running, in STARTUP or silent, too.
        Running = "running" (text),
    }

    /// A server in RECOVER, and a partner that resolves conflicts.
    conflict_in_recover "conflict-in-recover": ConflictInRecover of "failover-12 §9.5.2" [Q84, Q86] {
        draft_12: RecoversFirst, isc_dhcpd: AtOnce,
        /// It recovers and waits first, and is in RECOVER-DONE when it enters POTENTIAL-CONFLICT.
        RecoversFirst = "recovers-first",
        /// It enters POTENTIAL-CONFLICT at once (§9.5.2), and serves after it without RECOVER-WAIT; and when it is
        /// interrupted, whether it has heard of what its partner leased or not.
        AtOnce = "at-once" (text),
    }

    /// Back from being down, with a partner in RECOVER or RECOVER-WAIT.
    recovering_partner "recovering-partner": RecoveringPartner of "failover-12 §9.3.2" [Q72] {
        draft_12: RecoversToo, isc_dhcpd: Resumes,
        /// The state before goes on (§9.3.2 step 5).
        Resumes = "resumes" (text),
        /// RECOVER here, too: the partner may have lost what it gave away in PARTNER-DOWN.
        RecoversToo = "recovers-too",
    }

    /// Leasing an ended binding to the same client again.
    rewind "rewind": Rewind of "failover-12 §5.2.2" [] {
        draft_12: BeforeSent, isc_dhcpd: BeforeSent,
        /// As long as its end was never reported (§5.2.2).
        BeforeSent = "before-sent" (text),
        /// Also after (M-16).
        Always = "always",
        /// Never.
        Never = "never",
    }

    /// Whether it survives a restart that a BNDUPD was sent.
    sent_mark "sent-mark": SentMark of "failover-12 §5.2.2, §7.1.5" [Q8] {
        draft_12: Durable, isc_dhcpd: Durable,
        /// On stable storage before the send.
        Durable = "durable",
        /// In memory only.
        Volatile = "volatile" (text),
    }

    /// Which BNDUPD a BNDACK answers.
    ack_match "ack-match": AckMatch of "failover-12 §7.2" [Q48, Q49] {
        draft_12: Transaction, isc_dhcpd: Transaction,
        /// The outstanding one of that transaction and address.
        Transaction = "transaction" (text),
        /// Any of that address (F-07).
        AddressOnly = "address-only",
    }

    /// BNDACKs not delivered when the connection broke.
    old_acks "old-acks": OldAcks of "failover-12 §8.6" [] {
        draft_12: Dropped, isc_dhcpd: Dropped,
        /// Gone (§8.6).
        Dropped = "dropped" (text),
        /// Delivered on the next connection (M-18).
        Resent = "resent",
    }

    /// A received potential-expiration earlier than one received before.
    received_potential "received-potential": ReceivedPotential of "failover-12 §7.1.5" [Q28] {
        draft_12: Largest, isc_dhcpd: Largest,
        /// The latest is kept (§7.1.5).
        Largest = "largest" (text),
        /// Overwritten (F-08).
        Overwritten = "overwritten",
    }

    /// The partner's max-unacked-bndupd.
    window "window": Window of "failover-12 §7.3.2" [] {
        draft_12: Honoured, isc_dhcpd: Honoured,
        /// Honoured (§7.3.2).
        Honoured = "honoured" (text),
        /// Ignored (M-26).
        Ignored = "ignored",
    }

    /// After a rejecting BNDACK.
    after_reject "after-reject": AfterReject of "failover-12 §7.2.2" [Q53] {
        draft_12: Wait, isc_dhcpd: Wait,
        /// Not resent before the next request or connection (§7.2.2).
        Wait = "wait" (text),
        /// Resent at once (M-27).
        ResendAtOnce = "resend-at-once",
    }

    /// Whose MCLT the secondary uses.
    maximum_lead "maximum-lead": MaximumLead of "failover-12 §5.2.1" [] {
        draft_12: FromPrimary, isc_dhcpd: FromPrimary,
        /// The primary's, from CONNECT (§5.2.1).
        FromPrimary = "from-primary" (text),
        /// Its own configuration's (M-28).
        Own = "own",
    }

    /// Which clients are the secondary's.
    bucket_use "bucket-use": BucketUse of "failover-12 §5.3, §12.11" [] {
        draft_12: Draft, isc_dhcpd: Draft,
        /// Those whose bit is set; the primary serves the others (§12.11).
        Draft = "draft" (text),
        /// The secondary reads the bits the other way round: both answer, or none (M-20).
        SecondaryInverts = "secondary-inverts",
    }

    /// How the partner's state is seen.
    partner_state "partner-state": PartnerState of "failover-12 §9.2, §9.10.3" [Q40] {
        draft_12: Level, isc_dhcpd: Edge,
        /// As it is: looked at again after each own transition.
        Level = "level",
        /// As it changes: only when a STATE arrives (M-21, B-17).
        Edge = "edge" (text),
    }

    /// Which transition table is in force.
    transitions "transitions": Transitions of "failover-12 §9" [Q12] {
        draft_12: Draft, isc_dhcpd: Isc,
        /// That of failover-12 §9, text before figure.
        Draft = "draft" (text),
        /// ISC dhcpd 4.4.
        Isc = "isc",
    }

    /// In which states clients are answered.
    silence "silence": Silence of "failover-12 figure 9.2-1" [Q29] {
        draft_12: Draft, isc_dhcpd: Isc,
        /// Those of failover-12 §9.
        Draft = "draft" (text),
        /// ISC dhcpd: also silent in RECOVER-DONE, RESOLUTION-INTERRUPTED and CONFLICT-DONE.
        Isc = "isc",
        /// Answers in every state (a mutant: what the claim `silence` is for).
        Never = "never",
    }

    /// Silence because of what the partner said last.
    mute "mute": Mute of "failover-12 figure 9.2-1" [] {
        draft_12: Never, isc_dhcpd: Sticky,
        /// Never.
        Never = "never" (text),
        /// While and after the partner reports PARTNER-DOWN or a conflict state, even when the link is gone (M-22,
        /// B-06).
        Sticky = "sticky",
    }

    /// What becomes of an ABANDONED address.
    abandoned_ends "abandoned-ends": AbandonedEnds of "failover-12 §5.11" [] {
        draft_12: ByOperator, isc_dhcpd: ByTime,
        /// Stays until an operator resets it.
        ByOperator = "by-operator" (text),
        /// FREE when its time is over; at once if it has none (ISC dhcpd, B-19).
        ByTime = "by-time",
    }

    /// Which server lets leases expire.
    expiry "expiry": Expiry of "failover-12 §5.11" [] {
        draft_12: Both, isc_dhcpd: PrimaryInNormal,
        /// Each.
        Both = "both" (text),
        /// In NORMAL only the primary (ISC dhcpd).
        PrimaryInNormal = "primary-in-normal",
    }

    /// Whether the secondary gives addresses back on request.
    secondary_returns "secondary-returns": SecondaryReturns of "failover-12 §5.4" [] {
        draft_12: Never, isc_dhcpd: Unasked,
        /// No: only the primary moves addresses (§5.4).
        Never = "never" (text),
        /// Yes: it answers POOLREQ with BNDUPD(FREE).
        OnRequest = "on-request",
        /// Also unasked, when it enters NORMAL (ISC dhcpd, Q127).
        Unasked = "unasked",
    }

    /// Of what the balance is restored.
    pool_balance "pool-balance": PoolBalance of "failover-12 §5.4" [Q120] {
        draft_12: PerGroup, isc_dhcpd: PerGroup,
        /// Of each group of addresses by itself.
        PerGroup = "per-group" (text),
        /// Of all addresses as if they were one pool: a link may end up with addresses of one server only.
        Overall = "overall",
    }

    /// When the primary tells the secondary that a reserved address is its to give as well.
    reserved_offered "reserved-offered": ReservedOffered of "failover-12 §5.13" [Q123] {
        draft_12: OnRequest, isc_dhcpd: WhenFreed,
        /// When it becomes FREE, and at each POOLREQ: of one that was never used nobody has spoken yet.
        OnRequest = "on-request",
        /// Only when it becomes FREE, as the text has it.
        WhenFreed = "when-freed" (text),
    }

    /// The least potential-expiration-time that is sent.
    potential_sent "potential-sent": PotentialSent of "failover-12 §5.2.1, §9.8.3" [Q61, Q69] {
        draft_12: AtLeastReceived, isc_dhcpd: AtLeastLease,
        /// Not before anything received for the binding.
        AtLeastReceived = "at-least-received",
        /// Not before the lease-expiration-time (§9.8.3).
        AtLeastLease = "at-least-lease" (text),
        /// The lease-expiration-time, which is the least that §9.8.3 allows.
        LeaseEnd = "lease-end" (text),
    }

    /// UPDDONE for a request that was made before POTENTIAL-CONFLICT was entered.
    late_update_done "late-update-done": LateUpdateDone of "failover-12 §9.10.3" [Q39] {
        draft_12: Ignored, isc_dhcpd: Ignored,
        /// No answer to the conflict.
        Ignored = "ignored",
        /// Ends POTENTIAL-CONFLICT (§9.10.3: whenever one is received).
        Counts = "counts" (text),
    }

    /// UPDDONE at a secondary in POTENTIAL-CONFLICT whose partner is not in CONFLICT-DONE.
    conflict_end "conflict-end": ConflictEnd of "failover-12 §9.10.3" [Q89] {
        draft_12: BothTold, isc_dhcpd: BothTold,
        /// It answers what the secondary asked for, and the conflict goes on until the primary has its part of it.
        BothTold = "both-told",
        /// It leads to NORMAL (§9.10.3: whenever one is received).
        OneTold = "one-told" (text),
    }

    /// Which end of a lease is recorded when a renewal or an update names an earlier one.
    recorded_end "recorded-end": RecordedEnd of "failover-12 §7.1.1" [Q57] {
        draft_12: Latest, isc_dhcpd: JustGiven,
        /// The latest one that the client may have heard: §7.1.5, and an answer may be lost.
        Latest = "latest",
        /// The one just given, or just received.
        JustGiven = "just-given" (text),
    }

    /// RESET received for an address that is ACTIVE here.
    reset_over_active "reset-over-active": ResetOverActive of "failover-12 figure 7.1.3-1" [Q51] {
        draft_12: LeaseOver, isc_dhcpd: Always,
        /// Accepted once the lease recorded here is over.
        LeaseOver = "lease-over",
        /// Accepted (figure 7.1.3-1): it may be older than the lease.
        Always = "always" (text),
    }

    /// RESET received for an address about which an update of ours is unanswered.
    reset_over_unanswered "reset-over-unanswered": ResetOverUnanswered of "failover-12 figure 7.1.3-1" [Q81, Q83] {
        draft_12: ByTime, isc_dhcpd: Accepted,
        /// Refused if the client was heard here, or the address was abandoned or reset here, after the RESET: the
        /// partner will accept that.
        ByTime = "by-time",
        /// Refused only if the client was heard here after the RESET.
        LeasesOnly = "leases-only",
        /// Accepted, as figure 7.1.3-1 has it: then each server accepts what the other gives up.
        Accepted = "accepted" (text),
    }

    /// ABANDONED received for a lease that the partner has not accepted.
    abandoned_over_unanswered "abandoned-over-unanswered": AbandonedOverUnanswered of "failover-12 figure 7.1.3-1" [Q82] {
        draft_12: EndKept, isc_dhcpd: Forgotten,
        /// The end of the lease is kept, and RESET is refused until then: the client may have the lease from here.
        EndKept = "end-kept",
        /// The lease is forgotten, as figure 7.1.3-1 has it.
        Forgotten = "forgotten" (text),
    }

    /// FREE or BACKUP received in NORMAL or COMMUNICATIONS-INTERRUPTED for an address about which an update of ours
    /// is unanswered.
    free_over_unanswered "free-over-unanswered": FreeOverUnanswered of "failover-12 figure 7.1.3-1" [Q73, Q74, Q87] {
        draft_12: Refused, isc_dhcpd: Accepted,
        /// Refused: the partner, which takes the address back, has not heard of the lease, and will. Over RESET also
        /// in every other state (Q87).
        Refused = "refused",
        /// Refused over a lease, accepted over RESET: the RESET is forgotten, and ABANDONED, on its way before it, is
        /// not.
        LeasesOnly = "leases-only",
        /// Accepted once the lease is over, as figure 7.1.3-1 has it: then each server accepts what the other gives
        /// up (Q73 is the same with the BACKUP of a hand-over).
        Accepted = "accepted" (text),
    }

    /// EXPIRED, RELEASED or ABANDONED received for an address whose RESET here is unanswered.
    older_over_reset "older-over-reset": OlderOverReset of "failover-12 figure 7.1.3-1" [Q75] {
        draft_12: Refused, isc_dhcpd: Accepted,
        /// Refused: it was said, or is repeated, from before the RESET, which the partner will accept.
        Refused = "refused",
        /// Accepted, as figure 7.1.3-1 has it: then each server accepts what the other gives up.
        Accepted = "accepted" (text),
    }

    /// How far a server in RECOVER-DONE may extend a lease.
    recover_done_lead "recover-done-lead": RecoverDoneLead of "failover-12 §9.7.1" [Q36] {
        draft_12: PromisedOnly, isc_dhcpd: Now,
        /// MCLT beyond what was promised between the servers, and not at all once that has passed: the partner, still
        /// in PARTNER-DOWN, waits for no more than that.
        PromisedOnly = "promised-only",
        /// Also MCLT beyond now, as in every other state.
        Now = "now" (text),
    }

    /// Entering NORMAL when the partner reports RECOVER-DONE.
    normal_after_recovery "normal-after-recovery": NormalAfterRecovery of "failover-12 §9.4.3, §9.9.3" [Q30] {
        draft_12: UpdatesFirst, isc_dhcpd: AtOnce,
        /// When every update has been sent on this connection, so that the partner reads them before the STATE. Until
        /// then the server frees nothing and leases nothing that the partner may soon lease.
        UpdatesFirst = "updates-first",
        /// The same, but until then it goes on as before: what changes meanwhile, the partner need not have heard.
        Unrestrained = "unrestrained",
        /// At once (§9.4.3, §9.9.3): the partner may lease what it has not heard to be taken.
        AtOnce = "at-once" (text),
    }

    /// EXPIRED received for a lease that is over here, too, from a partner that has not heard of its latest renewal.
    crossing "crossing": Crossing of "failover-12 figure 7.1.3-1" [Q70] {
        draft_12: ByTransaction, isc_dhcpd: Literal,
        /// Refused: the partner will accept our ACTIVE, which is on its way.
        ByTransaction = "by-transaction",
        /// Accepted, as figure 7.1.3-1 has it: then each server accepts what the other gives up.
        Literal = "literal" (text),
    }

    /// A RENEW or REBIND for an address that is available here.
    renew_unknown "renew-unknown": RenewUnknown of "failover-12 §3.1.2" [Q55] {
        draft_12: Believed, isc_dhcpd: Believed,
        /// The client is believed.
        Believed = "believed" (text),
        /// It is believed, but not in NORMAL about an address that is the partner's to give: the partner can be asked
        /// itself, and the packet may be older than the lease (Q80).
        OwnPool = "own-pool",
        /// It gets no answer.
        Ignored = "ignored",
        /// It is believed even where the address is another client's (a mutant: what the claim `same-client` is for).
        Anybody = "anybody",
    }

    /// What is told to a partner that has lost its storage.
    partner_loss "partner-loss": PartnerLoss of "failover-12 §9.6.2" [Q78, Q79, Q88] {
        draft_12: RestsFirst, isc_dhcpd: AsRecorded,
        /// Each lease, also one that is over here, lasts as long as the partner may have extended it: MCLT after the
        /// latest potential-expiration-time between the two servers. And an address whose RESET the partner has not
        /// acknowledged is ABANDONED again: it may have been leased there since (Q88).
        RestsFirst = "rests-first",
        /// The same, but an operator's RESET is believed.
        ResetBelieved = "reset-believed",
        /// As recorded here. The partner's extension, of which only the lost disk knew, is not counted.
        AsRecorded = "as-recorded" (text),
    }

    /// An end that is told with the client-last-transaction-time that is known here.
    equal_times "equal-times": EqualTimes of "failover-12 figure 7.1.3-1" [Q77, Q110] {
        draft_12: KnownAccepted, isc_dhcpd: KnownAccepted,
        /// EXPIRED over RELEASED is accepted: either way the lease is over on both servers. RELEASED over ACTIVE is
        /// if its sender knows of all that is here: whatever the times are, the release came after it.
        KnownAccepted = "known-accepted",
        /// RELEASED over ACTIVE, too, whether its sender knows what is here or not.
        Accepted = "accepted",
        /// Refused (figure 7.1.3-1, time 1): the address is lost to both.
        Refused = "refused" (text),
    }

    /// NORMAL that goes on after a restart, which ISC dhcpd alone has.
    resumed_normal "resumed-normal": ResumedNormal of "failover-12 §9.3.2, §9.8.1" [Q125] {
        draft_12: Entered, isc_dhcpd: Entered,
        /// Is entered anew: what is unacknowledged goes out, and changes follow (§9.8.1).
        Entered = "entered" (text),
        /// Goes on without a word: no update is sent before the next connection (a mutant).
        Silent = "silent",
    }

    /// A binding that changes while the servers are connected but updates do not flow, as in RECOVER-WAIT.
    change_told "change-told": ChangeTold of "failover-12 §7.1, §9.8.1" [Q126] {
        draft_12: WhenFlowing, isc_dhcpd: AtOnce,
        /// Is told when updates flow: from NORMAL on, or when the partner asks (§7.1, §9.8.1).
        WhenFlowing = "when-flowing" (text),
        /// Is told at once (ISC dhcpd).
        AtOnce = "at-once",
    }

    /// POOLREQ that is read outside NORMAL.
    pool_request "pool-request": PoolRequest of "failover-12 §7.6.2" [Q37] {
        draft_12: InNormal, isc_dhcpd: InNormal,
        /// Answered with 0: nothing changes hands.
        InNormal = "in-normal",
        /// Answered as in NORMAL.
        Always = "always" (text),
    }

    /// RESET in PARTNER-DOWN of an address that was not this server's to give when it entered.
    reset_in_partner_down "reset-in-partner-down": ResetInPartnerDown of "failover-12 §9.4.2" [Q90] {
        draft_12: Rests, isc_dhcpd: AtOnce,
        /// It rests as the partner's available addresses do.
        Rests = "rests",
        /// It is available at once.
        AtOnce = "at-once" (text),
    }

    /// Rewinding in RESOLUTION-INTERRUPTED.
    rewind_unresolved "rewind-unresolved": RewindUnresolved of "failover-12 §5.2.2, §9.11.2" [Q91] {
        draft_12: Never, isc_dhcpd: AsInterrupted,
        /// Not done: the partner may have been in PARTNER-DOWN, and has not said what became of the address.
        Never = "never",
        /// As in COMMUNICATIONS-INTERRUPTED.
        AsInterrupted = "as-interrupted" (text),
    }
}
