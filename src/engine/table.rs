//! Where bindings are kept. The rules ask; the host decides how it answers quickly.

use crate::balance::{Available, correction};
use crate::binding::{AddressId, Binding, ClientId, Code, Partner};
use crate::config::Pool;
use dhcpfo_time::Clock;

/// A pool group: the addresses that the same clients may have, such as those of a link. Available addresses are shared
/// out group by group (failover-12 §5.4; Q120). Numbered from 0, in ascending order of their addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(pub u32);

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

    /// How many groups there are.
    fn groups(&self) -> u32 {
        1
    }

    /// The group of an address below [`LeaseTable::len`].
    fn group(&self, _address: AddressId) -> Group {
        Group(0)
    }

    /// The available addresses of a group; None: of the whole table.
    fn available(&self, of: Option<Group>) -> Available {
        let mut available = Available::default();
        for address in (0..self.len()).map(AddressId).filter(|&a| of.is_none_or(|group| self.group(a) == group)) {
            available.size += 1;
            if self.reserved(address).is_none() {
                available.add(&self.get(address));
            }
        }
        available
    }

    /// The first group at `from` or above whose balance the primary has to restore.
    fn next_uneven(&self, from: Group, pool: &Pool) -> Option<Group> {
        (from.0..self.groups()).map(Group).find(|&group| correction(pool, &self.available(Some(group))).is_some())
    }

    /// The first address at `from` or above, in this group or in any, that could change hands: it has this status, is
    /// unreserved, and the partner knows.
    fn next_movable(&self, of: Option<Group>, from: u32, code: Code) -> Option<AddressId> {
        self.find(from, &mut |address, binding| {
            binding.status.code() == code
                && binding.partner == Partner::UpToDate
                && self.reserved(address).is_none()
                && of.is_none_or(|group| self.group(address) == group)
        })
    }

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

    /// The first address at `from` or above with this status whose lease-expiration-time has passed.
    fn next_over(&self, from: u32, code: Code, clock: &dyn Clock) -> Option<AddressId> {
        self.find(from, &mut |_, binding| binding.status.code() == code && clock.passed(binding.lease_expiration))
    }

    /// The first address at `from` or above that is reserved for this client.
    fn next_reserved(&self, from: u32, client: ClientId) -> Option<AddressId> {
        self.find(from, &mut |address, _| self.reserved(address) == Some(client))
    }

    /// The first address at `from` or above that is reserved for anybody.
    fn next_reservation(&self, from: u32) -> Option<AddressId> {
        self.find(from, &mut |address, _| self.reserved(address).is_some())
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
    groups: u8,
    group: [u8; N],
    reserved: [Option<ClientId>; N],
    bindings: [Binding; N],
}

impl<const N: usize> Inline<N> {
    /// A table of one group whose bindings and reservations are given; at most `N`, more are left out.
    pub fn new(bindings: &[Binding], reserved: &[Option<ClientId>]) -> Inline<N> {
        let (reservations, unused) = ([None; N], [Binding::NEVER_USED; N]);
        let mut table = Inline { len: 0, groups: 1, group: [0; N], reserved: reservations, bindings: unused };
        for (i, binding) in bindings.iter().take(N).enumerate() {
            table.bindings[i] = *binding;
            table.reserved[i] = reserved.get(i).copied().flatten();
            table.len += 1;
        }
        table
    }

    /// The same with the group of each address, in ascending order.
    #[must_use]
    pub fn in_groups(mut self, groups: &[u8]) -> Inline<N> {
        self.group.iter_mut().zip(groups).for_each(|(group, given)| *group = *given);
        self.groups = groups.iter().max().map_or(1, |last| last + 1);
        self
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

    fn groups(&self) -> u32 {
        self.groups.into()
    }

    fn group(&self, address: AddressId) -> Group {
        Group(self.group[address.0 as usize].into())
    }
}
