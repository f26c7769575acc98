//! All engines on LF2: the exact counts that seven other tools agree on, and shortest counterexamples.

mod lf2;

use dhcpfo_search::stateright_model::{Claim, ClaimKind, SpaceModel};
use dhcpfo_search::{Cost, End, Explored, Options, plain, search};
use lf2::{Action, BEYOND_MCLT, DUPLICATE, Lf2, MCLT_PASSED};
use stateright::{Checker, Model, UniformChooser};
use std::time::Duration;

fn run(space: &Lf2, threads: usize) -> Explored {
    search(space, &Options { threads, ..Options::default() }, &mut |_| {}).expect("the search begins")
}

fn symmetric(space: Lf2) -> Lf2 {
    Lf2 { symmetry: true, ..space }
}

fn broken(space: Lf2) -> Lf2 {
    Lf2 { bug: true, ..space }
}

/// The native engine with 1, 2 and 4 threads; everything but the times must be the same.
fn native(space: &Lf2) -> Explored {
    let [one, two, four] = [1, 2, 4].map(|threads| run(space, threads));
    for other in [&two, &four] {
        assert_eq!(one.end, other.end);
        assert_eq!(one.hits, other.hits);
        assert_eq!((one.stats.unique, one.stats.edges), (other.stats.unique, other.stats.edges));
        assert_eq!(one.stats.levels, other.stats.levels);
        assert_eq!(one.digest(), other.digest());
        for hit in &one.hits {
            assert_eq!(actions(space, &one, hit.bit), actions(space, other, hit.bit));
        }
    }
    one
}

fn actions(space: &Lf2, explored: &Explored, bit: u32) -> Vec<Action> {
    let hit = explored.hit(bit).expect("the flag is seen");
    let trace = explored.trace(space, hit).expect("the path can be rebuilt");
    trace.steps.iter().map(|step| step.edge.action).collect()
}

#[test]
fn counts_of_the_native_engine() {
    for (space, states, edges, depth) in [
        (Lf2::new(2, 1, 1), 4_428, 18_376, 19),
        (Lf2::new(2, 1, 2), 20_244, 119_806, 21),
        (Lf2::new(2, 1, 3), 55_412, 420_446, 23),
        (Lf2::new(2, 2, 1), 225_528, 1_143_680, 31),
        (Lf2::new(3, 1, 1), 8_502, 35_687, 19),
        (Lf2::new(3, 1, 2), 46_824, 281_540, 21),
    ] {
        let found = native(&space);
        let stats = &found.stats;
        assert_eq!(found.end, End::Exhausted);
        // The table counts the states of a longest shortest path, the initial one included.
        assert_eq!((stats.unique, stats.edges, stats.depth() + 1), (states, edges, depth), "{space:?}");
        assert!(found.hit(DUPLICATE).is_none() && found.hit(BEYOND_MCLT).is_none(), "{space:?}");
        assert!(found.hit(MCLT_PASSED).is_some(), "{space:?}");
    }
}

#[test]
fn counts_up_to_client_symmetry() {
    for (space, classes) in [
        (Lf2::new(2, 1, 1), 2_250),
        (Lf2::new(2, 1, 2), 10_212),
        (Lf2::new(2, 2, 1), 112_956),
        (Lf2::new(3, 1, 1), 2_266),
        (Lf2::new(3, 1, 2), 11_144),
    ] {
        assert_eq!(native(&symmetric(space)).stats.unique, classes, "{space:?}");
    }
}

#[test]
fn all_engines_agree() {
    for space in [Lf2::new(2, 1, 1), Lf2::new(2, 1, 2), symmetric(Lf2::new(2, 1, 2)), broken(Lf2::new(2, 1, 2))] {
        let (native, plain) = (run(&space, 2), plain::explore(&space));
        assert_eq!((native.stats.unique, native.stats.edges), (plain.unique, plain.edges), "{space:?}");
        assert_eq!(native.stats.levels, plain.levels, "{space:?}");
        let depths: Vec<_> = native.hits.iter().map(|hit| (hit.bit, hit.depth)).collect();
        assert_eq!(depths, plain.flags.into_iter().collect::<Vec<_>>(), "{space:?}");
        let checkers = [1, 2].map(|threads| {
            let checker = || model(space).checker().threads(threads);
            let (bfs, dfs) = (checker().spawn_bfs().join(), checker().spawn_dfs().join());
            assert_eq!(bfs.discoveries().len(), dfs.discoveries().len());
            assert_eq!(bfs.discovery("no duplicate").is_some(), space.bug);
            assert_eq!(bfs.state_count() as u64, plain.edges + 1);
            [bfs.unique_state_count(), dfs.unique_state_count()]
        });
        assert_eq!(checkers, [[plain.unique as usize; 2]; 2], "{space:?}");
    }
}

