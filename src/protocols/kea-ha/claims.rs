//! The claims as predicates; their words are in the catalogue, [`dhcpfo_claims::kea_ha`].

use crate::mode::{Mode, Scopes};
use crate::server::{ADDRESSES, CLIENTS, Disabled};
use crate::state::{Client, State, Wrong};
use crate::system::{KeaHa, Pair, Version};
use dhcpfo_claims::Entry;
use dhcpfo_claims::kea_ha::{
    COPIED_BEFORE_ANSWERED, HELD_IS_STORED, LEASE_RENEWED, NO_DUPLICATE_ADDRESS, ONE_SERVES, SURVIVOR_CAN_SERVE,
    SYNCHRONISED_HAS_ALL,
};
use dhcpfo_study::Claim;
use dhcpfo_time::Clock;

fn clients() -> std::ops::Range<u8> {
    0..CLIENTS as u8
}

fn anybody_holds(state: &State, clock: &dyn Clock) -> bool {
    clients().any(|client| state.held(client, clock).is_some())
}

fn modes(state: &State) -> [Mode; 2] {
    [state.servers[0].mode, state.servers[1].mode]
}

fn is_stored(system: &KeaHa, state: &State, client: u8, clock: &dyn Clock) -> bool {
    let Client::Holds { address, end } = state.clients[usize::from(client)] else { return true };
    let stored = |server: usize| {
        let lease = state.servers[server].lease(address, clock);
        lease.is_some_and(|lease| lease.client == client && (system.ahead || !clock.before(lease.end, end)))
    };
    clock.passed(end) || stored(0) && stored(1)
}

/// Alone and off, with nothing to come that would change it but the partner's return or an operator.
fn is_stuck(system: &KeaHa, state: &State, server: usize) -> bool {
    let own = &state.servers[server];
    match own.mode {
        Mode::Terminated => system.pair == Pair::LoadBalancing || server == 1,
        Mode::InMaintenance => true,
        // Only what comes with a new state turns the service on again.
        Mode::PartnerDown => {
            let off = own.disabled == Disabled::Local && !own.notified && own.partner.is_none();
            system.version == Version::V3 && off
        }
        _ if !system.automatic => true,
        Mode::Waiting | Mode::Syncing | Mode::Ready => system.remembers && !own.alone,
        _ => false,
    }
}

pub(crate) const CLAIMS: &[Claim<KeaHa>] = &[
    Claim {
        entry: &NO_DUPLICATE_ADDRESS,
        arises: |system, state, clock| system.clients > 1 && anybody_holds(state, clock),
        holds: |_, state, clock| {
            let held = |address| clients().filter(|&client| state.held(client, clock) == Some(address)).count();
            (0..ADDRESSES as u8).all(|address| held(address) <= 1)
        },
    },
    Claim {
        entry: &LEASE_RENEWED,
        arises: |_, state, clock| anybody_holds(state, clock),
        holds: |_, state, _| state.wrong != Wrong::Refused,
    },
    Claim {
        entry: &COPIED_BEFORE_ANSWERED,
        arises: |_, state, clock| modes(state).contains(&Mode::Normal) && anybody_holds(state, clock),
        holds: |_, state, _| state.wrong != Wrong::AnsweredWithoutCopy,
    },
    Claim {
        entry: &HELD_IS_STORED,
        arises: |_, state, clock| modes(state) == [Mode::Normal; 2] && anybody_holds(state, clock),
        holds: |system, state, clock| {
            modes(state) != [Mode::Normal; 2] || clients().all(|client| is_stored(system, state, client, clock))
        },
    },
    Claim {
        entry: &ONE_SERVES,
        arises: |system, state, clock| (0..2).any(|server| (0..2).any(|s| system.serves(state, server, s, clock))),
        holds: |system, state, clock| {
            let both = |scope| system.serves(state, 0, scope, clock) && system.serves(state, 1, scope, clock);
            !both(0) && !both(1)
        },
    },
    Claim {
        entry: &SYNCHRONISED_HAS_ALL,
        arises: |_, state, _| modes(state).contains(&Mode::Ready),
        holds: |_, state, _| state.wrong != Wrong::LacksLease,
    },
    Claim {
        entry: &SURVIVOR_CAN_SERVE,
        arises: |_, state, _| {
            modes(state).contains(&Mode::Down) && modes(state).iter().any(|mode| mode.scopes() != Scopes::None)
        },
        holds: |system, state, _| {
            let alone = |server: usize| state.servers[server].mode.is_up() && !state.servers[1 - server].mode.is_up();
            (0..2).all(|server| !alone(server) || !is_stuck(system, state, server))
        },
    },
];

/// A witness about the states of the two servers.
macro_rules! witness {
    ($name:literal, $says:literal, $reached:expr) => {
        Claim::<KeaHa>::witness(&Entry::witness($name, $says), $reached)
    };
}

pub(crate) const WITNESSES: &[Claim<KeaHa>] = &[
    witness!("copied", "Both servers have one lease of one client, which holds it.", |system, state, clock| {
        clients().any(|one| state.held(one, clock).is_some() && is_stored(system, state, one, clock))
    }),
    witness!("parked", "A client's answer waits for the partner.", |_, state, _| {
        state.servers.iter().flat_map(|server| server.requests.iter().flatten()).any(|one| one.promised.is_some())
    }),
    witness!("recovery", "Both are in COMMUNICATION-RECOVERY, and one has an update queued.", |_, state, _| {
        modes(state) == [Mode::Recovery; 2] && state.servers.iter().any(|server| server.queue.count > 0)
    }),
    witness!("overflown", "More updates than the limit would have to be queued.", |_, state, _| {
        state.servers.iter().any(|server| server.queue.overflown)
    }),
    witness!(
        "taken-over",
        "A client holds an address that a server gave in PARTNER-DOWN, alone.",
        |_, state, clock| {
            let gave = |server: usize| {
                let own = &state.servers[server];
                let lease = own.leases.iter().flatten().any(|lease| !clock.passed(lease.end));
                own.mode == Mode::PartnerDown && own.unsent && lease
            };
            anybody_holds(state, clock) && (0..2).any(gave)
        }
    ),
    witness!("both-partner-down", "Each server takes the other for dead.", |_, state, _| {
        modes(state) == [Mode::PartnerDown; 2]
    }),
    witness!(
        "back-to-normal",
        "After a fault both are in normal operation, and a client has its address.",
        |system, state, clock| {
            modes(state) == [Mode::Normal; 2] && state.left != system.faults && anybody_holds(state, clock)
        }
    ),
    witness!("both-terminated", "Both servers are in TERMINATED.", |_, state, _| {
        modes(state) == [Mode::Terminated; 2]
    }),
    witness!("maintained", "One server serves all while the other may be shut down.", |_, state, _| {
        modes(state).contains(&Mode::PartnerInMaintenance) && modes(state).contains(&Mode::InMaintenance)
    }),
];
