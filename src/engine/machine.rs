//! One step of an endpoint: dispatch, changes of state, and what is due when time has passed.
//!
//! failover-12 §9. Clients are in `clients`, binding updates in `updates`, addresses in `pool`, STARTUP in
//! `startup`.

use crate::binding::{AddressId, Binding, Partner, Status};
use crate::config::Config;
use crate::durable::{EndpointRecord, Record};
use crate::effect::{Command, Effect, Input, Note, Parameters};
use crate::endpoint::{Conversation, Endpoint, Phase, Session};
use crate::message::{Message, StateReport};
use crate::rules::{
    LateUpdateDone, LeadAfterFree, PartnerState, RecoverWait, ResetInPartnerDown, StartupFlag, Transitions,
};
use crate::span;
use crate::state::{Reported, Role, State};
use crate::table::LeaseTable;
use crate::transition::{Cause, Next, asks_for_updates, transition};
use crate::wait;
use dhcpfo_time::{Clock, Time};

/// A step in progress: everything that it may look at and change.
pub(crate) struct Run<'a, T, const W: usize> {
    pub(crate) config: &'a Config,
    pub(crate) clock: &'a mut dyn Clock,
    pub(crate) out: &'a mut dyn FnMut(Effect),
    pub(crate) endpoint: &'a mut Endpoint<T, W>,
}