fn model(space: Lf2) -> SpaceModel {
    let claims = vec![
        Claim { name: "no duplicate", bit: DUPLICATE, kind: ClaimKind::Never },
        Claim { name: "within MCLT", bit: BEYOND_MCLT, kind: ClaimKind::Never },
        Claim { name: "MCLT passes", bit: MCLT_PASSED, kind: ClaimKind::Sometimes },
    ];
    SpaceModel::new(space, claims)
}

#[test]
fn stateright_simulates_and_goes_on_demand() {
    let simulation = model(broken(Lf2::new(2, 1, 2))).checker().target_state_count(20_000);
    assert!(simulation.spawn_simulation(7, UniformChooser).join().state_count() >= 20_000);
    let on_demand = model(Lf2::new(2, 1, 1)).checker().spawn_on_demand();
    on_demand.run_to_completion();
    // `join` would wait for ever: the checker itself holds the channel whose end its last thread waits for.
    while !on_demand.is_done() {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(on_demand.unique_state_count(), 4_428);
}

#[test]
fn expiries_as_ticks_change_lengths_only() {
    let counted = plain::explore(&Lf2::new(2, 1, 3));
    let space = Lf2 { free_expiry: true, ..Lf2::new(2, 1, 3) };
    let (native, plain) = (native(&space), plain::explore(&space));
    assert_eq!((native.stats.unique, native.stats.edges), (counted.unique, counted.edges));
    assert_eq!(native.stats.levels, plain.levels);
    assert_ne!(native.stats.levels, counted.levels);
}

#[test]
fn the_planted_bug_has_a_counterexample_of_nine_steps() {
    for space in [Lf2::new(2, 1, 2), symmetric(Lf2::new(2, 1, 2)), Lf2::new(2, 2, 2)].map(broken) {
        let options = Options { threads: 2, stop_on: 1 << DUPLICATE, ..Options::default() };
        let found = search(&space, &options, &mut |_| {}).expect("the search begins");
        assert_eq!((found.end, found.stats.depth()), (End::Stopped, 9), "{space:?}");
        let path = actions(&space, &found, DUPLICATE);
        assert_eq!(path.len(), 9, "{space:?}");
        // The path is one of the clients themselves, also where the search does not tell them apart.
        let received = path.iter().filter(|action| matches!(action, Action::ClientRecvAck { .. }));
        let clients: Vec<_> = received.map(|action| format!("{action:?}")).collect();
        assert!(clients.len() == 2 && clients[0] != clients[1], "{path:?}");
    }
}

#[test]
fn the_mclt_bound_fails_after_three_steps() {
    // Send, allocate with LONG, receive: the partner has nothing yet. (The 8 and 7 steps of the table are Stateright's,
    // which overwrites its first discovery; the bare search beside it stops at 3, too.)
    for (space, depth) in [(Lf2::new(2, 1, 2), 3), (Lf2::new(2, 2, 2), 3)] {
        let options = Options { stop_on: 1 << BEYOND_MCLT, ..Options::default() };
        let found = search(&broken(space), &options, &mut |_| {}).expect("the search begins");
        assert_eq!(found.hit(BEYOND_MCLT).map(|hit| hit.depth), Some(depth), "{space:?}");
        assert!(found.hit(DUPLICATE).is_none(), "{space:?}");
    }
}

#[test]
fn another_hash_seed_gives_the_same_counts() {
    let space = Lf2::new(2, 1, 2);
    let seeded = search(&space, &Options { hash_seed: 99, ..Options::default() }, &mut |_| {});
    let (seeded, plain) = (seeded.expect("the search begins"), run(&space, 1));
    assert_eq!((seeded.stats.unique, seeded.stats.edges), (plain.stats.unique, plain.stats.edges));
    assert_eq!(seeded.stats.levels, plain.stats.levels);
}

#[test]
fn every_step_of_a_path_costs_what_it_says() {
    let space = Lf2 { free_expiry: true, ..broken(Lf2::new(2, 1, 2)) };
    let found = run(&space, 1);
    for hit in &found.hits {
        let trace = found.trace(&space, hit).expect("the path can be rebuilt");
        let ticks = trace.steps.iter().filter(|step| step.edge.cost == Cost::Tick).count();
        assert_eq!((trace.depth(), ticks), (hit.depth as usize, hit.ticks as usize));
    }
}
