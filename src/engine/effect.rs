//! What goes into an endpoint and what comes out of it.

use crate::binding::{AddressId, ClientId};
use crate::durable::Record;
use crate::message::Message;
use crate::state::State;
use dhcpfo_time::Time;

/// What the partner said of itself while connecting (failover-12 §7.8, §7.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parameters {
    /// max-unacked-bndupd: how many BNDUPDs it takes without an answer. At least 1.
    pub max_unacked: u8,
}

/// What a client asks (RFC 2131 §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ask {
    /// DHCPDISCOVER
    Discover,
    /// DHCPREQUEST in SELECTING, for the address that this server offered.
    Select(AddressId),
    /// DHCPREQUEST in INIT-REBOOT
    Reboot(AddressId),
    /// DHCPREQUEST in RENEWING
    Renew(AddressId),
    /// DHCPREQUEST in REBINDING
    Rebind(AddressId),
    /// DHCPDECLINE
    Decline(AddressId),
    /// DHCPRELEASE
    Release(AddressId),
    /// DHCPINFORM
    Inform,
}

/// A client's message as the engine sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Who asks.
    pub client: ClientId,
    /// What for.
    pub ask: Ask,
    /// RFC 3074 hash of the client's identifier.
    pub bucket: u8,
    /// The client has been trying longer than the delayed-service parameter allows (failover-12 §12.10).
    pub waited: bool,
    /// The addresses of the link on which the client is: no other is offered.
    pub within: Within,
    /// The address to offer if the client has none and this one may be leased. None: the lowest that may be. What is
    /// behind it is the host's business: the client's wish, or what has been offered to others just now.
    pub prefer: Option<AddressId>,
}

/// Addresses that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Within {
    /// The lowest.
    pub first: u32,
    /// One beyond the highest.
    pub end: u32,
}

impl Within {
    /// Every address.
    pub const ALL: Within = Within { first: 0, end: u32::MAX };

    /// Whether the address is one of them.
    pub const fn contains(&self, address: AddressId) -> bool {
        self.first <= address.0 && address.0 < self.end
    }
}

impl Request {
    /// A request by a client that has not waited, may be anywhere, and gets the lowest address.
    pub const fn new(client: ClientId, ask: Ask, bucket: u8) -> Request {
        Request { client, ask, bucket, waited: false, within: Within::ALL, prefer: None }
    }
}

/// What a server tells a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// DHCPOFFER. Its lease time is [`crate::grant::grant`] of the moment; nothing is stored for it.
    Offer(AddressId),
    /// DHCPACK with the absolute end of the lease.
    Ack(AddressId, Time),
    /// DHCPNAK
    Nak,
    /// DHCPACK to a DHCPINFORM
    Informed,
}

/// What an operator may say (failover-12 §5.11, §9.4.2, §9.13, §9.14, §9.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// The partner is down.
    PartnerDown,
    /// Out of service for a short time.
    Pause,
    /// Out of service for a long time.
    Shutdown,
    /// Make an address available again, whatever it was.
    Reset(AddressId),
    /// Look at the balance of available addresses now.
    Rebalance,
    /// No client holds a lease that was given before this start: a server without bindings need not wait for any (Q111).
    Begin {
        /// The partner is down, too: serve without it.
        alone: bool,
    },
    /// Go to this state, whatever the state is now: not in the draft; ISC dhcpd allows it (Q100).
    Set(State),
}

/// A stimulus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A connection to the partner has been made and agreed (CONNECT and CONNECTACK).
    Connected(Parameters),
    /// The connection is gone.
    Disconnected,
    /// The partner says something.
    Message(Message),
    /// A client asks something.
    Client(Request),
    /// An operator commands.
    Operator(Command),
    /// Time has passed; do what is due. Harmless early, late or twice.
    Wake,
}

/// Why a client got no answer, or what an operator should hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    /// Not serving in this state.
    Silent,
    /// The partner is responsible for this client's hash bucket.
    NotMine,
    /// No address may be given to this client now.
    NothingAvailable,
    /// The address belongs to the partner, or to somebody else, or must rest.
    NotAllowed,
    /// A message that has no place here was ignored.
    Ignored,
    /// The relationship has entered a state that somebody should look at.
    Alarm,
}

/// Something to be carried out, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Write this to stable storage. Nothing after it may happen before it is there.
    Persist(Record),
    /// Send this to the partner.
    Send(Message),
    /// Answer a client.
    Reply(ClientId, Answer),
    /// Close the connection (failover-12 §9.13).
    Close,
    /// For people.
    Note(Note),
}
