//! What is wrong with a server's configuration as a whole: addresses that are somebody's already, clients with two
//! reservations, lengths of time that do not go together.

use std::net::Ipv4Addr;

use super::{Reservation, ServerFile, Subnet, mask};
use dhcpfo_header::section::Section;

/// Notes it.
pub(super) fn check(root: &Section<'_>, file: &ServerFile) {
    let (subnets, reservations) = (root.sections("subnet"), root.sections("reservation"));
    // What could not be read has been noted, and the others are not looked at by their places then.
    if subnets.len() != file.subnets.len() || reservations.len() != file.reservations.len() {
        return;
    }
    for (section, subnet) in subnets.iter().zip(&file.subnets) {
        let mut taken = ends(subnet);
        taken.extend(others(file));
        let given = |address: Ipv4Addr| subnet.pools.iter().any(|&(first, last)| (first..=last).contains(&address));
        for (address, whose) in taken.iter().filter(|(address, _)| given(*address)) {
            section.fail("pools", format!("{address} would be given to a client and is {whose}"), "pools without it");
        }
        if file.failover.mclt > subnet.lease {
            let problem = format!(
                "leases of {} s are shorter than MCLT, {} s: a client keeps no address for longer by failover, and after a \
                 failure everybody waits for the whole MCLT",
                subnet.lease, file.failover.mclt
            );
            section.warn("lease", problem, "a lease of MCLT or more");
        }
    }
    for (at, (section, reservation)) in reservations.iter().zip(&file.reservations).enumerate() {
        reserved(section, reservation, &file.reservations[..at], file);
    }
    let control = root.section("control");
    match (file.http, &file.token) {
        (Some(_), None) => control.warn("http", "is off without control.token", "control.token with it"),
        (None, Some(_)) => control.warn("token", "is not used without control.http", "control.http with it"),
        _ => {}
    }
}

fn reserved(section: &Section<'_>, reservation: &Reservation, before: &[Reservation], file: &ServerFile) {
    let Some(subnet) = file.subnets.iter().find(|subnet| subnet.contains(reservation.address)) else { return };
    let mut taken = ends(subnet);
    taken.extend(others(file));
    if let Some((address, whose)) = taken.iter().find(|(address, _)| *address == reservation.address) {
        section.fail("address", format!("{address} would be given to a client and is {whose}"), "another address");
    }
    let same = |other: &&Reservation| {
        subnet.contains(other.address)
            && (&other.hardware, &other.identifier) == (&reservation.hardware, &reservation.identifier)
    };
    if let Some(other) = before.iter().find(same) {
        let problem = format!("this client has {} in {}/{} already", other.address, subnet.network, subnet.length);
        section.fail("address", problem, "one reservation for a client in a subnet");
    }
}

/// The addresses of a subnet that are nobody's.
fn ends(subnet: &Subnet) -> Vec<(Ipv4Addr, String)> {
    // RFC 3021: a link of two addresses has neither.
    if subnet.length > 30 {
        return Vec::new();
    }
    let broadcast = Ipv4Addr::from(u32::from(subnet.network) | !mask(subnet.length));
    vec![(subnet.network, "the network's address".to_owned()), (broadcast, "the broadcast address".to_owned())]
}

/// Addresses that are somebody's.
fn others(file: &ServerFile) -> Vec<(Ipv4Addr, String)> {
    let mut found = vec![
        (file.listen.server_id, "this server's (listen.server-id)".to_owned()),
        (*file.failover.address.ip(), "this server's (failover.address)".to_owned()),
        (*file.failover.partner.ip(), "the partner's (failover.partner)".to_owned()),
    ];
    let own = file.listen.addresses.iter().map(|address| *address.ip());
    found.extend(own.map(|address| (address, "this server's (listen.addresses)".to_owned())));
    for (code, whose) in [(3, "a router's"), (6, "a name server's")] {
        let told = file.subnets.iter().filter_map(|subnet| subnet.options.get(&code));
        let each = told.flat_map(|data| data.chunks_exact(4)).filter_map(|four| <[u8; 4]>::try_from(four).ok());
        found.extend(each.map(|four| (Ipv4Addr::from(four), whose.to_owned())));
    }
    let next = file.subnets.iter().filter_map(|subnet| subnet.next_server);
    found.extend(next.map(|address| (address, "the next server's".to_owned())));
    // Whoever is named twice is told of once.
    found.sort_by_key(|(address, _)| *address);
    found.dedup_by_key(|(address, _)| *address);
    found
}
