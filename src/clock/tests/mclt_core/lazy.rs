//! The core under the clocks that decide an order when they are asked for one: any number of grants, all lengths.

use crate::core::{Action, Core, MCLT, Protocol, Variant};
use crate::mutants::MUTANTS;
use crate::search::explore;
use crate::{FULL, phis, values};
use dhcpfo_clock::{
    Detail, Domain, Expressions, Facts, FreeSpans, Lazy, LazyBounds, Misuses, Moment, Numbers, Phi, Room, expand, start,
};
use dhcpfo_time::{Clock, Time, Times};
use std::cell::Cell;

/// A stored state: what is discrete in it, what is known of its times, and how it was reached.
struct Node<F> {
    moment: Moment<Core, F>,
    outline: Core,
    knowledge: Vec<u8>,
    depth: usize,
    is_covered: bool,
}

/// What a search with inclusion found.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// States that no other one stands for at the end.
    kept: usize,
    /// Actions to the first violation.
    refuted_in: Option<usize>,
}

fn search<B: LazyBounds>(protocol: &Protocol, mut clock: Lazy<B>, includes: bool) -> Found {
    let mut nodes: Vec<Node<_>> = Vec::new();
    let first = start(protocol, &mut clock, protocol.initial());
    put(&mut nodes, &mut clock, &first, 0, includes);
    let mut at = 0;
    while at < nodes.len() && nodes.len() < 20_000 {
        let (moment, depth, is_covered) = (nodes[at].moment, nodes[at].depth, nodes[at].is_covered);
        at += 1;
        if is_covered {
            continue;
        }
        let mut ask = |clock: &dyn Clock| Protocol::is_violated(&moment.state, clock).into();
        if clock.each_case(moment.now, &moment.facts, &mut ask) != 0 {
            return Found { kept: kept(&nodes), refuted_in: Some(depth) };
        }
        for action in Action::ALL {
            let mut next = Vec::new();
            expand(protocol, &mut clock, &moment, action, &mut |moment, _| next.push(*moment));
            next.iter().for_each(|moment| put(&mut nodes, &mut clock, moment, depth + 1, includes));
        }
    }
    assert_eq!(at, nodes.len(), "there is no end");
    Found { kept: kept(&nodes), refuted_in: None }
}

fn kept<F>(nodes: &[Node<F>]) -> usize {
    nodes.iter().filter(|node| !node.is_covered).count()
}

fn put<B: LazyBounds>(
    nodes: &mut Vec<Node<<Lazy<B> as Domain>::Facts>>,
    clock: &mut Lazy<B>,
    moment: &Moment<Core, <Lazy<B> as Domain>::Facts>,
    depth: usize,
    includes: bool,
) {
    let (mut outline, mut live, mut knowledge) = (moment.state, Vec::new(), Vec::new());
    outline.times(&mut |time, _| {
        if *time != Time::LONG_AGO {
            live.push(*time);
            *time = Time::SOMETIME;
        }
    });
    Lazy::<B>::write(&moment.facts, &live, &mut knowledge);
    let mut covers = |weak: &[u8], strong: &[u8]| {
        if includes { clock.covers(live.len(), weak, strong) } else { weak == strong }
    };
    let alike = |node: &&mut Node<_>| node.outline == outline && !node.is_covered;
    for node in nodes.iter_mut().filter(alike) {
        if covers(&node.knowledge, &knowledge) {
            return;
        }
        node.is_covered = covers(&knowledge, &node.knowledge);
    }
    nodes.push(Node { moment: *moment, outline, knowledge, depth, is_covered: false });
}

fn numbers(lengths: [u32; 3]) -> Lazy<Numbers> {
    Lazy::new(Numbers::new(values(lengths)), Detail::Whole, FreeSpans::NONE, FULL)
}

fn all(phi: &Phi, room: Room) -> Lazy<Expressions> {
    Lazy::new(Expressions::new(phi, room), Detail::Whole, FreeSpans::NONE, FULL)
}

