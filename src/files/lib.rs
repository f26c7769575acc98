//! Model files and scenario files: from text to validated values, with errors that say file, line, key, what is
//! wrong and what would be accepted.
//!
//! * [`model`](model::model) reads a model file with its bases, [`scenario`](scenario::scenario) a scenario file with
//!   its model. Files are validated whole: all that is wrong with one is told at once.
//! * [`server`](server::server) reads a server's configuration, [`compare`](server_pair::compare) says whether two are
//!   those of a pair, [`simulation`](simulation::simulation) reads a population with its network and faults.
//! * [`twins`](twins::twins) makes models of broken models, with the repaired rules.
//! * [`keys`] is the reference of all keys, which the reading itself is checked against.
//!
//! What the values mean is the world's business; reading a file is one function, [`load::from_disk`].

pub mod keys;
pub mod load;
pub mod model;
pub mod random;
pub mod scenario;
pub mod server;
pub mod server_pair;
pub mod server_tls;
pub mod simulation;
pub mod twins;

mod keys_server;
mod rows;
mod server_options;
mod settings;
mod system;
mod time;

pub use dhcpfo_header::{FileError, FileErrors};
pub use load::{Read, from_disk, relative_to};
pub use model::ModelFile;
pub use scenario::ScenarioFile;
pub use server::ServerFile;
