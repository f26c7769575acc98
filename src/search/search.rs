//! The native engine: breadth first over stages.
//!
//! The *level* of a state is the least number of protocol actions on a path to it, its *ticks* the least number of
//! passages of time among those paths. The search goes through the stages (level, ticks) in ascending order: a
//! breadth-first search with costs (0, 1) for a tick and (1, 0) for an action. A state that was stored for a later
//! stage and is then reached at an earlier one is moved there; its old place in the queue is passed over.
//!
//! Each stage is worked through in *waves* of a fixed number of chunks. In the first half of a wave the chunks are
//! expanded in parallel while the table is only read; in the second half each shard of the table takes in its
//! candidates in the order of the chunks, the shards in parallel. Nothing depends on which thread does what, so counts,
//! verdicts and paths are the same for every number of threads.

use crate::expand::{Block, Expand, Pass, RawHit, Reach, Settled, WAVE, Workers};
use crate::fingerprint::Fingerprints;
use crate::frontier::{Chunk, Frontier};
use crate::outcome::{Bound, End, Explored, Hit, Options, Progress, Stats};
use crate::space::{Cost, Space};
use crate::visited::{MAX_STATES, Ordinal, Shard, Stage, Visited};
use rayon::prelude::*;
use std::fmt;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Waves with fewer states than this are not worth waking other threads for.
const WORTH_SHARING: u32 = 256;
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// Why a search could not begin, or says nothing.
#[derive(Debug)]
#[non_exhaustive]
pub enum SearchError {
    /// The threads could not be started.
    Threads(rayon::ThreadPoolBuildError),
    /// The space has no initial state, so every claim would hold for nothing.
    NoInitialState,
    /// What was searched is not what was meant, so that verdicts would say nothing; why.
    Void(String),
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Threads(error) => write!(f, "cannot start the threads of the search: {error}"),
            Self::Void(why) => write!(f, "the search has no verdict: {why}"),
            Self::NoInitialState => write!(f, "there is no initial state, so there is nothing to search"),
        }
    }
}

impl std::error::Error for SearchError {}

/// Searches the whole space, or as much of it as `options` allow. `progress` is called about five times a second.
///
/// # Errors
/// No threads, or nothing to search.
pub fn search<S: Space>(
    space: &S,
    options: &Options<'_>,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Explored, SearchError> {
    let begun = Instant::now();
    let mut beginning = Beginning::new(options.hash_seed);
    let some_state = beginning.store(space).ok_or(SearchError::NoInitialState)?;
    let workers = Workers::new(space, &some_state, options.threads.max(1));
    let mut run = Run::new(beginning, &workers, options, progress, begun)?;
    let end = run.levels();
    Ok(run.finish(end))
}

/// The initial states.
struct Beginning {
    prints: Fingerprints,
    visited: Visited,
    frontier: Frontier,
}

impl Beginning {
    fn new(hash_seed: u64) -> Self {
        Self { prints: Fingerprints::new(hash_seed), visited: Visited::new(), frontier: Frontier::default() }
    }

    /// Stores the initial states, and gives one of them.
    fn store<S: Space>(&mut self, space: &S) -> Option<S::State> {
        let stage = Stage::new(0, 0);
        // As if a tick led to them from nowhere: they belong to the current level.
        let mut bucket = self.frontier.take(stage, Cost::Tick);
        let (mut some_state, mut bytes, mut encoding) = (None, Vec::new(), space.scratch());
        space.initial(&mut space.scratch(), &mut |state| {
            bytes.clear();
            space.encode(&mut encoding, state, &mut bytes);
            let fp = self.prints.of(&bytes);
            let shard = Visited::shard_of(fp);
            if let Some(ordinal) = self.visited.shards[shard].insert(fp, Ordinal::NONE, stage) {
                let mut chunk = Chunk::for_some_of(1, bytes.len(), stage);
                chunk.push(ordinal, &bytes);
                bucket.append(chunk);
            }
            some_state = Some(state.clone());
        });
        self.frontier.put(stage, Cost::Tick, bucket);
        some_state
    }
}

/// A search that is under way. It knows nothing of its space, so that it is compiled once and not for each.
struct Run<'a> {
    workers: &'a dyn Expand,
    options: &'a Options<'a>,
    progress: &'a mut dyn FnMut(&Progress),
    pool: rayon::ThreadPool,
    blocks: Vec<Block>,
    waves: u64,
    prints: Fingerprints,
    visited: Visited,
    frontier: Frontier,
    /// Chunks of the current stage that are still to be expanded, last one first.
    waiting: Vec<Chunk>,
    kept: Vec<Chunk>,
    kept_bytes: usize,
    reach: Reach,
    beyond: bool,
    hits: Vec<RawHit>,
    stats: Stats,
    begun: Instant,
    last_progress: (Instant, u64),
}

