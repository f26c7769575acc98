//! The explorer: a page on loopback in which a person chooses what happens next.
//!
//! A path is a list of actions as text ([`path`]); following it under the order of deadlines ([`walk`]) gives a state,
//! which [`sheet`] tells the page as JSON. Nothing is remembered between two questions ([`api`]): the page's address
//! has the whole path, so undoing, branching and bookmarking are the browser's business. [`http`] bounds what a
//! question may be and answers it; [`find`] searches on from a state, within bounds, one search at a time; [`timed`]
//! gives a path real times; [`align`] turns a scenario, which has times, into a path. [`lesson`]s are data.
//!
//! A model of another protocol is shown by the same page, in lines of text: [`text`].
//!
//! What happened elsewhere is stepped through, too, and cannot branch: [`recorded`].
#![deny(missing_docs)]

pub mod align;
pub mod api;
pub mod cite;
pub mod coverage;
pub mod deadlines;
pub mod find;
pub mod goal;
pub mod http;
pub mod lesson;
pub mod path;
pub mod recorded;
pub mod saying;
pub mod sheet;
pub mod source;
pub mod text;
pub mod timed;
pub mod walk;
