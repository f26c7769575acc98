//! A failover endpoint: durable and volatile half, and the step that takes one stimulus.

use crate::binding::{AddressId, ClientId, Code};
use crate::config::Config;
use crate::durable::Durable;
use crate::effect::{Effect, Input, Parameters};
use crate::machine::Run;
use crate::message::{Message, Transaction};
use crate::rules::{LastOperation, LeadAfterFree, LeadBase, Mute, ReceivedPotential, RecoverWait, Transitions};
use crate::service::{Service, service};
use crate::state::{Reported, State};
use crate::table::{Inline, LeaseTable};
use dhcpfo_time::{Clock, Kind, Time, Times};

/// What an endpoint is doing on top of its recorded state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// STARTUP (failover-12 §9.3): looking for the partner before serving anybody.
    Startup {
        /// When to stop looking.
        ends: Time,
    },
    /// The recorded state is the state.
    Running,
    /// PAUSED (failover-12 §9.13).
    Paused,
    /// SHUTDOWN (failover-12 §9.14).
    Shutdown,
}

/// A BNDUPD that has not been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outstanding {
    /// Its address.
    pub address: AddressId,
    /// The binding-status that it told.
    pub told: Code,
    /// UPDDONE waits for it.
    pub counted: bool,
}

/// Answering an UPDREQ or UPDREQALL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Serving {
    /// Everything was asked for.
    pub all: bool,
    /// The walk through the table has come to this address.
    pub next: u32,
    /// The latest counted BNDUPD.
    pub last: Option<Transaction>,
}

/// What exists only while communications are ok (failover-12 §8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conversation<const W: usize> {
    /// The partner's limits.
    pub parameters: Parameters,
    /// The partner's state as it last said.
    pub partner: Reported,
    /// Unanswered BNDUPDs, by transaction.
    pub window: [Option<Outstanding>; W],
    /// Updates are sent as they come, not only on request.
    pub flowing: bool,
    /// An UPDREQ or UPDREQALL of ours awaits its UPDDONE.
    pub asked: bool,
    /// The partner's request that is being answered.
    pub serving: Option<Serving>,
    /// A POOLREQ is to be sent as soon as all updates are out.
    pub pool_request_due: bool,
    /// Waiting to join a partner in RECOVER-DONE: of all addresses below this one it has been told (Q30).
    pub told_below: u32,
}

/// The connection to the partner, as far as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Session<const W: usize> {
    /// None.
    Down,
    /// Agreed, but the partner's STATE has not come yet: communications are not ok.
    Connected(Parameters),
    /// Communications are ok.
    Ok(Conversation<W>),
}

/// What a crash destroys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Volatile<const W: usize> {
    /// STARTUP, running, PAUSED, SHUTDOWN.
    pub phase: Phase,
    /// The connection.
    pub session: Session<W>,
    /// COMMUNICATIONS-INTERRUPTED ends here without an operator (failover-12 §10).
    pub safe_period_ends: Option<Time>,
    /// What the partner last said, kept beyond the connection (read under `mute = "sticky"` and by ISC's table).
    pub heard: Option<Reported>,
}

/// A failover endpoint. `W` is the most BNDUPDs it ever has outstanding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint<T, const W: usize> {
    pub(crate) durable: Durable<T>,
    pub(crate) volatile: Volatile<W>,
}

impl<T: LeaseTable, const W: usize> Endpoint<T, W> {
    /// Starts an endpoint on what stable storage holds (failover-12 §9.3.2 steps 1 to 3).
    pub fn start(config: &Config, durable: Durable<T>, clock: &mut dyn Clock, out: &mut dyn FnMut(Effect)) -> Self {
        crate::startup::start(config, durable, clock, out)
    }

    /// Takes one stimulus. Total: any input in any state has an outcome.
    pub fn step(&mut self, config: &Config, clock: &mut dyn Clock, input: Input, out: &mut dyn FnMut(Effect)) {
        Run { config, clock, out, endpoint: self }.step(input);
    }

