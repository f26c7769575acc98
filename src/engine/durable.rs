//! What survives a crash, and the only way to change it.

use crate::binding::{AddressId, Binding};
use crate::state::State;
use crate::table::LeaseTable;
use dhcpfo_time::Time;

/// What an endpoint has on stable storage about itself (failover-12 §9.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndpointRecord {
    /// The recorded state.
    pub state: State,
    /// When it was entered.
    pub since: Time,
    /// The binding database was lost: ask for everything (failover-12 §9.5.2).
    pub lost: bool,
    /// The partner asked for everything and has not had it yet (failover-12 §7.4.2).
    pub owes_all: bool,
    /// When this server last operated, as far as it can tell (failover-12 §9.3.2 step 5).
    pub last_operational: Time,
    /// RECOVER-WAIT ends here (failover-12 §9.6.2). Fixed at start.
    pub recover_wait_ends: Time,
    /// PARTNER-DOWN: the partner's available addresses rest until here (failover-12 §9.4.2).
    pub partner_down_wait_ends: Time,
}

impl EndpointRecord {
    /// A record of a state and nothing else.
    pub const fn of(state: State) -> EndpointRecord {
        EndpointRecord {
            state,
            since: Time::LONG_AGO,
            lost: false,
            owes_all: false,
            last_operational: Time::LONG_AGO,
            recover_wait_ends: Time::LONG_AGO,
            partner_down_wait_ends: Time::LONG_AGO,
        }
    }
}

/// One change of what is on stable storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// The endpoint's own record is now this.
    Endpoint(EndpointRecord),
    /// The binding of an address is now this.
    Binding(AddressId, Binding),
}

/// Stable storage: replaying all records over the blank state gives exactly this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Durable<T> {
    endpoint: Option<EndpointRecord>,
    table: T,
}

impl<T: LeaseTable> Durable<T> {
    /// Stable storage without a record of the endpoint: a first start, or one after everything was lost.
    pub fn blank(table: T) -> Durable<T> {
        Durable { endpoint: None, table }
    }

    /// Stable storage as it was found.
    pub fn found(endpoint: Option<EndpointRecord>, table: T) -> Durable<T> {
        Durable { endpoint, table }
    }

    /// The endpoint's record, if there is one.
    pub fn endpoint(&self) -> Option<&EndpointRecord> {
        self.endpoint.as_ref()
    }

    /// The bindings.
    pub fn table(&self) -> &T {
        &self.table
    }

    /// Makes one change. A record of an address that the table does not have changes nothing.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::Endpoint(endpoint) => self.endpoint = Some(*endpoint),
            Record::Binding(address, binding) if address.0 < self.table.len() => self.table.put(*address, *binding),
            Record::Binding(..) => {}
        }
    }

    /// For rewriting times and clearing dead ones: nothing that a rule reads may change its meaning.
    pub(crate) fn parts_mut(&mut self) -> (Option<&mut EndpointRecord>, &mut T) {
        (self.endpoint.as_mut(), &mut self.table)
    }
}
