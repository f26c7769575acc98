//! Which names do not matter.

use crate::clients::{CLIENTS, Waiting};
use crate::model::{ADDRESSES, Model};
use crate::places::permutations;
use crate::system::System;
use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_time::Time;

/// A renaming of clients and addresses: from old number to new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renaming {
    pub(super) clients: [u8; CLIENTS],
    pub(super) addresses: [u8; ADDRESSES],
    /// And back: from new number to old.
    pub(super) old_clients: [u8; CLIENTS],
    pub(super) old_addresses: [u8; ADDRESSES],
    /// For each client the next lower one that is alike, or itself.
    lower_clients: [u8; CLIENTS],
    /// The same of addresses.
    lower_addresses: [u8; ADDRESSES],
}

impl Renaming {
    /// Every name stays.
    pub const NONE: Renaming = Renaming {
        clients: [0, 1, 2, 3],
        addresses: [0, 1, 2, 3],
        old_clients: [0, 1, 2, 3],
        old_addresses: [0, 1, 2, 3],
        lower_clients: [0, 1, 2, 3],
        lower_addresses: [0, 1, 2, 3],
    };

    /// All renamings under which a model behaves alike, [`Renaming::NONE`] first.
    pub fn all(model: &Model) -> Vec<Renaming> {
        let reserved = |client: u8| model.is_reserved(None, Some(client));
        let alike_clients = |a: u8, b: u8| {
            let bucket = |c: u8| {
                let bucket = model.clients[usize::from(c)];
                (model.servers[0].buckets.is_secondarys(bucket), model.changed.buckets.is_secondarys(bucket))
            };
            model.symmetric_clients && !reserved(a) && !reserved(b) && bucket(a) == bucket(b)
        };
        let alike_addresses = |one: u8, other: u8| model.alike(one, other);
        let clients = permutations(model.client_count(), alike_clients);
        let addresses = permutations(model.addresses.len(), alike_addresses);
        let lower_clients = lower(model.client_count(), alike_clients);
        let lower_addresses = lower(model.addresses.len(), alike_addresses);
        let pair = |&clients: &[u8; 4]| {
            let of = move |&addresses: &[u8; 4]| Renaming {
                clients,
                addresses,
                old_clients: inverse(clients),
                old_addresses: inverse(addresses),
                lower_clients,
                lower_addresses,
            };
            addresses.iter().map(of)
        };
        clients.iter().flat_map(pair).collect()
    }

    /// Whether clients that are alike, and addresses that are, come out in the order of these keys.
    pub(super) fn sorts(&self, keys: &Keys, model: &Model) -> bool {
        let client = |place: u8| keys.clients[usize::from(self.old_clients[usize::from(place)])];
        let address = |place: u8| keys.addresses[usize::from(self.old_addresses[usize::from(place)])];
        (0..model.client_count() as u8).all(|place| client(self.lower_clients[usize::from(place)]) <= client(place))
            && (0..model.addresses.len() as u8)
                .all(|place| address(self.lower_addresses[usize::from(place)]) <= address(place))
    }

    #[inline]
    pub(super) fn client(&self, client: ClientId) -> u8 {
        self.clients[client.0 as usize]
    }

    #[inline]
    pub(super) fn address(&self, address: AddressId) -> u8 {
        self.addresses[address.0 as usize]
    }
}

/// For each of `0..count` the next lower one that is alike, or itself.
fn lower(count: usize, alike: impl Fn(u8, u8) -> bool) -> [u8; 4] {
    let mut lower = [0, 1, 2, 3];
    for (one, place) in (0..count as u8).zip(&mut lower) {
        *place = (0..one).rev().find(|&other| alike(other, one)).unwrap_or(one);
    }
    lower
}

fn inverse(permutation: [u8; 4]) -> [u8; 4] {
    let mut inverse = [0; 4];
    (0..).zip(permutation).for_each(|(old, new)| inverse[usize::from(new)] = old);
    inverse
}

/// Something about each client and address that does not depend on names: cheap, and mostly enough to tell them apart,
/// so that few renamings have to be written out.
pub(super) struct Keys {
    clients: [u64; CLIENTS],
    addresses: [u64; ADDRESSES],
}

impl Keys {
    pub(super) fn of(model: &Model, system: &System, time: impl Fn(Time) -> u8 + Copy) -> Keys {
        let addresses = if model.symmetric_addresses { address_keys(system, time) } else { [0; ADDRESSES] };
        Keys { clients: client_keys(system, time), addresses }
    }
}

fn address_keys(system: &System, time: impl Fn(Time) -> u8) -> [u64; ADDRESSES] {
    let mut keys = [0; ADDRESSES];
    for server in &system.servers {
        for (key, binding) in keys.iter_mut().zip(server.durable().table().bindings()) {
            let ends = [binding.lease_expiration, binding.acked_potential_expiration, binding.start_of_status];
            *key = *key << 4 | binding.status.code() as u64;
            *key = ends.into_iter().fold(*key, |key, ends| key << 8 | u64::from(time(ends)));
        }
    }
    keys
}

fn client_keys(system: &System, time: impl Fn(Time) -> u8) -> [u64; CLIENTS] {
    let mut keys = [0; CLIENTS];
    for (key, client) in keys.iter_mut().zip(&system.clients) {
        if let Some(lease) = client.lease {
            *key = 1 << 63 | u64::from(time(lease.ends)) << 8 | (lease.from as u64) << 4;
        }
        *key |= match client.waiting {
            Waiting::Nothing => 0,
            Waiting::Offer => 1,
            Waiting::Extension => 2,
            Waiting::Choice(server, _) => 3 + server as u64,
        };
    }
    for (server, place) in system.servers.iter().zip([16, 40]) {
        for binding in server.durable().table().bindings() {
            let status = binding.status;
            if let Some(client) = status.client() {
                // Three bits for each status: more than there are addresses.
                keys[client.0 as usize] += 1 << (place + 3 * (status.code() as u64));
            }
        }
    }
    keys
}
