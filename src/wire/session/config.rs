//! What a session is configured with, checked when it is made.

use std::fmt;
use std::time::Duration;

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::state::Role;

use crate::digest::Secret;
use crate::profile::Profile;

/// TLS between the partners (failover-12 §7.8.2 step 3, §11.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not configured. With a partner that requires it there is no connection.
    Off,
    /// Used with a partner that can.
    Desired,
    /// No connection without.
    Required,
}

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// After the first failure; twice as long after each further one.
    pub first: Duration,
    /// Never longer than this.
    pub most: Duration,
    /// After a refusal or a DISCONNECT, sent or received: its reason will not be gone at once (failover-12 §7.9).
    pub refused: Duration,
}

/// What a session is configured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Which side this server is.
    pub role: Role,
    /// How to speak to the partner.
    pub profile: Profile,
    /// relationship-name: 1 to 255 octets, equal on both servers.
    pub relationship_name: Vec<u8>,
    /// vendor-class-identifier: 1 to 255 octets.
    pub vendor_class: Vec<u8>,
    /// max-unacked-bndupd: BNDUPDs that this server takes without having answered. At least 1.
    pub max_unacked: u32,
    /// receive-timer in seconds: the silence after which the partner is given up. At least 3 (a dhcpd divides it by 3
    /// and floods when nothing is left), and less than MCLT.
    pub receive_timer: u32,
    /// MCLT in seconds. A primary's is told; a secondary's gives way to the partner's.
    pub mclt: u32,
    /// A secondary refuses an MCLT below this, in seconds: leases that lead further may be alive (Q54). 0: any will do.
    pub least_mclt: u32,
    /// The secondary's buckets; only the primary's are told.
    pub buckets: Buckets,
    /// delayed-service-parameter in seconds, told by the primary if there is one.
    pub delayed_service: Option<u8>,
    /// The greatest difference of the clocks, in seconds.
    pub max_skew: u32,
    /// Shared secret for message-digest.
    pub secret: Option<Secret>,
    /// When the latest CONNECT of the partner that was accepted was sent, by its clock. Older ones are refused if
    /// there is a secret (failover-12 §11.1). From stable storage: [`super::Agreement::connect_time`].
    pub last_connect: Option<u32>,
    /// TLS.
    pub tls: Tls,
    /// Whether this server dials. One that only listens depends on its partner to dial.
    pub dials: bool,
    /// How long CONNECT and CONNECTACK may take, each.
    pub handshake: Duration,
    /// When to dial again.
    pub retry: Retry,
}

/// A configuration that cannot work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The field.
    pub field: &'static str,
    /// What would be accepted.
    pub accepted: &'static str,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} would be accepted", self.field, self.accepted)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// A configuration with the usual numbers: window 10, receive timer 60 s, MCLT 1 h, half of the clients each,
    /// clocks a minute apart at most, 15 s for the handshake, retry after 5 s to 60 s.
    pub fn new(role: Role, profile: Profile, relationship_name: &[u8]) -> Config {
        Config {
            role,
            profile,
            relationship_name: relationship_name.to_vec(),
            vendor_class: concat!("dhcpfo-", env!("CARGO_PKG_VERSION")).as_bytes().to_vec(),
            max_unacked: 10,
            receive_timer: 60,
            mclt: 3600,
            least_mclt: 0,
            buckets: Buckets::first(128),
            delayed_service: None,
            max_skew: 60,
            secret: None,
            last_connect: None,
            tls: Tls::Off,
            dials: true,
            handshake: Duration::from_secs(15),
            retry: Retry {
                first: Duration::from_secs(5),
                most: Duration::from_secs(60),
                refused: Duration::from_secs(60),
            },
        }
    }

    /// Whether it can work.
    ///
    /// # Errors
    /// The first field that cannot, with what would be accepted.
    pub fn check(&self) -> Result<(), ConfigError> {
        let bad = |field, accepted| Err(ConfigError { field, accepted });
        let text = |octets: &[u8]| (1..=255).contains(&octets.len());
        match self {
            c if !text(&c.relationship_name) => bad("relationship-name", "1 to 255 octets"),
            c if !text(&c.vendor_class) => bad("vendor-class", "1 to 255 octets"),
            c if c.max_unacked == 0 => bad("max-unacked", "1 or more"),
            c if c.receive_timer < 3 || c.receive_timer > i32::MAX as u32 => {
                bad("receive-timer", "3 to 2147483647 seconds")
            }
            c if c.mclt <= c.receive_timer => bad("mclt", "more seconds than receive-timer"),
            c if c.delayed_service == Some(0) => bad("delayed-service", "1 to 255 seconds"),
            c if c.secret.is_some() && !c.profile.digest => bad("secret", "none with this kind of partner"),
            c if c.handshake.is_zero() => bad("handshake", "more than 0 seconds"),
            c if c.retry.first.is_zero() || c.retry.most < c.retry.first => {
                bad("retry", "more than 0 seconds, and at most the longest")
            }
            _ => Ok(()),
        }
    }
}
