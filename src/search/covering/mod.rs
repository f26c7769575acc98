//! The search of a space of which one state may stand for many.
//!
//! The canonical bytes of such a state begin with its *discrete part*; what follows says how much is *known* of the rest. A
//! state whose knowledge is weaker *covers* one with the same discrete part and stronger knowledge: everything that can
//! happen to the latter can happen to the former. What is covered is not expanded.
//!
//! Breadth first, level by level. What covers a state is at most as far away, so a violation is found on a shortest path.
//! States are expanded in parallel, and taken in one after the other in their order: counts and paths are the same for every
//! number of threads.

mod found;
mod path;
mod run;
mod space;
mod store;

pub use found::{Counts, Covered, Sighting};
pub use run::search;
pub use space::{Covering, Parts};
