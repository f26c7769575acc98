//! The claim that a connected partner is told of each lease.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_wire::convert::Client;
use dhcpfo_wire::message::Binding;

use crate::address::{ACTIVE, client_name, is_same};
use crate::capture::Micros;
use crate::claims::{Claim, Ledger};
use crate::event::Place;
use crate::refusals::Tally;
use crate::say;
use crate::states::{SECOND, StateLog};
use crate::survey::Survey;

/// How long a server has time to tell. ISC dhcpd takes up to 2 s, since it collects what it has to say; the update may
/// have to wait for its turn besides.
const TIME: Micros = 15 * SECOND;
/// Servers count whole seconds, by their own clocks.
const SLACK: Micros = 2 * SECOND;
/// Leases that are remembered, all and of one address.
const MOST: usize = 1 << 18;
const MOST_OF_ONE: usize = 16;

/// A lease that the partner has not been told of yet.
struct Lease {
    client: Client,
    at: Micros,
    place: Place,
    ends: Micros,
    /// How long the server is connected, in NORMAL, while the lease runs.
    has: Micros,
    /// When it no longer is.
    until: Micros,
}

/// Leases that are not told.
#[derive(Clone)]
struct Untold {
    tally: Tally,
    address: Ipv4Addr,
    client: Client,
}

/// What each server has given and has to tell.
#[derive(Default)]
pub(crate) struct Told {
    leases: BTreeMap<(usize, Ipv4Addr), Vec<Lease>>,
    untold: [Option<Untold>; 2],
}

impl Told {
    /// A server gave a lease. `ends`: at the latest.
    pub(crate) fn gave(
        &mut self,
        survey: &Survey,
        role: Role,
        address: Ipv4Addr,
        client: &Client,
        (at, place): (Micros, Place),
        ends: Micros,
    ) {
        let Some((from, until)) = connected(survey.log(role), at) else { return };
        let (from, until) = (from.max(at), until.min(ends));
        if self.leases.len() < MOST || self.leases.contains_key(&(role.index(), address)) {
            let leases = self.leases.entry((role.index(), address)).or_default();
            if leases.len() < MOST_OF_ONE {
                leases.push(Lease { client: client.clone(), at, place, ends, has: until - from, until });
            }
        }
    }

    /// A server sent a BNDUPD. What the partner tells of the same lease it need not be told.
    pub(crate) fn told(&mut self, survey: &Survey, sender: Role, at: Micros, binding: &Binding, ledger: &mut Ledger) {
        let log = survey.log(sender);
        let time = |time: Option<u32>| time.map_or(0, |time| log.corrected(time).unwrap_or(endless(time)));
        let ends = time(binding.lease_expiration).max(time(binding.potential_expiration));
        let hardware_address = binding.client_hardware_address.clone().unwrap_or_default();
        let client = Client { identifier: binding.client_identifier.clone(), hardware_address };
        for role in Role::ALL {
            let Some(leases) = self.leases.remove(&(role.index(), binding.address)) else { continue };
            let mut left = Vec::new();
            for lease in leases {
                let is_told =
                    binding.status == Some(ACTIVE) && is_same(&lease.client, &client) && ends + SLACK >= lease.ends;
                match (is_told, binding.status) {
                    (true, _) if at <= lease.until + SECOND || lease.has < TIME => ledger.held(Claim::PartnerTold),
                    (true, _) => self.untold(role, binding.address, &lease),
                    (false, Some(ACTIVE)) => left.push(lease),
                    // The lease is over, and that is told: what it was does not matter any more.
                    (false, _) if sender == role || lease.has < TIME => {}
                    (false, _) => left.push(lease),
                }
            }
            if !left.is_empty() {
                self.leases.insert((role.index(), binding.address), left);
            }
        }
    }

    /// The client gave the address back, or declined it.
    pub(crate) fn over(&mut self, address: Ipv4Addr, client: &Client, at: Micros) {
        for role in Role::ALL {
            let leases = self.leases.get_mut(&(role.index(), address)).into_iter().flatten();
            for lease in leases.filter(|lease| is_same(&lease.client, client) && lease.until > at) {
                lease.has = (lease.has - (lease.until - at)).max(0);
                lease.until = at;
            }
        }
    }

    fn untold(&mut self, role: Role, address: Ipv4Addr, lease: &Lease) {
        match &mut self.untold[role.index()] {
            Some(untold) => untold.tally.again(lease.at, lease.place),
            none => {
                let tally = Tally::new(lease.at, lease.place);
                *none = Some(Untold { tally, address, client: lease.client.clone() });
            }
        }
    }

    /// Octets of a connection are missing.
    pub(crate) fn forget(&mut self, ledger: &mut Ledger) {
        for _ in std::mem::take(&mut self.leases).into_values().flatten() {
            ledger.open(Claim::PartnerTold, "octets of a connection are not in the capture");
        }
    }

    /// The capture is over. `is_full`: a server may not send more, as its partner does not answer.
    pub(crate) fn finish(mut self, survey: &Survey, is_full: impl Fn(Role) -> bool, ledger: &mut Ledger) {
        let mut leases: Vec<_> = std::mem::take(&mut self.leases).into_iter().collect();
        leases.sort_by_key(|((role, _), leases)| (*role, leases.first().map(|lease| lease.at)));
        for ((index, address), leases) in leases {
            let role = Role::ALL[index];
            for lease in leases {
                if lease.has < TIME {
                    let reason = "the connection, the lease or the capture ended within 15 s";
                    ledger.open(Claim::PartnerTold, reason);
                } else if is_full(role) {
                    ledger.open(
                        Claim::PartnerTold,
                        "the partner leaves so many BNDUPDs unanswered that no more may be sent",
                    );
                } else {
                    self.untold(role, address, &lease);
                }
            }
        }
        for role in Role::ALL {
            let Some(Untold { tally, address, client }) = self.untold[role.index()].take() else { continue };
            let text = format!(
                "the {} gave leases and did not tell its partner, though it was connected in NORMAL for 15 s or more: \
                 {}, first {address} to {}; if it fails the partner does not know of them",
                survey.called(role),
                say::often(&tally),
                client_name(&client),
            );
            ledger.violated_times(Claim::PartnerTold, tally.count, tally.first.0, tally.places(), text);
        }
    }
}

/// A time that the skew does not touch: none, or never.
fn endless(time: u32) -> Micros {
    if time == 0 { 0 } else { Micros::MAX / 4 }
}

/// The first stretch in which the server is in NORMAL at that time or later, unless it begins anew before.
fn connected(log: &StateLog, at: Micros) -> Option<(Micros, Micros)> {
    let mut later = log.stretches.iter().filter(|stretch| stretch.until >= at);
    let goes_on = |state| matches!(state, Reported::In(State::Normal | State::CommunicationsInterrupted));
    let first = later.find(|stretch| stretch.state == Reported::In(State::Normal) || !goes_on(stretch.state))?;
    let is_normal = first.state == Reported::In(State::Normal) && !first.startup;
    is_normal.then_some((first.from, first.until))
}
