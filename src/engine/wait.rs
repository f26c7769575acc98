//! How long an address rests before another client may have it in PARTNER-DOWN (failover-12 §9.4.2).

use crate::binding::Binding;
use crate::config::Config;
use crate::rules::PartnerDownWait;
use crate::span;
use dhcpfo_time::{Clock, Span, Time};

/// The latest end that anybody can know of this binding's lease, by the reading in force.
fn latest(rule: PartnerDownWait, binding: &Binding) -> Time {
    let Binding {
        lease_expiration: expiration,
        sent_potential_expiration: sent,
        acked_potential_expiration: acked,
        received_potential_expiration: received,
        ..
    } = *binding;
    match rule {
        PartnerDownWait::ExpirationOnly => expiration,
        PartnerDownWait::WithoutSent => expiration.later(received),
        PartnerDownWait::WithoutReceived => expiration.later(sent).later(acked),
        _ => expiration.later(sent).later(acked).later(received),
    }
}

/// MCLT after entry to PARTNER-DOWN: when the partner's available addresses may be used. Made at entry.
pub fn partners_available(config: &Config, clock: &mut dyn Clock) -> Time {
    let now = clock.now();
    match config.rules.partner_down_wait {
        PartnerDownWait::NoMclt | PartnerDownWait::WithoutEntry => now,
        _ => clock.after(now, config.mclt()),
    }
}

/// When a binding that is not available may go to another client, fixed at entry to PARTNER-DOWN (or, in
/// that state, when the partner is told of a lease). `common` is [`partners_available`]'s answer: the wait of
/// every binding whose times have all passed.
pub fn reallocation(config: &Config, binding: &Binding, common: Time, clock: &mut dyn Clock) -> Time {
    let rule = config.rules.partner_down_wait;
    let latest = latest(rule, binding);
    match rule {
        // The sentence is looked at when the address is wanted: see `is_over`.
        PartnerDownWait::LazySentence => Time::LONG_AGO,
        PartnerDownWait::ExpirationOnly | PartnerDownWait::NoMclt => latest.later(common),
        PartnerDownWait::ClockAhead => {
            let own = Binding { received_potential_expiration: Time::LONG_AGO, ..*binding };
            let by_own_times = rested(self::latest(rule, &own), config.mclt(), common, clock);
            rested(binding.received_potential_expiration, span::OTHER_MCLT, common, clock).later(by_own_times)
        }
        _ => rested(latest, config.mclt(), common, clock),
    }
}

/// Until when the partner may have extended this lease and lost all memory of it: MCLT after the latest
/// potential-expiration-time between the servers, at least MCLT from now (Q78; failover-12 §5.2.1, §9.4.2).
pub fn partner_may_have_extended(config: &Config, binding: &Binding, clock: &mut dyn Clock) -> Time {
    let now = clock.now();
    let common = clock.after(now, config.mclt());
    rested(latest(PartnerDownWait::Full, binding), config.mclt(), common, clock)
}

/// `span` after the latest end, or `common` where that is later.
fn rested(latest: Time, span: Span, common: Time, clock: &mut dyn Clock) -> Time {
    if latest <= clock.now() { common } else { clock.after(latest, span).later(common) }
}

/// Whether a binding's wait is over now. `common` as in [`reallocation`].
pub fn is_over(config: &Config, binding: &Binding, common: Time, now: Time) -> bool {
    match config.rules.partner_down_wait {
        // Latest + MCLT earlier than now + MCLT: then entry + MCLT is enough, says the sentence (Q3).
        PartnerDownWait::LazySentence => {
            latest(PartnerDownWait::LazySentence, binding) < now && common <= now && binding.lease_expiration <= now
        }
        _ => binding.wait_ends <= now && binding.lease_expiration <= now,
    }
}

/// When [`is_over`] becomes true, as far as that is one instant; for the wall clock.
pub fn rests_until(config: &Config, binding: &Binding, common: Time) -> Time {
    match config.rules.partner_down_wait {
        PartnerDownWait::LazySentence => latest(PartnerDownWait::LazySentence, binding).later(common),
        _ => binding.wait_ends.later(binding.lease_expiration),
    }
}
