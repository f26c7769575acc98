//! The counts that SPIN, Murphi, TLC and Stateright agree on: states, transitions fired, and states on a longest shortest
//! path; and states up to the names of clients.

use dhcpfo_lf2::Lf2;
use dhcpfo_study::answer::{Answer, RunOptions};
use dhcpfo_study::{Model, Protocol, cross, run};

/// Clients, addresses, capacity; states, transitions, depth; states up to the names of clients.
const COUNTS: [([u8; 3], [u64; 3], u64); 9] = [
    ([2, 1, 1], [4_428, 18_376, 19], 2_250),
    ([2, 1, 2], [20_244, 119_806, 21], 10_212),
    ([2, 1, 3], [55_412, 420_446, 23], 27_820),
    ([2, 2, 1], [225_528, 1_143_680, 31], 112_956),
    ([2, 2, 2], [1_570_000, 10_973_808, 33], 785_504),
    ([2, 2, 3], [6_663_720, 59_315_704, 35], 3_332_628),
    ([3, 1, 1], [8_502, 35_687, 19], 2_266),
    ([3, 1, 2], [46_824, 281_540, 21], 11_144),
    ([3, 2, 1], [664_620, 3_409_912, 31], 130_132),
];

/// Most states that are counted here; the others have models of class full.
const MOST: u64 = 300_000;

fn model([clients, addresses, capacity]: [u8; 3], told_apart: bool) -> Model<Lf2> {
    let system = Lf2 { clients, addresses, capacity: u32::from(capacity), crashes: 1, always_long: false, told_apart };
    Model {
        system,
        claims: Lf2::CLAIMS.to_vec(),
        witnesses: Vec::new(),
        runs: Vec::new(),
        fair: Vec::new(),
        lengths: Default::default(),
    }
}

fn answer(model: &Model<Lf2>) -> Answer {
    run::run(model, &RunOptions { threads: 2, ..RunOptions::whole() }, &mut |_| {}).expect("a search")
}

#[test]
fn states_transitions_and_depths_are_those_of_other_tools() {
    for (size, [states, fired, depth], _) in COUNTS.into_iter().filter(|(_, [states, ..], _)| *states <= MOST) {
        let answer = answer(&model(size, true));
        assert!(answer.cut_off.is_none() && answer.claims.iter().all(Option::is_none), "{size:?}");
        assert_eq!([answer.unique, answer.edges, u64::from(answer.depth) + 1], [states, fired, depth], "{size:?}");
    }
}

#[test]
fn states_up_to_names_are_those_of_other_tools() {
    for (size, _, alike) in COUNTS.into_iter().filter(|(.., alike)| *alike <= MOST) {
        assert_eq!(answer(&model(size, false)).unique, alike, "{size:?}");
    }
}

#[test]
fn three_searches_count_the_same() {
    for told_apart in [true, false] {
        let model = model([2, 1, 2], told_apart);
        assert!(cross::counts(&model).expect("threads").agree());
        let (plain, answer) = (cross::plainly(&model), answer(&model));
        assert_eq!((plain.edges, plain.levels.len() as u32), (answer.edges, answer.depth + 1));
    }
}
