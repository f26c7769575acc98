//! The search itself.

use super::found::{Counts, Covered, Seen};
use super::path::path;
use super::space::{Covering, Parts};
use super::store::{NOWHERE, New, Store};
use crate::outcome::{Bound, End, Options, Progress};
use crate::search::SearchError;
use crate::space::{Cost, Edge, Flags, Space, any_state};
use rayon::prelude::*;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// States expanded at once by one thread.
const CHUNK: usize = 64;
/// States expanded before those that they lead to are taken in.
const WAVE: usize = 64 * CHUNK;
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// A state that an edge leads to.
struct Candidate {
    parent: u32,
    flags: Flags,
    parts: Parts,
    start: usize,
    end: usize,
    print: u64,
}

/// What came of some states that were expanded.
#[derive(Default)]
struct Block {
    candidates: Vec<Candidate>,
    bytes: Vec<u8>,
    flags: Vec<(u32, u64)>,
    steps: Vec<(u32, u64)>,
    edges: u64,
    covered: u64,
    beyond: bool,
}

struct Worker<S: Space> {
    generating: S::Scratch,
    encoding: S::Scratch,
    state: S::State,
}

/// Searches the whole space, or as much of it as `options` allow.
///
/// # Errors
/// No threads, or nothing to search.
pub fn search<S: Covering>(
    space: &S,
    options: &Options<'_>,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Covered<S::Action>, SearchError> {
    let begun = Instant::now();
    let some_state = any_state(space).ok_or(SearchError::NoInitialState)?;
    let threads = options.threads.max(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(SearchError::Threads)?;
    let worker =
        |_| Mutex::new(Worker { generating: space.scratch(), encoding: space.scratch(), state: some_state.clone() });
    let workers: Vec<_> = (0..threads).map(worker).collect();
    let mut run = Run {
        space,
        options,
        workers,
        pool,
        store: Store::new(options.hash_seed),
        scratch: space.scratch(),
        sightings: Vec::new(),
        counts: Counts::default(),
        begun,
    };
    let end = run.levels(progress);
    Ok(run.finish(end))
}

struct Run<'a, S: Covering> {
    space: &'a S,
    options: &'a Options<'a>,
    workers: Vec<Mutex<Worker<S>>>,
    pool: rayon::ThreadPool,
    store: Store,
    scratch: S::Scratch,
    sightings: Vec<Seen>,
    counts: Counts,
    begun: Instant,
}

