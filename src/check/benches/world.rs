//! Measures the engines on a model of the world: `cargo bench -p dhcpfo-check --bench world -- [OPTIONS]`.
//!
//! * `--model FILE`: the model, from the root of the repository (`models/one-address.toml`, 3.5 million states)
//! * `--rounds N`: medians over N rounds (5)
//! * `--quick`: one round
//! * `--json FILE`: the numbers in machine form
//! * `--child ENGINE MODEL`: one run of one engine, in this process
//!
//! Each run is a process of its own, so that its greatest resident memory can be told, and the engines take turns, so
//! that a noisy machine hits all of them alike. All of them work on the same space, under timeout order.
//!
//! The ceiling goes once through all states of the model: each is decoded and judged, its successors are generated,
//! encoded and hashed, and nothing is looked up or stored. The cost of one successor is the processor time
//! of that with one thread, over the number of successors; so it contains its share of what is done once a state. It is taken apart by
//! doing less and less of it. Allocations are counted in the same loop.

#[path = "../../search/benches/support/mod.rs"]
mod support;

use dhcpfo_check::world::WorldSpace;
use dhcpfo_clock::Order;
use dhcpfo_search::ceiling::{Work, generate_only, work_through};
use dhcpfo_search::stateright_model::SpaceModel;
use dhcpfo_search::{End, Options, search};
use dhcpfo_world::model::Model;
use serde_json::{Map, Value, json};
use stateright::{Checker, Model as _};
use std::time::Instant;
use support::{Error, child, cpu_seconds, median, resident_bytes};

const ENGINES: [&str; 6] = ["ceiling-1", "native-1", "stateright-1", "ceiling-2", "native-2", "stateright-2"];
const WORK: [&str; 5] = ["decode a state", "judge it", "generate", "canonical bytes", "hash"];

/// What one run of one engine tells. Floats, because nothing but ratios is made of them.
#[derive(Clone, Copy)]
struct Run {
    /// Wall time.
    seconds: f64,
    /// Processor time of all threads, which other work on the machine does not touch as much.
    cpu: f64,
    states: f64,
    edges: f64,
    /// At the peak, without the frontier.
    own_bytes: f64,
    resident: f64,
}

fn main() -> Result<(), Error> {
    // Cargo adds `--bench`, and begins in the folder of the package.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))?;
    if let [first, engine, path] = arguments.as_slice()
        && first == "--child"
    {
        run(engine, path)?.iter().for_each(|number| println!("{number}"));
        return Ok(());
    }
    let (mut rounds, mut path, mut json_file) = (5, String::from("models/one-address.toml"), None);
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--quick" => rounds = 1,
            "--rounds" => rounds = rest.next().ok_or("--rounds needs a number")?.parse()?,
            "--model" => path = rest.next().ok_or("--model needs a file")?,
            "--json" => json_file = Some(rest.next().ok_or("--json needs a file")?),
            other => return Err(format!("unknown argument {other}").into()),
        }
    }
    let report = measure(&path, rounds)?;
    if let Some(file) = json_file {
        std::fs::write(file, format!("{report:#}\n"))?;
    }
    Ok(())
}

fn space(path: &str) -> Result<WorldSpace<'static, Order>, Error> {
    let file = dhcpfo_files::model::model(path, &dhcpfo_files::from_disk).map_err(|errors| errors.to_string())?;
    // Stateright wants to own what it searches, for as long as the program runs.
    let model: &'static Model = Box::leak(Box::new(file.model));
    Ok(WorldSpace::new(model, model.lengths.order()))
}

/// One run of one engine in this process: its numbers.
fn run(engine: &str, path: &str) -> Result<Vec<f64>, Error> {
    let space = space(path)?;
    let native =
        |threads, keep_states| search(&space, &Options { threads, keep_states, ..Options::default() }, &mut |_| {});
    let (name, threads) = engine.rsplit_once('-').ok_or("an engine is a name and a number of threads")?;
    let threads = threads.parse()?;
    let run = match name {
        "ceiling" => {
            let explored = native(2, true)?;
            let before = cpu_seconds()?;
            let ceiling = generate_only(&space, &explored, threads)?;
            let cpu = cpu_seconds()? - before;
            let (states, edges) = (ceiling.states as f64, ceiling.edges as f64);
            Run { seconds: ceiling.elapsed.as_secs_f64(), cpu, states, edges, own_bytes: 0.0, resident: 0.0 }
        }
        "native" => {
            let explored = native(threads, false)?;
            assert_eq!(explored.end, End::Exhausted, "the model is to be searched to its end");
            let (stats, cpu, resident) = (explored.stats, cpu_seconds()?, resident_bytes()? as f64);
            Run {
                seconds: stats.elapsed.as_secs_f64(),
                cpu,
                states: stats.unique as f64,
                edges: stats.edges as f64,
                own_bytes: stats.peak_beyond_frontier as f64,
                resident,
            }
        }
        "stateright" => {
            let begun = Instant::now();
            let checker = SpaceModel::new(space, Vec::new()).checker().threads(threads).spawn_bfs().join();
            // Stateright counts the initial state as generated.
            let (states, edges) = (checker.unique_state_count() as f64, checker.state_count() as f64 - 1.0);
            let (seconds, cpu, resident) = (begun.elapsed().as_secs_f64(), cpu_seconds()?, resident_bytes()? as f64);
            Run { seconds, cpu, states, edges, own_bytes: 0.0, resident }
        }
        "costs" => return costs(&space),
        other => return Err(format!("unknown engine {other}").into()),
    };
    Ok(vec![run.seconds, run.cpu, run.states, run.edges, run.own_bytes, run.resident])
}

