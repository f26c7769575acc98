//! Whether the store that this server began with is the one that it had last (Q17).
//!
//! An old copy of a store that is put back is whole, and wrong: leases that were given since are forgotten. The partner has
//! heard of them. Between two of ours each counts its commits, and each keeps how far it has heard the other count
//! ([`dhcpfo_wire::memory`]): a server whose store has fewer commits than its partner has heard of sets it aside and
//! recovers, as after a loss. With STARTUP that waits for the partner nobody is served before.
//!
//! A dhcpd keeps no such number. What it says is since when it has been in COMMUNICATIONS-INTERRUPTED: until about then this
//! server was there, and wrote that it was. What this finds is a store that is older than the latest contact by more than a
//! heartbeat and the receive timers; it is also found where a dhcpd took up that state anew after this server had ended.
//!
//! Not found: changes that the partner never heard of, two stores that are put back together, and, with a dhcpd, a copy of
//! the last seconds.

use dhcpfo_engine::effect::Input;
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::message::{Message, StateReport};
use dhcpfo_engine::state::{Reported, State};
use dhcpfo_time::Time;
use dhcpfo_wire::memory::Memory;
use dhcpfo_wire::session::{self, Agreement, Now};

use super::{Core, HEARTBEAT};
use crate::record::Counts;

/// Seconds by which two clocks may seem to differ that are read in whole seconds.
const SLACK: u32 = 3;

/// Numbers as a server starts with them: until it meets its partner it remembers where it began.
pub(super) fn at_start(found: Counts) -> Counts {
    Counts { opened: Some(found.opened.unwrap_or(found.commits)), ..found }
}

/// Whether the partner has heard of commits that the store of this server does not have.
const fn is_old(counts: &Counts, heard: u64) -> bool {
    let had = match counts.opened {
        Some(opened) => opened,
        None => counts.commits,
    };
    heard > had
}

impl Core {
    /// The partner says how far it has heard this server count. Whether this server begins anew.
    pub(super) fn remembers_more(&mut self, now: Now, agreement: &Agreement) -> bool {
        let Some(Memory { commit, heard: Some(heard) }) = agreement.memory else { return false };
        self.partner_remembers = heard > 0;
        let had = self.counts.opened.unwrap_or(self.counts.commits);
        let old = is_old(&self.counts, heard);
        self.counts = Counts { commits: self.counts.commits.max(heard), opened: None, ..self.counts };
        // A store without bindings has nothing that would be too old, unless somebody said that nothing need be waited for.
        let waits = self.endpoint.durable().endpoint().is_none_or(|record| record.recover_wait_ends != Time::LONG_AGO);
        if old && !(self.is_unused() && waits) {
            tracing::error!(
                had,
                heard,
                "the store is older than what the partner has heard of: everything is asked of the partner"
            );
            self.begin_from_partner(now);
            return true;
        }
        self.session.set_partners_commit(commit);
        false
    }

    /// The same, of a dhcpd, by the time of its state.
    pub(super) fn was_missed_later(&mut self, now: Now, input: &Input) -> bool {
        let Input::Message(Message::State(StateReport { state, since, .. })) = input else { return false };
        let Some(timer) = self.partners_timer.filter(|_| self.file.failover.isc) else { return false };
        let first = self.counts.opened.take().is_some();
        let interrupted = *state == Reported::In(State::CommunicationsInterrupted);
        let here_until =
            self.found_alive.saturating_add(HEARTBEAT + timer.max(self.file.failover.receive_timer) + SLACK);
        if !first || !interrupted || self.is_unused() || since.raw() <= here_until {
            return false;
        }
        tracing::error!(
            written = self.found_alive,
            missed = since.raw(),
            "the store is older than the partner's latest contact with this server: it is set aside, and everything is asked \
             of the partner"
        );
        self.begin_from_partner(now);
        true
    }

    /// Sets the store aside. One that has served in PARTNER-DOWN may have given the partner's addresses: it keeps what it
    /// has, asks for everything all the same, and both settle their conflict (failover-12 §9.10; Q43).
    fn begin_from_partner(&mut self, now: Now) {
        let serves = self.endpoint.volatile().phase == Phase::Running && self.endpoint.state() == State::PartnerDown;
        let begun = if serves { self.forget_what_is_told(now) } else { self.set_aside(now) };
        match begun {
            // The partner need not be waited for: nothing was refused.
            Ok(()) => self.session_input(now, session::Input::Resume),
            Err(error) => {
                tracing::error!(%error, "this server ends: it must not serve from what it has");
                self.ending = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_old_if_the_partner_has_heard_of_more() {
        let found = Counts { commits: 1000, heard: 5, opened: None };
        let mut counts = at_start(found);
        assert!(!is_old(&counts, 1000) && is_old(&counts, 1001));
        // What it writes alone is not what the partner has heard of, however much it is, and over restarts.
        counts.commits = 2000;
        assert!(is_old(&at_start(counts), 1001));
        // Once they have met, what it writes counts.
        counts.opened = None;
        assert!(!is_old(&counts, 2000) && is_old(&counts, 2001));
    }
}
