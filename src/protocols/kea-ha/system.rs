//! What a model file asks for: the pair, its clients, which rules, and how many faults.

use crate::server::{ADDRESSES, CLIENTS, REQUESTS};
use crate::state::Faults;
use dhcpfo_header::keys::Key;
use dhcpfo_header::section::{Field, Section};
use dhcpfo_study::words::system_key;

/// How a pair shares its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pair {
    /// Each serves a part of the clients, from a part of the addresses: number 0 for the primary, 1 for the secondary.
    LoadBalancing,
    /// The primary serves all, and the standby server none.
    HotStandby,
}

/// Releases of Kea whose rules differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 2.2: a locked address is a failure of the partner; no rejected updates are counted.
    V2_2,
    /// 3: a locked address is a conflict, and too many of those end in TERMINATED.
    V3,
}

/// What counts as evidence that the partner answers nobody. (`kea-ha` section 8.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Clients that it leaves unanswered, for whatever reason: a full pool, a class that it drops.
    Any,
    /// The same, if it answers nobody. A repair that Kea cannot carry out by itself: a world without other reasons.
    True,
    /// None is needed: max-unacked-clients is 0.
    None,
}

/// A pair of Kea servers with some clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeaHa {
    /// How it shares its work.
    pub pair: Pair,
    /// Which release it is.
    pub version: Version,
    /// Clients, from 1 to [`CLIENTS`].
    pub clients: u8,
    /// Load balancing: whose clients they are, 0 the primary's, 1 the secondary's.
    pub scope: u8,
    /// Addresses of hot standby, and of load balancing where the pools are not split.
    pub addresses: u8,
    /// Load balancing: each server has addresses of its own, by client class, as the manual demands. False: an operator forgot.
    pub split: bool,
    /// Clients give leases back.
    pub releases: bool,
    /// Most requests of a server that are on their way at once.
    pub in_flight: u8,
    /// Most updates that COMMUNICATION-RECOVERY queues (delayed-updates-limit). 0: there is no such state.
    pub queue: u8,
    /// Rejected updates, by client, that end in TERMINATED (max-rejected-lease-updates).
    pub rejected: u8,
    /// What counts as evidence.
    pub evidence: Evidence,
    /// The standby or secondary server's clock is ahead of the other's, by less than what is not tolerated.
    pub ahead: bool,
    /// A client's answer waits for the partner. False is a mutant.
    pub parks: bool,
    /// PARTNER-DOWN is entered by the rules. False, a repair: only when an operator says so, who has looked.
    pub automatic: bool,
    /// In PARTNER-DOWN a server waits for a lease time before it gives what its partner may have given. A repair.
    pub waits: bool,
    /// An update or deletion that is older than what the partner has is not carried out. A repair.
    pub compares: bool,
    /// Whoever comes up alone serves only if it was the last to serve alone, which is on disk. A repair.
    pub remembers: bool,
    /// Before PARTNER-DOWN ends in NORMAL, each server sends the other what that lacks. A repair.
    pub exchanges: bool,
    /// Faults at most.
    pub faults: Faults,
}

impl KeaHa {
    /// The addresses that may be given to the clients.
    pub fn pool(&self) -> std::ops::Range<u8> {
        match self.pair {
            Pair::LoadBalancing if self.split => self.scope..self.scope + 1,
            _ => 0..self.addresses,
        }
    }

    /// Whether COMMUNICATION-RECOVERY is there. (`kea-ha` section 2: the limit is forced to 0 in hot standby.)
    pub fn recovers(&self) -> bool {
        self.pair == Pair::LoadBalancing && self.queue > 0
    }

    /// Whether a server answers these clients in normal operation.
    pub fn is_own(&self, server: u8, scope: u8) -> bool {
        match self.pair {
            Pair::LoadBalancing => server == scope,
            Pair::HotStandby => server == 0,
        }
    }

    /// The clients of which `client` is one.
    pub fn scope_of(&self, client: u8) -> u8 {
        match (self.pair, self.split) {
            (Pair::HotStandby, _) => 0,
            (Pair::LoadBalancing, true) => self.scope,
            // Nothing keeps the two parts from each other's addresses: one client more or less of each.
            (Pair::LoadBalancing, false) => client % 2,
        }
    }
}

