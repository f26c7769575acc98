//! Canonical order: which classes of a step stay, and under which numbers (THEORY.md section 5).

use super::ages::Ages;
use super::classes::Classes;
use super::misuse::Misuse;
use super::{GAP, MOST_CLASSES};
use dhcpfo_time::{Kind, Time, Times};

/// What a look at all times of a state finds.
pub(super) struct Survey {
    /// Positions of the classes that stay: now, live times from now on, and past stamps.
    pub(super) kept: u64,
    /// The same without now, if no time is tied with it: such a now may not be bounded from above, because
    /// time may pass unseen (THEORY.md section 5, step 3).
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

/// Whether there is anything to be known of a time. Of most times of a state there is not.
#[inline(always)]
fn is_set(time: Time) -> bool {
    const { assert!(Time::LONG_AGO.raw() == 0 && Time::SOMETIME.raw() == u32::MAX) };
    time.raw().wrapping_sub(1) < u32::MAX - 1
}

/// The times of a state that are set, in the order in which they are visited, and room for their successors.
///
/// Visiting all times of a state is the dear part, so little is done while it goes on.
#[derive(Clone, Default)]
pub(super) struct Found {
    times: Vec<(Time, Kind)>,
    pub(super) ages: Ages,
    pub(super) misuse: Misuse,
}

impl Found {
    fn look<S: Times>(&mut self, state: &mut S) {
        self.times.clear();
        state.times(&mut |time, kind| {
            if is_set(*time) {
                self.times.push((*time, kind));
            }
            self.misuse.look(*time, kind);
        });
    }
}

impl Survey {
    /// Looks at all times of `state`, and collects its past ages. `ticked`: time has passed in this step.
    pub(super) fn of<S: Times>(state: &mut S, classes: &Classes, now: Time, ticked: bool, found: &mut Found) -> Survey {
        found.look(state);
        let Found { times, ages, .. } = found;
        ages.clear();
        let (mut live, mut stale) = (0u64, false);
        for &(time, kind) in times.iter() {
            match kind {
                Kind::Deadline | Kind::Limit | Kind::Timer if time.raw() < now.raw() => stale = true,
                Kind::Age(group) if time.raw() < now.raw() => {
                    debug_assert!(ticked || time.raw() < GAP, "an age is neither now nor of its group");
                    ages.note(group, time.raw());
                    stale = true;
                }
                _ => {
                    debug_assert!(!matches!(kind, Kind::Age(_)) || time == now, "an age lies in the future");
                    live |= 1 << classes.position(time);
                }
            }
        }
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

    /// Rewrites all times, those that were found: classes as multiples of [`GAP`], the rest as it is between steps.
    /// Returns the new now.
    pub(super) fn renumber<S: Times>(&self, state: &mut S, classes: &Classes, now: Time, found: &mut Found) -> Time {
        if !self.stale {
            return now;
        }
        let Found { times, ages, .. } = found;
        for (time, kind) in times.iter_mut() {
            *time = match *kind {
                Kind::Deadline | Kind::Limit | Kind::Timer if time.raw() < now.raw() => Time::LONG_AGO,
                Kind::Age(group) if time.raw() < now.raw() => ages.renumbered(group, time.raw()),
                _ => self.class(classes.position(*time).into()),
            };
        }
        let mut renumbered = times.iter();
        state.times(&mut |time, _| {
            if is_set(*time)
                && let Some((new, _)) = renumbered.next()
            {
                *time = *new;
            }
        });
        self.class(self.now)
    }

    /// The new time of the class at `position`.
    fn class(&self, position: u32) -> Time {
        Time::from_raw((u32::from(self.rank(position)) + 1) * GAP)
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
