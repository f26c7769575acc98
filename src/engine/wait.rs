//! How long an address rests before another client may have it in PARTNER-DOWN (failover-12 §9.4.2).

use crate::binding::Binding;
use crate::config::Config;
use crate::rules::PartnerDownWait;
use crate::span;
use dhcpfo_time::{Clock, Span, Time};

/// The latest end that anybody can know of this binding's lease, by the reading in force.
fn latest(rule: PartnerDownWait, binding: &Binding, clock: &dyn Clock) -> Time {
    let Binding {
        lease_expiration: expiration,
        sent_potential_expiration: sent,
        acked_potential_expiration: acked,
        received_potential_expiration: received,
        ..
    } = *binding;
    match rule {
        PartnerDownWait::ExpirationOnly => expiration,
        PartnerDownWait::WithoutSent => clock.later(expiration, received),
        PartnerDownWait::WithoutReceived => clock.later(clock.later(expiration, sent), acked),
        _ => clock.later(clock.later(clock.later(expiration, sent), acked), received),
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
    let latest = latest(rule, binding, clock);
    match rule {
        // The sentence is looked at when the address is wanted: see `is_over`.
        PartnerDownWait::LazySentence => Time::LONG_AGO,
        PartnerDownWait::ExpirationOnly | PartnerDownWait::NoMclt => clock.later(latest, common),
        PartnerDownWait::ClockAhead => {
            let own = Binding { received_potential_expiration: Time::LONG_AGO, ..*binding };
            let by_own_times = rested(self::latest(rule, &own, clock), config.mclt(), common, clock);
            let by_theirs = rested(binding.received_potential_expiration, span::OTHER_MCLT, common, clock);
            clock.later(by_theirs, by_own_times)
        }
        _ => rested(latest, config.mclt(), common, clock),
    }
}

/// Until when the partner may have extended this lease and lost all memory of it: MCLT after the latest
/// potential-expiration-time between the servers, at least MCLT from now (Q78; failover-12 §5.2.1, §9.4.2).
pub fn partner_may_have_extended(config: &Config, binding: &Binding, clock: &mut dyn Clock) -> Time {
    let now = clock.now();
    let common = clock.after(now, config.mclt());
    rested(latest(PartnerDownWait::Full, binding, clock), config.mclt(), common, clock)
}

/// `span` after the latest end, or `common` where that is later.
fn rested(latest: Time, span: Span, common: Time, clock: &mut dyn Clock) -> Time {
    if clock.passed(latest) {
        return common;
    }
    let rested = clock.after(latest, span);
    clock.later(rested, common)
}

/// Whether a binding's wait is over now. `common` as in [`reallocation`].
pub fn is_over(config: &Config, binding: &Binding, common: Time, clock: &dyn Clock) -> bool {
    match config.rules.partner_down_wait {
        // Latest + MCLT earlier than now + MCLT: then entry + MCLT is enough, says the sentence (Q3).
        PartnerDownWait::LazySentence => {
            let latest = latest(PartnerDownWait::LazySentence, binding, clock);
            clock.passed(latest) && clock.passed(common) && clock.passed(binding.lease_expiration)
        }
        _ => clock.passed(binding.wait_ends) && clock.passed(binding.lease_expiration),
    }
}

/// When [`is_over`] becomes true, as far as that is one instant; for the wall clock.
pub fn rests_until(config: &Config, binding: &Binding, common: Time, clock: &dyn Clock) -> Time {
    match config.rules.partner_down_wait {
        PartnerDownWait::LazySentence => clock.later(latest(PartnerDownWait::LazySentence, binding, clock), common),
        _ => clock.later(binding.wait_ends, binding.lease_expiration),
    }
}
