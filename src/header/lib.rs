//! What every file of ours has in common, whatever its protocol: values with the places where they stand, errors that
//! say file, line, key, what is wrong and what would be accepted, and what any model file says.
//!
//! * [`node`] parses a file, [`section`] reads it and notes everything that is wrong, [`error`] tells it.
//! * [`disk`] reads files, and finds files that files name.
//! * [`keys`] is how a kind of file says which keys it has; [`near`] guesses what a mistyped word was meant to be.
//! * [`head`] has the class of a model, its clock, its limits and what it expects; [`lengths`] reads `[time]`, [`fair`] `[fair]`.
#![deny(missing_docs)]

pub mod disk;
pub mod error;
pub mod fair;
pub mod head;
pub mod keys;
pub mod lengths;
pub mod near;
pub mod node;
pub mod section;

pub use error::{FileError, FileErrors};
