//! Measures the engines on LF2: `cargo bench -p dhcpfo-search --bench engine -- [OPTIONS]`.
//!
//! LF2 is a space of the size of a toy, so what it shows is the engine; `world` measures on models.
//!
//! * `--quick`: only the smaller of the two settings
//! * `--rounds N`: medians over N rounds (5)
//! * `--padding N`: N more bytes in each canonical form
//! * `--json FILE`: the numbers in machine form
//! * `--child ENGINE CAPACITY PADDING`: one run of one engine, in this process
//!
//! Each run is a process of its own, so that its greatest resident memory can be told, and the engines take turns, so
//! that a noisy machine hits all of them alike.

#[path = "../tests/lf2/mod.rs"]
mod lf2;
mod support;

use dhcpfo_search::ceiling::generate_only;
use dhcpfo_search::stateright_model::SpaceModel;
use dhcpfo_search::{Options, search};
use lf2::Lf2;
use serde_json::{Map, Value, json};
use stateright::{Checker, Model};
use std::time::Instant;
use support::{Error, cpu_seconds, median, resident_bytes};

const ENGINES: [&str; 5] = ["ceiling-1", "native-1", "native-2", "stateright-1", "ceiling-2"];
/// Capacity of the network, and the number of states that it must give with two clients and two addresses.
const SETTINGS: [(u32, f64); 2] = [(2, 1_570_000.0), (3, 6_663_720.0)];

/// What one run of one engine tells. Floats, because nothing but ratios is made of them.
#[derive(Clone, Copy, Default)]
struct Run {
    /// Wall time.
    seconds: f64,
    /// Processor time of all threads, which other work on the machine does not touch as much.
    cpu: f64,
    states: f64,
    edges: f64,
    table_bytes: f64,
    all_bytes: f64,
}

fn main() -> Result<(), Error> {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [first, engine, capacity, padding] = arguments.as_slice()
        && first == "--child"
    {
        let space = Lf2 { padding: padding.parse()?, ..Lf2::new(2, 2, capacity.parse()?) };
        let run = run(engine, space)?;
        let Run { seconds, cpu, states, edges, table_bytes, all_bytes } = run;
        println!("{seconds} {cpu} {states} {edges} {table_bytes} {all_bytes} {}", resident_bytes()?);
        return Ok(());
    }
    let (mut rounds, mut padding, mut json_file, mut settings) = (5, String::from("0"), None, SETTINGS.as_slice());
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--quick" => settings = &SETTINGS[..1],
            "--rounds" => rounds = rest.next().ok_or("--rounds needs a number")?.parse()?,
            "--padding" => padding = rest.next().ok_or("--padding needs a number")?,
            "--json" => json_file = Some(rest.next().ok_or("--json needs a file")?),
            other => return Err(format!("unknown argument {other}").into()),
        }
    }
    let mut report = Vec::new();
    for &(capacity, states) in settings {
        report.push(measure(capacity, &padding, states, rounds)?);
    }
    if let Some(file) = json_file {
        std::fs::write(file, format!("{:#}\n", Value::Array(report)))?;
    }
    Ok(())
}

/// One run of one engine in this process.
fn run(engine: &str, space: Lf2) -> Result<Run, Error> {
    let native =
        |threads, keep_states| search(&space, &Options { threads, keep_states, ..Options::default() }, &mut |_| {});
    let (name, threads) = engine.rsplit_once('-').ok_or("an engine is a name and a number of threads")?;
    let threads = threads.parse()?;
    match name {
        "ceiling" => {
            let explored = native(2, true)?;
            let before = cpu_seconds()?;
            let ceiling = generate_only(&space, &explored, threads)?;
            Ok(Run {
                seconds: ceiling.elapsed.as_secs_f64(),
                cpu: cpu_seconds()? - before,
                states: ceiling.states as f64,
                edges: ceiling.edges as f64,
                ..Run::default()
            })
        }
        "native" => {
            let stats = native(threads, false)?.stats;
            Ok(Run {
                seconds: stats.elapsed.as_secs_f64(),
                cpu: cpu_seconds()?,
                states: stats.unique as f64,
                edges: stats.edges as f64,
                table_bytes: stats.peak_table_bytes as f64,
                all_bytes: stats.peak_bytes as f64,
            })
        }
        "stateright" => {
            let begun = Instant::now();
            let checker = SpaceModel::new(space, Vec::new()).checker().threads(threads).spawn_bfs().join();
            // Stateright counts the initial state as generated.
            let (states, edges) = (checker.unique_state_count() as f64, checker.state_count() as f64 - 1.0);
            let (seconds, cpu) = (begun.elapsed().as_secs_f64(), cpu_seconds()?);
            Ok(Run { seconds, cpu, states, edges, ..Run::default() })
        }
        other => Err(format!("unknown engine {other}").into()),
    }
}

/// One run in a process of its own, with the greatest resident memory of that process.
fn child(engine: &str, capacity: u32, padding: &str) -> Result<(Run, f64), Error> {
    let [seconds, cpu, states, edges, table_bytes, all_bytes, resident] =
        support::child(&["--child", engine, &capacity.to_string(), padding])?;
    Ok((Run { seconds, cpu, states, edges, table_bytes, all_bytes }, resident))
}

/// All engines on one setting: prints a table, and gives the same numbers as JSON.
fn measure(capacity: u32, padding: &str, states: f64, rounds: usize) -> Result<Value, Error> {
    let mut runs = vec![Vec::new(); ENGINES.len()];
    for _ in 0..rounds {
        for (runs, engine) in runs.iter_mut().zip(ENGINES) {
            let (run, resident) = child(engine, capacity, padding)?;
            assert_eq!(run.states, states, "{engine} does not find the states of LF2 (2, 2, {capacity})");
            runs.push((run, resident));
        }
    }
    println!("LF2 (2, 2, {capacity}), {states} states, padding {padding}, medians of {rounds}");
    println!("                  wall s    cpu s     states/s states/cpu s  ceiling  table B/st  own B/st  VmHWM B/st");
    let (mut engines, mut ceiling) = (Map::new(), 0.0);
    for (runs, engine) in runs.into_iter().zip(ENGINES) {
        let median = |of: fn(&(Run, f64)) -> f64| median(runs.iter().map(of));
        let (wall, cpu) = (median(|run| run.0.seconds), median(|run| run.0.cpu));
        let (rate, cpu_rate) = (states / wall, states / cpu);
        if engine == ENGINES[0] {
            ceiling = cpu_rate;
        }
        let [table, own, resident] =
            [median(|run| run.0.table_bytes), median(|run| run.0.all_bytes), median(|run| run.1)].map(|b| b / states);
        print!("{engine:<16}{wall:>8.3}{cpu:>9.2}{rate:>13.0}{cpu_rate:>13.0}{:>9.2}", cpu_rate / ceiling);
        println!("{table:>12.1}{own:>10.1}{resident:>12.1}");
        let numbers = json!({
            "wall_seconds": wall,
            "cpu_seconds": cpu,
            "states_per_second": rate,
            "states_per_cpu_second": cpu_rate,
            "share_of_ceiling_per_cpu_second": cpu_rate / ceiling,
            "edges": median(|run| run.0.edges),
            "table_bytes_per_state": table,
            "own_bytes_per_state": own,
            "resident_bytes_per_state": resident,
        });
        engines.insert(engine.into(), numbers);
    }
    Ok(json!({ "capacity": capacity, "padding": padding, "states": states, "rounds": rounds, "engines": engines }))
}
