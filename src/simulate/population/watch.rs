//! Watching runs from outside while they go on.

use std::sync::atomic::{AtomicBool, Ordering};

/// After so many events a run says how far it is, and looks whether it should end.
const EVENTS: u64 = 1 << 16;

/// Who watches runs, perhaps many on many threads. What comes of a run does not depend on it, unless it is ended.
#[derive(Clone, Copy, Default)]
pub struct Watch<'a> {
    /// Runs end once somebody has set this.
    pub cancel: Option<&'a AtomicBool>,
    /// The address to be followed.
    pub follow: Option<u32>,
    /// Is told now and then how many events and how many virtual seconds more there are.
    pub more: Option<&'a (dyn Fn(u64, u64) + Sync)>,
}

/// How far a run was when it said so last.
pub(super) struct Watched<'a> {
    watch: Watch<'a>,
    events: u64,
    seconds: u64,
}

impl<'a> Watched<'a> {
    pub(super) fn new(watch: Watch<'a>) -> Watched<'a> {
        Watched { watch, events: 0, seconds: 0 }
    }

    /// Whether the run should end.
    #[inline]
    pub(super) fn look(&mut self, events: u64, now: u64) -> bool {
        events.is_multiple_of(EVENTS) && self.say(events, now / 1000)
    }

    #[cold]
    fn say(&mut self, events: u64, seconds: u64) -> bool {
        if let Some(more) = self.watch.more {
            more(events - self.events, seconds - self.seconds);
        }
        (self.events, self.seconds) = (events, seconds);
        self.watch.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed))
    }
}
