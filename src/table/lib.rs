//! The bindings of many addresses, with an index for each question that the rules ask: for the server and for large
//! simulations.
#![forbid(unsafe_code)]

mod bits;
mod groups;
mod owners;

use std::collections::{BTreeMap, BTreeSet};

use dhcpfo_engine::balance::Available;
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Code, Partner};
use dhcpfo_engine::config::Pool;
use dhcpfo_engine::table::{Group, LeaseTable};
use dhcpfo_time::{Clock, Time};

use bits::Bits;
use groups::Groups;
use owners::Owners;

const CODES: [Code; 7] =
    [Code::Free, Code::Active, Code::Expired, Code::Released, Code::Abandoned, Code::Reset, Code::Backup];
const INFORMED: usize = 4;

/// A table that answers as [`dhcpfo_engine::table::Inline`] does, without looking through all addresses.
#[derive(Clone, Debug)]
pub struct Indexed {
    bindings: Vec<Binding>,
    reserved: BTreeMap<u32, ClientId>,
    reservations: BTreeSet<(u32, u32)>,
    with: Vec<Bits>,
    informed: Vec<Bits>,
    of: Owners,
    /// Ends of ACTIVE bindings, as numbers: this table serves under a clock whose times are numbers.
    ends: BTreeSet<(u32, u32)>,
    /// Unreserved addresses by status.
    counts: [u32; CODES.len() + 1],
    groups: Groups,
    dirty: u32,
}

impl Indexed {
    /// A table of addresses that were never used, with the clients for which some are reserved.
    pub fn new(len: u32, reserved: &[(AddressId, ClientId)]) -> Indexed {
        let mut table = Indexed {
            bindings: vec![Binding::NEVER_USED; len as usize],
            reserved: reserved.iter().map(|(address, client)| (address.0, *client)).collect(),
            reservations: reserved.iter().map(|(address, client)| (client.0, address.0)).collect(),
            with: (0..=CODES.len()).map(|_| Bits::new(len)).collect(),
            informed: (0..INFORMED).map(|_| Bits::new(len)).collect(),
            of: Owners::default(),
            ends: BTreeSet::new(),
            counts: [0; CODES.len() + 1],
            groups: Groups::new(len, &[0], None),
            dirty: 0,
        };
        for address in 0..len {
            table.index(address, None, &Binding::NEVER_USED);
        }
        table
    }

    /// The same with groups, each from one of these first addresses to the next; they ascend, and the first is 0. Which
    /// of them are uneven by the shares of `pool` is known at any time.
    #[must_use]
    pub fn in_groups(mut self, firsts: &[u32], pool: Pool) -> Indexed {
        self.groups = Groups::new(self.len(), firsts, Some(pool));
        for address in 0..self.len() {
            let reserved = self.is_reserved(address);
            self.groups.index(address, reserved, None, &self.bindings[address as usize]);
        }
        self
    }

    /// How many addresses of a group have this status, reserved ones included.
    pub fn count_in(&self, group: Group, code: Code) -> u32 {
        self.groups.count(group, code)
    }

    /// How many addresses have this status, reserved ones included.
    pub fn all_with(&self, code: Code) -> u32 {
        let reserved = self.reserved.keys().filter(|&&a| self.bindings[a as usize].status.code() == code).count();
        self.counts[code as usize] + reserved as u32
    }

    /// How many bindings the partner lacks something of.
    pub fn dirty(&self) -> u32 {
        self.dirty
    }

    /// The earliest end of an ACTIVE binding.
    pub fn first_end(&self) -> Option<Time> {
        self.ends.first().map(|(end, _)| Time::from_raw(*end))
    }

    /// Puts what is new about an address into the indexes that it concerns. `before`: what they have; None: nothing.
    fn index(&mut self, address: u32, before: Option<&Binding>, after: &Binding) {
        let was = before.map(Marks::of);
        let is = Marks::of(after);
        if was.map(|was| was.code) != Some(is.code) {
            if let Some(was) = was {
                self.with[was.code as usize].set(address, false);
            }
            self.with[is.code as usize].set(address, true);
            if !self.is_reserved(address) {
                was.into_iter().for_each(|was| self.counts[was.code as usize] -= 1);
                self.counts[is.code as usize] += 1;
            }
        }
        if was.map(|was| was.partner) != Some(is.partner) {
            if let Some(was) = was {
                self.informed[was.partner as usize].set(address, false);
            }
            self.informed[is.partner as usize].set(address, true);
        }
        if was.and_then(|was| was.client) != is.client {
            if let Some(client) = was.and_then(|was| was.client) {
                self.of.remove(client.0, address);
            }
            if let Some(client) = is.client {
                self.of.insert(client.0, address);
            }
        }
        if was.and_then(|was| was.ends) != is.ends {
            if let Some(end) = was.and_then(|was| was.ends) {
                self.ends.remove(&(end, address));
            }
            if let Some(end) = is.ends {
                self.ends.insert((end, address));
            }
        }
        self.dirty = self.dirty + u32::from(is.dirty) - u32::from(was.is_some_and(|was| was.dirty));
        let reserved = self.is_reserved(address);
        self.groups.index(address, reserved, before, after);
    }

