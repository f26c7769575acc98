//! On which link a client is: that of the relay agent that speaks for it, or that of the interface by which its packet
//! came, and never another.

use std::net::Ipv4Addr;

use dhcpfo_wire::client::{Asked, Packet};

use crate::io::interfaces::Arrival;
use crate::plan::Plan;

/// The link of a client, by its place in the plan.
///
/// # Errors
/// Why it cannot be told, or is none of this server's.
pub(super) fn link(
    plan: &Plan,
    server: Ipv4Addr,
    packet: &Packet,
    asked: &Asked,
    by: &Arrival,
) -> Result<usize, String> {
    let known =
        |address: Ipv4Addr| plan.link_of(address).ok_or_else(|| format!("{address} is on no link of this server"));
    let relayed = !packet.giaddr.is_unspecified();
    // A relay agent knows best. On an address that is not an interface's, a client may name a link as well (RFC 3011).
    if let Some(address) = packet.selected_link().filter(|_| relayed || !by.is_of_interface) {
        return known(address);
    }
    if relayed {
        return known(packet.giaddr);
    }
    // It has an address, perhaps by way of a relay agent, and says so to this server alone: that may come by any way.
    if let (true, Some(own)) = (by.is_unicast, own_address(asked)) {
        return known(own);
    }
    let here = by.interface.addresses.iter().find_map(|address| plan.link_of(*address));
    if let Some(here) = here {
        return Ok(here);
    }
    let name = &by.interface.name;
    if !by.interface.is_loopback && !by.interface.addresses.is_empty() {
        return Err(format!("no subnet of this server has an address of {name}, by which it came"));
    }
    // Loopback, and an interface without address, say nothing.
    let wish = match asked {
        Asked::Decline { address, .. } | Asked::Reboot(address) => plan.link_of(*address),
        _ => None,
    };
    match plan.links.len() {
        1 => Ok(0),
        _ if !by.interface.is_loopback => Err(format!("{name} has no address that says which link it is")),
        _ => plan.link_of(server).or(wish).ok_or_else(|| "nobody says on which link the client is".to_owned()),
    }
}

/// The address that the client says it has.
const fn own_address(asked: &Asked) -> Option<Ipv4Addr> {
    match asked {
        Asked::Renew(address) | Asked::Rebind(address) | Asked::Inform(address) | Asked::Release { address, .. } => {
            Some(*address)
        }
        _ => None,
    }
}
