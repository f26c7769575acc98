//! Random runs: the same engine under virtual time, chosen by a seed.
//!
//! * [`walk`] plays a model of the world with random actions. A run is a script, so a failure is a scenario already;
//!   [`walk::shrink`] makes it small, and [`walk::Follower`] holds each step against what the searches allow.
//! * [`population`] is a pair of servers with many clients over years, with a network, disks and faults.
//! * [`swarm`] carries out many runs on many threads, with the same answer for any number of them.
//!
//! Random search proves nothing: what it does not find may be there. It reaches what is too long or too large for an
//! exhaustive one.

pub mod population;
pub use dhcpfo_study::swarm;
pub mod walk;
