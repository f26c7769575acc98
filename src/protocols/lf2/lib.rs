//! LF2: failover of two DHCP servers cut down to what a table of tools can be compared on. There are no clocks: what
//! MCLT is for stands in the rules as an order of events.
//!
//! It was written down for SPIN, Murphi, TLC and Stateright by itself, to put searches beside each other: a right
//! encoding has exactly the counts in `tests/counts.rs`. It is smaller than draft-12 and no model of it: no pools that
//! are balanced, no COMMUNICATIONS-INTERRUPTED, no POTENTIAL-CONFLICT.
//!
//! A server stores for each address a binding, and whether its partner has acknowledged that. A lease that is not
//! acknowledged is short (no longer than MCLT), any other one long. A server expires a binding only after the client's
//! lease has ended. One server may crash; the other declares it down, and may give away its addresses once
//! every short lease that it gave is over.
#![deny(missing_docs)]

mod action;
mod binding;
mod claims;
mod message;
mod rules;
mod state;

pub use action::Action;
pub use binding::{ADDRESSES, Binding, CLIENTS};
pub use message::{Message, Messages};
pub use state::{Hold, Mode, State};

use dhcpfo_claims::Entry;
use dhcpfo_clock::Timed;
use dhcpfo_header::keys::Key;
use dhcpfo_header::section::Section;
use dhcpfo_study::words::system_key;
use dhcpfo_study::{Budget, Claim, Length, Of, Protocol, renaming};
use dhcpfo_time::{Clock, Span, Time};

/// The door.
pub static FAMILY: Of<Lf2> = Of::new();

/// Two servers with some clients and addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lf2 {
    /// Clients, from 1 to [`CLIENTS`].
    pub clients: u8,
    /// Addresses, from 1 to [`ADDRESSES`]; the first is in the pool of server 0, the second in that of server 1.
    pub addresses: u8,
    /// Most messages in flight.
    pub capacity: u32,
    /// Most crashes: there is one, or none.
    pub crashes: u8,
    /// Every lease is long. A mutant.
    pub always_long: bool,
    /// Clients are told apart: states that differ in their names only are different ones.
    pub told_apart: bool,
}

impl Timed for Lf2 {
    type State = State;
    type Action = Action;

    fn step(&self, before: &State, state: &mut State, action: Action, _: &mut dyn Clock) -> bool {
        let enabled = self.is_enabled(before, action);
        if enabled {
            self.carry_out(state, action);
        }
        enabled
    }

    fn settle(&self, _: &mut State, _: &dyn Clock) {}

    /// There is no time.
    fn may_pass(&self, _: &State, _: &dyn Clock) -> bool {
        false
    }
}

impl Protocol for Lf2 {
    const NAME: &'static str = "lf2";
    const ABOUT: &'static str = "two lease servers without clocks: the model that tools are compared on";
    const SPANS: &'static [Length] = &[];
    const ORDER: &'static [(Span, Span)] = &[];
    const BUDGETS: &'static [Budget<Lf2>] = &[
        Budget {
            key: "capacity",
            least: 1,
            of: |system| u8::try_from(system.capacity).ok(),
            set: |system, amount| system.capacity = amount.into(),
        },
        Budget {
            key: "crashes",
            least: 0,
            of: |system| Some(system.crashes),
            set: |system, amount| system.crashes = amount,
        },
    ];
    const CLAIMS: &'static [Claim<Lf2>] = &[
        Claim {
            entry: &claims::NO_DUPLICATE_ADDRESS,
            arises: |system, state, _| system.clients > 1 && state.holds.iter().any(Option::is_some),
            holds: |_, state, _| {
                let held = |address| state.holds.iter().flatten().filter(|hold| hold.address == address).count();
                (0..ADDRESSES as u8).all(|address| held(address) <= 1)
            },
        },
        Claim {
            entry: &claims::LONG_STORED,
            arises: |_, state, _| {
                state.modes == [Mode::Normal; 2] && state.holds.iter().flatten().any(|hold| hold.long)
            },
            holds: |_, state, _| {
                let stored = |(client, hold): (u8, &Option<Hold>)| match hold {
                    Some(Hold { address, long: true, .. }) => {
                        let is_stored =
                            |server: &[Binding; ADDRESSES]| server[usize::from(*address)] == Binding::Client(client);
                        state.bindings.iter().all(is_stored)
                    }
                    _ => true,
                };
                state.modes != [Mode::Normal; 2] || (0..).zip(&state.holds).all(stored)
            },
        },
    ];
    const WITNESSES: &'static [Claim<Lf2>] = &[
        Claim::<Lf2>::witness(&Entry::witness("long-lease", "A client holds a long lease."), |_, state, _| {
            state.holds.iter().flatten().any(|hold| hold.long)
        }),
        Claim::<Lf2>::witness(
            &Entry::witness(
                "taken-over",
                "A client holds an address of the partner's pool, given after the partner was declared down.",
            ),
            |_, state, _| state.holds.iter().flatten().any(|hold| hold.address % 2 != hold.server),
        ),
        Claim::<Lf2>::witness(
            &Entry::witness("resynchronised", "Both servers are NORMAL after a crash."),
            |_, state, _| state.crashed && state.modes == [Mode::Normal; 2],
        ),
    ];

    fn keys() -> Vec<Key> {
        vec![
            system_key("clients", "a number from 1 to 3", "2", "how many clients"),
            system_key("addresses", "1 or 2", "1", "how many addresses; the second is in the pool of server 1"),
            system_key("capacity", "a number from 1 to 8", "1", "most messages in flight, all kinds together"),
            system_key("crashes", "0 or 1", "1", "most crashes of a server"),
            system_key("always-long", "true or false", "false", "every lease is long; true is a mutant"),
            system_key("told-apart", "true or false", "true", "clients are told apart; false: equal up to their names"),
        ]
    }

    fn read(system: &Section<'_>) -> Lf2 {
        Lf2 {
            clients: system.number("clients", 1..=CLIENTS as i64, 2) as u8,
            addresses: system.number("addresses", 1..=ADDRESSES as i64, 1) as u8,
            capacity: system.number("capacity", 1..=8, 1) as u32,
            crashes: system.number("crashes", 0..=1, 1) as u8,
            always_long: system.flag("always-long", false),
            told_apart: system.flag("told-apart", true),
        }
    }

    fn initial(&self) -> State {
        State::default()
    }

    fn candidates(&self, state: &State, _: &dyn Clock, try_it: &mut impl FnMut(Action)) {
        for client in 0..self.clients {
            for server in 0..2 {
                try_it(Action::Ask { client, server });
                for address in 0..self.addresses {
                    try_it(Action::Renew { server, client, address });
                    try_it(Action::Give { server, client, address });
                }
            }
            try_it(Action::EndLease { client });
        }
        for server in 0..2 {
            for address in 0..self.addresses {
                try_it(Action::Tell { server, address });
                try_it(Action::Expire { server, address });
                try_it(Action::Free { server, address });
            }
            for make in Action::OF_A_SERVER {
                try_it(make(server));
            }
        }
        for message in state.net.iter() {
            try_it(Action::Deliver(message));
            try_it(Action::Lose(message));
        }
    }

    fn renamings(&self) -> usize {
        if self.told_apart { 1 } else { renaming::count(self.clients) }
    }

    fn renamed(&self, state: &State, number: usize) -> State {
        state.renamed(&renaming::way(number, self.clients))
    }

    fn describe(&self, state: &State, _: &dyn Fn(Time) -> String) -> Vec<(String, String)> {
        state.describe(self.clients, self.addresses)
    }
}
