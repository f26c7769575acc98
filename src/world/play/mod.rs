//! Playing a model under a wall clock, action by action, and by script.
//!
//! A [`Player`] does what it is told and refuses what is not enabled; [`perform()`] has it carry out the [`Line`]s of a
//! script. Both yield what happened as values: rendering is the report's business.

mod perform;
mod player;
mod script;
mod wall;

pub use dhcpfo_clock::length::{ACCEPTED as LENGTHS, FINEST, Length, NoLength};
pub use perform::{Entry, Outcome, Stop, perform, scale};
pub use player::{Moment, Passage, Player, Refusal, Step};
pub use script::{Condition, Expectation, Line, Order, parse_line};
pub use wall::{Scale, Wall};
