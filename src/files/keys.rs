//! The reference of model and scenario files: every key, what it accepts, its default, what it is for.
//!
//! Unknown keys are told from known ones by this list, and error messages quote it, so it cannot drift.

use crate::rows::{Row, rule_keys};
use crate::settings;
use dhcpfo_engine::rules::Rules;
use dhcpfo_engine::span;
use dhcpfo_time::Span;
use dhcpfo_world::budget::Item;

pub use dhcpfo_header::keys::Key;

const MODEL: &[Row] = &[
    ("", "protocol", "draft-12, or another one (dhcpfo list protocols)", "draft-12", "whose model this is"),
    ("", "title", "a line of text", "", "what the model shows; not taken from a base"),
    (
        "",
        "class",
        "smoke, full, study or broken",
        "",
        "smoke: each run of CI; full: nightly; study: by hand; broken: must be refuted; not taken from a base",
    ),
    ("", "about", "text", "none", "what it is for, and why its bounds suffice; not taken from a base"),
    (
        "",
        "base",
        "the path of a model file, relative to this one",
        "none",
        "a model that this one changes: its keys hold where this file has none",
    ),
    (
        "",
        "dialect",
        "a dialect (dhcpfo list rules), or { primary = \"…\", secondary = \"…\" }",
        "draft-12",
        "the named set of readings with which [rules] begins",
    ),
    ("", "clock", "timeout-order, ticks, exact, lazy, lazy-exact or untimed", "timeout-order", "the notion of time"),
    ("", "claims", "a list of claims (dhcpfo list claims), at most 32, or \"all\"", "", "what must hold"),
    (
        "",
        "reaches",
        "a list of witnesses (dhcpfo list witnesses), at most 32",
        "[]",
        "what must be reachable, so that an empty search cannot pass",
    ),
    (
        "system",
        "addresses",
        "a list of 1 to 4 owners, each \"primary\" or \"secondary\"",
        "[\"primary\"]",
        "the addresses a0, a1, … and who may lease them at the start",
    ),
    (
        "system",
        "clients",
        "a number from 1 to 4",
        "2",
        "how many clients, all in hash bucket 200; or give their buckets",
    ),
    (
        "system",
        "buckets",
        "a list of 1 to 4 hash buckets, each from 0 to 255",
        "200 for each client",
        "the clients' RFC 3074 hash buckets, in place of clients",
    ),
    (
        "system",
        "groups",
        "a list with the group of each address: [0, 0, 1]",
        "one group",
        "pool groups, such as links: available addresses are shared out group by group, and a client that asks for an address is on its link",
    ),
    (
        "system",
        "reserved",
        "{ a0 = 0 }: addresses of this model, each with the number of a client",
        "{}",
        "addresses that only this client may have",
    ),
    (
        "system",
        "start",
        "normal, stopped or blank",
        "normal",
        "both in NORMAL and connected; both off; both off with nothing on stable storage",
    ),
    (
        "system",
        "exchange",
        "whole or packets",
        "whole",
        "a client and a server settle a lease in one action, or packet by packet",
    ),
    (
        "system",
        "delay",
        "none, bounded or unbounded",
        "none",
        "how long a message between the servers may be under way: no time, message-age, or for ever",
    ),
    (
        "system",
        "anchor",
        "request or receipt",
        "request",
        "when a client starts to count its lease: when it asked, or when the answer came",
    ),
    ("system", "max-unacked", "a number from 1 to 4", "4", "max-unacked-bndupd of both servers"),
    (
        "system",
        "split",
        "a number from 0 to 256",
        "128",
        "so many hash buckets, the lowest, are the secondary's; 0 is hot standby",
    ),
    (
        "system",
        "secondary-share",
        "a number from 0 to 100",
        "50",
        "percent of the available addresses of a group that the secondary should have",
    ),
    (
        "system",
        "pool-slack",
        "a number from 0 to 4",
        "none: only when asked",
        "by how many addresses the balance of a group may be off before the primary acts",
    ),
    ("system", "pool-requests", "true or false", "false", "the secondary asks for addresses when it enters NORMAL"),
    (
        "system",
        "cover",
        "true or false",
        "false",
        "in NORMAL a client of the partner's hash bucket is answered if the partner has no address for it",
    ),
    ("system", "safe-period", "true or false", "false", "COMMUNICATIONS-INTERRUPTED ends in PARTNER-DOWN by itself"),
    (
        "system",
        "remember-last",
        "true or false",
        "false",
        "available addresses remember their latest client, and servers prefer it",
    ),
    (
        "system",
        "truthful",
        "true or false",
        "true",
        "nobody is in PARTNER-DOWN while the partner serves (failover-12 §9.4), and nobody resets an address that is held",
    ),
    (
        "system",
        "late-packets",
        "true or false",
        "false",
        "packets of clients may be under way for any time (`exchange = \"packets\"`)",
    ),
    ("system", "split-steps", "true or false", "true", "a crash may fall between two effects of a step"),
    (
        "system",
        "symmetry",
        "a list of \"clients\" and \"addresses\"",
        "[\"clients\"]",
        "what is alike is not told apart; addresses: at least two unreserved ones",
    ),
    (
        "time",
        "order",
        "a list of chains such as \"mclt < lease < potential\"",
        "[\"mclt < lease\", \"lease < potential\"]",
        "which lengths of time are known to be shorter than which",
    ),
    (
        "time",
        "free",
        "a list of \"startup\" and \"safe-period\"",
        "[\"startup\", \"safe-period\"]",
        "those of which only is known that they pass some time; deadlines of the others are compared with each other",
    ),
    (
        "changed",
        "mclt",
        "mclt or other-mclt",
        "mclt",
        "the MCLT of a server whose configuration has changed; a secondary takes its primary's when they connect",
    ),
    (
        "changed",
        "smaller-mclt",
        "refused or taken",
        "refused",
        "what a secondary does about a primary whose MCLT is smaller than the one it has: no connection, or it takes it",
    ),
    (
        "changed",
        "lease",
        "mclt, other-mclt, lease or potential",
        "lease",
        "the lease that such a server would like to give",
    ),
    ("changed", "split", "a number from 0 to 256", "as in system", "its hash buckets, of which the primary's count"),
    ("changed", "secondary-share", "a number from 0 to 100", "as in system", "its share for the secondary"),
    ("changed", "pool-slack", "a number from 0 to 4", "as in system", "by how much it lets the balance be off"),
    (
        "changed",
        "reserved",
        "{ a0 = 0 }: addresses of this model, each with the number of a client",
        "as in system",
        "its reservations, all of them; {} for none",
    ),
    (
        "fair",
        "weak",
        "a list of conditions (dhcpfo list fairness)",
        "[]",
        "what happens if it is possible all the time, for claims of what leads to what",
    ),
    (
        "fair",
        "strong",
        "a list of conditions (dhcpfo list fairness)",
        "[]",
        "what happens again and again if it is possible again and again",
    ),
    ("limits", "depth", "a number from 0 to 1000000", "none", "most protocol actions on a path"),
    ("limits", "states", "a number from 1 to 4000000000", "none", "stop when so many states are stored"),
    ("limits", "memory-mib", "a number from 1 to 1048576", "none", "stop when the search has so many MiB"),
    ("limits", "seconds", "a number from 1 to 31536000", "none", "stop after so many seconds"),
    (
        "expect",
        "verdict",
        "holds, refuted or cut-off",
        "holds",
        "what a search must find; not taken from a base, like all of [expect]",
    ),
    (
        "expect",
        "states",
        "a number from 1",
        "not compared",
        "unique states, where every run has the same: with holds, and with cut-off by depth",
    ),
    ("expect", "claim", "one of the model's claims", "the only claim", "with refuted: which claim is"),
    (
        "expect",
        "length",
        "a number from 0",
        "not compared",
        "with refuted: protocol actions of a shortest counterexample",
    ),
    ("expect", "bound", "depth, states, memory, seconds or room", "", "with cut-off: by what"),
    (
        "expect",
        "twin",
        "true or false",
        "true",
        "with refuted: whether the claim holds with the repaired rules (check --twins)",
    ),
];

