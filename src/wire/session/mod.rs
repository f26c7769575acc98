//! The connections of one failover relationship: who dials, CONNECT and CONNECTACK, timers, and what is let through to
//! the engine (failover-12 §7.8 to §8.6). No socket and no clock: inputs and outputs are values.
//!
//! ```text
//! session.handle(now, Input, directory, out)        connections, octets, time passing
//! session.outgoing(message, directory) -> Outbound  when the engine emits a message
//! session.send(now, outbound, out)                  when what stands before it is on stable storage
//! session.next_deadline()                           when to give Input::Wake
//! ```
//!
//! The host carries out the outputs in order. [`Output::Agreed`] is a barrier like the engine's `Persist`.
//!
//! Who connects. Both servers dial; only the primary sends CONNECT. Under [`crate::profile::ConnectOn::Own`] it does so
//! on connections that it opened, and one that the secondary opened makes it dial at once (§8.2); under
//! [`crate::profile::ConnectOn::Any`] on the first that is there. Of two connections the older one is kept: the
//! primary closes the newer one without a word, the secondary refuses a CONNECT on it with reason 7. Before CONNECT and
//! CONNECTACK nothing else is taken: the connection is refused and closed.
//!
//! A primary that opens its own connections looks at the first message on those that it did not open: a CONNECT there says
//! that the partner takes itself for the primary, too. Nothing else on them is read.
//!
//! The window of unanswered BNDUPDs is the engine's: it is told the partner's max-unacked-bndupd. BNDUPDs of a partner
//! that exceeds ours are answered all the same; they need no memory here.

mod config;
mod connection;
mod handshake;
mod machine;
mod receive;

pub use config::{Config, ConfigError, Retry, Tls};
pub use handshake::Agreement;
pub use machine::Session;

use std::net::Ipv4Addr;
use std::time::Duration;

use dhcpfo_engine::effect;

use crate::message::Refusal;

/// A connection, as the host numbers them. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// The present, by two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// A clock that never jumps, from any beginning: for timers.
    pub elapsed: Duration,
    /// Seconds since 1970: for the time in messages. May jump.
    pub wall: u32,
}

/// What happens to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// [`Output::Dial`] has come to a connection.
    Dialled(ConnectionId),
    /// [`Output::Dial`] has come to nothing.
    DialFailed,
    /// The partner has dialled. The host has checked that it is the partner's address.
    Accepted(ConnectionId),
    /// Octets came, after TLS if there is TLS.
    Octets(ConnectionId, &'a [u8]),
    /// The connection is gone: closed by the partner, or broken.
    Closed(ConnectionId),
    /// [`Output::StartTls`] has succeeded. If it fails, the host closes the connection and says so.
    Secured(ConnectionId),
    /// Drop the connection for this reason; dial again later.
    Close(Refusal),
    /// Drop the connection for this reason, and have none until [`Input::Resume`] (PAUSED, SHUTDOWN).
    Hold(Refusal),
    /// Connect again after [`Input::Hold`].
    Resume,
    /// Time has passed; do what is due. Harmless early, late or twice.
    Wake,
}

/// Which end of TLS to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsSide {
    /// The primary: begins.
    Client,
    /// The secondary.
    Server,
}

/// Something to be carried out, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a connection to the partner; then [`Input::Dialled`] or [`Input::DialFailed`].
    Dial,
    /// Write these octets.
    Write(ConnectionId, Vec<u8>),
    /// Begin TLS as soon as what was written before is out; then [`Input::Secured`], or close and [`Input::Closed`].
    StartTls(ConnectionId, TlsSide),
    /// Close as soon as what was written before has been sent: shut down the sending side, read until the partner
    /// closes or for a few seconds, then close. Closing at once would lose the reason that was written.
    /// Nothing more is to be said about this connection.
    Close(ConnectionId),
    /// What the partner and we agreed on. A secondary stores MCLT, buckets and the time of CONNECT before it carries
    /// out what follows (failover-12 §7.8.2 steps 7 and 8, §11.1).
    Agreed(Agreement),
    /// For the engine: Connected, Disconnected, or a message.
    Engine(effect::Input),
    /// For the log.
    Note(String),
    /// For the log, and somebody should look (failover-12 §5.10, §7.12.2, §11.1).
    Alarm(String),
    /// For people: what is wrong between the two servers. It may come again and again, for as long as it is so.
    Trouble(Trouble),
}

/// What is wrong between the two servers, by how they are configured or by what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// This server refuses the partner's CONNECT or CONNECTACK.
    Refuses(Refusal),
    /// The partner refuses this server's.
    Refused(Refusal),
    /// The partner sends CONNECT as well: both are primaries.
    TwoPrimaries,
    /// Secondary: a connection was opened and no CONNECT came on it. One of these means nothing; where none ever comes,
    /// the partner is a secondary, too.
    NoConnect,
    /// Primary: CONNECT was not answered.
    NoAnswer,
    /// The partner tells of an address that this server does not have.
    UnknownHere(Ipv4Addr),
    /// The partner does not have an address of which this server tells.
    UnknownThere(Ipv4Addr),
}

/// How far a connection has come, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// None.
    Down,
    /// Being dialled, or CONNECT and CONNECTACK are under way.
    Connecting,
    /// Agreed.
    Up {
        /// Since when, by [`Now::elapsed`].
        since: Duration,
        /// When the partner was last heard, by [`Now::elapsed`].
        heard: Duration,
        /// Our BNDUPDs that are not answered.
        unanswered: usize,
    },
}
