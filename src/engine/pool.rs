//! Moving available addresses between the servers: POOLREQ, POOLRESP, and the balance, group by group
//! (failover-12 §5.4, §7.6, §7.7).

use crate::balance::{Available, Correction, correction};
use crate::binding::{Binding, Code, Partner, Status};
use crate::effect::Note;
use crate::machine::Run;
use crate::message::Message;
use crate::rules::{PoolBalance, PoolRequest, ReservedOffered, SecondaryReturns};
use crate::state::State;
use crate::table::{Group, LeaseTable};

impl<T: LeaseTable, const W: usize> Run<'_, T, W> {
    /// POOLREQ: one message for all groups. The primary hands over what the secondary lacks in each, in its books first,
    /// and answers with the sum (failover-12 §7.6.2; F12-7.7.1-b; Q37, Q120).
    pub(crate) fn pool_request(&mut self) {
        let normal = self.state() == State::Normal || self.config.rules.pool_request == PoolRequest::Always;
        let count = match (self.is_primary(), self.config.rules.secondary_returns) {
            (true, _) if normal => {
                self.offer_reserved();
                self.of_each_share(|run, of, has| run.hand_over(of, has.lacking(&run.config.pool)))
            }
            (false, SecondaryReturns::OnRequest | SecondaryReturns::Unasked) if normal => {
                self.of_each_share(|run, of, has| run.give_back(of, has.excess(&run.config.pool)))
            }
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

    /// The primary acts unasked where the balance of a group is off by more than the slack (failover-12 §5.4;
    /// F12-5.4-f).
    pub(crate) fn rebalance_if_off(&mut self) {
        let pool = self.config.pool;
        let in_touch = self.conversation().is_some_and(|conversation| conversation.flowing);
        if pool.slack.is_none() || !in_touch || !self.is_primary() || self.state() != State::Normal {
            return;
        }
        if self.config.rules.pool_balance == PoolBalance::Overall {
            return self.correct(None);
        }
        let mut from = Group(0);
        while let Some(group) = self.table().next_uneven(from, &pool) {
            self.correct(Some(group));
            from = Group(group.0 + 1);
        }
    }

    /// ISC dhcpd: the secondary looks at the balance when it enters NORMAL, too, and gives back what it has too much (Q127).
    pub(crate) fn return_unasked(&mut self) {
        if self.is_primary() || self.config.rules.secondary_returns != SecondaryReturns::Unasked {
            return;
        }
        self.of_each_share(|run, of, has| match correction(&run.config.pool, &has) {
            Some(Correction::Reclaim(count)) => run.give_back(of, count),
            _ => 0,
        });
    }

    fn correct(&mut self, of: Option<Group>) {
        if let Some(correction) = correction(&self.config.pool, &self.table().available(of)) {
            match correction {
                Correction::HandOver(count) => self.hand_over(of, count),
                Correction::Reclaim(count) => self.reclaim(of, count),
            };
        }
    }

    /// An operator wants the balance of every group restored now.
    pub(crate) fn rebalance(&mut self) {
        if self.is_primary() && self.state() == State::Normal && self.conversation().is_some() {
            self.offer_reserved();
            self.of_each_share(|run, of, has| {
                let (lacking, excess) = (has.lacking(&run.config.pool), has.excess(&run.config.pool));
                run.hand_over(of, lacking) + run.reclaim(of, excess)
            });
            self.pump();
        } else if !self.is_primary() && self.conversation().is_some() {
            self.send(Message::PoolReq);
        }
    }

    /// Does something about the addresses of each group, or about all as if they were one; the sum of what it did.
    fn of_each_share(&mut self, mut act: impl FnMut(&mut Self, Option<Group>, Available) -> u32) -> u32 {
        let mut one = |run: &mut Self, of| {
            let has = run.table().available(of);
            act(run, of, has)
        };
        match self.config.rules.pool_balance {
            PoolBalance::PerGroup => (0..self.table().groups()).map(|group| one(self, Some(Group(group)))).sum(),
            PoolBalance::Overall => one(self, None),
        }
    }

    /// A reserved address is the secondary's to give as well, once it has been told (failover-12 §5.13). Of one that was
    /// never used nobody has spoken yet.
    fn offer_reserved(&mut self) {
        if self.config.rules.reserved_offered == ReservedOffered::WhenFreed {
            return;
        }
        let mut from = 0;
        while let Some(address) = self.table().next_reservation(from) {
            let binding = self.binding(address);
            if matches!(binding.status, Status::Free { .. }) && binding.partner == Partner::UpToDate {
                self.put(address, Binding { partner: Partner::Unsent, ..binding });
            }
            from = address.0 + 1;
        }
    }

    /// FREE to BACKUP: the primary stops using them before it tells (failover-12 §5.4).
    fn hand_over(&mut self, of: Option<Group>, count: u32) -> u32 {
        self.change(of, count, Code::Free, |binding| Binding {
            status: Status::Backup { last: binding.status.client() },
            partner: Partner::Unsent,
            ..binding
        })
    }

    /// BACKUP to FREE, asked for: the secondary has the last word (failover-12 §5.4).
    fn reclaim(&mut self, of: Option<Group>, count: u32) -> u32 {
        self.change(of, count, Code::Backup, |binding| Binding {
            reclaiming: true,
            partner: Partner::Unsent,
            ..binding
        })
    }

    /// ISC dhcpd: the secondary gives addresses back.
    fn give_back(&mut self, of: Option<Group>, count: u32) -> u32 {
        self.change(of, count, Code::Backup, |binding| Binding {
            status: Status::Free { last: binding.status.client() },
            partner: Partner::Unsent,
            ..binding
        })
    }

    /// Changes up to `count` unreserved addresses of one status that the partner knows of, lowest first.
    fn change(&mut self, of: Option<Group>, count: u32, code: Code, to: fn(Binding) -> Binding) -> u32 {
        let (mut done, mut from) = (0, 0);
        while done < count
            && let Some(address) = self.table().next_movable(of, from, code)
        {
            self.put(address, to(self.binding(address)));
            from = address.0 + 1;
            done += 1;
        }
        done
    }
}