impl<S: Covering> Run<'_, S> {
    fn levels(&mut self, progress: &mut dyn FnMut(&Progress)) -> End {
        let mut level = self.initial();
        let mut last = self.begun;
        for depth in 0.. {
            if level.is_empty() {
                return End::Exhausted;
            }
            self.counts.levels.push(0);
            let is_last = self.options.max_depth.is_some_and(|most| depth >= most);
            let (mut next, mut beyond) = (Vec::new(), false);
            let first = self.store.nodes.len() as u32;
            for wave in level.chunks(WAVE) {
                let blocks = self.expand(wave, is_last);
                for block in &blocks {
                    beyond |= block.beyond;
                    self.take_in(block, first, &mut next);
                }
                if last.elapsed() >= PROGRESS_EVERY {
                    last = Instant::now();
                    progress(&self.look(depth, next.len()));
                }
                if let Some(bound) = self.bound() {
                    return End::CutOff(bound);
                }
            }
            if self.sightings.iter().any(|seen| self.options.stop_on >> seen.bit & 1 == 1) {
                return End::Stopped;
            }
            if is_last {
                return if beyond { End::CutOff(Bound::Depth) } else { End::Exhausted };
            }
            level = next;
        }
        End::Exhausted
    }

    fn initial(&mut self) -> Vec<u32> {
        let (mut level, mut bytes, mut encoding) = (Vec::new(), Vec::new(), self.space.scratch());
        let Run { space, store, scratch, .. } = self;
        space.initial(&mut space.scratch(), &mut |state| {
            bytes.clear();
            let parts = space.encode_parts(&mut encoding, state, &mut bytes);
            let print = store.prints.of(&bytes[..parts.key]);
            if !store.is_covered(*space, scratch, print, &bytes, parts) {
                let flags = space.flags(&mut encoding, state);
                let new = New { parent: NOWHERE, print, flags, bytes: &bytes, parts };
                level.extend(store.insert(*space, scratch, 0, &new));
            }
        });
        level
    }

    fn expand(&self, wave: &[u32], is_last: bool) -> Vec<Block> {
        let Run { space, store, workers, pool, .. } = self;
        let space = *space;
        let work = move |nodes: &[u32]| {
            let thread = rayon::current_thread_index().unwrap_or(0);
            // A panic in the space ends the whole search, so a poisoned worker is never met.
            let mut worker = workers[thread].lock().unwrap_or_else(PoisonError::into_inner);
            expand_some(space, store, nodes, is_last, &mut worker)
        };
        if wave.len() < 4 * CHUNK {
            wave.chunks(CHUNK).map(work).collect()
        } else {
            pool.install(|| wave.par_chunks(CHUNK).map(work).collect())
        }
    }

    fn take_in(&mut self, block: &Block, first: u32, next: &mut Vec<u32>) {
        let Run { space, store, scratch, sightings, counts, .. } = self;
        if let Some(level) = counts.levels.last_mut() {
            *level += block.flags.len() as u64;
        }
        counts.edges += block.edges;
        counts.covered += block.covered;
        let depth = counts.levels.len() as u32 - 1;
        let mut note = |node: u32, flags: u64, is_step: bool| {
            let depth = depth + u32::from(is_step);
            for bit in (0..64).filter(|bit| flags >> bit & 1 == 1) {
                match sightings.iter_mut().find(|known| known.bit == bit) {
                    Some(known) if depth < known.depth => *known = Seen { bit, depth, node, is_step },
                    Some(_) => {}
                    None => sightings.push(Seen { bit, depth, node, is_step }),
                }
            }
        };
        block.flags.iter().for_each(|&(node, flags)| note(node, flags, false));
        block.steps.iter().for_each(|&(node, flags)| note(node, flags, true));
        for candidate in &block.candidates {
            let (bytes, parts) = (&block.bytes[candidate.start..candidate.end], candidate.parts);
            if store.is_covered(*space, scratch, candidate.print, bytes, parts) {
                counts.covered += 1;
            } else {
                let Candidate { parent, print, flags, .. } = *candidate;
                let new = New { parent, print, flags, bytes, parts };
                next.extend(store.insert(*space, scratch, first, &new));
            }
        }
    }

    fn look(&self, depth: u32, waiting: usize) -> Progress {
        Progress {
            unique: self.store.nodes.len() as u64,
            judged: self.counts.levels.iter().sum(),
            waiting: waiting as u64,
            edges: self.counts.edges,
            depth,
            rate: 0.0,
            bytes: self.store.bytes,
            elapsed: self.begun.elapsed(),
        }
    }

    fn bound(&self) -> Option<Bound> {
        let options = self.options;
        if options.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
            Some(Bound::Cancelled)
        } else if options.time_limit.is_some_and(|limit| self.begun.elapsed() >= limit) {
            Some(Bound::Time)
        } else if options.max_states.is_some_and(|most| self.store.nodes.len() as u64 > most)
            || self.store.nodes.len() >= NOWHERE as usize / 2
        {
            Some(Bound::States)
        } else if options.max_bytes.is_some_and(|most| self.store.bytes as u64 > most) {
            Some(Bound::Memory)
        } else {
            None
        }
    }

    fn finish(mut self, end: End) -> Covered<S::Action> {
        let mut sightings = std::mem::take(&mut self.sightings);
        sightings.sort_unstable_by_key(|seen| seen.bit);
        let sightings = sightings.iter().map(|seen| path(self.space, &self.store, seen)).collect();
        let counts = Counts {
            stored: self.store.nodes.len() as u64,
            kept: self.store.keys.iter().map(|key| key.nodes.len() as u64).sum(),
            discrete: self.store.keys.len() as u64,
            joined: self.store.joined,
            elapsed: self.begun.elapsed(),
            bytes: self.store.bytes,
            ..self.counts
        };
        Covered { end, sightings, counts }
    }
}

/// Expands some states. What is stored is only read, so that what comes of it does not depend on who does what when.
fn expand_some<S: Covering>(space: &S, store: &Store, nodes: &[u32], is_last: bool, worker: &mut Worker<S>) -> Block {
    let Worker { generating, encoding, state } = worker;
    let (mut block, mut bytes) = (Block::default(), Vec::new());
    for &node in nodes.iter().filter(|&&node| !store.nodes[node as usize].is_covered) {
        store.read(node, &mut bytes);
        space.decode(generating, &bytes, state);
        let flags = store.nodes[node as usize].flags;
        block.flags.push((node, flags.bits));
        if !flags.expand {
            continue;
        }
        space.successors(generating, state, &mut |edge: Edge<S::Action>, next: &S::State| {
            debug_assert_eq!(edge.cost, Cost::Action, "time passes within the states of such a space");
            block.edges += 1;
            if edge.flags != 0 && !is_last {
                block.steps.push((node, edge.flags));
            }
            let start = block.bytes.len();
            let parts = space.encode_parts(encoding, next, &mut block.bytes);
            let print = store.prints.of(&block.bytes[start..start + parts.key]);
            if store.is_covered(space, encoding, print, &block.bytes[start..], parts) {
                block.covered += 1;
                block.bytes.truncate(start);
            } else if is_last {
                block.beyond = true;
                block.bytes.truncate(start);
            } else {
                let end = block.bytes.len();
                let flags = space.flags(encoding, next);
                block.candidates.push(Candidate { parent: node, flags, parts, start, end, print });
            }
        });
    }
    block
}
