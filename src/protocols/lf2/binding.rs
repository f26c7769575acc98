//! Sizes, and what a server has of an address.

/// Most clients.
pub const CLIENTS: usize = 3;
/// Most addresses.
pub const ADDRESSES: usize = 2;

/// What a server has of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binding {
    /// It may be given.
    Free,
    /// It is a client's.
    Client(u8),
    /// It was, and the partner has to hear of the end.
    Expired,
}

impl Binding {
    pub(crate) const ALL: [Binding; 5] =
        [Binding::Free, Binding::Client(0), Binding::Client(1), Binding::Client(2), Binding::Expired];

    pub(crate) fn renamed(self, names: &[u8; CLIENTS]) -> Binding {
        match self {
            Binding::Client(client) => Binding::Client(names[usize::from(client)]),
            other => other,
        }
    }
}
