//! A model: what takes part, what may go wrong how often, which readings are in force, what is claimed.

use crate::budget::{Budgets, Item};
use crate::claim::Claim;
use crate::clients::CLIENTS;
use dhcpfo_claims::fair::Assumed;
use dhcpfo_clock::Lengths;
use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Status};
use dhcpfo_engine::config::{Config, Pool};
use dhcpfo_engine::effect::{Ask, Request, Within};
use dhcpfo_engine::span;
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::Inline;
use dhcpfo_time::Span;

/// Most addresses in a model.
pub const ADDRESSES: usize = 4;

/// Most BNDUPDs that a server in a model has outstanding.
pub const WINDOW: usize = 4;

/// The bindings of a server in a model.
pub type Table = Inline<ADDRESSES>;

/// How clients and servers meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// A client and a server settle a lease in one action; only the answer may be lost.
    Whole,
    /// Every packet travels by itself: DISCOVER, OFFER, REQUEST, ACK.
    Packets,
}

/// How a search begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Both servers in NORMAL and connected.
    Normal,
    /// Both off, with records of NORMAL.
    Stopped,
    /// Both off, with nothing on stable storage.
    Blank,
}

/// When a client that was told "for so long" starts to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// When it asked, at the latest when the server answered.
    Request,
    /// When the answer arrives, however late (F-13).
    Receipt,
}

/// How long a message between the servers may be under way, and a broken connection go unnoticed (Q7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delay {
    /// No time at all: what is sent at an instant is read at that instant, or lost. The receive timer is
    /// negligible beside every other length.
    None,
    /// Less than [`span::MESSAGE_AGE`], the receive timer (failover-12 §8.3).
    Bounded,
    /// For ever.
    Unbounded,
}

/// One address of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Who may lease it at the start.
    pub owner: Role,
    /// The client that it is reserved for.
    pub reserved: Option<u8>,
    /// Its pool group; those of one group follow each other.
    pub group: u8,
}

/// What a server is configured with once its configuration has changed: where the model says nothing else, what it was
/// configured with before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The MCLT. The secondary takes the primary's when they connect (failover-12 §7.8.2).
    pub mclt: Span,
    /// The secondary connects to a primary whose MCLT is smaller than the one it has. If not, it refuses (Q54).
    pub takes_smaller: bool,
    /// The lease interval that it would like to give.
    pub lease: Span,
    /// Which clients are whose. The secondary takes the primary's when they connect.
    pub buckets: Buckets,
    /// How the available addresses are shared.
    pub pool: Pool,
    /// For each address the client that it is reserved for.
    pub reserved: Vec<Option<u8>>,
}

impl Default for Changed {
    /// Nothing that any model has.
    fn default() -> Changed {
        Changed {
            mclt: span::MCLT,
            takes_smaller: false,
            lease: span::DESIRED_LEASE,
            buckets: Buckets::first(0),
            pool: Pool { secondary_share: 0, slack: None, ask: false, cover: false },
            reserved: Vec::new(),
        }
    }
}

/// A model.
#[derive(Clone, Debug)]
pub struct Model {
    /// The addresses, numbered from 0: 1 to [`ADDRESSES`].
    pub addresses: Vec<Address>,
    /// The hash buckets of the clients, numbered from 0: 1 to [`CLIENTS`] of them.
    pub clients: Vec<u8>,
    /// Each server's configuration, primary first.
    pub servers: [Config; 2],
    /// What they are configured with once that has changed.
    pub changed: Changed,
    /// max-unacked-bndupd of both.
    pub max_unacked: u8,
    /// What may happen how often.
    pub budgets: Budgets,
    /// How clients and servers meet.
    pub exchange: Exchange,
    /// How long messages between the servers may be under way.
    pub delay: Delay,
    /// Packets of clients may be under way for as long as they like, also beyond the end of the lease that they are
    /// about (Q80). If not, they arrive or are lost at the instant at which they are sent.
    pub late_packets: bool,
    /// When clients start to count.
    pub anchor: Anchor,
    /// How it begins.
    pub start: Start,
    /// A crash may fall between two effects of a step.
    pub split_steps: bool,
    /// PARTNER-DOWN is never entered while the partner serves: failover-12's own assumption (§9.4). No address is reset
    /// while a client holds it (Q51).
    pub truthful: bool,
    /// A state that violates a claim has successors, too: to see what follows from a violation.
    pub go_on: bool,
    /// Lengths of time.
    pub lengths: Lengths,
    /// What must hold; at most 32.
    pub claims: Vec<Claim>,
    /// What must be reachable; at most 32.
    pub witnesses: Vec<Claim>,
    /// What is fair in whole runs.
    pub fair: Vec<Assumed>,
    /// Clients that are alike are not told apart.
    pub symmetric_clients: bool,
    /// Addresses that are alike are not told apart, and servers may look through their tables in any order.
    pub symmetric_addresses: bool,
}

