//! What an endpoint is configured with. Outside the state: a different MCLT is a different model.

use crate::balance::Buckets;
use crate::rules::{MaximumLead, Rules};
use crate::state::Role;
use crate::time::Span;

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
    /// Go to PARTNER-DOWN after [`Span::SafePeriod`] without the partner (failover-12 §10).
    pub safe_period: bool,
    /// Remember the latest client of an available address, and prefer it.
    pub remember_last: bool,
}

/// How the available addresses are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The secondary's share, in percent of all that are available: 0 to 100.
    pub secondary_share: u8,
    /// By how many addresses the primary lets the balance be off before it acts unasked. None: never unasked.
    pub slack: Option<u32>,
    /// The secondary asks for addresses when it enters NORMAL (failover-12 §9.8.1).
    pub ask: bool,
}

impl Config {
    /// The span that this endpoint takes for MCLT: the primary's (F12-7.8.2-l).
    pub const fn mclt(&self) -> Span {
        match (self.rules.maximum_lead, self.role) {
            (MaximumLead::Own, Role::Secondary) => Span::OtherMclt,
            _ => Span::Mclt,
        }
    }
}
