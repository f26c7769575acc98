//! The high availability of ISC Kea: two DHCP servers that replicate leases eagerly.
//!
//! A client's answer waits until the partner has stored its lease. There is no MCLT; that rule is dropped in
//! COMMUNICATION-RECOVERY, PARTNER-DOWN and TERMINATED, and nobody waits before he gives what his partner may have given.
//!
//! The rules are those of `kea-ha.md`, cited as `kea-ha`: of 2.2, which was run, and of 3, which was read. What is one row of
//! a table there is one row here: [`mode`] says what each state serves and sends, `table` where it goes, `channel` has
//! heartbeats, updates and synchronisation, `clients` the DHCP side, `faults` all that breaks, and what operators do about it.
//!
//! What is smaller than Kea:
//!
//! * DISCOVER to ACK is one step, with whatever address; but the ACK waits for the partner.
//! * A heartbeat comes back at once or fails. It may be sent at any time, and where it would bring something new it is within
//!   heartbeat-delay. That one fails may be noticed at any time later: a server may go on for longer than in Kea before it knows.
//!   max-response-delay counts from the beginning of a silence.
//! * How many clients have to be unacked is not said either: they are enough, or not.
//! * All leases have one lease time, so that the order of their ends is that of their last transmission times; and these are
//!   equal where two leases are given at one instant. A lease that is over is none.
//! * A synchronisation has one page, and is one step unless a command comes late.
//! * Backup servers, passive-backup, `pause`, hub and spoke are left out.
#![deny(missing_docs)]

mod action;
mod candidates;
mod channel;
mod claims;
mod clients;
mod describe;
mod faults;
pub mod mode;
mod server;
mod spans;
mod state;
mod system;
mod table;

pub use action::Action;
pub use server::{ADDRESSES, CLIENTS, Disabled, Lease, Queue, REQUESTS, Request, Server, Update};
pub use spans::{AHEAD, DISABLE, HEARTBEAT, LEASE, RESPONSE, TIMEOUT};
pub use state::{Client, Faults, Links, State, Wrong};
pub use system::{Evidence, KeaHa, Pair, Version};

use dhcpfo_clock::Timed;
use dhcpfo_header::keys::Key;
use dhcpfo_header::section::Section;
use dhcpfo_study::{Claim, Length, Of, Protocol, renaming};
use dhcpfo_time::{Clock, Span, Time};
use mode::Mode;

/// The door.
pub static FAMILY: Of<KeaHa> = Of::new();

impl Timed for KeaHa {
    type State = State;
    type Action = Action;

    fn step(&self, _: &State, state: &mut State, action: Action, clock: &mut dyn Clock) -> bool {
        state.wrong = Wrong::Nothing;
        match action {
            Action::Ask { client, server, address } => {
                client < self.clients && self.ask(state, [client, server, address], clock)
            }
            Action::Release { client, server } => client < self.clients && self.release(state, client, server, clock),
            Action::Arrive { server, place } => self.arrive(state, server, place, clock),
            Action::Fail { server, place } => self.fail(state, server, place, clock),
            Action::Locked { server, place } => self.locked(state, server, place, clock),
            Action::HoldUp { server, place } => self.hold_up(state, server, place),
            Action::Late => self.late(state, clock),
            Action::Hear { server } => self.hear(state, server, clock),
            Action::Miss { server } => self.miss(state, server, clock),
            Action::Unanswered { server } => self.unanswered(state, server, clock),
            Action::Synchronise { server } => self.synchronise(state, server, clock),
            Action::Read { server } => self.read(state, server, clock),
            Action::Notify { server } => self.notify_late(state, server, clock),
            Action::GiveUp { server } => self.give_up(state, server, clock),
            Action::DeclareDown { server } => self.declare_down(state, server, clock),
            Action::Maintain { server } => self.maintain(state, server, clock),
            Action::Crash { server } => self.crash(state, server, clock),
            Action::LosePower { server } => self.lose_power(state, server, clock),
            Action::Restart { server } => self.restart(state, server, clock),
            Action::Cut => self.cut(state, clock),
            Action::Heal => self.heal(state, clock),
            Action::CutOff { server } => self.cut_off(state, server),
            Action::Reconnect { server } => std::mem::take(&mut state.links.off_lan[usize::from(server)]),
            Action::ClocksPart => self.clocks_part(state),
            Action::ClocksMeet => std::mem::take(&mut state.links.clocks_apart),
        }
    }

    /// Nobody asks when a lease ended that was deleted, unless deletions are compared.
    fn settle(&self, state: &mut State, _: &dyn Clock) {
        if self.compares {
            return;
        }
        let forget = |update: &mut Update| {
            if update.deleted {
                update.lease.end = Time::LONG_AGO;
            }
        };
        for server in &mut state.servers {
            server.queue.last.iter_mut().flatten().for_each(forget);
            server.requests.iter_mut().flatten().filter_map(|request| request.update.as_mut()).for_each(forget);
        }
        state.links.late.iter_mut().for_each(|(_, update)| forget(update));
    }

    /// A lease that is over is none.
    fn tidy(&self, state: &mut State) {
        for server in &mut state.servers {
            for lease in &mut server.leases {
                *lease = lease.filter(|lease| lease.end != Time::LONG_AGO);
            }
            if server.disabled == Disabled::Until(Time::LONG_AGO) {
                server.disabled = Disabled::No;
            }
        }
        for client in &mut state.clients {
            if matches!(client, Client::Holds { end: Time::LONG_AGO, .. }) {
                *client = Client::Without;
            }
        }
    }

    /// A command is answered or given up in time, and a heartbeat that is due is sent.
    fn may_pass(&self, state: &State, clock: &dyn Clock) -> bool {
        let in_time = |end: Time| !clock.passed(end);
        state.servers.iter().all(|server| {
            let sent = server.requests.iter().flatten().map(|request| request.until);
            sent.chain(server.news).all(in_time)
        })
    }
}

impl Protocol for KeaHa {
    const NAME: &'static str = "kea-ha";
    const ABOUT: &'static str = "the high availability of ISC Kea: two DHCP servers that replicate leases eagerly";
    const SPANS: &'static [Length] = spans::SPANS;
    const ORDER: &'static [(Span, Span)] =
        &[(HEARTBEAT, TIMEOUT), (TIMEOUT, RESPONSE), (TIMEOUT, DISABLE), (RESPONSE, LEASE), (AHEAD, LEASE)];
    const CLAIMS: &'static [Claim<KeaHa>] = claims::CLAIMS;
    const WITNESSES: &'static [Claim<KeaHa>] = claims::WITNESSES;

    fn keys() -> Vec<Key> {
        system::keys()
    }

    fn read(system: &Section<'_>) -> KeaHa {
        system::read(system)
    }

    /// Both are in normal operation, and no lease was given yet.
    fn initial(&self) -> State {
        let server = Server { mode: Mode::Normal, partner: Some(Mode::Normal), ..Server::default() };
        State { servers: [server; 2], left: self.faults, ..State::default() }
    }

    fn candidates(&self, state: &State, _: &dyn Clock, try_it: &mut impl FnMut(Action)) {
        self.each_candidate(state, try_it);
    }

    fn renamings(&self) -> usize {
        // Pools that are not split: a client has its scope from its number.
        if self.scope_of(0) == self.scope_of(1) { renaming::count(self.clients) } else { 1 }
    }

    fn renamed(&self, state: &State, number: usize) -> State {
        state.renamed(&renaming::way(number, self.clients))
    }

    fn describe(&self, state: &State, time: &dyn Fn(Time) -> String) -> Vec<(String, String)> {
        self.lines(state, time)
    }
}