    /// An endpoint with the given halves, as they stood before.
    pub fn resume(durable: Durable<T>, volatile: Volatile<W>) -> Self {
        Endpoint { durable, volatile }
    }

    /// The power fails: what is left.
    pub fn crash(self) -> Durable<T> {
        self.durable
    }

    /// What is on stable storage.
    pub fn durable(&self) -> &Durable<T> {
        &self.durable
    }

    /// What is in memory only.
    pub fn volatile(&self) -> &Volatile<W> {
        &self.volatile
    }

    /// The recorded state. An endpoint that has been started always has one.
    pub fn state(&self) -> State {
        self.durable.endpoint().map_or(State::Recover, |record| record.state)
    }

    /// When a lease of this address would end that this client were given now, if it may have it: for the lease time
    /// of a DHCPOFFER, and for people. Changes nothing.
    pub fn lease_end(
        &mut self,
        config: &Config,
        clock: &mut dyn Clock,
        client: ClientId,
        address: AddressId,
    ) -> Option<Time> {
        Run { config, clock, out: &mut |_| {}, endpoint: self }.lease_end(client, address)
    }

    /// Whether this server operates now, in the sense of failover-12 §9.3.2 step 5: whoever stops it stores the present
    /// instant as the last time of its operation if so, and leaves what is stored if not (Q44, Q85).
    pub fn operates(&self, config: &Config) -> bool {
        match config.rules.last_operation {
            LastOperation::Running => true,
            LastOperation::Service => {
                self.volatile.phase == Phase::Running
                    && service(&config.rules, self.state(), self.volatile.heard) != Service::Silent
            }
        }
    }

    /// Whether [`Input::Wake`] would find something to do now; under a clock that has not decided it, whether it may.
    pub fn is_due(&self, config: &Config, clock: &dyn Clock) -> bool {
        crate::due::may_be_due(self, config, clock)
    }

    /// The least of the deadlines at which [`Input::Wake`] has something to do. A deadline that has passed
    /// is reported as such; None if there is nothing to wait for.
    pub fn next_deadline(&self, config: &Config, clock: &dyn Clock) -> Option<Time> {
        crate::due::next_deadline(self, config, clock)
    }
}

impl Parameters {
    /// The window that a sender keeps: the partner's limit, at least 1.
    pub fn window(&self) -> usize {
        usize::from(self.max_unacked.max(1))
    }
}

impl<const W: usize> Session<W> {
    /// The conversation, if communications are ok.
    pub fn conversation(&self) -> Option<&Conversation<W>> {
        match self {
            Session::Ok(conversation) => Some(conversation),
            Session::Down | Session::Connected(_) => None,
        }
    }
}

/// Whether it is known, without deciding anything, that `a` is not after `b`.
fn known_no_later(clock: &dyn Clock, a: Time, b: Time) -> bool {
    clock.decided(b, a) == Some(false)
}

/// Ages of endpoints are one group, those of address `i` are group `1 + i`.
const OPERATION: Kind = Kind::Age(0);

impl<const N: usize, const W: usize> Endpoint<Inline<N>, W> {
    /// Clears the times that no transition reads before writing them, so that states that behave alike are
    /// alike. A wrong line here shows as a verdict that changes when settling is switched off.
    pub fn settle(&mut self, config: &Config, clock: &dyn Clock) {
        let running = self.volatile.phase == Phase::Running;
        // It is stored anew when the server stops operating.
        let operates = running && self.operates(config);
        let from_state = config.rules.recover_wait == RecoverWait::FromState;
        let (record, _) = self.durable.parts_mut();
        if let Some(record) = record {
            if operates {
                record.last_operational = Time::LONG_AGO;
            }
            let recovering = matches!(record.state, State::Recover | State::RecoverWait);
            if running && !recovering && !from_state {
                record.recover_wait_ends = Time::LONG_AGO;
            }
        }
        if config.rules.transitions == Transitions::Draft && config.rules.mute == Mute::Never {
            self.volatile.heard = None;
        }
        self.durable.settle(config, clock);
    }
}

