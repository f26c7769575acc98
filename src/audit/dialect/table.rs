//! The bindings of a followed server, and the numbers of its addresses and clients.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Status};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_wire::convert::Client;
use dhcpfo_wire::message;

/// Bindings by number; captures have few addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flat(pub(super) Vec<Binding>);

impl LeaseTable for Flat {
    fn len(&self) -> u32 {
        self.0.len() as u32
    }

    fn get(&self, address: AddressId) -> Binding {
        self.0[address.0 as usize]
    }

    fn put(&mut self, address: AddressId, binding: Binding) {
        self.0[address.0 as usize] = binding;
    }

    fn reserved(&self, _: AddressId) -> Option<ClientId> {
        None
    }
}

/// Addresses and clients of a capture as numbers, in the order in which the servers first speak of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    addresses: BTreeMap<Ipv4Addr, AddressId>,
    clients: BTreeMap<(bool, Vec<u8>), ClientId>,
}

impl Names {
    pub(super) fn learn(&mut self, binding: &message::Binding) {
        let next = AddressId(self.addresses.len() as u32);
        self.addresses.entry(binding.address).or_insert(next);
        if let Some(key) = key(binding) {
            let next = ClientId(self.clients.len() as u32);
            self.clients.entry(key).or_insert(next);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.addresses.len()
    }

    pub(super) fn address(&self, address: Ipv4Addr) -> Option<AddressId> {
        self.addresses.get(&address).copied()
    }

    pub(super) fn name(&self, id: AddressId) -> Option<Ipv4Addr> {
        self.addresses.iter().find(|(_, known)| **known == id).map(|(address, _)| *address)
    }

    /// The status that a binding tells; None if it has none, or lacks the client that it must have.
    pub(super) fn status(&self, binding: &message::Binding) -> Option<Status> {
        let client = key(binding).and_then(|key| self.clients.get(&key).copied());
        Some(match binding.status? {
            1 => Status::Free { last: None },
            2 => Status::Active { client: client? },
            3 => Status::Expired { client: client? },
            4 => Status::Released { client: client? },
            5 => Status::Abandoned,
            6 => Status::Reset,
            7 => Status::Backup { last: None },
            _ => return None,
        })
    }
}

fn key(binding: &message::Binding) -> Option<(bool, Vec<u8>)> {
    let identifier = binding.client_identifier.clone().filter(|identifier| !identifier.is_empty());
    let client = Client { identifier, hardware_address: binding.client_hardware_address.clone()? };
    let (named, key) = client.key();
    Some((named, key.to_vec()))
}
