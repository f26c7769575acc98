//! What is due when time has passed: STARTUP, the safe period, RECOVER-WAIT, ended leases, rested addresses.
//!
//! failover-12 §5.11, §9.4.2, §9.6.2.

use crate::binding::{AddressId, Binding, Code, Partner, Status};
use crate::config::Config;
use crate::endpoint::{Endpoint, Phase};
use crate::join;
use crate::machine::Run;
use crate::rules::{AbandonedEnds, Expiry, StartupOver};
use crate::state::{Role, State};
use crate::table::LeaseTable;
use crate::transition::Cause;
use crate::wait;
use dhcpfo_time::{Clock, Time};

impl<T: LeaseTable, const W: usize> Run<'_, T, W> {
    pub(crate) fn wake(&mut self) {
        if let Phase::Startup { ends } = self.endpoint.volatile.phase {
            if !self.clock.passed(ends) || self.config.rules.startup_over == StartupOver::Wait {
                return;
            }
            self.startup_over();
        }
        if self.endpoint.volatile.safe_period_ends.is_some_and(|ends| self.clock.passed(ends)) {
            self.endpoint.volatile.safe_period_ends = None;
            self.consider(Cause::SafePeriodOver);
        }
        if self.state() == State::RecoverWait && self.recover_wait_is_over() {
            self.consider(Cause::RecoverWaitOver);
        }
        self.end_leases();
        // Not what the partner is about to count on again (Q30).
        if !self.holds_back() {
            self.free_rested();
        }
        self.pump();
    }

    /// ACTIVE to EXPIRED at the recorded end, by whoever is awake (failover-12 §5.11).
    fn end_leases(&mut self) {
        let mut from = 0;
        while let Some(address) = next_ended(self.endpoint, self.config, from, self.clock) {
            let binding = self.binding(address);
            from = address.0 + 1;
            match binding.status {
                Status::Active { client } => self.put(
                    address,
                    Binding {
                        status: Status::Expired { client },
                        partner: Partner::Unsent,
                        start_of_status: self.clock.now(),
                        ..binding
                    },
                ),
                _ => {
                    let freed = Binding { partner: Partner::Unsent, ..self.freed(binding) };
                    self.put(address, freed);
                }
            }
            self.tell_change(address);
        }
    }

    /// PARTNER-DOWN: an ended binding becomes FREE when it has rested (failover-12 §5.11 note 1, §9.4.2).
    fn free_rested(&mut self) {
        let mut from = 0;
        while let Some(address) = next_rested(self.endpoint, self.config, from, self.clock) {
            let freed = Binding { partner: Partner::Unsent, ..self.freed(self.binding(address)) };
            self.put(address, freed);
            self.tell_change(address);
            from = address.0 + 1;
        }
    }
}

/// The next binding whose time is over: ACTIVE, or ABANDONED where that ends by time (B-19).
fn next_ended<T: LeaseTable, const W: usize>(
    endpoint: &Endpoint<T, W>,
    config: &Config,
    from: u32,
    clock: &dyn Clock,
) -> Option<AddressId> {
    // ISC dhcpd: the secondary leaves it to the primary in NORMAL.
    let left_to_primary = config.rules.expiry == Expiry::PrimaryInNormal
        && config.role == Role::Secondary
        && endpoint.state() == State::Normal;
    let by_time = config.rules.abandoned_ends == AbandonedEnds::ByTime;
    let table = endpoint.durable.table();
    let active = if left_to_primary { None } else { table.next_over(from, Code::Active, clock) };
    let abandoned = if by_time { table.next_over(from, Code::Abandoned, clock) } else { None };
    active.into_iter().chain(abandoned).min()
}

/// The next ended binding that has rested long enough in PARTNER-DOWN.
fn next_rested<T: LeaseTable, const W: usize>(
    endpoint: &Endpoint<T, W>,
    config: &Config,
    from: u32,
    clock: &dyn Clock,
) -> Option<AddressId> {
    let record = endpoint.durable.endpoint().filter(|record| record.state == State::PartnerDown)?;
    let common = record.partner_down_wait_ends;
    let table = endpoint.durable.table();
    let first = |code| {
        let mut from = from;
        while let Some(address) = table.next_with(from, code) {
            if wait::is_over(config, &table.get(address), common, clock) {
                return Some(address);
            }
            from = address.0 + 1;
        }
        None
    };
    [Code::Expired, Code::Released, Code::Reset].into_iter().filter_map(first).min()
}

/// See [`Endpoint::next_deadline`].
pub(crate) fn next_deadline<T: LeaseTable, const W: usize>(
    endpoint: &Endpoint<T, W>,
    config: &Config,
    clock: &dyn Clock,
) -> Option<Time> {
    let mut least: Option<Time> = None;
    deadlines(endpoint, config, clock, &mut |time| least = Some(least.map_or(time, |l| clock.earlier(l, time))));
    least
}

/// See [`Endpoint::is_due`].
pub(crate) fn may_be_due<T: LeaseTable, const W: usize>(
    endpoint: &Endpoint<T, W>,
    config: &Config,
    clock: &dyn Clock,
) -> bool {
    let (mut due, now) = (false, clock.now());
    deadlines(endpoint, config, clock, &mut |time| due |= clock.decided(now, time) != Some(true));
    due
}

/// The deadlines at which [`Input::Wake`](crate::effect::Input::Wake) has something to do.
fn deadlines<T: LeaseTable, const W: usize>(
    endpoint: &Endpoint<T, W>,
    config: &Config,
    clock: &dyn Clock,
    take: &mut dyn FnMut(Time),
) {
    let volatile = &endpoint.volatile;
    let Some(record) = endpoint.durable.endpoint() else { return };
    match volatile.phase {
        Phase::Paused | Phase::Shutdown => return,
        Phase::Startup { .. } if config.rules.startup_over == StartupOver::Wait => return,
        Phase::Startup { ends } => return take(ends),
        Phase::Running => {}
    }
    volatile.safe_period_ends.into_iter().for_each(&mut *take);
    if record.state == State::RecoverWait {
        take(record.recover_wait_ends);
    }
    let left_to_primary = config.rules.expiry == Expiry::PrimaryInNormal
        && config.role == Role::Secondary
        && record.state == State::Normal;
    let by_time = config.rules.abandoned_ends == AbandonedEnds::ByTime;
    let frees = record.state == State::PartnerDown && !join::holds_back(config, endpoint);
    endpoint.durable.table().find(0, &mut |_, binding| {
        match binding.status.code() {
            Code::Active if !left_to_primary => take(binding.lease_expiration),
            Code::Abandoned if by_time => take(binding.lease_expiration),
            Code::Expired | Code::Released | Code::Reset if frees => {
                take(wait::rests_until(config, binding, record.partner_down_wait_ends, clock));
            }
            _ => {}
        }
        false
    });
}
