//! When a lease ends: for the client, and in the books (failover-12 §5.2.1).
//!
//! A client counts from the instant of its request, the books and the failover protocol count whole seconds. So a client is
//! told less than what stands in the books, and the books have more than what it asked for:
//!
//! | what | from | to | how |
//! | --- | --- | --- | --- |
//! | the present of the engine | the clock | seconds | down: a deadline has passed when its second has begun |
//! | the end in the books | the lease time asked for or configured | seconds | up, by [`Margin`] |
//! | the lease time that the client is told | that end, and the present | seconds | down, by [`Margin`]: the client ends first |
//! | the same in a DHCPOFFER, and T1 and T2 | the lease time that is told | seconds | down |
//! | lease- and potential-expiration-time that are sent | the end in the books | seconds | as it stands: later than the client's |
//! | those of a dhcpd that are received | its seconds | seconds | up, by a second: its clients count from their requests, too |
//! | the difference of the clocks | two seconds that were read | seconds | to a second: `Margin` covers one |
//! | the wait in PARTNER-DOWN and RECOVER-WAIT | the present | seconds | as above: leases that it waits for end before it by `Margin` |
//! | the latest time in the store, at a start | seconds | the clock | no earlier than the system's clock |
//! | timers of the session | the clock | the clock | not rounded |

use dhcpfo_files::ServerFile;
use dhcpfo_time::Time;

/// By how many seconds the client's end comes before the one in the books, whole seconds of the present apart: 1 for what has
/// passed of the present second, 1 for what is left when the partner corrects our times by whole seconds, and 1 for a dhcpd,
/// which waits for what it reads and whose own clients outlast what it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Margin(u32);

impl Margin {
    pub(super) const fn of(file: &ServerFile) -> Margin {
        Margin(if file.failover.isc { 3 } else { 2 })
    }

    /// The lease time for the books, in seconds, so that the client gets what it should.
    pub(super) const fn books(self, lease: u32) -> u32 {
        lease.saturating_add(self.0)
    }

    /// The lease time to tell, in seconds. None: nothing is left of a lease that ends then.
    pub(super) fn told(self, end: Time, now: u32) -> Option<u32> {
        end.raw().saturating_sub(now).checked_sub(self.0).filter(|&seconds| seconds > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_gets_what_it_should_and_ends_first() {
        for margin in [Margin(2), Margin(3)] {
            for lease in [1, 2, 60, 86_400] {
                for now in [1000, 1001] {
                    let end = Time::from_raw(now + margin.books(lease));
                    let told = margin.told(end, now).unwrap();
                    assert_eq!(told, lease);
                    for millis in 0..1000 {
                        // The request was sent no later than it came, at this part of the present second.
                        let clients_end = u64::from(now) * 1000 + millis + u64::from(told) * 1000;
                        // The partner may take the end for one second earlier than it is.
                        assert!(clients_end < u64::from(end.raw() - 1) * 1000);
                    }
                }
            }
        }
    }

    #[test]
    fn a_lease_of_which_nothing_is_left_is_not_given() {
        assert_eq!(Margin(2).told(Time::from_raw(102), 100), None);
        assert_eq!(Margin(2).told(Time::from_raw(103), 100), Some(1));
        assert_eq!(Margin(3).told(Time::from_raw(90), 100), None);
        assert_eq!(Margin(2).books(u32::MAX), u32::MAX);
    }
}
