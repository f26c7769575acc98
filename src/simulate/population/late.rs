//! Packets of clients that come too late and are believed: what follows at their addresses is counted apart.
//!
//! A RENEW or REBIND after the end of its lease (Q80), and a RELEASE that a later question of the client has overtaken,
//! which no server can tell from a release of the new lease (RFC 2131).

use super::Run;
use dhcpfo_engine::binding::{AddressId, Status};
use dhcpfo_engine::effect::Ask;
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_files::simulation::Setting;

/// A packet that is too late, before a server has it.
pub(super) struct Late {
    address: AddressId,
    before: Option<Status>,
}

impl Run<'_> {
    /// What a client asks with a question sent at `sent`, if it is too late for that.
    pub(super) fn late(&self, role: Role, client: u32, ask: Ask, sent: u32) -> Option<Late> {
        let one = &self.clients[client as usize];
        let (address, is_late) = match ask {
            Ask::Renew(address) | Ask::Rebind(address) => (address, one.holds(self.second()) != Some(address.0)),
            Ask::Release(address) => (address, one.asked != sent),
            _ => return None,
        };
        is_late.then(|| Late { address, before: self.status(role, address) })
    }

    /// The server has had it. If that began or ended a lease, no claim is judged at the address while it may matter.
    pub(super) fn after_late(&mut self, role: Role, late: &Late) {
        let is_active = |status: Option<Status>| matches!(status, Some(Status::Active { .. }));
        if is_active(late.before) != is_active(self.status(role, late.address)) {
            self.measures.late += 1;
            self.put_aside(late.address);
        }
    }

    /// Since when such a packet may be why there is a violation, in seconds; then what comes of it may be, too.
    pub(super) fn follows_late_packet(&mut self, address: AddressId) -> Option<u64> {
        let (since, _) = self.put_aside.get(&address.0).copied().filter(|(_, until)| self.now <= *until)?;
        self.put_aside(address);
        Some(since)
    }

    /// For two leases, as far as a lease may be extended and then promised, and MCLT.
    fn put_aside(&mut self, address: AddressId) {
        let seconds = 2.0 * self.get(Setting::Lease) + self.get(Setting::Mclt);
        let until = self.now + (seconds * 1000.0) as u64;
        let before = self.put_aside.get(&address.0).filter(|(_, until)| self.now <= *until);
        let since = before.map_or(self.now / 1000, |(since, _)| *since);
        self.put_aside.insert(address.0, (since, until));
    }

    fn status(&self, role: Role, address: AddressId) -> Option<Status> {
        let table = self.servers[role.index()].table()?;
        (address.0 < table.len()).then(|| table.get(address).status)
    }
}
