//! The classes of a step: different instants in their order, with room to put new ones between them.

use super::{GAP, MOST_CLASSES};
use dhcpfo_time::Time;

/// Classes by slot and by position. Those of the loaded state have the slots 0.. in their order.
#[derive(Clone)]
pub(super) struct Classes {
    /// How many there are.
    pub(super) count: usize,
    /// Slot at each position.
    pub(super) slots: [u8; MOST_CLASSES],
    /// Position of each slot.
    pub(super) places: [u8; MOST_CLASSES],
    raws: [u32; MOST_CLASSES],
    loaded: usize,
}

impl Default for Classes {
    fn default() -> Self {
        let (slots, places, raws) = ([0; MOST_CLASSES], [0; MOST_CLASSES], [0; MOST_CLASSES]);
        Classes { count: 0, slots, places, raws, loaded: 0 }
    }
}

impl Classes {
    /// The classes of a canonical state that has `count` of them.
    pub(super) fn reset(&mut self, count: usize) {
        assert!(count <= MOST_CLASSES, "a state has {count} classes of times, more than {MOST_CLASSES}");
        self.count = count;
        self.loaded = count;
        for i in 0..count {
            self.slots[i] = i as u8;
            self.places[i] = i as u8;
            self.raws[i] = (i as u32 + 1) * GAP;
        }
    }

    /// The slot of a time. Panics if it is no class: a passed deadline, or an age, was used as a base.
    #[inline]
    pub(super) fn slot(&self, time: Time) -> usize {
        let (rank, rest) = ((time.raw() / GAP) as usize, time.raw() % GAP);
        if rest == 0 && rank.wrapping_sub(1) < self.loaded { rank - 1 } else { self.slot_of_new(time) }
    }

    /// The slot of a time that was made since the state was loaded.
    fn slot_of_new(&self, time: Time) -> usize {
        match self.raws[self.loaded..self.count].iter().position(|&raw| raw == time.raw()) {
            Some(made) => self.loaded + made,
            None => panic!("{time:?} is not known: a base must be now, later, or a stamp"),
        }
    }

    /// The position of a time, as [`Classes::slot`].
    #[inline]
    pub(super) fn position(&self, time: Time) -> u8 {
        self.places[self.slot(time)]
    }

    /// Were classes made since the state was loaded?
    pub(super) fn grown(&self) -> bool {
        self.count != self.loaded
    }

    /// Back to the classes of the loaded state.
    pub(super) fn rewind(&mut self) {
        if self.grown() {
            self.reset(self.loaded);
        }
    }

    /// The place of the next instant that can be told from now. `tied`: some live time is now. Time then
    /// moves just above it; else onto the next class, if there is one.
    pub(super) fn next(&self, now: Time, tied: bool) -> Option<u8> {
        let position = self.position(now);
        let last = self.count as u8 - 1;
        if tied { Some(2 * position + 1) } else { (position < last).then_some(2 * position + 2) }
    }

    /// The time of a slot.
    pub(super) fn time(&self, slot: usize) -> Time {
        Time::from_raw(self.raws[slot])
    }

    /// The slot at a place (as numbered in `tape`), which is a new one if the place is a gap.
    pub(super) fn put(&mut self, place: u8) -> usize {
        let at = place as usize / 2;
        if place.is_multiple_of(2) { self.slots[at] as usize } else { self.insert(at + 1) }
    }

    fn insert(&mut self, at: usize) -> usize {
        assert!(self.count < MOST_CLASSES, "more than {MOST_CLASSES} classes of times in one step");
        let below = self.raws[self.slots[at - 1] as usize];
        let raw = if at == self.count {
            below + GAP
        } else {
            let width = self.raws[self.slots[at] as usize] - below;
            assert!(width >= 2, "too many new times in one gap");
            below + width / 2
        };
        let slot = self.count;
        self.slots.copy_within(at..self.count, at + 1);
        self.slots[at] = slot as u8;
        self.raws[slot] = raw;
        self.count += 1;
        for position in at..self.count {
            self.places[self.slots[position] as usize] = position as u8;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_insertions_fit_one_gap() {
        let mut classes = Classes::default();
        classes.reset(2);
        for _ in 0..16 {
            let slot = classes.put(1);
            assert_eq!(classes.places[slot], 1);
            assert_eq!(classes.slot(classes.time(slot)), slot);
        }
        let order: Vec<u32> = classes.slots[..classes.count].iter().map(|&s| classes.raws[s as usize]).collect();
        assert!(order.is_sorted() && order.len() == 18);
        assert_eq!(classes.put(2 * 17), 1, "an even place joins");
        let last = classes.put(2 * 17 + 1);
        assert_eq!(classes.time(last), Time::from_raw(3 * GAP));
    }
}
