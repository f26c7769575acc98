//! The way to what was seen, walked once more through the space.

use super::found::{Seen, Sighting};
use super::space::{Covering, Parts};
use super::store::Store;
use crate::space::Space;
use std::collections::BTreeSet;

/// A state on the way, as it was generated, so that a symmetry that the canonical form hides is undone.
struct Reached<S: Space> {
    state: S::State,
    bytes: Vec<u8>,
    parts: Parts,
    /// The one before in the level before, and the action from there. None of the first ones.
    from: Option<(usize, S::Action)>,
}

/// The actions to a stored state, and to a flagged step out of it.
///
/// A joined state was led to by several, and what is seen in it may be true of what one of them led to alone. So everything
/// that is on a way to it is collected backwards, and walked through forwards without joining anything.
pub(super) fn path<S: Covering>(space: &S, store: &Store, seen: &Seen) -> Sighting<S::Action> {
    let &Seen { bit, depth, node, is_step } = seen;
    let mut ahead = vec![BTreeSet::from([node])];
    while let Some(last) = ahead.last() {
        let before: BTreeSet<u32> = last.iter().flat_map(|&node| store.parents(node)).collect();
        if before.is_empty() {
            break;
        }
        ahead.push(before);
    }
    let mut walk = Walk { space, store, scratch: space.scratch(), encoding: space.scratch(), levels: Vec::new() };
    for (wanted, is_end) in ahead.iter().rev().zip((0..ahead.len()).rev().map(|left| left == 0)) {
        walk.onwards(wanted);
        if is_end && let Some(path) = walk.end(bit, is_step) {
            return Sighting { bit, depth, path };
        }
    }
    Sighting { bit, depth, path: Vec::new() }
}

struct Walk<'a, S: Covering> {
    space: &'a S,
    store: &'a Store,
    scratch: S::Scratch,
    encoding: S::Scratch,
    levels: Vec<Vec<Reached<S>>>,
}

impl<S: Covering> Walk<'_, S> {
    /// Goes one level on, to what one of the wanted states covers.
    fn onwards(&mut self, wanted: &BTreeSet<u32>) {
        let Walk { space, store, scratch, encoding, levels } = self;
        let mut next: Vec<Reached<S>> = Vec::new();
        let mut bytes = Vec::new();
        let mut reach = |state: &S::State, from: Option<(usize, S::Action)>| {
            bytes.clear();
            let parts = space.encode_parts(encoding, state, &mut bytes);
            let (key, knowledge) = bytes.split_at(parts.key);
            let known = next.iter().any(|known| {
                known.bytes[..known.parts.key] == *key
                    && space.covers(encoding, parts.live, &known.bytes[parts.key..], knowledge)
            });
            let mut on_the_way =
                wanted.iter().filter(|&&node| *store.keys[store.nodes[node as usize].key as usize].bytes == *key);
            if !known
                && on_the_way
                    .any(|&node| space.covers(encoding, parts.live, &store.nodes[node as usize].knowledge, knowledge))
            {
                next.push(Reached { state: state.clone(), bytes: bytes.clone(), parts, from });
            }
        };
        match levels.last() {
            None => space.initial(scratch, &mut |state| reach(state, None)),
            Some(last) => {
                for (number, before) in last.iter().enumerate() {
                    space.successors(scratch, &before.state, &mut |edge, state| {
                        reach(state, Some((number, edge.action)))
                    });
                }
            }
        }
        levels.push(next);
    }

    /// The actions to the first of the last level of which it is true.
    fn end(&mut self, bit: u32, is_step: bool) -> Option<Vec<S::Action>> {
        let Walk { space, scratch, levels, .. } = self;
        levels.last()?.iter().enumerate().find_map(|(number, reached)| {
            let mut step = None;
            if is_step {
                space.successors(scratch, &reached.state, &mut |edge, _| {
                    if step.is_none() && edge.flags >> bit & 1 == 1 {
                        step = Some(edge.action);
                    }
                });
                step.as_ref()?;
            } else if space.flags(scratch, &reached.state).bits >> bit & 1 == 0 {
                return None;
            }
            Some(way(levels, number, step))
        })
    }
}

/// The actions to a state of the last level, and those after it.
fn way<S: Space>(levels: &[Vec<Reached<S>>], mut number: usize, last: Option<S::Action>) -> Vec<S::Action> {
    let mut path: Vec<S::Action> = last.into_iter().collect();
    for level in levels.iter().rev() {
        if let Some((before, action)) = level[number].from {
            path.push(action);
            number = before;
        }
    }
    path.reverse();
    path
}
