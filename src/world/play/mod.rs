//! Playing a model under a wall clock, action by action.

mod length;

pub use length::{ACCEPTED as LENGTHS, FINEST, Length, NoLength};
