//! What is stored: discrete parts, and for each of them what is known in the states that have it.

use super::space::{Covering, Parts};
use crate::fingerprint::Fingerprints;
use std::collections::HashMap;

/// A stored state.
pub(super) struct Node {
    /// The number of its discrete part.
    pub(super) key: u32,
    /// Something covers it that was found later.
    pub(super) is_covered: bool,
    pub(super) parent: u32,
    pub(super) knowledge: Box<[u8]>,
}

/// No parent.
pub(super) const NOWHERE: u32 = u32::MAX;

/// What was seen of one discrete part.
pub(super) struct Key {
    pub(super) bytes: Box<[u8]>,
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
    pub(super) bytes: usize,
}

impl Store {
    pub(super) fn new(seed: u64) -> Store {
        let prints = Fingerprints::new(seed);
        Store { prints, numbers: HashMap::default(), keys: Vec::new(), nodes: Vec::new(), bytes: 0 }
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

    /// Stores a state that nothing covers, and marks what it covers. Its number.
    pub(super) fn insert<S: Covering>(
        &mut self,
        space: &S,
        scratch: &mut S::Scratch,
        (parent, print): (u32, u64),
        bytes: &[u8],
        parts: Parts,
    ) -> u32 {
        let (key, knowledge) = bytes.split_at(parts.key);
        let number = self.key(print, key).unwrap_or_else(|| {
            let number = self.keys.len() as u32;
            self.keys.push(Key { bytes: key.into(), nodes: Vec::new() });
            self.numbers.entry(print).or_default().push(number);
            self.bytes += key.len() + 80;
            number
        });
        let (nodes, all) = (&mut self.keys[number as usize].nodes, &mut self.nodes);
        nodes.retain(|&node| {
            let node = &mut all[node as usize];
            node.is_covered = space.covers(scratch, parts.live, knowledge, &node.knowledge);
            !node.is_covered
        });
        let node = all.len() as u32;
        nodes.push(node);
        all.push(Node { key: number, is_covered: false, parent, knowledge: knowledge.into() });
        self.bytes += knowledge.len() + size_of::<Node>() + 4;
        node
    }

    /// The whole canonical bytes of a state.
    pub(super) fn read(&self, node: u32, out: &mut Vec<u8>) {
        let node = &self.nodes[node as usize];
        out.clear();
        out.extend_from_slice(&self.keys[node.key as usize].bytes);
        out.extend_from_slice(&node.knowledge);
    }
}
