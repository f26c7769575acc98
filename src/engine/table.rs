//! Where bindings are kept. The rules ask; the host decides how it answers quickly.

use crate::binding::{AddressId, Binding, ClientId, Code, Partner};
use crate::time::Time;

/// A table of bindings, one per address, numbered from 0.
///
/// [`LeaseTable::put`] is the only way to change it, so a host may keep indices. Every query answers with
/// the lowest address that fits, so that all hosts take the same decisions.
pub trait LeaseTable {
    /// How many addresses there are.
    fn len(&self) -> u32;

    /// True if there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The binding of an address below [`LeaseTable::len`].
    fn get(&self, address: AddressId) -> Binding;

    /// Replaces the binding of an address below [`LeaseTable::len`].
    fn put(&mut self, address: AddressId, binding: Binding);

    /// The client for which an address is reserved by configuration (failover-12 §5.13).
    fn reserved(&self, address: AddressId) -> Option<ClientId>;

    /// The first address at `from` or above whose binding satisfies `wanted`.
    fn find(&self, from: u32, wanted: &mut dyn FnMut(AddressId, &Binding) -> bool) -> Option<AddressId> {
        (from..self.len()).map(AddressId).find(|&address| wanted(address, &self.get(address)))
    }

    /// The first address at `from` or above of which the partner lacks something.
    fn next_dirty(&self, from: u32) -> Option<AddressId> {
        self.find(from, &mut |_, binding| binding.is_dirty())
    }

    /// The first address at `from` or above with this status.
    fn next_with(&self, from: u32, code: Code) -> Option<AddressId> {
        self.find(from, &mut |_, binding| binding.status.code() == code)
    }

    /// The first address at `from` or above of which the partner is informed this far.
    fn next_informed(&self, from: u32, partner: Partner) -> Option<AddressId> {
        self.find(from, &mut |_, binding| binding.partner == partner)
    }

    /// The first address at `from` or above with this status whose lease-expiration-time is `now` or earlier.
    fn next_over(&self, from: u32, code: Code, now: Time) -> Option<AddressId> {
        self.find(from, &mut |_, binding| binding.status.code() == code && binding.lease_expiration <= now)
    }

    /// The first address at `from` or above that is reserved for this client.
    fn next_reserved(&self, from: u32, client: ClientId) -> Option<AddressId> {
        self.find(from, &mut |address, _| self.reserved(address) == Some(client))
    }

    /// How many addresses are on their way back to the primary, and the partner does not know yet.
    fn reclaiming(&self) -> u32 {
        let (mut count, mut from) = (0, 0);
        while let Some(address) = self.next_dirty(from) {
            count += u32::from(self.get(address).reclaiming);
            from = address.0 + 1;
        }
        count
    }

    /// The first address at `from` or above whose status names this client.
    fn next_of(&self, from: u32, client: ClientId) -> Option<AddressId> {
        self.find(from, &mut |_, binding| binding.status.client() == Some(client))
    }

    /// How many unreserved addresses have this status.
    fn count(&self, code: Code) -> u32 {
        (0..self.len())
            .map(AddressId)
            .filter(|&a| self.get(a).status.code() == code && self.reserved(a).is_none())
            .count() as u32
    }
}

/// A table in place, for the world: up to `N` addresses, looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Inline<const N: usize> {
    len: u8,
    reserved: [Option<ClientId>; N],
    bindings: [Binding; N],
}

impl<const N: usize> Inline<N> {
    /// A table whose bindings and reservations are given; at most `N`, more are left out.
    pub fn new(bindings: &[Binding], reserved: &[Option<ClientId>]) -> Inline<N> {
        let mut table = Inline { len: 0, reserved: [None; N], bindings: [Binding::NEVER_USED; N] };
        for (i, binding) in bindings.iter().take(N).enumerate() {
            table.bindings[i] = *binding;
            table.reserved[i] = reserved.get(i).copied().flatten();
            table.len += 1;
        }
        table
    }

    /// The bindings, for whoever rewrites times or puts a state into canonical form.
    pub fn bindings_mut(&mut self) -> &mut [Binding] {
        &mut self.bindings[..usize::from(self.len)]
    }

    /// The bindings.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings[..usize::from(self.len)]
    }
}

impl<const N: usize> LeaseTable for Inline<N> {
    fn len(&self) -> u32 {
        u32::from(self.len)
    }

    fn get(&self, address: AddressId) -> Binding {
        self.bindings[address.0 as usize]
    }

    fn put(&mut self, address: AddressId, binding: Binding) {
        self.bindings[address.0 as usize] = binding;
    }

    fn reserved(&self, address: AddressId) -> Option<ClientId> {
        self.reserved[address.0 as usize]
    }
}
