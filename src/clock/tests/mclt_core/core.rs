//! The MCLT core: the least protocol in which the maximum client lead time matters.
//!
//! Two servers, one address, two clients (THEORY.md section 7). The granter leases the address to the
//! first client, a bounded number of times, each lease ending at `min(now + lease, max(now, acked) + mclt)`.
//! Each grant puts a BNDUPD with the potential expiration `now + potential` into a slot, over whatever is
//! there (lazy update). The survivor stores the potential and answers, through a second slot; both slots may
//! lose what they hold. The granter may crash, once. The survivor may then enter PARTNER-DOWN, which fixes
//! the end of its wait at `max(now, received) + mclt`, after which it leases the address to the second
//! client, once. Messages are delivered at any time, also after the crash. Nothing ever has to happen.
//!
//! The claim: the two clients never hold unexpired leases at one instant.

use dhcpfo_clock::Timed;
use dhcpfo_time::{Clock, Kind, Span, Standing, Time, Times};

/// Maximum client lead time.
pub(crate) const MCLT: Span = Span(0);
/// What a lease would be.
pub(crate) const DESIRED_LEASE: Span = Span(2);
/// What the survivor is told beyond now.
pub(crate) const POTENTIAL_LEAD: Span = Span(3);

/// Discrete state and times. A time is `None` before it was set and when it is settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Core {
    /// The potential expiration that the granter knows to be stored at the survivor.
    pub(crate) acked: Option<Time>,
    /// The potential expiration stored at the survivor.
    pub(crate) received: Option<Time>,
    /// BNDUPD under way.
    pub(crate) update: Option<Time>,
    /// BNDREPLY under way.
    pub(crate) reply: Option<Time>,
    /// End of the first client's lease.
    pub(crate) first_end: Option<Time>,
    /// End of the second client's lease.
    pub(crate) second_end: Option<Time>,
    /// End of the survivor's wait.
    pub(crate) wait: Option<Time>,
    /// When the survivor entered PARTNER-DOWN, where the model asks for it later.
    pub(crate) entered: Option<Time>,
    /// Grants so far.
    pub(crate) grants: u8,
    /// Did the granter crash?
    pub(crate) crashed: bool,
    /// Is the survivor in PARTNER-DOWN?
    pub(crate) partner_down: bool,
    /// Was the address given to the second client?
    pub(crate) reallocated: bool,
    /// Are the stored potential and the entry time stamps? A constant of the model.
    pub(crate) kinds: Kinds,
}

/// How the core declares its times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Kinds {
    /// All are deadlines.
    #[default]
    Deadlines,
    /// `received` and `entered` are stamps.
    WaitStamps,
    /// `acked` and `received` are stamps.
    PotentialStamps,
}

impl Times for Core {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        let stamp_if = |stamp, kind| if stamp { Kind::Stamp } else { kind };
        let acked = stamp_if(self.kinds == Kinds::PotentialStamps, Kind::Deadline);
        // The wait is counted from it even if it is now.
        let received = stamp_if(self.kinds != Kinds::Deadlines, Kind::Limit);
        let entered = stamp_if(self.kinds == Kinds::WaitStamps, Kind::Deadline);
        for (time, kind) in [
            (&mut self.acked, acked),
            (&mut self.received, received),
            (&mut self.update, Kind::Limit),
            (&mut self.reply, Kind::Deadline),
            (&mut self.first_end, Kind::Deadline),
            (&mut self.second_end, Kind::Deadline),
            (&mut self.wait, Kind::Deadline),
            (&mut self.entered, entered),
        ] {
            if let Some(time) = time {
                visit(time, kind);
            }
        }
    }
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// The granter leases to the first client, or renews.
    Grant,
    /// The BNDUPD is lost.
    LoseUpdate,
    /// The survivor takes the BNDUPD and answers.
    TakeUpdate,
    /// The BNDREPLY is lost.
    LoseReply,
    /// The granter takes the BNDREPLY.
    TakeReply,
    /// The granter crashes.
    Crash,
    /// The survivor enters PARTNER-DOWN.
    EnterPartnerDown,
    /// The survivor leases to the second client.
    Reallocate,
}

impl Action {
    pub(crate) const ALL: [Action; 8] = [
        Action::Grant,
        Action::LoseUpdate,
        Action::TakeUpdate,
        Action::LoseReply,
        Action::TakeReply,
        Action::Crash,
        Action::EnterPartnerDown,
        Action::Reallocate,
    ];
}

/// Where a protocol departs from the correct one, and what the verdict must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Variant {
    /// Correct.
    Correct,
    /// The lease is not bounded by the MCLT.
    NoClamp,
    /// The wait counts from the stored potential alone.
    EntryIgnored,
    /// The survivor enters PARTNER-DOWN while the granter serves.
    PartnerAlive,
    /// The wait counts from the entry alone.
    PotentialIgnored,
    /// The survivor answers and does not store.
    AckWithoutStore,
    /// The last sentence of failover-12 §9.4.2, judged anew at each look: if `received + mclt` is earlier
    /// than now + mclt, the wait ends at `entered + mclt`.
    Lazy,
    /// The wait is computed at each look, correctly: `max(received, entered) + mclt`. Safe.
    Recomputed,
}

/// The system: a variant with its bound and its way of asking the clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Protocol {
    pub(crate) variant: Variant,
    /// Most grants.
    pub(crate) grants: u8,
    /// Make the new times of a grant in another order.
    pub(crate) permuted: bool,
    /// How times are declared.
    pub(crate) kinds: Kinds,
}