const SCENARIO: &[Row] = &[
    ("", "title", "a line of text", "", "what is shown"),
    ("", "model", "the path of a model file, relative to this one", "", "the model that is played"),
    ("", "dialect", "a dialect (dhcpfo list rules)", "the model's", "play with these readings of both servers instead"),
    ("", "cites", "a list of sections such as \"failover-12 §9.9.2\"", "[]", "what it illustrates"),
    (
        "",
        "lengths",
        "seconds or small",
        "seconds",
        "play with the model's [time.seconds], or with [time.small], a unit a second",
    ),
    ("", "script", "lines of a script", "", "what happens: see the words below"),
    (
        "expect",
        "refutes",
        "a claim of the model, a list of them, or \"nothing\"",
        "nothing",
        "exactly the claims that the script refutes",
    ),
];

/// Lines that scripts consist of, each with what it does.
pub const SCRIPT_WORDS: &[(&str, &str)] = &[
    ("# …", "a comment; it appears in the transcript"),
    ("# round: …", "the same, and a line across the diagram: where a run goes round for ever"),
    ("ACTION", "any action of a counterexample: client 0 obtain a0 primary, link down, crash primary, …"),
    (
        "ACTION, crash after 2",
        "the server that acts crashes when two of its effects are carried out; what it only notes is none",
    ),
    ("wait 30m", "time passes: 90, 90s, 30m, 1h, 3d, 4d12h"),
    ("at 2d3h ACTION", "time passes until so long after the beginning; then the action, if one is given"),
    ("settle", "all that is in flight is delivered, to the primary and the secondary in turn, until it is quiet"),
    ("expect primary NORMAL", "the state of a server; STARTUP, PAUSED, SHUTDOWN and off are states, too"),
    (
        "expect a0 secondary ACTIVE 0",
        "what a server has recorded for an address: status, and client where one belongs to it",
    ),
    ("expect client 1 a0", "what a client holds: an address, or none"),
    ("expect link up", "whether there is a connection: up or down"),
    ("expect refuted CLAIM", "the claim has been refuted by now"),
];

