//! What an endpoint is configured with. Outside the state: a different MCLT is a different model.

use crate::balance::Buckets;
use crate::rules::{MaximumLead, Rules};
use crate::span;
use crate::state::Role;
use dhcpfo_time::Span;

/// The configuration of one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Which side it is.
    pub role: Role,
    /// The readings in force.
    pub rules: Rules,
    /// Which clients are whose in NORMAL (failover-12 §5.3; F12-7.8.2-m).
    pub buckets: Buckets,
    /// How the available addresses are shared (failover-12 §5.4).
    pub pool: Pool,
    /// Go to PARTNER-DOWN after [`span::SAFE_PERIOD`] without the partner (failover-12 §10).
    pub safe_period: bool,
    /// Remember the latest client of an available address, and prefer it.
    pub remember_last: bool,
}

/// How the available addresses of each group are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The secondary's share, in percent of those of a group that are available: 0 to 100.
    pub secondary_share: u8,
    /// By how many addresses the primary lets the balance of a group be off before it acts unasked. None: never unasked.
    pub slack: Option<Slack>,
    /// The secondary asks for addresses when it enters NORMAL (failover-12 §9.8.1).
    pub ask: bool,
    /// In NORMAL a client whose hash bucket is the partner's is answered all the same when the partner has no address
    /// for it (Q122).
    pub cover: bool,
}

/// A number of addresses that grows with the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slack {
    /// At least so many.
    pub addresses: u32,
    /// So many of a thousand addresses of the group, rounded down.
    pub per_mille: u16,
}

impl Slack {
    /// The same number for every group.
    pub const fn addresses(addresses: u32) -> Slack {
        Slack { addresses, per_mille: 0 }
    }

    /// The number for a group of this size.
    pub fn of(&self, size: u32) -> u32 {
        let part = (u64::from(size) * u64::from(self.per_mille) / 1000) as u32;
        self.addresses.max(part)
    }
}

impl Config {
    /// The span that this endpoint takes for MCLT: the primary's (F12-7.8.2-l).
    pub const fn mclt(&self) -> Span {
        match (self.rules.maximum_lead, self.role) {
            (MaximumLead::Own, Role::Secondary) => span::OTHER_MCLT,
            _ => span::MCLT,
        }
    }
}
