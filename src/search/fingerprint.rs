//! Fingerprints: 64 bits of the canonical bytes.

use rapidhash::v3::{RapidSecrets, rapidhash_v3_micro_inline};

/// A keyed hash of canonical bytes; the key is fixed by a seed, never drawn by the process, so that runs repeat.
pub(crate) struct Fingerprints {
    secrets: RapidSecrets,
}

impl Fingerprints {
    pub(crate) fn new(seed: u64) -> Self {
        Self { secrets: RapidSecrets::seed(seed) }
    }

    /// Never below 2¹⁴: the tables mark what is empty with 0, some of them in the upper 50 bits only.
    #[inline]
    pub(crate) fn of(&self, bytes: &[u8]) -> u64 {
        rapidhash_v3_micro_inline::<true, false>(bytes, &self.secrets).max(1 << 14)
    }
}

/// An upper bound of the expected number of states that were taken for another one: n² / 2⁶⁵.
pub(crate) fn omission_odds(states: u64) -> f64 {
    let n = states as f64;
    n * n / 65f64.exp2()
}
