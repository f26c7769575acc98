//! The parallel half of a wave: decode states, judge them, generate successors, and keep those that may be new.
//!
//! The visited table is only read here. What comes out of a chunk depends on nothing but the chunk and the table as it
//! was when the wave began, so it is the same whichever thread does the work.

use crate::fingerprint::Fingerprints;
use crate::frontier::Chunk;
use crate::space::{Cost, Edge, Space};
use crate::visited::{BATCH, Ordinal, SHARDS, Stage, Visited};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// Blocks per wave: enough to keep many threads busy, few enough that a wave takes well below a second.
pub(crate) const WAVE: usize = 64;

/// Which edges are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// All.
    Everything,
    /// The level is the last one allowed: it is closed under ticks, and actions are only tried until one of them is
    /// seen to lead to a new state.
    LastLevel,
    /// The level is the last one wanted: it is closed under ticks.
    Closing,
}

/// Where a flag was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    State(Ordinal),
    /// On an edge of this cost out of this state.
    Edge(Ordinal, Cost),
}

#[derive(Clone, Copy)]
pub(crate) struct RawHit {
    pub(crate) bit: u32,
    pub(crate) stage: Stage,
    pub(crate) site: Site,
}

/// A successor that was not in the table when the wave began: what its shard has to know.
#[derive(Clone, Copy)]
pub(crate) struct Candidate {
    pub(crate) fp: u64,
    pub(crate) parent: Ordinal,
    /// Twice its place among the candidates of the block, plus one if an action leads to it.
    place_and_cost: u32,
}

impl Candidate {
    pub(crate) fn cost(&self) -> Cost {
        if self.place_and_cost & 1 == 1 { Cost::Action } else { Cost::Tick }
    }
}

/// What else there is to a candidate.
struct Body {
    cost: Cost,
    length: u16,
    at: u32,
    /// Set by the one shard that takes the candidate in, if it is to be queued.
    queued_as: AtomicU32,
}

impl Body {
    fn ordinal(&self) -> Ordinal {
        Ordinal(self.queued_as.load(Ordering::Relaxed))
    }

    fn bytes<'a>(&self, all: &'a [u8]) -> &'a [u8] {
        &all[self.at as usize..][..usize::from(self.length)]
    }
}

/// What came out of one chunk.
#[derive(Default)]
pub(crate) struct Block {
    /// In the order of generation.
    candidates: Vec<Candidate>,
    bodies: Vec<Body>,
    bytes: Vec<u8>,
    /// The candidates once more, shard by shard; within a shard in the order of generation.
    by_shard: Vec<Candidate>,
    starts: Vec<u32>,
    /// What is to be queued, by the cost of the edges that led there.
    by_tick: Vec<Chunk>,
    by_action: Vec<Chunk>,
    pub(crate) hits: Vec<RawHit>,
    pub(crate) states: u64,
    pub(crate) edges: u64,
    pub(crate) unexpanded: u64,
    /// An action led out of the last level allowed to a state that is not in the table.
    pub(crate) beyond: bool,
}

impl Block {
    fn clear(&mut self) {
        self.candidates.clear();
        self.bodies.clear();
        self.bytes.clear();
        self.hits.clear();
        (self.states, self.edges, self.unexpanded, self.beyond) = (0, 0, 0, false);
    }

    fn push(&mut self, fp: u64, parent: Ordinal, cost: Cost, bytes: &[u8]) {
        let (at, length) = (self.bytes.len() as u32, bytes.len() as u16);
        let place_and_cost = 2 * self.bodies.len() as u32 + u32::from(cost == Cost::Action);
        self.bytes.extend_from_slice(bytes);
        self.candidates.push(Candidate { fp, parent, place_and_cost });
        self.bodies.push(Body { cost, length, at, queued_as: AtomicU32::new(Ordinal::NONE.0) });
    }

    /// A stable counting sort of the candidates by shard.
    fn sort(&mut self) {
        self.starts.clear();
        self.starts.resize(SHARDS + 1, 0);
        for candidate in &self.candidates {
            self.starts[Visited::shard_of(candidate.fp) + 1] += 1;
        }
        for shard in 0..SHARDS {
            self.starts[shard + 1] += self.starts[shard];
        }
        self.by_shard.clone_from(&self.candidates);
        let mut ends = [0; SHARDS];
        ends.copy_from_slice(&self.starts[..SHARDS]);
        for &candidate in &self.candidates {
            let end = &mut ends[Visited::shard_of(candidate.fp)];
            self.by_shard[*end as usize] = candidate;
            *end += 1;
        }
    }

    /// The candidates of one shard.
    pub(crate) fn of_shard(&self, shard: usize) -> &[Candidate] {
        &self.by_shard[self.starts[shard] as usize..self.starts[shard + 1] as usize]
    }

    /// Says that this candidate is to be queued.
    pub(crate) fn queue_as(&self, candidate: &Candidate, ordinal: Ordinal) {
        self.bodies[candidate.place_and_cost as usize / 2].queued_as.store(ordinal.0, Ordering::Relaxed);
    }

