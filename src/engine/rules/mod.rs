//! The readings of the specification, as data: one enum per question.
//!
//! Where the draft contradicts itself, leaves a choice, or a deployed server departs from it, the reading
//! in force is a field of [`Rules`]. A *dialect* is a named set of readings; a *mutant* is a reading that
//! must fail. The questions are argued in `spec/questions.md`.

mod readings;

pub use readings::*;

/// Hands the list of questions (key in files, field, type) to another macro.
macro_rules! by_key {
    ($then:ident) => {
        $then! {
            "lead-base" => lead_base: LeadBase,
            "lead-after-free" => lead_after_free: LeadAfterFree,
            "partner-down-lease" => partner_down_lease: PartnerDownLease,
            "partner-down-wait" => partner_down_wait: PartnerDownWait,
            "reported-in-partner-down" => reported_in_partner_down: ReportedInPartnerDown,
            "acceptance" => acceptance: Acceptance,
            "free-over-active" => free_over_active: FreeOverActive,
            "foreign-active" => foreign_active: ForeignActive,
            "transaction-time" => transaction_time: TransactionTime,
            "commit" => commit: Commit,
            "free-on" => free_on: FreeOn,
            "hand-over" => hand_over: HandOver,
            "reclaim" => reclaim: Reclaim,
            "update-done" => update_done: UpdateDone,
            "recover-wait" => recover_wait: RecoverWait,
            "recover-request" => recover_request: RecoverRequest,
            "startup-flag" => startup_flag: StartupFlag,
            "startup-over" => startup_over: StartupOver,
            "last-operation" => last_operation: LastOperation,
            "conflict-in-recover" => conflict_in_recover: ConflictInRecover,
            "recovering-partner" => recovering_partner: RecoveringPartner,
            "rewind" => rewind: Rewind,
            "sent-mark" => sent_mark: SentMark,
            "ack-match" => ack_match: AckMatch,
            "old-acks" => old_acks: OldAcks,
            "received-potential" => received_potential: ReceivedPotential,
            "window" => window: Window,
            "after-reject" => after_reject: AfterReject,
            "maximum-lead" => maximum_lead: MaximumLead,
            "bucket-use" => bucket_use: BucketUse,
            "partner-state" => partner_state: PartnerState,
            "transitions" => transitions: Transitions,
            "silence" => silence: Silence,
            "mute" => mute: Mute,
            "abandoned-ends" => abandoned_ends: AbandonedEnds,
            "expiry" => expiry: Expiry,
            "secondary-returns" => secondary_returns: SecondaryReturns,
            "pool-balance" => pool_balance: PoolBalance,
            "reserved-offered" => reserved_offered: ReservedOffered,
            "potential-sent" => potential_sent: PotentialSent,
            "late-update-done" => late_update_done: LateUpdateDone,
            "conflict-end" => conflict_end: ConflictEnd,
            "recorded-end" => recorded_end: RecordedEnd,
            "reset-over-active" => reset_over_active: ResetOverActive,
            "reset-over-unanswered" => reset_over_unanswered: ResetOverUnanswered,
            "abandoned-over-unanswered" => abandoned_over_unanswered: AbandonedOverUnanswered,
            "free-over-unanswered" => free_over_unanswered: FreeOverUnanswered,
            "older-over-reset" => older_over_reset: OlderOverReset,
            "recover-done-lead" => recover_done_lead: RecoverDoneLead,
            "normal-after-recovery" => normal_after_recovery: NormalAfterRecovery,
            "crossing" => crossing: Crossing,
            "renew-unknown" => renew_unknown: RenewUnknown,
            "partner-loss" => partner_loss: PartnerLoss,
            "equal-times" => equal_times: EqualTimes,
            "resumed-normal" => resumed_normal: ResumedNormal,
            "change-told" => change_told: ChangeTold,
            "pool-request" => pool_request: PoolRequest,
            "reset-in-partner-down" => reset_in_partner_down: ResetInPartnerDown,
            "rewind-unresolved" => rewind_unresolved: RewindUnresolved,
        }
    };
}

