//! What can happen, with its text.

use crate::state::{ADDRESSES, CLIENTS};
use dhcpfo_study::words::find;
use std::fmt;
use std::str::FromStr;

/// One step; a client's exchange with a server is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "client, server and address are what they are called")]
pub enum Action {
    /// A client without a lease takes one.
    Lease { client: u8, server: u8, address: u8 },
    /// A client without a lease asks a server that has no address for it, while the other one has.
    TurnAway { client: u8, server: u8 },
    /// A client that has a lease asks a server to renew it.
    Renew { client: u8, server: u8 },
    /// A client that got nothing begins anew.
    StartAgain { client: u8 },
    /// A server crashes and comes back.
    Crash { server: u8 },
}

impl Action {
    /// Whose step it is, if it is a client's.
    pub fn client(self) -> Option<u8> {
        match self {
            Action::Lease { client, .. }
            | Action::TurnAway { client, .. }
            | Action::Renew { client, .. }
            | Action::StartAgain { client } => Some(client),
            Action::Crash { .. } => None,
        }
    }

    fn all() -> impl Iterator<Item = Action> {
        let of_clients = (0..CLIENTS as u8).flat_map(|client| {
            let of_servers = (0..2).flat_map(move |server| {
                let leases = (0..ADDRESSES as u8).map(move |address| Action::Lease { client, server, address });
                leases.chain([Action::TurnAway { client, server }, Action::Renew { client, server }])
            });
            of_servers.chain([Action::StartAgain { client }])
        });
        of_clients.chain((0..2).map(|server| Action::Crash { server }))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Lease { client, server, address } => write!(f, "c{client} leases a{address} of s{server}"),
            Action::TurnAway { client, server } => write!(f, "c{client} asks s{server} in vain"),
            Action::Renew { client, server } => write!(f, "c{client} renews at s{server}"),
            Action::StartAgain { client } => write!(f, "c{client} starts again"),
            Action::Crash { server } => write!(f, "s{server} crashes"),
        }
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Action, String> {
        const ACCEPTED: [&str; 5] =
            ["cN leases aN of sN", "cN asks sN in vain", "cN renews at sN", "cN starts again", "sN crashes"];
        find(text, Action::all(), &ACCEPTED)
    }
}
