//! Claims about a lease that a server gives or an address that it gives up, each judged by what is known at that time.

use std::net::Ipv4Addr;

use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_wire::convert::Client;

use crate::address::{
    ACTIVE, Address, BACKUP, EXPIRED, FREE, Holder, RELEASED, RESET, Record, Update, client_name, is_same, status_name,
};
use crate::capture::Micros;
use crate::claims::{Claim, Ledger};
use crate::event::Place;
use crate::say;
use crate::states::{SECOND, Stretch};
use crate::survey::Survey;

/// Times that servers say count whole seconds of their own clocks.
const SLACK: Micros = 2 * SECOND;

/// What an update and a lease came to that crossed.
const UNSURE: &str = "whether the server gave a lease before or after it stored what it accepted is not in the capture";

/// A lease that is told to a client.
pub(crate) struct Grant<'a> {
    pub(crate) at: Micros,
    pub(crate) place: Place,
    pub(crate) address: Ipv4Addr,
    pub(crate) client: &'a Client,
    /// Seconds.
    pub(crate) lease: u32,
    pub(crate) server: Ipv4Addr,
    pub(crate) role: Option<Role>,
    pub(crate) is_offer: bool,
    /// The subnet mask that the client is told; 0 if none.
    pub(crate) mask: u32,
}

pub(crate) fn no_duplicate(known: &Address, grant: &Grant<'_>, survey: &Survey, ledger: &mut Ledger) {
    let is_other = |holder: &&Holder| !is_same(&holder.client, grant.client);
    let overlaps = |holder: &&Holder| {
        let exact = survey.times.of_lease(grant.place, holder.place, holder.has_request);
        holder.until > grant.at + exact
    };
    let other = known.held_at(grant.at).filter(is_other).find(overlaps);
    let by =
        |role: Option<Role>| role.map_or_else(|| "a server".to_owned(), |role| format!("the {}", survey.called(role)));
    let text = || {
        let Some(other) = other else { return String::new() };
        let state = grant.role.and_then(|role| survey.log(role).at(grant.at, 0)).map(Stretch::name);
        let state = state.map_or_else(String::new, |state| format!(" in {state}"));
        format!(
            "{}: {}{state} gave it to {} while {} has it from {}, until {}",
            grant.address,
            by(grant.role),
            client_name(grant.client),
            client_name(&other.client),
            by(other.by),
            say::after_exactly(other.until, grant.at),
        )
    };
    let places = || [grant.place].into_iter().chain(other.map(|other| other.place)).collect();
    ledger.judge(Claim::NoDuplicate, other.is_none(), grant.at, places, text);
}

/// Both servers come to know that an address is FREE, BACKUP or EXPIRED: nobody has it any more then. What was given back
/// or declined has no end to wait for. A server that is handed an address may give it away before its answer leaves: a
/// dhcpd collects its answers.
pub(crate) fn rests(
    survey: &Survey,
    known: &Address,
    sender: Role,
    (address, update): (Ipv4Addr, &Update),
    (at, place): (Micros, Place),
    ledger: &mut Ledger,
) {
    let status = update.record.status;
    if !matches!(status, FREE | BACKUP | EXPIRED) || !known.was_given || known.was_given_back {
        return;
    }
    let after_it = |holder: &&Holder| holder.by == Some(sender.partner()) && holder.since > update.record.at;
    let holder = known.held_at(update.record.at + SLACK).find(|holder| !after_it(holder));
    let text = || {
        let Some(holder) = holder else { return String::new() };
        format!(
            "{address}: the {} told that it is {}, and its partner agreed, while {} has it, until {} after that was told",
            survey.called(sender),
            status_name(status),
            client_name(&holder.client),
            say::span(holder.until - update.record.at),
        )
    };
    let places = || [update.record.place, place].into_iter().chain(holder.map(|holder| holder.place)).collect();
    ledger.judge(Claim::Rests, holder.is_none(), at, places, text);
}

