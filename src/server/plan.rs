//! The addresses of a configuration by number: those of all subnets are one table, ascending.

use std::net::Ipv4Addr;

use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::effect::Within;
use dhcpfo_engine::table::Group;
use dhcpfo_files::ServerFile;
use dhcpfo_files::server::{Reservation, Subnet};
use dhcpfo_wire::client::{Options, Settings};
use dhcpfo_wire::convert::Client;

/// BNDUPDs that may ever be outstanding.
pub const WINDOW: usize = 64;

/// A link with what is told to its clients.
#[derive(Clone, Debug)]
pub struct Link {
    /// As configured.
    pub subnet: Subnet,
    /// Its addresses.
    pub within: Within,
    /// What answers say.
    pub settings: Settings,
}

impl Link {
    /// `10.0.0.0/24`
    pub fn name(&self) -> String {
        format!("{}/{}", self.subnet.network, self.subnet.length)
    }
}

/// What a configuration means for addresses.
#[derive(Clone, Debug)]
pub struct Plan {
    addresses: Vec<Ipv4Addr>,
    /// The links.
    pub links: Vec<Link>,
    /// Addresses that only one client may have.
    pub reservations: Vec<Reservation>,
    /// The longest lease time of all links, in seconds.
    pub longest_lease: u32,
    /// The number of the first address of each pool group, ascending. A link's addresses are one: all its clients may
    /// have all of them.
    pub groups: Vec<u32>,
}

impl Plan {
    /// The plan of a configuration.
    pub fn new(file: &ServerFile) -> Plan {
        let pools = file.subnets.iter().flat_map(|subnet| &subnet.pools);
        let all = pools.flat_map(|&(first, last)| (u32::from(first)..=u32::from(last)).map(Ipv4Addr::from));
        let mut addresses: Vec<Ipv4Addr> = all.chain(file.reservations.iter().map(|r| r.address)).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let link = |subnet: &Subnet| {
            let first = addresses.partition_point(|&address| address < subnet.network);
            let count = addresses[first..].iter().take_while(|&&address| subnet.contains(address)).count();
            let mut options = Options::default();
            subnet.options.iter().for_each(|(code, data)| options.set(*code, data.clone()));
            Link {
                subnet: subnet.clone(),
                within: Within { first: first as u32, end: (first + count) as u32 },
                settings: Settings { server: file.listen.server_id, next_server: subnet.next_server, options },
            }
        };
        let links: Vec<Link> = file.subnets.iter().map(link).collect();
        let longest_lease = file.subnets.iter().map(|subnet| subnet.lease).max().unwrap_or(1);
        let groups = groups(&links);
        Plan { links, reservations: file.reservations.clone(), longest_lease, groups, addresses }
    }

    /// How many addresses there are.
    pub fn len(&self) -> u32 {
        self.addresses.len() as u32
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }

    /// The address with this number.
    pub fn address(&self, id: AddressId) -> Option<Ipv4Addr> {
        self.addresses.get(id.0 as usize).copied()
    }

    /// The number of an address.
    pub fn id(&self, address: Ipv4Addr) -> Option<AddressId> {
        self.addresses.binary_search(&address).ok().map(|at| AddressId(at as u32))
    }

    /// The pool group of a link; None: it has no addresses.
    pub fn group(&self, link: &Link) -> Option<Group> {
        let Within { first, end } = link.within;
        let place = self.groups.binary_search(&first).ok().filter(|_| first < end)?;
        Some(Group(place as u32))
    }

    /// The link to which an address belongs, by its place in [`Plan::links`].
    pub fn link_of(&self, address: Ipv4Addr) -> Option<usize> {
        self.links.iter().position(|link| link.subnet.contains(address))
    }
}

/// The first address of each link that has any; the first of all is 0.
fn groups(links: &[Link]) -> Vec<u32> {
    let with_addresses = links.iter().filter(|link| link.within.first < link.within.end);
    let mut groups: Vec<u32> = with_addresses.map(|link| link.within.first).collect();
    groups.sort_unstable();
    if groups.is_empty() { vec![0] } else { groups }
}

/// The client of a reservation.
pub fn reserved_client(reservation: &Reservation) -> Client {
    let hardware = reservation.hardware.map(|octets| [&[1], octets.as_slice()].concat());
    Client { identifier: reservation.identifier.clone(), hardware_address: hardware.unwrap_or_default() }
}