impl<'a> Run<'a> {
    fn new(
        beginning: Beginning,
        workers: &'a dyn Expand,
        options: &'a Options<'a>,
        progress: &'a mut dyn FnMut(&Progress),
        begun: Instant,
    ) -> Result<Self, SearchError> {
        let threads = options.threads.max(1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(SearchError::Threads)?;
        let Beginning { prints, visited, frontier } = beginning;
        Ok(Self {
            workers,
            options,
            progress,
            pool,
            blocks: (0..WAVE).map(|_| Block::default()).collect(),
            waves: 0,
            prints,
            visited,
            frontier,
            waiting: Vec::new(),
            kept: Vec::new(),
            kept_bytes: 0,
            reach: if options.max_depth == Some(0) { Reach::LastLevel } else { Reach::Everything },
            beyond: false,
            hits: Vec::new(),
            stats: Stats {
                unique: 0,
                judged: 0,
                edges: 0,
                unexpanded: 0,
                levels: Vec::new(),
                elapsed: Duration::ZERO,
                peak_bytes: 0,
                peak_table_bytes: 0,
                peak_beyond_frontier: 0,
            },
            begun,
            last_progress: (begun, 0),
        })
    }

    fn levels(&mut self) -> End {
        loop {
            self.stats.levels.push(0);
            while let Some(bucket) = self.frontier.pop() {
                self.waiting = bucket.into_chunks();
                self.waiting.reverse();
                while !self.waiting.is_empty() {
                    self.wave();
                    self.report();
                    if let Some(bound) = self.bound() {
                        return End::CutOff(bound);
                    }
                }
            }
            match self.reach {
                Reach::Closing => return End::Stopped,
                Reach::LastLevel if self.beyond => return End::CutOff(Bound::Depth),
                Reach::Everything if self.frontier.has_next() => self.frontier.advance(),
                Reach::LastLevel | Reach::Everything => return End::Exhausted,
            }
            if self.frontier.level() >= self.options.max_depth.unwrap_or(u32::MAX).min(Stage::MAX_LEVEL) {
                self.reach = Reach::LastLevel;
            }
        }
    }

    /// Expands the next chunks of the current stage and stores what is new.
    fn wave(&mut self) {
        let rest = self.waiting.len().saturating_sub(WAVE);
        let mut chunks = self.waiting.split_off(rest);
        chunks.reverse();
        let Some(stage) = chunks.first().map(|chunk| chunk.stage) else { return };
        let shared = chunks.iter().map(|chunk| chunk.states).sum::<u32>() >= WORTH_SHARING;
        self.expand(stage, &chunks, shared);
        self.tally(chunks.len());
        self.store(stage, chunks.len(), shared);
        if self.options.keep_states {
            self.kept_bytes += chunks.iter().map(Chunk::heap_bytes).sum::<usize>();
            self.kept.append(&mut chunks);
        }
        self.measure();
    }

    fn expand(&mut self, stage: Stage, chunks: &[Chunk], shared: bool) {
        let pass = Pass {
            prints: &self.prints,
            visited: &self.visited,
            reach: self.reach,
            settled: Settled {
                state: self.settled(stage),
                tick: self.settled(stage.after(Cost::Tick)),
                action: self.settled(stage.after(Cost::Action)),
            },
        };
        let workers = self.workers;
        let first = self.waves * WAVE as u64;
        let work = |(index, (block, chunk)): (usize, (&mut Block, &Chunk))| {
            let thread = rayon::current_thread_index().unwrap_or(0);
            workers.expand(&pass, chunk, first + index as u64, thread, block);
        };
        if shared {
            let blocks = &mut self.blocks;
            self.pool.install(|| blocks.par_iter_mut().zip(chunks).enumerate().with_max_len(1).for_each(work));
        } else {
            self.blocks.iter_mut().zip(chunks).enumerate().for_each(work);
        }
        self.waves += 1;
    }

    /// The flags that have a hit at this stage or earlier.
    fn settled(&self, stage: Stage) -> u64 {
        self.hits.iter().filter(|hit| hit.stage <= stage).fold(0, |bits, hit| bits | 1 << hit.bit)
    }

    /// Adds up what the blocks counted and saw, in their order.
    fn tally(&mut self, blocks: usize) {
        for block in &self.blocks[..blocks] {
            self.stats.judged += block.states;
            self.stats.edges += block.edges;
            self.stats.unexpanded += block.unexpanded;
            if let Some(level) = self.stats.levels.last_mut() {
                *level += block.states;
            }
            self.beyond |= block.beyond;
            for &hit in &block.hits {
                match self.hits.iter_mut().find(|known| known.bit == hit.bit) {
                    Some(known) if hit.stage < known.stage => *known = hit,
                    Some(_) => {}
                    None => self.hits.push(hit),
                }
            }
        }
        if self.hits.iter().any(|hit| self.options.stop_on >> hit.bit & 1 == 1) {
            self.reach = Reach::Closing;
        }
    }

    /// Lets every shard take in its candidates, and queues those that are new.
    fn store(&mut self, stage: Stage, blocks: usize, shared: bool) {
        let blocks = &mut self.blocks[..blocks];
        let shards = &mut self.visited.shards;
        if shared {
            self.pool.install(|| {
                shards.par_iter_mut().with_max_len(1).for_each(|shard| take_in(shard, blocks, stage));
                blocks.par_iter_mut().with_max_len(1).for_each(|block| block.queue(stage));
            });
        } else {
            shards.iter_mut().for_each(|shard| take_in(shard, blocks, stage));
            blocks.iter_mut().for_each(|block| block.queue(stage));
        }
        for cost in [Cost::Tick, Cost::Action] {
            let target = stage.after(cost);
            let mut bucket = self.frontier.take(target, cost);
            blocks.iter_mut().flat_map(|block| block.queued(cost).drain(..)).for_each(|chunk| bucket.append(chunk));
            self.frontier.put(target, cost, bucket);
        }
    }

    /// Bytes that do not depend on the number of threads.
    fn lasting_bytes(&self) -> usize {
        self.visited.bytes() + self.kept_bytes + self.waiting_bytes()
    }

    /// Bytes of the states that wait.
    fn waiting_bytes(&self) -> usize {
        self.frontier.heap_bytes() + self.waiting.iter().map(Chunk::heap_bytes).sum::<usize>()
    }

    fn bytes(&self) -> usize {
        self.lasting_bytes() + self.workers.bytes() + self.blocks.iter().map(Block::heap_bytes).sum::<usize>()
    }

    /// Brings the peaks up to date.
    fn measure(&mut self) {
        let growth = self.visited.take_transient();
        self.stats.peak_table_bytes = self.stats.peak_table_bytes.max(self.visited.bytes() + growth);
        let bytes = self.bytes() + growth;
        self.stats.peak_bytes = self.stats.peak_bytes.max(bytes);
        self.stats.peak_beyond_frontier = self.stats.peak_beyond_frontier.max(bytes - self.waiting_bytes());
    }

    /// The bound that has been hit, if there is still something to do.
    fn bound(&self) -> Option<Bound> {
        let options = self.options;
        if self.waiting.is_empty() && !self.frontier.has_work(self.reach == Reach::Everything) {
            None
        } else if options.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
            Some(Bound::Cancelled)
        } else if options.time_limit.is_some_and(|limit| self.begun.elapsed() >= limit) {
            Some(Bound::Time)
        } else if self.visited.len() > options.max_states.unwrap_or(MAX_STATES).min(MAX_STATES) {
            Some(Bound::States)
        } else if options.max_bytes.is_some_and(|limit| self.lasting_bytes() as u64 > limit) {
            Some(Bound::Memory)
        } else {
            None
        }
    }

