//! Whether to accept a binding update: figure 7.1.3-1, and what ISC dhcpd does instead.

use crate::binding::{Binding, Code, Partner, Status};
use crate::message::{BndUpd, RejectReason};
use crate::rules::{
    AbandonedOverUnanswered, Acceptance, Crossing, EqualTimes, ForeignActive, FreeOverActive, FreeOverUnanswered,
    OlderOverReset, ResetOverActive, ResetOverUnanswered, Rules, TransactionTime,
};
use crate::state::{Role, State};
use dhcpfo_time::{Clock, Time};

/// What the decision depends on.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The readings in force.
    pub rules: &'a Rules,
    /// The receiver's role.
    pub role: Role,
    /// The receiver's state.
    pub state: State,
    /// The clock that compares times.
    pub clock: &'a dyn Clock,
    /// The receiver's binding.
    pub mine: &'a Binding,
    /// What was received.
    pub update: &'a BndUpd,
    /// The address is reserved in the receiver's configuration.
    pub reserved_here: bool,
    /// A BNDUPD about the same address is on its way to the partner.
    pub dueling: bool,
}

/// Accepts or says why not. Used on every BNDUPD, in every state (failover-12 §7.1.2).
pub fn judge(case: &Case<'_>) -> Result<(), RejectReason> {
    // failover-12 §7.1.3, last paragraph.
    if case.update.reserved && case.update.status.code() == Code::Backup && !case.reserved_here {
        return Err(RejectReason::NotReserved);
    }
    match case.rules.acceptance {
        Acceptance::Figure => figure(case),
        Acceptance::Isc => isc(case),
    }
}

/// Figure 7.1.3-1: rows are what is stored here, columns what was received.
fn figure(case: &Case<'_>) -> Result<(), RejectReason> {
    use Code::{Abandoned, Active, Backup, Expired, Free, Released, Reset};
    let newer = |than| if is_later(case, than) { Ok(()) } else { Err(RejectReason::Outdated) };
    match (case.mine.status.code(), case.update.status.code()) {
        (Active | Expired | Released, Free | Backup) if takes_back_unheard(case) => Err(RejectReason::Outdated),
        (Reset, Free | Backup) if forgets_reset(case) => Err(RejectReason::Outdated),
        (Active | Expired | Released | Abandoned | Reset, Reset) if crosses_reset(case) => Err(RejectReason::Outdated),
        (Active, Reset) if case.rules.reset_over_active == ResetOverActive::LeaseOver => lease_over(case),
        (Reset, Expired | Released | Abandoned) if is_before_reset(case) => Err(RejectReason::Outdated),
        // Not over only where the end of a lease was kept.
        (Abandoned, Reset) if case.rules.abandoned_over_unanswered == AbandonedOverUnanswered::EndKept => {
            lease_over(case)
        }
        (_, Reset | Abandoned) => Ok(()),
        (Abandoned, _) => Err(RejectReason::LessCritical),
        (Active, Active) => same_or_yielding(case),
        (Active, Expired) => lease_over(case).and_then(|()| not_behind(case)),
        (Active, Free | Backup) => match case.rules.free_over_active {
            FreeOverActive::LeaseOver => lease_over(case),
            FreeOverActive::PotentialOver => potential_over(case),
        },
        (Released, Expired) if case.rules.equal_times != EqualTimes::Refused => not_behind(case),
        (Active, Released) if releases_what_is_here(case) => Ok(()),
        (Active, Released) | (Expired | Released, Active) | (Released, Expired) => {
            newer(case.mine.client_last_transaction)
        }
        (Reset, Active) => newer(case.mine.start_of_status),
        (Expired, Expired | Released) | (Released, Released) => not_behind(case),
        (Expired | Released | Free | Backup | Reset, _) => Ok(()),
    }
}

/// A missing time is not later; a present one is later than a missing one (failover-12 §7.1.3).
fn is_later(case: &Case<'_>, than: Time) -> bool {
    match case.rules.transaction_time {
        TransactionTime::Later => case.clock.before(than, case.update.client_last_transaction),
        TransactionTime::Inverted => case.clock.before(case.update.client_last_transaction, than),
        TransactionTime::Omitted => true,
    }
}

