//! What has been offered and not been taken yet, so that two clients are not offered the same address at once.
//!
//! Only a hint: the engine decides at DHCPREQUEST who gets it, and the other hears DHCPNAK.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use dhcpfo_engine::binding::{AddressId, ClientId};

/// How long an offer is remembered.
const LASTS: Duration = Duration::from_secs(20);

/// How long nobody else is offered the same, even if nothing else is left: who takes an offer does so at once, and whoever was
/// offered it as well would be refused.
const ALONE: Duration = Duration::from_secs(2);

/// Offers by address.
#[derive(Debug, Default)]
pub(super) struct Offers {
    open: HashMap<AddressId, (ClientId, Duration)>,
    order: VecDeque<(Duration, AddressId)>,
    /// The address that a client was offered last.
    latest: HashMap<ClientId, AddressId>,
    /// Where to look for an address next, by the first address of the link.
    pub(super) cursors: HashMap<u32, u32>,
}

impl Offers {
    /// An address has been offered.
    pub(super) fn hold(&mut self, address: AddressId, client: ClientId, now: Duration) {
        let until = now + LASTS;
        if self.is_anothers(address, client) {
            self.release(address);
        }
        self.latest.insert(client, address);
        if self.open.insert(address, (client, until)).is_none() {
            self.order.push_back((until, address));
        }
    }

    /// It has been taken, or given up.
    pub(super) fn release(&mut self, address: AddressId) {
        if let Some((client, _)) = self.open.remove(&address)
            && self.latest.get(&client) == Some(&address)
        {
            self.latest.remove(&client);
        }
    }

    /// What the client was offered last, if that offer still stands: who asks again is offered the same again.
    pub(super) fn of(&self, client: ClientId) -> Option<AddressId> {
        self.latest
            .get(&client)
            .copied()
            .filter(|address| self.open.get(address).is_some_and(|(holder, _)| *holder == client))
    }

    /// Whether it has been offered to somebody else just now.
    pub(super) fn is_anothers(&self, address: AddressId, client: ClientId) -> bool {
        self.open.get(&address).is_some_and(|(holder, _)| *holder != client)
    }

    /// [`Offers::is_anothers`], and so short a time ago that the other may be about to take it.
    pub(super) fn is_taken(&self, address: AddressId, client: ClientId, now: Duration) -> bool {
        let since = |until: Duration| until.saturating_sub(LASTS);
        self.open.get(&address).is_some_and(|(holder, until)| *holder != client && now < since(*until) + ALONE)
    }

    /// Forgets what is old.
    pub(super) fn forget(&mut self, now: Duration) {
        while let Some(&(until, address)) = self.order.front().filter(|(until, _)| *until <= now) {
            self.order.pop_front();
            match self.open.get(&address) {
                // Renewed meanwhile.
                Some(&(_, later)) if later > until => self.order.push_back((later, address)),
                _ => self.release(address),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_stands_for_a_while_and_is_its_clients() {
        let (a, b) = (ClientId(1), ClientId(2));
        let at = Duration::from_secs;
        let mut offers = Offers::default();
        offers.hold(AddressId(5), a, at(0));
        assert_eq!((offers.of(a), offers.of(b)), (Some(AddressId(5)), None));
        assert!(offers.is_anothers(AddressId(5), b) && !offers.is_anothers(AddressId(5), a));
        // Asked again, it stands longer.
        offers.hold(AddressId(5), a, at(15));
        offers.forget(at(25));
        assert_eq!(offers.of(a), Some(AddressId(5)));
        offers.forget(at(35));
        assert_eq!((offers.of(a), offers.latest.len(), offers.open.len()), (None, 0, 0), "nothing is kept");
        // Nothing else is left: the other has two seconds to take it.
        offers.hold(AddressId(7), a, at(40));
        assert!(offers.is_taken(AddressId(7), b, at(41)) && !offers.is_taken(AddressId(7), b, at(42)));
        assert!(!offers.is_taken(AddressId(7), a, at(41)));
        offers.release(AddressId(7));
        // Somebody else has taken what was offered.
        offers.hold(AddressId(6), a, at(40));
        offers.hold(AddressId(6), b, at(41));
        assert_eq!((offers.of(a), offers.of(b)), (None, Some(AddressId(6))));
        offers.release(AddressId(6));
        assert_eq!(offers.of(b), None);
    }
}
