//! `[time]`, with the lengths of time of draft-12.

use crate::keys::LENGTHS;
use dhcpfo_clock::Lengths;
use dhcpfo_engine::span;
use dhcpfo_header::lengths::{self, Defaults};
use dhcpfo_header::section::Section;

/// Reads the section.
pub(crate) fn lengths(root: &Section<'_>) -> Lengths {
    let defaults = Defaults {
        words: &span::WORDS,
        lengths: &LENGTHS.map(|(_, small, seconds, _)| (small, seconds)),
        order: &[(span::MCLT, span::DESIRED_LEASE), (span::DESIRED_LEASE, span::POTENTIAL_LEAD)],
        free: &[span::STARTUP, span::SAFE_PERIOD],
    };
    lengths::lengths(root, &defaults)
}
