//! Two models of a protocol that differ in their rules: where their behaviours part.
//!
//! Both are walked through together, breadth first, as long as the same action leads to the same state. Where an action
//! leads to a state in one of them that it does not lead to in the other, they part; behind that nothing is looked at.

use crate::answer::Times;
use crate::protocol::{Model, Protocol};
use crate::space::ProtocolSpace;
use crate::timed_space::{ActionOf, StateOf, TimedSpace};
use crate::times::realise_to;
use dhcpfo_clock::Order;
use dhcpfo_clock::concretise::{Instant, Question, Run, replay};
use dhcpfo_clock::length::{Length, gcd};
use dhcpfo_search::space::{Cost, Edge};
use dhcpfo_search::trace::{Step, find_step};
use dhcpfo_time::{Time, Times as _};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;

/// One of the two models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first.
    First,
    /// The second.
    Second,
}

/// A step that leads to a state in one of the models to which it does not lead in the other.
#[derive(Clone, Debug)]
pub struct Parting<A = String> {
    /// In which it leads there.
    pub side: Side,
    /// Whether the other model can take the step as well, to another end.
    pub both: bool,
    /// The actions to there, ticks among them, and the one that parts them.
    pub path: Vec<A>,
    /// Protocol actions of the path.
    pub length: u32,
    /// The path with the model's lengths of time.
    pub times: Times<A>,
}

/// What a comparison found. Its actions are text, or a protocol's own.
#[derive(Clone, Debug)]
pub struct Parted<A = String> {
    /// For each kind of action the shortest way to where the models part, shortest first.
    pub partings: Vec<Parting<A>>,
    /// States that both models reach in the same ways.
    pub common: u64,
    /// Whether all of them were looked at.
    pub exhausted: bool,
}

impl<A: Display> Parted<A> {
    /// The same with its actions as text.
    pub fn in_text(self) -> Parted {
        let text = |Parting { side, both, path, length, times }: Parting<A>| {
            let path = path.iter().map(ToString::to_string).collect();
            Parting { side, both, path, length, times: times.in_text() }
        };
        let partings = self.partings.into_iter().map(text).collect();
        Parted { partings, common: self.common, exhausted: self.exhausted }
    }
}

/// Why two models of a protocol cannot be compared step by step.
pub const INCOMPARABLE: &str = "they begin otherwise, have other numbers of equals, or another order of lengths, so their steps cannot be compared";

/// Walks through two models of a protocol together until `most_states` common states have been seen.
///
/// # Errors
/// Their states do not mean the same.
pub fn models<P: Protocol>(first: &Model<P>, second: &Model<P>, most_states: u64) -> Result<Parted, &'static str> {
    // Claims are no part of a state, and nothing is judged on the way.
    let spaces = [first, second].map(|model| ProtocolSpace::new(model, model.lengths.order()));
    let setting = |model: &Model<P>| (model.system.initial(), model.system.renamings(), model.lengths.phi);
    if setting(first) != setting(second) || first.lengths.free != second.lengths.free {
        return Err(INCOMPARABLE);
    }
    Ok(compare(&spaces, most_states).in_text())
}

/// Walks through two spaces together until `most_states` common states have been seen. Equal octets have to be of equal
/// states in both.
pub fn compare<S: TimedSpace<Clock = Order>>(spaces: &[S; 2], most_states: u64) -> Parted<S::Action> {
    let mut walk = Walk { spaces, nodes: Vec::new(), seen: HashMap::new(), found: BTreeMap::new() };
    let exhausted = walk.through(most_states);
    let common = walk.nodes.len() as u64;
    let mut found: Vec<&Found> = walk.found.values().collect();
    found.sort_by_key(|found| found.number);
    let partings = found.into_iter().filter_map(|found| walk.parting(found)).collect();
    Parted { partings, common, exhausted }
}

/// A state that both reach.
struct Node {
    bytes: Vec<u8>,
    parent: u32,
}

/// Where they part: the common state before, and the canonical bytes of the state after.
struct Found {
    number: usize,
    side: Side,
    both: bool,
    from: u32,
    bytes: Vec<u8>,
}

struct Walk<'w, S> {
    spaces: &'w [S; 2],
    nodes: Vec<Node>,
    seen: HashMap<Vec<u8>, u32>,
    /// By the kind of action.
    found: BTreeMap<String, Found>,
}

/// An edge: its action, whether time passes, and where it leads.
type Out<A> = (A, Cost, Vec<u8>);