    fn is_reserved(&self, address: u32) -> bool {
        !self.reserved.is_empty() && self.reserved.contains_key(&address)
    }
}

/// What the indexes have of a binding.
#[derive(Clone, Copy)]
struct Marks {
    code: Code,
    partner: Partner,
    client: Option<ClientId>,
    /// The end of a lease, if it is ACTIVE.
    ends: Option<u32>,
    dirty: bool,
}

impl Marks {
    fn of(binding: &Binding) -> Marks {
        let (code, dirty) = (binding.status.code(), binding.is_dirty());
        Marks {
            code,
            partner: binding.partner,
            client: binding.status.client(),
            ends: (code == Code::Active).then_some(binding.lease_expiration.raw()),
            dirty,
        }
    }
}

impl LeaseTable for Indexed {
    fn len(&self) -> u32 {
        self.bindings.len() as u32
    }

    fn get(&self, address: AddressId) -> Binding {
        self.bindings[address.0 as usize]
    }

    fn put(&mut self, address: AddressId, binding: Binding) {
        let before = std::mem::replace(&mut self.bindings[address.0 as usize], binding);
        self.index(address.0, Some(&before), &binding);
    }

    fn reserved(&self, address: AddressId) -> Option<ClientId> {
        self.reserved.get(&address.0).copied()
    }

    fn next_dirty(&self, from: u32) -> Option<AddressId> {
        let next = |partner| self.next_informed(from, partner);
        next(Partner::Unsent).into_iter().chain(next(Partner::Sent)).min()
    }

    fn next_informed(&self, from: u32, partner: Partner) -> Option<AddressId> {
        self.informed[partner as usize].next(from).map(AddressId)
    }

    fn next_over(&self, from: u32, code: Code, clock: &dyn Clock) -> Option<AddressId> {
        let is_over = |address: &AddressId| clock.passed(self.get(*address).lease_expiration);
        let with = |from| self.next_with(from, code);
        let mut scan = std::iter::successors(with(from), |address| with(address.0 + 1));
        if code != Code::Active {
            return scan.find(is_over);
        }
        // Two ways at once: where many leases are over, one is soon met among all; where few are, those are soon looked
        // through.
        let mut over = self.ends.range(..=(clock.now().raw(), u32::MAX)).map(|(_, address)| AddressId(*address));
        let mut lowest = None::<AddressId>;
        loop {
            match over.next() {
                None => return lowest,
                Some(address) if address.0 < from => {}
                Some(address) => lowest = Some(lowest.map_or(address, |lowest| lowest.min(address))),
            }
            match scan.next() {
                None => return None,
                Some(address) if is_over(&address) => return Some(address),
                Some(_) => {}
            }
        }
    }

    fn next_reserved(&self, from: u32, client: ClientId) -> Option<AddressId> {
        self.reservations.range((client.0, from)..=(client.0, u32::MAX)).next().map(|entry| AddressId(entry.1))
    }

    fn next_reservation(&self, from: u32) -> Option<AddressId> {
        self.reserved.range(from..).next().map(|entry| AddressId(*entry.0))
    }

    fn groups(&self) -> u32 {
        self.groups.len()
    }

    fn group(&self, address: AddressId) -> Group {
        self.groups.of(address.0)
    }

    fn available(&self, of: Option<Group>) -> Available {
        self.groups.available(of)
    }

    fn next_uneven(&self, from: Group, pool: &Pool) -> Option<Group> {
        self.groups.next_uneven(from, pool)
    }

    fn next_movable(&self, of: Option<Group>, from: u32, code: Code) -> Option<AddressId> {
        self.groups.next_movable(of, from, code).map(AddressId)
    }

