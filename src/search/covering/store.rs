//! What is stored: discrete parts, and for each of them what is known in the states that have it.

use super::space::{Covering, Parts};
use crate::fingerprint::Fingerprints;
use crate::space::Flags;
use std::collections::HashMap;

/// A stored state.
pub(super) struct Node {
    /// The number of its discrete part.
    pub(super) key: u32,
    /// Something covers it that was found later.
    pub(super) is_covered: bool,
    /// What was said of it; the same of all that it was joined from.
    pub(super) flags: Flags,
    /// The first state that led to it. Of a joined one see [`Store::parents`].
    pub(super) parent: u32,
    pub(super) knowledge: Box<[u8]>,
}

/// No parent.
pub(super) const NOWHERE: u32 = u32::MAX;

/// What was seen of one discrete part.
pub(super) struct Key {
    pub(super) bytes: Box<[u8]>,
    /// Times that are live in it.
    pub(super) live: usize,
    /// The states that have it, of which none covers another.
    pub(super) nodes: Vec<u32>,
}

/// Everything stored.
pub(super) struct Store {
    pub(super) prints: Fingerprints,
    /// By fingerprint; those whose fingerprints are equal are told apart by their bytes.
    numbers: HashMap<u64, Vec<u32>>,
    pub(super) keys: Vec<Key>,
    pub(super) nodes: Vec<Node>,
    /// Further states that led to a joined one.
    others: HashMap<u32, Vec<u32>>,
    /// How often two states became one.
    pub(super) joined: u64,
    pub(super) bytes: usize,
}

/// A state to be stored.
pub(super) struct New<'a> {
    pub(super) parent: u32,
    pub(super) print: u64,
    pub(super) flags: Flags,
    pub(super) bytes: &'a [u8],
    pub(super) parts: Parts,
}

impl Store {
    pub(super) fn new(seed: u64) -> Store {
        let prints = Fingerprints::new(seed);
        Store {
            prints,
            numbers: HashMap::default(),
            keys: Vec::new(),
            nodes: Vec::new(),
            others: HashMap::default(),
            joined: 0,
            bytes: 0,
        }
    }

    fn key(&self, print: u64, key: &[u8]) -> Option<u32> {
        let numbers = self.numbers.get(&print)?;
        numbers.iter().copied().find(|&number| *self.keys[number as usize].bytes == *key)
    }

    /// Whether a stored state covers this one.
    pub(super) fn is_covered<S: Covering>(
        &self,
        space: &S,
        scratch: &mut S::Scratch,
        print: u64,
        bytes: &[u8],
        parts: Parts,
    ) -> bool {
        let (key, knowledge) = bytes.split_at(parts.key);
        let Some(key) = self.key(print, key) else { return false };
        let mut nodes = self.keys[key as usize].nodes.iter();
        nodes.any(|&node| space.covers(scratch, parts.live, &self.nodes[node as usize].knowledge, knowledge))
    }

    /// Stores a state that nothing covers, and marks what it covers. Where it and one of those from `first` on, which have not
    /// been expanded, are together what one state stands for, that one becomes this state. Its number, if it is a new one.
    pub(super) fn insert<S: Covering>(
        &mut self,
        space: &S,
        scratch: &mut S::Scratch,
        first: u32,
        new: &New<'_>,
    ) -> Option<u32> {
        let (key, knowledge) = new.bytes.split_at(new.parts.key);
        let key = self.key(new.print, key).unwrap_or_else(|| self.add_key(new.print, key, new.parts.live));
        if let Some((node, wider)) = self.joined(space, scratch, first, key, (new.flags, knowledge)) {
            self.add_parents(node, [new.parent]);
            self.widen(space, scratch, first, node, wider);
            return None;
        }
        self.drop_covered(space, scratch, key, knowledge);
        let node = self.nodes.len() as u32;
        self.keys[key as usize].nodes.push(node);
        self.bytes += knowledge.len() + size_of::<Node>() + 4;
        self.nodes.push(Node {
            key,
            is_covered: false,
            flags: new.flags,
            parent: new.parent,
            knowledge: knowledge.into(),
        });
        Some(node)
    }

    fn add_key(&mut self, print: u64, key: &[u8], live: usize) -> u32 {
        let number = self.keys.len() as u32;
        self.keys.push(Key { bytes: key.into(), live, nodes: Vec::new() });
        self.numbers.entry(print).or_default().push(number);
        self.bytes += key.len() + 80;
        number
    }

    fn add_parents(&mut self, node: u32, parents: impl IntoIterator<Item = u32>) {
        self.joined += 1;
        let others = self.others.entry(node).or_default();
        let before = others.len();
        others.extend(parents);
        self.bytes += 4 * (others.len() - before);
    }

    /// Marks and drops what is covered by something known of the same discrete part.
    fn drop_covered<S: Covering>(&mut self, space: &S, scratch: &mut S::Scratch, key: u32, knowledge: &[u8]) {
        let (all, key) = (&mut self.nodes, &mut self.keys[key as usize]);
        let live = key.live;
        key.nodes.retain(|&node| {
            let node = &mut all[node as usize];
            node.is_covered = space.covers(scratch, live, knowledge, &node.knowledge);
            !node.is_covered
        });
    }

    /// A state that has not been expanded and that something can be joined to, and what is known then. Of both the same has
    /// to be true, since that is noted once for what is expanded, and what lies behind a violation is not.
    fn joined<S: Covering>(
        &self,
        space: &S,
        scratch: &mut S::Scratch,
        first: u32,
        key: u32,
        (flags, knowledge): (Flags, &[u8]),
    ) -> Option<(u32, Vec<u8>)> {
        let key = &self.keys[key as usize];
        key.nodes.iter().rev().take_while(|&&node| node >= first).find_map(|&node| {
            let known = &self.nodes[node as usize];
            if known.flags != flags {
                return None;
            }
            Some((node, space.join(scratch, key.live, &known.knowledge, knowledge)?))
        })
    }

    /// A state that has not been expanded stands for more than before. So it may cover others, and be joined with others.
    fn widen<S: Covering>(
        &mut self,
        space: &S,
        scratch: &mut S::Scratch,
        first: u32,
        node: u32,
        mut knowledge: Vec<u8>,
    ) {
        let Node { key, flags, .. } = self.nodes[node as usize];
        loop {
            // What it was is among this.
            self.drop_covered(space, scratch, key, &knowledge);
            let Some((other, wider)) = self.joined(space, scratch, first, key, (flags, &knowledge)) else { break };
            let parents: Vec<u32> = self.parents(other).collect();
            self.add_parents(node, parents);
            knowledge = wider;
        }
        self.keys[key as usize].nodes.push(node);
        let known = &mut self.nodes[node as usize];
        known.is_covered = false;
        self.bytes = self.bytes + knowledge.len() - known.knowledge.len();
        known.knowledge = knowledge.into();
    }

    /// The states that led to one. None of the first ones.
    pub(super) fn parents(&self, node: u32) -> impl Iterator<Item = u32> {
        let others = self.others.get(&node).into_iter().flatten().copied();
        std::iter::once(self.nodes[node as usize].parent).chain(others).filter(|&parent| parent != NOWHERE)
    }

    /// The whole canonical bytes of a state.
    pub(super) fn read(&self, node: u32, out: &mut Vec<u8>) {
        let node = &self.nodes[node as usize];
        out.clear();
        out.extend_from_slice(&self.keys[node.key as usize].bytes);
        out.extend_from_slice(&node.knowledge);
    }
}
