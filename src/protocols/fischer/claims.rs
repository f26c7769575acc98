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

/// That it lets anybody in at all.
pub(crate) static NAMED_THEN_INSIDE: Entry = Entry {
    name: "named-then-inside",
    statement: "When the variable has a name, there comes a state in which a process is inside.",
    section: "Lamport, A fast mutual exclusion algorithm, ACM TOCS 1987",
    limits: "That it is the one that is named, or any that wants to: others may come before it for ever.",
    occasion: "The variable has a name, and no process is inside.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};
