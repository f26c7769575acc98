//! The searches: one trait for what is searched, three engines that must agree, and liveness on the stored graph.
//!
//! Nothing here knows what a state is: it is bytes, and whoever implements [`space::Space`] says what follows from it.
//!
//! * [`space::Space`] is what is searched.
//! * [`search`](search::search) is the native engine: breadth first, level by level, parallel, and the same to the
//!   last count and the last step for every number of threads.
//! * [`plain`] is a deliberately simple and exact search, to compare with.
//! * [`covering`] searches a space of which one state may stand for many.
//! * [`stateright_model`] hands the same space to Stateright's checkers and its Explorer.
//! * [`liveness`] answers `AG EF` and looks for fair cycles on an exhausted space.
//! * [`ceiling`] measures what the engine could reach at best: the space alone, with nothing stored.
#![deny(missing_docs)]

pub mod ceiling;
pub mod covering;
mod expand;
mod fingerprint;
mod frontier;
pub mod liveness;
pub mod onwards;
pub mod outcome;
pub mod plain;
pub mod search;
pub mod space;
pub mod stateright_model;
pub mod trace;
mod visited;

pub use outcome::{Bound, End, Explored, Hit, Options, Progress, Stats};
pub use search::{SearchError, search};
pub use space::{Cost, Edge, Flags, Space};
pub use trace::{Step, Trace, TraceError, find_step};
pub use visited::Ordinal;
