//! `dhcpfo-mutants`: what the smoke models notice when a rule of the engine is wrong.
//!
//! The mutants stand beside the engine, not in it: `engine.edits` says which lines of which file become which others, each
//! with a switch `crate::m(number)`; `mutants.toml` says what each number does. They are applied to a copy of the sources
//! under `target/mutants`, which is built once; a mutant is then chosen by an environment variable. Places that are not
//! found any more are named: the engine has changed there, and the place is to be written anew.
//!
//! Run `cargo run -p dhcpfo-mutants -- --help`.

mod bench;
mod copy;
mod one;
mod place;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
Judges mutants of the engine's rules by the smoke models, and writes reports/mutants.md.

  --only N,N-N     only these mutants
  --runs N         random runs of each model, before it is searched [default: 100]
  --states N       most states of each search; 0: random runs only, and only what they kill is kept [default: 300000]
  --seconds N      most seconds of each search [default: 30]
  --jobs N         mutants at a time [default: 1]
  --models A,B     only these model files [default: all of class smoke and twins of the broken ones, small ones first]
  --work           do what stands on standard input with the mutant that DHCPFO_MUTANT names, and print what was found
  --places         only apply and compile, and name the places that are not found any more
  --again          forget earlier results; without it, what is in target/mutants/results.tsv is kept
";

/// What to do.
#[derive(Clone)]
pub(crate) struct Options {
    only: Option<Vec<u32>>,
    runs: u64,
    states: u64,
    seconds: u64,
    jobs: usize,
    models: Vec<String>,
    work: bool,
    places: bool,
    again: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match options(&arguments).map_err(|error| (2, error)).and_then(|options| run(&options).map_err(|e| (1, e))) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, error)) => {
            eprintln!("dhcpfo-mutants: {error}");
            ExitCode::from(code)
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    if options.work {
        return one::work(options);
    }
    let root =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).canonicalize().map_err(|e| e.to_string())?;
    let here = root.join("src/mutants");
    let read = |name: &str| std::fs::read_to_string(here.join(name)).map_err(|error| format!("{name}: {error}"));
    let catalogue = report::catalogue(&read("mutants.toml")?)?;
    let built = copy::build(&root, &place::places(&read("engine.edits")?)?, options.places)?;
    for (place, why) in &built.drifted {
        eprintln!("{}: {why}; mutants {:?} are left out:\n{}", place.file, place.mutants(), place.old.join("\n"));
    }
    if options.places {
        println!("{} places, {} of them not found any more", built.places, built.drifted.len());
        return if built.drifted.is_empty() { Ok(()) } else { Err("places have drifted".to_owned()) };
    }
    let results = bench::judge_all(&built, &catalogue, options)?;
    let text = report::markdown(&catalogue, &results, &built, options);
    std::fs::write(root.join("reports/mutants.md"), text).map_err(|error| error.to_string())
}

fn options(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options {
        only: None,
        runs: 100,
        states: 300_000,
        seconds: 30,
        jobs: 1,
        models: Vec::new(),
        work: false,
        places: false,
        again: false,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{argument}: a value is missing; see --help"));
        let number = |text: &String| text.parse::<u64>().map_err(|_| format!("{argument} {text}: a number is wanted"));
        match argument.as_str() {
            "--only" => options.only = Some(numbers(value()?)?),
            "--runs" => options.runs = number(value()?)?,
            "--states" => options.states = number(value()?)?,
            "--seconds" => options.seconds = number(value()?)?,
            "--jobs" => options.jobs = number(value()?)?.clamp(1, 64) as usize,
            "--models" => options.models = value()?.split(',').map(str::to_owned).collect(),
            "--work" => options.work = true,
            "--places" => options.places = true,
            "--again" => options.again = true,
            other => return Err(format!("{other}: see --help")),
        }
    }
    Ok(options)
}

/// `3,7-9`
fn numbers(text: &str) -> Result<Vec<u32>, String> {
    let number = |text: &str| text.parse::<u32>().map_err(|_| format!("{text}: numbers are wanted, like 3,7-9"));
    let mut all = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        all.extend(number(first)?..=number(last)?);
    }
    Ok(all)
}