    /// Puts the candidates that are to be queued into chunks, in the order in which they were generated.
    pub(crate) fn queue(&mut self, stage: Stage) {
        for (cost, queue) in [(Cost::Tick, &mut self.by_tick), (Cost::Action, &mut self.by_action)] {
            let stage = stage.after(cost);
            let queued = self.bodies.iter().filter(|body| body.ordinal() != Ordinal::NONE && body.cost == cost);
            let (mut states, mut bytes) = (0, 0);
            for body in queued.clone() {
                states += 1;
                bytes += usize::from(body.length);
            }
            let mut chunk = Chunk::for_some_of(states, bytes, stage);
            for body in queued {
                if chunk.is_full() {
                    queue.push(std::mem::replace(&mut chunk, Chunk::for_some_of(states, bytes, stage)));
                }
                chunk.push(body.ordinal(), body.bytes(&self.bytes));
                states -= 1;
                bytes -= usize::from(body.length);
            }
            queue.push(chunk);
        }
    }

    pub(crate) fn queued(&mut self, cost: Cost) -> &mut Vec<Chunk> {
        match cost {
            Cost::Tick => &mut self.by_tick,
            Cost::Action => &mut self.by_action,
        }
    }

    /// Notes the flags that have no hit as early as `stage` yet; `settled` is brought up to date.
    fn note(&mut self, flags: u64, settled: &mut u64, stage: Stage, site: Site) {
        let mut open = flags & !*settled;
        *settled |= open;
        while open != 0 {
            self.hits.push(RawHit { bit: open.trailing_zeros(), stage, site });
            open &= open - 1;
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        (self.candidates.capacity() + self.by_shard.capacity()) * size_of::<Candidate>()
            + self.bodies.capacity() * size_of::<Body>()
            + self.bytes.capacity()
            + 4 * self.starts.capacity()
    }
}

/// What all chunks of a wave share.
pub(crate) struct Pass<'a> {
    pub(crate) prints: &'a Fingerprints,
    pub(crate) visited: &'a Visited,
    pub(crate) reach: Reach,
    /// Flags that already have a hit as early as a state of this wave, a tick out of it, an action out of it.
    pub(crate) settled: Settled,
}

/// See [`Pass::settled`].
#[derive(Clone, Copy)]
pub(crate) struct Settled {
    pub(crate) state: u64,
    pub(crate) tick: u64,
    pub(crate) action: u64,
}

/// Successors that wait for a common look-up.
struct Batch {
    length: usize,
    fps: [u64; BATCH],
    costs: [Cost; BATCH],
    parents: [Ordinal; BATCH],
    /// Where the canonical bytes of each are. There may be gaps.
    places: [(usize, usize); BATCH],
    bytes: Vec<u8>,
}

/// States that this thread has met lately. Neighbours in the queue share most of their successors, so this spares
/// every other look-up in the table, which is far from the processor.
///
/// An entry is the upper part of a fingerprint, whose lower part is its place, and in the bits that this leaves free
/// the number of the block in which the state was met.
struct Recent {
    entries: Vec<u64>,
}

impl Recent {
    const PLACE: u64 = (1 << 14) - 1;

    /// Whether the state was met in this block or an earlier one, so that it is in the table already or has a
    /// candidate that will be stored first. What was met in a later block of the same wave must not count: which
    /// blocks a thread has worked on by now is a matter of chance. Of the number of a wave there is but a part in the
    /// entry; where that misleads, an earlier wave is taken for this one and the entry is at worst not used.
    #[inline]
    fn has_met(&mut self, fp: u64, block: u64) -> bool {
        let block = block & Self::PLACE;
        let entry = &mut self.entries[(fp & Self::PLACE) as usize];
        let (same_state, met_in) = (*entry & !Self::PLACE == fp & !Self::PLACE, *entry & Self::PLACE);
        let same_wave = met_in / WAVE as u64 == block / WAVE as u64;
        let met = same_state & (!same_wave | (met_in <= block));
        *entry = if met { *entry } else { fp & !Self::PLACE | block };
        met
    }
}

/// What one thread works with.
struct Worker<S: Space> {
    generating: S::Scratch,
    encoding: S::Scratch,
    state: S::State,
    batch: Batch,
    recent: Recent,
}

impl<S: Space> Worker<S> {
    /// About what one takes.
    const BYTES: usize = size_of::<Self>() + 8 * (Recent::PLACE as usize + 1);

    /// `state` is any state; its place will be reused.
    fn new(space: &S, state: S::State) -> Self {
        let batch = Batch {
            length: 0,
            fps: [1; BATCH],
            costs: [Cost::Action; BATCH],
            parents: [Ordinal::NONE; BATCH],
            places: [(0, 0); BATCH],
            bytes: Vec::new(),
        };
        let recent = Recent { entries: vec![0; Recent::PLACE as usize + 1] };
        Self { generating: space.scratch(), encoding: space.scratch(), state, batch, recent }
    }
}

/// Those who work through chunks, one for each thread.
pub(crate) trait Expand: Sync {
    /// Works through one chunk on one of the threads; see [`Pass::expand`].
    fn expand(&self, pass: &Pass<'_>, chunk: &Chunk, number: u64, thread: usize, block: &mut Block);
    /// About what they take.
    fn bytes(&self) -> usize;
}

/// See [`Expand`].
pub(crate) struct Workers<'a, S: Space> {
    space: &'a S,
    workers: Vec<Mutex<Worker<S>>>,
}

