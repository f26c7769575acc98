//! Two models that differ in their rules: where their behaviours part.
//!
//! Both are walked through together, breadth first, as long as the same action leads to the same state. Where an action
//! leads to a state in one of them that it does not lead to in the other, they part; behind that nothing is looked at.

use crate::flags::is_alike;
use crate::run::Times;
use crate::world::WorldSpace;
use dhcpfo_clock::Order;
use dhcpfo_search::space::{Cost, Edge, Space};
use dhcpfo_search::trace::{Step, find_step};
use dhcpfo_study::timed_space::TimedSpace;
use dhcpfo_study::times::realise_to;
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::model::Model;
use dhcpfo_world::system::System;
use std::collections::{BTreeMap, HashMap};

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
pub struct Parting {
    /// In which it leads there.
    pub side: Side,
    /// Whether the other model can take the step as well, to another end.
    pub both: bool,
    /// The actions to there, ticks among them, and the one that parts them.
    pub path: Vec<Action>,
    /// Protocol actions of the path.
    pub length: u32,
    /// The path with the model's lengths of time.
    pub times: Times,
}

/// What a comparison found.
#[derive(Clone, Debug)]
pub struct Parted {
    /// For each kind of action the shortest way to where the models part, shortest first.
    pub partings: Vec<Parting>,
    /// States that both models reach in the same ways.
    pub common: u64,
    /// Whether all of them were looked at.
    pub exhausted: bool,
}

/// Why two models cannot be compared step by step.
pub const INCOMPARABLE: &str =
    "they have other addresses, clients, budgets or options of the world, so their steps cannot be compared";

/// Whether two models differ in nothing but rules, claims and lengths of the replay.
pub fn are_comparable(first: &Model, second: &Model) -> bool {
    let outline = |model: &Model| {
        let mut model = model.clone();
        (model.claims, model.witnesses) = (Vec::new(), Vec::new());
        let rules = dhcpfo_engine::rules::Rules::DRAFT_12;
        model.servers.iter_mut().for_each(|server| server.rules = rules);
        model.lengths.seconds = model.lengths.small;
        format!("{model:?}")
    };
    outline(first) == outline(second)
}

type Moment = <WorldSpace<'static, Order> as Space>::State;

/// Walks through both models together until `most_states` common states have been seen.
pub fn compare(first: &Model, second: &Model, most_states: u64) -> Parted {
    // Violations must not end the walk, nor be a difference of their own.
    let bare = |model: &Model| Model { claims: Vec::new(), witnesses: Vec::new(), go_on: true, ..model.clone() };
    let models = [bare(first), bare(second)];
    let spaces = [0, 1].map(|i| WorldSpace::new(&models[i], models[i].lengths.order()));
    let mut walk = Walk { spaces: &spaces, nodes: Vec::new(), seen: HashMap::new(), found: BTreeMap::new() };
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

struct Walk<'w, 'm> {
    spaces: &'w [WorldSpace<'m, Order>; 2],
    nodes: Vec<Node>,
    seen: HashMap<Vec<u8>, u32>,
    /// By the kind of action.
    found: BTreeMap<String, Found>,
}

/// An edge: its action in words, whether time passes, and where it leads.
type Out = (Action, Cost, Vec<u8>);

impl Walk<'_, '_> {
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
        let entry = self.seen.entry(bytes);
        let std::collections::hash_map::Entry::Vacant(entry) = entry else { return None };
        self.nodes.push(Node { bytes: entry.key().clone(), parent });
        entry.insert(number);
        Some(number)
    }

    /// The states that both models lead to from here; notes where they part.
    fn common(&mut self, node: u32, state: &mut Moment) -> Vec<(Cost, Vec<u8>)> {
        let [first, second] = [0, 1].map(|i| self.out(i, node, state));
        let mut common = Vec::new();
        for (side, outs, others) in [(Side::First, &first, &second), (Side::Second, &second, &first)] {
            for (action, cost, bytes) in outs {
                let theirs = || others.iter().filter(|(other, ..)| other == action);
                if theirs().any(|(_, _, there)| there == bytes) {
                    if side == Side::First {
                        common.push((*cost, bytes.clone()));
                    }
                    continue;
                }
                let (number, both) = (self.found.len(), theirs().next().is_some());
                let found = || Found { number, side, both, from: node, bytes: bytes.clone() };
                self.found.entry(kind(action)).or_insert_with(found);
            }
        }
        common
    }

    fn out(&self, model: usize, node: u32, state: &mut Moment) -> Vec<Out> {
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
    fn parting(&self, found: &Found) -> Option<Parting> {
        let space = &self.spaces[found.side as usize];
        let mut chain = vec![&found.bytes];
        let mut node = found.from;
        while node != u32::MAX {
            chain.push(&self.nodes[node as usize].bytes);
            node = self.nodes[node as usize].parent;
        }
        let mut steps: Vec<Step<WorldSpace<'_, Order>>> = Vec::new();
        let (mut encoding, mut bytes, mut initial) = (space.scratch(), Vec::new(), None);
        // Both begin where the first does: the second may leave other things out of its own.
        let first = &self.spaces[0];
        first.initial(&mut first.scratch(), &mut |state| initial = Some(state.clone()));
        let initial = initial?;
        // The last is the initial state.
        for wanted in chain.iter().rev().skip(1) {
            let from = steps.last().map_or(&initial, |step| &step.state);
            let leads_there = |_: &Edge<Action>, next: &Moment| {
                bytes.clear();
                space.encode(&mut encoding, next, &mut bytes);
                bytes == **wanted
            };
            let step = find_step(space, from, leads_there)?;
            steps.push(step);
        }
        let path: Vec<Action> = steps.iter().map(|step| step.edge.action).collect();
        let length = path.iter().filter(|action| action.what != What::Tick).count() as u32;
        let end = steps.last().map(|step| &step.state.state);
        let arrived = |system: &System, _| end.is_some_and(|end| is_alike(system, end));
        let times = realise_to(space, &first.beginning(), &steps, arrived);
        Some(Parting { side: found.side, both: found.both, path, length, times })
    }
}

/// An action without its numbers, which client and which address does not matter, and without a crash in its midst.
fn kind(action: &Action) -> String {
    let whole = Action { crash_after: None, places: None, ..*action };
    whole.to_string().chars().filter(|c| !c.is_ascii_digit()).collect()
}
