//! What an operator does to a server that runs, with its text form.

use crate::words::{ParseError, Words};
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::state::State;
use std::fmt::{self, Display};

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Declares the partner down.
    PartnerDown,
    /// Declares it down as of an earlier instant: PARTNER-DOWN is entered as if it had been said then.
    PartnerDownSince(Since),
    /// Takes the server out of service for a while.
    Pause,
    /// Takes it out of service.
    Shutdown,
    /// Makes an address available again.
    Reset(AddressId),
    /// Asks for the balance to be restored.
    Rebalance,
    /// Puts the server into a state, as ISC dhcpd and others allow.
    Set(State),
}

/// The instant to which a declaration is dated back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Since {
    /// When the partner stopped serving: the earliest that is true.
    Stop,
    /// When the connection was lost. The partner may have served after that.
    Contact,
}

impl Since {
    /// Both.
    pub const ALL: [Since; 2] = [Since::Stop, Since::Contact];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Since::Stop => "stop",
            Since::Contact => "contact",
        }
    }
}

impl Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Order::PartnerDown => f.write_str("partner-down"),
            Order::PartnerDownSince(since) => write!(f, "partner-down since {}", since.name()),
            Order::Pause => f.write_str("pause"),
            Order::Shutdown => f.write_str("shutdown"),
            Order::Reset(address) => write!(f, "reset a{}", address.0),
            Order::Rebalance => f.write_str("rebalance"),
            Order::Set(state) => write!(f, "set {}", state.name()),
        }
    }
}

impl Order {
    /// Reads what follows the name of the server.
    pub(crate) fn read(words: &mut Words<'_>) -> Result<Order, ParseError> {
        let here = *words;
        Ok(match words.next() {
            Some("partner-down") if words.skip("since") => {
                let since = |word| Since::ALL.into_iter().find(|since| since.name() == word);
                Order::PartnerDownSince(words.read("stop or contact", since)?)
            }
            Some("partner-down") => Order::PartnerDown,
            Some("pause") => Order::Pause,
            Some("shutdown") => Order::Shutdown,
            Some("reset") => Order::Reset(words.address("an address such as a0")?),
            Some("rebalance") => Order::Rebalance,
            Some("set") => {
                let state = |word| State::ALL.into_iter().find(|state| state.name() == word);
                Order::Set(words.read("a state of the nine that are recorded, such as RECOVER", state)?)
            }
            _ => return here.refuse("partner-down, pause, shutdown, reset, rebalance or set"),
        })
    }
}
