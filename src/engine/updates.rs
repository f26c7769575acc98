//! Binding updates in both directions: BNDUPD, BNDACK, UPDREQ, UPDREQALL, UPDDONE (failover-12 §7.1 to §7.5).

use crate::binding::{AddressId, Binding, Code, Partner, Status};
use crate::durable::{EndpointRecord, Record};
use crate::effect::Note;
use crate::endpoint::{Outstanding, Serving};
use crate::grant::potential;
use crate::judge::{Case, judge};
use crate::machine::Run;
use crate::message::{BndAck, BndUpd, Message, RejectReason, Transaction};
use crate::rules::RecordedEnd;
use crate::rules::{
    AbandonedEnds, AbandonedOverUnanswered, AckMatch, AfterReject, ChangeTold, Commit, ConflictEnd, FreeOn,
    LeadAfterFree, ReceivedPotential, Reclaim, ReportedInPartnerDown, UpdateDone, Window,
};
use crate::state::{Reported, State};
use crate::table::LeaseTable;
use crate::transition::Cause;
use crate::wait;
use dhcpfo_time::Time;

impl<T: LeaseTable, const W: usize> Run<'_, T, W> {
    // ---- receiving --------------------------------------------------------------------------------------

    /// A BNDUPD: judged, stored, acknowledged, in this order (failover-12 §7.1.2, §7.2).
    pub(crate) fn update(&mut self, update: &BndUpd) {
        let verdict = self.verdict(update);
        let ack =
            Message::BndAck(BndAck { transaction: update.transaction, address: update.address, reject: verdict.err() });
        let early = self.config.rules.commit == Commit::AfterAck;
        if early {
            self.send(ack);
        }
        if verdict.is_ok() {
            let accepted = self.accepted(update);
            let accepted = self.rests_if_partner_down(accepted);
            self.put(update.address, accepted);
        } else {
            self.own_view_stands(update.address);
        }
        if !early {
            self.send(ack);
        }
        self.pump();
    }

    /// What was refused here is not what the partner has: at the next occasion, not at once, it hears our view
    /// (F12-7.2.1-e; Q53).
    fn own_view_stands(&mut self, address: AddressId) {
        if address.0 < self.table().len() && self.binding(address).partner == Partner::UpToDate {
            self.put(address, Binding { partner: Partner::Rejected, ..self.binding(address) });
        }
    }

    fn verdict(&mut self, update: &BndUpd) -> Result<(), RejectReason> {
        if update.address.0 >= self.table().len() {
            return Err(RejectReason::IllegalAddress);
        }
        let dueling = self.outstanding_about(update.address).is_some();
        judge(&Case {
            rules: &self.config.rules,
            role: self.config.role,
            state: self.state(),
            clock: self.clock,
            mine: &self.binding(update.address),
            update,
            reserved_here: self.table().reserved(update.address).is_some(),
            dueling,
        })
    }

    /// The binding after an accepted update (failover-12 §5.11, §7.1.5).
    fn accepted(&self, update: &BndUpd) -> Binding {
        let mine = self.binding(update.address);
        match update.status {
            Status::Active { .. } => self.accepted_lease(mine, update),
            // The acknowledging server sets FREE at once (failover-12 §5.11).
            Status::Expired { .. } | Status::Released { .. } | Status::Reset => self.returned(mine, update.address),
            Status::Free { .. } => self.returned(mine, update.address),
            Status::Backup { .. } => {
                let freed = self.freed(mine);
                // A reserved address is FREE at the primary and BACKUP at the secondary (failover-12 §5.13).
                Binding { status: Status::Backup { last: freed.status.client() }, ..freed }
            }
            Status::Abandoned => Binding {
                status: Status::Abandoned,
                partner: Partner::UpToDate,
                reclaiming: false,
                lease_expiration: self.kept_under_abandoned(&mine, update),
                client_last_transaction: Time::LONG_AGO,
                start_of_status: self.clock.now(),
                ..mine
            },
        }
    }

    /// The end of a lease that ABANDONED takes away. The client may have got it here after it declined the address at
    /// the partner, which has not heard of that: a RESET of the partner's must not make the address free before (Q82).
    /// Where ABANDONED ends by time, the partner says when.
    fn kept_under_abandoned(&self, mine: &Binding, update: &BndUpd) -> Time {
        let rules = &self.config.rules;
        if rules.abandoned_ends == AbandonedEnds::ByTime {
            return update.lease_expiration;
        }
        let unknown_to_partner = match mine.status {
            Status::Active { .. } | Status::Expired { .. } => mine.partner != Partner::UpToDate,
            // The same word again: what was kept at the first is kept.
            Status::Abandoned => true,
            _ => false,
        };
        let kept = rules.abandoned_over_unanswered == AbandonedOverUnanswered::EndKept;
        if kept && unknown_to_partner { mine.lease_expiration } else { Time::LONG_AGO }
    }

    /// FREE; and a reserved one is offered to the secondary again (failover-12 §5.13).
    fn returned(&self, mine: Binding, address: AddressId) -> Binding {
        let freed = self.freed(mine);
        let reserved = self.table().reserved(address).is_some() && self.is_primary();
        Binding { partner: if reserved { Partner::Unsent } else { Partner::UpToDate }, ..freed }
    }

    fn accepted_lease(&self, mine: Binding, update: &BndUpd) -> Binding {
        let same_client = mine.status.client() == update.status.client();
        let continues = same_client && mine.status.code() == Code::Active;
        let keeps_past = self.config.rules.lead_after_free == LeadAfterFree::Kept;
        let received = match self.config.rules.received_potential {
            // Within one lease the latest counts. A lease that ended here and went on there starts anew for
            // what it may lead, whoever the client is: the partner may have forgotten the old promises (Q20).
            ReceivedPotential::Largest if continues || keeps_past => {
                self.clock.later(mine.received_potential_expiration, update.potential_expiration)
            }
            _ => update.potential_expiration,
        };
        let never = Time::LONG_AGO;
        Binding {
            status: update.status,
            // What comes from the partner is not reported back to it (F12-5.5-c, F12-7.1.1-b).
            partner: if continues && mine.partner != Partner::UpToDate { mine.partner } else { Partner::UpToDate },
            reclaiming: false,
            lease_expiration: match self.config.rules.recorded_end {
                RecordedEnd::Latest => self.clock.later(mine.lease_expiration, update.lease_expiration),
                RecordedEnd::JustGiven => update.lease_expiration,
            },
            sent_potential_expiration: if same_client || keeps_past { mine.sent_potential_expiration } else { never },
            acked_potential_expiration: if continues || keeps_past { mine.acked_potential_expiration } else { never },
            received_potential_expiration: received,
            client_last_transaction: if continues {
                self.clock.later(mine.client_last_transaction, update.client_last_transaction)
            } else {
                update.client_last_transaction
            },
            start_of_status: update.start_of_status,
            wait_ends: if same_client { mine.wait_ends } else { never },
        }
    }

    /// A last word of a partner that is down, read in PARTNER-DOWN: the lease that it tells of rests like those
    /// that were known at entry (failover-12 §9.4.2), for the partner may have extended it and not told.
    fn rests_if_partner_down(&mut self, mut accepted: Binding) -> Binding {
        if self.state() == State::PartnerDown && accepted.status.code() == Code::Active {
            let common = self.record().partner_down_wait_ends;
            let rests = wait::reallocation(self.config, &accepted, common, self.clock);
            accepted.wait_ends = self.clock.later(accepted.wait_ends, rests);
        }
        accepted
    }

    /// A BNDACK: only for what is outstanding, and it says nothing else (failover-12 §7.2.2; F12-7.2.1-b; F-07).
    pub(crate) fn ack(&mut self, ack: &BndAck) {
        if ack.address.0 >= self.table().len() {
            return self.note(Note::Ignored);
        }
        let found = match self.config.rules.ack_match {
            AckMatch::Transaction => {
                self.take_outstanding(|slot, o| slot == ack.transaction && o.address == ack.address)
            }
            AckMatch::AddressOnly => {
                let told = self.binding(ack.address).status.code();
                self.take_outstanding(|_, o| o.address == ack.address).or(Some(Outstanding {
                    address: ack.address,
                    told,
                    counted: false,
                }))
            }
        };
        let Some(outstanding) = found else { return self.note(Note::Ignored) };
        let binding = self.binding(ack.address);
        let answered = match ack.reject {
            None => self.acknowledged(binding, &outstanding),
            Some(_) => self.rejected(binding, &outstanding),
        };
        self.put(ack.address, answered);
        let last_of_all = self.conversation().and_then(|c| c.serving).is_some_and(|s| s.last == Some(ack.transaction));
        self.pump();
        self.join_if_told();
        if last_of_all && self.config.rules.update_done == UpdateDone::LastAnswered {
            self.finish_serving();
        }
    }

    /// The partner has it on stable storage.
    fn acknowledged(&self, binding: Binding, outstanding: &Outstanding) -> Binding {
        let unchanged = binding.partner != Partner::Unsent;
        let told = outstanding.told;
        // What was sent stays what was sent until the next send, so this is the value acknowledged.
        let acked = self.clock.later(binding.acked_potential_expiration, binding.sent_potential_expiration);
        match binding.status {
            Status::Active { .. } if told == Code::Active => Binding {
                acked_potential_expiration: acked,
                partner: if unchanged { Partner::UpToDate } else { binding.partner },
                ..binding
            },
            _ if !unchanged || !tells(&binding, told) => binding,
            // An end that rests: it is told when it has rested.
            Status::Expired { .. } if told == Code::Active => {
                Binding { acked_potential_expiration: acked, partner: Partner::UpToDate, ..binding }
            }
            status if status.is_ending() => self.returned(binding, outstanding.address),
            Status::Backup { .. } if binding.reclaiming => self.freed(binding),
            _ => Binding { partner: Partner::UpToDate, ..binding },
        }
    }

    /// The partner does not want it (failover-12 §7.2.2).
    fn rejected(&self, binding: Binding, outstanding: &Outstanding) -> Binding {
        if binding.partner == Partner::Unsent || !tells(&binding, outstanding.told) {
            return binding;
        }
        let partner = match self.config.rules.after_reject {
            AfterReject::Wait => Partner::Rejected,
            AfterReject::ResendAtOnce => Partner::Unsent,
        };
        Binding { partner, ..binding }
    }

    /// What was rejected may be offered again at the next occasion (failover-12 §7.2.2).
    pub(crate) fn retry_rejected(&mut self) {
        let mut from = 0;
        while let Some(address) = self.table().next_informed(from, Partner::Rejected) {
            let binding = Binding { partner: Partner::Sent, ..self.binding(address) };
            self.put(address, binding);
            from = address.0 + 1;
        }
    }

    // ---- requests for updates ---------------------------------------------------------------------------

    /// UPDREQ or UPDREQALL (failover-12 §7.3.2, §7.4.2).
    pub(crate) fn update_request(&mut self, all: bool) {
        let owed = self.record().owes_all || all;
        if all && !self.record().owes_all {
            self.rest_what_the_partner_lost();
            // Remembered until the first UPDDONE, across connections and restarts.
            self.persist(Record::Endpoint(EndpointRecord { owes_all: true, ..self.record() }));
        }
        self.retry_rejected();
        if let Some(conversation) = self.conversation() {
            conversation.flowing = true;
            conversation.serving = Some(Serving { all: owed, next: 0, last: None });
        }
        self.pump();
    }

    /// UPDDONE (failover-12 §7.5.2): only if it was asked for.
    pub(crate) fn update_done(&mut self) {
        let asked = self.conversation().is_some_and(|conversation| core::mem::take(&mut conversation.asked));
        if !asked {
            return self.note(Note::Ignored);
        }
        if self.record().lost {
            self.persist(Record::Endpoint(EndpointRecord { lost: false, ..self.record() }));
        }
        if !self.primary_left_the_conflict() {
            self.consider(Cause::UpdateDone);
        }
        self.pump();
    }

    /// The primary was in CONFLICT-DONE when this server asked, and recovers now: it comes back to the conflict (Q89).
    fn primary_left_the_conflict(&self) -> bool {
        self.config.rules.conflict_end == ConflictEnd::BothTold
            && self.state() == State::PotentialConflict
            && !self.is_primary()
            && self.endpoint.volatile.session.conversation().map(|conversation| conversation.partner)
                != Some(Reported::In(State::ConflictDone))
    }

    /// As soon as the last answer is in (F12-7.5.1-a).
    fn finish_serving(&mut self) {
        let Some(serving) = self.conversation().and_then(|conversation| conversation.serving.take()) else { return };
        if serving.all {
            self.persist(Record::Endpoint(EndpointRecord { owes_all: false, ..self.record() }));
        }
        self.send(Message::UpdDone);
    }

    // ---- sending ----------------------------------------------------------------------------------------

    /// Sends what can be sent now: first what was asked for, then changes as they come, then a due POOLREQ.
    pub(crate) fn pump(&mut self) {
        self.rebalance_if_off();
        self.serve();
        if self.is_joining() {
            self.tell_before_joining();
        }
        let flowing = self.conversation().is_some_and(|conversation| conversation.flowing);
        if flowing {
            self.send_changes();
        }
        self.send_pool_request();
    }

    /// Walks through the table for the partner's request. A change behind the walk is not counted, one ahead
    /// of it is, so every request ends (failover-12 §7.3.2).
    fn serve(&mut self) {
        while let Some(serving) = self.conversation().and_then(|conversation| conversation.serving) {
            let wanted = |binding: &Binding| binding.is_dirty() || (serving.all && was_used(binding));
            match self.table().find(serving.next, &mut |_, binding| wanted(binding)) {
                Some(address) => {
                    if !self.serve_one(address, serving) {
                        return;
                    }
                }
                None if self.may_finish(serving) => return self.finish_serving(),
                None => return self.set_serving(Serving { next: self.table().len(), ..serving }),
            }
        }
    }

    /// Sends or counts one binding; false if it has to wait.
    fn serve_one(&mut self, address: AddressId, serving: Serving) -> bool {
        let next = address.0 + 1;
        let transaction = match self.outstanding_about(address) {
            // An older word about it is under way: the present one has to follow it.
            Some(_) if self.binding(address).partner == Partner::Unsent => return false,
            Some(transaction) => transaction,
            None => match self.free_slot() {
                Some(transaction) => {
                    self.send_update(transaction, address);
                    transaction
                }
                None => return false,
            },
        };
        if let Some(Some(outstanding)) = self.conversation().map(|c| &mut c.window[usize::from(transaction.0)]) {
            outstanding.counted = true;
        }
        self.set_serving(Serving { next, last: Some(transaction), ..serving });
        true
    }

    fn set_serving(&mut self, serving: Serving) {
        if let Some(conversation) = self.conversation() {
            conversation.serving = Some(serving);
        }
    }

    /// A refusal is an answer, too (F12-7.3-b).
    fn may_finish(&mut self, serving: Serving) -> bool {
        let counted = self.conversation().is_some_and(|c| c.window.iter().flatten().any(|o| o.counted));
        match self.config.rules.update_done {
            UpdateDone::AllAnswered => !counted,
            UpdateDone::LastAnswered => serving.last.is_none() || !counted,
            UpdateDone::AllSent => true,
        }
    }

    fn send_changes(&mut self) {
        let mut from = 0;
        while let Some(address) = self.table().next_dirty(from) {
            from = address.0 + 1;
            if self.outstanding_about(address).is_none() {
                let Some(transaction) = self.free_slot() else { return };
                self.send_update(transaction, address);
            }
        }
    }

    /// A binding has changed: ISC dhcpd tells of it wherever it is connected, not only where updates flow (Q126).
    pub(crate) fn tell_change(&mut self, address: AddressId) {
        let flowing = self.conversation().is_none_or(|conversation| conversation.flowing);
        if flowing
            || self.config.rules.change_told == ChangeTold::WhenFlowing
            || self.outstanding_about(address).is_some()
        {
            return;
        }
        if let Some(transaction) = self.free_slot() {
            self.send_update(transaction, address);
        }
    }

    /// One BNDUPD. That it is sent, and what it promises, is on stable storage first (failover-12 §7.1.1; Q8).
    pub(crate) fn send_update(&mut self, transaction: Transaction, address: AddressId) {
        let mut binding = self.binding(address);
        let told = told(self, &binding, address);
        let mut update = BndUpd {
            transaction,
            address,
            status: told,
            reserved: self.table().reserved(address).is_some(),
            lease_expiration: Time::LONG_AGO,
            potential_expiration: Time::LONG_AGO,
            client_last_transaction: binding.client_last_transaction,
            start_of_status: binding.start_of_status,
        };
        match told.code() {
            Code::Active => {
                let promised = potential(&self.config.rules, &binding, self.clock);
                binding.sent_potential_expiration = promised;
                update.lease_expiration = binding.lease_expiration;
                update.potential_expiration = promised;
                self.rest_again(&mut binding);
            }
            // ISC dhcpd says when it ends; in the draft an end goes with ACTIVE only (F12-7.1-d).
            Code::Abandoned if self.config.rules.abandoned_ends == AbandonedEnds::ByTime => {
                update.lease_expiration = binding.lease_expiration;
            }
            _ => {}
        }
        if binding.partner != Partner::UpToDate {
            binding.partner = Partner::Sent;
        }
        self.put(address, binding);
        if let Some(conversation) = self.conversation() {
            conversation.window[usize::from(transaction.0)] =
                Some(Outstanding { address, told: told.code(), counted: false });
        }
        self.send(Message::BndUpd(update));
        self.freed_by_sending(address, told.code());
    }

    /// In PARTNER-DOWN a lease that the partner knows of must rest again: it may renew it as soon as it is in
    /// RECOVER-DONE (failover-12 §5.2.1; Q45).
    fn rest_again(&mut self, binding: &mut Binding) {
        let rests = self.config.rules.reported_in_partner_down == ReportedInPartnerDown::WaitAgain;
        if self.state() == State::PartnerDown && rests {
            let common = self.record().partner_down_wait_ends;
            let again = wait::reallocation(self.config, binding, common, self.clock);
            binding.wait_ends = self.clock.later(binding.wait_ends, again);
        }
    }

    /// The readings in which sending alone makes an address FREE (M-06, M-09).
    fn freed_by_sending(&mut self, address: AddressId, told: Code) {
        let binding = self.binding(address);
        let ended = binding.status.is_ending() && self.config.rules.free_on == FreeOn::Sent;
        let reclaimed = binding.reclaiming && told == Code::Free && self.config.rules.reclaim == Reclaim::AtSend;
        if ended || reclaimed {
            let freed = self.freed(binding);
            self.put(address, freed);
        }
    }

    // ---- the window -------------------------------------------------------------------------------------

    /// A transaction that is not in use, if the partner's max-unacked-bndupd allows one more (failover-12 §8.4).
    pub(crate) fn free_slot(&mut self) -> Option<Transaction> {
        let honoured = self.config.rules.window == Window::Honoured;
        let conversation = self.conversation()?;
        let used = conversation.window.iter().flatten().count();
        if honoured && used >= conversation.parameters.window() {
            return None;
        }
        conversation.window.iter().position(Option::is_none).map(|slot| Transaction(slot as u8))
    }

    pub(crate) fn outstanding_about(&mut self, address: AddressId) -> Option<Transaction> {
        let window = &self.conversation()?.window;
        window.iter().position(|slot| slot.is_some_and(|o| o.address == address)).map(|slot| Transaction(slot as u8))
    }

    fn take_outstanding(&mut self, wanted: impl Fn(Transaction, &Outstanding) -> bool) -> Option<Outstanding> {
        let window = &mut self.conversation()?.window;
        let slot = (0..W).find(|&slot| window[slot].is_some_and(|o| wanted(Transaction(slot as u8), &o)))?;
        window[slot].take()
    }
}

/// What the next BNDUPD about a binding says.
fn told<T: LeaseTable, const W: usize>(run: &Run<'_, T, W>, binding: &Binding, address: AddressId) -> Status {
    match binding.status {
        Status::Backup { last } if binding.reclaiming => Status::Free { last },
        // An end that rests is not told before it has (Q78).
        Status::Expired { client } if !run.clock.passed(binding.lease_expiration) => Status::Active { client },
        // failover-12 §5.13: the primary shows a reserved address as FREE and tells the secondary BACKUP.
        Status::Free { last } if run.is_primary() && run.table().reserved(address).is_some() => Status::Backup { last },
        status => status,
    }
}

/// Whether a binding still says what was told of it.
fn tells(binding: &Binding, told: Code) -> bool {
    match (binding.status.code(), told) {
        (Code::Backup, Code::Free) => binding.reclaiming,
        (Code::Free, Code::Backup) | (Code::Expired, Code::Active) => true,
        (code, told) => code == told,
    }
}

/// failover-12 §5.16: a binding that was never anything but FREE need not be sent.
fn was_used(binding: &Binding) -> bool {
    !matches!(binding.status, Status::Free { last: None })
}
