//! What can happen, with its text.

use crate::state::{CLIENTS, GRANTS};
use dhcpfo_study::words::find;
use std::fmt;
use std::str::FromStr;

/// One step. Clients and places of grants by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A client asks.
    Ask(u8),
    /// What it asked is lost.
    LoseRequest(u8),
    /// The coordinator grants it the resource.
    Grant(u8),
    /// A grant arrives.
    Deliver(u8),
    /// A grant is lost.
    LoseGrant(u8),
    /// A client stops using the resource.
    Stop(u8),
    /// The coordinator crashes.
    Crash,
    /// It comes back.
    Restart,
}

impl Action {
    /// Whose step it is, if it is a client's or for one.
    pub fn client(self) -> Option<u8> {
        match self {
            Action::Ask(client) | Action::LoseRequest(client) | Action::Grant(client) | Action::Stop(client) => {
                Some(client)
            }
            Action::Deliver(_) | Action::LoseGrant(_) | Action::Crash | Action::Restart => None,
        }
    }

    fn all() -> impl Iterator<Item = Action> {
        let of_clients = (0..CLIENTS as u8)
            .flat_map(|one| [Action::Ask(one), Action::LoseRequest(one), Action::Grant(one), Action::Stop(one)]);
        let of_grants = (0..GRANTS as u8).flat_map(|place| [Action::Deliver(place), Action::LoseGrant(place)]);
        of_clients.chain(of_grants).chain([Action::Crash, Action::Restart])
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Ask(client) => write!(f, "c{client} asks"),
            Action::LoseRequest(client) => write!(f, "lose request of c{client}"),
            Action::Grant(client) => write!(f, "grant to c{client}"),
            Action::Deliver(place) => write!(f, "deliver grant {place}"),
            Action::LoseGrant(place) => write!(f, "lose grant {place}"),
            Action::Stop(client) => write!(f, "c{client} stops"),
            Action::Crash => f.write_str("coordinator crashes"),
            Action::Restart => f.write_str("coordinator restarts"),
        }
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Action, String> {
        const ACCEPTED: [&str; 5] = [
            "cN asks|stops",
            "grant to cN",
            "deliver grant N",
            "lose grant N, lose request of cN",
            "coordinator crashes|restarts",
        ];
        find(text, Action::all(), &ACCEPTED)
    }
}
