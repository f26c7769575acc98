//! One binding update: the engine's to the wire's and back (failover-12 §7.1.1, §12).

use std::net::Ipv4Addr;

use dhcpfo_engine::binding::{Code, Status};
use dhcpfo_engine::message::{BndUpd, Transaction};
use dhcpfo_time::Time;

use super::{Client, Directory, Skew};
use crate::message::{Binding, Refusal};
use crate::number::Reject;
use crate::option::Flags;
use crate::profile::{Expirations, Profile};

/// Longest hardware type and address that is taken, in octets: chaddr has 16 (RFC 2131 §2).
const LONGEST_HARDWARE_ADDRESS: usize = 17;
/// Longest client-identifier that is taken, in octets: DHCP option 61 has at most 255.
const LONGEST_IDENTIFIER: usize = 255;

/// What the engine is told, or why the binding is refused without asking it.
pub(super) fn received(
    binding: &Binding,
    transaction: Transaction,
    profile: &Profile,
    skew: &Skew,
    directory: &mut dyn Directory,
) -> Result<BndUpd, Refusal> {
    let refuse = |reason, text: String| Err(Refusal::new(reason, text));
    let Some(address) = directory.address_id(binding.address) else {
        return refuse(Reject::ILLEGAL_ADDRESS, format!("{} is in no pool of this relationship", binding.address));
    };
    let status = status(binding, directory)?;
    let active = status.code() == Code::Active;
    if active && (is_none(binding.lease_expiration) || is_none(binding.potential_expiration)) {
        let text = "ACTIVE without lease-expiration-time or potential-expiration-time";
        return refuse(Reject::MISSING_BINDING, text.into());
    }
    let time = |time: Option<u32>| time.map_or(Time::LONG_AGO, |time| skew.received(time, profile.infinite));
    // What is waited for is rounded up.
    let end = |said: Option<u32>| {
        let known = said.filter(|&said| said != 0 && said != profile.infinite);
        time(known.map(|said| said.saturating_add(profile.outlasts)).or(said))
    };
    let lease_expiration = end(binding.lease_expiration);
    let mut client_last_transaction = time(binding.client_last_transaction);
    if profile.released_at_expiration && status.code() == Code::Released {
        let end = time(binding.lease_expiration);
        client_last_transaction = Time::from_raw(client_last_transaction.raw().max(end.raw()));
    }
    Ok(BndUpd {
        transaction,
        address,
        status,
        reserved: binding.flags.unwrap_or_default().0 & Flags::RESERVED != 0,
        lease_expiration,
        potential_expiration: end(binding.potential_expiration),
        client_last_transaction,
        start_of_status: time(binding.start_of_state),
    })
}

/// dhcpd writes 0 for a time that it does not have.
fn is_none(time: Option<u32>) -> bool {
    matches!(time, None | Some(0))
}

fn status(binding: &Binding, directory: &mut dyn Directory) -> Result<Status, Refusal> {
    let missing = |text: &str| Refusal::new(Reject::MISSING_BINDING, text);
    let code = binding.status.ok_or_else(|| missing("no binding-status"))?;
    let whose = |directory: &mut dyn Directory| -> Result<_, Refusal> {
        client(binding, directory)?.ok_or_else(|| missing("no client-hardware-address"))
    };
    Ok(match code {
        1 => Status::Free { last: client(binding, directory)? },
        2 => Status::Active { client: whose(directory)? },
        3 => Status::Expired { client: whose(directory)? },
        4 => Status::Released { client: whose(directory)? },
        // No client may appear (table 7.1.1-1); one that does says nothing.
        5 => Status::Abandoned,
        6 => Status::Reset,
        7 => Status::Backup { last: client(binding, directory)? },
        code => return Err(Refusal::new(Reject::UNKNOWN, format!("binding-status {code}; 1 to 7 are known"))),
    })
}