impl<S: TimedSpace<Clock = Order>> Walk<'_, S> {
    /// Whether everything was seen.
    fn through(&mut self, most_states: u64) -> bool {
        let mut level = Vec::new();
        let space = &self.spaces[0];
        let (mut scratch, mut state) = (space.scratch(), None);
        space.initial(&mut space.scratch(), &mut |initial| {
            let mut bytes = Vec::new();
            space.encode(&mut scratch, initial, &mut bytes);
            level.push((bytes, u32::MAX));
            state = Some(initial.clone());
        });
        let Some(mut state) = state else { return true };
        while !level.is_empty() {
            let mut next = Vec::new();
            let mut queue: Vec<u32> = level.drain(..).filter_map(|(bytes, parent)| self.add(bytes, parent)).collect();
            let mut at = 0;
            while let Some(&node) = queue.get(at) {
                at += 1;
                if self.nodes.len() as u64 >= most_states {
                    return false;
                }
                for (cost, bytes) in self.common(node, &mut state) {
                    match cost {
                        Cost::Action => next.push((bytes, node)),
                        Cost::Tick => queue.extend(self.add(bytes, node)),
                    }
                }
            }
            level = next;
        }
        true
    }

    fn add(&mut self, bytes: Vec<u8>, parent: u32) -> Option<u32> {
        let number = self.nodes.len() as u32;
        let Entry::Vacant(entry) = self.seen.entry(bytes) else { return None };
        self.nodes.push(Node { bytes: entry.key().clone(), parent });
        entry.insert(number);
        Some(number)
    }

    /// The states that both models lead to from here; notes where they part.
    fn common(&mut self, node: u32, state: &mut S::State) -> Vec<(Cost, Vec<u8>)> {
        let [first, second] = [0, 1].map(|i| self.out(i, node, state));
        let mut common = Vec::new();
        for (side, outs, others) in [(Side::First, &first, &second), (Side::Second, &second, &first)] {
            for (action, cost, bytes) in outs {
                let theirs = || others.iter().filter(|(other, ..)| *other == *action);
                if theirs().any(|(_, _, there)| there == bytes) {
                    if side == Side::First {
                        common.push((*cost, bytes.clone()));
                    }
                    continue;
                }
                let (number, both) = (self.found.len(), theirs().next().is_some());
                let found = || Found { number, side, both, from: node, bytes: bytes.clone() };
                self.found.entry(S::kind(*action)).or_insert_with(found);
            }
        }
        common
    }

    fn out(&self, model: usize, node: u32, state: &mut S::State) -> Vec<Out<S::Action>> {
        let space = &self.spaces[model];
        let (mut scratch, mut encoding, mut outs) = (space.scratch(), space.scratch(), Vec::new());
        space.decode(&mut scratch, &self.nodes[node as usize].bytes, state);
        space.each_successor(&mut scratch, state, &mut |edge, next| {
            let mut bytes = Vec::new();
            space.encode(&mut encoding, next, &mut bytes);
            outs.push((edge.action, edge.cost, bytes));
        });
        outs
    }

    /// The way to where they part, as its side goes it, with its times.
    fn parting(&self, found: &Found) -> Option<Parting<S::Action>> {
        let space = &self.spaces[found.side as usize];
        let mut chain = vec![&found.bytes];
        let mut node = found.from;
        while node != u32::MAX {
            chain.push(&self.nodes[node as usize].bytes);
            node = self.nodes[node as usize].parent;
        }
        let mut steps: Vec<Step<S>> = Vec::new();
        let (mut encoding, mut bytes, mut initial) = (space.scratch(), Vec::new(), None);
        // Both begin where the first does: the second may leave other things out of its own.
        let first = &self.spaces[0];
        first.initial(&mut first.scratch(), &mut |state| initial = Some(state.clone()));
        let initial = initial?;
        // The last is the initial state.
        for wanted in chain.iter().rev().skip(1) {
            let from = steps.last().map_or(&initial, |step| &step.state);
            let leads_there = |_: &Edge<S::Action>, next: &S::State| {
                bytes.clear();
                space.encode(&mut encoding, next, &mut bytes);
                bytes == **wanted
            };
            let step = find_step(space, from, leads_there)?;
            steps.push(step);
        }
        let path: Vec<S::Action> = steps.iter().map(|step| step.edge.action).collect();
        let length = path.iter().filter(|action| S::action(**action).is_some()).count() as u32;
        let end = steps.last().map(|step: &Step<S>| without_times::<S>(&step.state.state));
        let arrived = |state: &StateOf<S>, _| end.as_ref().is_some_and(|end| without_times::<S>(state) == *end);
        let times = match realise_to(space, &first.beginning(), &steps, arrived) {
            Times::Realised { actions, .. } if !self.are_told_apart(&actions) => {
                Times::Unrealisable("with the times that were found both do the same".to_owned())
            }
            times => times,
        };
        Some(Parting { side: found.side, both: found.both, path, length, times })
    }

    /// Whether a run ends otherwise in one than in the other. Times that were given to a path may let the other do what it
    /// could not do where the path was found.
    fn are_told_apart(&self, actions: &[(f64, S::Action)]) -> bool {
        let Some(run) = run_of::<S>(actions) else { return false };
        let initial = self.spaces[0].beginning();
        let [first, second] = [0, 1].map(|i| {
            let (timed, values) = (self.spaces[i].system(), self.spaces[i].seconds());
            let question = Question { timed, initial: &initial, values, violated: |_: &StateOf<S>, _| true, most: 0 };
            replay(&question, self.spaces[i].clock().free(), &run).ok()
        });
        first.as_ref().and_then(|states| states.last()) != second.as_ref().and_then(|states| states.last())
    }
}

/// Actions with their seconds as a run; None if some are beyond all scales.
fn run_of<S: TimedSpace>(actions: &[(f64, S::Action)]) -> Option<Run<ActionOf<S>>> {
    let timed: Option<Vec<(Length, ActionOf<S>)>> =
        actions.iter().map(|(at, action)| Some((Length::nearest(*at)?, S::action(*action)?))).collect();
    let timed = timed?;
    let per_unit = timed.iter().fold(1, |parts, (at, _)| parts / gcd(parts, at.denominator()) * at.denominator());
    let instant = |at: Length| Some(Instant { parts: at.in_parts(per_unit)?, per_unit });
    let actions: Option<Vec<_>> = timed.into_iter().map(|(at, action)| Some((action, instant(at)?))).collect();
    let actions = actions?;
    let end = actions.last()?.1;
    Some(Run { actions, end, guided: false })
}

fn without_times<S: TimedSpace>(state: &StateOf<S>) -> StateOf<S> {
    let mut state = state.clone();
    state.times(&mut |time, _| *time = Time::LONG_AGO);
    state
}