/// Two clients for one address: note 5 of the figure, or the client that was heard later (Q50).
fn same_or_yielding(case: &Case<'_>) -> Result<(), RejectReason> {
    let same = case.mine.status.client() == case.update.status.client();
    let secondary = case.role == Role::Secondary;
    let (mine, theirs) = (case.mine.client_last_transaction, case.update.client_last_transaction);
    let yields = match case.rules.foreign_active {
        ForeignActive::LaterWins => case.clock.before(mine, theirs) || (case.clock.same(theirs, mine) && secondary),
        ForeignActive::SecondaryYields => secondary,
        ForeignActive::BothYield => true,
    };
    if same || yields { Ok(()) } else { Err(RejectReason::FatalConflict) }
}

/// Time 2: only once the lease recorded here is over.
fn lease_over(case: &Case<'_>) -> Result<(), RejectReason> {
    if case.clock.passed(case.mine.lease_expiration) { Ok(()) } else { Err(RejectReason::Outdated) }
}

/// The partner knows of all that this server has heard from the client. If not, it accepts our ACTIVE that is
/// on its way: were its word that the lease is over accepted here, each would take over what the other gives
/// up, and believe that the other knows (Q70).
fn not_behind(case: &Case<'_>) -> Result<(), RejectReason> {
    let behind = case.clock.before(case.update.client_last_transaction, case.mine.client_last_transaction);
    match case.rules.crossing {
        Crossing::ByTransaction if behind && !tells_of_this_end(case) => Err(RejectReason::Outdated),
        _ => Ok(()),
    }
}

/// The partner does not say when it heard the client, and says when the lease ended, which the draft's servers do not: no
/// earlier than here, so it knows of all that was given here (ISC dhcpd; Q70).
fn tells_of_this_end(case: &Case<'_>) -> bool {
    let (heard, ended) = (case.update.client_last_transaction, case.update.lease_expiration);
    heard == Time::LONG_AGO && ended != Time::LONG_AGO && !case.clock.before(ended, case.mine.lease_expiration)
}

/// The partner knows of this lease as it stands here, from its own word or by acknowledging ours, and messages keep their
/// order: so the client gave back this lease, and not one before it, in whatever second (Q110).
fn releases_what_is_here(case: &Case<'_>) -> bool {
    let same = case.mine.status.client() == case.update.status.client();
    let equal = case.clock.same(case.update.client_last_transaction, case.mine.client_last_transaction);
    match case.rules.equal_times {
        EqualTimes::KnownAccepted => same && case.mine.partner == Partner::UpToDate,
        EqualTimes::Accepted => equal,
        EqualTimes::Refused => false,
    }
}

/// The partner takes an address back and has not heard of what became of it here: it will accept our word about
/// that, so its own must not be accepted too (Q74). A server that comes back from being down does not judge so:
/// there FREE also tells what the partner freed in PARTNER-DOWN.
fn takes_back_unheard(case: &Case<'_>) -> bool {
    case.rules.free_over_unanswered != FreeOverUnanswered::Accepted
        && matches!(case.state, State::Normal | State::CommunicationsInterrupted)
        && case.mine.is_dirty()
}

/// The partner says FREE or BACKUP of an address whose RESET here it has not answered, and will accept. Perhaps it has not
/// heard of the ABANDONED before that, which may be on its way as well: were its word accepted here, the RESET would be
/// forgotten, and the partner would have the address ABANDONED for ever (Q87).
fn forgets_reset(case: &Case<'_>) -> bool {
    case.rules.free_over_unanswered == FreeOverUnanswered::Refused && case.mine.is_dirty()
}

/// The partner's RESET meets our word about what happened after it, a client that was heard (Q81) or an address that was
/// abandoned, and perhaps reset, once more (Q83): the partner will accept that.
fn crosses_reset(case: &Case<'_>) -> bool {
    let happened = match (case.rules.reset_over_unanswered, case.mine.status) {
        (ResetOverUnanswered::ByTime, Status::Abandoned | Status::Reset) => case.mine.start_of_status,
        (ResetOverUnanswered::Accepted, _) | (_, Status::Abandoned | Status::Reset) => return false,
        _ => case.mine.client_last_transaction,
    };
    case.mine.is_dirty() && case.clock.before(case.update.start_of_status, happened)
}

