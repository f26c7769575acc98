//! What no rule may do with a deadline of a span that a model leaves free: all of these are one value, so that a
//! comparison would have an answer, and it would say nothing.

use dhcpfo_time::{Kind, Span, SpanWords, Time};
use std::sync::atomic::{AtomicU16, Ordering};

/// What rules did so far with free deadlines that they may not do. A search in which there was any has no verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Misuse(u16);

impl Misuse {
    /// Set if a free deadline stood among deadlines that are compared with each other.
    const COMPARED: u16 = 1 << Span::MOST;

    /// Set if a step told more instants apart than there is room for: no misuse, but it is noted with them.
    const OUTGROWN: u16 = 1 << (Span::MOST + 1);

    /// None so far.
    pub const NONE: Misuse = Misuse(0);

    /// `span` was counted from a free deadline.
    pub(super) fn counted(&mut self, span: Span) {
        self.0 |= 1 << span.0;
    }

    /// There was no room for all instants of a step.
    pub(super) fn outgrown(&mut self) {
        self.0 |= Misuse::OUTGROWN;
    }

    /// Looks at a time of a state.
    #[inline]
    pub(super) fn look(&mut self, time: Time, kind: Kind) {
        self.0 |= if time == Time::SOMETIME && kind != Kind::Timer { Misuse::COMPARED } else { 0 };
    }

    /// What was done, in the words of the protocol.
    pub fn text(self, words: &[SpanWords]) -> String {
        let counted = words.iter().enumerate().filter(|(span, _)| self.0 >> span & 1 == 1);
        let mut parts: Vec<String> = counted.map(|(_, span)| format!("a rule counts {} from it", span.name)).collect();
        if self.0 & Misuse::COMPARED != 0 {
            parts.push("it stands among deadlines that rules compare with each other".to_owned());
        }
        let free: Vec<&str> = words.iter().filter(|span| span.compared.is_none()).map(|span| span.name).collect();
        format!("nothing is known of when a free deadline is ({}), but {}", free.join(", "), parts.join(", and "))
    }
}

/// What the threads of a search noted together.
#[derive(Debug, Default)]
pub struct Misuses(AtomicU16);

impl Misuses {
    /// Adds what one of them noted.
    pub fn note(&self, misuse: Misuse) {
        if misuse != Misuse::NONE {
            self.0.fetch_or(misuse.0, Ordering::Relaxed);
        }
    }

    /// What was done, in the words of the protocol; None: nothing.
    pub fn text(&self, words: &[SpanWords]) -> Option<String> {
        let misuse = Misuse(self.0.load(Ordering::Relaxed) & !Misuse::OUTGROWN);
        (misuse != Misuse::NONE).then(|| misuse.text(words))
    }

    /// Whether some step told more instants apart than there is room for, so that not everything was searched.
    pub fn is_outgrown(&self) -> bool {
        self.0.load(Ordering::Relaxed) & Misuse::OUTGROWN != 0
    }
}
