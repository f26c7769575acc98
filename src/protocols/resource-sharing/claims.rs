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

/// That it gives anybody the resource at all. Fairness is not enough for it: grants that are over when they come are fair.
pub(crate) static ASKED_THEN_USED: Entry = Entry {
    name: "asked-then-used",
    statement: "When a client has asked, there comes a state in which one uses the resource.",
    section: "The case of Umeno and Lynch, CRTS 2009; rules of our own",
    limits: "That it is this client; how soon.",
    occasion: "A client has asked, and none uses the resource.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};
