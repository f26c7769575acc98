//! This server's clock: read once from the system, then carried on by a clock that never jumps.
//!
//! A lease that ends too early by a clock that jumps forward is given to two clients; one that ends too late costs
//! nothing but an address. So the system's clock is read when the server starts, never set back below the latest time
//! on stable storage, and only compared afterwards: a jump is told, and not followed until the next start.

use dhcpfo_engine::span;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dhcpfo_time::{Clock, Span, Time};
use dhcpfo_wire::session::Now;

/// Seconds by which the system's clock may differ from this server's before somebody should hear of it.
pub const NOTABLE: i64 = 3;

/// Where the time comes from.
#[derive(Clone, Copy, Debug)]
pub struct TimeSource {
    begun: Instant,
    /// Seconds since 1970 at the beginning.
    base: Duration,
    /// How far the beginning was moved so that time does not run backwards, in seconds.
    pub held_back: u32,
}

impl TimeSource {
    /// Begins now. `latest`: no earlier than this, in seconds since 1970.
    pub fn begin(latest: u32) -> TimeSource {
        let system = system();
        let base = system.max(Duration::from_secs(latest.into()));
        let held_back = (base - system).as_secs() as u32;
        TimeSource { begun: Instant::now(), base, held_back }
    }

    /// The present by both clocks of a session.
    pub fn now(&self) -> Now {
        let elapsed = self.begun.elapsed();
        Now { elapsed, wall: u32::try_from((self.base + elapsed).as_secs()).unwrap_or(u32::MAX) }
    }

    /// The system's clock minus this one, in seconds.
    pub fn deviation(&self) -> i64 {
        system().as_secs() as i64 - (self.base + self.begun.elapsed()).as_secs() as i64
    }

    /// How long until the second is over.
    pub fn to_next_second(&self) -> Duration {
        let part = (self.base + self.begun.elapsed()).subsec_nanos();
        Duration::from_nanos(u64::from(1_000_000_000 - part))
    }
}

fn system() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The clock of one batch of steps: `now` stands still, lengths are those of the configuration. All in seconds.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each is the span of that name")]
pub struct Wall {
    pub now: u32,
    pub mclt: u32,
    pub lease: u32,
    pub potential: u32,
    pub safe_period: u32,
    pub startup: u32,
    pub message_age: u32,
}

impl Clock for Wall {
    fn now(&self) -> Time {
        Time::from_raw(self.now)
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        let seconds = match span {
            span::MCLT | span::OTHER_MCLT => self.mclt,
            span::DESIRED_LEASE => self.lease,
            span::POTENTIAL_LEAD => self.potential,
            span::SAFE_PERIOD => self.safe_period,
            span::STARTUP => self.startup,
            // As ISC dhcpd; not read under the rules in force.
            span::ABANDON_TIME => 86_400,
            span::MESSAGE_AGE => self.message_age,
            // The protocol has no others.
            _ => 0,
        };
        Time::from_raw(base.raw().saturating_add(seconds))
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_does_not_run_backwards_over_a_restart() {
        let ahead = system().as_secs() as u32 + 1000;
        let source = TimeSource::begin(ahead);
        assert!(source.now().wall >= ahead);
        assert!((999..=1001).contains(&source.held_back));
        assert!((-1001..=-999).contains(&source.deviation()));
        assert_eq!(TimeSource::begin(1).held_back, 0);
    }
}
