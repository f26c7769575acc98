//! `dhcpfo client`: what came of exchanges, and the record of what clients were given, one JSON document a line.
//!
//! ```json
//! {"event":"ack","at-ms":1795467381000,"client":3,"address":"10.0.0.10","until-ms":1795467441000}
//! {"event":"end","at-ms":1795467382000,"client":3,"address":"10.0.0.10"}
//! ```

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// What came of exchanges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// Exchanges that were begun.
    pub begun: u64,
    /// DHCPACKs.
    pub acked: u64,
    /// DHCPNAKs to a client that wanted a new address.
    pub refused: u64,
    /// DHCPNAKs to a client that holds a lease: it was lost.
    pub lost: u64,
    /// No answer after all tries.
    pub unanswered: u64,
    /// Addresses given back or declined.
    pub returned: u64,
    /// Two clients with one address at a time, in words.
    pub duplicates: Vec<String>,
    /// The claims that did not hold of what the clients were given.
    pub refuted: Vec<String>,
    /// Leases that are held at the end.
    pub held: u64,
    /// From the first packet to the DHCPACK.
    pub latency_us: Latency,
}

/// A length of time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// The median.
    pub median: u64,
    /// The 99th percentile.
    pub p99: u64,
}

/// Something that a client was given or has given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Event {
    /// A DHCPACK.
    Ack {
        /// When, in milliseconds since 1970.
        at_ms: u64,
        /// Which client, by number.
        client: u32,
        /// The address.
        address: Ipv4Addr,
        /// The end of the lease, in milliseconds since 1970.
        until_ms: u64,
    },
    /// The client has given its address back, or must not use it any more.
    End {
        /// When, in milliseconds since 1970.
        at_ms: u64,
        /// Which client, by number.
        client: u32,
        /// The address.
        address: Ipv4Addr,
    },
}
