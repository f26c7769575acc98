//! The visited table: which states were seen, where they stand in the search, and from where they were reached.
//!
//! A state is known by its fingerprint and, once stored, by a dense [`Ordinal`]. Per state there are 12 bytes in an
//! open-addressing table with load 0.44 to 0.67 and 8 bytes in dense arrays. The table is cut into shards by the upper
//! bits of the fingerprint; each shard grows on its own, and the shards start with different capacities, so that they
//! do not all grow at the same time and the peak stays close to the final size.

use crate::space::Cost;

pub(crate) const SHARD_BITS: u32 = 6;
/// Fixed, whatever the number of threads, because the order of states within a level depends on it.
pub(crate) const SHARDS: usize = 1 << SHARD_BITS;
const INDEX_BITS: u32 = 32 - SHARD_BITS;
/// Leaves room in each shard for the unevenness of the hash, and for the states of one wave.
pub(crate) const MAX_STATES: u64 = 4_200_000_000;
/// The greatest part of a shard's slots that is used.
const LOAD: (usize, usize) = (2, 3);
/// Look-ups are done in batches of this size, so that their cache misses overlap.
pub(crate) const BATCH: usize = 32;

/// The number of a stored state: its shard and its place in it. The same in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ordinal(pub(crate) u32);

impl Ordinal {
    /// The parent of initial states.
    pub(crate) const NONE: Ordinal = Ordinal(u32::MAX);

    pub(crate) fn new(shard: usize, index: u32) -> Self {
        Self((shard as u32) << INDEX_BITS | index)
    }

    pub(crate) fn shard(self) -> usize {
        (self.0 >> INDEX_BITS) as usize
    }

    pub(crate) fn index(self) -> usize {
        (self.0 & ((1 << INDEX_BITS) - 1)) as usize
    }
}

const TICK_BITS: u32 = 12;

/// The place of a state in the search: protocol actions first, then ticks, so that the integer order is the order of
/// the search. Ticks saturate at 4,095, beyond which they no longer decide between paths of equally many actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stage(u32);

impl Stage {
    pub(crate) const MAX_LEVEL: u32 = (1 << (32 - TICK_BITS)) - 2;

    pub(crate) fn new(level: u32, ticks: u32) -> Self {
        Self(level << TICK_BITS | ticks.min((1 << TICK_BITS) - 1))
    }

    pub(crate) fn level(self) -> u32 {
        self.0 >> TICK_BITS
    }

    pub(crate) fn ticks(self) -> u32 {
        self.0 & ((1 << TICK_BITS) - 1)
    }

    pub(crate) fn after(self, cost: Cost) -> Self {
        match cost {
            Cost::Tick => Self::new(self.level(), self.ticks() + 1),
            Cost::Action => Self::new(self.level() + 1, self.ticks()),
        }
    }
}

/// One part of the table, owned by one thread at a time while states are inserted.
pub(crate) struct Shard {
    number: usize,
    /// Fingerprints; 0 is an empty slot.
    keys: Vec<u64>,
    /// For each slot, the index into the dense arrays.
    places: Vec<u32>,
    parents: Vec<u32>,
    stages: Vec<Stage>,
    /// Bytes of arrays that were alive beside their replacements since that was last asked.
    transient: usize,
}

impl Shard {
    fn new(number: usize) -> Self {
        // Capacities spread over one growth factor (1.5), see the module's text.
        let capacity = 64 + number * 32 / SHARDS;
        Self {
            number,
            keys: vec![0; capacity],
            places: vec![0; capacity],
            parents: Vec::new(),
            stages: Vec::new(),
            transient: 0,
        }
    }

    /// The slot where the search for `fp` starts. Monotone in the fingerprint, so that growing is a sequential pass.
    #[inline]
    fn home(&self, fp: u64) -> usize {
        ((u128::from(fp << SHARD_BITS) * self.keys.len() as u128) >> 64) as usize
    }

    /// The slot of `fp`, or the empty slot where it belongs.
    #[inline]
    fn slot(&self, home: usize, fp: u64) -> Result<usize, usize> {
        let mut slot = home;
        loop {
            match self.keys[slot] {
                key if key == fp => return Ok(slot),
                0 => return Err(slot),
                _ => slot = if slot + 1 == self.keys.len() { 0 } else { slot + 1 },
            }
        }
    }

    fn find(&self, fp: u64) -> Option<Ordinal> {
        let slot = self.slot(self.home(fp), fp).ok()?;
        Some(Ordinal::new(self.number, self.places[slot]))
    }

    /// Makes room for one more state.
    fn reserve(&mut self) {
        let states = self.parents.len();
        if (states + 1) * LOAD.1 > self.keys.len() * LOAD.0 {
            self.grow(self.keys.len() * 3 / 2);
        }
        if states == self.parents.capacity() {
            self.transient += 8 * states;
            self.parents.reserve_exact(states / 4 + 16);
            self.stages.reserve_exact(states / 4 + 16);
        }
    }

