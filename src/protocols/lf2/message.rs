//! Messages, and the set of them that is in flight.

use crate::binding::{ADDRESSES, Binding, CLIENTS};
use std::fmt;

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// A client asks a server for a lease, or to renew one: they look the same.
    Request {
        /// Who asks.
        client: u8,
        /// Whom.
        server: u8,
    },
    /// A server grants a lease.
    Grant {
        /// Who grants.
        server: u8,
        /// To whom.
        client: u8,
        /// What.
        address: u8,
        /// Longer than MCLT.
        long: bool,
    },
    /// A server tells its partner of a binding, which is never free.
    Update {
        /// Who tells.
        server: u8,
        /// Of which address.
        address: u8,
        /// What it has of it.
        binding: Binding,
    },
    /// The partner acknowledges an update.
    Answer {
        /// Who told.
        server: u8,
        /// Of which address.
        address: u8,
        /// What.
        binding: Binding,
    },
}

/// Bindings that are told of: of a client each, and expired.
const TOLD: usize = CLIENTS + 1;
/// The first number of a grant, of an update, of an answer, and of nothing any more.
const FIRST: [usize; 4] = {
    let grants = 2 * CLIENTS;
    let updates = grants + 2 * CLIENTS * ADDRESSES * 2;
    let answers = updates + 2 * ADDRESSES * TOLD;
    [grants, updates, answers, answers + 2 * ADDRESSES * TOLD]
};

impl Message {
    /// How many messages there are.
    pub const COUNT: usize = FIRST[3];

    /// Every message.
    pub fn all() -> impl Iterator<Item = Message> {
        (0..Message::COUNT).map(Message::of_number)
    }

    fn number(self) -> usize {
        let told = |binding: Binding| match binding {
            Binding::Client(client) => usize::from(client),
            Binding::Free | Binding::Expired => CLIENTS,
        };
        let about = |server: u8, address: u8| usize::from(server) * ADDRESSES + usize::from(address);
        match self {
            Message::Request { client, server } => usize::from(client) * 2 + usize::from(server),
            Message::Grant { server, client, address, long } => {
                FIRST[0] + (about(server, address) * CLIENTS + usize::from(client)) * 2 + usize::from(long)
            }
            Message::Update { server, address, binding } => FIRST[1] + about(server, address) * TOLD + told(binding),
            Message::Answer { server, address, binding } => FIRST[2] + about(server, address) * TOLD + told(binding),
        }
    }

    fn of_number(number: usize) -> Message {
        let about = |number: usize| ((number / ADDRESSES) as u8, (number % ADDRESSES) as u8);
        let told = |number: usize| match number % TOLD {
            CLIENTS => Binding::Expired,
            client => Binding::Client(client as u8),
        };
        if number < FIRST[0] {
            Message::Request { client: (number / 2) as u8, server: (number % 2) as u8 }
        } else if number < FIRST[1] {
            let number = number - FIRST[0];
            let (server, address) = about(number / 2 / CLIENTS);
            Message::Grant { server, client: (number / 2 % CLIENTS) as u8, address, long: number % 2 == 1 }
        } else if number < FIRST[2] {
            let number = number - FIRST[1];
            let (server, address) = about(number / TOLD);
            Message::Update { server, address, binding: told(number) }
        } else {
            let number = number - FIRST[2];
            let (server, address) = about(number / TOLD);
            Message::Answer { server, address, binding: told(number) }
        }
    }

    /// The message with each client called `names` of it.
    fn renamed(self, names: &[u8; CLIENTS]) -> Message {
        match self {
            Message::Request { client, server } => Message::Request { client: names[usize::from(client)], server },
            Message::Grant { server, client, address, long } => {
                Message::Grant { server, client: names[usize::from(client)], address, long }
            }
            Message::Update { server, address, binding } => {
                Message::Update { server, address, binding: binding.renamed(names) }
            }
            Message::Answer { server, address, binding } => {
                Message::Answer { server, address, binding: binding.renamed(names) }
            }
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Message::Request { client, server } => write!(f, "request c{client} s{server}"),
            Message::Grant { server, client, address, long } => {
                write!(f, "grant s{server} c{client} a{address} {}", if *long { "long" } else { "short" })
            }
            Message::Update { server, address, binding } => write!(f, "update s{server} a{address} {binding}"),
            Message::Answer { server, address, binding } => write!(f, "answer s{server} a{address} {binding}"),
        }
    }
}

/// A set of messages in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Messages(pub(crate) u64);

impl Messages {
    /// Is it in flight?
    pub fn has(self, message: Message) -> bool {
        self.0 >> message.number() & 1 == 1
    }

    /// How many are.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Sends it.
    pub fn add(&mut self, message: Message) {
        self.0 |= 1 << message.number();
    }

    /// Takes it away.
    pub fn remove(&mut self, message: Message) {
        self.0 &= !(1 << message.number());
    }

    /// Those in flight.
    pub fn iter(self) -> impl Iterator<Item = Message> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let number = left.trailing_zeros();
            (number < u64::BITS).then(|| {
                left &= left - 1;
                Message::of_number(number as usize)
            })
        })
    }

    /// Takes away every update and every answer of a server about an address.
    pub fn forget(&mut self, server: u8, address: u8) {
        self.0 &= !(about(1, server, address) | about(2, server, address));
    }

    /// Takes away every answer to a server about an address.
    pub fn forget_answers(&mut self, server: u8, address: u8) {
        self.0 &= !about(2, server, address);
    }

    /// Takes away all that is between the servers.
    pub fn break_connection(&mut self) {
        self.0 &= (1 << FIRST[1]) - 1;
    }

    pub(crate) fn renamed(self, names: &[u8; CLIENTS]) -> Messages {
        let mut renamed = Messages::default();
        self.iter().for_each(|message| renamed.add(message.renamed(names)));
        renamed
    }
}

/// All updates (1) or answers (2) of a server about an address.
const fn about(kind: usize, server: u8, address: u8) -> u64 {
    ((1 << TOLD) - 1) << (FIRST[kind] + (server as usize * ADDRESSES + address as usize) * TOLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_messages_are_one_to_one() {
        for (number, message) in Message::all().enumerate() {
            assert_eq!(message.number(), number, "{message}");
        }
    }
}
