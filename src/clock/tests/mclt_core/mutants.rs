//! Broken cores and broken clocks: each is refuted, at the length that THEORY.md section 7 gives.

use crate::core::{Protocol, Variant};
use crate::search::{Found, search};
use crate::{BARE, FULL, exact, order, phis};
use dhcpfo_clock::{Domain, Options};

/// Mutants, with the steps to their violation and the actions of the protocol among them.
pub(crate) const MUTANTS: [(Variant, usize, usize); 6] = [
    (Variant::NoClamp, 5, 4),
    (Variant::EntryIgnored, 4, 4),
    (Variant::PartnerAlive, 4, 3),
    (Variant::PotentialIgnored, 8, 7),
    (Variant::AckWithoutStore, 8, 7),
    (Variant::Lazy, 10, 7),
];

fn lengths<D: Domain>(variant: Variant, domain: &mut D) -> (Option<usize>, Option<usize>) {
    let found: Found = search(&Protocol::new(variant, 2), domain);
    (found.steps(), found.actions())
}

#[test]
fn order_refutes_every_mutant() {
    for (variant, steps, actions) in MUTANTS {
        for phi in phis() {
            for options in [BARE, FULL, Options { dominance: false, ..BARE }] {
                let found = lengths(variant, &mut order(phi, options));
                assert_eq!(found, (Some(steps), Some(actions)), "{variant:?} {phi:?} {options:?}");
            }
        }
    }
}

#[test]
fn exact_refutes_every_mutant() {
    for (variant, steps, actions) in MUTANTS {
        for options in [BARE, FULL] {
            // 2/6/7: the potential must end within one MCLT of the lease for the last three.
            assert_eq!(lengths(variant, &mut exact([2, 6, 7], options)), (Some(steps), Some(actions)), "{variant:?}");
        }
    }
}

/// Without projection, or without the rules of insertion, the correct core is refuted.
#[test]
fn half_a_method_refutes_the_correct_core() {
    let [phi, ..] = phis();
    let spurious = |options| lengths(Variant::Correct, &mut order(phi, options)).0;
    assert_eq!(spurious(Options { project: false, ..BARE }), Some(10));
    assert_eq!(spurious(Options { rules: false, ..BARE }), Some(5));
}

/// Reading the lazy sentence with its stamps as deadlines would find a violation where there is none (5 steps).
#[test]
fn stamps_declared_as_deadlines_are_caught() {
    use crate::core::Kinds;
    let [phi, ..] = phis();
    let protocol = Protocol { kinds: Kinds::Deadlines, ..Protocol::new(Variant::Recomputed, 2) };
    let run = std::panic::AssertUnwindSafe(|| search(&protocol, &mut order(phi, BARE)).steps());
    let outcome = std::panic::catch_unwind(run);
    assert!(outcome.is_err(), "a passed deadline was used as a base");
}
