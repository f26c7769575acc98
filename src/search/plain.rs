//! The third search: exact, single-threaded, and too simple to be wrong in an interesting way.

use crate::space::{Cost, Space};
use std::collections::{BTreeMap, HashSet};

/// What the plain search finds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plain {
    /// Number of reachable states.
    pub unique: u64,
    /// Number of edges out of them.
    pub edges: u64,
    /// Number of states by the least number of protocol actions to them.
    pub levels: Vec<u64>,
    /// For each flag that was seen, the least number of protocol actions to it.
    pub flags: BTreeMap<u32, u32>,
}

/// Searches the whole space. It keeps the canonical bytes of every state, so it is for small spaces.
pub fn explore<S: Space>(space: &S) -> Plain {
    let mut plain = Plain::default();
    let (mut generating, mut encoding) = (space.scratch(), space.scratch());
    let mut seen = HashSet::new();
    let (mut next, mut working) = (Vec::new(), None);
    space.initial(&mut generating, &mut |state| {
        next.push(encoded(space, &mut encoding, state));
        working = Some(state.clone());
    });
    let Some(mut state) = working else { return plain };
    for depth in 0.. {
        let mut level: Vec<_> = std::mem::take(&mut next).into_iter().filter(|b| seen.insert(b.clone())).collect();
        if level.is_empty() {
            break;
        }
        // Grows while it is walked through, by what the ticks lead to.
        let mut i = 0;
        while i < level.len() {
            space.decode(&mut generating, &level[i], &mut state);
            i += 1;
            let flags = space.flags(&mut generating, &state);
            plain.note(flags.bits, depth);
            if !flags.expand {
                continue;
            }
            space.each_successor(&mut generating, &state, &mut |edge, target| {
                plain.edges += 1;
                let bytes = encoded(space, &mut encoding, target);
                plain.note(edge.flags, depth + u32::from(edge.cost == Cost::Action));
                match edge.cost {
                    Cost::Action => next.push(bytes),
                    Cost::Tick if seen.insert(bytes.clone()) => level.push(bytes),
                    Cost::Tick => {}
                }
            });
        }
        plain.levels.push(level.len() as u64);
    }
    plain.unique = seen.len() as u64;
    plain
}

fn encoded<S: Space>(space: &S, scratch: &mut S::Scratch, state: &S::State) -> Vec<u8> {
    let mut bytes = Vec::new();
    space.encode(scratch, state, &mut bytes);
    bytes
}

impl Plain {
    fn note(&mut self, flags: u64, depth: u32) {
        for bit in (0..64).filter(|bit| flags >> bit & 1 == 1) {
            let least = self.flags.entry(bit).or_insert(depth);
            *least = depth.min(*least);
        }
    }
}