/// The readings in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each field is named after its type, which is documented")]
pub struct Rules {
    pub lead_base: LeadBase,
    pub lead_after_free: LeadAfterFree,
    pub partner_down_lease: PartnerDownLease,
    pub partner_down_wait: PartnerDownWait,
    pub reported_in_partner_down: ReportedInPartnerDown,
    pub acceptance: Acceptance,
    pub free_over_active: FreeOverActive,
    pub foreign_active: ForeignActive,
    pub transaction_time: TransactionTime,
    pub commit: Commit,
    pub free_on: FreeOn,
    pub hand_over: HandOver,
    pub reclaim: Reclaim,
    pub update_done: UpdateDone,
    pub recover_wait: RecoverWait,
    pub recover_request: RecoverRequest,
    pub startup_flag: StartupFlag,
    pub startup_over: StartupOver,
    pub last_operation: LastOperation,
    pub conflict_in_recover: ConflictInRecover,
    pub recovering_partner: RecoveringPartner,
    pub rewind: Rewind,
    pub sent_mark: SentMark,
    pub ack_match: AckMatch,
    pub old_acks: OldAcks,
    pub received_potential: ReceivedPotential,
    pub window: Window,
    pub after_reject: AfterReject,
    pub maximum_lead: MaximumLead,
    pub bucket_use: BucketUse,
    pub partner_state: PartnerState,
    pub transitions: Transitions,
    pub silence: Silence,
    pub mute: Mute,
    pub abandoned_ends: AbandonedEnds,
    pub expiry: Expiry,
    pub secondary_returns: SecondaryReturns,
    pub pool_balance: PoolBalance,
    pub reserved_offered: ReservedOffered,
    pub potential_sent: PotentialSent,
    pub late_update_done: LateUpdateDone,
    pub conflict_end: ConflictEnd,
    pub recorded_end: RecordedEnd,
    pub reset_over_active: ResetOverActive,
    pub reset_over_unanswered: ResetOverUnanswered,
    pub abandoned_over_unanswered: AbandonedOverUnanswered,
    pub free_over_unanswered: FreeOverUnanswered,
    pub older_over_reset: OlderOverReset,
    pub recover_done_lead: RecoverDoneLead,
    pub normal_after_recovery: NormalAfterRecovery,
    pub crossing: Crossing,
    pub renew_unknown: RenewUnknown,
    pub partner_loss: PartnerLoss,
    pub equal_times: EqualTimes,
    pub resumed_normal: ResumedNormal,
    pub change_told: ChangeTold,
    pub pool_request: PoolRequest,
    pub reset_in_partner_down: ResetInPartnerDown,
    pub rewind_unresolved: RewindUnresolved,
}

impl Rules {
    /// draft-ietf-dhc-failover-12, in the readings that questions.md argues for.
    pub const DRAFT_12: Rules = Rules {
        lead_base: LeadBase::AckedOrReceived,
        lead_after_free: LeadAfterFree::Cleared,
        partner_down_lease: PartnerDownLease::Clamped,
        partner_down_wait: PartnerDownWait::Full,
        reported_in_partner_down: ReportedInPartnerDown::WaitAgain,
        acceptance: Acceptance::Figure,
        free_over_active: FreeOverActive::LeaseOver,
        foreign_active: ForeignActive::LaterWins,
        transaction_time: TransactionTime::Later,
        commit: Commit::BeforeAck,
        free_on: FreeOn::Acked,
        hand_over: HandOver::AtSend,
        reclaim: Reclaim::AtAck,
        update_done: UpdateDone::AllAnswered,
        recover_wait: RecoverWait::FromStart,
        recover_request: RecoverRequest::AllIfLost,
        startup_flag: StartupFlag::Ignored,
        startup_over: StartupOver::Wait,
        last_operation: LastOperation::Service,
        conflict_in_recover: ConflictInRecover::RecoversFirst,
        recovering_partner: RecoveringPartner::RecoversToo,
        rewind: Rewind::BeforeSent,
        sent_mark: SentMark::Durable,
        ack_match: AckMatch::Transaction,
        old_acks: OldAcks::Dropped,
        received_potential: ReceivedPotential::Largest,
        window: Window::Honoured,
        after_reject: AfterReject::Wait,
        maximum_lead: MaximumLead::FromPrimary,
        bucket_use: BucketUse::Draft,
        partner_state: PartnerState::Level,
        transitions: Transitions::Draft,
        silence: Silence::Draft,
        mute: Mute::Never,
        abandoned_ends: AbandonedEnds::ByOperator,
        expiry: Expiry::Both,
        secondary_returns: SecondaryReturns::Never,
        pool_balance: PoolBalance::PerGroup,
        reserved_offered: ReservedOffered::OnRequest,
        potential_sent: PotentialSent::AtLeastReceived,
        late_update_done: LateUpdateDone::Ignored,
        conflict_end: ConflictEnd::BothTold,
        recorded_end: RecordedEnd::Latest,
        reset_over_active: ResetOverActive::LeaseOver,
        reset_over_unanswered: ResetOverUnanswered::ByTime,
        abandoned_over_unanswered: AbandonedOverUnanswered::EndKept,
        free_over_unanswered: FreeOverUnanswered::Refused,
        older_over_reset: OlderOverReset::Refused,
        recover_done_lead: RecoverDoneLead::PromisedOnly,
        normal_after_recovery: NormalAfterRecovery::UpdatesFirst,
        crossing: Crossing::ByTransaction,
        renew_unknown: RenewUnknown::Believed,
        partner_loss: PartnerLoss::RestsFirst,
        equal_times: EqualTimes::KnownAccepted,
        resumed_normal: ResumedNormal::Entered,
        change_told: ChangeTold::WhenFlowing,
        pool_request: PoolRequest::InNormal,
        reset_in_partner_down: ResetInPartnerDown::Rests,
        rewind_unresolved: RewindUnresolved::Never,
    };

