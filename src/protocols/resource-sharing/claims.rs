//! The claims in words.

use dhcpfo_claims::{Entry, Judge, common};

/// The resource is for one client at a time.
pub(crate) static MUTUAL_EXCLUSION: Entry = Entry {
    section: "The case of Umeno and Lynch, CRTS 2009; rules of our own",
    limits: "Clocks that differ by the margin or more; that anybody comes to use the resource.",
    occasion: "A client uses the resource.",
    judges: &[Judge::Search],
    ..Entry::of(&common::MUTUAL_EXCLUSION)
};

/// What makes it so.
pub(crate) static GRANTED_WHILE_USED: Entry = Entry {
    name: "granted-while-used",
    statement: "While a client uses the resource, the coordinator grants it to nobody.",
    section: "The case of Umeno and Lynch, CRTS 2009; rules of our own",
    limits: "Clocks that differ by the margin or more; what the coordinator does while nobody uses it.",
    occasion: "A client uses the resource.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};
