//! The servers, what the clients have, the links, and how many faults are left.

use crate::server::{CLIENTS, Server, Update, optional_update};
use dhcpfo_study::{Fields, Visit};
use dhcpfo_time::{Clock, Kind, Time, Times};

/// Everything there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The primary server, and the secondary or standby one.
    pub servers: [Server; 2],
    /// The clients.
    pub clients: [Client; CLIENTS],
    /// The links.
    pub links: Links,
    /// How many faults there may still be.
    pub left: Faults,
    /// What the last step did wrong.
    pub wrong: Wrong,
}

/// A client: it believes in its lease until that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Client {
    /// It has no lease.
    #[default]
    Without,
    /// It has one; after its end it has none.
    Holds {
        /// Of which address.
        address: u8,
        /// When it ends.
        end: Time,
    },
}

/// What connects the servers with each other and with the clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Links {
    /// The control link swallows all.
    pub cut: bool,
    /// Before that nothing fails that the cut has swallowed.
    pub failing: Time,
    /// Whether a server is cut off from the clients.
    pub off_lan: [bool; 2],
    /// An update that its sender has given up, and the server that will carry it out all the same.
    pub late: Option<(u8, Update)>,
    /// The servers' clocks are further apart than is tolerated.
    pub clocks_apart: bool,
}

/// Numbers of faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each says it")]
pub struct Faults {
    pub crashes: u8,
    pub power_losses: u8,
    pub cuts: u8,
    pub lan_cuts: u8,
    pub late: u8,
    pub slow_syncs: u8,
    pub clock_faults: u8,
    pub locked: u8,
    pub maintenances: u8,
}

/// What a step did wrong. It is forgotten at the next step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Wrong {
    /// Nothing.
    #[default]
    Nothing,
    /// A client that asked in time was refused the lease that it had.
    Refused,
    /// A client was answered in normal operation, and the partner has not stored its lease.
    AnsweredWithoutCopy,
    /// A server ended its synchronisation, and lacks a lease that its partner has.
    LacksLease,
}

impl State {
    /// The address that a client holds.
    pub fn held(&self, client: u8, clock: &dyn Clock) -> Option<u8> {
        match self.clients[usize::from(client)] {
            Client::Holds { address, end } if !clock.passed(end) => Some(address),
            _ => None,
        }
    }

    /// The state with each client called `names` of it.
    pub(crate) fn renamed(&self, names: &[u8; CLIENTS]) -> State {
        let mut renamed = *self;
        for (client, name) in self.clients.iter().zip(names) {
            renamed.clients[usize::from(*name)] = *client;
        }
        renamed.servers.iter_mut().for_each(|server| server.rename(names));
        if let Some((_, update)) = &mut renamed.links.late {
            update.lease.client = names[usize::from(update.lease.client)];
        }
        renamed
    }

    /// No answer that a server has parked for a client is wanted any more.
    pub(crate) fn unpark(&mut self, client: u8) {
        for request in self.servers.iter_mut().flat_map(|server| server.requests.iter_mut().flatten()) {
            if request.update.is_some_and(|update| update.lease.client == client) {
                request.promised = None;
            }
        }
    }
}

impl Faults {
    fn each(&mut self) -> [&mut u8; 9] {
        let Faults { crashes, power_losses, cuts, lan_cuts, late, slow_syncs, clock_faults, locked, maintenances } =
            self;
        [crashes, power_losses, cuts, lan_cuts, late, slow_syncs, clock_faults, locked, maintenances]
    }
}

impl Fields for State {
    fn fields(&mut self, visit: &mut impl Visit) {
        self.servers.iter_mut().for_each(|server| server.fields(visit));
        for client in &mut self.clients {
            let (mut kind, mut end) = match *client {
                Client::Without => (0, Time::LONG_AGO),
                Client::Holds { address, end } => (1 + address, end),
            };
            visit.byte(&mut kind);
            visit.time(&mut end, Kind::Deadline);
            *client = kind.checked_sub(1).map_or(Client::Without, |address| Client::Holds { address, end });
        }
        let links = &mut self.links;
        let mut bits = [links.cut, links.off_lan[0], links.off_lan[1], links.clocks_apart];
        let mut set = bits.iter().rev().fold(0, |set, bit| set << 1 | u64::from(*bit));
        visit.set(&mut set, 1);
        bits.iter_mut().enumerate().for_each(|(number, bit)| *bit = set >> number & 1 == 1);
        [links.cut, links.off_lan[0], links.off_lan[1], links.clocks_apart] = bits;
        visit.time(&mut links.failing, Kind::Timer);
        let (mut to, mut update) = links.late.map_or((0, None), |(to, update)| (to, Some(update)));
        visit.byte(&mut to);
        optional_update(&mut update, visit);
        links.late = update.map(|update| (to, update));
        self.left.each().into_iter().for_each(|left| visit.byte(left));
        const ALL: [Wrong; 4] = [Wrong::Nothing, Wrong::Refused, Wrong::AnsweredWithoutCopy, Wrong::LacksLease];
        visit.one_of(&mut self.wrong, &ALL);
    }
}

impl Times for State {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        dhcpfo_study::times(self, visit);
    }
}
