//! The searches: one trait for what is searched, three engines that must agree, and liveness on the stored graph.
//!
//! * [`space::Space`] is what is searched.
//! * [`search`](search::search) is the native engine: breadth first, level by level, parallel, and the same to the
//!   last count and the last step for every number of threads.
//! * [`plain`] is a deliberately simple and exact search, to compare with.
//! * [`stateright_model`] hands the same space to Stateright's checkers and its Explorer.
//! * [`liveness`] answers `AG EF` and looks for fair cycles on an exhausted space.
//! * [`diff`] finds where two models part that differ in their rules.
//! * [`ceiling`] measures what the engine could reach at best: the space alone, with nothing stored.
#![deny(missing_docs)]

pub mod ceiling;
pub mod cross;
pub mod diff;
mod expand;
mod fingerprint;
mod frontier;
pub mod lattice;
pub mod liveness;
pub mod outcome;
pub mod plain;
pub mod reach;
pub mod run;
pub mod search;
pub mod seen;
pub mod space;
pub mod stateright_model;
pub mod trace;
pub mod untimed;
mod visited;
pub mod with_stateright;
pub mod world;

pub use outcome::{Bound, End, Explored, Hit, Options, Progress, Stats};
pub use search::{SearchError, search};
pub use space::{Cost, Edge, Flags, Space};
pub use trace::{Step, Trace, TraceError};
pub use visited::Ordinal;
