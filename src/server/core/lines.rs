//! How many lines of one kind the log gets each second.

/// Lines of one kind that the log may still have in this second, and those that it did not get.
pub(super) struct Lines {
    most: u32,
    left: u32,
    omitted: u64,
}

impl Lines {
    /// At most so many each second.
    pub(super) const fn new(most: u32) -> Lines {
        Lines { most, left: most, omitted: 0 }
    }

    /// Whether one more may be written.
    pub(super) const fn is_open(&mut self) -> bool {
        if self.left == 0 {
            self.omitted += 1;
            return false;
        }
        self.left -= 1;
        true
    }

    /// A second is over: says how many lines it did not get.
    pub(super) fn next_second(&mut self, omitted: &str) {
        if self.omitted > 0 {
            tracing::info!(lines = self.omitted, "{omitted}");
        }
        *self = Lines::new(self.most);
    }
}
