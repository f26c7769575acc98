//! How long a lease may be (failover-12 §5.2.1, §7.1.5, §9.8.3, §9.9.2).

use crate::binding::{Binding, Partner};
use crate::config::Config;
use crate::rules::{LeadBase, PartnerDownLease, PotentialSent, RecoverDoneLead, Rules};
use crate::span;
use crate::state::State;
use dhcpfo_time::{Clock, Time};

/// What a lease may lead by MCLT, or None where nothing bounds it (failover-12 §7.1.5).
pub fn lead_base(rules: &Rules, binding: &Binding, clock: &dyn Clock) -> Option<Time> {
    let acked = binding.acked_potential_expiration;
    let received = binding.received_potential_expiration;
    match rules.lead_base {
        LeadBase::AckedOrReceived => Some(clock.later(acked, received)),
        LeadBase::Acked => Some(acked),
        LeadBase::Received => Some(received),
        LeadBase::WithLeaseExpiration => Some(clock.later(clock.later(acked, received), binding.lease_expiration)),
        LeadBase::Sent => Some(clock.later(binding.sent_potential_expiration, received)),
        LeadBase::Unbounded => None,
    }
}

/// The end of a lease given now on `binding` by a server in `state`: the desired one, but no further than
/// MCLT beyond what the partner is known to have on stable storage, or beyond now (F12-5.2.1-d, F12-7.1.5-e,
/// F12-9.9.2-e, F12-9.11.2-d; F12-3.4.1-b). None if no lease may be given.
pub fn grant(config: &Config, state: State, binding: &Binding, clock: &mut dyn Clock) -> Option<Time> {
    let now = clock.now();
    let promised = lead_base(&config.rules, binding, clock);
    if state == State::RecoverDone && config.rules.recover_done_lead == RecoverDoneLead::PromisedOnly {
        // The partner in PARTNER-DOWN does not count on this server; a lead on now would have no end (Q36).
        let base = promised.filter(|&base| !clock.passed(base))?;
        let desired = clock.after(now, span::DESIRED_LEASE);
        let lead = clock.after(base, config.mclt());
        return Some(clock.earlier(desired, lead));
    }
    let desired = clock.after(now, span::DESIRED_LEASE);
    let free_hand = state == State::PartnerDown && config.rules.partner_down_lease == PartnerDownLease::Unrestricted;
    Some(match promised {
        Some(base) if !free_hand => {
            let lead = clock.after(clock.later(now, base), config.mclt());
            clock.earlier(desired, lead)
        }
        _ => desired,
    })
}

/// The potential-expiration-time to send for an ACTIVE binding. Repeating an update makes no new promise while
/// the one that was sent still covers the lease.
pub fn potential(rules: &Rules, binding: &Binding, clock: &mut dyn Clock) -> Time {
    let least = match rules.potential_sent {
        PotentialSent::AtLeastReceived => clock.later(binding.lease_expiration, binding.received_potential_expiration),
        PotentialSent::AtLeastLease => binding.lease_expiration,
        PotentialSent::LeaseEnd => return binding.lease_expiration,
    };
    let (unchanged, sent) = (binding.partner != Partner::Unsent, binding.sent_potential_expiration);
    if unchanged && !clock.before(sent, least) && !clock.passed(sent) {
        return sent;
    }
    let now = clock.now();
    let lead = clock.after(now, span::POTENTIAL_LEAD);
    clock.later(least, lead)
}
