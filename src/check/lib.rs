//! Models, searched: the world as a space for the searches, and what is asked of it.
//!
//! * [`world`] makes a space of a model and a notion of time.
//! * [`run`] searches a model for its claims and witnesses, and gives counterexamples their times.
//! * [`diff`] finds where two models part that differ in their rules.
//! * [`lattice`] is draft-12's budgets, for searches of all their combinations.
//! * [`cross`] has different searches and clocks agree.
//! * [`untimed`] judges without any time.
#![deny(missing_docs)]

pub mod cross;
pub mod diff;
mod flags;
pub mod inequalities;
pub mod lattice;
pub mod reach;
pub mod run;
pub mod seen;
pub mod untimed;
pub mod with_stateright;
pub mod world;