impl<const N: usize> Durable<Inline<N>> {
    /// The part of [`Endpoint::settle`] that holds for a server that is down as well.
    pub fn settle(&mut self, config: &Config, clock: &dyn Clock) {
        let (record, table) = self.parts_mut();
        let partner_down = record.as_ref().is_some_and(|r| r.state == State::PartnerDown);
        if let Some(record) = record
            && !partner_down
        {
            record.since = Time::LONG_AGO;
            record.partner_down_wait_ends = Time::LONG_AGO;
        }
        for binding in table.bindings_mut() {
            let code = binding.status.code();
            if !partner_down {
                binding.wait_ends = Time::LONG_AGO;
            }
            if !matches!(code, Code::Reset | Code::Abandoned) {
                binding.start_of_status = Time::LONG_AGO;
            }
            if !matches!(code, Code::Active | Code::Expired | Code::Released) {
                binding.client_last_transaction = Time::LONG_AGO;
            }
            if binding.status.is_available() && config.rules.lead_after_free == LeadAfterFree::Cleared {
                binding.clear_expirations();
            }
            // Both are only ever read in one maximum, and neither shrinks while the other stays.
            if config.rules.received_potential == ReceivedPotential::Largest
                && config.rules.lead_base == LeadBase::AckedOrReceived
                && known_no_later(clock, binding.acked_potential_expiration, binding.received_potential_expiration)
            {
                binding.acked_potential_expiration = Time::LONG_AGO;
            }
        }
    }
}

impl<const N: usize> Times for Durable<Inline<N>> {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        let (record, table) = self.parts_mut();
        if let Some(record) = record {
            visit(&mut record.since, OPERATION);
            visit(&mut record.last_operational, OPERATION);
            visit(&mut record.recover_wait_ends, Kind::Deadline);
            visit(&mut record.partner_down_wait_ends, Kind::Deadline);
        }
        for (group, binding) in (1..).zip(table.bindings_mut()) {
            visit(&mut binding.lease_expiration, Kind::Deadline);
            visit(&mut binding.sent_potential_expiration, Kind::Deadline);
            visit(&mut binding.acked_potential_expiration, Kind::Deadline);
            visit(&mut binding.received_potential_expiration, Kind::Deadline);
            visit(&mut binding.wait_ends, Kind::Deadline);
            visit(&mut binding.client_last_transaction, Kind::Age(group));
            visit(&mut binding.start_of_status, Kind::Age(group));
        }
    }
}

impl<const N: usize, const W: usize> Times for Endpoint<Inline<N>, W> {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        self.durable.times(visit);
        if let Phase::Startup { ends } = &mut self.volatile.phase {
            visit(ends, Kind::Timer);
        }
        if let Some(ends) = &mut self.volatile.safe_period_ends {
            visit(ends, Kind::Timer);
        }
    }
}

impl Message {
    /// Clears what no receiver reads.
    pub fn settle(&mut self) {
        match self {
            Message::State(report) if report.state != Reported::In(State::PartnerDown) => {
                report.since = Time::LONG_AGO;
            }
            Message::BndUpd(update) => {
                if !matches!(update.status.code(), Code::Reset | Code::Abandoned) {
                    update.start_of_status = Time::LONG_AGO;
                }
                if !matches!(update.status.code(), Code::Active | Code::Expired | Code::Released) {
                    update.client_last_transaction = Time::LONG_AGO;
                }
            }
            _ => {}
        }
    }
}

impl Times for Message {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        match self {
            Message::State(report) => visit(&mut report.since, OPERATION),
            Message::BndUpd(update) => {
                let group = Kind::Age((update.address.0 as u8).wrapping_add(1));
                visit(&mut update.lease_expiration, Kind::Deadline);
                visit(&mut update.potential_expiration, Kind::Deadline);
                visit(&mut update.client_last_transaction, group);
                visit(&mut update.start_of_status, group);
            }
            _ => {}
        }
    }
}
