//! Which names do not matter.

use crate::clients::{CLIENTS, Waiting};
use crate::model::{ADDRESSES, Model};
use crate::system::System;
use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_engine::time::Time;

/// A renaming of clients and addresses: from old number to new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renaming {
    pub(super) clients: [u8; CLIENTS],
    pub(super) addresses: [u8; ADDRESSES],
    /// And back: from new number to old.
    pub(super) old_clients: [u8; CLIENTS],
    pub(super) old_addresses: [u8; ADDRESSES],
    /// For each client the next lower one that is alike, or itself.
    classes: [u8; CLIENTS],
}

impl Renaming {
    /// Every name stays.
    pub const NONE: Renaming = Renaming {
        clients: [0, 1, 2, 3],
        addresses: [0, 1, 2, 3],
        old_clients: [0, 1, 2, 3],
        old_addresses: [0, 1, 2, 3],
        classes: [0, 1, 2, 3],
    };

    /// All renamings under which a model behaves alike, [`Renaming::NONE`] first.
    pub fn all(model: &Model) -> Vec<Renaming> {
        let reserved = |client: u8| model.addresses.iter().any(|address| address.reserved == Some(client));
        let alike_clients = |a: u8, b: u8| {
            let bucket = |c: u8| model.servers[0].buckets.is_secondarys(model.clients[usize::from(c)]);
            model.symmetric_clients && !reserved(a) && !reserved(b) && bucket(a) == bucket(b)
        };
        let open = |a: u8| model.addresses[usize::from(a)].reserved.is_none();
        let alike_addresses = |a: u8, b: u8| model.symmetric_addresses && open(a) && open(b);
        let clients = permutations(model.client_count(), alike_clients);
        let addresses = permutations(model.addresses.len(), alike_addresses);
        let lower = |c: u8| (0..c).rev().find(|&other| alike_clients(other, c)).unwrap_or(c);
        let mut classes = Renaming::NONE.classes;
        (0..model.client_count() as u8).for_each(|c| classes[usize::from(c)] = lower(c));
        let pair = |&clients: &[u8; 4]| {
            let of = move |&addresses: &[u8; 4]| Renaming {
                clients,
                addresses,
                old_clients: inverse(clients),
                old_addresses: inverse(addresses),
                classes,
            };
            addresses.iter().map(of)
        };
        clients.iter().flat_map(pair).collect()
    }

    /// Whether clients that are alike come out in the order of these keys.
    pub(super) fn sorts(&self, keys: &[u64; CLIENTS], model: &Model) -> bool {
        let renamed = |place: u8| keys[usize::from(self.old_clients[usize::from(place)])];
        (0..model.client_count() as u8).all(|place| renamed(self.classes[usize::from(place)]) <= renamed(place))
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

fn inverse(permutation: [u8; 4]) -> [u8; 4] {
    let mut inverse = [0; 4];
    (0..).zip(permutation).for_each(|(old, new)| inverse[usize::from(new)] = old);
    inverse
}

/// All permutations of `0..count` that move each to one that is alike, the identity first.
fn permutations(count: usize, alike: impl Fn(u8, u8) -> bool) -> Vec<[u8; 4]> {
    let mut all = vec![[0, 1, 2, 3]];
    for last in 1..count {
        let shorter = all.clone();
        for permutation in shorter {
            for place in (0..last).rev() {
                let mut next = permutation;
                next.swap(place, last);
                all.push(next);
            }
        }
    }
    let fits = |p: &[u8; 4]| (0..count as u8).all(|i| p[usize::from(i)] == i || alike(i, p[usize::from(i)]));
    all.retain(fits);
    all
}

/// Something about each client that does not depend on names: cheap, and mostly enough to tell clients apart,
/// so that few renamings have to be written out.
pub(super) fn client_keys(system: &System, time: impl Fn(Time) -> u8) -> [u64; CLIENTS] {
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
