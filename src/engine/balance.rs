//! Whose client is it, and whose address: RFC 3074 hash buckets, and the share of available addresses.
//!
//! failover-12 §5.3, §5.4, §9.8.2, §12.11.

use crate::config::Pool;
use crate::rules::{BucketUse, Rules};
use crate::state::Role;

/// Hash-bucket-assignment: one bit for each of the 256 buckets, octet by octet, least significant bit first.
/// A set bit is the secondary's (failover-12 §12.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets(pub [u8; 32]);

impl Buckets {
    /// The first `count` buckets (0 to 256) are the secondary's: 0 is hot standby with a primary in charge.
    pub const fn first(count: u16) -> Buckets {
        let mut bits = [0; 32];
        let mut bucket = 0;
        while bucket < count && bucket < 256 {
            bits[(bucket >> 3) as usize] |= 1 << (bucket & 7);
            bucket += 1;
        }
        Buckets(bits)
    }

    /// Whether the bucket is the secondary's.
    pub const fn is_secondarys(&self, bucket: u8) -> bool {
        self.0[(bucket >> 3) as usize] & (1 << (bucket & 7)) != 0
    }
}

/// Whether a server is responsible for a client in NORMAL (failover-12 §9.8.2). `waited`: the client has
/// been asking for longer than the delayed-service parameter, so everybody may answer (§12.10).
pub fn responsible(rules: &Rules, role: Role, buckets: &Buckets, bucket: u8, waited: bool) -> bool {
    let secondarys = buckets.is_secondarys(bucket);
    let mine = match (role, rules.bucket_use) {
        (Role::Primary, _) | (Role::Secondary, BucketUse::SecondaryInverts) => !secondarys,
        (Role::Secondary, BucketUse::Draft) => secondarys,
    };
    mine || waited
}

/// How many addresses the secondary should have of `available` ones, rounded down (failover-12 §7.6.2).
pub fn secondarys_due(pool: &Pool, available: u32) -> u32 {
    (u64::from(available) * u64::from(pool.secondary_share.min(100)) / 100) as u32
}

/// RFC 3074: the bucket of a client identifier, or of chaddr where there is none.
pub fn bucket(identifier: &[u8]) -> u8 {
    identifier.iter().rev().fold(identifier.len() as u8, |hash, &octet| MIX[usize::from(hash ^ octet)])
}

/// Pearson's permutation, as printed in RFC 3074 §5.
const MIX: [u8; 256] = [
    251, 175, 119, 215, 81, 14, 79, 191, 103, 49, 181, 143, 186, 157, 0, 232, 31, 32, 55, 60, 152, 58, 17, 237, 174,
    70, 160, 144, 220, 90, 57, 223, 59, 3, 18, 140, 111, 166, 203, 196, 134, 243, 124, 95, 222, 179, 197, 65, 180, 48,
    36, 15, 107, 46, 233, 130, 165, 30, 123, 161, 209, 23, 97, 16, 40, 91, 219, 61, 100, 10, 210, 109, 250, 127, 22,
    138, 29, 108, 244, 67, 207, 9, 178, 204, 74, 98, 126, 249, 167, 116, 34, 77, 193, 200, 121, 5, 20, 113, 71, 35,
    128, 13, 182, 94, 25, 226, 227, 199, 75, 27, 41, 245, 230, 224, 43, 225, 177, 26, 155, 150, 212, 142, 218, 115,
    241, 73, 88, 105, 39, 114, 62, 255, 192, 201, 145, 214, 168, 158, 221, 148, 154, 122, 12, 84, 82, 163, 44, 139,
    228, 236, 205, 242, 217, 11, 187, 146, 159, 64, 86, 239, 195, 42, 106, 198, 118, 112, 184, 172, 87, 2, 173, 117,
    176, 229, 247, 253, 137, 185, 99, 164, 102, 147, 45, 66, 231, 52, 141, 211, 194, 206, 246, 238, 56, 110, 78, 248,
    63, 240, 189, 93, 92, 51, 53, 183, 19, 171, 72, 50, 33, 104, 101, 69, 8, 252, 83, 120, 76, 135, 85, 54, 202, 125,
    188, 213, 96, 235, 136, 208, 162, 129, 190, 132, 156, 38, 47, 1, 7, 254, 24, 4, 216, 131, 89, 21, 28, 133, 37, 153,
    149, 80, 170, 68, 6, 169, 234, 151,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;

    #[test]
    fn hash_answers_like_a_live_dhcpd() {
        // Identifier, bucket: spec/failover-v4.md section 6.2.
        let vectors: &[(&[u8], u8)] = &[
            (&[], 0),
            (&[0], 175),
            (&[1], 251),
            (b"abc", 170),
            (&[2, 0, 0, 0, 5, 1], 249),
            (&[2, 0, 0, 0, 5, 0x12], 139),
            (&[1, 2, 3, 4, 5, 6, 7], 38),
        ];
        for (identifier, expected) in vectors {
            assert_eq!(bucket(identifier), *expected, "{identifier:?}");
        }
    }

    #[test]
    fn mix_is_a_permutation() {
        let mut seen = [false; 256];
        MIX.iter().for_each(|&m| seen[usize::from(m)] = true);
        assert!(seen.iter().all(|&s| s));
    }

    #[test]
    fn exactly_one_server_is_responsible_for_each_bucket() {
        for count in [0, 1, 7, 8, 9, 128, 255, 256] {
            let buckets = Buckets::first(count);
            for b in 0..=255 {
                let each = Role::ALL.map(|role| responsible(&Rules::DRAFT_12, role, &buckets, b, false));
                assert_ne!(each[0], each[1], "bucket {b} of {count}");
                assert_eq!(each[1], u16::from(b) < count);
            }
        }
    }

    #[test]
    fn a_client_that_waited_is_answered_by_both() {
        let buckets = Buckets::first(128);
        assert!(Role::ALL.iter().all(|&role| responsible(&Rules::DRAFT_12, role, &buckets, 3, true)));
    }
}
