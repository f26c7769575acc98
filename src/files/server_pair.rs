//! Two configurations side by side: whether they are those of one pair.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use dhcpfo_engine::state::Role;

use crate::server::ServerFile;

/// What does not fit between two configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Misfit {
    /// They would not work together.
    pub errors: Vec<String>,
    /// They would, and not as one of them says.
    pub warnings: Vec<String>,
}

/// Addresses that are named of each difference.
const NAMED: usize = 4;

/// Compares two configurations.
pub fn compare(a: &ServerFile, b: &ServerFile) -> Misfit {
    let mut found = Misfit::default();
    let (one, other) = (&a.failover, &b.failover);
    let mut error = |wrong: bool, text: String| found.errors.extend(wrong.then_some(text));
    error(one.role == other.role, format!("both are the {}; one has to be primary, one secondary", one.role.name()));
    error(one.name != other.name, format!("failover.name: {:?} and {:?}; one name for both", one.name, other.name));
    for (x, y) in [(a, b), (b, a)] {
        let (dialled, heard) = (x.failover.partner, y.failover.address);
        error(dialled != heard, format!("{}: failover.partner is {dialled}, and the partner hears at {heard}", x.path));
    }
    error(a.listen.server_id == b.listen.server_id, format!("listen.server-id is {} for both", a.listen.server_id));
    error(one.key != other.key, "failover.key: the two differ".to_owned());
    let required = |file: &ServerFile| file.failover.tls.as_ref().is_some_and(|tls| tls.required);
    let none = |file: &ServerFile| file.failover.tls.is_none();
    let apart = (required(a) && none(b)) || (required(b) && none(a));
    error(apart, "failover.tls: one requires it and the other has none".to_owned());
    error(one.isc || other.isc, "failover.peer: is isc-dhcpd, and the partner is none".to_owned());
    pools(a, b, &mut found.errors);
    lengths(a, b, &mut found.warnings);
    found
}

fn pools(a: &ServerFile, b: &ServerFile, errors: &mut Vec<String>) {
    let (pools, reserved) = ([addresses(a), addresses(b)], [reservations(a), reservations(b)]);
    for (at, (x, y)) in [(a, b), (b, a)].into_iter().enumerate() {
        let missing: Vec<String> =
            pools[at].difference(&pools[1 - at]).map(|&address| Ipv4Addr::from(address).to_string()).collect();
        if !missing.is_empty() {
            errors.push(format!("{}: is in no pool of {}: {}", x.path, y.path, some(&missing)));
        }
        let missing: Vec<String> = reserved[at].difference(&reserved[1 - at]).cloned().collect();
        if !missing.is_empty() {
            errors.push(format!("{}: is not reserved alike in {}: {}", x.path, y.path, some(&missing)));
        }
    }
}

fn lengths(a: &ServerFile, b: &ServerFile, warnings: &mut Vec<String>) {
    let (one, other) = (&a.failover, &b.failover);
    let primary = if one.role == Role::Primary { &a.path } else { &b.path };
    let mut warn = |differ: bool, text: String| warnings.extend(differ.then_some(text));
    for (key, x, y) in [("mclt", one.mclt, other.mclt), ("split", one.split.into(), other.split.into())] {
        warn(x != y, format!("failover.{key}: {x} and {y}; the one of {primary} counts"));
    }
    let (x, y) = (one.secondary_share, other.secondary_share);
    warn(x != y, format!("failover.secondary-share: {x} and {y}; addresses would be moved to and fro"));
    for subnet in &a.subnets {
        let Some(same) = b.subnets.iter().find(|other| other.network == subnet.network) else { continue };
        let name = format!("{}/{}", subnet.network, subnet.length);
        warn(same.length != subnet.length, format!("{name}: the other one has /{}", same.length));
        warn(same.lease != subnet.lease, format!("{name}: leases of {} s and {} s", subnet.lease, same.lease));
        warn(same.options != subnet.options, format!("{name}: clients are told other options by the other one"));
    }
}

fn addresses(file: &ServerFile) -> BTreeSet<u32> {
    let pools = file.subnets.iter().flat_map(|subnet| &subnet.pools);
    let pooled = pools.flat_map(|&(first, last)| u32::from(first)..=u32::from(last));
    pooled.chain(file.reservations.iter().map(|one| u32::from(one.address))).collect()
}

fn reservations(file: &ServerFile) -> BTreeSet<String> {
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    let one = |one: &crate::server::Reservation| {
        let hardware = one.hardware.map(|octets| format!("hardware {}", hex(&octets)));
        let identifier = one.identifier.as_deref().map(|octets| format!("identifier {}", hex(octets)));
        format!("{} for {}", one.address, hardware.or(identifier).unwrap_or_default())
    };
    file.reservations.iter().map(one).collect()
}

fn some(all: &[String]) -> String {
    let more = all.len().saturating_sub(NAMED);
    let named = all[..all.len().min(NAMED)].join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}
