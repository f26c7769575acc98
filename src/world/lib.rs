//! The closed system: two servers, the connection between them, clients, a network, an operator, clocks.
//!
//! Everything that can happen is an [`action::Action`] with one text form that parses back. Who chooses the
//! next action is somebody else's business: a search, a random source, a script, a person.

pub mod action;
pub mod budget;
pub mod claim;
pub mod clients;
pub mod decided;
pub mod encode;
pub mod fairness;
pub mod idle;
pub mod link;
pub mod model;
pub mod places;
pub mod play;
pub mod step;
pub mod system;
pub mod words;

mod enabled;
mod order;
mod rename;
