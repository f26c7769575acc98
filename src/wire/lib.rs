//! What goes over the network, without a socket: octets in, values out, and back.
//!
//! * [`frame`]: one failover message as octets (failover-12 §6, §12); [`framing`]: finding messages in a TCP stream.
//! * [`message`]: what a message says, checked against the tables of failover-12 §7.
//! * [`profile`]: what to do differently for which partner, as data.
//! * [`digest`]: the message-digest option (failover-12 §11.1).
//! * [`convert`]: the engine's messages to the wire's and back: addresses, clients, clocks.
//! * [`session`]: connections: who dials, CONNECT, CONNECTACK, timers, reject reasons (failover-12 §7.8 to §8.6).
//! * [`client`]: DHCP packets of clients and relay agents (RFC 2131), through `dhcproto`.
//!
//! Every decoder is total: any octets give a value or a precise error, never a panic, and memory is bounded by
//! what a message may hold. There is no clock and no input or output here; the host supplies both.
//!
//! Deliberately elsewhere: the rules (the engine); sockets, TLS records, disks and retries of the operating system
//! (the server).
#![forbid(unsafe_code)]

pub mod client;
pub mod convert;
pub mod digest;
pub mod frame;
pub mod framing;
pub mod memory;
pub mod message;
pub mod number;
pub mod option;
pub mod profile;
pub mod session;

mod error;
pub use error::{DecodeError, EncodeError, Problem};
