//! Many runs on many threads, with one answer for any number of threads.
//!
//! A run is known by its number, which is its seed. Runs are carried out in blocks of a fixed size; within a block in
//! any order, and what came of them is looked at in the order of their numbers.

use rayon::prelude::*;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Which runs to carry out.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The number of the first.
    pub seed: u64,
    /// How many, shards of others included.
    pub runs: u64,
    /// Only those whose place, counted from 0, leaves `.0` when divided by `.1`.
    pub shard: (u64, u64),
    /// Runs that are carried out before their results are looked at. Say nothing that depends on it.
    pub block: u64,
    /// Begin no block after so long. What was done then depends on the machine.
    pub time_budget: Option<Duration>,
    /// Begin no block once somebody has set this.
    pub cancel: Option<&'a AtomicBool>,
}

impl Plan<'_> {
    /// All runs from `seed` on.
    pub const fn new(seed: u64, runs: u64) -> Plan<'static> {
        Plan { seed, runs, shard: (0, 1), block: 256, time_budget: None, cancel: None }
    }

    /// How many runs of this shard there are.
    fn own(&self) -> u64 {
        let (mine, of) = self.shard;
        self.runs.saturating_sub(mine).div_ceil(of)
    }
}

/// Why no more runs were carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All were.
    Done,
    /// Whoever looks at the results had enough.
    Enough,
    /// The time was over.
    Time,
    /// Somebody interrupted.
    Cancelled,
}

/// Carries out the runs of a plan, and hands the number of each with what came of it to `look`, in their order.
/// `run` is called on rayon's threads.
pub fn carry_out<T: Send>(
    plan: &Plan<'_>,
    run: impl Fn(u64) -> T + Sync,
    mut look: impl FnMut(u64, T) -> ControlFlow<()>,
) -> End {
    let begun = Instant::now();
    let (own, (mine, of)) = (plan.own(), plan.shard);
    let number = |place: u64| plan.seed.wrapping_add(mine + place * of);
    let mut next = 0;
    while next < own {
        if plan.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
            return End::Cancelled;
        }
        if plan.time_budget.is_some_and(|budget| begun.elapsed() >= budget) {
            return End::Time;
        }
        let end = own.min(next + plan.block.max(1));
        let block: Vec<Mutex<Option<T>>> = (next..end).map(|_| Mutex::new(None)).collect();
        in_parallel(block.len(), &|place| {
            let result = run(number(next + place as u64));
            *block[place].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        });
        for (place, result) in (next..end).zip(block) {
            // A panic in a run ends all of them, so each has its result.
            let Some(result) = result.into_inner().unwrap_or_else(PoisonError::into_inner) else { continue };
            if look(number(place), result).is_break() {
                return End::Enough;
            }
        }
        next = end;
    }
    End::Done
}

/// Does the work for each place below `count`. It knows nothing of runs, so that it is compiled once and not for each
/// protocol.
fn in_parallel(count: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..count).into_par_iter().for_each(work);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(plan: &Plan<'_>) -> Vec<(u64, u64)> {
        let mut seen = Vec::new();
        let _ = carry_out(
            plan,
            |seed| seed * seed,
            |seed, square| {
                seen.push((seed, square));
                ControlFlow::Continue(())
            },
        );
        seen
    }

    #[test]
    fn shards_are_the_whole() {
        let whole = seen(&Plan::new(5, 1000));
        assert_eq!(whole, (5..1005).map(|seed| (seed, seed * seed)).collect::<Vec<_>>());
        for of in [1, 3, 7] {
            let shard = |mine| seen(&Plan { shard: (mine, of), ..Plan::new(5, 1000) });
            let mut parts: Vec<_> = (0..of).flat_map(shard).collect();
            parts.sort_unstable();
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn a_look_may_end_it() {
        let (mut last, plan) = (0, Plan::new(0, 10_000));
        let end = carry_out(
            &plan,
            |seed| seed,
            |seed, _| {
                last = seed;
                if seed == 700 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!((end, last), (End::Enough, 700));
    }
}
