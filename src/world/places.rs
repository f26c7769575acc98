//! The order in which a server looks through its table, where a model leaves that open.

use crate::model::{ADDRESSES, Model};
use dhcpfo_engine::binding::AddressId;
use std::fmt::{self, Display};

/// All addresses of a model in an order that is not that of their numbers: which stands at each place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Places {
    addresses: [u8; ADDRESSES],
    count: u8,
}

impl Places {
    /// The order in which these addresses are named. None: they are not `0..n` in another order than that.
    pub fn of(addresses: &[u8]) -> Option<Places> {
        let mut places = Places { addresses: [0, 1, 2, 3], count: addresses.len() as u8 };
        places.addresses.get_mut(..addresses.len())?.copy_from_slice(addresses);
        let all = (0..places.count).all(|address| addresses.contains(&address));
        (all && !addresses.is_sorted()).then_some(places)
    }

    /// Whether a server of this model may look through its table in this order.
    pub fn are_open(&self, model: &Model) -> bool {
        let moved = (0..self.count).zip(&self.addresses).filter(|(place, address)| place != *address);
        usize::from(self.count) == model.addresses.len() && { moved }
            .all(|(place, &address)| model.alike(place, address))
    }

    /// The orders in which a server of this model may look through its table, besides that of the numbers.
    pub fn open(model: &Model) -> Vec<Places> {
        permutations(model.addresses.len(), |one, other| model.alike(one, other))
            .iter()
            .filter_map(|order| Places::of(&order[..model.addresses.len()]))
            .collect()
    }

    /// The number that the address has when the places are numbered.
    pub fn place(&self, address: AddressId) -> AddressId {
        let place = self.addresses.iter().position(|&other| u32::from(other) == address.0);
        place.map_or(address, |place| AddressId(place as u32))
    }

    /// The address at the place with this number.
    pub fn address(&self, place: AddressId) -> AddressId {
        self.addresses.get(place.0 as usize).map_or(place, |&address| AddressId(u32::from(address)))
    }

    /// The addresses from place to place.
    pub fn iter(&self) -> impl Iterator<Item = AddressId> {
        self.addresses.into_iter().take(usize::from(self.count)).map(|address| AddressId(u32::from(address)))
    }
}

impl Display for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|address| write!(f, " a{}", address.0))
    }
}

/// All permutations of `0..count` that move each to one that is alike, the identity first.
pub(crate) fn permutations(count: usize, alike: impl Fn(u8, u8) -> bool) -> Vec<[u8; 4]> {
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