    fn next_with(&self, from: u32, code: Code) -> Option<AddressId> {
        self.with[code as usize].next(from).map(AddressId)
    }

    fn next_of(&self, from: u32, client: ClientId) -> Option<AddressId> {
        self.of.next(client.0, from).map(AddressId)
    }

    fn count(&self, code: Code) -> u32 {
        self.counts[code as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dhcpfo_engine::binding::Status;
    use dhcpfo_engine::config::Slack;
    use dhcpfo_engine::table::Inline;
    use dhcpfo_time::Standing;

    /// Any changes: every question is answered as the table that looks through everything answers it.
    #[test]
    fn it_answers_like_the_table_of_the_world() {
        const N: usize = 130;
        let reserved = [(AddressId(3), ClientId(1)), (AddressId(70), ClientId(1)), (AddressId(71), ClientId(2))];
        let mut owners = [None; N];
        reserved.iter().for_each(|(address, client)| owners[address.0 as usize] = Some(*client));
        // Groups of different sizes: one address, and one with two shares of slack.
        let firsts = [0, 60, 61, 72];
        let group_of = |address: u32| firsts.iter().filter(|&&first| first <= address).count() as u8 - 1;
        let groups: Vec<u8> = (0..N as u32).map(group_of).collect();
        let pool = |secondary_share, addresses, per_mille| Pool {
            secondary_share,
            slack: Some(Slack { addresses, per_mille }),
            ask: true,
            cover: true,
        };
        // The first is the one that the table keeps an index for.
        let pools = [pool(50, 1, 200), pool(10, 0, 0), Pool { slack: None, ..pool(50, 0, 0) }];
        let mut plain = Inline::<N>::new(&[Binding::NEVER_USED; N], &owners).in_groups(&groups);
        let mut table = Indexed::new(N as u32, &reserved).in_groups(&firsts, pools[0]);
        let mut seed = 3_u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..3000 {
            let client = ClientId(random(5) as u32);
            let statuses = [
                Status::Free { last: None },
                Status::Free { last: Some(client) },
                Status::Backup { last: Some(client) },
                Status::Active { client },
                Status::Expired { client },
                Status::Released { client },
                Status::Abandoned,
                Status::Reset,
            ];
            let partners = [Partner::UpToDate, Partner::Unsent, Partner::Sent, Partner::Rejected];
            let mut binding = Binding::known(statuses[random(8) as usize]);
            binding.partner = partners[random(4) as usize];
            binding.reclaiming = random(2) == 0;
            binding.lease_expiration = Time::from_raw(random(50) as u32);
            let address = AddressId(random(N as u64) as u32);
            plain.put(address, binding);
            table.put(address, binding);
            let (from, now) = (random(N as u64) as u32, Standing(Time::from_raw(random(50) as u32)));
            assert_eq!(table.get(address), binding);
            assert_eq!(table.next_dirty(from), plain.next_dirty(from));
            assert_eq!(table.next_reservation(from), plain.next_reservation(from));
            assert_eq!(table.group(address), plain.group(address));
            for group in (0..plain.groups()).map(Group) {
                assert_eq!(table.available(Some(group)), plain.available(Some(group)));
                for pool in &pools {
                    assert_eq!(table.next_uneven(group, pool), plain.next_uneven(group, pool), "{pool:?}");
                }
                for code in [Code::Free, Code::Backup] {
                    let movable = table.next_movable(Some(group), from, code);
                    assert_eq!(movable, plain.next_movable(Some(group), from, code), "{group:?} {code:?}");
                    assert_eq!(table.next_movable(None, from, code), plain.next_movable(None, from, code));
                }
                let with = |code| (0..N as u32).map(AddressId).filter(move |a| plain.get(*a).status.code() == code);
                for code in CODES {
                    let count = with(code).filter(|&address| plain.group(address) == group).count();
                    assert_eq!(table.count_in(group, code), count as u32);
                }
            }
            assert_eq!(table.available(None), plain.available(None));
            assert_eq!(table.next_of(from, client), plain.next_of(from, client));
            assert_eq!(table.next_reserved(from, client), plain.next_reserved(from, client));
            for partner in partners {
                assert_eq!(table.next_informed(from, partner), plain.next_informed(from, partner));
            }
            for code in CODES {
                assert_eq!(table.next_with(from, code), plain.next_with(from, code));
                assert_eq!(table.next_over(from, code, &now), plain.next_over(from, code, &now), "{code:?}");
                assert_eq!(table.count(code), plain.count(code));
            }
        }
    }
}
