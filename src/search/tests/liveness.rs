//! Claims about whole runs, on graphs written by hand.

mod graph;

use dhcpfo_search::liveness::{CycleQuery, Fairness, Graph as Stored, Lasso, LivenessError, ReachQuery};
use dhcpfo_search::{Cost, Edge, Explored, Options, search};
use graph::{Graph, To};

fn explored(space: &Graph) -> Explored {
    search(space, &Options { keep_states: true, ..Options::default() }, &mut |_| {}).expect("the search begins")
}

fn all_reach(space: &Graph, bit: u32) -> Result<(), Vec<u16>> {
    let explored = explored(space);
    let graph = Stored::new(space, &explored, u64::MAX, |_, _, _| 0).expect("there is a graph");
    let lost = graph.always_reachable(&ReachQuery { goal: 1 << bit, ..ANYWHERE }).expect("there is an answer");
    lost.map_or(Ok(()), |trace| Err(trace.steps.iter().map(|step| step.state).collect()))
}

const ANYWHERE: ReachQuery = ReachQuery { from: 0, goal: 0, goal_labels: 0, allowed: 0 };

const ANY: CycleQuery<'_> = CycleQuery { from: 0, avoid: 0, accept: &|_| true, fairness: &[], rest: false };

/// Label 1 for an edge to a higher node, 2 for one to a lower node, 4 for one to node 9, 8 for a tick.
fn label(edge: &Edge<To>, from: &u16, to: &u16) -> u32 {
    u32::from(to > from)
        | u32::from(to < from) << 1
        | u32::from(*to == 9) << 2
        | u32::from(edge.cost == Cost::Tick) << 3
}

/// The nodes of the stem and of the cycle.
fn cycle(space: &Graph, query: CycleQuery<'_>) -> Option<(Vec<u16>, Vec<u16>)> {
    let explored = explored(space);
    let graph = Stored::new(space, &explored, u64::MAX, label).expect("there is a graph");
    let Lasso { stem, cycle, .. } = graph.fair_cycle(&query).expect("there is an answer")?;
    let stem = std::iter::once(stem.initial).chain(stem.steps.iter().map(|step| step.state)).collect();
    Some((stem, cycle.iter().map(|step| step.state).collect()))
}

#[test]
fn a_goal_that_can_always_be_reached() {
    let space = Graph::of(&[(0, 1), (1, 2), (2, 0), (1, 3), (3, 1)]).flag(2, 0);
    assert_eq!(all_reach(&space, 0), Ok(()));
}

#[test]
fn a_trap_is_found_by_a_shortest_path() {
    // From 3, 4 and 5 there is no way back to 2; 3 is nearest.
    let space = Graph::of(&[(0, 1), (1, 2), (2, 0), (1, 3), (3, 4), (4, 3), (2, 5), (5, 4)]).flag(2, 0);
    assert_eq!(all_reach(&space, 0), Err(vec![1, 3]));
    assert_eq!(all_reach(&space, 7), Err(vec![]));
}

#[test]
fn beyond_the_boundary_everything_may_be_reached() {
    let space = Graph::of(&[(0, 1), (1, 0), (1, 2), (2, 2)]).closed(2);
    assert_eq!(all_reach(&space, 0), Ok(()));
}

#[test]
fn graphs_without_cycles_have_none() {
    let space = Graph::of(&[(0, 1), (0, 2), (1, 3), (2, 3)]);
    assert_eq!(cycle(&space, ANY), None);
    let upwards = CycleQuery { rest: true, fairness: &[Fairness::Weak(1)], ..ANY };
    assert_eq!(cycle(&space, upwards), Some((vec![0, 1, 3], vec![])));
    assert_eq!(cycle(&space, CycleQuery { fairness: &[Fairness::Weak(2)], ..upwards }), Some((vec![0], vec![])));
    assert_eq!(cycle(&space, CycleQuery { rest: false, ..upwards }), None);
}