impl<T: LeaseTable, const W: usize> Run<'_, T, W> {
    pub(crate) fn step(&mut self, input: Input) {
        match self.endpoint.volatile.phase {
            Phase::Startup { .. } | Phase::Running => self.step_up(input),
            Phase::Shutdown => self.step_shut_down(input),
            Phase::Paused => {}
        }
    }

    fn step_up(&mut self, input: Input) {
        match input {
            Input::Connected(parameters) => self.connected(parameters),
            Input::Disconnected => self.disconnected(),
            Input::Message(message) => self.message(message),
            Input::Client(request) => self.client(request),
            Input::Operator(command) => self.operator(command),
            Input::Wake => self.wake(),
        }
    }

    /// SHUTDOWN: only the partner's taking over matters (failover-12 §9.14.2), and only a restart ends it
    /// (F12-9.14.3-a).
    fn step_shut_down(&mut self, input: Input) {
        match input {
            Input::Message(Message::State(report)) if report.state == Reported::In(State::PartnerDown) => {
                let now = self.clock.now();
                let recover_wait_ends = self.clock.after(now, self.config.mclt());
                let record = EndpointRecord { state: State::Recover, recover_wait_ends, ..self.record() };
                self.persist(Record::Endpoint(record));
            }
            Input::Disconnected => self.endpoint.volatile.session = Session::Down,
            _ => {}
        }
    }

    // ---- small tools ------------------------------------------------------------------------------------

    pub(crate) fn persist(&mut self, record: Record) {
        self.endpoint.durable.apply(&record);
        (self.out)(Effect::Persist(record));
    }

    pub(crate) fn put(&mut self, address: AddressId, binding: Binding) {
        if !binding.says(&self.binding(address), self.clock) {
            self.persist(Record::Binding(address, binding));
        }
    }

    pub(crate) fn send(&mut self, message: Message) {
        (self.out)(Effect::Send(message));
    }

    pub(crate) fn note(&mut self, note: Note) {
        (self.out)(Effect::Note(note));
    }

    pub(crate) fn record(&self) -> EndpointRecord {
        self.endpoint.durable.endpoint().copied().unwrap_or(EndpointRecord::of(State::Recover))
    }

    pub(crate) fn state(&self) -> State {
        self.endpoint.state()
    }

    pub(crate) fn table(&self) -> &T {
        self.endpoint.durable.table()
    }

    pub(crate) fn binding(&self, address: AddressId) -> Binding {
        self.table().get(address)
    }

    pub(crate) fn conversation(&mut self) -> Option<&mut Conversation<W>> {
        match &mut self.endpoint.volatile.session {
            Session::Ok(conversation) => Some(conversation),
            Session::Down | Session::Connected(_) => None,
        }
    }

    pub(crate) fn is_primary(&self) -> bool {
        self.config.role == Role::Primary
    }

    /// An address that nobody holds: FREE, and by default without a memory of past promises (Q20).
    pub(crate) fn freed(&self, binding: Binding) -> Binding {
        let last = if self.config.remember_last { binding.status.client() } else { None };
        let mut freed = Binding {
            status: Status::Free { last },
            partner: Partner::UpToDate,
            reclaiming: false,
            wait_ends: Time::LONG_AGO,
            client_last_transaction: Time::LONG_AGO,
            start_of_status: self.clock.now(),
            ..binding
        };
        freed.lease_expiration = Time::LONG_AGO;
        if self.config.rules.lead_after_free == LeadAfterFree::Cleared {
            freed.clear_expirations();
        }
        freed
    }

    // ---- connection -------------------------------------------------------------------------------------

    fn connected(&mut self, parameters: Parameters) {
        if self.endpoint.volatile.session != Session::Down {
            self.disconnected();
        }
        self.endpoint.volatile.session = Session::Connected(parameters);
        // F12-7.10-a.
        self.send_state();
    }

    fn disconnected(&mut self) {
        if self.endpoint.volatile.session == Session::Down {
            return;
        }
        // With what was not yet answered (F12-8.6-c).
        self.endpoint.volatile.session = Session::Down;
        if self.endpoint.volatile.phase == Phase::Running {
            self.consider(Cause::CommunicationsFailed);
        }
    }

    /// failover-12 §9.2: whenever a state is entered; with the STARTUP flag while in STARTUP (F12-7.10-b,
    /// F12-7.10.1-a, F12-9.3.1-b).
    pub(crate) fn send_state(&mut self) {
        if self.endpoint.volatile.session == Session::Down {
            return;
        }
        let record = self.record();
        let startup = matches!(self.endpoint.volatile.phase, Phase::Startup { .. });
        self.send(Message::State(StateReport { state: Reported::In(record.state), startup, since: record.since }));
    }

    fn message(&mut self, message: Message) {
        if let Message::State(report) = message {
            return self.state_report(report);
        }
        if self.conversation().is_none() {
            // failover-12 §8.3: before the partner's STATE communications are not ok.
            return self.note(Note::Ignored);
        }
        match message {
            Message::BndUpd(update) => self.update(&update),
            Message::BndAck(ack) => self.ack(&ack),
            Message::UpdReq => self.update_request(false),
            Message::UpdReqAll => self.update_request(true),
            Message::UpdDone => self.update_done(),
            Message::PoolReq => self.pool_request(),
            Message::PoolResp(count) => self.pool_response(count),
            Message::State(_) => {}
        }
    }

    /// F12-7.10.2-a, F12-9.2-f.
    fn state_report(&mut self, report: StateReport) {
        let starting = matches!(self.endpoint.volatile.phase, Phase::Startup { .. });
        if starting && self.waits_for_more_than(&report) {
            return self.note(Note::Ignored);
        }
        match &mut self.endpoint.volatile.session {
            Session::Down => return self.note(Note::Ignored),
            Session::Connected(parameters) => {
                let parameters = *parameters;
                self.endpoint.volatile.session = Session::Ok(Conversation::new(parameters, report.state));
            }
            Session::Ok(conversation) => {
                if conversation.partner != report.state {
                    conversation.told_below = 0;
                }
                conversation.partner = report.state;
            }
        }
        let before = self.endpoint.volatile.heard.replace(report.state);
        if starting {
            return self.leave_startup(&report);
        }
        if self.takes_no_notice(&report) {
            return;
        }
        self.partner_is(report.state, before);
    }

    /// PARTNER-DOWN takes no notice of a partner that is only starting (failover-12 §9.4.3; F12-9.4.3-a).
    pub(crate) fn takes_no_notice(&self, report: &StateReport) -> bool {
        let ignores = self.config.rules.startup_flag != StartupFlag::Acted;
        report.startup && self.state() == State::PartnerDown && ignores
    }

    /// Whether this server, in STARTUP, hears out a partner that is only starting before it does anything: it will resume
    /// PARTNER-DOWN, and the partner says what it was before it knew of that (Q24, Q92). Communications are not ok until
    /// then (failover-12 §8.3). Two servers that were both in PARTNER-DOWN do not wait for each other.
    fn waits_for_more_than(&self, report: &StateReport) -> bool {
        self.config.rules.startup_flag == StartupFlag::Ignored
            && report.startup
            && self.state() == State::PartnerDown
            && report.state != Reported::In(State::PartnerDown)
    }

    /// Takes the arc for the partner's state, and asks for updates where the state demands it.
    pub(crate) fn partner_is(&mut self, partner: Reported, before: Option<Reported>) {
        if self.owes_updates_first(partner) {
            return;
        }
        let was = self.state();
        self.consider_after(Cause::Partner(partner), before);
        if self.state() == was || self.asks_at_entry() {
            self.ask_for_updates();
        }
        self.pump();
    }

    /// Whether a server that has just entered its state looks at the state of the partner that it knows. One that looks
    /// at changes only, and comes to POTENTIAL-CONFLICT when the primary is in CONFLICT-DONE already, never asks (Q40).
    fn asks_at_entry(&self) -> bool {
        let waits_for_change = self.state() == State::PotentialConflict && !self.is_primary();
        self.config.rules.partner_state == PartnerState::Level || !waits_for_change
    }

    // ---- changes of state -------------------------------------------------------------------------------

    pub(crate) fn consider(&mut self, cause: Cause) {
        let heard = self.endpoint.volatile.heard;
        self.consider_after(cause, heard);
    }

    fn consider_after(&mut self, cause: Cause, before: Option<Reported>) {
        match transition(&self.config.rules, self.config.role, self.state(), cause, before) {
            Next::Stay => {}
            // ISC dhcpd says nothing of RECOVER-WAIT when there is nothing to wait for.
            Next::To(State::RecoverWait)
                if self.config.rules.transitions == Transitions::Isc
                    && self.clock.passed(self.record().recover_wait_ends) =>
            {
                self.enter(State::RecoverDone);
            }
            Next::To(state) => self.enter(state),
            Next::Halt => {
                self.endpoint.volatile.phase = Phase::Shutdown;
                self.note(Note::Alarm);
            }
        }
    }

    /// failover-12 §9.2: on stable storage with the time, then told to the partner.
    pub(crate) fn enter(&mut self, state: State) {
        let now = self.clock.now();
        let mut record = EndpointRecord { state, since: now, ..self.record() };
        if self.endpoint.operates(self.config) {
            record.last_operational = now;
        }
        match state {
            State::PartnerDown => {
                record.partner_down_wait_ends = wait::partners_available(self.config, self.clock);
                self.fix_waits(record.partner_down_wait_ends);
            }
            State::CommunicationsInterrupted | State::ResolutionInterrupted => self.note(Note::Alarm),
            _ => {}
        }
        // ISC dhcpd keeps the time of the state before through STARTUP, RECOVER and RECOVER-WAIT (B-05).
        let recovering = matches!(state, State::Recover | State::RecoverWait);
        if self.config.rules.recover_wait == RecoverWait::FromState && !recovering {
            record.recover_wait_ends = self.clock.after(now, self.config.mclt());
        }
        self.persist(Record::Endpoint(record));
        self.endpoint.volatile.safe_period_ends = match state {
            // failover-12 §9.9.1, §10.
            State::CommunicationsInterrupted if self.config.safe_period => {
                Some(self.clock.after(now, span::SAFE_PERIOD))
            }
            _ => None,
        };
        if let Some(conversation) = self.conversation() {
            conversation.told_below = 0;
        }
        if state == State::PotentialConflict
            && self.config.rules.late_update_done == LateUpdateDone::Ignored
            && let Some(conversation) = self.conversation()
        {
            // What was asked for before is no answer to the conflict (Q39).
            conversation.asked = false;
        }
        self.send_state();
        self.entered(state);
    }

    /// What follows from being in a state, once it is recorded and told.
    fn entered(&mut self, state: State) {
        match state {
            State::Normal => self.entered_normal(),
            State::RecoverWait if self.recover_wait_is_over() => {
                self.consider(Cause::RecoverWaitOver);
            }
            State::RecoverDone | State::ConflictDone => self.look_again(),
            _ => {}
        }
        if self.asks_at_entry() {
            self.ask_for_updates();
        }
    }

    /// The partner may be where this state waits for it to be (failover-12 §9.7.2, §9.12.3; B-17).
    fn look_again(&mut self) {
        let Some(partner) = self.conversation().map(|conversation| conversation.partner) else { return };
        if self.config.rules.partner_state == PartnerState::Level {
            self.consider_after(Cause::Partner(partner), None);
        }
    }

    /// failover-12 §9.8.1: all that is unacknowledged goes out; then a secondary asks for addresses.
    pub(crate) fn entered_normal(&mut self) {
        self.retry_rejected();
        self.go_on_with_rested();
        self.return_unasked();
        let asks = !self.is_primary() && self.config.pool.ask;
        if let Some(conversation) = self.conversation() {
            conversation.flowing = true;
            conversation.pool_request_due = asks;
        }
        self.pump();
    }

    pub(crate) fn ask_for_updates(&mut self) {
        let (state, role, rules) = (self.state(), self.config.role, self.config.rules);
        let all = self.asks_for_all();
        let Some(conversation) = self.conversation() else { return };
        if conversation.asked || !asks_for_updates(&rules, role, state, conversation.partner) {
            return;
        }
        conversation.asked = true;
        self.send(if all { Message::UpdReqAll } else { Message::UpdReq });
    }

    /// Fixes, for every binding that is not available, how long it rests (failover-12 §9.4.2). On stable
    /// storage before the state is, so that no restart finds PARTNER-DOWN without the waits.
    fn fix_waits(&mut self, common: Time) {
        let mut from = 0;
        while let Some(address) = self.table().find(from, &mut |_, binding| !binding.status.is_available()) {
            let mut binding = self.binding(address);
            binding.wait_ends = wait::reallocation(self.config, &binding, common, self.clock);
            self.put(address, binding);
            from = address.0 + 1;
        }
    }

    // ---- operator ---------------------------------------------------------------------------------------

    fn operator(&mut self, command: Command) {
        match command {
            Command::PartnerDown => {
                // A command that is refused does not end STARTUP: the server knows no more than before (Q125). Of one that
                // restarts in PARTNER-DOWN it is a confirmation.
                let (rules, role) = (&self.config.rules, self.config.role);
                let next = transition(rules, role, self.state(), Cause::PartnerDownCommand, None);
                let confirms = self.state() == State::PartnerDown;
                if (next != Next::Stay || confirms) && matches!(self.endpoint.volatile.phase, Phase::Startup { .. }) {
                    self.end_startup();
                    if confirms {
                        self.send_state();
                    }
                }
                self.consider(Cause::PartnerDownCommand);
            }
            Command::Shutdown => {
                self.note_operation();
                self.endpoint.volatile.phase = Phase::Shutdown;
                self.report(Reported::Shutdown);
            }
            Command::Pause => {
                self.note_operation();
                self.endpoint.volatile.phase = Phase::Paused;
                self.report(Reported::Paused);
                self.endpoint.volatile.session = Session::Down;
                (self.out)(Effect::Close);
            }
            Command::Reset(address) => self.reset(address),
            Command::Rebalance => self.rebalance(),
            Command::Begin { alone } => self.begin(alone),
            Command::Set(state) => self.set(state),
        }
    }

    /// Q100. RECOVER by command begins like RECOVER after a SHUTDOWN: this server has served until now. A secondary is never
    /// in CONFLICT-DONE (F12-9.12.1-a).
    fn set(&mut self, state: State) {
        let is_there = self.endpoint.volatile.phase == Phase::Running && self.state() == state;
        if is_there || state == State::ConflictDone && !self.is_primary() {
            return self.note(Note::Ignored);
        }
        self.end_startup();
        if state == State::Recover && self.state() != State::Recover {
            let now = self.clock.now();
            let recover_wait_ends = self.clock.after(now, self.config.mclt());
            self.persist(Record::Endpoint(EndpointRecord { recover_wait_ends, ..self.record() }));
        }
        self.enter(state);
    }

    /// failover-12 §9.13.1, §9.14.1: the state before stays recorded, with the time.
    fn note_operation(&mut self) {
        if !self.endpoint.operates(self.config) {
            return;
        }
        let record = EndpointRecord { last_operational: self.clock.now(), ..self.record() };
        self.persist(Record::Endpoint(record));
    }

    fn report(&mut self, state: Reported) {
        if self.endpoint.volatile.session != Session::Down {
            let since = self.clock.now();
            self.send(Message::State(StateReport { state, startup: false, since }));
        }
    }

    /// failover-12 §5.11: RESET from any status, by an operator.
    fn reset(&mut self, address: AddressId) {
        if address.0 >= self.table().len() {
            return self.note(Note::Ignored);
        }
        let (before, rests) = (self.binding(address), self.rests_at_reset());
        let binding = Binding {
            status: Status::Reset,
            partner: Partner::Unsent,
            reclaiming: false,
            start_of_status: self.clock.now(),
            wait_ends: self.clock.later(before.wait_ends, rests),
            ..before
        };
        self.put(address, binding);
        self.tell_change(address);
        self.pump();
    }

    /// Until when an address rests at least that is RESET now: what was the partner's at entry to PARTNER-DOWN rests with the
    /// others of its addresses, whoever has had it since (failover-12 §9.4.2; Q90).
    fn rests_at_reset(&self) -> Time {
        let rests = self.config.rules.reset_in_partner_down == ResetInPartnerDown::Rests;
        if rests && self.state() == State::PartnerDown { self.record().partner_down_wait_ends } else { Time::LONG_AGO }
    }

    fn asks_for_all(&self) -> bool {
        use crate::rules::RecoverRequest;
        match self.config.rules.recover_request {
            // Also in POTENTIAL-CONFLICT: the partner believes that what was lost is known here (Q43).
            RecoverRequest::AllIfLost => self.record().lost,
            RecoverRequest::AlwaysAll => self.state() == State::Recover,
            RecoverRequest::NeverAll => false,
        }
    }
}

impl<const W: usize> Conversation<W> {
    fn new(parameters: Parameters, partner: Reported) -> Self {
        Conversation {
            parameters,
            partner,
            window: [None; W],
            flowing: false,
            asked: false,
            serving: None,
            pool_request_due: false,
            told_below: 0,
        }
    }
}

/// ISC dhcpd has one more row: NORMAL as saved before STARTUP (seen, src/wire/DHCPD.md).
pub(crate) fn keeps_saved_state(config: &Config) -> bool {
    config.rules.transitions == Transitions::Isc
}
