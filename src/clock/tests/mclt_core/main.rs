//! The clocks, tried on the MCLT core: reference counts of THEORY.md, mutants, oracles, schedules.

mod core;
mod counts;
mod lazy;
mod mutants;
mod oracles;
mod schedules;
mod search;

use crate::core::{DESIRED_LEASE, MCLT, POTENTIAL_LEAD};
use dhcpfo_clock::{Exact, FreeSpans, Options, Order, Phi, Ticks, Values};

/// Everything on but `settle`, as for the counts of THEORY.md section 7.
const BARE: Options = Options { project: true, rules: true, dominance: true, settle: false };
/// Everything on.
const FULL: Options = Options { settle: true, ..BARE };

/// Lengths of MCLT, desired lease and potential lead.
fn values([mclt, lease, potential]: [u32; 3]) -> Values {
    let lengths = [(MCLT, mclt), (DESIRED_LEASE, lease), (POTENTIAL_LEAD, potential)];
    Values::new(&lengths).expect("the lengths of the tests are positive")
}

/// What THEORY.md section 7 declares of the spans: M < D < H; D < H only; nothing.
fn phis() -> [Phi; 3] {
    let (short, long) = ((MCLT, DESIRED_LEASE), (DESIRED_LEASE, POTENTIAL_LEAD));
    [&[short, long][..], &[long], &[]].map(|pairs| Phi::new(pairs).expect("no cycle"))
}

fn order(phi: Phi, options: Options) -> Order {
    Order::new(phi, FreeSpans::NONE, options)
}

fn exact(lengths: [u32; 3], options: Options) -> Exact {
    Exact::new(values(lengths), FreeSpans::NONE, options)
}

fn ticks(lengths: [u32; 3], options: Options) -> Ticks {
    Ticks::new(values(lengths), FreeSpans::NONE, options)
}
