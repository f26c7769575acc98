//! Cycles under fairness, on thousands of small random graphs, against somebody who tries every set of edges.
//!
//! What is random comes from a generator in this file with fixed seeds, so that a failure can be looked at again.

#[expect(dead_code, reason = "other tests write graphs by hand")]
mod graph;

use dhcpfo_search::liveness::{CycleQuery, Fairness, Graph as Stored, Lasso, TICK};
use dhcpfo_search::{Cost, Edge, Options, search};
use graph::{Graph, To};

/// `SplitMix64`
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % bound
    }

    fn chance(&mut self, of_ten: u64) -> bool {
        self.below(10) < of_ten
    }
}

/// An edge with its labels.
#[derive(Clone, Copy)]
struct Arc {
    from: u16,
    to: u16,
    cost: Cost,
    labels: u32,
}

/// A graph, what is asked of it, and its edges once more in a list.
struct Case {
    space: Graph,
    arcs: Vec<Arc>,
    /// For each node the labels of its edges, in their order.
    labels: Vec<Vec<u32>>,
    from: u64,
    avoid: u64,
    fairness: Vec<Fairness>,
    rest: bool,
}

fn case(random: &mut Random) -> Case {
    let nodes = 1 + random.below(5) as u16;
    let (mut space, mut labels) = (Graph::new(nodes), vec![Vec::new(); usize::from(nodes)]);
    // Half of the graphs have a ring, for the sake of cycles through several nodes.
    let ring = if random.chance(5) { nodes } else { 0 };
    for number in 0..ring + random.below(7) as u16 {
        let mut any = || random.below(u64::from(nodes)) as u16;
        let (from, to) = if number < ring { (number, (number + 1) % nodes) } else { (any(), any()) };
        let cost = if random.chance(2) { Cost::Tick } else { Cost::Action };
        // Labels are rare, so that conditions are not always met in passing.
        let own = (0..3).fold(0, |bits, bit| bits | u32::from(random.chance(1)) << bit);
        space = space.edge(from, to, cost);
        labels[usize::from(from)].push(own | if cost == Cost::Tick { TICK } else { 0 });
    }
    for node in 0..nodes {
        for (bit, of_ten) in [(0, 4), (1, 1)] {
            if random.chance(of_ten) {
                space = space.flag(node, bit);
            }
        }
        if random.below(20) == 0 {
            space = space.closed(node);
        }
    }
    let fairness = (0..1 + random.below(3)).map(|_| {
        let set = if random.chance(8) { 1 << random.below(4) } else { 1 + random.below(15) as u32 };
        let set = set & 7 | if set & 8 == 0 { 0 } else { TICK };
        if random.chance(5) { Fairness::Weak(set) } else { Fairness::Strong(set) }
    });
    let fairness = fairness.collect();
    let arcs = (0..nodes).filter(|node| !space.unexpanded.contains(node)).flat_map(|from| {
        let of_node = space.edges[usize::from(from)].iter().zip(&labels[usize::from(from)]);
        of_node.map(move |(&(to, cost, _), &labels)| Arc { from, to, cost, labels })
    });
    let arcs = arcs.collect();
    let (from, avoid) = (random.below(2), 2 * random.below(2));
    Case { space, arcs, labels, from, avoid, fairness, rest: random.chance(4) }
}

/// Actions and ticks of a path.
type Length = (u32, u32);

/// What may be got wrong; [`RIGHT`] is not.
#[derive(Clone, Copy)]
struct Rules {
    /// Strong fairness is taken for weak.
    strong_is_weak: bool,
    /// Weak fairness is taken for strong.
    weak_is_strong: bool,
    /// What leaves the cycle does not count as possible.
    inner_only: bool,
    /// Nobody rests, or only where nothing at all is possible.
    stuck_only: bool,
    /// The end of the run begins anywhere.
    from_anywhere: bool,
    /// A condition counts as met once it is met by an edge that leaves the cycle.
    leaving_counts: bool,
}

const RIGHT: Rules = Rules {
    strong_is_weak: false,
    weak_is_strong: false,
    inner_only: false,
    stuck_only: false,
    from_anywhere: false,
    leaving_counts: false,
};

impl Case {
    fn allowed(&self, node: u16) -> bool {
        self.space.flags[usize::from(node)] & self.avoid == 0
    }

    fn begins(&self, node: u16) -> bool {
        self.from == 0 || self.space.flags[usize::from(node)] & self.from != 0
    }

