//! Processes that run: a server, a pair of them, the explorer. In one program: they wait most of the time, and it is
//! linked once.

#[path = "../fits/mod.rs"]
mod fits;
mod harness;

mod apart;
mod bad;
mod check;
mod checked;
mod declines;
mod explore;
mod explore_text;
mod faults;
mod fuzz;
mod links;
mod operator;
mod pair;
mod pools;
mod signals;
mod tls;
mod web;
