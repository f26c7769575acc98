//! The `dhcpfo` command: parse, dispatch, exit code.
//!
//! Each verb is a file. Standard output has the result, standard error what is wrong and, on a terminal, how far a
//! search has come. The exit code is part of the interface: see [`Exit`].

mod args;
mod args_report;
mod args_server;
mod args_simulate;
mod aside;
mod audit;
mod audit_gate;
mod audit_kea;
mod baseline;
mod check;
mod checked;
mod client;
mod compare;
mod counterexample;
mod coverage;
mod cross;
mod ctl;
mod demo;
mod diff;
mod exit;
mod explore;
mod find;
mod json;
mod junit;
mod lattice;
mod lengths;
mod lines;
mod list;
mod matrix;
mod merge;
mod minimise;
mod open;
mod output;
mod papers;
mod play;
mod plot;
mod population;
mod progress;
mod record;
mod relative;
mod replay;
mod report;
mod retold;
mod runs;
mod save;
mod script;
mod serve;
mod served;
mod shrunk;
mod simulate;
mod stateright;
mod stopped;
mod subject;
mod verdict;

use args::{Cli, Verb};
use clap::Parser;
use exit::Exit;

fn main() -> std::process::ExitCode {
    let exit = match Cli::parse().verb {
        Verb::Check(args) => check::check(&args),
        Verb::Play(args) => play::play(&args),
        Verb::Explore(args) => explore::explore(&args),
        Verb::Report(args) => report::report(&args),
        Verb::Simulate(args) => simulate::simulate(&args),
        Verb::Merge(args) => merge::merge(&args),
        Verb::Audit(args) => audit::audit(&args),
        Verb::List(args) => list::list(&args),
        Verb::Diff(args) => diff::diff(&args),
        Verb::Matrix(args) => matrix::matrix(&args),
        Verb::Cross(args) => cross::cross(&args),
        Verb::Stateright(args) => stateright::stateright(&args),
        Verb::Serve(args) => serve::serve(&args),
        Verb::Client(args) => client::client(&args),
        Verb::Ctl(args) => ctl::ctl(&args),
    };
    exit.unwrap_or_else(|error| {
        eprintln!("{error}");
        Exit::Usage
    })
    .into()
}
