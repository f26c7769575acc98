//! The lengths of time of the protocol. The rules know their names, never their sizes.

use dhcpfo_time::{Span, SpanWords};

/// Maximum client lead time (failover-12 §5.2.1).
pub const MCLT: Span = Span(0);
/// A second, different MCLT: what a secondary uses that does not take the primary's (mutant M-28).
pub const OTHER_MCLT: Span = Span(1);
/// The lease interval that the server would like to give (failover-12 §5.2.1).
pub const DESIRED_LEASE: Span = Span(2);
/// How far ahead of now the potential-expiration-time is set (failover-12 §5.2.1).
pub const POTENTIAL_LEAD: Span = Span(3);
/// COMMUNICATIONS-INTERRUPTED to PARTNER-DOWN without an operator (failover-12 §10).
pub const SAFE_PERIOD: Span = Span(4);
/// How long STARTUP lasts without a word from the partner (failover-12 §9.3.2).
pub const STARTUP: Span = Span(5);
/// How long an ABANDONED address stays so before it is tried again (ISC dhcpd only).
pub const ABANDON_TIME: Span = Span(6);
/// How old a message may get in flight before the receive timer breaks the connection (failover-12 §8.3).
pub const MESSAGE_AGE: Span = Span(7);

/// Every span, in the order of their numbers.
pub const ALL: [Span; 8] =
    [MCLT, OTHER_MCLT, DESIRED_LEASE, POTENTIAL_LEAD, SAFE_PERIOD, STARTUP, ABANDON_TIME, MESSAGE_AGE];

/// What is said of each, by number.
pub const WORDS: [SpanWords; ALL.len()] = [
    compared(
        "mclt",
        "a lease ends then or when it was wanted to, whichever is earlier (failover-12 §5.2.1, §7.1.5), and \
         addresses rest until the latest of such deadlines (§9.4.2, §9.6.2)",
    ),
    compared("other-mclt", "it stands in the place of mclt, whose deadlines are compared with the ends of leases"),
    compared(
        "lease",
        "a lease ends then or MCLT after what the partner acknowledged, whichever is earlier (failover-12 §5.2.1)",
    ),
    compared(
        "potential",
        "the potential-expiration-time is compared with the end of the lease, and MCLT is counted from it \
         (failover-12 §5.2.1, §7.1.5, §9.4.2)",
    ),
    SpanWords { name: "safe-period", compared: None },
    SpanWords { name: "startup", compared: None },
    compared(
        "abandon-time",
        "it takes the place of the end of a lease, with which the ends that the partner tells are compared (dhcpd, B-19)",
    ),
    compared("message-age", "no time may pass beyond it while the message is under way (failover-12 §8.3)"),
];

const fn compared(name: &'static str, how: &'static str) -> SpanWords {
    SpanWords { name, compared: Some(how) }
}

/// The word used in model files.
pub const fn name(span: Span) -> &'static str {
    WORDS[span.0 as usize].name
}