/// States that are kept of the correct core with any number of grants. Fails if it is refuted.
fn states<B: LazyBounds>(clock: Lazy<B>, includes: bool) -> usize {
    let found = search(&Protocol::new(Variant::Correct, Protocol::ANY), clock, includes);
    assert_eq!(found.refuted_in, None);
    found.kept
}

/// The size of the numbers makes no difference. The total order has 3,892 states with four grants, and no end without a bound.
#[test]
fn any_number_of_grants_with_numbers_of_any_size() {
    let counts = [[1, 3, 4], [8, 24, 32], [3_600, 259_200, 388_800]].map(|lengths| states(numbers(lengths), true));
    assert_eq!(counts, [66, 66, 66]);
    assert_eq!(states(numbers([1, 3, 4]), false), 186);
}

#[test]
fn any_number_of_grants_for_all_lengths() {
    for (phi, kept) in phis().iter().zip([[66, 66, 66], [265, 267, 267], [318, 331, 327]]) {
        assert_eq!(Room::ALL.map(|room| states(all(phi, room), true)), kept, "{phi:?}");
    }
}

#[test]
fn every_mutant_is_refuted_at_its_length() {
    for (variant, _, actions) in MUTANTS {
        for grants in [2, Protocol::ANY] {
            let protocol = Protocol::new(variant, grants);
            assert_eq!(search(&protocol, numbers([2, 6, 7]), true).refuted_in, Some(actions), "{variant:?}");
            for phi in phis() {
                let found = search(&protocol, all(&phi, Room::ALL[0]), true);
                assert_eq!(found.refuted_in, Some(actions), "{variant:?} {phi:?}");
            }
        }
    }
}

/// What is stored of a state comes back as it was, and what is canonical stays as it is.
#[test]
fn stored_states_come_back() {
    fn check<B: LazyBounds>(mut clock: Lazy<B>) {
        let mut again = clock.clone();
        let protocol = Protocol::new(Variant::Correct, 2);
        explore(&protocol, &mut clock, |_, _| false, &mut |moment| {
            let (mut state, mut live, mut bytes, count) = (moment.state, Vec::new(), Vec::new(), Cell::new(0));
            state.times(&mut |time, _| {
                if *time != Time::LONG_AGO {
                    live.push(*time);
                }
                *time = Lazy::<B>::nth(Lazy::<B>::compact(*time), &count);
            });
            Lazy::<B>::write(&moment.facts, &live, &mut bytes);
            let mut rest = &bytes[..];
            let facts = Lazy::<B>::read(&mut rest, live.len(), &mut state);
            assert!(rest.is_empty() && (state, facts) == (moment.state, moment.facts));
            bytes.clear();
            moment.facts.encode(&mut bytes);
            assert!(<Lazy<B> as Domain>::Facts::decode(&mut &bytes[..]) == moment.facts);
            again.load(&mut state, moment.now, &moment.facts);
            assert!(again.canon(&mut state, false) == moment.facts && state == moment.state);
        });
    }
    check(numbers([1, 3, 4]));
    let [phi, ..] = phis();
    check(all(&phi, Room::ALL[1]));
}

/// More instants in a step than there is room for: nothing comes of it, and it is said.
#[test]
fn what_outgrows_its_room_is_said() {
    let mut clock = numbers([1, 3, 4]);
    let noted = Misuses::default();
    for made in 1..=MOST + 1 {
        noted.note(clock.misuse());
        assert_eq!((clock.stuck(), noted.is_outgrown()), (false, false), "{made}");
        clock.after(clock.now(), MCLT);
        if clock.stuck() {
            break;
        }
    }
    noted.note(clock.misuse());
    assert!(clock.stuck() && noted.is_outgrown() && noted.text(&[]).is_none());
}

/// Instants that a step may make besides now, or more.
const MOST: usize = 64;
