//! When the partner may last have been in touch: what a partner-down that is dated back has to respect, over restarts, too.

use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::rules::StartupOver;
use dhcpfo_engine::state::State;
use dhcpfo_wire::session::Link;

use super::{Core, HEARTBEAT};
use crate::record::Contact;

/// Seconds between two lines that say that nobody answers.
const AGAIN: u32 = 60;

/// What a server takes for the latest contact when it starts. A connection that was up when the store was last written may
/// have stayed so until the next heartbeat was due.
pub(super) fn at_start(found: Option<Contact>, heartbeat: u32, now: u32) -> Contact {
    let at = match found {
        Some(Contact { at, in_touch: false }) => at,
        _ => heartbeat.saturating_add(HEARTBEAT + 1),
    };
    Contact { at: at.min(now), in_touch: false }
}

impl Core {
    /// The latest contact as of now.
    pub(super) fn note_contact(&mut self) -> Contact {
        let in_touch = matches!(self.session.link(), Link::Up { .. });
        // One that has just ended was up until now.
        if in_touch || self.contact.in_touch {
            self.contact.at = self.clock.now;
        }
        self.contact.in_touch = in_touch;
        self.contact
    }

    /// STARTUP goes on until the partner answers: somebody should know.
    pub(super) fn say_that_nobody_answers(&mut self) {
        let Phase::Startup { ends } = self.endpoint.volatile().phase else { return };
        let now = self.clock.now;
        let waits = self.config.rules.startup_over == StartupOver::Wait && ends.raw() <= now;
        if waits && now.saturating_sub(self.told_silence) >= AGAIN {
            self.told_silence = now;
            tracing::warn!(
                partner = %self.file.failover.partner,
                "the partner does not answer, and nobody is served until it does (failover.startup-over = \"wait\", Q31). {}",
                self.way_on()
            );
        }
    }

    /// What an operator can do for a server that waits for its partner.
    pub(super) fn way_on(&self) -> &'static str {
        match self.endpoint.state() {
            State::Normal | State::CommunicationsInterrupted | State::ResolutionInterrupted | State::PartnerDown => {
                "If the partner is down, and stays so: dhcpfo ctl partner-down --yes"
            }
            _ => "This server has to recover from its partner first (failover-12 §9.5)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_never_taken_for_earlier_than_it_may_have_been() {
        let at = |found, heartbeat, now| at_start(found, heartbeat, now).at;
        assert_eq!(at(Some(Contact { at: 40, in_touch: false }), 100, 200), 40);
        assert_eq!(at(Some(Contact { at: 100, in_touch: true }), 100, 200), 111);
        assert_eq!(at(None, 100, 200), 111, "a store that was written before contacts were kept");
        assert_eq!(at(None, 100, 103), 103);
    }
}