const BUDGET: &str = "a number from 0 to 254, or \"unlimited\"";
const BUDGETS: [&str; dhcpfo_world::budget::ITEMS] = [
    "a server crashes",
    "a crash that also destroys stable storage",
    "the connection between the servers breaks",
    "an operator declares the partner down",
    "an operator pauses a server",
    "an operator shuts a server down",
    "an operator makes an address available again",
    "an operator asks for the balance to be restored",
    "a lease is given or extended",
    "a client gives its address back",
    "a client finds its address in use",
    "a client is rebooted and asks for its address again",
    "an answer to a client is lost",
    "a message between client and server is duplicated",
    "a client gives its address back, or finds it in use, and says so to the server that did not give the lease; \
     each takes of releases or declines as well",
    "a client that has an address asks for parameters alone",
    "an operator declares the partner down as of the instant at which it stopped serving",
    "the same as of the loss of contact, though the partner may have served after it",
    "a server's stable storage is copied, and the copy may be put back while that server is off",
    "an operator puts a server into a state (truthful: PARTNER-DOWN or RECOVER; else any)",
    "the connection carries nothing any more in one direction",
    "a server connects anew to a partner that still believes in the old connection",
    "a server is restarted with the configuration of [changed], or back with that of [system]",
    "both servers, while off, are given each other's role",
    "a client turns to its other interface, which has the same client identifier and may get a lease of its own",
];

/// Default lengths in units of the `ticks` and `exact` clocks, and in seconds, for every span.
pub(crate) const LENGTHS: [(Span, u32, u32, &str); 8] = [
    (span::MCLT, 1, 3_600, "1; 1h"),
    (span::OTHER_MCLT, 2, 7_200, "2; 2h"),
    (span::DESIRED_LEASE, 3, 259_200, "3; 3d"),
    (span::POTENTIAL_LEAD, 4, 388_800, "4; 4d12h"),
    (span::SAFE_PERIOD, 2, 86_400, "2; 1d"),
    (span::STARTUP, 1, 30, "1; 30s"),
    (span::ABANDON_TIME, 2, 86_400, "2; 1d"),
    (span::MESSAGE_AGE, 1, 60, "1; 1m"),
];

const SPANS: [&str; 8] = [
    "maximum client lead time",
    "a second MCLT, used by a secondary that does not take the primary's",
    "the lease that a server would like to give",
    "how far ahead of now a potential-expiration-time is set",
    "COMMUNICATIONS-INTERRUPTED to PARTNER-DOWN without an operator",
    "how long STARTUP lasts without a word from the partner",
    "how long an address stays ABANDONED where that ends by itself",
    "how old a message may get in flight",
];

fn key(&(section, name, accepted, default, about): &Row) -> Key {
    Key { section, name, accepted: accepted.to_owned(), default, about }
}

/// Every key of model files, section by section.
pub fn model_keys() -> Vec<Key> {
    let mut keys: Vec<Key> = MODEL.iter().map(key).collect();
    let budgets = Item::WORDS.iter().zip(BUDGETS);
    keys.extend(budgets.map(|((_, name), about)| key(&("budgets", name, BUDGET, "0", about))));
    for ((span, _, _, default), about) in LENGTHS.iter().zip(SPANS) {
        let (small, seconds) = default.split_once("; ").unwrap_or((default, default));
        keys.push(key(&("time.small", span::name(*span), "a number of units from 1 to 20", small, about)));
        keys.push(key(&("time.seconds", span::name(*span), "seconds, or text such as \"4d12h\"", seconds, about)));
    }
    keys.sort_by_key(|key| key.section == "time.seconds");
    keys.extend(rule_keys());
    let order =
        ["", "system", "budgets", "changed", "time", "time.small", "time.seconds", "rules", "fair", "limits", "expect"];
    keys.sort_by_key(|key| order.iter().position(|section| *section == key.section));
    keys
}

