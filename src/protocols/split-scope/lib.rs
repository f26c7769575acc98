//! Two DHCP servers of one link that know nothing of each other: the addresses are split between them, and that is all.
//!
//! It is what people run without failover (BCP 180 speaks of it, and so does the 80/20 rule). As long as the pools have no
//! address in common and each server stores its leases, no address is given away twice, for ever. What it
//! costs: a server refuses to renew what the other one gave, and turns clients away while the other has addresses left.
#![deny(missing_docs)]

mod action;
mod claims;
mod state;

pub use action::Action;
pub use state::{ADDRESSES, CLIENTS, Client, Lease, State};

use dhcpfo_claims::Entry;
use dhcpfo_clock::Timed;
use dhcpfo_header::keys::Key;
use dhcpfo_header::section::{Field, Section};
use dhcpfo_study::words::system_key;
use dhcpfo_study::{Claim, Length, Of, Protocol, renaming};
use dhcpfo_time::{Clock, Span, SpanWords, Time};

/// The door.
pub static FAMILY: Of<SplitScope> = Of::new();

/// How long a lease is.
pub const LEASE: Span = Span(0);

/// Two servers with their pools, and some clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitScope {
    /// Clients, from 1 to [`CLIENTS`].
    pub clients: u8,
    /// Whether an address, by its number, is in the pool of a server.
    pub pools: [[bool; ADDRESSES]; 2],
    /// A server that crashes forgets its leases. True is a mutant.
    pub forgets: bool,
}

impl Timed for SplitScope {
    type State = State;
    type Action = Action;

    fn step(&self, before: &State, state: &mut State, action: Action, clock: &mut dyn Clock) -> bool {
        if action.client().is_some_and(|client| client >= self.clients) {
            return false;
        }
        match action {
            Action::Lease { client, server, address } => {
                let holds = before.held(client, clock).is_some();
                if holds || !self.may_give(before, client, server, address, clock) {
                    return false;
                }
                give(state, client, server, address, clock);
            }
            Action::TurnAway { client, server } => {
                let gives = |server| self.gives_any(before, client, server, clock);
                if before.held(client, clock).is_some() || gives(server) || !gives(1 - server) {
                    return false;
                }
                state.clients[usize::from(client)] = Client::TurnedAway;
            }
            Action::Renew { client, server } => {
                let Some(address) = before.held(client, clock) else { return false };
                let lease = before.leases[usize::from(server)][usize::from(address)];
                match lease.is_of(client, clock) {
                    true => give(state, client, server, address, clock),
                    false => state.clients[usize::from(client)] = Client::Refused,
                }
            }
            Action::StartAgain { client } => {
                if !matches!(before.clients[usize::from(client)], Client::Refused | Client::TurnedAway) {
                    return false;
                }
                state.clients[usize::from(client)] = Client::Without;
            }
            Action::Crash { server } => {
                if !self.forgets {
                    return false;
                }
                state.leases[usize::from(server)] = [Lease::NONE; ADDRESSES];
            }
        }
        true
    }

    fn settle(&self, _: &mut State, _: &dyn Clock) {}

    /// A lease that is over is none.
    fn tidy(&self, state: &mut State) {
        for lease in state.leases.as_flattened_mut().iter_mut().filter(|lease| lease.end == Time::LONG_AGO) {
            *lease = Lease::NONE;
        }
        for client in &mut state.clients {
            if matches!(client, Client::Holds { end: Time::LONG_AGO, .. }) {
                *client = Client::Without;
            }
        }
    }
}

/// A server gives a client a lease, or a longer one.
fn give(state: &mut State, client: u8, server: u8, address: u8, clock: &mut dyn Clock) {
    let end = clock.after(clock.now(), LEASE);
    state.leases[usize::from(server)][usize::from(address)] = Lease { client: Some(client), end };
    state.clients[usize::from(client)] = Client::Holds { address, end };
}

impl SplitScope {
    fn may_give(&self, state: &State, client: u8, server: u8, address: u8, clock: &dyn Clock) -> bool {
        let (server, address) = (usize::from(server), usize::from(address));
        let lease = state.leases[server][address];
        self.pools[server][address] && (clock.passed(lease.end) || lease.is_of(client, clock))
    }

    fn gives_any(&self, state: &State, client: u8, server: u8, clock: &dyn Clock) -> bool {
        (0..ADDRESSES as u8).any(|address| self.may_give(state, client, server, address, clock))
    }
}

