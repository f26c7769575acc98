//! The choice tape: which place each call of `after` took in a step, and which are left to try.
//!
//! The places a new time may take are one interval (THEORY.md section 3), so an entry is its two ends and
//! the place taken. Place `2p` is "joins the class at position p", `2p + 1` is "in the gap after it".

/// Most calls of `after` in one step.
pub(super) const CALLS: usize = 16;

/// The places that the new times of one step took, in the order of the calls of `after`.
///
/// Each is a number counted from the earliest place that was admissible. With the action, they say which
/// outcome is meant; a path of (action, choices) can be replayed under the same clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Choices {
    taken: [u8; CALLS],
    len: u8,
}

impl Choices {
    /// The choices as numbers.
    pub fn as_slice(&self) -> &[u8] {
        &self.taken[..self.len as usize]
    }

    /// The inverse of [`Choices::as_slice`]. Panics if there are more than a step can have.
    pub fn from_slice(taken: &[u8]) -> Choices {
        let mut choices = Choices::default();
        taken.iter().for_each(|&choice| choices.push(choice));
        choices
    }

    fn push(&mut self, choice: u8) {
        assert!((self.len as usize) < CALLS, "a step makes more than {CALLS} new times");
        self.taken[self.len as usize] = choice;
        self.len += 1;
    }
}

#[derive(Clone, Copy, Default)]
struct Entry {
    first: u8,
    last: u8,
    taken: u8,
}

/// Remembers the choices of the run before, so that the next run differs in the last one that can.
#[derive(Clone, Default)]
pub(super) struct Tape {
    entries: [Entry; CALLS],
    len: usize,
    cursor: usize,
    forced: Choices,
}

impl Tape {
    /// Forgets all choices: a new step begins.
    pub(super) fn clear(&mut self) {
        (self.len, self.cursor, self.forced.len) = (0, 0, 0);
    }

    /// A new step begins, whose first choices are given.
    pub(super) fn force(&mut self, choices: Choices) {
        *self = Tape { forced: choices, ..Tape::default() };
    }

    /// The same step begins again.
    pub(super) fn rewind(&mut self) {
        self.cursor = 0;
    }

    /// The place of the next new time, if it was settled in an earlier run.
    pub(super) fn recall(&mut self) -> Option<u8> {
        let entry = self.entries[..self.len].get(self.cursor)?;
        self.cursor += 1;
        Some(entry.taken)
    }

    /// The place of the next new time, which may lie anywhere from `first` to `last`.
    pub(super) fn choose(&mut self, first: u8, last: u8) -> u8 {
        assert!(self.len < CALLS, "a step makes more than {CALLS} new times");
        debug_assert_eq!(self.cursor, self.len, "choices are recalled before new ones are made");
        let skipped = self.forced.as_slice().get(self.len).copied().unwrap_or(0);
        let taken = first + skipped;
        assert!(taken <= last, "choice {skipped} does not exist here");
        self.entries[self.len] = Entry { first, last, taken };
        self.len += 1;
        self.cursor += 1;
        taken
    }

    /// Goes to the next tape in the order of choices; false if this was the last.
    pub(super) fn bump(&mut self) -> bool {
        debug_assert_eq!(self.cursor, self.len, "a step is not deterministic");
        while let Some(entry) = self.entries[..self.len].last_mut() {
            if entry.taken < entry.last {
                entry.taken += 1;
                return true;
            }
            self.len -= 1;
        }
        false
    }

    /// The choices made in this run.
    pub(super) fn choices(&self) -> Choices {
        let mut choices = Choices::default();
        self.entries[..self.cursor].iter().for_each(|entry| choices.push(entry.taken - entry.first));
        choices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_comes_once() {
        let mut tape = Tape::default();
        let mut seen = Vec::new();
        loop {
            tape.rewind();
            let a = tape.recall().unwrap_or_else(|| tape.choose(3, 4));
            // The second question is only asked after the first answer 3.
            let b = (a == 3).then(|| tape.recall().unwrap_or_else(|| tape.choose(1, 3)));
            seen.push((a, b, tape.choices()));
            if !tape.bump() {
                break;
            }
        }
        let pairs: Vec<_> = seen.iter().map(|&(a, b, _)| (a, b)).collect();
        assert_eq!(pairs, [(3, Some(1)), (3, Some(2)), (3, Some(3)), (4, None)]);
        assert_eq!(seen[2].2, Choices::from_slice(&[0, 2]));
    }
}
