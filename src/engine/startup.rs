//! STARTUP (failover-12 §9.3): what a server does before it knows how its partner is.

use crate::binding::{Binding, Partner, Status};
use crate::config::Config;
use crate::durable::{Durable, EndpointRecord, Record};
use crate::effect::{Effect, Note};
use crate::endpoint::{Endpoint, Phase, Session, Volatile};
use crate::machine::{Run, keeps_saved_state};
use crate::message::StateReport;
use crate::rules::{LastOperation, RecoverWait, RecoveringPartner, ResumedNormal, SentMark, StartupOver};
use crate::span;
use crate::state::{Reported, Role, State};
use crate::table::LeaseTable;
use crate::transition::{Next, communications_failed};
use dhcpfo_time::{Clock, Time};

/// failover-12 §9.3.2 steps 1 to 3; F12-9.1-a.
pub(crate) fn start<T: LeaseTable, const W: usize>(
    config: &Config,
    durable: Durable<T>,
    clock: &mut dyn Clock,
    out: &mut dyn FnMut(Effect),
) -> Endpoint<T, W> {
    let now = clock.now();
    let found = durable.endpoint().copied();
    let ends = clock.after(now, span::STARTUP);
    let record = EndpointRecord {
        recover_wait_ends: recover_wait(config, found.as_ref(), clock),
        ..found.map_or_else(lost, |record| comm_failed(config, record))
    };
    let volatile =
        Volatile { phase: Phase::Startup { ends }, session: Session::Down, safe_period_ends: None, heard: None };
    let mut endpoint = Endpoint { durable, volatile };
    let mut run = Run { config, clock, out, endpoint: &mut endpoint };
    if found != Some(record) {
        run.persist(Record::Endpoint(record));
    }
    if config.rules.sent_mark == SentMark::Volatile {
        run.forget_sent();
    }
    endpoint
}

/// Step 1 without a record: RECOVER, and everything is to be asked for.
fn lost() -> EndpointRecord {
    EndpointRecord { lost: true, ..EndpointRecord::of(State::Recover) }
}

/// Step 2: a state that needs communications becomes its communications-failed successor.
fn comm_failed(config: &Config, record: EndpointRecord) -> EndpointRecord {
    match communications_failed(record.state) {
        // A secondary is never in CONFLICT-DONE, whatever it finds (failover-12 §9.12.1; Q18).
        _ if record.state == State::ConflictDone && config.role == Role::Secondary => {
            EndpointRecord { state: State::ResolutionInterrupted, ..record }
        }
        Next::To(state) if !keeps_saved_state(config) => EndpointRecord { state, ..record },
        _ => record,
    }
}

/// When RECOVER-WAIT would be over (failover-12 §9.6.2, §9.3.2 step 1; Q27). A server that was recovering
/// already has not served since, and keeps what it had.
fn recover_wait(config: &Config, found: Option<&EndpointRecord>, clock: &mut dyn Clock) -> Time {
    let now = clock.now();
    match (config.rules.recover_wait, found) {
        (RecoverWait::Skip, _) | (RecoverWait::LongAgoIfBlank, None) => Time::LONG_AGO,
        (RecoverWait::FromState, Some(record)) => record.recover_wait_ends,
        (_, Some(record)) if matches!(record.state, State::Recover | State::RecoverWait) => record.recover_wait_ends,
        _ => clock.after(now, config.mclt()),
    }
}

