//! One enum for each question about the text, with the words that model files use.

/// Declares an enum of readings with the words that model files use for them.
macro_rules! readings {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }
        impl $name {
            /// Every reading with its word.
            pub const WORDS: &'static [(&'static str, $name)] = &[$(($word, $name::$variant),)+];
            /// The words alone.
            pub const NAMES: &'static [&'static str] = &[$($word,)+];

            /// The word of this reading.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }
    };
}

readings! {
    /// What a lease may lead by MCLT (Q2, Q5; failover-12 §5.2.1, §7.1.5, §9.8.3, §9.9.2).
    LeadBase {
        /// The later of acked and received potential-expiration (§7.1.5).
        AckedOrReceived = "acked-or-received",
        /// Acked only (§5.2.1).
        Acked = "acked",
        /// Received only (§9.8.3).
        Received = "received",
        /// Also this server's own lease-expiration-time (§9.9.2 and §9.11.2 to the letter; M-07).
        WithLeaseExpiration = "with-lease-expiration",
        /// The latest sent, acked or not (M-04).
        Sent = "sent",
        /// No bound at all (M1).
        Unbounded = "unbounded",
    }
}
readings! {
    /// Whether potential-expiration times outlive the lease they were made for (Q20; B-04).
    LeadAfterFree {
        /// Cleared when the address becomes FREE.
        Cleared = "cleared",
        /// Kept for the next client, as §7.1.5 to the letter and ISC dhcpd (M-23).
        Kept = "kept",
    }
}
readings! {
    /// Lease times in PARTNER-DOWN: §9.4.2 leaves the choice.
    PartnerDownLease {
        /// The MCLT rule holds there too.
        Clamped = "clamped",
        /// No restriction.
        Unrestricted = "unrestricted",
    }
}
readings! {
    /// How long an address rests in PARTNER-DOWN before another client gets it (Q3; failover-12 §9.4.2).
    PartnerDownWait {
        /// MCLT after the latest of entry, lease-expiration and the three potential-expiration times.
        Full = "full",
        /// The same without MCLT (M-01).
        NoMclt = "no-mclt",
        /// MCLT after entry, and the recorded lease-expiration (M-02, B-01).
        ExpirationOnly = "expiration-only",
        /// Leaves out what was sent (M-03).
        WithoutSent = "without-sent",
        /// Leaves out what was received (M3).
        WithoutReceived = "without-received",
        /// Leaves out the entry time (M2).
        WithoutEntry = "without-entry",
        /// What was received is read on a clock that is ahead of the partner's, and not corrected (§5.10; M-17, M14): it
        /// is followed by [`span::OTHER_MCLT`](dhcpfo_time::Span), the MCLT less what the clocks differ by.
        ClockAhead = "clock-ahead",
        /// The last sentence of §9.4.2 evaluated when the address is wanted (M6).
        LazySentence = "lazy-sentence",
    }
}
readings! {
    /// A lease given in PARTNER-DOWN and then reported to a partner that is coming back (Q45).
    ReportedInPartnerDown {
        /// Rests like one from before.
        WaitAgain = "wait-again",
        /// May be given away at its end: §9.4.2 speaks of the clients at entry only.
        Exempt = "exempt",
    }
}
readings! {
    /// Which table decides on a received BNDUPD.
    Acceptance {
        /// Figure 7.1.3-1.
        Figure = "figure",
        /// What ISC dhcpd does.
        Isc = "isc",
    }
}
readings! {
    /// FREE or BACKUP received for an address that is ACTIVE here (B-03, M-24).
    FreeOverActive {
        /// Accepted once the lease recorded here is over (figure 7.1.3-1, time 2).
        LeaseOver = "lease-over",
        /// Accepted once the potential-expiration in the update is over; a missing one counts as over.
        PotentialOver = "potential-over",
    }
}
readings! {
    /// ACTIVE received for an address that is ACTIVE here for another client (Q50; M-13, B-02).
    ForeignActive {
        /// The client that was heard later wins on both servers; if that is a tie, the primary's.
        LaterWins = "later-wins",
        /// The secondary accepts, the primary refuses (figure 7.1.3-1, note 5 to the letter).
        SecondaryYields = "secondary-yields",
        /// Both accept.
        BothYield = "both-yield",
    }
}
readings! {
    /// How client-last-transaction times are compared (M-14).
    TransactionTime {
        /// A later one wins, a tie does not.
        Later = "later",
        /// The wrong way round.
        Inverted = "inverted",
        /// Not at all.
        Omitted = "omitted",
    }
}
readings! {
    /// When the BNDACK leaves (M-05).
    Commit {
        /// After the update is on stable storage (§7.2).
        BeforeAck = "before-ack",
        /// Before.
        AfterAck = "after-ack",
    }
}
readings! {
    /// When an ended binding becomes FREE at the server that reports it (M-06).
    FreeOn {
        /// When the partner has acknowledged (§5.11).
        Acked = "acked",
        /// When the update is sent.
        Sent = "sent",
    }
}
readings! {
    /// When the primary stops using an address that it gives to the secondary (M-08).
    HandOver {
        /// Before the update leaves (§5.4).
        AtSend = "at-send",
        /// When it is acknowledged.
        AtAck = "at-ack",
    }
}
readings! {
    /// When the primary may use an address that it takes back (M-09).
    Reclaim {
        /// When the secondary has acknowledged (§5.4).
        AtAck = "at-ack",
        /// At once.
        AtSend = "at-send",
    }
}
readings! {
    /// When UPDDONE is sent (M-10, B-11).
    UpdateDone {
        /// When all that was owed at the request has been answered (§7.5).
        AllAnswered = "all-answered",
        /// When the last one queued has been answered, whatever of the others (ISC dhcpd).
        LastAnswered = "last-answered",
        /// When all have been sent.
        AllSent = "all-sent",
    }
}
readings! {
    /// From when RECOVER-WAIT counts (Q27; failover-12 §9.6.2).
    RecoverWait {
        /// From the start of this server, unless the time of failure is known.
        FromStart = "from-start",
        /// As from the start, but over at once where there is no record: §9.3.2 step 1 to the letter (M9).
        LongAgoIfBlank = "long-ago-if-blank",
        /// As from the start, but over at once if the partner recovers, too (ISC dhcpd with two empty databases; Q112).
        UnlessBoth = "unless-both",
        /// Skipped (M-11).
        Skip = "skip",
        /// From the time the state before was entered (ISC dhcpd, B-05).
        FromState = "from-state",
    }
}
readings! {
    /// What a server in RECOVER asks for (M-12).
    RecoverRequest {
        /// Everything if its storage was lost (§9.5.2).
        AllIfLost = "all-if-lost",
        /// Always everything (ISC dhcpd).
        AlwaysAll = "always-all",
        /// Never everything.
        NeverAll = "never-all",
    }
}
readings! {
    /// A STATE with the STARTUP flag, received in PARTNER-DOWN (M-15), or in STARTUP by a server that will resume
    /// PARTNER-DOWN (Q24, Q92).
    StartupFlag {
        /// Ignored (§9.4.3): until the partner has heard of PARTNER-DOWN it does not know of what it has to tell.
        Ignored = "ignored",
        /// Ignored in PARTNER-DOWN, acted upon in STARTUP.
        IgnoredWhenRunning = "ignored-when-running",
        /// Treated like any other.
        Acted = "acted",
    }
}
readings! {
    /// STARTUP is over without a word from the partner (Q31; §9.3.2 step 6 leaves the choice).
    StartupOver {
        /// Go on waiting.
        Wait = "wait",
        /// Go to the previous state.
        Previous = "previous",
        /// Go to PARTNER-DOWN, as a new installation may.
        PartnerDown = "partner-down",
    }
}
readings! {
    /// A server in RECOVER, and a partner that resolves conflicts (Q84, Q86).
    ConflictInRecover {
        /// It recovers and waits first, and is in RECOVER-DONE when it enters POTENTIAL-CONFLICT.
        RecoversFirst = "recovers-first",
        /// It enters POTENTIAL-CONFLICT at once (§9.5.2), and serves after it without RECOVER-WAIT; and when it is
        /// interrupted, whether it has heard of what its partner leased or not.
        AtOnce = "at-once",
    }
}
readings! {
    /// Back from being down, with a partner in RECOVER or RECOVER-WAIT (Q72).
    RecoveringPartner {
        /// The state before goes on (§9.3.2 step 5).
        Resumes = "resumes",
        /// RECOVER here, too: the partner may have lost what it gave away in PARTNER-DOWN.
        RecoversToo = "recovers-too",
    }
}
readings! {
    /// Leasing an ended binding to the same client again (M-16).
    Rewind {
        /// As long as its end was never reported (§5.2.2).
        BeforeSent = "before-sent",
        /// Also after.
        Always = "always",
        /// Never.
        Never = "never",
    }
}
readings! {
    /// Whether it survives a restart that a BNDUPD was sent (Q8).
    SentMark {
        /// On stable storage before the send.
        Durable = "durable",
        /// In memory only.
        Volatile = "volatile",
    }
}
readings! {
    /// Which BNDUPD a BNDACK answers (M7).
    AckMatch {
        /// The outstanding one of that transaction and address.
        Transaction = "transaction",
        /// Any of that address.
        AddressOnly = "address-only",
    }
}
readings! {
    /// BNDACKs not delivered when the connection broke (M-18).
    OldAcks {
        /// Gone (§8.6).
        Dropped = "dropped",
        /// Delivered on the next connection.
        Resent = "resent",
    }
}
readings! {
    /// A received potential-expiration earlier than one received before (M8).
    ReceivedPotential {
        /// The latest is kept (§7.1.5).
        Largest = "largest",
        /// Overwritten.
        Overwritten = "overwritten",
    }
}
readings! {
    /// The partner's max-unacked-bndupd (M-26).
    Window {
        /// Honoured (§7.3.2).
        Honoured = "honoured",
        /// Ignored.
        Ignored = "ignored",
    }
}
readings! {
    /// After a rejecting BNDACK (M-27).
    AfterReject {
        /// Not resent before the next request or connection (§7.2.2).
        Wait = "wait",
        /// Resent at once.
        ResendAtOnce = "resend-at-once",
    }
}
readings! {
    /// Whose MCLT the secondary uses (M-28).
    MaximumLead {
        /// The primary's, from CONNECT (§5.2.1).
        FromPrimary = "from-primary",
        /// Its own configuration's.
        Own = "own",
    }
}
readings! {
    /// Which clients are the secondary's (M-20).
    BucketUse {
        /// Those whose bit is set; the primary serves the others (§12.11).
        Draft = "draft",
        /// The secondary reads the bits the other way round: both answer, or none.
        SecondaryInverts = "secondary-inverts",
    }
}
readings! {
    /// How the partner's state is seen (M-21, B-17).
    PartnerState {
        /// As it is: looked at again after each own transition.
        Level = "level",
        /// As it changes: only when a STATE arrives.
        Edge = "edge",
    }
}
readings! {
    /// Which transition table is in force.
    Transitions {
        /// failover-12 §9, text before figure.
        Draft = "draft",
        /// ISC dhcpd 4.4.
        Isc = "isc",
    }
}
readings! {
    /// In which states clients are answered.
    Silence {
        /// failover-12 §9.
        Draft = "draft",
        /// ISC dhcpd: also silent in RECOVER-DONE, RESOLUTION-INTERRUPTED and CONFLICT-DONE.
        Isc = "isc",
        /// Answers in every state (a mutant: what the claim `silence` is for).
        Never = "never",
    }
}
readings! {
    /// Silence because of what the partner said last (M-22, B-06).
    Mute {
        /// Never.
        Never = "never",
        /// While and after the partner reports PARTNER-DOWN or a conflict state, even when the link is gone.
        Sticky = "sticky",
    }
}
readings! {
    /// What becomes of an ABANDONED address.
    AbandonedEnds {
        /// Stays until an operator resets it.
        ByOperator = "by-operator",
        /// FREE when its time is over; at once if it has none (ISC dhcpd, B-19).
        ByTime = "by-time",
    }
}
readings! {
    /// Which server lets leases expire.
    Expiry {
        /// Each.
        Both = "both",
        /// In NORMAL only the primary (ISC dhcpd).
        PrimaryInNormal = "primary-in-normal",
    }
}
readings! {
    /// Whether the secondary gives addresses back on request.
    SecondaryReturns {
        /// No: only the primary moves addresses (§5.4).
        Never = "never",
        /// Yes: it answers POOLREQ with BNDUPD(FREE).
        OnRequest = "on-request",
        /// Also unasked, when it enters NORMAL (ISC dhcpd, Q127).
        Unasked = "unasked",
    }
}
readings! {
    /// Of what the balance is restored (Q120; failover-12 §5.4).
    PoolBalance {
        /// Of each group of addresses by itself.
        PerGroup = "per-group",
        /// Of all addresses as if they were one pool: a link may end up with addresses of one server only.
        Overall = "overall",
    }
}
readings! {
    /// When the primary tells the secondary that a reserved address is its to give as well (Q123; failover-12 §5.13).
    ReservedOffered {
        /// When it becomes FREE, and at each POOLREQ: of one that was never used nobody has spoken yet.
        OnRequest = "on-request",
        /// Only when it becomes FREE, as the text has it.
        WhenFreed = "when-freed",
    }
}
readings! {
    /// The least potential-expiration-time that is sent (Q69).
    PotentialSent {
        /// Not before anything received for the binding.
        AtLeastReceived = "at-least-received",
        /// Not before the lease-expiration-time (§9.8.3).
        AtLeastLease = "at-least-lease",
        /// The lease-expiration-time, which is the least that §9.8.3 allows.
        LeaseEnd = "lease-end",
    }
}
readings! {
    /// Which end of a lease is recorded when a renewal or an update names an earlier one (Q57).
    RecordedEnd {
        /// The latest one that the client may have heard: §7.1.5, and an answer may be lost.
        Latest = "latest",
        /// The one just given, or just received.
        JustGiven = "just-given",
    }
}
readings! {
    /// UPDDONE for a request that was made before POTENTIAL-CONFLICT was entered (Q39).
    LateUpdateDone {
        /// No answer to the conflict.
        Ignored = "ignored",
        /// Ends POTENTIAL-CONFLICT (§9.10.3: whenever one is received).
        Counts = "counts",
    }
}
readings! {
    /// UPDDONE at a secondary in POTENTIAL-CONFLICT whose partner is not in CONFLICT-DONE (Q89).
    ConflictEnd {
        /// It answers what the secondary asked for, and the conflict goes on until the primary has its part of it.
        BothTold = "both-told",
        /// It leads to NORMAL (§9.10.3: whenever one is received).
        OneTold = "one-told",
    }
}
readings! {
    /// RESET received for an address that is ACTIVE here (Q51).
    ResetOverActive {
        /// Accepted once the lease recorded here is over.
        LeaseOver = "lease-over",
        /// Accepted (figure 7.1.3-1): it may be older than the lease.
        Always = "always",
    }
}
readings! {
    /// RESET received for an address about which an update of ours is unanswered (Q81, Q83).
    ResetOverUnanswered {
        /// Refused if the client was heard here, or the address was abandoned or reset here, after the RESET: the
        /// partner will accept that.
        ByTime = "by-time",
        /// Refused only if the client was heard here after the RESET.
        LeasesOnly = "leases-only",
        /// Accepted, as figure 7.1.3-1 has it: then each server accepts what the other gives up.
        Accepted = "accepted",
    }
}
readings! {
    /// ABANDONED received for a lease that the partner has not accepted (Q82).
    AbandonedOverUnanswered {
        /// The end of the lease is kept, and RESET is refused until then: the client may have the lease from here.
        EndKept = "end-kept",
        /// The lease is forgotten, as figure 7.1.3-1 has it.
        Forgotten = "forgotten",
    }
}
readings! {
    /// FREE or BACKUP received in NORMAL or COMMUNICATIONS-INTERRUPTED for an address about which an update of
    /// ours is unanswered (Q74, Q87).
    FreeOverUnanswered {
        /// Refused: the partner, which takes the address back, has not heard of the lease, and will. Over RESET also in every
        /// other state (Q87).
        Refused = "refused",
        /// Refused over a lease, accepted over RESET: the RESET is forgotten, and ABANDONED, on its way before it, is not.
        LeasesOnly = "leases-only",
        /// Accepted once the lease is over, as figure 7.1.3-1 has it: then each server accepts what the other
        /// gives up (Q73 is the same with the BACKUP of a hand-over).
        Accepted = "accepted",
    }
}
readings! {
    /// EXPIRED, RELEASED or ABANDONED received for an address whose RESET here is unanswered (Q75).
    OlderOverReset {
        /// Refused: it was said, or is repeated, from before the RESET, which the partner will accept.
        Refused = "refused",
        /// Accepted, as figure 7.1.3-1 has it: then each server accepts what the other gives up.
        Accepted = "accepted",
    }
}
readings! {
    /// How far a server in RECOVER-DONE may extend a lease (Q36; failover-12 §9.7.1).
    RecoverDoneLead {
        /// MCLT beyond what was promised between the servers, and not at all once that has passed: the partner,
        /// still in PARTNER-DOWN, waits for no more than that.
        PromisedOnly = "promised-only",
        /// Also MCLT beyond now, as in every other state.
        Now = "now",
    }
}
readings! {
    /// Entering NORMAL when the partner reports RECOVER-DONE (Q30).
    NormalAfterRecovery {
        /// When every update has been sent on this connection, so that the partner reads them before the STATE. Until
        /// then the server frees nothing and leases nothing that the partner may soon lease.
        UpdatesFirst = "updates-first",
        /// The same, but until then it goes on as before: what changes meanwhile, the partner need not have heard.
        Unrestrained = "unrestrained",
        /// At once (§9.4.3, §9.9.3): the partner may lease what it has not heard to be taken.
        AtOnce = "at-once",
    }
}
readings! {
    /// EXPIRED received for a lease that is over here, too, from a partner that has not heard of its latest
    /// renewal (Q70).
    Crossing {
        /// Refused: the partner will accept our ACTIVE, which is on its way.
        ByTransaction = "by-transaction",
        /// Accepted, as figure 7.1.3-1 has it: then each server accepts what the other gives up.
        Literal = "literal",
    }
}
readings! {
    /// A RENEW or REBIND for an address that is available here (Q55; failover-12 §3.1.2).
    RenewUnknown {
        /// The client is believed.
        Believed = "believed",
        /// It is believed, but not in NORMAL about an address that is the partner's to give: the partner can be asked
        /// itself, and the packet may be older than the lease (Q80).
        OwnPool = "own-pool",
        /// It gets no answer.
        Ignored = "ignored",
        /// It is believed even where the address is another client's (a mutant: what the claim `same-client` is for).
        Anybody = "anybody",
    }
}
readings! {
    /// What is told to a partner that has lost its storage (Q78, Q88; failover-12 §9.6.2).
    PartnerLoss {
        /// Each lease, also one that is over here, lasts as long as the partner may have extended it: MCLT after the
        /// latest potential-expiration-time between the two servers. And an address whose RESET the partner has not
        /// acknowledged is ABANDONED again: it may have been leased there since (Q88).
        RestsFirst = "rests-first",
        /// The same, but an operator's RESET is believed.
        ResetBelieved = "reset-believed",
        /// As recorded here. The partner's extension, of which only the lost disk knew, is not counted.
        AsRecorded = "as-recorded",
    }
}
readings! {
    /// An end that is told with the client-last-transaction-time that is known here (Q77, Q110).
    EqualTimes {
        /// EXPIRED over RELEASED is accepted: either way the lease is over on both servers. RELEASED over ACTIVE is if its
        /// sender knows of all that is here: whatever the times are, the release came after it.
        KnownAccepted = "known-accepted",
        /// RELEASED over ACTIVE, too, whether its sender knows what is here or not.
        Accepted = "accepted",
        /// Refused (figure 7.1.3-1, time 1): the address is lost to both.
        Refused = "refused",
    }
}
readings! {
    /// What counts as operation, whose last time decides between RECOVER and POTENTIAL-CONFLICT when a server comes back
    /// and its partner is in PARTNER-DOWN (Q85; failover-12 §9.3.2 step 5).
    LastOperation {
        /// Answering clients: only what was leased after the partner's entry can be in conflict with what it leased.
        Service = "service",
        /// Running, in STARTUP or silent, too.
        Running = "running",
    }
}
readings! {
    /// NORMAL that goes on after a restart, which ISC dhcpd alone has (Q125).
    ResumedNormal {
        /// Is entered anew: what is unacknowledged goes out, and changes follow (§9.8.1).
        Entered = "entered",
        /// Goes on without a word: no update is sent before the next connection (a mutant).
        Silent = "silent",
    }
}
readings! {
    /// A binding that changes while the servers are connected but updates do not flow, as in RECOVER-WAIT (Q126).
    ChangeTold {
        /// Is told when updates flow: from NORMAL on, or when the partner asks (§7.1, §9.8.1).
        WhenFlowing = "when-flowing",
        /// Is told at once (ISC dhcpd).
        AtOnce = "at-once",
    }
}
readings! {
    /// POOLREQ that is read outside NORMAL (Q37; failover-12 §7.6.2).
    PoolRequest {
        /// Answered with 0: nothing changes hands.
        InNormal = "in-normal",
        /// Answered as in NORMAL.
        Always = "always",
    }
}
readings! {
    /// RESET in PARTNER-DOWN of an address that was not this server's to give when it entered (Q90; failover-12 §9.4.2).
    ResetInPartnerDown {
        /// It rests as the partner's available addresses do.
        Rests = "rests",
        /// It is available at once.
        AtOnce = "at-once",
    }
}
readings! {
    /// Rewinding in RESOLUTION-INTERRUPTED (Q91; failover-12 §5.2.2, §9.11.2).
    RewindUnresolved {
        /// Not done: the partner may have been in PARTNER-DOWN, and has not said what became of the address.
        Never = "never",
        /// As in COMMUNICATIONS-INTERRUPTED.
        AsInterrupted = "as-interrupted",
    }
}