/// The partner speaks of the time before the RESET, which it has not answered yet and will accept (Q75).
fn is_before_reset(case: &Case<'_>) -> bool {
    let happened = match case.update.status {
        Status::Abandoned => case.update.start_of_status,
        _ => case.update.client_last_transaction,
    };
    case.rules.older_over_reset == OlderOverReset::Refused
        && case.mine.is_dirty()
        && !case.clock.before(case.mine.start_of_status, happened)
}

/// ISC dhcpd: only once the potential-expiration-time in the update is over; a missing one counts as over.
fn potential_over(case: &Case<'_>) -> Result<(), RejectReason> {
    if case.clock.passed(case.update.potential_expiration) { Ok(()) } else { Err(RejectReason::FatalConflict) }
}

/// ISC dhcpd 4.4: which moves a partner may make, by role in NORMAL, almost all elsewhere. Neither the
/// client nor the last transaction is compared, except between two updates that cross on the wire.
fn isc(case: &Case<'_>) -> Result<(), RejectReason> {
    use Code::{Abandoned, Active, Backup, Expired, Free, Released, Reset};
    let (mine, theirs) = (case.mine.status.code(), case.update.status.code());
    if case.dueling && !isc_loses_duel(case) {
        return Err(RejectReason::LessCritical);
    }
    if mine == theirs {
        return Ok(());
    }
    if case.state != State::Normal {
        return match (mine, theirs) {
            (Active, Free | Backup) => Err(RejectReason::FatalConflict),
            (Active, Expired) => lease_over(case),
            _ => Ok(()),
        };
    }
    match (mine, theirs, case.role) {
        (Free | Backup | Abandoned | Released, _, _) => Ok(()),
        (Active, Released | Abandoned, _) | (Active, Reset, Role::Secondary) => Ok(()),
        (Active, Expired, Role::Secondary) => lease_over(case),
        (Active, Free | Backup, Role::Secondary) | (Expired | Reset, Free | Backup, _) => potential_over(case),
        (Active, _, _) => Err(RejectReason::FatalConflict),
        (Expired | Reset, _, _) => Ok(()),
    }
}

