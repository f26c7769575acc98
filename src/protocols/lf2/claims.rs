//! The claims in words.

use dhcpfo_claims::{Entry, Judge, common};

/// Two servers are for this.
pub(crate) static NO_DUPLICATE_ADDRESS: Entry = Entry {
    section: "The rules of LF2, which are its own",
    limits: "More than one crash, and clients that go on using an address after its end.",
    occasion: "A client holds an address, and there is another client.",
    judges: &[Judge::Search],
    ..Entry::of(&common::NO_DUPLICATE_ADDRESS)
};

/// What draft-12's `mclt-bound` comes to without clocks: it is not the same, so it has another name.
pub(crate) static LONG_STORED: Entry = Entry {
    name: "long-stored",
    statement: "While both servers are NORMAL, both have every long lease stored for its client.",
    section: "The rules of LF2, which are its own",
    limits: "Short leases, and what is stored while a server is not NORMAL.",
    occasion: "A client holds a long lease while both servers are NORMAL.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};
