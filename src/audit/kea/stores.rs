//! The lease files of both servers, held against each other.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::claims::Claim;
use super::store::Store;
use crate::capture::Micros;
use crate::claims::Ledger;
use crate::say;

/// Seconds by which the ends of a lease may differ: each server rounds by its own clock.
const ROUNDED: i64 = 1;

/// Judges two lease files as they were when the later of them was last written.
pub(crate) fn judge(stores: &[Store], names: &[String], remarks: &mut Vec<String>, ledger: &mut Ledger<Claim>) {
    let known: Vec<&Store> = stores.iter().filter(|store| store.is_known).collect();
    let [one, other] = known.as_slice() else {
        if !known.is_empty() {
            let reason = if known.len() == 1 {
                "the lease file of one server only"
            } else {
                "more than two lease files: of which pair?"
            };
            ledger.open(Claim::LeasesAgree, reason);
        }
        return;
    };
    let at = one.latest.max(other.latest);
    let name = |store: &Store| names.get(store.file).map_or("", String::as_str).to_owned();
    let addresses: BTreeSet<Ipv4Addr> = one.leases.keys().chain(other.leases.keys()).copied().collect();
    let clock = say::clock(at.saturating_mul(1_000_000));
    remarks.push(format!(
        "leases were compared as they were at {clock} UTC, the latest time in {} and {}",
        name(one),
        name(other)
    ));
    for address in addresses {
        let (mine, theirs) = (one.runs(address, at), other.runs(address, at));
        let when = at.saturating_mul(1_000_000) as Micros;
        let violated = |ledger: &mut Ledger<Claim>, text: String| {
            let places = [mine, theirs].into_iter().flatten().map(|lease| lease.place).collect();
            ledger.violated(Claim::LeasesAgree, when, places, text);
        };
        match (mine, theirs) {
            (None, None) => {}
            (Some(lease), None) | (None, Some(lease)) => {
                let (has, lacks) = if mine.is_some() { (one, other) } else { (other, one) };
                let lacks_at_all = lacks.leases.get(&address).is_none_or(|lease| lease.valid == 0);
                let how = if lacks_at_all { "has no lease of it" } else { "has one that is over" };
                violated(
                    ledger,
                    format!("{address}: {} has it for {}, and {} {how}", name(has), lease.client(), name(lacks)),
                );
            }
            (Some(mine), Some(theirs)) if !mine.is_same_client(theirs) => {
                let text = format!(
                    "{address}: {} has it for {}, and {} for {}",
                    name(one),
                    mine.client(),
                    name(other),
                    theirs.client()
                );
                violated(ledger, text);
            }
            (Some(mine), Some(theirs)) if (mine.expires - theirs.expires).abs() > ROUNDED => {
                let later = mine.expires - theirs.expires;
                let (early, late) = if later > 0 { (other, one) } else { (one, other) };
                let text = format!(
                    "{address}: {} lets {} have it {} s longer than {}",
                    name(late),
                    mine.client(),
                    later.abs(),
                    name(early)
                );
                violated(ledger, text);
            }
            (Some(_), Some(_)) => ledger.held(Claim::LeasesAgree),
        }
    }
}
