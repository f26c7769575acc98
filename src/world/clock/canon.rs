//! Canonical order: which classes of a step stay, and under which numbers (clocks.md section 4).

use super::ages::Ages;
use super::classes::Classes;
use super::{GAP, MOST_CLASSES};
use dhcpfo_engine::time::{Kind, Time, Times};

/// What a look at all times of a state finds.
pub(super) struct Survey {
    /// Positions of the classes that stay: now, live times from now on, and past stamps.
    pub(super) kept: u64,
    /// The same without now, if no time is tied with it: such a now may not be bounded from above, because
    /// time may pass unseen (clocks.md section 4, step 3).
    pub(super) solid: u64,
    /// Position of now.
    pub(super) now: u32,
    /// Place in the new order of each position that stays.
    ranks: [u8; MOST_CLASSES],
    /// Are the classes just those of the loaded state?
    pub(super) whole: bool,
    /// Do any times have to be rewritten?
    stale: bool,
}

/// Whether there is anything to be known of a time. Of most times of a state there is not, so this is what the visits
/// cost; what is done with the others is kept out of their way.
#[inline(always)]
fn is_set(time: Time) -> bool {
    const { assert!(Time::LONG_AGO.raw() == 0 && Time::SOMETIME.raw() == u32::MAX) };
    time.raw().wrapping_sub(1) < u32::MAX - 1
}

/// A look at the times that are set.
struct Look<'a> {
    classes: &'a Classes,
    ages: &'a mut Ages,
    now: Time,
    ticked: bool,
    live: u64,
    stale: bool,
}

impl Look<'_> {
    #[inline(never)]
    fn at(&mut self, time: Time, kind: Kind) {
        match kind {
            Kind::Deadline if time < self.now => self.stale = true,
            Kind::Age(group) if time < self.now => {
                debug_assert!(self.ticked || time.raw() < GAP, "an age is neither now nor of its group");
                self.ages.note(group, time.raw());
                self.stale = true;
            }
            _ => {
                debug_assert!(!matches!(kind, Kind::Age(_)) || time == self.now, "an age lies in the future");
                self.live |= 1 << self.classes.position(time);
            }
        }
    }
}

impl Survey {
    /// Looks at all times of `state`, and collects its past ages. `ticked`: time has passed in this step.
    pub(super) fn of<S: Times>(state: &mut S, classes: &Classes, now: Time, ticked: bool, ages: &mut Ages) -> Survey {
        ages.clear();
        let mut look = Look { classes, ages, now, ticked, live: 0, stale: false };
        state.times(&mut |time, kind| {
            if is_set(*time) {
                look.at(*time, kind);
            }
        });
        let Look { live, stale, .. } = look;
        let position = u32::from(classes.position(now));
        let kept = live | 1 << position;
        let whole = kept == u64::MAX >> (64 - classes.count) && !classes.grown();
        let ranks = [0; MOST_CLASSES];
        let mut survey = Survey { kept, solid: live, now: position, ranks, whole, stale: stale || !whole };
        for (rank, position) in survey.positions().enumerate() {
            survey.ranks[position] = rank as u8;
        }
        survey
    }

    /// The place in the new order of the class at `position`, which stays, from 0.
    #[inline]
    pub(super) fn rank(&self, position: u32) -> u8 {
        self.ranks[position as usize]
    }

    /// Positions of the classes that stay, in their order.
    pub(super) fn positions(&self) -> impl Iterator<Item = usize> + use<> {
        let mut left = self.kept;
        std::iter::from_fn(move || {
            let next = (left != 0).then(|| left.trailing_zeros() as usize);
            left &= left.wrapping_sub(1);
            next
        })
    }

    /// Rewrites all times: classes as multiples of [`GAP`], the rest as it is between steps. Returns the new now.
    pub(super) fn renumber<S: Times>(&self, state: &mut S, classes: &Classes, now: Time, ages: &Ages) -> Time {
        if !self.stale {
            return now;
        }
        state.times(&mut |time, kind| {
            if is_set(*time) {
                *time = self.renumbered(*time, kind, classes, now, ages);
            }
        });
        self.class(self.now)
    }

    /// The new time of the class at `position`.
    fn class(&self, position: u32) -> Time {
        Time::from_raw((u32::from(self.rank(position)) + 1) * GAP)
    }

    #[inline(never)]
    fn renumbered(&self, time: Time, kind: Kind, classes: &Classes, now: Time, ages: &Ages) -> Time {
        match kind {
            Kind::Deadline if time < now => Time::LONG_AGO,
            Kind::Age(group) if time < now => ages.renumbered(group, time.raw()),
            _ => self.class(classes.position(time).into()),
        }
    }
}

/// Nearest position in `set` at or before `position`.
pub(super) fn floor(set: u64, position: u32) -> Option<u32> {
    (set & (u64::MAX >> (63 - position))).checked_ilog2()
}

/// Nearest position in `set` at or after `position`.
pub(super) fn ceiling(set: u64, position: u32) -> Option<u32> {
    let above = set >> position;
    (above != 0).then(|| position + above.trailing_zeros())
}
