//! What is told apart from refutations: claims that were broken where the draft does not promise them, summed up, and
//! the times at which a server had no address to give.

use super::{Run, Violation};
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use std::collections::BTreeMap;

/// Stretches of time without an address to give that are remembered.
const MOST_DRY: usize = 20;

/// An assumption of the draft that does not hold any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Since when, in seconds.
    pub since: u64,
    /// What is the case instead.
    pub why: &'static str,
}

/// How often a claim was broken after one assumption was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutAside {
    /// How often.
    pub number: u64,
    /// The first time.
    pub first: Violation,
    /// The assumption.
    pub broken: Broken,
}

/// Claims that were broken where the draft does not promise them, one for each claim and assumption.
pub type Aside = BTreeMap<(&'static str, &'static str), PutAside>;

/// A stretch of time in which a server had no address for clients that wanted one. It stayed in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dry {
    /// Which server.
    pub role: Role,
    /// In which state.
    pub state: State,
    /// Since when it had been in that state, in seconds.
    pub entered: u64,
    /// When it had nothing to give for the first time, in seconds. The numbers of addresses are those of that moment.
    pub first: u64,
    /// And for the last time.
    pub last: u64,
    /// How often.
    pub times: u64,
    /// Addresses that were leased.
    pub leased: u32,
    /// Addresses that had been leased, and whose end the partner has not acknowledged (failover-12 §5.11).
    pub ended: u32,
    /// Addresses that were ABANDONED.
    pub abandoned: u32,
    /// Addresses that only the partner might give.
    pub partners: u32,
}

impl Dry {
    /// What the addresses wait for, and what would have made some of them available. `mclt` in seconds.
    pub fn why(&self, mclt: u64) -> String {
        let Dry { leased, ended, abandoned, partners, .. } = self;
        let partner = self.role.partner().name();
        let mut why = format!("{leased} are leased");
        if *ended > 0 {
            why += &format!(", {ended} EXPIRED or RELEASED wait for the {partner} to acknowledge that");
        }
        if *abandoned > 0 {
            why += &format!(", {abandoned} are ABANDONED");
        }
        if *partners > 0 {
            why += &format!(", {partners} are the {partner}'s to give");
        }
        let held_back = ended + partners;
        why + &match self.state {
            State::PartnerDown if held_back > 0 => {
                let until = self.entered + mclt;
                format!("; those of the {partner} may be given MCLT after PARTNER-DOWN began, at {until} s")
            }
            State::CommunicationsInterrupted | State::ResolutionInterrupted if held_back > 0 => format!(
                "; once the {partner} is declared down (partner-down, or a safe-period) {held_back} can be given MCLT \
                 ({mclt} s) later: from {} s if it is declared down when it is lost",
                self.entered + mclt
            ),
            State::Normal if *partners > 0 => format!("; the balance of the pools gives them to the {partner}"),
            _ => "; only more addresses or shorter leases help".to_owned(),
        }
    }
}

impl Run<'_> {
    pub(super) fn sum_up(&mut self, violation: &Violation, broken: Broken) {
        let fresh = || PutAside { number: 0, first: violation.clone(), broken };
        self.aside.entry((violation.claim, broken.why)).or_insert_with(fresh).number += 1;
    }

    /// A server had no address for a client.
    pub(super) fn had_nothing(&mut self, role: Role) {
        self.measures.exhausted += 1;
        let (now, entered) = (self.now / 1000, self.entered[role.index()]);
        let latest = self.dry.iter_mut().rev().find(|dry| dry.role == role);
        if let Some(dry) = latest.filter(|dry| dry.entered == entered) {
            (dry.last, dry.times) = (now, dry.times + 1);
            return;
        }
        let server = &self.servers[role.index()];
        let (Some(state), Some(table)) = (server.running(), server.table()) else { return };
        if self.dry.len() >= MOST_DRY {
            return;
        }
        let count = |code| table.count(code);
        let partners = match role {
            Role::Primary => Code::Backup,
            Role::Secondary => Code::Free,
        };
        self.dry.push(Dry {
            role,
            state,
            entered,
            first: now,
            last: now,
            times: 1,
            leased: count(Code::Active),
            ended: count(Code::Expired) + count(Code::Released) + count(Code::Reset),
            abandoned: count(Code::Abandoned),
            partners: count(partners),
        });
    }
}
