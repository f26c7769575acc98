//! What a successor costs. Run with `cargo test --release -p dhcpfo-world -- --ignored --nocapture cost`.

use crate::core::{Action, Protocol, Variant};
use crate::search::explore;
use crate::{BARE, exact, order, phis, ticks};
use dhcpfo_world::clock::{Domain, load, outcomes, tick};
use std::hint::black_box;
use std::time::Instant;

#[test]
#[ignore = "a measurement"]
fn cost_of_a_successor() {
    let [chain, _, empty] = phis();
    for grants in [2, 3] {
        measure("order, M<D<H", grants, order(chain, BARE));
        measure("order, empty", grants, order(empty, BARE));
        measure("exact, 1/3/4", grants, exact([1, 3, 4], BARE));
        measure("ticks, 1/3/4", grants, ticks([1, 3, 4], BARE));
    }
}

/// Generates all successors of all states, without a set to put them in; the best of 20 rounds.
fn measure<D: Domain>(name: &str, grants: u8, mut domain: D) {
    let protocol = Protocol::new(Variant::Correct, grants);
    let mut states = Vec::new();
    explore(&protocol, &mut domain, |_, _| false, &mut |moment| states.push(*moment));
    let mut best = f64::MAX;
    let mut successors = 0u32;
    for _ in 0..20 {
        successors = 0;
        let begun = Instant::now();
        for from in &states {
            successors += u32::from(black_box(tick(&protocol, &mut domain, from)).is_some());
            load::<Protocol, D>(&mut domain, from);
            for action in Action::ALL {
                outcomes(&protocol, &mut domain, from, action, &mut |next, _| {
                    successors += 1;
                    black_box(next);
                });
            }
        }
        best = best.min(begun.elapsed().as_secs_f64() * 1e9 / f64::from(successors));
    }
    println!("{name}, {grants} grants: {successors} successors, {best:.0} ns each");
}
