//! What a successor costs on the MCLT core, by clock: `cargo bench -p dhcpfo-clock`.
#![allow(missing_docs, dead_code, reason = "the core and its search are shared with the tests")]

#[path = "../tests/mclt_core/core.rs"]
mod core;
#[path = "../tests/mclt_core/search.rs"]
mod search;

use crate::core::{Action, DESIRED_LEASE, MCLT, POTENTIAL_LEAD, Protocol, Variant};
use crate::search::explore;
use dhcpfo_clock::{Domain, Exact, FreeSpans, Options, Order, Phi, Ticks, Values, load, outcomes, tick};
use std::hint::black_box;
use std::time::Instant;

fn main() {
    let options = Options { settle: false, ..Options::default() };
    let chain = Phi::new(&[(MCLT, DESIRED_LEASE), (DESIRED_LEASE, POTENTIAL_LEAD)]);
    let (chain, empty) = (chain.expect("no cycle"), Phi::new(&[]).expect("no cycle"));
    let lengths = [(MCLT, 1), (DESIRED_LEASE, 3), (POTENTIAL_LEAD, 4)];
    let values = Values::new(&lengths).expect("positive");
    for grants in [2, 3] {
        measure("order, M<D<H", grants, Order::new(chain, FreeSpans::NONE, options));
        measure("order, empty", grants, Order::new(empty, FreeSpans::NONE, options));
        measure("exact, 1/3/4", grants, Exact::new(values, FreeSpans::NONE, options));
        measure("ticks, 1/3/4", grants, Ticks::new(values, FreeSpans::NONE, options));
    }
}

/// Generates all successors of all states, without a set to put them in; the best of 20 rounds.
fn measure<D: Domain>(name: &str, grants: u8, mut domain: D) {
    let protocol = Protocol::new(Variant::Correct, grants);
    let mut states = Vec::new();
    explore(&protocol, &mut domain, |_, _| false, &mut |moment| states.push(*moment));
    let mut room = states[0];
    let mut best = f64::MAX;
    let mut successors = 0u32;
    for _ in 0..20 {
        successors = 0;
        let begun = Instant::now();
        for from in &states {
            successors += u32::from(black_box(tick(&protocol, &mut domain, from)).is_some());
            load::<Protocol, D>(&mut domain, from, &mut room);
            for action in Action::ALL {
                outcomes(&protocol, &mut domain, from, &mut room, action, &mut |next, _| {
                    successors += 1;
                    black_box(next);
                });
            }
        }
        best = best.min(begun.elapsed().as_secs_f64() * 1e9 / f64::from(successors));
    }
    println!("{name}, {grants} grants: {successors} successors, {best:.0} ns each");
}
