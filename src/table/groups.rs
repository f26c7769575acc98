//! What is asked of pool groups: what is available in each, which are uneven, what could change hands.

use dhcpfo_engine::balance::{Available, correction};
use dhcpfo_engine::binding::{Binding, Code, Partner};
use dhcpfo_engine::config::Pool;
use dhcpfo_engine::table::Group;

use crate::CODES;
use crate::bits::Bits;

/// A group.
#[derive(Clone, Debug)]
struct Tally {
    first: u32,
    end: u32,
    available: Available,
    /// All its addresses by status.
    counts: [u32; CODES.len() + 1],
}

/// The groups of a table, each a run of addresses.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    tallies: Vec<Tally>,
    /// The group of each address; empty where there is but one.
    of: Vec<u32>,
    all: Available,
    /// FREE and BACKUP addresses, unreserved, of which the partner knows.
    movable: [Bits; 2],
    /// The shares by which `uneven` is kept.
    pool: Option<Pool>,
    uneven: Bits,
}

/// Which of `movable` has this status.
fn place(code: Code) -> Option<usize> {
    match code {
        Code::Free => Some(0),
        Code::Backup => Some(1),
        _ => None,
    }
}

fn is_movable(binding: &Binding, reserved: bool) -> Option<usize> {
    place(binding.status.code()).filter(|_| !reserved && binding.partner == Partner::UpToDate)
}

fn is_uneven(pool: &Pool, available: &Available) -> bool {
    correction(pool, available).is_some()
}

/// What an unreserved binding counts for.
fn counted(binding: &Binding) -> Available {
    let mut available = Available::default();
    available.add(binding);
    available
}

impl Groups {
    /// Groups from one of these first addresses to the next, before any binding is known.
    pub(crate) fn new(len: u32, firsts: &[u32], pool: Option<Pool>) -> Groups {
        let ends = firsts.iter().skip(1).copied().chain([len]);
        let tally = |(&first, end): (&u32, u32)| Tally {
            first,
            end,
            available: Available { size: end.saturating_sub(first), ..Available::default() },
            counts: [0; CODES.len() + 1],
        };
        let tallies: Vec<Tally> = firsts.iter().zip(ends).map(tally).collect();
        let many = tallies.len() > 1;
        let of = |(number, tally): (usize, &Tally)| (tally.first..tally.end).map(move |_| number as u32);
        Groups {
            of: if many { tallies.iter().enumerate().flat_map(of).collect() } else { Vec::new() },
            all: Available { size: len, ..Available::default() },
            movable: [Bits::new(len), Bits::new(len)],
            uneven: Bits::new(tallies.len() as u32),
            tallies,
            pool,
        }
    }

    pub(crate) fn len(&self) -> u32 {
        self.tallies.len() as u32
    }

    pub(crate) fn of(&self, address: u32) -> Group {
        Group(self.of.get(address as usize).copied().unwrap_or(0))
    }

    /// Puts what is new about an address into what is kept. `before`: what it was; None: nothing was known.
    pub(crate) fn index(&mut self, address: u32, reserved: bool, before: Option<&Binding>, after: &Binding) {
        let group = self.of(address);
        let Some(tally) = self.tallies.get_mut(group.0 as usize) else { return };
        let codes = (before.map(|before| before.status.code()), after.status.code());
        if codes.0 != Some(codes.1) {
            codes.0.into_iter().for_each(|code| tally.counts[code as usize] -= 1);
            tally.counts[codes.1 as usize] += 1;
        }
        if reserved {
            return;
        }
        let (was, is) = (before.and_then(|before| is_movable(before, false)), is_movable(after, false));
        if was != is {
            was.into_iter().for_each(|place| self.movable[place].set(address, false));
            is.into_iter().for_each(|place| self.movable[place].set(address, true));
        }
        let (was, is) = (before.map(counted).unwrap_or_default(), counted(after));
        if was == is {
            return;
        }
        for available in [&mut tally.available, &mut self.all] {
            available.free = available.free + is.free - was.free;
            available.backup = available.backup + is.backup - was.backup;
            available.reclaiming = available.reclaiming + is.reclaiming - was.reclaiming;
        }
        if let Some(pool) = &self.pool {
            self.uneven.set(group.0, is_uneven(pool, &tally.available));
        }
    }

    /// How many addresses of a group have this status.
    pub(crate) fn count(&self, group: Group, code: Code) -> u32 {
        self.tallies.get(group.0 as usize).map_or(0, |tally| tally.counts[code as usize])
    }

    pub(crate) fn available(&self, of: Option<Group>) -> Available {
        match of {
            None => self.all,
            Some(group) => self.tallies.get(group.0 as usize).map_or_else(Available::default, |t| t.available),
        }
    }

    pub(crate) fn next_uneven(&self, from: Group, pool: &Pool) -> Option<Group> {
        if self.pool.as_ref() == Some(pool) {
            return self.uneven.next(from.0).map(Group);
        }
        (from.0..self.len()).map(Group).find(|&group| is_uneven(pool, &self.available(Some(group))))
    }

    pub(crate) fn next_movable(&self, of: Option<Group>, from: u32, code: Code) -> Option<u32> {
        let movable = &self.movable[place(code)?];
        match of {
            None => movable.next(from),
            Some(group) => {
                let tally = self.tallies.get(group.0 as usize)?;
                movable.next(from.max(tally.first)).filter(|&address| address < tally.end)
            }
        }
    }
}
