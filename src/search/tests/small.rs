//! The native engine on small spaces written by hand or by chance: order, closure under ticks, bounds, verdicts, paths.

mod graph;

use dhcpfo_search::stateright_model::{Claim, ClaimKind, SpaceModel};
use dhcpfo_search::{Bound, Cost, End, Explored, Options, SearchError, Space, plain, search};
use graph::Graph;
use stateright::{Checker, Model};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

fn run(space: &impl Space, options: &Options<'_>) -> Explored {
    search(space, options, &mut |_| {}).expect("the search begins")
}

fn all(space: &impl Space) -> Explored {
    run(space, &Options::default())
}

fn nodes(space: &Graph, explored: &Explored, bit: u32) -> Vec<u16> {
    let hit = explored.hit(bit).expect("the flag is seen");
    let trace = explored.trace(space, hit).expect("the path can be rebuilt");
    assert_eq!(trace.depth(), hit.depth as usize);
    std::iter::once(trace.initial).chain(trace.steps.iter().map(|step| step.state)).collect()
}

/// 0 to 3 in three actions, or in one action and two ticks.
fn detour() -> Graph {
    Graph::of(&[(0, 1), (1, 2), (2, 3), (0, 4), (3, 6)])
        .edge(4, 5, Cost::Tick)
        .edge(5, 3, Cost::Tick)
        .flag(3, 0)
        .flag(6, 1)
}

#[test]
fn ticks_do_not_count() {
    let space = detour();
    let found = all(&space);
    assert_eq!(found.end, End::Exhausted);
    assert_eq!(found.stats.levels, [1, 4, 2]);
    assert_eq!((found.hits[0].depth, found.hits[0].ticks), (1, 2));
    assert_eq!(nodes(&space, &found, 0), [0, 4, 5, 3]);
    assert_eq!(nodes(&space, &found, 1), [0, 4, 5, 3, 6]);
}

#[test]
fn fewest_ticks_among_paths_of_equally_many_actions() {
    // 3 is first stored for (1, 2), and moved to (1, 1) by a tick from 2, which is found later at (1, 0).
    let space = Graph::new(6)
        .edge(0, 1, Cost::Tick)
        .edge(1, 4, Cost::Tick)
        .edge(4, 3, Cost::Action)
        .edge(0, 2, Cost::Action)
        .edge(2, 3, Cost::Tick)
        .edge(3, 5, Cost::Action)
        .flag(5, 0);
    let found = all(&space);
    assert_eq!((found.stats.unique, found.stats.judged), (6, 6));
    assert_eq!((found.hits[0].depth, found.hits[0].ticks), (2, 1));
    assert_eq!(nodes(&space, &found, 0), [0, 2, 3, 5]);
}

#[test]
fn nothing_holds_in_an_empty_space() {
    let space = Graph { initial: Vec::new(), ..Graph::new(1) };
    assert!(matches!(search(&space, &Options::default(), &mut |_| {}), Err(SearchError::NoInitialState)));
}

#[test]
fn several_initial_states_count_once_each() {
    let space = Graph { initial: vec![2, 0, 2], ..Graph::of(&[(0, 1), (2, 3)]).flag(3, 0) };
    let found = all(&space);
    assert_eq!(found.stats.levels, [2, 2]);
    assert_eq!(nodes(&space, &found, 0), [2, 3]);
}

#[test]
fn depth_bound_counts_actions_and_closes_the_last_level() {
    let space = detour();
    let bounded = |depth| run(&space, &Options { max_depth: Some(depth), ..Options::default() });
    let first = bounded(1);
    assert_eq!(first.end, End::CutOff(Bound::Depth));
    assert_eq!((first.stats.levels.as_slice(), first.stats.unique), ([1, 4].as_slice(), 5));
    assert!(first.hit(0).is_some() && first.hit(1).is_none());
    assert_eq!(bounded(0).stats.levels, [1]);
    // The last level leads nowhere new, so the bound cut nothing off.
    assert_eq!(bounded(2).end, End::Exhausted);
    assert_eq!(bounded(2).stats.levels, all(&space).stats.levels);
}

#[test]
fn unexpanded_states_are_counted_and_flagged() {
    let space = Graph::of(&[(0, 1), (1, 2)]).flag(1, 0).closed(1);
    let found = all(&space);
    assert_eq!((found.end, found.stats.unique, found.stats.unexpanded), (End::Exhausted, 2, 1));
    assert_eq!(nodes(&space, &found, 0), [0, 1]);
}

#[test]
fn a_flagged_step_ends_the_path() {
    let mut space = Graph::of(&[(0, 1), (1, 0)]);
    space.edges[1].extend([(0, Cost::Action, 1 << 5), (1, Cost::Action, 1 << 6)]);
    let found = all(&space);
    assert_eq!(found.hits.iter().map(|hit| (hit.bit, hit.depth)).collect::<Vec<_>>(), [(5, 2), (6, 2)]);
    assert_eq!(nodes(&space, &found, 5), [0, 1, 0]);
    assert_eq!(nodes(&space, &found, 6), [0, 1, 1]);
}

#[test]
fn a_wanted_flag_ends_the_search_with_its_level() {
    // Flags 0 and 1 are raised at depth 1, flag 2 at depth 2.
    let space = Graph::of(&[(0, 1), (0, 2), (2, 3), (3, 4)]).flag(1, 0).flag(2, 1).flag(3, 2);
    let stopped = run(&space, &Options { stop_on: 1, ..Options::default() });
    assert_eq!((stopped.end, stopped.stats.depth()), (End::Stopped, 1));
    assert!(stopped.hit(0).is_some() && stopped.hit(1).is_some() && stopped.hit(2).is_none());
    let whole = run(&space, &Options { stop_on: 1 << 9, ..Options::default() });
    assert_eq!((whole.end, whole.stats.unique, whole.hits.len()), (End::Exhausted, 5, 3));
}