    fn report(&mut self) {
        let (then, judged) = self.last_progress;
        let since = then.elapsed();
        if since < PROGRESS_EVERY {
            return;
        }
        let unique = self.visited.len();
        let look = Progress {
            unique,
            judged: self.stats.judged,
            waiting: unique - self.stats.judged,
            edges: self.stats.edges,
            depth: self.frontier.level(),
            rate: (self.stats.judged - judged) as f64 / since.as_secs_f64(),
            bytes: self.bytes(),
            elapsed: self.begun.elapsed(),
        };
        (self.progress)(&look);
        self.last_progress = (Instant::now(), self.stats.judged);
    }

    fn finish(mut self, end: End) -> Explored {
        self.measure();
        // A level is empty if all that was put there has moved to an earlier one.
        self.stats.levels.pop_if(|states| *states == 0);
        self.stats.unique = self.visited.len();
        self.stats.elapsed = self.begun.elapsed();
        self.hits.sort_by_key(|hit| hit.bit);
        let hits = self.hits.iter().map(|hit| Hit {
            bit: hit.bit,
            depth: hit.stage.level(),
            ticks: hit.stage.ticks(),
            site: hit.site,
        });
        Explored {
            end,
            hits: hits.collect(),
            stats: self.stats,
            visited: self.visited,
            prints: self.prints,
            kept: self.kept,
        }
    }
}

/// Stores one shard's candidates, block by block, and marks what is new or has moved to an earlier stage.
fn take_in(shard: &mut Shard, blocks: &[Block], stage: Stage) {
    let (ticked, acted) = (stage.after(Cost::Tick), stage.after(Cost::Action));
    for block in blocks {
        let candidates = block.of_shard(shard.number());
        shard.warm(candidates.iter().map(|candidate| candidate.fp));
        for candidate in candidates {
            let target = if candidate.cost() == Cost::Tick { ticked } else { acted };
            if let Some(ordinal) = shard.insert(candidate.fp, candidate.parent, target) {
                block.queue_as(candidate, ordinal);
            }
        }
    }
}
