//! When the partner may last have been in touch: what a partner-down that is dated back has to respect, over restarts, too.

use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::rules::StartupOver;
use dhcpfo_engine::state::State;
use dhcpfo_wire::session::Link;

use super::troubles::Kind;
use super::{Core, HEARTBEAT};
use crate::record::Contact;

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

    /// STARTUP goes on until the partner answers: somebody should know. Why it does not is a trouble of its own.
    pub(super) fn say_that_nobody_is_served(&mut self) {
        let Phase::Startup { ends } = self.endpoint.volatile().phase else {
            return self.troubles.over(Kind::Waiting);
        };
        if self.config.rules.startup_over == StartupOver::Wait && ends.raw() <= self.clock.now {
            let way_on = self.way_on();
            let text =
                format!("nobody is served until the partner answers (failover.startup-over = \"wait\", Q31). {way_on}");
            self.trouble(Kind::Waiting, text);
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