/// ISC dhcpd, when updates cross: the later client wins, then ACTIVE, then the primary.
fn isc_loses_duel(case: &Case<'_>) -> bool {
    use Code::{Active, Expired};
    let primary_wins = case.role == Role::Secondary;
    match (case.mine.status.code(), case.update.status.code()) {
        (Active, Active) => {
            let (mine, theirs) = (case.mine.client_last_transaction, case.update.client_last_transaction);
            case.clock.before(mine, theirs) || (case.clock.same(theirs, mine) && primary_wins)
        }
        (Active, Expired) | (_, Active) => true,
        (Active, _) => false,
        _ => primary_wins,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binding::{AddressId, ClientId};
    use crate::message::Transaction;
    use dhcpfo_time::Standing;

    const NOW: Time = Time::from_raw(100);

    fn status(code: Code, client: u32) -> Status {
        let client = ClientId(client);
        match code {
            Code::Free => Status::Free { last: None },
            Code::Backup => Status::Backup { last: None },
            Code::Active => Status::Active { client },
            Code::Expired => Status::Expired { client },
            Code::Released => Status::Released { client },
            Code::Abandoned => Status::Abandoned,
            Code::Reset => Status::Reset,
        }
    }

    /// One cell of figure 7.1.3-1 for given transaction times, lease end and client.
    fn cell(role: Role, mine: Code, theirs: Code, newer: bool, over: bool, same: bool) -> Result<(), u8> {
        let binding = Binding {
            partner: Partner::UpToDate,
            client_last_transaction: Time::from_raw(50),
            start_of_status: Time::from_raw(50),
            lease_expiration: Time::from_raw(if over { 100 } else { 101 }),
            ..Binding::known(status(mine, 1))
        };
        let update = BndUpd {
            transaction: Transaction(0),
            address: AddressId(0),
            status: status(theirs, if same { 1 } else { 2 }),
            reserved: false,
            lease_expiration: Time::LONG_AGO,
            potential_expiration: Time::LONG_AGO,
            client_last_transaction: Time::from_raw(if newer { 51 } else { 50 }),
            start_of_status: Time::LONG_AGO,
        };
        let case = Case {
            rules: &Rules {
                crossing: Crossing::Literal,
                equal_times: EqualTimes::Refused,
                foreign_active: ForeignActive::SecondaryYields,
                reset_over_active: ResetOverActive::Always,
                reset_over_unanswered: ResetOverUnanswered::Accepted,
                abandoned_over_unanswered: AbandonedOverUnanswered::Forgotten,
                ..Rules::DRAFT_12
            },
            role,
            state: State::Normal,
            clock: &Standing(NOW),
            mine: &binding,
            update: &update,
            reserved_here: false,
            dueling: false,
        };
        judge(&case).map_err(|reason| reason as u8)
    }

    /// The figure, typed in cell by cell: a accept, 1 2 3 the time rules, 4 reject, 5 the client rule.
    #[test]
    fn figure_7_1_3_1() {
        use Code::{Abandoned, Active, Backup, Expired, Free, Released, Reset};
        let columns = [Active, Expired, Released, Free, Backup, Reset, Abandoned];
        let rows = [
            (Active, "52122aa"),
            (Expired, "1aaaaaa"),
            (Released, "11aaaaa"),
            (Free, "aaaaaaa"),
            (Backup, "aaaaaaa"),
            (Reset, "3aaaaaa"),
            (Abandoned, "44444aa"),
        ];
        for (mine, cells) in rows {
            for (theirs, rule) in columns.into_iter().zip(cells.chars()) {
                for role in Role::ALL {
                    for bits in 0..8 {
                        let (newer, over, same) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
                        let expected = match rule {
                            'a' => Ok(()),
                            '1' | '3' => {
                                if newer {
                                    Ok(())
                                } else {
                                    Err(15)
                                }
                            }
                            '2' => {
                                if over {
                                    Ok(())
                                } else {
                                    Err(15)
                                }
                            }
                            '4' => Err(16),
                            _ => {
                                if same || role == Role::Secondary {
                                    Ok(())
                                } else {
                                    Err(2)
                                }
                            }
                        };
                        let got = cell(role, mine, theirs, newer, over, same);
                        assert_eq!(got, expected, "{mine:?} <- {theirs:?} {role:?} {newer} {over} {same}");
                    }
                }
            }
        }
    }

    /// What ISC dhcpd says of a lease that ended at both: no time at which it heard the client, and when the lease ended.
    #[test]
    fn an_end_that_tells_of_this_lease_is_not_behind() {
        let mine = Binding {
            partner: Partner::Rejected,
            client_last_transaction: Time::from_raw(50),
            lease_expiration: Time::from_raw(90),
            ..Binding::known(status(Code::Expired, 1))
        };
        let judged = |heard: u32, ended: u32| {
            let update = BndUpd {
                transaction: Transaction(0),
                address: AddressId(0),
                status: status(Code::Expired, 1),
                reserved: false,
                lease_expiration: Time::from_raw(ended),
                potential_expiration: Time::LONG_AGO,
                client_last_transaction: Time::from_raw(heard),
                start_of_status: Time::LONG_AGO,
            };
            let (rules, role, state) = (&Rules::DRAFT_12, Role::Secondary, State::Normal);
            let case = Case {
                rules,
                role,
                state,
                clock: &Standing(NOW),
                mine: &mine,
                update: &update,
                reserved_here: false,
                dueling: false,
            };
            judge(&case).is_ok()
        };
        assert!(judged(0, 90) && judged(0, 91) && judged(50, 0));
        assert!(!judged(0, 0), "a draft's server that does not say when: behind");
        assert!(!judged(0, 89), "it does not know of what was given last");
        assert!(!judged(49, 91), "it says when, and that was before");
    }
}
