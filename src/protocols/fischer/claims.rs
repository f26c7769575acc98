//! The claims in words.

use dhcpfo_claims::{Entry, Judge, common};

/// Fischer's algorithm is for this.
pub(crate) static MUTUAL_EXCLUSION: Entry = Entry {
    section: "Lamport, A fast mutual exclusion algorithm, ACM TOCS 1987",
    limits: "That anybody comes to be inside, or how soon.",
    occasion: "A process is inside.",
    judges: &[Judge::Search],
    ..Entry::of(&common::MUTUAL_EXCLUSION)
};

/// What its proof rests on.
pub(crate) static NAMED_INSIDE: Entry = Entry {
    name: "named-inside",
    statement: "While a process is inside, the variable has its name.",
    section: "Lamport, A fast mutual exclusion algorithm, ACM TOCS 1987",
    limits: "What the variable has while nobody is inside.",
    occasion: "A process is inside.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};
