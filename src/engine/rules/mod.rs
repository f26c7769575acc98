//! The readings of the specification, as data: one enum per question.
//!
//! Where the draft contradicts itself, leaves a choice, or a deployed server departs from it, the reading
//! in force is a field of [`Rules`]. A *dialect* is a named set of readings; a *mutant* is a reading that
//! must fail. The questions are argued in `spec/questions.md`.

#[macro_use]
mod question;
mod readings;

pub use question::{Question, Reading, Taker};
pub use readings::*;

impl Rules {
    /// The dialects by name.
    pub const DIALECTS: &'static [(&'static str, Rules)] =
        &[("draft-12", Rules::DRAFT_12), ("isc-dhcpd-4.4", Rules::ISC_DHCPD_4_4)];
}

/// A reading that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownReading {
    /// No such question. [`Rules::words`] lists them.
    Key,
    /// The question exists; these are its answers.
    Word(&'static [&'static str]),
}
