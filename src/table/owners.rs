//! Which addresses belong to a client.

use rapidhash::fast::GlobalState;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

/// Pairs of a client and an address. Nearly every client has one address at the most, which is found at once; what it
/// has beyond its lowest is kept in order elsewhere, so that a client with many costs no more than a search.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owners {
    lowest: HashMap<u32, u32, GlobalState>,
    others: BTreeSet<(u32, u32)>,
}

impl Owners {
    /// Puts a pair in that is not there.
    pub(crate) fn insert(&mut self, client: u32, address: u32) {
        match self.lowest.entry(client) {
            Entry::Vacant(entry) => {
                entry.insert(address);
            }
            Entry::Occupied(mut entry) => {
                let higher = address.max(*entry.get());
                let lowest = address.min(*entry.get());
                entry.insert(lowest);
                self.others.insert((client, higher));
            }
        }
    }

    /// Takes a pair out that is there.
    pub(crate) fn remove(&mut self, client: u32, address: u32) {
        if self.lowest.get(&client) != Some(&address) {
            self.others.remove(&(client, address));
            return;
        }
        match self.next_other(client, address) {
            Some(next) => {
                self.others.remove(&(client, next));
                self.lowest.insert(client, next);
            }
            None => {
                self.lowest.remove(&client);
            }
        }
    }

    /// The client's lowest address that is `from` or greater.
    pub(crate) fn next(&self, client: u32, from: u32) -> Option<u32> {
        match *self.lowest.get(&client)? {
            lowest if lowest >= from => Some(lowest),
            _ => self.next_other(client, from),
        }
    }

    fn next_other(&self, client: u32, from: u32) -> Option<u32> {
        if self.others.is_empty() {
            return None;
        }
        self.others.range((client, from)..=(client, u32::MAX)).next().map(|pair| pair.1)
    }
}

#[cfg(test)]
mod tests {
    use super::Owners;
    use std::collections::BTreeSet;

    #[test]
    fn it_answers_like_an_ordered_set() {
        let (mut owners, mut set) = (Owners::default(), BTreeSet::new());
        let mut seed = 5_u32;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let pair = ((seed >> 8) % 6, (seed >> 16) % 20);
            if set.remove(&pair) {
                owners.remove(pair.0, pair.1);
            } else {
                set.insert(pair);
                owners.insert(pair.0, pair.1);
            }
            for client in 0..6 {
                let from = (seed >> 11) % 21;
                let next = set.range((client, from)..=(client, u32::MAX)).next().map(|pair| pair.1);
                assert_eq!(owners.next(client, from), next, "client {client} from {from}");
            }
        }
    }
}