    fn grow(&mut self, capacity: usize) {
        self.transient += 12 * self.keys.len();
        let keys = std::mem::replace(&mut self.keys, vec![0; capacity]);
        let places = std::mem::replace(&mut self.places, vec![0; capacity]);
        for (fp, place) in keys.into_iter().zip(places).filter(|&(fp, _)| fp != 0) {
            let (Ok(slot) | Err(slot)) = self.slot(self.home(fp), fp);
            self.keys[slot] = fp;
            self.places[slot] = place;
        }
    }

    /// Reads the slots where these look-ups will start. The reads do not depend on each other, so the processor
    /// overlaps their cache misses: a prefetch without `unsafe`, and measured to be as fast.
    pub(crate) fn warm(&self, fps: impl Iterator<Item = u64>) {
        std::hint::black_box(fps.fold(0, |all, fp| all ^ self.keys[self.home(fp)]));
    }

    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Stores a state, or moves it if it is known only at a later stage; `None` if there was nothing to do.
    #[inline]
    pub(crate) fn insert(&mut self, fp: u64, parent: Ordinal, stage: Stage) -> Option<Ordinal> {
        self.reserve();
        let place = match self.slot(self.home(fp), fp) {
            Ok(slot) => {
                let place = self.places[slot];
                if stage >= self.stages[place as usize] {
                    return None;
                }
                self.stages[place as usize] = stage;
                self.parents[place as usize] = parent.0;
                place
            }
            Err(slot) => {
                let place = self.parents.len() as u32;
                self.keys[slot] = fp;
                self.places[slot] = place;
                self.parents.push(parent.0);
                self.stages.push(stage);
                place
            }
        };
        Some(Ordinal::new(self.number, place))
    }

    fn bytes(&self) -> usize {
        12 * self.keys.len() + 8 * self.parents.capacity()
    }
}

/// The whole table.
pub(crate) struct Visited {
    pub(crate) shards: Vec<Shard>,
}

impl Visited {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(Shard::new).collect() }
    }

    #[inline]
    pub(crate) fn shard_of(fp: u64) -> usize {
        (fp >> (64 - SHARD_BITS)) as usize
    }

    pub(crate) fn len(&self) -> u64 {
        self.shards.iter().map(|shard| shard.parents.len() as u64).sum()
    }

    pub(crate) fn shard_lengths(&self) -> impl Iterator<Item = u32> {
        self.shards.iter().map(|shard| shard.parents.len() as u32)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.shards.iter().map(Shard::bytes).sum()
    }

    /// A number that two tables have in common only if they have the same states in the same order with the same
    /// predecessors (or by a chance of one in 2⁶⁴).
    pub(crate) fn digest(&self) -> u64 {
        let mix = |digest: u64, part: u64| (digest ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        let of_shard = |digest, shard: &Shard| {
            let dense = shard.parents.iter().zip(&shard.stages);
            let dense = dense.map(|(&parent, stage)| u64::from(parent) << 32 | u64::from(stage.0));
            let table = shard.keys.iter().zip(&shard.places).map(|(&key, &place)| key ^ u64::from(place));
            dense.chain(table).fold(digest, mix)
        };
        self.shards.iter().fold(0, of_shard)
    }

    /// What growing took on top of [`Visited::bytes`] since the last call, as if it had all been alive at once.
    pub(crate) fn take_transient(&mut self) -> usize {
        self.shards.iter_mut().map(|shard| std::mem::take(&mut shard.transient)).sum()
    }

    pub(crate) fn find(&self, fp: u64) -> Option<Ordinal> {
        self.shards[Self::shard_of(fp)].find(fp)
    }

    pub(crate) fn parent(&self, ordinal: Ordinal) -> Option<Ordinal> {
        let parent = Ordinal(self.shards[ordinal.shard()].parents[ordinal.index()]);
        (parent != Ordinal::NONE).then_some(parent)
    }

    pub(crate) fn stage(&self, ordinal: Ordinal) -> Stage {
        self.shards[ordinal.shard()].stages[ordinal.index()]
    }

    /// Says for each of these states whether the edge that led there brings something new: the state itself or, with a
    /// tick to `ticked`, an earlier place for it. An action never brings an earlier place, because the search goes
    /// through the stages in ascending order.
    pub(crate) fn news(&self, fps: &[u64; BATCH], costs: &[Cost; BATCH], ticked: Stage) -> [bool; BATCH] {
        // All first reads before the first use of one of them, see `Shard::warm`.
        let homes = fps.map(|fp| self.shards[Self::shard_of(fp)].home(fp));
        let first: [u64; BATCH] = std::array::from_fn(|i| self.shards[Self::shard_of(fps[i])].keys[homes[i]]);
        std::array::from_fn(|i| {
            let shard = &self.shards[Self::shard_of(fps[i])];
            let slot = if first[i] == fps[i] { Ok(homes[i]) } else { shard.slot(homes[i], fps[i]) };
            match slot {
                Err(_) => true,
                Ok(_) if costs[i] == Cost::Action => false,
                Ok(slot) => ticked < shard.stages[shard.places[slot] as usize],
            }
        })
    }
}
