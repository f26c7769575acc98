//! What has been offered and not been taken yet, so that two clients are not offered the same address at once.
//!
//! Only a hint: the engine decides at DHCPREQUEST who gets it, and the other hears DHCPNAK.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use dhcpfo_engine::binding::{AddressId, ClientId};

/// How long an offer is remembered.
const LASTS: Duration = Duration::from_secs(20);

/// Offers by address.
#[derive(Debug, Default)]
pub(super) struct Offers {
    open: HashMap<AddressId, (ClientId, Duration)>,
    order: VecDeque<(Duration, AddressId)>,
    /// Where to look for an address next, by the first address of the link.
    pub(super) cursors: HashMap<u32, u32>,
}

impl Offers {
    /// An address has been offered.
    pub(super) fn hold(&mut self, address: AddressId, client: ClientId, now: Duration) {
        let until = now + LASTS;
        if self.open.insert(address, (client, until)).is_none() {
            self.order.push_back((until, address));
        }
    }

    /// It has been taken, or given up.
    pub(super) fn release(&mut self, address: AddressId) {
        self.open.remove(&address);
    }

    /// Whether it has been offered to somebody else just now.
    pub(super) fn is_anothers(&self, address: AddressId, client: ClientId) -> bool {
        self.open.get(&address).is_some_and(|(holder, _)| *holder != client)
    }

    /// Forgets what is old.
    pub(super) fn forget(&mut self, now: Duration) {
        while let Some(&(until, address)) = self.order.front().filter(|(until, _)| *until <= now) {
            self.order.pop_front();
            match self.open.get(&address) {
                // Renewed meanwhile.
                Some(&(_, later)) if later > until => self.order.push_back((later, address)),
                _ => drop(self.open.remove(&address)),
            }
        }
    }
}
