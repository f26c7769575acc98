//! `dhcpfo ctl`, and the control of a server over its socket or HTTP: requests and answers, one JSON document a line. Times are
//! seconds since 1970 by the server's clock; null is none.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// What an operator says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "command", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Request {
    /// How both servers are.
    Status,
    /// Bindings; all of them, or those that are not simply available.
    Bindings {
        /// Also addresses that nobody has.
        #[serde(default)]
        all: bool,
    },
    /// The partner is down (failover-12 §9.9.3); without `yes` only what would come of it.
    PartnerDown {
        /// It is meant.
        #[serde(default)]
        yes: bool,
        /// For how many seconds it has been down: they count as if this had been said then.
        #[serde(default)]
        down_for: u32,
        /// It has answered no client in these seconds. A broken connection alone does not say so.
        #[serde(default)]
        stopped_serving: bool,
    },
    /// Forget everything and ask the partner for it (failover-12 §9.5).
    Recover {
        /// It is meant.
        #[serde(default)]
        yes: bool,
    },
    /// Restore the balance of available addresses.
    Rebalance,
    /// No client holds a lease that was given before: begin without waiting (Q111).
    Begin {
        /// It is meant.
        #[serde(default)]
        yes: bool,
        /// Without the partner, which is down.
        #[serde(default)]
        alone: bool,
    },
    /// Read the configuration again.
    Reload,
    /// End, and say so to the partner (failover-12 §9.14).
    Shutdown,
    /// End, and say to the partner that it is for a short time (failover-12 §9.13).
    Pause,
    /// Make an address available whatever it was (failover-12 §5.11).
    Reset {
        /// The address.
        address: String,
    },
    /// Make all ABANDONED addresses available again; without `yes` only what would come of it.
    ResetAbandoned {
        /// It is meant.
        #[serde(default)]
        yes: bool,
    },
    /// Why this client gets no address.
    Why {
        /// Hardware address, or `hex:` and an identifier.
        client: String,
        /// An address of the link on which it is; null: where it was heard last.
        #[serde(default)]
        link: Option<String>,
    },
    /// Figures for Prometheus.
    Metrics,
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Answer {
    /// Nothing was done.
    Refused(Refused),
    /// How both servers are.
    Status(Box<Status>),
    /// Why a client gets no address.
    Why(Why),
    /// Bindings.
    Bindings(Bindings),
    /// Figures.
    Metrics(Metrics),
    /// The configuration was read again.
    Reloaded(Reloaded),
    /// It is done.
    Done(Done),
}

impl Answer {
    /// Nothing was done, and why.
    pub fn refused(error: impl Into<String>) -> Answer {
        Answer::Refused(Refused { ok: false, error: error.into(), consequences: None })
    }

    /// Why nothing was done; None: what was asked was done.
    pub fn error(&self) -> Option<&str> {
        match self {
            Answer::Refused(refused) => Some(&refused.error),
            _ => None,
        }
    }
}

/// Nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// False.
    pub ok: bool,
    /// Why.
    pub error: String,
    /// What would come of it, where only that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consequences: Option<Consequences>,
}

/// It is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    /// True.
    pub ok: bool,
    /// The state of the endpoint now.
    pub state: String,
    /// What comes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consequences: Option<Consequences>,
}

/// What comes of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, rename_all_fields = "kebab-case")]
pub enum Consequences {
    /// Of `partner-down`.
    PartnerDown {
        /// The state of the endpoint before.
        state: String,
        /// The partner is in touch.
        partner_is_in_touch: bool,
        /// Addresses of the partner that become available.
        becomes_available: u32,
        /// When they do.
        available_from: u32,
        /// Leases that rest after their end.
        leases_that_rest: u32,
        /// What can go wrong.
        at_risk: String,
    },
    /// Of `reset-abandoned`.
    ResetAbandoned {
        /// Addresses that are ABANDONED.
        abandoned: u64,
        /// Some of them.
        addresses: Vec<String>,
        /// Those of which somebody was told an end that lies ahead.
        with_an_end_ahead: u64,
        /// What can go wrong.
        at_risk: String,
    },
    /// Of `begin`.
    Begin {
        /// What is taken to be true.
        assumes: String,
        /// What can go wrong.
        at_risk: String,
        /// Until when leases that are not known may be alive.
        leases_may_be_alive_until: Option<u32>,
        /// When the server serves without it.
        without_it_serves_from: Option<u32>,
    },
}

/// The configuration was read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Reloaded {
    /// True.
    pub ok: bool,
    /// Whether the pools are others.
    pub pools_changed: bool,
    /// How many addresses there are.
    pub addresses: u32,
}

/// Figures for Prometheus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Metrics {
    /// True.
    pub ok: bool,
    /// In the text format of Prometheus.
    pub text: String,
}

/// Bindings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bindings {
    /// True.
    pub ok: bool,
    /// The server's clock.
    pub now: u32,
    /// The bindings, at most 100,000.
    pub bindings: Vec<Binding>,
}