impl Protocol {
    /// Any number of grants: they are not counted.
    pub(crate) const ANY: u8 = u8::MAX;

    pub(crate) fn new(variant: Variant, grants: u8) -> Protocol {
        let looks = matches!(variant, Variant::Lazy | Variant::Recomputed);
        let kinds = if looks { Kinds::WaitStamps } else { Kinds::Deadlines };
        Protocol { variant, grants, permuted: false, kinds }
    }

    pub(crate) fn initial(&self) -> Core {
        Core { kinds: self.kinds, ..Core::default() }
    }

    /// Do both clients hold the address?
    pub(crate) fn violated(state: &Core, now: Time) -> bool {
        Protocol::is_violated(state, &Standing(now))
    }

    /// The same, asked of a clock.
    pub(crate) fn is_violated(state: &Core, clock: &dyn Clock) -> bool {
        let holds = |end: Option<Time>| end.is_some_and(|end| !clock.passed(end));
        holds(state.first_end) && holds(state.second_end)
    }

    fn grant(&self, state: &mut Core, clock: &mut dyn Clock) -> bool {
        if state.crashed || state.grants == self.grants {
            return false;
        }
        let now = clock.now();
        let mut potential = |clock: &mut dyn Clock| state.update = Some(clock.after(now, POTENTIAL_LEAD));
        if self.permuted {
            potential(clock);
        }
        let full = clock.after(now, DESIRED_LEASE);
        state.first_end = Some(if self.variant == Variant::NoClamp {
            full
        } else {
            let base = state.acked.map_or(now, |acked| clock.later(acked, now));
            let bound = clock.after(base, MCLT);
            clock.earlier(full, bound)
        });
        if !self.permuted {
            potential(clock);
        }
        if self.grants != Protocol::ANY {
            state.grants += 1;
        }
        true
    }

    fn take_update(&self, state: &mut Core, clock: &dyn Clock) -> bool {
        let Some(potential) = state.update.take() else { return false };
        if self.variant != Variant::AckWithoutStore {
            state.received = Some(state.received.map_or(potential, |old| clock.later(old, potential)));
        }
        state.reply = Some(potential);
        true
    }

    fn take_reply(&self, state: &mut Core, clock: &dyn Clock) -> bool {
        if state.crashed {
            return false;
        }
        let Some(potential) = state.reply.take() else { return false };
        state.acked = Some(state.acked.map_or(potential, |old| clock.later(old, potential)));
        true
    }

    fn enter_partner_down(&self, state: &mut Core, clock: &mut dyn Clock) -> bool {
        if state.partner_down || !state.crashed && self.variant != Variant::PartnerAlive {
            return false;
        }
        state.partner_down = true;
        let now = clock.now();
        let base = match self.variant {
            Variant::Lazy | Variant::Recomputed => {
                state.entered = Some(now);
                return true;
            }
            Variant::EntryIgnored => state.received,
            Variant::PotentialIgnored => Some(now),
            _ => Some(state.received.map_or(now, |received| clock.later(received, now))),
        };
        // A base that has passed is of no use to a clock that only knows it has; nor is the wait then.
        state.wait = base.map(|base| if clock.before(base, now) { Time::LONG_AGO } else { clock.after(base, MCLT) });
        true
    }

    fn reallocate(&self, state: &mut Core, clock: &mut dyn Clock) -> bool {
        if !state.partner_down || state.reallocated || !self.waited(state, clock) {
            return false;
        }
        state.reallocated = true;
        state.second_end = Some(clock.after(clock.now(), DESIRED_LEASE));
        true
    }

    fn waited(&self, state: &Core, clock: &mut dyn Clock) -> bool {
        let now = clock.now();
        let Some(entered) = state.entered else {
            return state.wait.is_none_or(|wait| clock.passed(wait));
        };
        let base = match (self.variant, state.received) {
            (Variant::Lazy, Some(received)) if !clock.before(received, now) => received,
            (Variant::Lazy, _) => entered,
            (_, received) => received.map_or(entered, |received| clock.later(received, entered)),
        };
        let over = clock.after(base, MCLT);
        clock.passed(over)
    }
}

impl Timed for Protocol {
    type State = Core;
    type Action = Action;

    fn step(&self, _: &Core, state: &mut Core, action: Action, clock: &mut dyn Clock) -> bool {
        match action {
            Action::Grant => self.grant(state, clock),
            Action::LoseUpdate => state.update.take().is_some(),
            Action::TakeUpdate => self.take_update(state, clock),
            Action::LoseReply => state.reply.take().is_some(),
            Action::TakeReply => self.take_reply(state, clock),
            Action::Crash => !std::mem::replace(&mut state.crashed, true),
            Action::EnterPartnerDown => self.enter_partner_down(state, clock),
            Action::Reallocate => self.reallocate(state, clock),
        }
    }

    fn judge(&self, state: &Core, clock: &dyn Clock) -> u64 {
        Protocol::is_violated(state, clock).into()
    }

    fn settle(&self, state: &mut Core, _: &dyn Clock) {
        if state.crashed {
            (state.acked, state.reply) = (None, None);
        }
        if state.partner_down && state.entered.is_none() {
            state.received = None;
        }
        if state.reallocated {
            (state.wait, state.received, state.entered) = (None, None, None);
        }
    }
}
