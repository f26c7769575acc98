//! The reference server: the engine that is searched, on sockets, a wall clock and a disk.
//!
//! * [`core::Core`]: one thread that owns everything that changes. It takes inputs from a bounded channel, carries out
//!   a batch of steps, makes one durable commit, and only then lets anybody see what follows from it.
//! * [`store`]: stable storage; [`record`]: its rows. [`clock`]: the wall clock. `dhcpfo_table`: bindings with indexes.
//!   [`names`], [`plan`]: which client, address and link a number means.
//! * [`check`]: what a configuration expects of this machine.
//! * [`io`]: threads that read sockets; [`run`]: all of it put together. [`control`]: what an operator may say.
//! * [`exceptions`]: where what a server runs departs from what is searched.
//! * [`http`]: HTTP within bounds, and who is let in; the explorer is served by it, too.
//! * [`client`]: a DHCP client that keeps its own record of what it was given. [`demo`]: a pair on loopback.
//!
//! Deliberately elsewhere: the rules (the engine), frames, sessions and packets (the wire).
#![forbid(unsafe_code)]

pub mod check;
pub mod client;
pub mod clock;
pub mod control;
pub mod core;
pub mod demo;
pub mod exceptions;
pub mod http;
pub mod io;
pub mod names;
pub mod plan;
pub mod record;
pub mod run;
pub mod store;
pub mod trace;
