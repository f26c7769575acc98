//! The clock: what is compared is decided, and known from then on.

use super::bounds::Bounds;
use super::detail::Detail;
use super::questions::Inner;
use crate::{FreeSpans, Options, START};
use dhcpfo_time::{Clock, Look, Span, Time};
use std::sync::{Mutex, PoisonError};

/// The domain that decides an order when it is asked for one.
pub struct Lazy<B: Bounds> {
    free: FreeSpans,
    pub(super) options: Options,
    pub(super) detail: Detail,
    /// Behind a lock because comparing learns, and those who compare only read.
    inner: Mutex<Inner<B>>,
}

impl<B: Bounds> Lazy<B> {
    /// `bounds` says how lengths add up. New times after a `free` span are [`Time::SOMETIME`].
    pub fn new(bounds: B, detail: Detail, free: FreeSpans, options: Options) -> Lazy<B> {
        let inner = Inner::new(bounds);
        Lazy { free, options, detail, inner: Mutex::new(inner) }
    }

    pub(super) fn look_at(&self) -> std::sync::MutexGuard<'_, Inner<B>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn inner(&mut self) -> &mut Inner<B> {
        self.inner.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: Bounds> Clone for Lazy<B> {
    fn clone(&self) -> Self {
        Lazy { free: self.free, options: self.options, detail: self.detail, inner: Mutex::new(self.look_at().clone()) }
    }
}

/// The number of an instant. Now has the time [`START`], the others have their numbers.
pub(super) fn slot(time: Time) -> usize {
    if time == START { 0 } else { time.raw() as usize }
}

/// The time of an instant.
pub(super) fn time_of(slot: usize) -> Time {
    if slot == 0 { START } else { Time::from_raw(slot as u32) }
}

/// What is known of two times that are the same, or of which one is none: whether the first is the earlier.
fn plainly(a: Time, b: Time) -> Option<bool> {
    let apart = a != b;
    if !apart || b == Time::LONG_AGO || a == Time::SOMETIME {
        Some(false)
    } else if a == Time::LONG_AGO || b == Time::SOMETIME {
        Some(true)
    } else {
        None
    }
}

impl<B: Bounds> Clock for Lazy<B> {
    fn now(&self) -> Time {
        START
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        let free = self.free.has(span);
        let inner = self.inner();
        if base == Time::SOMETIME {
            inner.misuse.counted(span);
            inner.stuck = true;
            return Time::SOMETIME;
        }
        if free {
            return Time::SOMETIME;
        }
        assert!(base != Time::LONG_AGO, "a base must be now, later, or a stamp");
        if !inner.has_room() {
            return START;
        }
        let length = inner.bounds.length(span);
        let x = inner.matrix.after(&mut inner.bounds, slot(base), length);
        time_of(x)
    }

    fn before(&self, a: Time, b: Time) -> bool {
        plainly(a, b).unwrap_or_else(|| self.look_at().is_before(slot(a), slot(b)))
    }

    fn decided(&self, a: Time, b: Time) -> Option<bool> {
        plainly(a, b).or_else(|| self.look_at().known(slot(a), slot(b)))
    }

    fn look(&mut self, look: &mut Look) -> bool {
        self.inner().look(look)
    }
}
