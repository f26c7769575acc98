//! The interfaces of this machine, by which datagrams come.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::net::if_::InterfaceFlags;

/// How long what was read is believed. An address that is added counts from the next look on.
const FRESH: Duration = Duration::from_secs(1);

/// An interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// Its name; empty if it is not known.
    pub name: String,
    /// Its IPv4 addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// It leads back to this machine.
    pub is_loopback: bool,
}

/// By which way a datagram came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// By which interface.
    pub interface: Arc<Interface>,
    /// It was sent to one address, and not to everybody on the link.
    pub is_unicast: bool,
    /// The socket hears this interface only: whoever is heard there without a relay agent is on its link.
    pub is_of_interface: bool,
}

/// All of them by number, read again now and then.
#[derive(Debug, Default)]
pub struct Interfaces {
    read: Option<Instant>,
    known: HashMap<u32, Arc<Interface>>,
}

impl Interfaces {
    /// Whether a datagram to this address was meant for everybody on its link: it is no address of this machine. Ask after
    /// [`Interfaces::get`].
    pub fn is_broadcast(&self, to: Ipv4Addr) -> bool {
        !to.is_loopback() && !self.known.values().any(|one| one.addresses.contains(&to))
    }

    /// The interface of this number; one without name and addresses if there is none.
    pub fn get(&mut self, number: u32) -> Arc<Interface> {
        if self.read.is_none_or(|read| read.elapsed() >= FRESH) {
            self.read = Some(Instant::now());
            self.known = read();
        }
        self.known.get(&number).cloned().unwrap_or_default()
    }
}

/// The number of the interface of this name. None: there is no such interface.
pub fn number(name: &str) -> Option<u32> {
    nix::net::if_::if_nametoindex(name).ok()
}

fn read() -> HashMap<u32, Arc<Interface>> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut found: HashMap<String, Interface> = HashMap::new();
    for entry in nix::ifaddrs::getifaddrs().into_iter().flatten() {
        let name = entry.interface_name;
        let one = found.entry(name.clone()).or_insert_with(|| Interface { name: name.clone(), ..Interface::default() });
        one.is_loopback |= entry.flags.contains(InterfaceFlags::IFF_LOOPBACK);
        let Some(address) = entry.address else { continue };
        one.addresses.extend(address.as_sockaddr_in().map(|four| four.ip()));
        if let Some(link) = address.as_link_addr() {
            numbers.insert(name, link.ifindex() as u32);
        }
    }
    let numbered = found.into_values().filter_map(|one| Some((*numbers.get(&one.name)?, Arc::new(one))));
    numbered.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_known_by_its_number() {
        let number = number("lo").expect("every Linux has it");
        let lo = Interfaces::default().get(number);
        assert!(lo.name == "lo" && lo.is_loopback, "{lo:?}");
        assert_eq!(Interfaces::default().get(u32::MAX), Arc::default());
        assert_eq!(super::number("nobody0"), None);
    }
}
