//! What is judged, and the ledger of occasions, findings and what could not be judged.

use std::collections::BTreeMap;

use dhcpfo_claims::{Entry, draft_12};

use crate::capture::Micros;
use crate::event::Place;

/// Findings that are kept for each claim; more are counted.
const MOST_FINDINGS: usize = 200;
/// Reasons that are kept for each claim.
const MOST_REASONS: usize = 16;

/// A type of claims that can be judged, by their entries in a part of the catalogue, in the order of the report.
macro_rules! claims {
    ($(#[$about:meta])* $catalogue:ident: $($name:ident $entry:ident)+) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "the catalogue says what each is")]
        #[non_exhaustive]
        pub enum Claim { $($name),+ }

        impl Claim {
            /// Every claim, in the order of the report.
            pub const ALL: &'static [Claim] = &[$(Claim::$name),+];

            /// What the catalogue says of it.
            pub const fn entry(self) -> &'static Entry { match self { $(Claim::$name => &$catalogue::$entry),+ } }

            /// The word for it.
            pub const fn name(self) -> &'static str {
                self.entry().name
            }

            /// Where the specification says so.
            pub const fn section(self) -> &'static str {
                self.entry().section
            }

            /// What it states.
            pub const fn statement(self) -> &'static str {
                self.entry().statement
            }
        }
    };
}
pub(crate) use claims;

claims! {
    /// A claim about failover that can be judged from the wire.
    draft_12:
    NoDuplicate NO_DUPLICATE_ADDRESS
    McltBound MCLT_BOUND
    AckedBeforeReuse ACKED_BEFORE_REUSE
    OwnPoolOnly OWN_POOL_ONLY
    OwnPoolOffered OWN_POOL_OFFERED
    PartnerDownWait PARTNER_DOWN_WAIT
    RecoverWait RECOVER_WAIT
    Silence SILENCE
    OneResponsible ONE_RESPONSIBLE
    OnePartnerDown ONE_PARTNER_DOWN
    Interlock INTERLOCK
    Window WINDOW
    AckAnswers ACK_ANSWERS
    Handshake HANDSHAKE
    Accepted CONNECTION_ACCEPTED
    OnePrimary ONE_PRIMARY
    NormalAgain NORMAL_AGAIN
    PartnerTold PARTNER_TOLD
    RefusedAgain REFUSED_AGAIN
    RebalancingEnds REBALANCING_ENDS
    PartnerIsDown PARTNER_IS_DOWN
    Rests RESTS_UNTIL_END
    WellFormed WELL_FORMED
}

/// Names that claims of an audit had before they were told apart from claims of the searches that have them, and how they
/// are called since.
pub(crate) const RENAMED: [(&str, Claim); 2] = [("ack-matches", Claim::AckAnswers), ("no-storm", Claim::RefusedAgain)];

/// Something that is not as the specification demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<C = Claim> {
    /// What it violates.
    pub claim: C,
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
#[derive(Clone, Debug)]
pub struct Row<C = Claim> {
    /// How often it was judged.
    pub occasions: u64,
    /// How often it was violated.
    pub violations: u64,
    /// How many findings that makes: one may tell of many.
    pub found: u64,
    /// The first of them.
    pub findings: Vec<Finding<C>>,
    /// How often it could not be judged, by reason.
    pub open: BTreeMap<String, u64>,
}

impl<C> Default for Row<C> {
    fn default() -> Row<C> {
        Row { occasions: 0, violations: 0, found: 0, findings: Vec::new(), open: BTreeMap::new() }
    }
}

impl<C> Row<C> {
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
#[derive(Clone, Debug)]
pub struct Ledger<C = Claim>(BTreeMap<C, Row<C>>);

impl<C> Default for Ledger<C> {
    fn default() -> Ledger<C> {
        Ledger(BTreeMap::new())
    }
}

impl<C: Copy + Ord> Ledger<C> {
    /// What was found out about a claim.
    pub fn row(&self, claim: C) -> Row<C> {
        self.0.get(&claim).cloned().unwrap_or_default()
    }

    pub(crate) fn findings_mut(&mut self) -> impl Iterator<Item = &mut Finding<C>> {
        self.0.values_mut().flat_map(|row| &mut row.findings)
    }

    pub(crate) fn held(&mut self, claim: C) {
        self.held_times(claim, 1);
    }

    pub(crate) fn held_times(&mut self, claim: C, times: u64) {
        if times > 0 {
            self.0.entry(claim).or_default().occasions += times;
        }
    }

    pub(crate) fn violated(&mut self, claim: C, at: Micros, places: Vec<Place>, text: String) {
        self.violated_times(claim, 1, at, places, text);
    }

    /// Violated so many times, told in one finding.
    pub(crate) fn violated_times(&mut self, claim: C, times: u64, at: Micros, places: Vec<Place>, text: String) {
        let row = self.0.entry(claim).or_default();
        row.occasions += times;
        row.violations += times;
        row.found += 1;
        if row.findings.len() < MOST_FINDINGS {
            row.findings.push(Finding { claim, at, text, places });
        }
    }

    /// An occasion that could not be judged, and why.
    pub(crate) fn open(&mut self, claim: C, reason: impl Into<String>) {
        let open = &mut self.0.entry(claim).or_default().open;
        let reason = reason.into();
        if open.len() < MOST_REASONS || open.contains_key(&reason) {
            *open.entry(reason).or_default() += 1;
        }
    }

    /// Held or violated.
    pub(crate) fn judge(
        &mut self,
        claim: C,
        holds: bool,
        at: Micros,
        places: impl FnOnce() -> Vec<Place>,
        text: impl FnOnce() -> String,
    ) {
        if holds { self.held(claim) } else { self.violated(claim, at, places(), text()) }
    }
}
