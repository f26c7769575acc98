//! The command line of `dhcpfo simulate`.

use clap::Args;
use dhcpfo_world::play::Length;
use std::path::PathBuf;

const SIMULATE: &str = "\
A run is known by its number, which is its seed: runs S, S+1, and so on are carried out, and the same seed gives the
same run on any machine with any number of jobs. What fails is shrunk until nothing more can be left out, and is a
scenario that `dhcpfo play` accepts. Nothing found is no proof: that is what `dhcpfo check` is for.
Examples:
  dhcpfo simulate models/broken/m06-free-on-send.toml       until a run refutes a claim
  dhcpfo simulate models/broken/m06-free-on-send.toml --failures 20   of 20 failures the one that shrinks most
  dhcpfo simulate models/broken/m06-free-on-send.toml --shrink found.toml; dhcpfo play found.toml
  dhcpfo simulate models/one-address.toml --runs 10000 --refine
  dhcpfo simulate models/broken/*.toml --failures 20 --time-budget 60 --markdown table.md
  dhcpfo simulate scenarios/simulate/campus.toml            a pair, its clients, and what is measured
  dhcpfo simulate scenarios/simulate/campus.toml --swarm --runs 1000
  dhcpfo simulate scenarios/simulate/campus.toml --until 1d --record run.jsonl; dhcpfo explore run.jsonl
  dhcpfo simulate scenarios/simulate/dead-partner.toml --sweep mclt=10m,30m,1h,2h,4h --plot mclt.svg --csv mclt.csv
  dhcpfo simulate models/one-address.toml --runs 1000000 --shard 3/8 --json > part3.json
Exit codes:
  0  as expected: what should hold was not refuted, what should be refuted was
  1  not as expected; of simulation files also if a claim was broken after an assumption of the draft was: the first
     line says which, and since when. That is as expected with --allow-aside, and with --swarm, which breaks
     assumptions on purpose
  2  a wrong command line, or a file that is not as it should be
  3  interrupted, or what should be refuted was not found";

#[derive(Clone, Debug, Args)]
#[command(after_help = SIMULATE)]
pub(crate) struct SimulateArgs {
    /// Model files; or simulation files, which have a population (see scenarios/simulate)
    #[arg(required = true)]
    pub(crate) files: Vec<String>,
    /// The seed of the first run
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Number of runs [default: 10000, of simulation files 1; with --time-budget as many as there is time for]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) runs: Option<u64>,
    /// Number of threads; the result is the same for any [default: all processors]
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
    /// Longest virtual time of a run, such as 30d [default: 100d, or what a simulation file says]
    #[arg(long, value_name = "LENGTH", value_parser = length)]
    pub(crate) until: Option<Length>,
    /// Most actions of a run
    #[arg(long, value_name = "N", default_value_t = 80, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) actions: u32,
    /// Begin no more runs of a file after so many seconds; how many there were then depends on the machine
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    pub(crate) time_budget: Option<u64>,
    /// Go on until so many runs have failed, and show the one that shrinks most
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) failures: u32,
    /// Hold every step against what the searches allow under `ticks` and `timeout-order`
    #[arg(long)]
    pub(crate) refine: bool,
    /// Carry out only the Kth of N parts, for array jobs
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// Write what a failure shrinks to as a scenario for `dhcpfo play`
    #[arg(long, value_name = "FILE")]
    pub(crate) shrink: Option<PathBuf>,
    /// Write what was found as a Markdown table
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// Simulation files: draw every option of every fault, and the sizes, from the seed of each run
    #[arg(long)]
    pub(crate) swarm: bool,
    /// Simulation files: claims that are broken after an assumption of the draft was are as expected
    #[arg(long)]
    pub(crate) allow_aside: bool,
    /// Simulation files: change a setting
    #[arg(long, value_name = "KEY=NUMBER")]
    pub(crate) set: Vec<String>,
    /// Simulation files: carry out the runs for each of several numbers of a setting, and of another at most
    #[arg(long, value_name = "KEY=N,N,…")]
    pub(crate) sweep: Vec<String>,
    /// Simulation files: write what happens in the run of the first seed, for `dhcpfo explore`
    #[arg(long, value_name = "FILE", conflicts_with = "sweep")]
    pub(crate) record: Option<PathBuf>,
    /// With --record: so many virtual seconds in one second, for `dhcpfo explore --follow`
    #[arg(long, value_name = "N", requires = "record", value_parser = pace)]
    pub(crate) pace: Option<f64>,
    /// Simulation files: write the measures as CSV, a line for each point of a sweep
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Simulation files: draw measures over the setting that is swept, as SVG or PNG
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
    /// Simulation files: tell all that happens about an address, by its number, in one run
    #[arg(long, value_name = "NUMBER")]
    pub(crate) follow: Option<u32>,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// Leave out everything that differs from run to run of the command
    #[arg(long)]
    pub(crate) no_times: bool,
}

/// The result is the document that one run of all would have printed with `--no-times`. Give `--failures` with a number
/// that is not reached, for a part that stops early leaves runs out.
#[derive(Clone, Debug, Args)]
pub(crate) struct MergeArgs {
    /// What the parts printed: all of them, each once
    #[arg(required = true)]
    pub(crate) parts: Vec<PathBuf>,
}

impl SimulateArgs {
    /// An option that was given and means nothing for models.
    pub(crate) fn only_for_populations(&self) -> Option<&'static str> {
        let given = [
            ("--swarm", self.swarm),
            ("--set", !self.set.is_empty()),
            ("--sweep", !self.sweep.is_empty()),
            ("--record", self.record.is_some()),
            ("--csv", self.csv.is_some()),
            ("--plot", self.plot.is_some()),
            ("--follow", self.follow.is_some()),
        ];
        given.iter().find(|(_, given)| *given).map(|(name, _)| *name)
    }

    /// An option that was given and means nothing for simulation files.
    pub(crate) fn only_for_models(&self) -> Option<&'static str> {
        let given = [("--refine", self.refine), ("--markdown", self.markdown.is_some())];
        given.iter().find(|(_, given)| *given).map(|(name, _)| *name)
    }
}

/// A part of the runs: the `number`th, from 1, of `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    pub(crate) number: u64,
    pub(crate) of: u64,
}

pub(crate) fn shard(text: &str) -> Result<Shard, String> {
    let accepted = "a part and the number of parts, such as 1/8 or 8/8";
    let (number, of) = text.split_once('/').ok_or(accepted)?;
    match (number.parse(), of.parse()) {
        (Ok(number), Ok(of)) if 1 <= number && number <= of => Ok(Shard { number, of }),
        _ => Err(accepted.to_owned()),
    }
}

fn pace(text: &str) -> Result<f64, String> {
    let pace = text.parse::<f64>().ok().filter(|pace| (0.001..=1e9).contains(pace));
    pace.ok_or_else(|| "a number from 0.001 to 1000000000".to_owned())
}

fn length(text: &str) -> Result<Length, String> {
    let whole = |length: &Length| length.denominator() == 1;
    let length = text.parse().ok().filter(whole);
    length.ok_or_else(|| format!("it should be {}, without a fraction", dhcpfo_world::play::LENGTHS))
}
