//! Renumbering of past instants of which only the order within a group matters ([`Kind::Age`]).
//!
//! [`Kind::Age`]: dhcpfo_time::Kind::Age

use dhcpfo_time::Time;

/// Most different past ages in one state, over all groups; also the largest number one gets.
pub(super) const AGES: usize = 63;

/// The different past ages of a state.
#[derive(Clone)]
pub(super) struct Ages {
    keys: [u64; AGES],
    len: usize,
}

impl Default for Ages {
    fn default() -> Ages {
        Ages::new()
    }
}

impl Ages {
    /// No ages.
    pub(super) fn new() -> Ages {
        Ages { keys: [0; AGES], len: 0 }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    fn key(group: u8, raw: u32) -> u64 {
        u64::from(group) << 32 | u64::from(raw)
    }

    /// Takes note of an age.
    pub(super) fn note(&mut self, group: u8, raw: u32) {
        let key = Ages::key(group, raw);
        // From the end: they mostly come in their order, and there are few.
        let mut at = self.len;
        while at > 0 && self.keys[at - 1] > key {
            at -= 1;
        }
        if at > 0 && self.keys[at - 1] == key {
            return;
        }
        assert!(self.len < AGES, "a state holds more than {AGES} different ages");
        for place in (at..self.len).rev() {
            self.keys[place + 1] = self.keys[place];
        }
        self.keys[at] = key;
        self.len += 1;
    }

    /// The number of an age that was noted: its place within its group, from 1.
    pub(super) fn renumbered(&self, group: u8, raw: u32) -> Time {
        let (key, first) = (Ages::key(group, raw), Ages::key(group, 0));
        let mine = self.keys[..self.len].iter();
        let place = mine.filter(|&&other| other >= first && other <= key).count();
        Time::from_raw(place as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_numbered_apart_and_ties_stay() {
        let mut ages = Ages::new();
        for (group, raw) in [(1, 7), (0, 900), (1, 2), (1, 7), (0, 3)] {
            ages.note(group, raw);
        }
        let number = |group, raw| ages.renumbered(group, raw).raw();
        assert_eq!([number(0, 3), number(0, 900), number(1, 2), number(1, 7)], [1, 2, 1, 2]);
    }
}