    /// ISC dhcpd 4.4.3-P1, as read in its source and seen on the wire.
    pub const ISC_DHCPD_4_4: Rules = Rules {
        lead_after_free: LeadAfterFree::Kept,
        partner_down_wait: PartnerDownWait::ExpirationOnly,
        reported_in_partner_down: ReportedInPartnerDown::Exempt,
        acceptance: Acceptance::Isc,
        free_over_active: FreeOverActive::PotentialOver,
        foreign_active: ForeignActive::BothYield,
        update_done: UpdateDone::LastAnswered,
        recover_wait: RecoverWait::FromState,
        last_operation: LastOperation::Running,
        conflict_in_recover: ConflictInRecover::AtOnce,
        recorded_end: RecordedEnd::JustGiven,
        recovering_partner: RecoveringPartner::Resumes,
        recover_request: RecoverRequest::AlwaysAll,
        startup_over: StartupOver::Previous,
        partner_state: PartnerState::Edge,
        transitions: Transitions::Isc,
        silence: Silence::Isc,
        mute: Mute::Sticky,
        abandoned_ends: AbandonedEnds::ByTime,
        expiry: Expiry::PrimaryInNormal,
        secondary_returns: SecondaryReturns::Unasked,
        change_told: ChangeTold::AtOnce,
        reserved_offered: ReservedOffered::WhenFreed,
        potential_sent: PotentialSent::AtLeastLease,
        reset_over_active: ResetOverActive::Always,
        reset_over_unanswered: ResetOverUnanswered::Accepted,
        abandoned_over_unanswered: AbandonedOverUnanswered::Forgotten,
        free_over_unanswered: FreeOverUnanswered::Accepted,
        older_over_reset: OlderOverReset::Accepted,
        recover_done_lead: RecoverDoneLead::Now,
        normal_after_recovery: NormalAfterRecovery::AtOnce,
        crossing: Crossing::Literal,
        partner_loss: PartnerLoss::AsRecorded,
        reset_in_partner_down: ResetInPartnerDown::AtOnce,
        rewind_unresolved: RewindUnresolved::AsInterrupted,
        startup_flag: StartupFlag::IgnoredWhenRunning,
        ..Rules::DRAFT_12
    };

    /// The dialects by name.
    pub const DIALECTS: &'static [(&'static str, Rules)] =
        &[("draft-12", Rules::DRAFT_12), ("isc-dhcpd-4.4", Rules::ISC_DHCPD_4_4)];

    /// Sets one reading by the words that model files use. What would be accepted is in the error.
    pub fn set(&mut self, key: &str, word: &str) -> Result<(), UnknownReading> {
        macro_rules! keys {
            ($($key:literal => $field:ident: $kind:ident,)+) => {
                match key {
                    $($key => match $kind::WORDS.iter().find(|(w, _)| *w == word) {
                        Some((_, value)) => { self.$field = *value; Ok(()) }
                        None => Err(UnknownReading::Word($kind::NAMES)),
                    },)+
                    _ => Err(UnknownReading::Key),
                }
            };
        }
        by_key!(keys)
    }

    /// The word of the reading in force, for every key, in a fixed order.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        macro_rules! list {
            ($($key:literal => $field:ident: $kind:ident,)+) => {
                [$(($key, self.$field.word()),)+].into_iter()
            };
        }
        by_key!(list)
    }
}

/// A reading that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownReading {
    /// No such question. [`Rules::words`] lists them.
    Key,
    /// The question exists; these are its answers.
    Word(&'static [&'static str]),
}
