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

/// Decodes, judges and expands every kept state of a search once, encodes and hashes the successors, and stores
/// nothing. The search must have been run with [`keep_states`](crate::Options::keep_states).
pub fn generate_only<S: Space>(space: &S, explored: &Explored, threads: usize) -> Result<Ceiling, SearchError> {
    let threads = threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(SearchError::Threads)?;
    let begun = Instant::now();
    let share = explored.kept.len().div_ceil(8 * threads).max(1);
    let parts = || explored.kept.par_chunks(share).map(|chunks| Part::generate(space, explored, chunks));
    let total = pool.install(|| parts().reduce(Part::default, Part::plus));
    Ok(Ceiling { states: total.states, edges: total.edges, elapsed: begun.elapsed(), checksum: total.checksum })
}

#[derive(Default)]
struct Part {
    states: u64,
    edges: u64,
    checksum: u64,
}

impl Part {
    fn generate<S: Space>(space: &S, explored: &Explored, chunks: &[Chunk]) -> Self {
        let mut part = Self::default();
        let Some(mut state) = any_state(space) else { return part };
        let (mut generating, mut encoding, mut bytes) = (space.scratch(), space.scratch(), Vec::new());
        for (_, canonical) in chunks.iter().flat_map(Chunk::iter) {
            space.decode(&mut generating, canonical, &mut state);
            let flags = space.flags(&state);
            part.states += 1;
            part.checksum ^= flags.bits;
            if flags.expand {
                space.successors(&mut generating, &state, &mut |_, next| {
                    bytes.clear();
                    space.encode(&mut encoding, next, &mut bytes);
                    part.edges += 1;
                    part.checksum ^= explored.prints.of(&bytes);
                });
            }
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
