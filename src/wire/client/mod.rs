//! DHCP packets of clients and relay agents, and the answers to them (RFC 2131, RFC 2132).
//!
//! The fixed header and the typed options are the `dhcproto` crate's. What it leaves open is done here:
//!
//! * It stops at the first option that it cannot read and drops the rest without a word. Here every octet of the
//!   options is walked, and a packet whose options run over their end is refused with the octet.
//! * It keeps the last of several options of one code, and cuts the fields *file* and *sname* at the first zero. Here
//!   pieces are put together (RFC 3396) and both fields are read for options (option overload, RFC 2132 §9.3).
//! * It panics when the length of chaddr is asked of a packet that says more than 16 octets. Such a packet is refused.
//! * It writes what does not fit. Here an answer keeps to what the client can take (option 57), uses *file* and
//!   *sname* if it must, and leaves out what the client asked for last.
//!
//! DHCPLEASEQUERY and BOOTP are not spoken.

mod options;
mod packet;
mod reply;

pub use options::{Options, OptionsError};
pub use packet::{Asked, Kind, Packet, PacketError, Unclear};
pub use reply::{Destination, Lease, Reply, Settings, TooMuch, destination};
