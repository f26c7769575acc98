//! Whose client is it, and whose address: RFC 3074 hash buckets, and the share of available addresses.
//!
//! failover-12 §5.3, §5.4, §9.8.2, §12.11.

use crate::binding::{AddressId, Binding, ClientId, Status};
use crate::config::{Config, Pool};
use crate::effect::Within;
use crate::rules::{BucketUse, Rules};
use crate::state::Role;
use crate::table::LeaseTable;

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

/// Whether a server answers a client of the partner's in NORMAL because the partner has no address for it (Q122). The
/// records of both say which addresses are whose; as long as they differ, both answer, each with its own. `within`: the
/// addresses of the client's link.
pub fn covers<T: LeaseTable>(config: &Config, table: &T, client: ClientId, within: Within) -> bool {
    let Within { first, end } = within;
    let end = end.min(table.len());
    if !config.pool.cover || first >= end {
        return false;
    }
    let [lowest, highest] = [first, end - 1].map(|address| table.group(AddressId(address)));
    let available = table.available((lowest == highest).then_some(lowest));
    let partners = if config.role == Role::Primary { available.backup } else { available.free };
    // What is reserved for it is available to both (failover-12 §5.13).
    let reserved = table.next_reserved(first, client).is_some_and(|address| address.0 < end);
    partners == 0 && !reserved
}

/// The available addresses of a group, reserved ones left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Available {
    /// FREE: the primary's.
    pub free: u32,
    /// BACKUP: the secondary's.
    pub backup: u32,
    /// Of the latter, those that are on their way back to the primary, and the partner does not know yet.
    pub reclaiming: u32,
    /// All addresses of the group, whatever their status.
    pub size: u32,
}

impl Available {
    /// Counts one more unreserved binding.
    pub fn add(&mut self, binding: &Binding) {
        match binding.status {
            Status::Free { .. } => self.free += 1,
            Status::Backup { .. } => self.backup += 1,
            _ => return,
        }
        self.reclaiming += u32::from(binding.reclaiming && binding.is_dirty());
    }

    /// How many the secondary should have and has not.
    pub fn lacking(&self, pool: &Pool) -> u32 {
        secondarys_due(pool, self.free + self.backup).saturating_sub(self.backup)
    }

    /// How many it has and should not, those that are on their way back left out.
    pub fn excess(&self, pool: &Pool) -> u32 {
        self.backup.saturating_sub(secondarys_due(pool, self.free + self.backup) + self.reclaiming)
    }
}

/// How many addresses the secondary should have of `available` ones: its share, rounded down (failover-12 §7.6.2 leaves
/// it to the primary). Where there are two or more, a side with any share at all has at least one: a group that is
/// smaller than its share is fine would otherwise be without service when the other side fails (Q121).
pub fn secondarys_due(pool: &Pool, available: u32) -> u32 {
    let share = u32::from(pool.secondary_share.min(100));
    let due = (u64::from(available) * u64::from(share) / 100) as u32;
    match (share, available) {
        (0, _) | (100, _) | (_, 0 | 1) => due,
        _ => due.clamp(1, available - 1),
    }
}

/// What the primary does about a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// Gives the secondary so many.
    HandOver(u32),
    /// Asks the secondary for so many.
    Reclaim(u32),
}

/// What the primary does unasked about a group: nothing as long as the balance is off by no more than the slack
/// (failover-12 §5.4). However great the slack, of two or more addresses neither side is left with none that should have
/// some.
pub fn correction(pool: &Pool, group: &Available) -> Option<Correction> {
    let slack = pool.slack?.of(group.size);
    let (lacking, excess) = (group.lacking(pool), group.excess(pool));
    let several = group.free + group.backup > 1;
    if lacking > slack || lacking > 0 && several && group.backup == 0 {
        Some(Correction::HandOver(lacking))
    } else if excess > slack || excess > 0 && several && group.free + group.reclaiming == 0 {
        Some(Correction::Reclaim(excess))
    } else {
        None
    }
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
    extern crate std;
    use super::*;
    use crate::config::Slack;
    use crate::rules::Rules;
    use std::format;

    #[test]
    fn hash_answers_like_a_live_dhcpd() {
        // Identifier, bucket.
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

    const POOL: Pool = Pool { secondary_share: 50, slack: Some(Slack::addresses(1)), ask: true, cover: true };

    /// Q121: what people who configure shares count on.
    #[test]
    fn shares_of_small_groups() {
        let due = |secondary_share, available| secondarys_due(&Pool { secondary_share, ..POOL }, available);
        assert_eq!([0, 1, 2, 3, 4, 5, 131].map(|available| due(50, available)), [0, 0, 1, 1, 2, 2, 65]);
        assert_eq!([0, 1, 2, 9, 10, 44].map(|available| due(10, available)), [0, 0, 1, 1, 1, 4]);
        assert_eq!([1, 2, 3, 50].map(|available| due(99, available)), [0, 1, 2, 49]);
        assert_eq!([1, 2, 3].map(|available| (due(0, available), due(100, available))), [(0, 1), (0, 2), (0, 3)]);
    }

    /// For all small groups, shares and slacks: what is done leads to where nothing has to be done, and there nobody is
    /// without that is due some.
    #[test]
    fn a_correction_ends_and_leaves_nobody_without() {
        let slacks = [Slack::addresses(0), Slack::addresses(3), Slack { addresses: 1, per_mille: 300 }];
        for (secondary_share, slack) in (0..=100).flat_map(|share| slacks.map(|slack| (share, slack))) {
            let pool = Pool { secondary_share, slack: Some(slack), ..POOL };
            for (free, backup) in (0..12).flat_map(|free| (0..12).map(move |backup| (free, backup))) {
                let group = Available { free, backup, reclaiming: 0, size: 24 };
                let after = match correction(&pool, &group) {
                    Some(Correction::HandOver(n)) => Available { free: free - n, backup: backup + n, ..group },
                    Some(Correction::Reclaim(n)) => Available { free: free + n, backup: backup - n, ..group },
                    None => group,
                };
                let case = format!("{pool:?} {group:?} {after:?}");
                assert_eq!(correction(&pool, &after), None, "{case}");
                if free + backup > 1 {
                    assert!(after.backup > 0 || secondary_share == 0, "{case}");
                    assert!(after.free > 0 || secondary_share == 100, "{case}");
                }
                assert!(after.lacking(&pool).max(after.excess(&pool)) <= slack.of(24), "{case}");
                // What is on its way back is not asked for again.
                if let Some(Correction::Reclaim(n)) = correction(&pool, &group) {
                    assert_eq!(correction(&pool, &Available { reclaiming: n, ..group }), None, "{case}");
                }
            }
        }
    }
}