/// Every key of scenario files.
pub fn scenario_keys() -> Vec<Key> {
    let rules = rule_keys();
    let rules = rules.map(|key| Key { default: "the model's", ..key });
    SCENARIO.iter().map(key).chain(rules).collect()
}

/// Every key of server configurations.
pub fn server_keys() -> Vec<Key> {
    crate::keys_server::SERVER.iter().map(key).collect()
}

/// Every key of simulation files.
pub fn simulation_keys() -> Vec<Key> {
    settings::keys()
}

/// The sections of a server configuration.
const SECTIONS: [&str; 6] = ["listen", "store", "control", "failover", "subnet", "reservation"];

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Model,
    Scenario,
    Server,
    Simulation,
}

/// What may stand in a section: keys, and sections below it. None: any key, checked elsewhere.
pub(crate) fn known(kind: Kind, section: &str) -> Option<Vec<&'static str>> {
    let rows = match kind {
        Kind::Model => model_keys(),
        Kind::Scenario => scenario_keys(),
        Kind::Server => server_keys(),
        Kind::Simulation => simulation_keys(),
    };
    let mut names: Vec<&'static str> = match section {
        "system.reserved" | "changed.reserved" | "subnet.options" => return None,
        "dialect" => return Some(vec!["primary", "secondary"]),
        "rules.primary" | "rules.secondary" => {
            return known(kind, "rules").map(|mut names| {
                names.retain(|name| !["primary", "secondary"].contains(name));
                names
            });
        }
        _ => rows.iter().filter(|key| key.section == section).map(|key| key.name).collect(),
    };
    match (kind, section) {
        (Kind::Model, "") => {
            names.extend(["system", "budgets", "changed", "time", "rules", "fair", "limits", "expect"])
        }
        (Kind::Model, "time") => names.extend(["small", "seconds"]),
        (Kind::Model, "rules") => names.extend(["primary", "secondary"]),
        (Kind::Scenario, "") => names.extend(["rules", "expect"]),
        (Kind::Server, "") => names.extend(SECTIONS),
        (Kind::Simulation, "") => names.extend(settings::SECTIONS),
        _ => {}
    }
    Some(names)
}

/// Whether this is a section rather than a key.
pub(crate) fn is_section(kind: Kind, full: &str) -> bool {
    let model = [
        "system",
        "system.reserved",
        "changed",
        "changed.reserved",
        "budgets",
        "time",
        "time.small",
        "time.seconds",
        "rules",
        "rules.primary",
        "rules.secondary",
        "fair",
        "limits",
        "expect",
        "dialect",
    ];
    match kind {
        Kind::Model => model.contains(&full),
        Kind::Scenario => ["rules", "expect"].contains(&full),
        Kind::Simulation => settings::SECTIONS.contains(&full),
        Kind::Server => SECTIONS.contains(&full) || full == "subnet.options",
    }
}

/// What a key accepts, for error messages.
pub(crate) fn accepted(section: &str, key: &str) -> String {
    let section = match section {
        "rules.primary" | "rules.secondary" => "rules",
        "dialect" => return Rules::DIALECTS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
        "system.reserved" => return accepted("system", "reserved"),
        "changed.reserved" => return accepted("changed", "reserved"),
        section => section,
    };
    let fits = |k: &Key| k.section == section && k.name == key;
    let found =
        model_keys().into_iter().chain(scenario_keys()).chain(server_keys()).chain(simulation_keys()).find(fits);
    found.map(|key| key.accepted).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_in_one_place_and_says_what_it_is_for() {
        for keys in [model_keys(), scenario_keys(), server_keys(), simulation_keys()] {
            for (i, key) in keys.iter().enumerate() {
                assert!(!key.accepted.is_empty() && !key.about.is_empty(), "{key:?}");
                let same = |other: &&Key| (other.section, other.name) == (key.section, key.name);
                assert_eq!(keys.iter().filter(same).count(), 1, "{i}: {key:?}");
            }
        }
    }

    #[test]
    fn accepted_readings_are_those_of_the_engine() {
        assert_eq!(accepted("rules.secondary", "mute"), "never, sticky");
        assert!(known(Kind::Model, "rules").unwrap().contains(&"lead-base"));
        assert!(known(Kind::Model, "budgets").unwrap().len() == dhcpfo_world::budget::ITEMS);
    }
}
