//! The servers' stores, and what the clients have.

use dhcpfo_study::{Fields, Visit};
use dhcpfo_time::{Clock, Kind, Time, Times};

/// Most clients.
pub const CLIENTS: usize = 3;
/// Most addresses.
pub const ADDRESSES: usize = 4;

/// Everything there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// What each server has stored of each address.
    pub leases: [[Lease; ADDRESSES]; 2],
    /// What each client has.
    pub clients: [Client; CLIENTS],
}

/// What a server has stored of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Whose it is or was.
    pub client: Option<u8>,
    /// When it ends.
    pub end: Time,
}

impl Lease {
    /// Nobody's.
    pub const NONE: Lease = Lease { client: None, end: Time::LONG_AGO };

    /// Whether it runs, and is this client's.
    pub fn is_of(&self, client: u8, clock: &dyn Clock) -> bool {
        self.client == Some(client) && !clock.passed(self.end)
    }
}

/// A client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Client {
    /// It has no lease.
    Without,
    /// It has one; after its end it has none.
    Holds {
        /// Of which address.
        address: u8,
        /// When it ends.
        end: Time,
    },
    /// It asked to renew a lease that ran, and was refused.
    Refused,
    /// It asked for a lease and got none, while the other server had an address for it.
    TurnedAway,
}

impl Default for State {
    fn default() -> State {
        State { leases: [[Lease::NONE; ADDRESSES]; 2], clients: [Client::Without; CLIENTS] }
    }
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
    pub(crate) fn renamed(&self, names: [u8; CLIENTS]) -> State {
        let mut renamed = *self;
        for (client, name) in self.clients.iter().zip(names) {
            renamed.clients[usize::from(name)] = *client;
        }
        for client in renamed.leases.as_flattened_mut().iter_mut().filter_map(|lease| lease.client.as_mut()) {
            *client = names[usize::from(*client)];
        }
        renamed
    }
}

/// Kinds of client: without, refused, turned away, then a holder of each address.
const HOLDS: u8 = 3;

impl Fields for State {
    fn fields(&mut self, visit: &mut impl Visit) {
        for Lease { client, end } in self.leases.as_flattened_mut() {
            let mut number = client.map_or(0, |client| client + 1);
            visit.byte(&mut number);
            *client = number.checked_sub(1);
            visit.time(end, Kind::Deadline);
        }
        for client in &mut self.clients {
            let (mut kind, mut end) = match *client {
                Client::Without => (0, Time::LONG_AGO),
                Client::Refused => (1, Time::LONG_AGO),
                Client::TurnedAway => (2, Time::LONG_AGO),
                Client::Holds { address, end } => (HOLDS + address, end),
            };
            visit.byte(&mut kind);
            visit.time(&mut end, Kind::Deadline);
            *client = match kind {
                0 => Client::Without,
                1 => Client::Refused,
                2 => Client::TurnedAway,
                kind => Client::Holds { address: kind - HOLDS, end },
            };
        }
    }
}

impl Times for State {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        dhcpfo_study::times(self, visit);
    }
}
