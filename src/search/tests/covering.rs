//! The search in which states stand for others, on small random spaces: against what single points can do.

use dhcpfo_search::covering::{Covering, Parts, Sighting, search};
use dhcpfo_search::{Edge, Flags, Options, Space};
use std::collections::HashSet;
use std::fmt;

/// A place, and a range of points: what is known of the one that is there.
type Area = (u8, u8, u8);

/// An edge for the points in a range, which it keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Arc {
    from: u8,
    to: u8,
    least: u8,
    most: u8,
    /// It is a violation of claim 1.
    is_bad: bool,
}

impl fmt::Display for Arc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

const PLACES: u64 = 6;
const POINTS: u64 = 12;

struct Areas {
    initial: Vec<Area>,
    arcs: Vec<Arc>,
    /// Where claim 0 is violated.
    bad: Area,
    /// States are joined, and what is known of them is what they stand for.
    joins: bool,
}

fn both((place, a, b): Area, (c, d): (u8, u8)) -> Option<Area> {
    let (least, most) = (a.max(c), b.min(d));
    (least <= most).then_some((place, least, most))
}

impl Areas {
    fn random(seed: &mut u64) -> Areas {
        let mut below = |limit: u64| {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((*seed >> 33) % limit) as u8
        };
        let mut range = |longest: u64| {
            let least = below(POINTS);
            (least, least + below(longest))
        };
        let bad = range(3);
        let initial = (0..4).map(|_| range(4)).map(|(a, b)| (0, a, b)).collect();
        let ranges: Vec<_> = (0..24).map(|_| range(5)).collect();
        let arcs = ranges.into_iter().map(|(least, most)| {
            let (from, to) = (below(PLACES), below(PLACES));
            Arc { from, to, least, most, is_bad: below(40) == 0 }
        });
        let arcs = arcs.collect();
        Areas { initial, arcs, bad: (PLACES as u8 - 1, bad.0, bad.1), joins: true }
    }

    /// What an area is divided into, so that the claim is violated in all points of one or in none.
    fn divided(&self, area: Area) -> impl Iterator<Item = Area> {
        let (place, least, most) = self.bad;
        let before = least.checked_sub(1).map(|most| (0, most));
        let ranges = if area.0 == place {
            [before, Some((least, most)), Some((most + 1, u8::MAX))]
        } else {
            [Some((0, u8::MAX)), None, None]
        };
        ranges.into_iter().flatten().filter_map(move |range| both(area, range))
    }

