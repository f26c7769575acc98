//! The failover endpoint and the lease rules of draft-ietf-dhc-failover-12, and nothing else.
//!
//! No clock, no input or output, no randomness; the only dependency is the type of a time. A
//! [`Clock`](dhcpfo_time::Clock) is handed in, effects are handed out. The same compiled rules are searched, simulated,
//! played and served. The contract:
//!
//! ```text
//! Endpoint::start(cfg, durable, clock, out) -> Endpoint
//! endpoint.step(cfg, clock, input, out)        // total: never fails, never panics, on any input
//! endpoint.next_deadline(cfg) -> Option<Time>  // for the wall clock only
//! endpoint.crash() -> Durable                  // the volatile half is gone
//! ```
//!
//! `out` receives the effects in order. [`effect::Effect::Persist`] is a barrier: nothing after it may be
//! carried out before it is on stable storage. The rules themselves are pure leaves, one file per table of
//! the specification: [`grant`], [`judge`], [`service`], [`transition`], [`wait`], [`balance`].
//!
//! Deliberately elsewhere: frames, CONNECT to CONTACT, digests (the wire); sockets, disks (the server);
//! clients, network, faults (the world).
#![no_std]
#![forbid(unsafe_code)]

pub mod balance;
pub mod binding;
pub mod config;
pub mod durable;
pub mod effect;
pub mod endpoint;
pub mod grant;
pub mod judge;
pub mod message;
pub mod rules;
pub mod service;
pub mod span;
pub mod state;
pub mod table;
pub mod transition;
pub mod wait;

mod clients;
mod due;
mod join;
mod loss;
mod machine;
mod pool;
mod startup;
mod updates;
