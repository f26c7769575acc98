//! Lengths of time. (`kea-ha` section 2.)

use dhcpfo_study::Length;
use dhcpfo_time::{Span, SpanWords};

/// How long a lease is.
pub const LEASE: Span = Span(0);
/// When a command without an answer has failed.
pub const TIMEOUT: Span = Span(1);
/// max-response-delay, from the beginning of the silence.
pub const RESPONSE: Span = Span(2);
/// For how long a partner that is read from is off at most.
pub const DISABLE: Span = Span(3);
/// What a lease is to a server whose clock is ahead.
pub const AHEAD: Span = Span(4);
/// How far apart heartbeats are.
pub const HEARTBEAT: Span = Span(5);

pub(crate) static SPANS: &[Length] = &[
    Length {
        words: SpanWords { name: "lease", compared: Some("servers compare leases by their ends") },
        small: 5,
        seconds: 600,
        about: "how long a lease is",
    },
    Length {
        words: SpanWords { name: "request-timeout", compared: None },
        small: 2,
        seconds: 10,
        about: "when a command without an answer has failed",
    },
    Length {
        words: SpanWords { name: "max-response-delay", compared: None },
        small: 3,
        seconds: 60,
        about: "how long a partner is silent before it may be taken for dead",
    },
    Length {
        words: SpanWords { name: "sync-timeout", compared: None },
        small: 3,
        seconds: 60,
        about: "for how long a partner that is read from is off at most",
    },
    Length {
        words: SpanWords { name: "lease-ahead", compared: Some("a server gives an address again when it is over") },
        small: 4,
        seconds: 555,
        about: "what is left of a new lease by a clock that is ahead",
    },
    Length {
        words: SpanWords { name: "heartbeat-delay", compared: None },
        small: 1,
        seconds: 9,
        about: "how far apart heartbeats are",
    },
];
