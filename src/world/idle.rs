//! What a model allows and can never happen in it: a search with such a budget says less than it seems to.

use crate::budget::Item;
use crate::model::{Anchor, Exchange, Model, Start};

/// Why a budget of a model can never be used, whatever happens; None: nothing says so beforehand.
pub fn why_idle(model: &Model, item: Item) -> Option<&'static str> {
    let has = |item| model.budgets.left(item) > 0;
    let packets = model.exchange == Exchange::Packets;
    let serves_apart = has(Item::Crashes) || has(Item::Pauses) || has(Item::Shutdowns) || model.start != Start::Normal;
    match item {
        Item::StorageLosses if !has(Item::Crashes) => Some("a crash takes the storage with it, and `crashes` is 0"),
        Item::PartnerDowns if model.truthful && !serves_apart => Some(
            "a truthful operator declares down what does not serve, and nothing stops a server: `crashes`, `pauses` and \
             `shutdowns` are 0",
        ),
        Item::DatedPartnerDowns | Item::MisdatedPartnerDowns if !serves_apart => {
            Some("no server ever stops serving: `crashes`, `pauses` and `shutdowns` are 0")
        }
        Item::Backups | Item::Changes | Item::RoleSwaps if !serves_apart => {
            Some("no server is ever off: `crashes`, `pauses` and `shutdowns` are 0")
        }
        Item::HalfOpenConnections if !serves_apart && !has(Item::LinkBreaks) && !has(Item::OneWayBreaks) => Some(
            "the connection never breaks: `link-breaks`, `one-way-breaks`, `crashes`, `pauses` and `shutdowns` are 0",
        ),
        Item::SecondLeases if !has(Item::Leases) => Some("no client ever gets a lease: `leases` is 0"),
        Item::Resets if model.truthful && !(has(Item::Declines) && has(Item::Leases)) => {
            Some("a truthful operator resets ABANDONED addresses alone, and no client declines one")
        }
        Item::Losses if packets => Some("packets are lost without a budget (`exchange = \"packets\"`)"),
        Item::Duplicates if !packets => Some("there are no packets (`exchange = \"whole\"`)"),
        Item::Releases | Item::Declines | Item::Informs | Item::Losses | Item::Duplicates if !has(Item::Leases) => {
            Some("no client ever gets a lease: `leases` is 0")
        }
        Item::Reboots if model.budgets.left(Item::Leases) < 2 => {
            Some("a client that is rebooted asks for the lease that it has: `leases` has to be 2 at least")
        }
        Item::Strays if !(has(Item::Leases) && (has(Item::Releases) || has(Item::Declines))) => {
            Some("no client gives an address back: `releases` and `declines` are 0, or `leases` is")
        }
        _ => None,
    }
}

/// What of a model's settings besides its budgets has nothing to act on, as the key in `[system]`, with the reason.
pub fn idle_settings(model: &Model) -> Vec<(&'static str, &'static str)> {
    let whole = model.exchange == Exchange::Whole;
    let settings = [
        ("late-packets", model.late_packets, "there are no packets (`exchange = \"whole\"`)"),
        ("anchor", model.anchor == Anchor::Receipt, "an answer is received when it is given (`exchange = \"whole\"`)"),
    ];
    settings.into_iter().filter(|(_, given, _)| whole && *given).map(|(key, _, why)| (key, why)).collect()
}