impl<'a, S: Space> Workers<'a, S> {
    /// `state` is any state; its place will be reused.
    pub(crate) fn new(space: &'a S, state: &S::State, threads: usize) -> Self {
        let worker = |_| Mutex::new(Worker::new(space, state.clone()));
        Workers { space, workers: (0..threads).map(worker).collect() }
    }
}

impl<S: Space> Expand for Workers<'_, S> {
    fn expand(&self, pass: &Pass<'_>, chunk: &Chunk, number: u64, thread: usize, block: &mut Block) {
        // A panic in the space ends the whole search, so a poisoned worker is never met.
        let mut worker = self.workers[thread].lock().unwrap_or_else(PoisonError::into_inner);
        pass.expand(self.space, chunk, number, &mut worker, block);
    }

    fn bytes(&self) -> usize {
        self.workers.len() * Worker::<S>::BYTES
    }
}

impl Pass<'_> {
    /// Works through one chunk. The results of the chunk replace what is in `block`. `number` is the number of the wave
    /// times [`WAVE`] plus the place of the chunk in the wave.
    fn expand<S: Space>(&self, space: &S, chunk: &Chunk, number: u64, worker: &mut Worker<S>, block: &mut Block) {
        block.clear();
        let mut settled = self.settled;
        let ticked = chunk.stage.after(Cost::Tick);
        let Worker { generating, encoding, state, batch, recent } = worker;
        for (ordinal, bytes) in chunk.iter() {
            if self.visited.stage(ordinal) != chunk.stage {
                continue; // It was moved to an earlier stage after it had been put here.
            }
            block.states += 1;
            space.decode(generating, bytes, state);
            let flags = space.flags_beyond(generating, state, settled.state);
            block.note(flags.bits, &mut settled.state, chunk.stage, Site::State(ordinal));
            if !flags.expand {
                block.unexpanded += 1;
                continue;
            }
            space.successors(generating, state, &mut |edge: Edge<S::Action>, next: &S::State| {
                if !self.follow(edge.cost, edge.flags, ordinal, chunk.stage, &mut settled, block) {
                    return;
                }
                let start = batch.bytes.len();
                space.encode(encoding, next, &mut batch.bytes);
                batch.push(start, self.prints, edge.cost, ordinal, recent, number);
                if batch.length == BATCH {
                    self.look_up(batch, ticked, block);
                }
            });
        }
        self.look_up(batch, ticked, block);
        block.sort();
    }

    /// Counts an edge and notes its flags; `false` if its target is of no interest.
    #[inline]
    fn follow(
        &self,
        cost: Cost,
        flags: u64,
        from: Ordinal,
        stage: Stage,
        settled: &mut Settled,
        block: &mut Block,
    ) -> bool {
        if cost == Cost::Action && self.reach != Reach::Everything {
            return self.reach == Reach::LastLevel && !block.beyond;
        }
        block.edges += 1;
        if flags != 0 {
            let settled = match cost {
                Cost::Tick => &mut settled.tick,
                Cost::Action => &mut settled.action,
            };
            block.note(flags, settled, stage.after(cost), Site::Edge(from, cost));
        }
        true
    }

    /// Looks the batch up and hands what may be new to the block.
    fn look_up(&self, batch: &mut Batch, ticked: Stage, block: &mut Block) {
        // What a short batch leaves over from the last one is looked up, too, and not used.
        let news = self.visited.news(&batch.fps, &batch.costs, ticked);
        for (i, _) in news.iter().enumerate().take(batch.length).filter(|(_, news)| **news) {
            let (cost, (start, end)) = (batch.costs[i], batch.places[i]);
            if cost == Cost::Action && self.reach != Reach::Everything {
                block.beyond = true;
            } else {
                block.push(batch.fps[i], batch.parents[i], cost, &batch.bytes[start..end]);
            }
        }
        batch.length = 0;
        batch.bytes.clear();
    }
}

impl Batch {
    /// Takes in the state whose canonical bytes begin at `start`, unless there is no need to.
    #[inline]
    fn push(
        &mut self,
        start: usize,
        prints: &Fingerprints,
        cost: Cost,
        parent: Ordinal,
        recent: &mut Recent,
        block: u64,
    ) {
        let (i, end) = (self.length, self.bytes.len());
        assert!(end - start <= usize::from(u16::MAX), "a canonical form is longer than 65,535 bytes");
        let fp = prints.of(&self.bytes[start..end]);
        self.fps[i] = fp;
        self.costs[i] = cost;
        self.parents[i] = parent;
        self.places[i] = (start, end);
        // About half of the states are known, which no branch could foretell; nor does what comes next have to wait
        // for the answer, because the next state goes behind this one in any case.
        // A state that is known may still be moved to an earlier stage by a tick.
        let known = recent.has_met(fp, block) & (cost == Cost::Action);
        self.length = i + usize::from(!known);
    }
}
