//! A protocol of one's own, studied: searched under three clocks by three searches, played by script, run at random.
//!
//! This room names no protocol. Who implements [`Protocol`] gets all of it:
//!
//! ```text
//! struct Pair { clients: u8 }                  // one system, of some size and with some rules
//! impl Timed for Pair { … step, settle … }     // what an action does; times only through the clock
//! impl Protocol for Pair { … }                 // beginning, candidates, claims, witnesses, keys of model files
//! static FAMILY: Of<Pair> = Of::new();         // the door, by which a command line reaches it
//! ```
//!
//! * [`protocol`] is what a protocol has to say of itself.
//! * [`space`] makes a space of a model and a clock; [`run`](mod@run) searches it and [`times`](mod@times) gives
//!   counterexamples their times; [`cross`] has three searches agree; [`stateright`] hands it to Stateright. What these
//!   need of a space is [`timed_space`], which another system than a [`Protocol`] can have, too.
//! * [`whole`] judges claims about whole runs, under fairness.
//! * [`player`] is a model under a wall clock; [`play`](mod@play) carries out a script, [`random`] runs by seed, and
//!   [`shrink`] makes small what fails; [`minimise`] says which actions of a script its violation needs.
//! * [`diff`] finds where two models of a protocol part.
//! * [`lattice`] searches all combinations of a model's budgets.
//! * [`explore`] follows a path that a person chooses, and searches on from its end.
//! * [`command`] is a small command line for a protocol that is in no registry of ours.
//! * [`file`](mod@file) reads model files. [`family`] is the door without a type of any protocol.
#![deny(missing_docs)]

pub mod answer;
pub mod command;
pub mod cross;
pub mod diff;
pub mod explore;
pub mod family;
pub mod file;
pub mod inequalities;
pub mod lattice;
pub mod minimise;
pub mod play;
pub mod player;
pub mod protocol;
pub mod random;
pub mod renaming;
pub mod run;
pub mod scenario;
pub mod shrink;
pub mod space;
pub mod stateright;
pub mod swarm;
pub mod timed_space;
pub mod times;
pub mod whole;
pub mod words;

pub use dhcpfo_claims::Entry;
pub use dhcpfo_claims::fair::Condition;
pub use family::{Family, Of, Registry, Study};
pub use protocol::{Budget, Claim, Fields, LeadsTo, Length, Model, Protocol, Visit, times};