impl Model {
    /// The table that both servers start with: every address FREE or BACKUP, as its owner has it.
    pub fn initial_table(&self, blank: bool) -> Table {
        let bindings: Vec<Binding> = self
            .addresses
            .iter()
            .map(|address| match address.owner {
                Role::Secondary if !blank => Binding::known(Status::Backup { last: None }),
                _ => Binding::NEVER_USED,
            })
            .collect();
        self.table(&bindings, false)
    }

    /// A table with these bindings, and the reservations of a server whose configuration has changed, or not.
    pub fn table(&self, bindings: &[Binding], changed: bool) -> Table {
        let before = self.addresses.iter().map(|address| address.reserved);
        let clients: Vec<Option<u8>> = if changed { self.changed.reserved.clone() } else { before.collect() };
        let reserved: Vec<Option<ClientId>> =
            clients.into_iter().map(|client| client.map(|c| ClientId(u32::from(c)))).collect();
        let groups: Vec<u8> = self.addresses.iter().map(|address| address.group).collect();
        Inline::new(bindings, &reserved).in_groups(&groups)
    }

    /// What a client asks, as a server sees it. A client that names an address is on that address's link.
    pub fn request(&self, client: u8, ask: Ask) -> Request {
        let bucket = self.clients[usize::from(client)];
        let request = Request::new(ClientId(u32::from(client)), ask, bucket);
        match ask {
            Ask::Discover | Ask::Inform => request,
            Ask::Select(address)
            | Ask::Reboot(address)
            | Ask::Renew(address)
            | Ask::Rebind(address)
            | Ask::Decline(address)
            | Ask::Release(address) => Request { within: self.within(address), ..request },
        }
    }

    /// The addresses of the group of this one.
    fn within(&self, address: AddressId) -> Within {
        let Some(asked) = self.addresses.get(address.0 as usize) else { return Within::ALL };
        let first = self.addresses.partition_point(|other| other.group < asked.group);
        let end = self.addresses.partition_point(|other| other.group <= asked.group);
        Within { first: first as u32, end: end as u32 }
    }

    /// Whether two addresses behave alike but for their numbers, where the model does not tell those apart.
    pub(crate) fn alike(&self, one: u8, other: u8) -> bool {
        let both_open = [one, other].iter().all(|&address| !self.is_reserved(Some(address), None));
        let [one, other] = [one, other].map(|number| self.addresses[usize::from(number)]);
        self.symmetric_addresses && both_open && one.group == other.group
    }

    /// Whether an address, or a client, is part of a reservation before or after a change.
    pub fn is_reserved(&self, address: Option<u8>, client: Option<u8>) -> bool {
        let before = self.addresses.iter().map(|address| address.reserved);
        let both = (0..).zip(before).chain((0..).zip(self.changed.reserved.iter().copied()));
        both.filter_map(|(number, owner)| Some((number, owner?)))
            .any(|(number, owner)| address == Some(number) || client == Some(owner))
    }

    /// The configuration of a server.
    pub fn config(&self, role: Role) -> &Config {
        &self.servers[role.index()]
    }

    /// Whether a claim about the PARTNER-DOWN or RECOVER-WAIT waits has to be kept an eye on.
    pub fn watches(&self, ghost: crate::claim::Ghost) -> bool {
        self.claims.iter().any(|claim| claim.ghost == Some(ghost))
    }

    /// Whether a partner may be declared down as of an earlier instant.
    pub fn dates_back(&self) -> bool {
        [Item::DatedPartnerDowns, Item::MisdatedPartnerDowns].iter().any(|&item| self.budgets.left(item) > 0)
    }

    /// The number of clients.
    pub fn client_count(&self) -> usize {
        self.clients.len().min(CLIENTS)
    }

    /// The span that a server takes for MCLT.
    pub fn mclt(&self, role: Role) -> Span {
        self.config(role).mclt()
    }
}
