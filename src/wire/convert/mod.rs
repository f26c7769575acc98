//! The engine's messages to the wire's and back (failover-12 §7, §7.8.2 step 6).
//!
//! The engine knows addresses and clients as small numbers and times as its own clock's seconds; the wire has IPv4
//! addresses, client-identifier with chaddr, and the sender's clock. The host lends a [`Directory`] for the first
//! two, [`Skew`] follows the difference of the clocks, and [`Exchange`] remembers which xid belongs to which request.
//!
//! What the engine's messages lack, and the wire has:
//!
//! * *BOOTP bit of IP-flags, DDNS, client-request-options, client-reply-options*: not in [`BndUpd`](dhcpfo_engine::message::BndUpd); received ones
//!   are handed to [`Directory::told`], so that a host may keep them, and none are sent but what
//!   [`Directory::extras`] adds.
//! * *A client with FREE, BACKUP, RESET and the client of a refused update*: RESET has no client in the engine.
//! * *Text and unusual codes of a reject-reason*: [`BndAck`](dhcpfo_engine::message::BndAck) has only the engine's six; a notice carries the rest.
//! * *Absent times*: the engine writes [`Time::LONG_AGO`](dhcpfo_time::Time::LONG_AGO), as dhcpd writes 0; a partner's 0 and "not there" are one.
//! * *addresses-transferred* and *which request an UPDDONE answers* have no xid in the engine: an UPDDONE that does not
//!   answer the latest request is not delivered.

mod exchange;
mod skew;
mod update;

#[cfg(test)]
mod tests;

pub use exchange::{Delivery, Exchange, Outbound};
pub use skew::{Drift, Skew};

use std::net::Ipv4Addr;

use dhcpfo_engine::binding::{AddressId, ClientId};

use crate::message::Binding;

/// A client as the failover protocol names it (failover-12 §7.1.1): chaddr always, client-identifier if it used one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client {
    /// The data of DHCP option 61, if the client sent it. Then it alone says who the client is (RFC 2131 §4.2).
    pub identifier: Option<Vec<u8>>,
    /// Hardware type in the first octet, then chaddr.
    pub hardware_address: Vec<u8>,
}

impl Client {
    /// What makes two clients the same: the identifier, or hardware type and address where there is none. Two
    /// clients with equal keys are one; a key with an identifier never equals one without.
    pub fn key(&self) -> (bool, &[u8]) {
        match &self.identifier {
            Some(identifier) => (true, identifier),
            None => (false, &self.hardware_address),
        }
    }

    /// What RFC 3074 hashes: the identifier, or chaddr without the hardware type.
    pub fn hashed(&self) -> &[u8] {
        match &self.identifier {
            Some(identifier) => identifier,
            None => self.hardware_address.get(1..).unwrap_or_default(),
        }
    }
}

/// What the host knows: which address and which client a number means.
pub trait Directory {
    /// The address with this number.
    fn address(&self, id: AddressId) -> Option<Ipv4Addr>;
    /// The number of an address; None if it is in no pool of this relationship.
    fn address_id(&self, address: Ipv4Addr) -> Option<AddressId>;
    /// The client with this number.
    fn client(&self, id: ClientId) -> Option<Client>;
    /// The number of a client, a new one if it has not been seen. None if there is no room for one more.
    fn client_id(&mut self, client: &Client) -> Option<ClientId>;
    /// Called for each binding that is delivered to the engine, with all that the partner said of it.
    fn told(&mut self, _binding: &Binding) {}
    /// Adds to a binding about to be sent what the engine does not know: DDNS, client options, the BOOTP bit. What
    /// the partner's profile forbids is taken out again.
    fn extras(&self, _binding: &mut Binding) {}
}
