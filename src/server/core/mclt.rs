//! A change of the MCLT (Q54; failover-12 §5.2.1, §7.8.2 step 7).
//!
//! Every wait is a promise about leases that were given: it has to be as long as the MCLT under which they were. So an MCLT
//! stays in force while anything that was granted under it may be alive; a shorter one is taken over by two servers that
//! have both been out of service for so long. A longer one counts for the waits of a primary as soon as it is configured,
//! and for its leases when the secondary has agreed to it.

use dhcpfo_documents::control::McltHeld;
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_files::ServerFile;
use dhcpfo_time::Time;

use super::Core;
use crate::record::Agreed;

/// The MCLT for waits, in seconds.
pub(super) fn in_force(file: &ServerFile, agreed: Option<&Agreed>) -> u32 {
    match (file.failover.role, agreed) {
        (_, None) => file.failover.mclt,
        (Role::Secondary, Some(agreed)) => agreed.mclt,
        (Role::Primary, Some(agreed)) => agreed.mclt.max(file.failover.mclt),
    }
}

/// What a primary's leases may lead while its partner has not agreed to a longer MCLT.
pub(super) fn longest_lead(file: &ServerFile, agreed: Option<&Agreed>) -> Option<u32> {
    agreed.map(|agreed| agreed.mclt).filter(|&mclt| mclt < in_force(file, agreed))
}

/// What was agreed, unless everything that was granted under it is over at `now`, in seconds since 1970. `served`: when this
/// server last was at work.
pub(super) fn still_agreed(agreed: Agreed, latest: u32, served: u32, now: u32) -> Option<Agreed> {
    (now < until(&agreed, latest, served)).then_some(agreed)
}

/// Until when leases that were given under an MCLT may be alive: the latest time that is stored, or at which anybody was
/// served, and the MCLT more.
fn until(agreed: &Agreed, latest: u32, served: u32) -> u32 {
    latest.max(served).saturating_add(agreed.mclt)
}

/// The latest time up to which anything is promised.
pub(super) fn latest(table: &impl LeaseTable) -> u32 {
    let times = |address: u32| {
        let binding = table.get(AddressId(address));
        let promised = [
            binding.lease_expiration,
            binding.sent_potential_expiration,
            binding.acked_potential_expiration,
            binding.received_potential_expiration,
        ];
        promised.map(Time::raw).into_iter().max().unwrap_or(0)
    };
    (0..table.len()).map(times).max().unwrap_or(0)
}

impl Core {
    /// The MCLT below which a secondary refuses a connection now; 0 is none.
    pub(super) fn least_mclt(&self) -> u32 {
        let Some(agreed) = self.agreed.filter(|_| self.config.role == Role::Secondary) else { return 0 };
        let still = still_agreed(agreed, latest(self.endpoint.durable().table()), self.served(), self.clock.now);
        still.map_or(0, |agreed| agreed.mclt)
    }

    /// When anybody may last have been served, in seconds since 1970.
    fn served(&self) -> u32 {
        match self.endpoint.volatile().phase {
            Phase::Startup { .. } => self.found_alive,
            _ => self.clock.now,
        }
    }

    /// For `ctl status`: what is in force, and why it is not what is configured. Null where it is.
    pub(super) fn mclt_status(&self) -> Option<McltHeld> {
        let (configured, in_force) = (self.file.failover.mclt, self.clock.mclt);
        if self.config.role == Role::Secondary || configured == in_force {
            return None;
        }
        let latest = latest(self.endpoint.durable().table());
        let until = self.agreed.map(|agreed| until(&agreed, latest, self.served()));
        Some(McltHeld {
            configured,
            why: format!(
                "leases that were given under {in_force} s may be alive (Q54): {configured} s is taken over by a start \
                 after that time, if nobody has been served since; or configure {in_force} again"
            ),
            not_before: until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dhcpfo_engine::balance::Buckets;
    use dhcpfo_engine::binding::{Binding, ClientId, Status};
    use dhcpfo_table::Indexed;

    const AGREED: Agreed = Agreed { mclt: 60, buckets: Buckets::first(128), connect_time: 5, delayed_service: 0 };

    #[test]
    fn an_mclt_stays_as_long_as_anything_granted_under_it() {
        let mut table = Indexed::new(3, &[]);
        assert_eq!(latest(&table), 0);
        let mut binding = Binding::known(Status::Active { client: ClientId(0) });
        binding.lease_expiration = Time::from_raw(100);
        binding.acked_potential_expiration = Time::from_raw(500);
        table.put(AddressId(2), binding);
        assert_eq!(latest(&table), 500);
        assert_eq!(still_agreed(AGREED, 500, 90, 559), Some(AGREED));
        assert_eq!(still_agreed(AGREED, 500, 90, 560), None);
        assert_eq!(still_agreed(AGREED, 500, 540, 599), Some(AGREED), "somebody may have been served then");
    }
}
