//! The numbers of states of the correct core (THEORY.md section 7).

use crate::core::{Kinds, Protocol, Variant};
use crate::search::search;
use crate::{BARE, FULL, exact, order, phis, ticks};
use dhcpfo_clock::{Domain, Options};

/// All states of the correct core with so many grants. Fails if one of them is a violation.
fn count<D: Domain>(grants: u8, mut domain: D) -> usize {
    safe(&Protocol::new(Variant::Correct, grants), &mut domain)
}

fn safe<D: Domain>(protocol: &Protocol, domain: &mut D) -> usize {
    let found = search(protocol, domain);
    assert_eq!(found.steps(), None, "{protocol:?} is refuted");
    found.states
}

#[test]
fn ticks_of_four_sets_of_lengths() {
    let expected = [
        ([1, 3, 4], [1_127, 2_588, 4_049]),
        ([2, 6, 8], [2_889, 8_390, 13_891]),
        ([4, 12, 16], [8_936, 37_280, 65_624]),
        ([8, 24, 32], [31_626, 210_740, 389_854]),
    ];
    for (lengths, counts) in expected {
        assert_eq!([2, 3, 4].map(|grants| count(grants, ticks(lengths, BARE))), counts, "{lengths:?}");
    }
}

#[test]
fn order_under_three_declarations() {
    let counts = |grants, options| phis().map(|phi| count(grants, order(phi, options)));
    assert_eq!(counts(2, BARE), [1_764, 3_201, 5_921]);
    assert_eq!(counts(3, BARE), [7_048, 12_489, 20_509]);
    let plain = Options { dominance: false, ..BARE };
    assert_eq!(counts(2, plain), [2_367, 5_904, 16_531]);
    assert_eq!(counts(3, plain), [19_060, 61_097, 167_285]);
}

#[test]
fn order_with_dead_times_dropped() {
    let [phi, ..] = phis();
    assert_eq!([2, 3, 4].map(|grants| count(grants, order(phi, FULL))), [607, 2_091, 3_892]);
}

#[test]
fn exact_of_three_sets_of_lengths() {
    for lengths in [[1, 3, 4], [8, 24, 32]] {
        assert_eq!([2, 3, 4].map(|grants| count(grants, exact(lengths, BARE))), [1_624, 7_081, 15_916]);
    }
    assert_eq!([2, 3].map(|grants| count(grants, exact([5, 7, 8], BARE))), [1_945, 12_747]);
}

/// The prototype had 4,384 and 24,637 (860 and 3,906 with dead times dropped): see the report of the clocks.
#[test]
fn stamps_are_dear() {
    let [phi, ..] = phis();
    let count = |grants, options| {
        let protocol = Protocol { kinds: Kinds::PotentialStamps, ..Protocol::new(Variant::Correct, grants) };
        safe(&protocol, &mut order(phi, options))
    };
    assert_eq!([count(2, BARE), count(3, BARE)], [3_873, 21_293]);
    assert_eq!([count(2, FULL), count(3, FULL)], [817, 3_642]);
}

/// A deadline that is computed at each look instead of stored: THEORY.md section 3.
#[test]
fn waits_that_are_recomputed_are_dear() {
    let [phi, ..] = phis();
    let protocol = Protocol::new(Variant::Recomputed, 2);
    assert_eq!(safe(&protocol, &mut order(phi, BARE)), 4_608);
    assert_eq!(safe(&protocol, &mut order(phi, FULL)), 1_155);
}

/// THEORY.md section 7.
#[test]
fn the_order_of_the_calls_of_after_does_not_matter() {
    for (phi, states) in phis().into_iter().zip([7_048, 12_489, 20_509]) {
        let protocol = Protocol { permuted: true, ..Protocol::new(Variant::Correct, 3) };
        assert_eq!(safe(&protocol, &mut order(phi, BARE)), states);
    }
    let protocol = Protocol { permuted: true, ..Protocol::new(Variant::Correct, 3) };
    assert_eq!(safe(&protocol, &mut exact([1, 3, 4], BARE)), 7_081);
}
