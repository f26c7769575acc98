//! Faults and other costly events are bounded by budgets, so that "exhaustive" has a meaning.

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Item {
    /// A server crashes; memory is lost, stable storage is not.
    Crashes,
    /// A crash also takes stable storage with it.
    StorageLosses,
    /// The connection between the servers breaks.
    LinkBreaks,
    /// An operator declares the partner down.
    PartnerDowns,
    /// An operator pauses a server.
    Pauses,
    /// An operator shuts a server down.
    Shutdowns,
    /// An operator makes an address available again.
    Resets,
    /// An operator asks for the balance to be restored.
    Rebalances,
    /// A lease is given or extended.
    Leases,
    /// A client gives its address back.
    Releases,
    /// A client finds its address in use.
    Declines,
    /// A client is rebooted and asks for its address again.
    Reboots,
    /// An answer to a client is lost.
    Losses,
    /// A message between client and server is duplicated.
    Duplicates,
    /// A client gives its address back, or finds it in use, and says so to the server that did not give the lease.
    Strays,
    /// A client that has an address asks for parameters alone.
    Informs,
    /// An operator declares the partner down as of the instant at which it stopped serving.
    DatedPartnerDowns,
    /// The same as of the loss of contact, though the partner may have served after it.
    MisdatedPartnerDowns,
    /// A server's stable storage is copied, and the copy may be put back while it is off.
    Backups,
    /// An operator puts a server into a state.
    SetStates,
    /// The connection carries nothing any more in one direction.
    OneWayBreaks,
    /// A server connects anew to a partner that still believes in the old connection.
    HalfOpenConnections,
    /// A server is restarted with a changed configuration.
    Changes,
    /// Both servers, while off, are given each other's role.
    RoleSwaps,
    /// A client turns to its other interface, with the same client identifier.
    SecondLeases,
}

/// How many kinds of budget there are.
pub const ITEMS: usize = 25;

impl Item {
    /// All of them with the words used in model files.
    pub const WORDS: [(Item, &'static str); ITEMS] = [
        (Item::Crashes, "crashes"),
        (Item::StorageLosses, "storage-losses"),
        (Item::LinkBreaks, "link-breaks"),
        (Item::PartnerDowns, "partner-downs"),
        (Item::Pauses, "pauses"),
        (Item::Shutdowns, "shutdowns"),
        (Item::Resets, "resets"),
        (Item::Rebalances, "rebalances"),
        (Item::Leases, "leases"),
        (Item::Releases, "releases"),
        (Item::Declines, "declines"),
        (Item::Reboots, "reboots"),
        (Item::Losses, "losses"),
        (Item::Duplicates, "duplicates"),
        (Item::Strays, "strays"),
        (Item::Informs, "informs"),
        (Item::DatedPartnerDowns, "dated-partner-downs"),
        (Item::MisdatedPartnerDowns, "misdated-partner-downs"),
        (Item::Backups, "backups"),
        (Item::SetStates, "set-states"),
        (Item::OneWayBreaks, "one-way-breaks"),
        (Item::HalfOpenConnections, "half-open-connections"),
        (Item::Changes, "changes"),
        (Item::RoleSwaps, "role-swaps"),
        (Item::SecondLeases, "second-leases"),
    ];
}

/// What is left of each budget. [`Budgets::UNLIMITED`] is never used up and never counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budgets([u8; ITEMS]);

impl Budgets {
    /// The amount that never shrinks.
    pub const UNLIMITED: u8 = u8::MAX;

    /// Nothing of anything.
    pub const NONE: Budgets = Budgets([0; ITEMS]);

    /// The same with one amount changed.
    pub const fn with(mut self, item: Item, amount: u8) -> Budgets {
        self.0[item as usize] = amount;
        self
    }

    /// What is left of one.
    pub const fn left(&self, item: Item) -> u8 {
        self.0[item as usize]
    }

    /// Takes one; false if there is none left.
    #[must_use]
    pub fn take(&mut self, item: Item) -> bool {
        match &mut self.0[item as usize] {
            0 => false,
            &mut Budgets::UNLIMITED => true,
            left => {
                *left -= 1;
                true
            }
        }
    }

    /// All amounts, for encoding.
    pub fn amounts_mut(&mut self) -> &mut [u8; ITEMS] {
        &mut self.0
    }

    /// All amounts.
    pub const fn amounts(&self) -> &[u8; ITEMS] {
        &self.0
    }
}