#[test]
fn the_nearest_cycle_is_given() {
    let space = Graph::of(&[(0, 1), (1, 2), (2, 3), (3, 1), (3, 4), (4, 4)]);
    assert_eq!(cycle(&space, ANY), Some((vec![0, 1], vec![2, 3, 1])));
    let upwards = CycleQuery { accept: &|labels| labels & 2 == 0, ..ANY };
    assert_eq!(cycle(&space, upwards), Some((vec![0, 1, 2, 3, 4], vec![4])));
}

#[test]
fn a_response_is_refuted_by_a_cycle_without_it() {
    // Flag 0 (the request) at 1, flag 1 (the response) at 2. After 1 one can go round 3, 4 for ever.
    let space = Graph::of(&[(0, 1), (1, 2), (2, 0), (1, 3), (3, 4), (4, 3), (3, 2)]).flag(1, 0).flag(2, 1);
    let query = CycleQuery { from: 1, avoid: 2, ..ANY };
    assert_eq!(cycle(&space, query), Some((vec![0, 1, 3], vec![4, 3])));
    let answered = Graph::of(&[(0, 1), (1, 2), (2, 0), (1, 3), (3, 4), (3, 2), (4, 2)]).flag(1, 0).flag(2, 1);
    assert_eq!(cycle(&answered, query), None);
}

#[test]
fn weak_fairness_leaves_a_cycle_that_ignores_what_is_always_possible() {
    // From both 0 and 1 one can go to 9.
    let always = Graph::of(&[(0, 1), (1, 0), (0, 9), (1, 9)]);
    assert!(cycle(&always, ANY).is_some());
    assert_eq!(cycle(&always, CycleQuery { fairness: &[Fairness::Weak(4)], ..ANY }), None);
    // From 1 one cannot.
    let at_times = Graph::of(&[(0, 1), (1, 0), (0, 9)]);
    assert_eq!(cycle(&at_times, CycleQuery { fairness: &[Fairness::Weak(4)], ..ANY }), Some((vec![0], vec![1, 0])));
    assert_eq!(cycle(&at_times, CycleQuery { fairness: &[Fairness::Strong(4)], ..ANY }), None);
}

#[test]
fn strong_fairness_leaves_smaller_cycles() {
    // Of the component 0 to 4 node 2 enables the way to 9; without it 3 and 4 are still a cycle.
    let space = Graph::of(&[(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (4, 3), (2, 9)]);
    let fair = CycleQuery { fairness: &[Fairness::Strong(4)], ..ANY };
    assert_eq!(cycle(&space, fair), Some((vec![0, 1, 2, 3], vec![4, 3])));
}

#[test]
fn a_fair_cycle_makes_every_move_that_is_demanded() {
    // Round 0, 1 is shortest, but fairness wants the tick at 3 and the edge to 9.
    let space = Graph::of(&[(0, 1), (1, 0), (1, 2), (2, 9), (9, 0), (0, 3)]).edge(3, 0, Cost::Tick);
    let fair = CycleQuery { fairness: &[Fairness::Strong(4), Fairness::Strong(8)], ..ANY };
    let (stem, round) = cycle(&space, fair).expect("there is a fair cycle");
    assert_eq!((stem, round), (vec![0], vec![1, 2, 9, 0, 3, 0]));
}

#[test]
fn a_long_cycle_needs_no_recursion() {
    let last = 59_999;
    let edges: Vec<_> = (0..last).map(|n| (n, n + 1)).chain([(last, 0)]).collect();
    let (stem, round) = cycle(&Graph::of(&edges), ANY).expect("there is a cycle");
    assert_eq!((stem.len(), round.len()), (1, 60_000));
}

#[test]
fn there_is_no_answer_without_all_edges() {
    let space = Graph::of(&[(0, 1), (1, 2), (2, 0)]);
    let search = |options| search(&space, &options, &mut |_| {}).expect("the search begins");
    let graph = |explored: &Explored, bytes| Stored::new(&space, explored, bytes, label).err();
    let cut = search(Options { keep_states: true, max_depth: Some(1), ..Options::default() });
    assert_eq!(graph(&cut, u64::MAX), Some(LivenessError::NotExhausted));
    assert_eq!(graph(&search(Options::default()), u64::MAX), Some(LivenessError::NotKept));
    assert!(matches!(graph(&explored(&space), 10), Some(LivenessError::TooLarge { allowed: 10, .. })));
}
