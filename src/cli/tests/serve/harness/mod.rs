//! What the tests of running processes share.

pub(crate) mod fuzz_peer;
pub(crate) mod pair;
pub(crate) mod web;
