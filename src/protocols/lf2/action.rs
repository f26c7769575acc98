//! What can happen, with its text.

use crate::binding::{ADDRESSES, CLIENTS};
use crate::message::Message;
use dhcpfo_study::words::find;
use std::fmt;
use std::str::FromStr;

/// One transition. In brackets the number of the rule where LF2 was first written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "client, server and address are what they are called")]
pub enum Action {
    /// A client asks a server (R1).
    Ask { client: u8, server: u8 },
    /// A server renews what the client has (R2a).
    Renew { server: u8, client: u8, address: u8 },
    /// A server gives a free address (R2b).
    Give { server: u8, client: u8, address: u8 },
    /// A grant, an update or an answer arrives (R3, R5, R6).
    Deliver(Message),
    /// A server tells its partner of a binding (R4).
    Tell { server: u8, address: u8 },
    /// A server lets a binding expire, after the client's lease (R7).
    Expire { server: u8, address: u8 },
    /// The one crash (R8).
    Crash { server: u8 },
    /// A server takes its partner for dead (R9).
    DeclareDown { server: u8 },
    /// MCLT has passed: every short lease of the partner is over (R10).
    EndWait { server: u8 },
    /// A server comes back (R11).
    Restart { server: u8 },
    /// A server that came back takes over all that its partner has (R12).
    Resync { server: u8 },
    /// A client's lease ends (R13).
    EndLease { client: u8 },
    /// A server that is alone frees what is expired (R14).
    Free { server: u8, address: u8 },
    /// A message is lost (R15).
    Lose(Message),
}

impl Action {
    /// What a server does that is about no address.
    pub(crate) const OF_A_SERVER: [fn(u8) -> Action; 5] = [
        |server| Action::Crash { server },
        |server| Action::DeclareDown { server },
        |server| Action::EndWait { server },
        |server| Action::Restart { server },
        |server| Action::Resync { server },
    ];

    /// Every action of the largest system.
    fn all() -> impl Iterator<Item = Action> {
        let places = || (0..2).flat_map(|server| (0..ADDRESSES as u8).map(move |address| (server, address)));
        let clients = 0..CLIENTS as u8;
        let of_clients = clients.flat_map(move |client| {
            let asks = (0..2).map(move |server| Action::Ask { client, server });
            let given = places().flat_map(move |(server, address)| {
                [Action::Renew { server, client, address }, Action::Give { server, client, address }]
            });
            asks.chain(given).chain([Action::EndLease { client }])
        });
        let of_addresses = places().flat_map(|(server, address)| {
            [Action::Tell { server, address }, Action::Expire { server, address }, Action::Free { server, address }]
        });
        let of_servers = (0..2).flat_map(|server| Action::OF_A_SERVER.map(|make| make(server)));
        let of_messages = Message::all().flat_map(|message| [Action::Deliver(message), Action::Lose(message)]);
        of_clients.chain(of_addresses).chain(of_servers).chain(of_messages)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Ask { client, server } => write!(f, "c{client} asks s{server}"),
            Action::Renew { server, client, address } => write!(f, "s{server} renews c{client} a{address}"),
            Action::Give { server, client, address } => write!(f, "s{server} gives c{client} a{address}"),
            Action::Deliver(message) => write!(f, "deliver {message}"),
            Action::Tell { server, address } => write!(f, "s{server} tells a{address}"),
            Action::Expire { server, address } => write!(f, "s{server} expires a{address}"),
            Action::Crash { server } => write!(f, "s{server} crashes"),
            Action::DeclareDown { server } => write!(f, "s{server} takes its partner for dead"),
            Action::EndWait { server } => write!(f, "s{server} has waited"),
            Action::Restart { server } => write!(f, "s{server} restarts"),
            Action::Resync { server } => write!(f, "s{server} catches up"),
            Action::EndLease { client } => write!(f, "c{client} ends its lease"),
            Action::Free { server, address } => write!(f, "s{server} frees a{address}"),
            Action::Lose(message) => write!(f, "lose {message}"),
        }
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Action, String> {
        const ACCEPTED: [&str; 8] = [
            "cN asks sN",
            "cN ends its lease",
            "sN renews|gives cN aN",
            "sN tells|expires|frees aN",
            "sN crashes|restarts|has waited|catches up|takes its partner for dead",
            "deliver MESSAGE",
            "lose MESSAGE",
            "where MESSAGE is request cN sN, grant sN cN aN short|long, or update|answer sN aN cN|expired",
        ];
        find(text, Action::all(), &ACCEPTED)
    }
}
