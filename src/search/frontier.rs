//! States that wait to be expanded, as canonical bytes in small chunks that are freed one by one.

use crate::space::Cost;
use crate::visited::{Ordinal, Stage};
use std::collections::BTreeMap;

/// A chunk is one unit of work. It has at most twice these, and is joined to its predecessor if both have fewer.
const CHUNK_STATES: u32 = 256;
const CHUNK_BYTES: usize = 32 * 1024;
/// Number of the state, length of its canonical form.
const HEADER: usize = 6;

/// Some states of one stage: number and canonical bytes of each, back to back.
pub(crate) struct Chunk {
    pub(crate) stage: Stage,
    pub(crate) states: u32,
    bytes: Vec<u8>,
}

impl Chunk {
    /// An empty chunk with room for some of `states` further states with this many canonical bytes in total.
    pub(crate) fn for_some_of(states: usize, bytes: usize, stage: Stage) -> Self {
        Self { stage, states: 0, bytes: Vec::with_capacity((HEADER * states + bytes).min(2 * CHUNK_BYTES)) }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.states >= 2 * CHUNK_STATES || self.bytes.len() >= 2 * CHUNK_BYTES
    }

    pub(crate) fn push(&mut self, ordinal: Ordinal, bytes: &[u8]) {
        let length = bytes.len() as u16;
        self.states += 1;
        self.bytes.extend_from_slice(&ordinal.0.to_le_bytes());
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    fn can_take(&self, other: &Chunk) -> bool {
        self.states + other.states <= CHUNK_STATES && self.bytes.len() + other.bytes.len() <= CHUNK_BYTES
    }

    /// The states in the order in which they were pushed.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Ordinal, &[u8])> {
        let mut rest = self.bytes.as_slice();
        std::iter::from_fn(move || {
            let (ordinal, tail) = rest.split_first_chunk()?;
            let (length, tail) = tail.split_first_chunk()?;
            let (state, tail) = tail.split_at(u16::from_le_bytes(*length).into());
            rest = tail;
            Some((Ordinal(u32::from_le_bytes(*ordinal)), state))
        })
    }
}

/// All waiting states of one stage, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Bucket {
    chunks: Vec<Chunk>,
    heap_bytes: usize,
}

impl Bucket {
    pub(crate) fn append(&mut self, chunk: Chunk) {
        match self.chunks.last_mut() {
            _ if chunk.states == 0 => {}
            Some(last) if last.can_take(&chunk) => {
                let before = last.heap_bytes();
                last.states += chunk.states;
                last.bytes.extend_from_slice(&chunk.bytes);
                self.heap_bytes += last.heap_bytes() - before;
            }
            _ => {
                self.heap_bytes += chunk.heap_bytes();
                self.chunks.push(chunk);
            }
        }
    }

    pub(crate) fn into_chunks(self) -> Vec<Chunk> {
        self.chunks
    }
}

/// The waiting states of the level that is worked on and of the next one, by ticks.
#[derive(Default)]
pub(crate) struct Frontier {
    current: BTreeMap<u32, Bucket>,
    next: BTreeMap<u32, Bucket>,
    level: u32,
}

impl Frontier {
    pub(crate) fn level(&self) -> u32 {
        self.level
    }

    /// The waiting states of the current level with the fewest ticks.
    pub(crate) fn pop(&mut self) -> Option<Bucket> {
        self.current.pop_first().map(|(_, bucket)| bucket)
    }

    pub(crate) fn has_next(&self) -> bool {
        !self.next.is_empty()
    }

    /// Whether there is anything to do on this level or, if it counts, on the next.
    pub(crate) fn has_work(&self, next_counts: bool) -> bool {
        !self.current.is_empty() || next_counts && self.has_next()
    }

    pub(crate) fn advance(&mut self) {
        self.current = std::mem::take(&mut self.next);
        self.level += 1;
    }

    /// Takes the bucket that an edge of this cost leads to from the current level.
    pub(crate) fn take(&mut self, stage: Stage, cost: Cost) -> Bucket {
        self.side(cost).remove(&stage.ticks()).unwrap_or_default()
    }

    pub(crate) fn put(&mut self, stage: Stage, cost: Cost, bucket: Bucket) {
        if !bucket.chunks.is_empty() {
            self.side(cost).insert(stage.ticks(), bucket);
        }
    }

    fn side(&mut self, cost: Cost) -> &mut BTreeMap<u32, Bucket> {
        match cost {
            Cost::Tick => &mut self.current,
            Cost::Action => &mut self.next,
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.current.values().chain(self.next.values()).map(|bucket| bucket.heap_bytes).sum()
    }
}
