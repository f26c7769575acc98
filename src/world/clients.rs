//! Clients (RFC 2131 §4.4): what they hold is what they were told. And the network between them and the servers.

use crate::system::System;
use arrayvec::ArrayVec;
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::state::Role;
use dhcpfo_time::{Clock, Time};

/// Most clients in a model.
pub const CLIENTS: usize = 4;

/// Most packets between clients and servers at once.
pub const PACKETS: usize = 8;

/// What a client is waiting for, in models with single packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// Nothing: INIT without a lease, BOUND with one.
    #[default]
    Nothing,
    /// SELECTING: any DHCPOFFER.
    Offer,
    /// REQUESTING: the server's word on this address.
    Choice(Role, AddressId),
    /// RENEWING, REBINDING or INIT-REBOOT: somebody's word on the address it holds.
    Extension,
}

/// A lease as its client knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The address.
    pub address: AddressId,
    /// It stops using the address then.
    pub ends: Time,
    /// Which server gave it last.
    pub from: Role,
}

/// A client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Client {
    /// What it holds. One whose end has passed is none.
    pub lease: Option<Lease>,
    /// What it holds on its other interface, with the same client identifier.
    pub other: Option<Lease>,
    /// What it waits for.
    pub waiting: Waiting,
}

impl Client {
    /// The address that the client may use now.
    pub fn holds(&self, clock: &dyn Clock) -> Option<AddressId> {
        self.lease.filter(|lease| !clock.passed(lease.ends)).map(|lease| lease.address)
    }

    /// Every address that the client may use now.
    pub fn addresses(&self, clock: &dyn Clock) -> impl Iterator<Item = AddressId> {
        [self.lease, self.other]
            .into_iter()
            .flatten()
            .filter(move |lease| !clock.passed(lease.ends))
            .map(|lease| lease.address)
    }

    /// Whether the client may use this address now.
    pub fn uses(&self, clock: &dyn Clock, address: AddressId) -> bool {
        self.addresses(clock).any(|held| held == address)
    }

    /// Drops a lease whose end has passed.
    pub fn settle(&mut self) {
        self.other = self.other.filter(|lease| lease.ends != Time::LONG_AGO);
        if self.lease.is_some_and(|lease| lease.ends == Time::LONG_AGO) {
            self.lease = None;
            if self.waiting == Waiting::Extension {
                self.waiting = Waiting::Nothing;
            }
        }
    }
}

/// A packet between a client and a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    /// The client's number.
    pub client: u8,
    /// The server.
    pub server: Role,
    /// What it says.
    pub body: Body,
}

/// Who speaks, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// Client to server.
    Ask(Ask),
    /// Server to client.
    Answer(Answer),
}

impl System {
    /// All packets under way, in the words of the actions about them.
    pub fn packets(&self, clock: &dyn Clock) -> impl Iterator<Item = String> {
        self.network.iter().map(move |packet| packet.named(&self.network, clock).to_string())
    }
}

impl Packet {
    /// The packet as an action names it. An action knows no times, since each clock writes them in its own numbers: in
    /// place of the end that a DHCPACK gives stands which end that is among the DHCPACKs that are alike but for it, from
    /// 0. Ends that have passed are one, as in every clock.
    #[must_use]
    pub fn named(self, network: &Network, clock: &dyn Clock) -> Packet {
        let Body::Answer(Answer::Ack(address, ends)) = self.body else { return self };
        let told_apart = |ends| if clock.before(ends, clock.now()) { Time::LONG_AGO } else { ends };
        let end_of = |other: &Packet| match other.body {
            Body::Answer(Answer::Ack(a, ends))
                if (other.client, other.server, a) == (self.client, self.server, address) =>
            {
                Some(told_apart(ends))
            }
            _ => None,
        };
        let mut earlier: ArrayVec<Time, PACKETS> = ArrayVec::new();
        for end in network.iter().filter_map(end_of).filter(|&end| clock.before(end, told_apart(ends))) {
            if !earlier.iter().any(|&known| clock.same(known, end)) {
                earlier.push(end);
            }
        }
        Packet { body: Body::Answer(Answer::Ack(address, Time::from_raw(earlier.len() as u32))), ..self }
    }
}

/// All packets under way: no order, any may be lost, bounded.
pub type Network = ArrayVec<Packet, PACKETS>;