    /// The length of a shortest way to each node, for runs whose end comes there, by relaxing until nothing changes.
    fn lengths(&self, rules: Rules) -> Vec<Option<Length>> {
        let nodes = self.space.flags.len();
        let (mut before, mut within) = (vec![None; nodes], vec![None; nodes]);
        before[0] = Some((0, 0));
        let less = |old: Option<Length>, new: Length| old.is_none_or(|old| new < old);
        loop {
            let mut changed = false;
            for node in 0..nodes as u16 {
                let at = usize::from(node);
                let begins = self.allowed(node) && (rules.from_anywhere || self.begins(node));
                if let Some(length) = before[at].filter(|&length| begins && less(within[at], length)) {
                    (within[at], changed) = (Some(length), true);
                }
            }
            for arc in &self.arcs {
                let longer = |(actions, ticks)| match arc.cost {
                    Cost::Action => (actions + 1, ticks),
                    Cost::Tick => (actions, ticks + 1),
                };
                let (from, to) = (usize::from(arc.from), usize::from(arc.to));
                for (lengths, open) in [(&mut before, true), (&mut within, self.allowed(arc.to))] {
                    if let Some(length) = lengths[from].map(longer).filter(|&new| open && less(lengths[to], new)) {
                        (lengths[to], changed) = (Some(length), true);
                    }
                }
            }
            if !changed {
                return within;
            }
        }
    }

    /// Whether a run that takes just these edges for ever complies.
    fn complies(&self, set: &[Arc], nodes: &[u16], rules: Rules) -> bool {
        self.fairness.iter().all(|&fairness| {
            let (is_strong, labels) = match fairness {
                Fairness::Weak(labels) => (rules.weak_is_strong, labels),
                Fairness::Strong(labels) => (!rules.strong_is_weak, labels),
            };
            let enables = |node: &u16| {
                let counted = |arc: &&Arc| !rules.inner_only || nodes.contains(&arc.to);
                self.arcs.iter().filter(|arc| arc.from == *node).filter(counted).any(|arc| arc.labels & labels != 0)
            };
            let taken = match rules.leaving_counts {
                true => self.arcs.iter().any(|arc| nodes.contains(&arc.from) && arc.labels & labels != 0),
                false => set.iter().any(|arc| arc.labels & labels != 0),
            };
            taken || !if is_strong { nodes.iter().any(enables) } else { nodes.iter().all(enables) }
        })
    }

    /// The length of a shortest way to a fair cycle, or to where a run may rest.
    fn shortest(&self, rules: Rules) -> Option<Length> {
        let lengths = self.lengths(rules);
        let known = |node: u16| lengths[usize::from(node)];
        let inside = |arc: &&Arc| known(arc.from).is_some() && self.allowed(arc.to);
        let arcs: Vec<Arc> = self.arcs.iter().filter(inside).copied().collect();
        let cycles = (1..1_u32 << arcs.len()).filter_map(|set| {
            let set: Vec<Arc> =
                arcs.iter().zip(0..).filter(|(_, bit)| set >> bit & 1 == 1).map(|(arc, _)| *arc).collect();
            let nodes = round(&set)?;
            self.complies(&set, &nodes, rules).then(|| nodes.into_iter().filter_map(known).min()).flatten()
        });
        let rests = (0..lengths.len() as u16).filter(|node| self.rest && !self.space.unexpanded.contains(node)).filter(
            |node| {
                let is_stuck = self.arcs.iter().all(|arc| arc.from != *node);
                // Staying is a step of nobody, so strong and weak are one.
                if rules.stuck_only { is_stuck } else { self.complies(&[], &[*node], RIGHT) }
            },
        );
        cycles.chain(rests.filter_map(known)).min()
    }
}

/// The nodes of these edges, if one can go from each of them to each other along them.
fn round(set: &[Arc]) -> Option<Vec<u16>> {
    let mut nodes: Vec<u16> = set.iter().flat_map(|arc| [arc.from, arc.to]).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let whole = nodes.iter().all(|&start| {
        let mut reached = vec![start];
        let mut at = 0;
        while at < reached.len() {
            let next = set.iter().filter(|arc| arc.from == reached[at] && !reached.contains(&arc.to)).map(|arc| arc.to);
            let mut next: Vec<u16> = next.collect();
            next.sort_unstable();
            next.dedup();
            reached.extend(next);
            at += 1;
        }
        reached.len() == nodes.len()
    });
    whole.then_some(nodes)
}

fn found(case: &Case, threads: usize) -> Option<Lasso<Graph>> {
    let options = Options { keep_states: true, threads, ..Options::default() };
    let explored = search(&case.space, &options, &mut |_| {}).expect("the search begins");
    let label = |edge: &Edge<To>, from: &u16, _: &u16| case.labels[usize::from(*from)][usize::from(edge.choice)];
    let graph = Stored::new(&case.space, &explored, u64::MAX, label).expect("there is a graph");
    let Case { from, avoid, ref fairness, rest, .. } = *case;
    graph.fair_cycle(&CycleQuery { from, avoid, accept: &|_| true, fairness, rest }).expect("there is an answer")
}