pub(crate) fn mclt_bound(
    survey: &Survey,
    known: &Address,
    grant: &Grant<'_>,
    role: Role,
    state: Option<Reported>,
    ledger: &mut Ledger,
) {
    let claim = Claim::McltBound;
    let Some(mclt) = survey.mclt else { return ledger.open(claim, "MCLT is not in the capture; say it with --mclt") };
    if state == Some(Reported::In(State::PartnerDown)) {
        return;
    }
    let mclt = i64::from(mclt) * SECOND;
    let ends = if grant.lease == u32::MAX { Micros::MAX / 4 } else { grant.at + i64::from(grant.lease) * SECOND };
    let promised = known.promised_to_anybody(role.partner());
    let base = promised.map_or(grant.at, |(until, _)| until.max(grant.at));
    if known.is_unsure[role.partner().index()] && ends > grant.at + mclt + SLACK {
        return ledger.open(claim, UNSURE);
    }
    if ends <= base + mclt + SLACK {
        return ledger.held(claim);
    }
    if !known.is_whole {
        return ledger.open(claim, "what the partner knew of the binding before the capture began is not known");
    }
    if state.is_none() {
        return ledger.open(claim, "the state of the server at that time is not in the capture");
    }
    let text = format!(
        "{}: the {} gave {} a lease of {} s, {} s too long: the partner expects {}, and MCLT is {} s",
        grant.address,
        survey.called(role),
        client_name(grant.client),
        grant.lease,
        (ends - base - mclt) / SECOND,
        promised.map_or_else(|| "nothing".to_owned(), |(until, _)| say::after(until, grant.at)),
        mclt / SECOND,
    );
    let places = [grant.place].into_iter().chain(promised.map(|(_, place)| place)).collect();
    ledger.violated(claim, grant.at, places, text);
}

pub(crate) fn acked_before_reuse(survey: &Survey, known: &Address, grant: &Grant<'_>, role: Role, ledger: &mut Ledger) {
    let Some(theirs) = known.record(role.partner()) else {
        return ledger.open(Claim::AckedBeforeReuse, "no binding update about the address is in the capture");
    };
    let client = theirs.client.as_ref().filter(|client| !is_same(client, grant.client));
    let until = client.map(|client| {
        let promised = known.promised(role.partner(), client).map(|(until, _)| until);
        theirs.ends.into_iter().chain(promised).max().unwrap_or(0)
    });
    let holds = theirs.status != ACTIVE || until.is_none_or(|until| until <= grant.at + SLACK);
    if !holds && known.is_unsure[role.partner().index()] {
        return ledger.open(Claim::AckedBeforeReuse, UNSURE);
    }
    let text = || {
        let (other, until) = (client.map(client_name).unwrap_or_default(), until.unwrap_or(0));
        let (name, new) = (survey.called(role), client_name(grant.client));
        let until = say::after(until, grant.at);
        format!(
            "{}: the {name} gave it to {new} while its partner has it ACTIVE for {other}, until {until}",
            grant.address
        )
    };
    ledger.judge(Claim::AckedBeforeReuse, holds, grant.at, || vec![grant.place, theirs.place], text);
}

/// A lease, or an offer, on an address that is not this client's.
pub(crate) fn own_pool_only(survey: &Survey, known: &Address, grant: &Grant<'_>, role: Role, ledger: &mut Ledger) {
    let claim = own_pool(grant);
    let Some(record) = known.record(role) else {
        return ledger.open(claim, "no binding update about the address is in the capture");
    };
    let holds = record.owner() == Some(role);
    if !holds && known.may_have_heard(role) {
        return ledger
            .open(claim, "whether the server had read that the address was handed over to it is not in the capture");
    }
    if !holds && known.is_unsure[role.index()] {
        return ledger.open(claim, UNSURE);
    }
    if !holds && matches!(record.status, EXPIRED | RELEASED | RESET) {
        return ledger
            .open(claim, "whether the server takes for FREE what it has told to be over is not in the capture");
    }
    if !holds && record.is_untold && known.held_at(grant.at).next().is_none() {
        return ledger
            .open(claim, "what came of the lease before, of which the partner was not told, is not in the capture");
    }
    let text = || {
        let word = if grant.is_offer { "offered" } else { "gave" };
        let (status, client) = (status_name(record.status), client_name(grant.client));
        format!("{}: the {} {word} it to {client} although it is {status}", grant.address, survey.called(role))
    };
    ledger.judge(claim, holds, grant.at, || vec![grant.place, record.place], text);
}

