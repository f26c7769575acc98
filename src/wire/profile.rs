//! What to do differently for which partner, as data (`src/wire/DHCPD.md`).
//!
//! A question that deployed servers answer differently is a field here; nothing else asks who the partner is.

use dhcpfo_engine::balance::Buckets;

/// What a set bit of hash-bucket-assignment means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketBit {
    /// The secondary serves the bucket (failover-12 §12.11).
    Secondary,
    /// The primary serves it (ISC dhcpd).
    Primary,
}

/// On which connections the primary sends CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectOn {
    /// Only on those that it opened; one that the secondary opened is a stimulus, and closed (failover-12 §8.2).
    Own,
    /// On any (failover-12 §7.8, and ISC dhcpd).
    Any,
}

/// Where lease- and potential-expiration-time are sent (failover-12 §7.1.1; interop §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expirations {
    /// lease- and potential-expiration-time only where the engine gives them: ACTIVE, and the end of ABANDONED.
    WhereKnown,
    /// Both in every BNDUPD, 0 where there is none; a missing one counts as over at a dhcpd (B-03).
    Always,
}

/// How to speak to a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The word used in files.
    pub name: &'static str,
    /// Meaning of hash-bucket-assignment.
    pub bucket_bit: BucketBit,
    /// On which connections CONNECT is sent.
    pub connect_on: ConnectOn,
    /// Whether a secondary keeps a connection that it opened, to wait there for CONNECT. If not it is a stimulus
    /// and closed at once.
    pub keeps_stimulus: bool,
    /// Whether option 9 (DDNS) may be sent. A dhcpd closes the connection on it.
    pub ddns: bool,
    /// Whether client-request-options and client-reply-options may be sent. A dhcpd ignores them.
    pub client_options: bool,
    /// Expiration times in BNDUPD.
    pub expirations: Expirations,
    /// Whether a client may be named with FREE, BACKUP and RESET (failover-12 table 7.1.1-1: MAY).
    pub names_past_client: bool,
    /// lease-expiration-time of an ABANDONED binding that has none. A dhcpd frees it at once without (B-19).
    pub abandoned_until: Option<u32>,
    /// Whether the partner corrects received times by the difference of the clocks (failover-12 §7.8.2 step 6).
    /// If not, times are sent in its clock: that of the header stays the sender's.
    pub corrects_times: bool,
    /// Whether a RELEASED binding has the time of the release in lease-expiration-time alone, and still the
    /// client-last-transaction-time of the lease: to be compared with ours, which is that of the lease, too.
    pub released_at_expiration: bool,
    /// A time that means "never": not corrected.
    pub infinite: u32,
    /// tSend is the partner's receive-timer divided by this, for a primary and for a secondary
    /// (failover-12 §7.9.2: 20 percent, §7.9.1: 33 percent).
    pub send_divisor: [u32; 2],
    /// Whether the partner can check a message-digest.
    pub digest: bool,
    /// Whether messages say what each server remembers of the other ([`crate::memory`]); a partner that does not know that
    /// ignores it.
    pub memory: bool,
    /// By how many seconds the lease of a client of the partner may outlast what the partner tells, because it counts from
    /// the beginning of the second in which it answered.
    pub outlasts: u32,
}

impl Profile {
    /// draft-ietf-dhc-failover-12, as one of ours speaks it.
    pub const DRAFT: Profile = Profile {
        name: "draft",
        bucket_bit: BucketBit::Secondary,
        connect_on: ConnectOn::Own,
        keeps_stimulus: false,
        ddns: true,
        client_options: true,
        expirations: Expirations::WhereKnown,
        names_past_client: true,
        abandoned_until: None,
        corrects_times: true,
        released_at_expiration: false,
        infinite: u32::MAX,
        send_divisor: [5, 3],
        digest: true,
        memory: true,
        outlasts: 0,
    };

    /// ISC dhcpd 4.4.3-P1.
    pub const ISC_DHCPD: Profile = Profile {
        name: "isc-dhcpd",
        bucket_bit: BucketBit::Primary,
        connect_on: ConnectOn::Any,
        keeps_stimulus: true,
        ddns: false,
        client_options: false,
        expirations: Expirations::Always,
        corrects_times: false,
        released_at_expiration: true,
        infinite: i32::MAX as u32,
        abandoned_until: Some(i32::MAX as u32),
        send_divisor: [3, 3],
        digest: false,
        memory: false,
        outlasts: 1,
        ..Profile::DRAFT
    };

    /// Every profile.
    pub const ALL: &'static [Profile] = &[Profile::DRAFT, Profile::ISC_DHCPD];

    /// The profile of that name. [`Profile::ALL`] has the names that would be accepted.
    pub fn by_name(name: &str) -> Option<&'static Profile> {
        Profile::ALL.iter().find(|profile| profile.name == name)
    }

    /// The 32 octets of hash-bucket-assignment; bucket 8i + j is bit j of octet i, least significant first.
    pub fn buckets_to_wire(&self, buckets: &Buckets) -> [u8; 32] {
        self.turned(buckets.0)
    }

    /// The buckets of the secondary, from 32 octets of hash-bucket-assignment.
    pub fn buckets_from_wire(&self, octets: [u8; 32]) -> Buckets {
        Buckets(self.turned(octets))
    }

    fn turned(&self, octets: [u8; 32]) -> [u8; 32] {
        match self.bucket_bit {
            BucketBit::Secondary => octets,
            BucketBit::Primary => octets.map(|octet| !octet),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_go_there_and_back_and_dhcpd_reads_them_the_other_way_round() {
        for count in [0, 1, 100, 128, 256] {
            let buckets = Buckets::first(count);
            for profile in Profile::ALL {
                assert_eq!(profile.buckets_from_wire(profile.buckets_to_wire(&buckets)), buckets);
            }
        }
        // `split 128` of a dhcpd primary: 16 octets ff, 16 octets 00; the secondary serves buckets 128 to 255.
        let sent = std::array::from_fn(|i| if i < 16 { 0xff } else { 0 });
        let buckets = Profile::ISC_DHCPD.buckets_from_wire(sent);
        assert!(!buckets.is_secondarys(127) && buckets.is_secondarys(128));
    }

    #[test]
    fn names_are_found() {
        assert_eq!(Profile::by_name("isc-dhcpd"), Some(&Profile::ISC_DHCPD));
        assert_eq!(Profile::by_name("isc"), None);
    }
}
