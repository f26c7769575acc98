//! What a configuration expects of this machine, and is not so: told at the start and by `--check`. It may be meant for
//! another machine, or for a later time.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_files::ServerFile;

/// The IPv4 addresses of each interface of this machine.
pub fn interfaces() -> BTreeMap<String, Vec<Ipv4Addr>> {
    let mut found: BTreeMap<String, Vec<Ipv4Addr>> = BTreeMap::new();
    for interface in nix::ifaddrs::getifaddrs().into_iter().flatten() {
        let address = interface.address.as_ref().and_then(|address| address.as_sockaddr_in()).map(|four| four.ip());
        found.entry(interface.interface_name).or_default().extend(address);
    }
    found
}

/// Writes to the log what may not be meant.
pub fn tell(file: &ServerFile) {
    let warned = file.warnings.iter().map(ToString::to_string).chain(here(file));
    warned.for_each(|warning| tracing::warn!("{warning}"));
}

/// It, a line each.
pub fn here(file: &ServerFile) -> Vec<String> {
    let interfaces = interfaces();
    let mut told = Vec::new();
    for name in &file.listen.interfaces {
        let Some(addresses) = interfaces.get(name) else {
            told.push(format!("{}: listen.interfaces: there is no interface {name} on this machine", file.path));
            continue;
        };
        let served = |address: &Ipv4Addr| file.subnets.iter().any(|subnet| subnet.contains(*address));
        if !addresses.iter().any(served) {
            let path = &file.path;
            told.push(format!(
                "{path}: listen.interfaces: no address of {name} is in a subnet: clients on it that no relay agent speaks for \
                 are not answered"
            ));
        }
    }
    for (name, address) in interfaces.iter().flat_map(|(name, all)| all.iter().map(move |address| (name, *address))) {
        let pools = file.subnets.iter().flat_map(|subnet| &subnet.pools);
        if pools.into_iter().any(|&(first, last)| (first..=last).contains(&address)) {
            let path = &file.path;
            told.push(format!("{path}: subnet.pools: {address} would be given to a client and is that of {name} here"));
        }
    }
    told
}