/// The edges that a path takes, which have to be there.
fn taken(case: &Case, from: u16, steps: &[dhcpfo_search::trace::Step<Graph>]) -> Vec<Arc> {
    let mut at = from;
    let take = |step: &dhcpfo_search::trace::Step<Graph>| {
        let place = usize::from(step.edge.choice);
        let (to, cost, _) = case.space.edges[usize::from(at)][place];
        let arc = Arc { from: at, to, cost, labels: case.labels[usize::from(at)][place] };
        assert_eq!((to, cost), (step.state, step.edge.cost), "the step is an edge");
        at = step.state;
        arc
    };
    steps.iter().map(take).collect()
}

/// The length of the way to the cycle, which is looked at from end to end.
fn judged(case: &Case, lasso: &Lasso<Graph>) -> Length {
    let Lasso { stem, cycle, again } = lasso;
    let end = *stem.last_state();
    let way = taken(case, stem.initial, &stem.steps);
    let states: Vec<u16> = std::iter::once(stem.initial).chain(way.iter().map(|arc| arc.to)).collect();
    let last_forbidden = states.iter().rposition(|&state| !case.allowed(state)).map_or(0, |place| place + 1);
    assert!(states[last_forbidden..].iter().any(|&state| case.begins(state)), "the end of the run begins on the way");
    let circle = taken(case, end, cycle);
    assert!(circle.iter().all(|arc| case.allowed(arc.to)), "the cycle is where it may be");
    assert_eq!(
        cycle.iter().map(|step| step.state).collect::<Vec<_>>(),
        again.iter().map(|s| s.state).collect::<Vec<_>>()
    );
    let nodes = match cycle.last() {
        Some(last) => {
            assert_eq!(last.state, end, "the cycle is closed");
            round(&circle).expect("one cycle")
        }
        None => vec![end],
    };
    assert!(case.complies(&circle, &nodes, RIGHT), "the cycle is fair");
    let ticks = way.iter().filter(|arc| arc.cost == Cost::Tick).count() as u32;
    (way.len() as u32 - ticks, ticks)
}

const CASES: u64 = 20_000;

#[test]
fn what_is_found_is_there_and_nothing_is_nearer() {
    let (mut cycles, mut rests, mut none) = (0, 0, 0);
    for seed in 0..CASES {
        let case = case(&mut Random(seed));
        let found = found(&case, 1);
        let length = found.as_ref().map(|lasso| judged(&case, lasso));
        assert_eq!(length, case.shortest(RIGHT), "seed {seed}");
        match found {
            None => none += 1,
            Some(lasso) if lasso.cycle.is_empty() => rests += 1,
            Some(_) => cycles += 1,
        }
    }
    assert!(cycles > 4_000 && rests > 2_000 && none > 2_000, "{cycles} cycles, {rests} rests, {none} without");
}

#[test]
fn the_run_is_the_same_for_any_number_of_threads() {
    let texts = |seed, threads| {
        let told = |steps: &[dhcpfo_search::trace::Step<Graph>]| -> Vec<(u16, u16)> {
            steps.iter().map(|step| (step.state, step.edge.choice)).collect()
        };
        found(&case(&mut Random(seed)), threads).map(|lasso| (told(&lasso.stem.steps), told(&lasso.cycle)))
    };
    for seed in 0..200 {
        assert_eq!(texts(seed, 1), texts(seed, 3), "seed {seed}");
    }
}

/// Each rule, got wrong, shows in many of the graphs: so they can tell.
#[test]
fn the_graphs_tell_wrong_rules_from_right_ones() {
    let wrong = [
        ("strong is weak", Rules { strong_is_weak: true, ..RIGHT }),
        ("weak is strong", Rules { weak_is_strong: true, ..RIGHT }),
        ("what leaves the cycle is not possible", Rules { inner_only: true, ..RIGHT }),
        ("rest only where nothing is possible", Rules { stuck_only: true, ..RIGHT }),
        ("from anywhere", Rules { from_anywhere: true, ..RIGHT }),
        ("leaving counts as taken", Rules { leaving_counts: true, ..RIGHT }),
    ];
    let cases: Vec<(Case, Option<Length>)> = (0..12_000)
        .map(|seed| {
            let case = case(&mut Random(seed));
            let length = found(&case, 1).as_ref().map(|lasso| judged(&case, lasso));
            (case, length)
        })
        .collect();
    for (name, rules) in wrong {
        let differ = cases.iter().filter(|(case, length)| case.shortest(rules) != *length).count();
        assert!(differ >= 20, "{name}: only {differ} of {} graphs tell", cases.len());
    }
}
