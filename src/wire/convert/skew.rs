//! The difference of the two servers' clocks (failover-12 §5.10, §7.8.2 step 6).

use dhcpfo_time::Time;

/// Seconds by which one message may differ from the running difference without being an event of its own.
const DRASTIC: i64 = 10;
/// Each message moves the running difference by this share of what it differs.
const SMOOTHING: i64 = 8;
/// So many messages in a row have to look late before the clocks count as apart: one or two may have been held up on
/// the way. That a message looks early has no such excuse.
const LATE_IN_A_ROW: u8 = 3;

/// Receiver's clock minus sender's clock. What is in force changes only when the smoothed difference is a whole second
/// away from it: times of one client are compared with each other, so the correction must not flicker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skew {
    /// In force, seconds.
    seconds: i64,
    /// Smoothed, eighths of a second.
    eighths: i64,
    /// Messages in a row that looked late.
    late: u8,
}

/// The clocks have come apart, or together, at once: for people (failover-12 §5.10). The new difference is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Seconds before.
    pub from: i64,
    /// Seconds now.
    pub to: i64,
}

/// Receiver's minus sender's clock in seconds, as one message shows it: the true difference plus the time of
/// travel.
pub(crate) fn difference(received: u32, sent: u32) -> i64 {
    i64::from(received) - i64::from(sent)
}

impl Skew {
    /// The baseline, from the header of CONNECT or CONNECTACK. Both in seconds since 1970: when the message came, by
    /// this server's clock, and when it was sent, by the partner's.
    pub fn baseline(received: u32, sent: u32) -> Skew {
        let seconds = difference(received, sent);
        Skew { seconds, eighths: seconds * SMOOTHING, late: 0 }
    }

    /// Refines the difference with one more message.
    pub fn observe(&mut self, received: u32, sent: u32) -> Option<Drift> {
        let (seen, from) = (difference(received, sent), self.seconds());
        if seen - from >= DRASTIC && self.late + 1 < LATE_IN_A_ROW {
            self.late += 1;
            return None;
        }
        self.late = 0;
        if (seen - from).abs() >= DRASTIC {
            *self = Skew { seconds: seen, eighths: seen * SMOOTHING, late: 0 };
            return Some(Drift { from, to: seen });
        }
        self.eighths += (seen * SMOOTHING - self.eighths) / SMOOTHING;
        if (self.eighths - self.seconds * SMOOTHING).abs() >= SMOOTHING {
            self.seconds = (self.eighths + SMOOTHING / 2).div_euclid(SMOOTHING);
        }
        None
    }

    /// The difference in force, in seconds.
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// A received time by this server's clock. 0 is no time, and `infinite` never ends: both stay as they are. What
    /// would lie outside 1970 to 2106 is brought to its end.
    pub fn received(&self, time: u32, infinite: u32) -> Time {
        Time::from_raw(shifted(time, self.seconds(), infinite))
    }

    /// A time of this server by the partner's clock, for a partner that does not correct.
    pub fn for_partner(&self, time: Time, infinite: u32) -> u32 {
        shifted(time.raw(), -self.seconds(), infinite)
    }
}

fn shifted(time: u32, by: i64, infinite: u32) -> u32 {
    if time == 0 || time == infinite {
        return time;
    }
    // Never 0: that would mean "no time".
    (i64::from(time) + by).clamp(1, i64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_moved_by_the_difference_and_special_ones_are_not() {
        let skew = Skew::baseline(1000, 950);
        assert_eq!(skew.seconds(), 50);
        assert_eq!(skew.received(2000, u32::MAX).raw(), 2050);
        assert_eq!(skew.for_partner(Time::from_raw(2050), u32::MAX), 2000);
        for special in [0, u32::MAX] {
            assert_eq!(skew.received(special, u32::MAX).raw(), special);
        }
        let never = i32::MAX as u32;
        assert_eq!((skew.received(never, never).raw(), skew.for_partner(Time::from_raw(never), never)), (never, never));
        assert_eq!(Skew::baseline(0, u32::MAX).received(5, u32::MAX).raw(), 1);
        assert_eq!(Skew::baseline(u32::MAX, 0).received(5, u32::MAX).raw(), u32::MAX);
    }

    #[test]
    fn one_late_message_moves_little_and_many_move_all() {
        let mut skew = Skew::baseline(1000, 1000);
        assert_eq!(skew.observe(1105, 1100), None);
        assert_eq!(skew.seconds(), 0);
        for _ in 0..60 {
            assert_eq!(skew.observe(1105, 1100), None);
        }
        assert!((4..=5).contains(&skew.seconds()), "{}", skew.seconds());
    }

    #[test]
    fn a_difference_of_half_a_second_does_not_flicker() {
        let mut skew = Skew::baseline(1000, 950);
        for second in 0..200 {
            assert_eq!(skew.observe(1000 + second, 950 + second - second % 2), None);
            assert_eq!(skew.seconds(), 50);
        }
    }

    #[test]
    fn a_jump_is_an_event_and_counts_when_no_delay_explains_it() {
        let mut skew = Skew::baseline(1000, 1000);
        assert_eq!(skew.observe(1900, 2000), Some(Drift { from: 0, to: -100 }));
        assert_eq!(skew.observe(2000, 2000), None);
        assert_eq!(skew.observe(2000, 2000), None);
        assert_eq!(skew.seconds(), -100);
        assert_eq!(skew.observe(2000, 2000), Some(Drift { from: -100, to: 0 }));
        assert_eq!(skew.seconds(), 0);
    }
}