fn client(
    binding: &Binding,
    directory: &mut dyn Directory,
) -> Result<Option<dhcpfo_engine::binding::ClientId>, Refusal> {
    let Some(hardware_address) = binding.client_hardware_address.clone() else {
        // Without chaddr no client is named, whatever else is there (failover-12 §7.1.1).
        return Ok(None);
    };
    // An empty identifier names nobody (RFC 2132 §9.14: at least 2 octets).
    let identifier = binding.client_identifier.clone().filter(|identifier| !identifier.is_empty());
    if hardware_address.len() > LONGEST_HARDWARE_ADDRESS {
        let text = format!("client-hardware-address of {} octets; at most 17 are taken", hardware_address.len());
        return Err(Refusal::new(Reject::UNKNOWN, text));
    }
    if identifier.as_ref().is_some_and(|identifier| identifier.len() > LONGEST_IDENTIFIER) {
        return Err(Refusal::new(Reject::UNKNOWN, "client-identifier of more than 255 octets"));
    }
    if hardware_address.is_empty() && identifier.is_none() {
        return Ok(None);
    }
    match directory.client_id(&Client { identifier, hardware_address }) {
        Some(id) => Ok(Some(id)),
        None => Err(Refusal::new(Reject::UNKNOWN, "no room for one more client")),
    }
}

/// What the partner is told; None if the directory does not know the address, or the client that must be named.
pub(super) fn sent(update: &BndUpd, profile: &Profile, skew: &Skew, directory: &dyn Directory) -> Option<Binding> {
    let address = directory.address(update.address)?;
    let mut binding = blank(address);
    directory.extras(&mut binding);
    permit(&mut binding, profile);
    let code = update.status.code();
    let client = update.status.client().map(|id| directory.client(id));
    match (code, client) {
        (Code::Active | Code::Expired | Code::Released, client) => name(&mut binding, client.flatten()?),
        (_, Some(Some(client))) if profile.names_past_client => name(&mut binding, client),
        _ => {}
    }
    let time = |time: Time| if profile.corrects_times { time.raw() } else { skew.for_partner(time, profile.infinite) };
    let known = |value: Time| (value != Time::LONG_AGO).then(|| time(value));
    let always = profile.expirations == Expirations::Always;
    let expiration = |value: Time| if always { Some(time(value)) } else { known(value) };
    binding.status = Some(code as u8);
    binding.lease_expiration = match (code, update.lease_expiration, profile.abandoned_until) {
        (Code::Abandoned, Time::LONG_AGO, Some(until)) => Some(until),
        (_, end, _) => expiration(end),
    };
    binding.potential_expiration = expiration(potential(update, always));
    binding.start_of_state = Some(time(update.start_of_status));
    binding.client_last_transaction = known(update.client_last_transaction);
    let bootp = binding.flags.unwrap_or_default().0 & Flags::BOOTP;
    let flags = bootp | if update.reserved { Flags::RESERVED } else { 0 };
    binding.flags = (flags != 0).then_some(Flags(flags));
    Some(binding)
}

/// A dhcpd stores the potential-expiration-time that it is sent, and takes a missing one for 0: with nothing
/// promised the start of the status is what it sends itself.
fn potential(update: &BndUpd, always: bool) -> Time {
    match (update.potential_expiration, always) {
        (Time::LONG_AGO, true) => update.start_of_status,
        (time, _) => time,
    }
}

fn blank(address: Ipv4Addr) -> Binding {
    Binding {
        address,
        status: None,
        client_identifier: None,
        client_hardware_address: None,
        lease_expiration: None,
        potential_expiration: None,
        start_of_state: None,
        client_last_transaction: None,
        flags: None,
        client_request_options: None,
        client_reply_options: None,
        ddns: None,
    }
}

fn permit(binding: &mut Binding, profile: &Profile) {
    if !profile.ddns {
        binding.ddns = None;
    }
    if !profile.client_options {
        binding.client_request_options = None;
        binding.client_reply_options = None;
    }
}

fn name(binding: &mut Binding, client: Client) {
    binding.client_identifier = client.identifier;
    binding.client_hardware_address = Some(client.hardware_address);
}
