//! Moving available addresses between the servers: POOLREQ, POOLRESP, and the balance (failover-12 §5.4, §7.6, §7.7).

use crate::balance::secondarys_due;
use crate::binding::{Binding, Code, Partner, Status};
use crate::effect::Note;
use crate::machine::Run;
use crate::message::Message;
use crate::rules::SecondaryReturns;
use crate::state::State;
use crate::table::LeaseTable;

impl<T: LeaseTable, const W: usize> Run<'_, T, W> {
    /// POOLREQ: the primary hands over what the secondary lacks, in its books first (failover-12 §7.6.2;
    /// F12-7.7.1-b; Q37).
    pub(crate) fn pool_request(&mut self) {
        let normal = self.state() == State::Normal;
        let count = match (self.is_primary(), self.config.rules.secondary_returns) {
            (true, _) if normal => self.hand_over(self.lacking()),
            (false, SecondaryReturns::OnRequest | SecondaryReturns::Unasked) if normal => self.give_back(self.excess()),
            (true, _) => 0,
            (false, _) => return self.note(Note::Ignored),
        };
        self.send(Message::PoolResp(count));
        self.pump();
    }

    /// POOLRESP: asked again while something came (failover-12 §7.7.2).
    pub(crate) fn pool_response(&mut self, count: u32) {
        if count > 0 && self.config.pool.ask {
            if let Some(conversation) = self.conversation() {
                conversation.pool_request_due = true;
            }
            self.pump();
        }
    }

    /// Sent when all updates are out (failover-12 §9.8.1).
    pub(crate) fn send_pool_request(&mut self) {
        if !self.conversation().is_some_and(|conversation| conversation.pool_request_due) {
            return;
        }
        let all_out = self.table().next_informed(0, Partner::Unsent).is_none();
        if self.state() != State::Normal || !all_out {
            return;
        }
        if let Some(conversation) = self.conversation() {
            conversation.pool_request_due = false;
        }
        self.send(Message::PoolReq);
    }

    /// The primary acts unasked when the balance is off by more than the slack (failover-12 §5.4).
    pub(crate) fn rebalance_if_off(&mut self) {
        let Some(slack) = self.config.pool.slack else { return };
        let in_touch = self.conversation().is_some_and(|conversation| conversation.flowing);
        if in_touch && self.is_primary() && self.state() == State::Normal {
            let (lacking, excess) = (self.lacking(), self.excess());
            if lacking > slack {
                self.hand_over(lacking);
            } else if excess > slack {
                self.reclaim(excess);
            }
        }
    }

    /// ISC dhcpd: the secondary looks at the balance when it enters NORMAL, too, and gives back what it has too much (Q127).
    pub(crate) fn return_unasked(&mut self) {
        let Some(slack) = self.config.pool.slack else { return };
        let excess = self.excess();
        if !self.is_primary() && self.config.rules.secondary_returns == SecondaryReturns::Unasked && excess > slack {
            self.give_back(excess);
        }
    }

    /// An operator wants the balance restored now.
    pub(crate) fn rebalance(&mut self) {
        if self.is_primary() && self.state() == State::Normal && self.conversation().is_some() {
            let (lacking, excess) = (self.lacking(), self.excess());
            self.hand_over(lacking);
            self.reclaim(excess);
            self.pump();
        } else if !self.is_primary() && self.conversation().is_some() {
            self.send(Message::PoolReq);
        }
    }

    /// How many addresses the secondary should have and has not.
    fn lacking(&self) -> u32 {
        self.due().saturating_sub(self.table().count(Code::Backup))
    }

    /// How many it has and should not, those that are on their way back left out.
    fn excess(&self) -> u32 {
        self.table().count(Code::Backup).saturating_sub(self.due() + self.table().reclaiming())
    }

    fn due(&self) -> u32 {
        secondarys_due(&self.config.pool, self.table().count(Code::Free) + self.table().count(Code::Backup))
    }

    /// FREE to BACKUP: the primary stops using them before it tells (failover-12 §5.4).
    fn hand_over(&mut self, count: u32) -> u32 {
        self.change(count, Code::Free, |binding| Binding {
            status: Status::Backup { last: binding.status.client() },
            partner: Partner::Unsent,
            ..binding
        })
    }

    /// BACKUP to FREE, asked for: the secondary has the last word (failover-12 §5.4).
    fn reclaim(&mut self, count: u32) -> u32 {
        self.change(count, Code::Backup, |binding| Binding { reclaiming: true, partner: Partner::Unsent, ..binding })
    }

    /// ISC dhcpd: the secondary gives addresses back.
    fn give_back(&mut self, count: u32) -> u32 {
        self.change(count, Code::Backup, |binding| Binding {
            status: Status::Free { last: binding.status.client() },
            partner: Partner::Unsent,
            ..binding
        })
    }

    /// Changes up to `count` unreserved addresses of one status that the partner knows of, lowest first.
    fn change(&mut self, count: u32, code: Code, to: fn(Binding) -> Binding) -> u32 {
        let (mut done, mut from) = (0, 0);
        while done < count {
            let Some(address) = self.table().next_with(from, code) else { break };
            from = address.0 + 1;
            let binding = self.binding(address);
            if binding.partner == Partner::UpToDate && self.table().reserved(address).is_none() {
                self.put(address, to(binding));
                done += 1;
            }
        }
        done
    }
}