impl<T: LeaseTable, const W: usize> Run<'_, T, W> {
    /// failover-12 §9.3.2 step 5: the partner's STATE has come.
    pub(crate) fn leave_startup(&mut self, report: &StateReport) {
        let previous = self.record();
        self.end_startup();
        let forced = match report.state {
            Reported::In(State::PartnerDown) if keeps_saved_state(self.config) => {
                (previous.state == State::Normal).then_some(State::Recover)
            }
            Reported::In(State::PartnerDown) if previous.state == State::Recover => None,
            // It took over after this server had stopped. The text says "later" and "earlier"; at the same
            // instant it cannot have served before (Q44).
            Reported::In(State::PartnerDown) if !self.clock.before(report.since, previous.last_operational) => {
                Some(State::Recover)
            }
            // Or while it was still operating. A server that was recovering has not served since, and has
            // nothing to be in conflict about (Q43); one that had recovered has renewed, which is none either (Q85).
            Reported::In(State::PartnerDown) if self.has_no_lease_to_defend(previous.state) => None,
            Reported::In(State::PartnerDown) => Some(State::PotentialConflict),
            Reported::In(State::Recover | State::RecoverWait) if self.may_have_been_replaced(previous.state) => {
                Some(State::Recover)
            }
            _ => None,
        };
        match forced {
            Some(state) => self.enter(state),
            None => self.send_state(),
        }
        let resumed = self.state();
        // Whatever its flag (Q24). ISC dhcpd in PARTNER-DOWN looks at the flag here, too.
        if !(keeps_saved_state(self.config) && self.takes_no_notice(report)) {
            self.partner_is(report.state, None);
        }
        if self.state() == resumed && forced.is_none() {
            self.resumed(resumed);
        }
    }

    /// Resuming a state is entering it: what its entry starts has to be started again, for it was volatile (F12-9.8.1-a,
    /// F12-9.9.1-a; Q46, Q125).
    fn resumed(&mut self, state: State) {
        match state {
            // Only ISC dhcpd comes here: in the draft a restart finds no NORMAL.
            State::Normal if self.config.rules.resumed_normal == ResumedNormal::Entered => self.entered_normal(),
            State::CommunicationsInterrupted
                if self.config.safe_period && self.endpoint.volatile.safe_period_ends.is_none() =>
            {
                let now = self.clock.now();
                self.endpoint.volatile.safe_period_ends = Some(self.clock.after(now, span::SAFE_PERIOD));
            }
            _ => {}
        }
    }

    /// Whether a server that served in this state, at the most, has given no lease that its partner in PARTNER-DOWN cannot
    /// know of. A renewal in RECOVER-DONE stays within what was promised (Q36).
    fn has_no_lease_to_defend(&self, previous: State) -> bool {
        match previous {
            State::RecoverWait => true,
            State::RecoverDone => self.config.rules.last_operation == LastOperation::Service,
            _ => false,
        }
    }

    /// While this server was down its partner may have been in PARTNER-DOWN and have leased what is available here. A partner
    /// that lost its stable storage then tells of nothing, and comes in RECOVER (Q72).
    fn may_have_been_replaced(&self, previous: State) -> bool {
        let recovering = matches!(previous, State::Recover | State::RecoverWait | State::RecoverDone);
        self.config.rules.recovering_partner == RecoveringPartner::RecoversToo
            && previous != State::PartnerDown
            && !recovering
    }

    /// failover-12 §9.3.2 step 6: nobody answered.
    pub(crate) fn startup_over(&mut self) {
        self.end_startup();
        let state = self.state();
        match (self.config.rules.startup_over, communications_failed(state)) {
            // A new installation only: a record means that there was a partner (failover-12 §9.3.2 step 1; Q26).
            (StartupOver::PartnerDown, _) if self.record().lost => self.enter(State::PartnerDown),
            (_, Next::To(failed)) => self.enter(failed),
            _ if state == State::CommunicationsInterrupted => self.enter(state),
            // A partner that is connected has not said its state yet. It has heard ours with the STARTUP flag.
            _ => self.send_state(),
        }
    }

    /// Whether there is nothing more to wait for in RECOVER-WAIT (failover-12 §9.6.2).
    pub(crate) fn recover_wait_is_over(&self) -> bool {
        use State::{Recover, RecoverDone, RecoverWait as Waiting};
        let partner = self.endpoint.volatile.session.conversation().map(|conversation| conversation.partner);
        let both = matches!(partner, Some(Reported::In(Recover | Waiting | RecoverDone)));
        let skips = self.config.rules.recover_wait == RecoverWait::UnlessBoth && both;
        skips || self.clock.passed(self.record().recover_wait_ends)
    }

    /// An operator says that no client holds a lease that was given before this start (Q111). Whoever has a binding knows
    /// better, and goes on waiting.
    pub(crate) fn begin(&mut self, alone: bool) {
        let recovering = matches!(self.state(), State::Recover | State::RecoverWait);
        let used = self.table().find(0, &mut |_, binding| binding.status != Status::Free { last: None });
        if !recovering || used.is_some() {
            return self.note(Note::Ignored);
        }
        self.persist(Record::Endpoint(EndpointRecord { recover_wait_ends: Time::LONG_AGO, ..self.record() }));
        if alone {
            self.end_startup();
            self.enter(State::PartnerDown);
            let now = self.clock.now();
            self.persist(Record::Endpoint(EndpointRecord { partner_down_wait_ends: now, ..self.record() }));
        }
    }

    /// The recorded state is the state from here on.
    pub(crate) fn end_startup(&mut self) {
        self.endpoint.volatile.phase = Phase::Running;
    }

    /// The reading in which it does not survive a restart that a BNDUPD was sent (Q8).
    fn forget_sent(&mut self) {
        let mut from = 0;
        while let Some(address) = self.table().next_informed(from, Partner::Sent) {
            let binding = Binding { partner: Partner::Unsent, ..self.binding(address) };
            self.put(address, binding);
            from = address.0 + 1;
        }
    }
}