/// A space that has no end: a grid with 10,000 states and more on each level.
fn wide() -> Graph {
    let edges: Vec<_> = (0..20_000).flat_map(|n| [(n, 3 * n + 1), (n, 3 * n + 2), (n, 3 * n + 3)]).collect();
    Graph::of(&edges)
}

#[test]
fn bounds_cut_off_at_the_same_place_for_every_number_of_threads() {
    let space = wide();
    for bounds in [
        (Options { max_states: Some(30_000), ..Options::default() }, Bound::States),
        (Options { max_bytes: Some(1_000_000), ..Options::default() }, Bound::Memory),
    ] {
        let cut = [1, 2, 3].map(|threads| run(&space, &Options { threads, ..bounds.0.clone() }));
        for one in &cut {
            assert_eq!(one.end, End::CutOff(bounds.1));
            assert_eq!((one.stats.unique, one.stats.edges), (cut[0].stats.unique, cut[0].stats.edges));
        }
        assert!(cut[0].stats.judged < cut[0].stats.unique);
    }
    let enough = run(&space, &Options { max_states: Some(60_001), ..Options::default() });
    assert_eq!((enough.end, enough.stats.unique), (End::Exhausted, 60_001));
}

#[test]
fn cancellation_and_time_cut_off() {
    let space = wide();
    let cancel = AtomicBool::new(true);
    let cancelled = run(&space, &Options { cancel: Some(&cancel), ..Options::default() });
    assert_eq!(cancelled.end, End::CutOff(Bound::Cancelled));
    assert_eq!(cancelled.stats.judged, 1);
    let late = run(&space, &Options { time_limit: Some(Duration::ZERO), ..Options::default() });
    assert_eq!(late.end, End::CutOff(Bound::Time));
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % limit
    }
}

fn random_graph(seed: u64) -> Graph {
    let mut chance = Chance(seed);
    let nodes = 2 + chance.below(300) as u16;
    let mut graph = Graph::new(nodes);
    for _ in 0..u64::from(nodes) * 3 / 2 {
        let (from, to) = (chance.below(nodes.into()) as u16, chance.below(nodes.into()) as u16);
        let cost = if chance.below(2) == 0 { Cost::Tick } else { Cost::Action };
        let flags = if chance.below(20) == 0 { 1 << (32 + chance.below(3)) } else { 0 };
        graph.edges[usize::from(from)].push((to, cost, flags));
    }
    for bit in 0..5 {
        graph = graph.flag(chance.below(nodes.into()) as u16, bit);
    }
    graph.closed(chance.below(nodes.into()) as u16)
}

/// Least (actions, ticks) to each node, by relaxing all edges until nothing changes.
fn distances(graph: &Graph) -> Vec<Option<(u32, u32)>> {
    let mut least = vec![None; graph.edges.len()];
    least[0] = Some((0, 0));
    loop {
        let before = least.clone();
        for (from, edges) in graph.edges.iter().enumerate() {
            let Some((actions, ticks)) = least[from].filter(|_| !graph.unexpanded.contains(&(from as u16))) else {
                continue;
            };
            for &(to, cost, _) in edges {
                let by = if cost == Cost::Action { (actions + 1, ticks) } else { (actions, ticks + 1) };
                let known = &mut least[usize::from(to)];
                *known = Some(known.map_or(by, |known| by.min(known)));
            }
        }
        if least == before {
            return least;
        }
    }
}

#[test]
fn all_engines_agree_on_random_graphs() {
    let names = ["0", "1", "2", "3", "4"];
    for seed in 0..300 {
        let space = random_graph(seed);
        let (native, plain, least) = (all(&space), plain::explore(&space), distances(&space));
        assert_eq!(native.stats.unique, plain.unique, "seed {seed}");
        assert_eq!(native.stats.edges, plain.edges, "seed {seed}");
        assert_eq!(native.stats.levels, plain.levels, "seed {seed}");
        let depths: Vec<_> = native.hits.iter().map(|hit| (hit.bit, hit.depth)).collect();
        assert_eq!(depths, plain.flags.clone().into_iter().collect::<Vec<_>>(), "seed {seed}");
        for hit in native.hits.iter().filter(|hit| hit.bit < 32) {
            let flagged = (0..least.len()).filter(|&node| space.flags[node] >> hit.bit & 1 == 1);
            let nearest = flagged.filter_map(|node| least[node]).min();
            assert_eq!(nearest, Some((hit.depth, hit.ticks)), "seed {seed}");
        }
        for hit in &native.hits {
            let trace = native.trace(&space, hit).expect("the path can be rebuilt");
            let lengths = (trace.depth(), trace.steps.len() - trace.depth());
            assert_eq!(lengths, (hit.depth as usize, hit.ticks as usize), "seed {seed}");
        }
        let claims = (0..5).map(|bit| Claim { name: names[bit as usize], bit, kind: ClaimKind::Sometimes });
        let steps =
            [("a", 32), ("b", 33), ("c", 34)].map(|(name, bit)| Claim { name, bit, kind: ClaimKind::NeverStep });
        let model = || SpaceModel::new(space.clone(), claims.clone().chain(steps).collect());
        let (bfs, dfs) = (model().checker().spawn_bfs().join(), model().checker().spawn_dfs().join());
        assert_eq!([bfs.unique_state_count(), dfs.unique_state_count()], [plain.unique as usize; 2], "seed {seed}");
        assert_eq!(bfs.state_count() as u64, plain.edges + 1, "seed {seed}");
        assert_eq!(bfs.discoveries().len(), plain.flags.len(), "seed {seed}");
    }
}
