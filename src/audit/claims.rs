//! What is judged, and the ledger of occasions, findings and what could not be judged.

use std::collections::BTreeMap;

use crate::capture::Micros;
use crate::event::Place;

/// Findings that are kept for each claim; more are counted.
const MOST_FINDINGS: usize = 200;
/// Reasons that are kept for each claim.
const MOST_REASONS: usize = 16;

macro_rules! claims {
    ($($(#[$doc:meta])* $name:ident $word:literal $section:literal $statement:literal)+) => {
        /// A claim that can be judged from the wire. Those that `dhcpfo list claims` has too have the same names there.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Claim { $($(#[$doc])* $name),+ }

        impl Claim {
            /// Every claim, in the order of the report.
            pub const ALL: &'static [Claim] = &[$(Claim::$name),+];

            /// The word for it.
            pub const fn name(self) -> &'static str { match self { $(Claim::$name => $word),+ } }

            /// Where the specification says so.
            pub const fn section(self) -> &'static str { match self { $(Claim::$name => $section),+ } }

            /// What it states.
            pub const fn statement(self) -> &'static str { match self { $(Claim::$name => $statement),+ } }
        }
    };
}

claims! {
    /// Occasion: a DHCPACK.
    NoDuplicate "no-duplicate-address" "failover-12 §4.1, §5.2"
        "No two clients hold the same address at the same time."
    /// Occasion: a DHCPACK of a known server outside PARTNER-DOWN.
    McltBound "mclt-bound" "failover-12 §5.2.1, §7.1.5"
        "A lease given outside PARTNER-DOWN ends at most MCLT after the later of now and what the partner knows as potential expiration of that binding."
    /// Occasion: a DHCPACK to a new client in NORMAL or COMMUNICATIONS-INTERRUPTED.
    AckedBeforeReuse "acked-before-reuse" "failover-12 §5.2.2, §9.8.3"
        "In NORMAL and COMMUNICATIONS-INTERRUPTED no address goes to a client while the partner has it ACTIVE for another with a time that lies ahead."
    /// Occasion: a DHCPOFFER or DHCPACK to a new client in NORMAL or COMMUNICATIONS-INTERRUPTED.
    OwnPoolOnly "own-pool-only" "failover-12 §3.1.2, §5.4, §9.9.2"
        "Outside PARTNER-DOWN a server gives a new lease only on an address that is available to it."
    /// Occasion: a DHCPACK to a new client in PARTNER-DOWN.
    PartnerDownWait "partner-down-wait" "failover-12 §5.2.1, §7.1.5, §9.4.2"
        "In PARTNER-DOWN no address of the partner or of another client is given before MCLT has passed since entry and since the latest end that anybody was told of."
    /// Occasion: RECOVER or RECOVER-WAIT is left for RECOVER-DONE.
    RecoverWait "recover-wait" "failover-12 §9.6.2"
        "A server leaves RECOVER-WAIT only when MCLT has passed since it stopped working."
    /// Occasion: a client's request, or an answer, while a server must be silent.
    Silence "silence" "failover-12 §9.3.1, §9.5.1, §9.6.1, §9.7.1, §9.10.2, §9.13, §9.14.2"
        "A server answers no client in STARTUP, RECOVER, RECOVER-WAIT, POTENTIAL-CONFLICT, PAUSED and SHUTDOWN, and in RECOVER-DONE only renewals."
    /// Occasion: a DHCPOFFER in NORMAL.
    OneResponsible "one-responsible" "failover-12 §5.3, §9.8.2; RFC 3074"
        "While both servers are in NORMAL, each client's hash bucket is the business of exactly one of them."
    /// Occasion: a state of PARTNER-DOWN.
    OnePartnerDown "one-partner-down" "failover-12 §9.4"
        "The servers are never both in PARTNER-DOWN."
    /// Occasion: PARTNER-DOWN is left.
    Interlock "interlock" "failover-12 §9.4.3, §9.8"
        "PARTNER-DOWN is left for NORMAL only after the partner has said RECOVER-DONE."
    /// Occasion: a BNDUPD.
    Window "window" "failover-12 §7.3.2, §8.4"
        "No more BNDUPDs are outstanding than the partner accepts."
    /// Occasion: a BNDACK.
    AckMatches "ack-matches" "failover-12 §7.2.1, §7.2.2, §8.6"
        "A BNDACK answers a BNDUPD about those addresses that is outstanding on its connection."
    /// Occasion: a message on a connection whose beginning is in the capture.
    Handshake "handshake" "failover-12 §7.8, §7.9, §8.2, §8.3"
        "CONNECT and an accepting CONNECTACK come before anything else, and both servers name the same relationship and MCLT."
    /// Occasion: a CONNECT and what came of it; a dialled connection that came to nothing.
    Accepted "connection-accepted" "failover-12 §7.8.2, §7.9.2, §8.2"
        "A server that wants to connect is let in: its partner listens, answers, and does not refuse."
    /// Occasion: a connection on which CONNECT was sent, or should have been.
    OnePrimary "one-primary" "failover-12 §7.8, §8.2"
        "Of the two servers exactly one, the primary, sends CONNECT."
    /// Occasion: a connection on which a server said that it is in COMMUNICATIONS-INTERRUPTED.
    NormalAgain "normal-again" "failover-12 §9.9.3"
        "Servers that are connected, of which neither says more than COMMUNICATIONS-INTERRUPTED or NORMAL, are in NORMAL within 10 s."
    /// Occasion: a DHCPACK of a server that is, or then comes to be, in NORMAL for 15 s while the lease runs.
    PartnerTold "partner-told" "failover-12 §5.2.1, §7.1, §9.8.3"
        "A server that is connected tells its partner of each lease that it gives."
    /// Occasion: a BNDACK.
    NoStorm "no-storm" "failover-12 §7.2.1, §7.2.2"
        "An update that is refused is not sent, and refused, again and again."
    /// Occasion: a POOLREQ, or an address that goes from one server's pool to the other's.
    RebalancingEnds "rebalancing-ends" "failover-12 §5.4"
        "Rebalancing comes to an end: nobody asks for addresses, or moves them to and fro, while nothing has changed."
    /// Occasion: a server that answers clients in PARTNER-DOWN.
    PartnerIsDown "partner-is-down" "failover-12 §9.4.1, §9.4.2"
        "While a server answers clients in PARTNER-DOWN, its partner answers none, but for renewals in RECOVER-DONE."
    /// Occasion: FREE, BACKUP or EXPIRED of an address that was given in the capture, which the partner accepts.
    Rests "rests-until-end" "failover-12 §5.2.2, §5.11, §9.8.3"
        "No address is told to be FREE, BACKUP or EXPIRED before the lease of the client that has it ends."
    /// Occasion: a message.
    WellFormed "well-formed" "failover-12 §6.1, §6.2, §7"
        "Every message can be read and has the options that it must have."
}

/// Something that is not as the specification demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it violates.
    pub claim: Claim,
    /// When.
    pub at: Micros,
    /// What happened, and with what it does not agree.
    pub text: String,
    /// Where to look: the packet that violates first, then those that it does not agree with.
    pub places: Vec<Place>,
}

/// How a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Judged at least once, and always found to be so.
    Held,
    /// Not so at least once.
    Violated,
    /// There was nothing to judge, or not enough was known.
    NotJudged,
}

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Held => "held",
            Verdict::Violated => "violated",
            Verdict::NotJudged => "not judged",
        }
    }
}