    /// The least number of arcs to a violation of each claim, by single points.
    fn by_points(&self) -> [Option<u32>; 2] {
        let mut level: HashSet<(u8, u8)> = HashSet::new();
        for &(place, a, b) in &self.initial {
            level.extend((a..=b).map(|point| (place, point)));
        }
        let (mut seen, mut found) = (level.clone(), [None; 2]);
        for depth in 0.. {
            let is_bad = |&(place, point): &(u8, u8)| both(self.bad, (point, point)).is_some() && place == self.bad.0;
            if level.iter().any(is_bad) {
                found[0] = found[0].or(Some(depth));
            }
            level.retain(|at| !is_bad(at));
            let mut next = HashSet::new();
            for &(place, point) in &level {
                for arc in self.arcs.iter().filter(|arc| arc.from == place && arc.least <= point && point <= arc.most) {
                    if arc.is_bad {
                        found[1] = found[1].or(Some(depth + 1));
                    }
                    if seen.insert((arc.to, point)) {
                        next.insert((arc.to, point));
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            level = next;
        }
        found
    }

    /// Whether some point can go that way to what was seen.
    fn has(&self, seen: &Sighting<Arc>) -> bool {
        let fits = |&(place, least, most): &Area| {
            (least..=most).any(|point| {
                let mut at = place;
                let goes = seen.path.iter().all(|arc| {
                    let goes = arc.from == at && arc.least <= point && point <= arc.most;
                    at = arc.to;
                    goes
                });
                let is_there = match seen.bit {
                    0 => at == self.bad.0 && both(self.bad, (point, point)).is_some(),
                    _ => seen.path.last().is_some_and(|arc| arc.is_bad),
                };
                goes && is_there
            })
        };
        seen.path.len() == seen.depth as usize && self.initial.iter().any(fits)
    }
}

impl Space for Areas {
    type State = Area;
    type Action = Arc;
    type Scratch = ();

    fn scratch(&self) {}

    fn initial(&self, (): &mut (), emit: &mut impl FnMut(&Area)) {
        self.initial.iter().for_each(|&area| self.divided(area).for_each(|area| emit(&area)));
    }

    fn successors(&self, (): &mut (), &area: &Area, emit: &mut impl FnMut(Edge<Arc>, &Area)) {
        for &arc in self.arcs.iter().filter(|arc| arc.from == area.0) {
            if let Some((_, least, most)) = both(area, (arc.least, arc.most)) {
                let edge = Edge::action(arc).flags(u64::from(arc.is_bad) << 1);
                self.divided((arc.to, least, most)).for_each(|area| emit(edge, &area));
            }
        }
    }

    fn encode(&self, (): &mut (), &(place, least, most): &Area, out: &mut Vec<u8>) {
        out.extend([place, least, most]);
    }

    fn decode(&self, (): &mut (), bytes: &[u8], state: &mut Area) {
        *state = (bytes[0], bytes[1], bytes[2]);
    }

    fn flags(&self, (): &mut (), &(place, least, most): &Area) -> Flags {
        let is_bad = place == self.bad.0 && both(self.bad, (least, most)).is_some();
        Flags { bits: is_bad.into(), expand: !is_bad }
    }
}

impl Covering for Areas {
    fn encode_parts(&self, scratch: &mut (), state: &Area, out: &mut Vec<u8>) -> Parts {
        self.encode(scratch, state, out);
        Parts { key: 1, live: 0 }
    }

    fn covers(&self, (): &mut (), _: usize, weak: &[u8], strong: &[u8]) -> bool {
        weak[0] <= strong[0] && strong[1] <= weak[1]
    }

    fn join(&self, (): &mut (), _: usize, one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
        let is_whole = one[0].max(other[0]) <= one[1].min(other[1]).saturating_add(1);
        (self.joins && is_whole).then(|| vec![one[0].min(other[0]), one[1].max(other[1])])
    }
}

#[test]
fn lengths_are_those_of_points_and_paths_can_be_gone() {
    let (mut joined, mut kept, mut apart, mut sightings, mut seed) = (0, 0, 0, 0, 3);
    for round in 0..5_000 {
        let mut space = Areas::random(&mut seed);
        let found = search(&space, &Options { threads: 1, ..Options::default() }, &mut |_| {}).expect("it begins");
        let lengths = [0, 1].map(|bit| found.sighting(bit).map(|seen| seen.depth));
        assert_eq!(lengths, space.by_points(), "round {round}");
        for seen in &found.sightings {
            assert!(space.has(seen), "round {round}: {seen:?}");
            sightings += 1;
        }
        joined += found.counts.joined;
        kept += found.counts.kept;
        space.joins = false;
        let plain = search(&space, &Options { threads: 1, ..Options::default() }, &mut |_| {}).expect("it begins");
        assert_eq!(lengths, [0, 1].map(|bit| plain.sighting(bit).map(|seen| seen.depth)), "round {round}");
        apart += plain.counts.kept;
    }
    assert!(
        joined > 1_000 && kept < apart && sightings > 1_000,
        "{joined} joined, {kept} of {apart}, {sightings} seen"
    );
}

/// The third of these areas closes the gap between the first two, and each of the three has a way of its own.
#[test]
fn a_state_that_was_joined_twice_remembers_all_ways_to_it() {
    let arc = |from, to, least, most| Arc { from, to, least, most, is_bad: false };
    for (least, from) in [(0, 0), (4, 2), (8, 1)] {
        let space = Areas {
            initial: vec![(0, 0, 3), (1, 8, 11), (2, 4, 7)],
            arcs: vec![
                arc(0, 3, 0, 3),
                arc(1, 3, 8, 11),
                arc(2, 3, 4, 7),
                Arc { is_bad: true, ..arc(3, 4, least, least) },
            ],
            bad: (5, 0, 0),
            joins: true,
        };
        let found = search(&space, &Options { threads: 1, ..Options::default() }, &mut |_| {}).expect("it begins");
        assert_eq!(found.counts.joined, 2);
        let seen = found.sighting(1).expect("a violation");
        assert!(space.has(seen) && seen.path[0].from == from, "{seen:?}");
    }
}