/// Processor seconds of each part of the work, then the number of successors, then that of allocations.
fn costs(space: &WorldSpace<'static, Order>) -> Result<Vec<f64>, Error> {
    let explored = search(space, &Options { threads: 2, keep_states: true, ..Options::default() }, &mut |_| {})?;
    let (mut numbers, mut before, mut edges) = (Vec::new(), 0.0, 0);
    for upto in Work::ALL {
        let begun = cpu_seconds()?;
        let ceiling = work_through(space, &explored, 1, upto)?;
        let seconds = cpu_seconds()? - begun;
        numbers.push(seconds - before);
        (before, edges) = (seconds, ceiling.edges.max(edges));
    }
    // Without what going through the states takes by itself, and the working storage at the beginning.
    let allocations = |upto| {
        let work = || drop(std::hint::black_box(work_through(space, &explored, 1, upto)));
        allocation_counter::measure(work).count_total as f64
    };
    numbers.extend([edges as f64, allocations(Work::Hash) - allocations(Work::Decode)]);
    Ok(numbers)
}

/// All engines on one model: prints a table, and gives the same numbers as JSON.
fn measure(path: &str, rounds: usize) -> Result<Value, Error> {
    let (mut runs, mut costs) = (vec![Vec::new(); ENGINES.len()], Vec::new());
    for _ in 0..rounds {
        for (runs, engine) in runs.iter_mut().zip(ENGINES) {
            let [seconds, cpu, states, edges, own_bytes, resident] = child(&["--child", engine, path])?;
            runs.push(Run { seconds, cpu, states, edges, own_bytes, resident });
        }
        costs.push(child::<7>(&["--child", "costs-1", path])?);
    }
    let Run { states, edges, .. } = runs[0][0];
    for (runs, engine) in runs.iter().zip(ENGINES) {
        let same = runs.iter().all(|run| (run.states, run.edges) == (states, edges));
        assert!(same, "{engine} counts other states or successors than {}", ENGINES[0]);
    }
    println!("{path}: {states} states, {edges} successors, medians of {rounds}");
    println!("                  wall s    cpu s     states/s  states/cpu s  own B/state  VmHWM B/state");
    let (mut engines, mut walls, mut cpus) = (Map::new(), Vec::new(), Vec::new());
    for (runs, engine) in runs.iter().zip(ENGINES) {
        let median = |of: fn(&Run) -> f64| median(runs.iter().map(of));
        let (wall, cpu) = (median(|run| run.seconds), median(|run| run.cpu));
        let [own, resident] = [median(|run| run.own_bytes), median(|run| run.resident)].map(|bytes| bytes / states);
        print!("{engine:<16}{wall:>8.2}{cpu:>9.2}{:>13.0}{:>14.0}", states / wall, states / cpu);
        println!("{own:>13.1}{resident:>15.1}");
        let numbers = json!({
            "wall_seconds": wall,
            "cpu_seconds": cpu,
            "states_per_second": states / wall,
            "states_per_cpu_second": states / cpu,
            "own_bytes_per_state": own,
            "resident_bytes_per_state": resident,
        });
        engines.insert(engine.into(), numbers);
        walls.push(wall);
        cpus.push(cpu);
    }
    // Ratios of medians, by the places in `ENGINES`: what the first takes, over what the second takes.
    let ratios = [
        ("share of the ceiling, 1 thread", 0, 1),
        ("share of the ceiling, 2 threads", 3, 4),
        ("times Stateright, 1 thread", 2, 1),
        ("times Stateright, 2 threads", 5, 4),
        ("two threads over one", 1, 4),
        ("Stateright's two threads over one", 2, 5),
    ];
    println!("\nratio                                 wall     cpu");
    let mut compared = Map::new();
    for (name, slow, fast) in ratios {
        let (wall, cpu) = (walls[slow] / walls[fast], cpus[slow] / cpus[fast]);
        println!("{name:<35}{wall:>7.2}{cpu:>8.2}");
        compared.insert(name.into(), json!({ "wall": wall, "cpu": cpu }));
    }
    println!("\nnanoseconds of processor time for one successor, 1 thread");
    let mut parts = Map::new();
    for (i, name) in WORK.into_iter().enumerate() {
        let ns = median(costs.iter().map(|numbers| 1e9 * numbers[i] / edges));
        println!("{name:<35}{ns:>7.0}");
        parts.insert(name.into(), json!(ns));
    }
    let whole = median(costs.iter().map(|numbers| 1e9 * numbers[..5].iter().sum::<f64>() / edges));
    println!("{:<35}{whole:>7.0}", "together");
    parts.insert("together".into(), json!(whole));
    let allocations = median(costs.iter().map(|numbers| numbers[6] / edges));
    println!("\nallocations of one successor: {allocations:.6}");
    Ok(json!({
        "model": path,
        "states": states,
        "successors": edges,
        "rounds": rounds,
        "engines": engines,
        "ratios": compared,
        "nanoseconds_per_successor": parts,
        "allocations_per_successor": allocations,
    }))
}
