//! Joining a partner that has recovered: what it must have heard before it hears NORMAL (failover-12 §9.4.3, §9.9.3; Q30).
//!
//! A partner in RECOVER-DONE takes its pool for its own again as soon as it hears NORMAL. What was leased of it in PARTNER-DOWN
//! has to be on its way before. So a server that could join walks through its table once and tells of every change. From the
//! moment that it could, it changes its bindings only as one in NORMAL does: it neither leases the partner's addresses nor frees
//! what has rested. What changes behind the walk may therefore follow later, and the walk ends however fast leases change.

use crate::binding::Partner;
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::machine::Run;
use crate::rules::NormalAfterRecovery;
use crate::state::{Reported, State};
use crate::table::LeaseTable;

impl<T: LeaseTable, const W: usize> Run<'_, T, W> {
    /// Whether NORMAL has to wait until the partner, which is in this state, has been told more.
    pub(crate) fn owes_updates_first(&mut self, partner: Reported) -> bool {
        if !joins(self.config, self.state(), partner) {
            return false;
        }
        if let Some(conversation) = self.conversation() {
            conversation.flowing = true;
        }
        self.pump();
        self.tell_before_joining()
    }

    pub(crate) fn is_joining(&self) -> bool {
        is_joining(self.config, self.endpoint)
    }

    pub(crate) fn holds_back(&self) -> bool {
        holds_back(self.config, self.endpoint)
    }

    /// After an answer there may be nothing left to wait for.
    pub(crate) fn join_if_told(&mut self) {
        if self.is_joining() {
            self.partner_is(Reported::In(State::RecoverDone), None);
        }
    }

    /// Goes on with the walk, as far as the window lets it. Whether something is left to tell.
    pub(crate) fn tell_before_joining(&mut self) -> bool {
        while let Some(below) = self.conversation().map(|conversation| conversation.told_below) {
            let Some(address) = self.table().next_dirty(below) else { break };
            match self.outstanding_about(address) {
                // An older word about it is under way: the present one has to follow it.
                Some(_) if self.binding(address).partner == Partner::Unsent => return true,
                Some(_) => {}
                None => match self.free_slot() {
                    Some(transaction) => self.send_update(transaction, address),
                    None => return true,
                },
            }
            self.set_told_below(address.0 + 1);
        }
        self.set_told_below(self.table().len());
        false
    }

    fn set_told_below(&mut self, below: u32) {
        if let Some(conversation) = self.conversation() {
            conversation.told_below = below;
        }
    }
}

/// Whether this server could join its partner, and first tells it of all changes. Not while the partner is only starting:
/// nothing flows to it then.
fn is_joining<T: LeaseTable, const W: usize>(config: &Config, endpoint: &Endpoint<T, W>) -> bool {
    let conversation = endpoint.volatile.session.conversation();
    conversation
        .is_some_and(|conversation| conversation.flowing && joins(config, endpoint.state(), conversation.partner))
}

/// Whether it leaves to the partner meanwhile what the partner is about to count on again.
pub(crate) fn holds_back<T: LeaseTable, const W: usize>(config: &Config, endpoint: &Endpoint<T, W>) -> bool {
    config.rules.normal_after_recovery == NormalAfterRecovery::UpdatesFirst && is_joining(config, endpoint)
}

fn joins(config: &Config, state: State, partner: Reported) -> bool {
    config.rules.normal_after_recovery != NormalAfterRecovery::AtOnce
        && partner == Reported::In(State::RecoverDone)
        && matches!(state, State::PartnerDown | State::CommunicationsInterrupted)
}