pub(crate) fn keys() -> Vec<Key> {
    let flag = "true or false";
    let few = "a number from 0 to 3";
    vec![
        system_key("mode", "load-balancing or hot-standby", "load-balancing", "how the pair shares its work"),
        system_key("version", "2.2 or 3", "3", "whose rules, where releases of Kea differ"),
        system_key("clients", "a number from 1 to 3", "2", "how many clients"),
        system_key("scope", "0 or 1", "0", "load balancing: whose clients they are, the primary's or the secondary's"),
        system_key("addresses", "1 or 2", "1", "hot standby, and pools that are not split: how many addresses"),
        system_key(
            "split",
            flag,
            "true",
            "load balancing: each server has addresses of its own; false: an operator forgot",
        ),
        system_key("releases", flag, "false", "clients give leases back"),
        system_key("in-flight", "1 or 2", "1", "most requests of a server on their way at once"),
        system_key("queue", "a number from 0 to 2", "1", "delayed-updates-limit; 0: no COMMUNICATION-RECOVERY"),
        system_key("rejected", "1 or 2", "1", "max-rejected-lease-updates; version 3"),
        system_key(
            "evidence",
            "any, true or none",
            "any",
            "which unanswered clients count as evidence; none: max-unacked-clients is 0",
        ),
        system_key("ahead", flag, "false", "the clock of server 1 is ahead, by what is tolerated"),
        system_key("parks", flag, "true", "a client's answer waits for the partner; false is a mutant"),
        system_key(
            "partner-down",
            "automatic or operator",
            "automatic",
            "who decides on PARTNER-DOWN; operator is a repair",
        ),
        system_key("waits", flag, "false", "a repair: PARTNER-DOWN begins with a wait for a lease time"),
        system_key("compares", flag, "false", "a repair: an update older than what is stored is not carried out"),
        system_key("exchanges", flag, "false", "a repair: PARTNER-DOWN ends with an exchange of leases"),
        system_key("remembers", flag, "false", "a repair: that a server served alone is on disk"),
        system_key("crashes", few, "0", "how often a process ends"),
        system_key("power-losses", few, "0", "how often a machine loses power, and what was written of late"),
        system_key("cuts", few, "0", "how often the control link is cut"),
        system_key("lan-cuts", few, "0", "how often a server is cut off from the clients"),
        system_key("late", few, "0", "how often an update is carried out after its time"),
        system_key("slow-syncs", few, "0", "how often a synchronisation takes long to end"),
        system_key("clock-faults", few, "0", "how often clocks come to differ by more than is tolerated"),
        system_key("locked", few, "0", "how often an update meets a lock"),
        system_key("maintenances", few, "0", "how often an operator begins maintenance"),
    ]
}

pub(crate) fn read(system: &Section<'_>) -> KeaHa {
    let few = |name: &str| system.number(name, 0..=3, 0) as u8;
    let one = |name: &str, most: usize, usual: i64| system.number(name, 1..=most as i64, usual) as u8;
    let version = |field: Field<'_>| field.choice(&[("2.2", Version::V2_2), ("3", Version::V3)]);
    let read = KeaHa {
        pair: system.choice(
            "mode",
            &[("load-balancing", Pair::LoadBalancing), ("hot-standby", Pair::HotStandby)],
            Pair::LoadBalancing,
        ),
        version: system.field("version").and_then(version).unwrap_or(Version::V3),
        clients: one("clients", CLIENTS, 2),
        scope: system.number("scope", 0..=1, 0) as u8,
        addresses: one("addresses", ADDRESSES, 1),
        split: system.flag("split", true),
        releases: system.flag("releases", false),
        in_flight: one("in-flight", REQUESTS, 1),
        queue: system.number("queue", 0..=2, 1) as u8,
        rejected: one("rejected", 2, 1),
        evidence: system.choice(
            "evidence",
            &[("any", Evidence::Any), ("true", Evidence::True), ("none", Evidence::None)],
            Evidence::Any,
        ),
        ahead: system.flag("ahead", false),
        parks: system.flag("parks", true),
        automatic: system.choice("partner-down", &[("automatic", true), ("operator", false)], true),
        waits: system.flag("waits", false),
        compares: system.flag("compares", false),
        remembers: system.flag("remembers", false),
        exchanges: system.flag("exchanges", false),
        faults: Faults {
            crashes: few("crashes"),
            power_losses: few("power-losses"),
            cuts: few("cuts"),
            lan_cuts: few("lan-cuts"),
            late: few("late"),
            slow_syncs: few("slow-syncs"),
            clock_faults: few("clock-faults"),
            locked: few("locked"),
            maintenances: few("maintenances"),
        },
    };
    let standby = read.pair == Pair::HotStandby;
    if standby && (!read.split || read.scope != 0) {
        system.fail("mode", "hot standby has one pool, and all clients are the primary's", "split and scope left out");
    }
    read
}