impl Protocol for SplitScope {
    const NAME: &'static str = "split-scope";
    const ABOUT: &'static str = "two DHCP servers that share addresses by splitting them, and exchange no message";
    const SPANS: &'static [Length] = &[Length {
        words: SpanWords { name: "lease", compared: Some("a server gives an address again when it is over") },
        small: 2,
        seconds: 3_600,
        about: "how long a lease is",
    }];
    const ORDER: &'static [(Span, Span)] = &[];
    const CLAIMS: &'static [Claim<SplitScope>] = &[
        Claim {
            entry: &claims::NO_DUPLICATE_ADDRESS,
            arises: |system, state, clock| {
                system.clients > 1 && (0..CLIENTS as u8).any(|client| state.held(client, clock).is_some())
            },
            holds: |_, state, clock| {
                let held = |address| (0..CLIENTS as u8).filter(|&one| state.held(one, clock) == Some(address)).count();
                (0..ADDRESSES as u8).all(|address| held(address) <= 1)
            },
        },
        Claim {
            entry: &claims::LEASE_RENEWED,
            arises: |_, state, clock| (0..CLIENTS as u8).any(|client| state.held(client, clock).is_some()),
            holds: |_, state, _| !state.clients.contains(&Client::Refused),
        },
        Claim {
            entry: &claims::NONE_TURNED_AWAY,
            arises: |_, state, clock| (0..CLIENTS as u8).any(|client| state.held(client, clock).is_none()),
            holds: |_, state, _| !state.clients.contains(&Client::TurnedAway),
        },
    ];
    const WITNESSES: &'static [Claim<SplitScope>] = &[
        Claim::<SplitScope>::witness(
            &Entry::witness("lease-given", "A client holds an address."),
            |_, state, clock| (0..CLIENTS as u8).any(|client| state.held(client, clock).is_some()),
        ),
        Claim::<SplitScope>::witness(
            &Entry::witness("both-serve", "Each server has a lease that runs."),
            |_, state, clock| state.leases.iter().all(|all| all.iter().any(|lease| !clock.passed(lease.end))),
        ),
        Claim::<SplitScope>::witness(
            &Entry::witness("left-behind", "A server has a lease that runs of a client that holds another address."),
            |_, state, clock| {
                let behind = |(address, lease): (u8, &Lease)| {
                    let holds = lease.client.and_then(|client| state.held(client, clock));
                    !clock.passed(lease.end) && holds.is_some_and(|held| held != address)
                };
                state.leases.iter().any(|all| (0..).zip(all).any(behind))
            },
        ),
    ];

    fn keys() -> Vec<Key> {
        let pool = "a list of addresses, by their numbers from 0 to 3";
        vec![
            system_key("clients", "a number from 1 to 3", "2", "how many clients"),
            system_key("first-pool", pool, "[0]", "the addresses that server 0 gives"),
            system_key("second-pool", pool, "[1]", "the addresses that server 1 gives"),
            system_key(
                "forgets",
                "true or false",
                "false",
                "a server that crashes forgets its leases; true is a mutant",
            ),
        ]
    }

    fn read(system: &Section<'_>) -> SplitScope {
        let number = |field: &Field<'_>| Some(field.number(0..=ADDRESSES as i64 - 1)? as usize);
        let pool = |name: &str, usual: usize| {
            let listed = system.field(name).map(|field| field.list().unwrap_or_default());
            let listed = listed.map(|list| list.iter().filter_map(number).collect::<Vec<_>>());
            let listed = listed.unwrap_or_else(|| vec![usual]);
            std::array::from_fn(|address| listed.contains(&address))
        };
        SplitScope {
            clients: system.number("clients", 1..=CLIENTS as i64, 2) as u8,
            pools: [pool("first-pool", 0), pool("second-pool", 1)],
            forgets: system.flag("forgets", false),
        }
    }

    fn initial(&self) -> State {
        State::default()
    }

    fn candidates(&self, _: &State, _: &dyn Clock, try_it: &mut impl FnMut(Action)) {
        for client in 0..self.clients {
            for server in 0..2 {
                for address in 0..ADDRESSES as u8 {
                    try_it(Action::Lease { client, server, address });
                }
                try_it(Action::TurnAway { client, server });
                try_it(Action::Renew { client, server });
            }
            try_it(Action::StartAgain { client });
        }
        for server in 0..2 {
            try_it(Action::Crash { server });
        }
    }

    fn renamings(&self) -> usize {
        renaming::count(self.clients)
    }

    fn renamed(&self, state: &State, number: usize) -> State {
        state.renamed(renaming::way(number, self.clients))
    }

    fn describe(&self, state: &State, time: &dyn Fn(Time) -> String) -> Vec<(String, String)> {
        let server = |number: usize| {
            let address = |address: usize| {
                let Lease { client, end } = state.leases[number][address];
                let lease = client.map_or("free".to_owned(), |client| format!("c{client} until {}", time(end)));
                format!("a{address} {lease}")
            };
            let own = (0..ADDRESSES).filter(|address| self.pools[number][*address]).map(address);
            (format!("s{number}"), own.collect::<Vec<_>>().join(", "))
        };
        let client = |number: u8| {
            let text = match state.clients[usize::from(number)] {
                Client::Without => "has no lease".to_owned(),
                Client::Holds { address, end } => format!("holds a{address} until {}", time(end)),
                Client::Refused => "was refused the lease that it had".to_owned(),
                Client::TurnedAway => "was turned away while the other server had an address".to_owned(),
            };
            (format!("c{number}"), text)
        };
        (0..2).map(server).chain((0..self.clients).map(client)).collect()
    }
}