/// What was found out about one claim.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// How often it was judged.
    pub occasions: u64,
    /// How often it was violated.
    pub violations: u64,
    /// How many findings that makes: one may tell of many.
    pub found: u64,
    /// The first of them.
    pub findings: Vec<Finding>,
    /// How often it could not be judged, by reason.
    pub open: BTreeMap<String, u64>,
}

impl Row {
    /// How the claim stands.
    pub fn verdict(&self) -> Verdict {
        match (self.violations, self.occasions) {
            (0, 0) => Verdict::NotJudged,
            (0, _) => Verdict::Held,
            _ => Verdict::Violated,
        }
    }
}

/// What was found out about every claim.
#[derive(Clone, Debug, Default)]
pub struct Ledger(BTreeMap<Claim, Row>);

impl Ledger {
    /// What was found out about a claim.
    pub fn row(&self, claim: Claim) -> Row {
        self.0.get(&claim).cloned().unwrap_or_default()
    }

    pub(crate) fn findings_mut(&mut self) -> impl Iterator<Item = &mut Finding> {
        self.0.values_mut().flat_map(|row| &mut row.findings)
    }

    pub(crate) fn held(&mut self, claim: Claim) {
        self.held_times(claim, 1);
    }

    pub(crate) fn held_times(&mut self, claim: Claim, times: u64) {
        if times > 0 {
            self.0.entry(claim).or_default().occasions += times;
        }
    }

    pub(crate) fn violated(&mut self, claim: Claim, at: Micros, places: Vec<Place>, text: String) {
        self.violated_times(claim, 1, at, places, text);
    }

    /// Violated so many times, told in one finding.
    pub(crate) fn violated_times(&mut self, claim: Claim, times: u64, at: Micros, places: Vec<Place>, text: String) {
        let row = self.0.entry(claim).or_default();
        row.occasions += times;
        row.violations += times;
        row.found += 1;
        if row.findings.len() < MOST_FINDINGS {
            row.findings.push(Finding { claim, at, text, places });
        }
    }

    /// An occasion that could not be judged, and why.
    pub(crate) fn open(&mut self, claim: Claim, reason: impl Into<String>) {
        let open = &mut self.0.entry(claim).or_default().open;
        let reason = reason.into();
        if open.len() < MOST_REASONS || open.contains_key(&reason) {
            *open.entry(reason).or_default() += 1;
        }
    }

    /// Held or violated.
    pub(crate) fn judge(
        &mut self,
        claim: Claim,
        holds: bool,
        at: Micros,
        places: impl FnOnce() -> Vec<Place>,
        text: impl FnOnce() -> String,
    ) {
        if holds { self.held(claim) } else { self.violated(claim, at, places(), text()) }
    }
}
