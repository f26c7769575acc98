//! The claims in words.

use dhcpfo_claims::{Entry, Judge, common};

/// Pools without a common address are for this.
pub(crate) static NO_DUPLICATE_ADDRESS: Entry = Entry {
    section: "RFC 2131 §1.6; BCP 180",
    limits: "Clients that go on using an address after its end.",
    occasion: "A client holds an address, and there is another client.",
    judges: &[Judge::Search],
    ..Entry::of(&common::NO_DUPLICATE_ADDRESS)
};

/// What splitting costs a client whose server is away.
pub(crate) static LEASE_RENEWED: Entry = Entry {
    section: "RFC 2131 §4.4.5",
    limits: "A client that asks when its lease is over.",
    occasion: "A client holds an address.",
    judges: &[Judge::Search],
    ..Entry::of(&common::LEASE_RENEWED)
};

/// What splitting costs a client that comes anew. Draft-12's `served-while-available` asks whether somebody can give it an
/// address, this whether anybody refuses: so it has another name.
pub(crate) static NONE_TURNED_AWAY: Entry = Entry {
    name: "none-turned-away",
    statement: "No client is turned away while the other server has an address for it.",
    section: "BCP 180",
    limits: "That it gets the address when it asks again.",
    occasion: "A client holds no address.",
    judges: &[Judge::Search],
    ..Entry::EMPTY
};
