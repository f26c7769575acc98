//! The ceiling: what any search of a space has to do, and nothing else.

use crate::frontier::Chunk;
use crate::outcome::Explored;
use crate::search::SearchError;
use crate::space::{Space, any_state};
use rayon::prelude::*;
use std::time::{Duration, Instant};

/// What going through all states once took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ceiling {
    /// States decoded and judged.
    pub states: u64,
    /// Successors generated, encoded and hashed.
    pub edges: u64,
    /// Wall time.
    pub elapsed: Duration,
    /// All fingerprints together, so that the work cannot be left out.
    pub checksum: u64,
}

impl Ceiling {
    /// States per second.
    pub fn rate(&self) -> f64 {
        self.states as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

/// How far each state is taken. The difference between two of these is what the later one adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// The state is decoded from its canonical bytes.
    Decode,
    /// And judged.
    Judge,
    /// And its successors are generated.
    Generate,
    /// And their canonical bytes made.
    Encode,
    /// And hashed: all that a search does but look-ups and storing.
    Hash,
}

impl Work {
    /// All of them, in their order.
    pub const ALL: [Work; 5] = [Work::Decode, Work::Judge, Work::Generate, Work::Encode, Work::Hash];
}

/// Decodes, judges and expands every kept state of a search once, encodes and hashes the successors, and stores
/// nothing. The search must have been run with [`keep_states`](crate::Options::keep_states).
pub fn generate_only<S: Space>(space: &S, explored: &Explored, threads: usize) -> Result<Ceiling, SearchError> {
    work_through(space, explored, threads, Work::Hash)
}

/// [`generate_only`], with each state taken as far as `upto`. With one thread, the caller's does the work.
pub fn work_through<S: Space>(
    space: &S,
    explored: &Explored,
    threads: usize,
    upto: Work,
) -> Result<Ceiling, SearchError> {
    let chunks = each_once(explored);
    let begun = Instant::now();
    let total = if threads <= 1 {
        Part::generate(space, explored, &chunks, upto)
    } else {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(SearchError::Threads)?;
        let share = chunks.len().div_ceil(8 * threads).max(1);
        let parts = || chunks.par_chunks(share).map(|chunks| Part::generate(space, explored, chunks, upto));
        pool.install(|| parts().reduce(Part::default, Part::plus))
    };
    Ok(Ceiling { states: total.states, edges: total.edges, elapsed: begun.elapsed(), checksum: total.checksum })
}

/// The kept states without the places from which they were moved to earlier ones.
fn each_once(explored: &Explored) -> Vec<Chunk> {
    let without_moved = |kept: &Chunk| {
        let mut chunk = Chunk::for_some_of(kept.states as usize, kept.heap_bytes(), kept.stage);
        kept.iter()
            .filter(|&(ordinal, _)| explored.visited.stage(ordinal) == kept.stage)
            .for_each(|(ordinal, bytes)| chunk.push(ordinal, bytes));
        chunk
    };
    explored.kept.iter().map(without_moved).collect()
}

#[derive(Default)]
struct Part {
    states: u64,
    edges: u64,
    checksum: u64,
}

impl Part {
    fn generate<S: Space>(space: &S, explored: &Explored, chunks: &[Chunk], upto: Work) -> Self {
        let (mut part, mut known) = (Self::default(), 0);
        let Some(mut state) = any_state(space) else { return part };
        let (mut generating, mut encoding, mut bytes) = (space.scratch(), space.scratch(), Vec::new());
        for (_, canonical) in chunks.iter().flat_map(Chunk::iter) {
            space.decode(&mut generating, canonical, &mut state);
            part.states += 1;
            if upto < Work::Judge {
                std::hint::black_box(&mut state);
                continue;
            }
            let flags = space.flags_beyond(&mut generating, &state, known);
            known |= flags.bits;
            part.checksum ^= flags.bits;
            if !flags.expand || upto < Work::Generate {
                continue;
            }
            space.successors(&mut generating, &state, &mut |_, next| {
                part.edges += 1;
                if upto < Work::Encode {
                    std::hint::black_box(next);
                    return;
                }
                bytes.clear();
                space.encode(&mut encoding, next, &mut bytes);
                part.checksum ^= match upto {
                    Work::Hash => explored.prints.of(&bytes),
                    _ => bytes.len() as u64,
                };
            });
        }
        part
    }

    fn plus(self, other: Self) -> Self {
        Self {
            states: self.states + other.states,
            edges: self.edges + other.edges,
            checksum: self.checksum ^ other.checksum,
        }
    }
}