/// The claim about pools that is judged there.
pub(crate) fn own_pool(grant: &Grant<'_>) -> Claim {
    if grant.is_offer { Claim::OwnPoolOffered } else { Claim::OwnPoolOnly }
}

/// Until when an address rests in PARTNER-DOWN, and until when its client may have it.
fn rests_until(known: &Address, record: &Record, role: Role, down: &Stretch, mclt: u32) -> (Micros, Option<Micros>) {
    let promised = record.holder().and_then(|client| known.promised(role, client)).map(|(until, _)| until);
    let latest = record.holder().and(record.ends.into_iter().chain(promised).max());
    (latest.unwrap_or(down.from).max(down.from) + i64::from(mclt) * SECOND, latest)
}

/// A server in PARTNER-DOWN tells that an address has become available.
pub(crate) fn made_available(
    survey: &Survey,
    known: &Address,
    (address, update): (Ipv4Addr, &Update),
    role: Role,
    down: &Stretch,
    ledger: &mut Ledger,
) {
    let claim = Claim::PartnerDownWait;
    let (Some(record), Some(mclt)) = (known.record(role), survey.mclt) else { return };
    let is_own = record.owner() == Some(role);
    if !update.record.is_available() || is_own || record.status == update.record.status {
        return;
    }
    // The partner itself has said since that it does not lease it.
    let theirs = known.record(role.partner()).filter(|theirs| theirs.at > down.from && theirs.status != ACTIVE);
    let (may, _) = rests_until(known, record, role, down, mclt);
    let at = update.record.at;
    let text = || {
        let (early, name) = (say::span(may - at), survey.called(role));
        let (was, is) = (status_name(record.status), status_name(update.record.status));
        format!("{address}: the {name} made it {is} in PARTNER-DOWN, {early} too early; it was {was}")
    };
    let places = || vec![update.record.place, record.place, down.place];
    ledger.judge(claim, theirs.is_some() || at + SLACK >= may, at, places, text);
}

pub(crate) fn partner_down_wait(
    survey: &Survey,
    known: &Address,
    grant: &Grant<'_>,
    role: Role,
    down: &Stretch,
    ledger: &mut Ledger,
) {
    let claim = Claim::PartnerDownWait;
    let Some(mclt) = survey.mclt else { return ledger.open(claim, "MCLT is not in the capture; say it with --mclt") };
    let record = known.record(role).or_else(|| known.record(role.partner()));
    let Some(record) = record else {
        return ledger.open(claim, "no binding update about the address is in the capture");
    };
    let given_since = known.holders.iter().any(|h| h.by == Some(role) && h.since > down.from);
    if record.owner() == Some(role) || record.at > down.from && given_since {
        return ledger.held(claim);
    }
    let (may, latest) = rests_until(known, record, role, down, mclt);
    let text = || {
        let whose = match (record.holder(), latest) {
            (Some(client), Some(latest)) => {
                let until = say::after(latest, grant.at);
                format!("the partner may have let {} have it until {until} and MCLT more", client_name(client))
            }
            _ => format!("it is {} and so the partner's", status_name(record.status)),
        };
        let early = say::span(may - grant.at);
        let entered = say::span(grant.at - down.from);
        format!(
            "{}: the {} gave it to {} in PARTNER-DOWN, {early} too early: entered {entered} before; {whose}",
            grant.address,
            survey.called(role),
            client_name(grant.client)
        )
    };
    let places = || vec![grant.place, record.place, down.place];
    ledger.judge(claim, grant.at + SLACK >= may, grant.at, places, text);
}
