//! Packets of clients that come too late and are believed: what follows at their addresses is counted apart.
//!
//! A RENEW or REBIND after the end of its lease (Q80), and a RELEASE that a later question of the client has overtaken,
//! which no server can tell from a release of the new lease (RFC 2131).

use super::Run;
use dhcpfo_engine::binding::{AddressId, Binding, Partner, Status};
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

    /// Until the servers agree about the address, and from then on for as long as leases may last that were given before.
    fn put_aside(&mut self, address: AddressId) {
        let before = self.put_aside.get(&address.0).filter(|(_, until)| self.now <= *until);
        let since = before.map_or(self.now / 1000, |(since, _)| *since);
        self.put_aside.insert(address.0, (since, u64::MAX));
        self.agreed_after_late(address);
    }

    /// If the servers agree about an address that was put aside, it is so for two leases more, as far as a lease may be
    /// extended and then promised, and MCLT.
    pub(super) fn agreed_after_late(&mut self, address: AddressId) {
        let is_aside = self.put_aside.get(&address.0).is_some_and(|(_, until)| *until == u64::MAX);
        if !is_aside {
            return;
        }
        let Some((mine, theirs)) = self.both(address) else { return };
        let told = [mine, theirs].iter().all(|one| one.partner == Partner::UpToDate);
        if told && is_same(&mine, &theirs) {
            let seconds = 2.0 * self.get(Setting::Lease) + self.get(Setting::Mclt);
            let until = self.now + (seconds * 1000.0) as u64;
            self.put_aside.entry(address.0).and_modify(|aside| aside.1 = until);
        }
    }

    /// A client that holds an address of which a late packet has ended the lease may go on with it, at a server that takes
    /// its word; its partner may be out of touch for long.
    pub(super) fn goes_on_after_late(&mut self, ask: Ask) {
        let (Ask::Renew(address) | Ask::Rebind(address) | Ask::Reboot(address)) = ask else { return };
        let is_aside = self.put_aside.get(&address.0).is_some_and(|(_, until)| self.now <= *until);
        if is_aside && self.both(address).is_some_and(|(mine, theirs)| !is_same(&mine, &theirs)) {
            self.put_aside(address);
        }
    }

    fn both(&self, address: AddressId) -> Option<(Binding, Binding)> {
        let [mine, theirs] = Role::ALL.map(|role| Some(self.servers[role.index()].durable()?.table().get(address)));
        mine.zip(theirs)
    }

    fn status(&self, role: Role, address: AddressId) -> Option<Status> {
        let table = self.servers[role.index()].table()?;
        (address.0 < table.len()).then(|| table.get(address).status)
    }
}

fn is_same(mine: &Binding, theirs: &Binding) -> bool {
    (mine.status.code(), mine.status.client()) == (theirs.status.code(), theirs.status.client())
}
