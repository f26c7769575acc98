//! What is searched.

use crate::space::Space;

/// How the canonical bytes of a state are made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Bytes of the discrete part.
    pub key: usize,
    /// Times that are live in it.
    pub live: usize,
}

/// A space whose states may cover others.
pub trait Covering: Space {
    /// [`Space::encode`], and how what was appended is made up.
    fn encode_parts(&self, scratch: &mut Self::Scratch, state: &Self::State, out: &mut Vec<u8>) -> Parts;

    /// Whether what the second says is known implies all that the first says, for one discrete part.
    fn covers(&self, scratch: &mut Self::Scratch, live: usize, weak: &[u8], strong: &[u8]) -> bool;

    /// What is known in a state that stands for just what two states of one discrete part stand for together. None if there is no such
    /// state, or none was found.
    fn join(&self, scratch: &mut Self::Scratch, live: usize, one: &[u8], other: &[u8]) -> Option<Vec<u8>>;
}
