//! Paths get their times back: THEORY.md section 9.

use crate::core::{Action, Core, Protocol, Variant};
use crate::mutants::MUTANTS;
use crate::search::search;
use crate::{BARE, FULL, order, phis, values};
use dhcpfo_clock::concretise::{Question, Reason, Verdict, concretise, replay};
use dhcpfo_clock::{FreeSpans, Options};
use dhcpfo_time::Time;

/// One hour of MCLT, three days of lease, and half an hour more: minutes.
const REAL: [u32; 3] = [60, 4_320, 4_350];

type Violated = fn(&Core, Time) -> bool;

fn question<'a>(protocol: &'a Protocol, initial: &'a Core, lengths: [u32; 3]) -> Question<'a, Protocol, Violated> {
    Question { timed: protocol, initial, values: values(lengths), violated: Protocol::violated, most: 10_000 }
}

fn verdict(protocol: &Protocol, lengths: [u32; 3], phi: usize, options: Options) -> Verdict<Action> {
    let mut order = order(phis()[phi], options);
    let path = search(protocol, &mut order).path.expect("the mutant is refuted");
    concretise(&question(protocol, &protocol.initial(), lengths), &mut order, &path)
}

#[test]
fn every_mutant_has_a_schedule() {
    let mut guided = 0;
    for (variant, _, actions) in MUTANTS {
        let protocol = Protocol::new(variant, 2);
        for phi in 0..phis().len() {
            for options in [BARE, FULL] {
                let Verdict::Realised(run) = verdict(&protocol, REAL, phi, options) else {
                    panic!("{variant:?} has no schedule");
                };
                assert!(run.actions.len() <= actions && run.actions.is_sorted_by_key(|(_, at)| at.parts));
                let initial = protocol.initial();
                let states = replay(&question(&protocol, &initial, REAL), FreeSpans::NONE, &run).expect("it replays");
                assert_eq!(states.len(), run.actions.len());
                guided += usize::from(run.guided);
            }
        }
    }
    // Both ways are needed: an order path often ties times that have no reason to be tied (THEORY.md section 9).
    assert!(0 < guided && guided < MUTANTS.len() * 6, "{guided} guided runs");
}

/// The schedule of one mutant in full: whole minutes, and no two actions at one instant.
#[test]
fn schedules_are_readable() {
    let Verdict::Realised(run) = verdict(&Protocol::new(Variant::PotentialIgnored, 2), REAL, 0, FULL) else {
        panic!("no schedule");
    };
    let lines: Vec<String> = run.actions.iter().map(|(action, at)| format!("{at} {action:?}")).collect();
    let expected =
        ["0 Grant", "1 TakeUpdate", "2 TakeReply", "3 Grant", "4 Crash", "5 EnterPartnerDown", "65 Reallocate"];
    assert_eq!(lines, expected);
    assert_eq!(run.end.to_string(), "65");
}

/// What the order without projection finds is no run at all.
#[test]
fn a_spurious_path_is_unrealisable() {
    let verdict = verdict(&Protocol::new(Variant::Correct, 2), REAL, 0, Options { project: false, ..BARE });
    let Verdict::Unrealisable(Reason::NoRun { states, conflict }) = verdict else {
        panic!("the correct core has a counterexample: {verdict:?}");
    };
    assert!(states > 7 && conflict.0.len() > 1, "{states} states\n{conflict}");
}