/// What a server has about an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Binding {
    /// The address.
    pub address: Option<Ipv4Addr>,
    /// The binding-status.
    pub status: String,
    /// The client; for an available address the last one.
    pub client: Option<String>,
    /// The address is reserved.
    pub reserved: bool,
    /// What the partner knows of it: `up to date`, `to be told`, `told, not acknowledged`, `rejected`.
    pub partner: String,
    /// It is being taken back.
    pub reclaiming: bool,
    /// The end of the lease.
    pub lease_expiration: Option<u32>,
    /// The potential-expiration-time that was sent.
    pub sent_potential_expiration: Option<u32>,
    /// The one that was acknowledged.
    pub acked_potential_expiration: Option<u32>,
    /// The one that was received.
    pub received_potential_expiration: Option<u32>,
    /// When the client was heard last.
    pub client_last_transaction: Option<u32>,
    /// When the status began.
    pub start_of_status: Option<u32>,
    /// Until when the address rests.
    pub rests_until: Option<u32>,
}

/// What stands between a client and an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Why {
    /// True.
    pub ok: bool,
    /// The client.
    pub client: String,
    /// The server has heard of it.
    pub known: bool,
    /// Its hash bucket; left out where its link is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<u8>,
    /// Its link; null: not known.
    pub link: Option<String>,
    /// Whether it is served; left out where its link is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served: Option<bool>,
    /// The rules by which it gets nothing.
    pub rules: Vec<Rule>,
    /// Addresses whose bindings name it.
    pub bindings: Vec<Binding>,
    /// What it would be offered; left out where its link is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub would_be_offered: Option<Vec<Offer>>,
}

/// A rule by which a client gets nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// The rule, in words.
    pub rule: String,
    /// Until when.
    pub until: Option<Until>,
}

/// Until when a rule applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Until {
    /// Until that second.
    Time(u32),
    /// Until something happens, in words.
    Words(String),
}

/// An address that a client would be offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    /// The link.
    pub link: String,
    /// The address.
    pub address: Ipv4Addr,
}

/// How a server and, as far as it knows, its partner are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Status {
    /// True.
    pub ok: bool,
    /// The server's clock.
    pub now: u32,
    /// The system's clock minus the server's, in seconds.
    pub clock_deviation: i64,
    /// `primary`, `secondary`.
    pub role: String,
    /// The relationship's name.
    pub relationship: String,
    /// The state of the endpoint.
    pub state: String,
    /// Since when.
    pub since: Option<u32>,
    /// `startup`, `running`, `paused`, `shutdown`.
    pub phase: String,
    /// When RECOVER-WAIT ends.
    pub recover_wait_ends: Option<u32>,
    /// PARTNER-DOWN: when the partner's available addresses may be given.
    pub partners_available_from: Option<u32>,
    /// When the safe period ends.
    pub safe_period_ends: Option<u32>,
    /// MCLT in force, in seconds.
    pub mclt: u32,
    /// Why that is not what is configured; null: it is.
    pub mclt_held: Option<McltHeld>,
    /// What the server may have forgotten; null: nothing.
    pub forgotten: Option<Forgotten>,
    /// Where it departs from what is searched.
    pub exceptions: Vec<Exception>,
    /// `works`, `takes no changes`.
    pub store: String,
    /// The partner.
    pub partner: Partner,
    /// Available addresses.
    pub pool: Pool,
    /// Clients that have a number.
    pub clients: u64,
    /// Interfaces by name: `served`, `gone`.
    pub interfaces: IndexMap<String, String>,
    /// Each subnet.
    pub subnets: Vec<Subnet>,
}

/// Why MCLT is not what is configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct McltHeld {
    /// What is configured, in seconds.
    pub configured: u32,
    /// Why it is not in force.
    pub why: String,
    /// When it may be.
    pub not_before: Option<u32>,
}

/// What a server may have forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Forgotten {
    /// Until when leases that are not known may be alive.
    pub leases_may_be_alive_until: u32,
    /// How that came.
    pub why: String,
    /// What an operator can do; null: nothing.
    pub to_begin_at_once: Option<String>,
}

/// A departure from what is searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exception {
    /// The key and its value, or what an operator did.
    pub what: String,
    /// What can come of it.
    pub cost: String,
}

/// The partner, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Partner {
    /// Its address.
    pub address: String,
    /// `down`, `connecting`, `up`.
    pub link: String,
    /// The connection is secured.
    pub tls: bool,
    /// `interrupted`, `connected`, `ok`.
    pub communications: String,
    /// Its state.
    pub state: Option<String>,
    /// When it was heard last.
    pub heard_seconds_ago: Option<u64>,
    /// By how many seconds its clock differs.
    pub clock_difference: Option<i64>,
    /// BNDUPDs without an answer.
    pub unanswered: u64,
    /// How many there may be.
    pub window: Option<u64>,
    /// Bindings that it does not know yet.
    pub updates_waiting: u32,
    /// What is wrong with it.
    pub troubles: Vec<Trouble>,
}

/// Something that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trouble {
    /// What, in a word.
    pub what: String,
    /// In a sentence.
    pub text: String,
    /// Since when.
    pub since: u32,
    /// When last.
    pub last: u32,
    /// How often.
    pub times: u64,
}

/// Available addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Pool {
    /// FREE.
    pub free: u32,
    /// BACKUP.
    pub backup: u32,
    /// How many of them should be BACKUP.
    pub secondarys_due: u32,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subnet {
    /// Its network.
    pub network: String,
    /// Addresses by binding-status.
    pub counts: IndexMap<String, u32>,
    /// Available addresses.
    pub pool: Pool,
}
