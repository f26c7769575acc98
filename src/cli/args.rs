//! The command line.

use crate::args_report::{ExploreArgs, ReportArgs};
use crate::args_server::{ClientArgs, CtlArgs, ServeArgs};
use crate::args_simulate::{MergeArgs, Shard, SimulateArgs, shard};
use clap::{Args, Parser, Subcommand, ValueEnum};
use dhcpfo_files::model::{Class, Clock};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  dhcpfo check                                   search every smoke model and every broken model
  dhcpfo check models/one-address.toml           search one model
  dhcpfo check models/broken/m06-free-on-send.toml     refute a broken one and show the counterexample
  dhcpfo check models/broken/m06-free-on-send.toml --save-scenario found.toml
  dhcpfo play found.toml                         play it, line by line, with its times
  dhcpfo simulate models/broken/m06-free-on-send.toml  find the same by random runs, and make it small
  dhcpfo list keys                               everything that a model file can say
  dhcpfo list protocols                          other protocols that models can be of
  dhcpfo check models/fischer/two.toml           a model of one of them
  dhcpfo serve --demo                            two servers on loopback, and a client that takes leases

Exit codes:
  0  as expected
  1  not as expected
  2  a wrong command line, or a file that is not as it should be
  3  a search was cut off without a verdict";

/// Searches, plays and explains the DHCPv4 failover protocol (draft-ietf-dhc-failover-12).
#[derive(Debug, Parser)]
#[command(name = "dhcpfo", version, about, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Search models exhaustively, and compare with what they expect
    Check(CheckArgs),
    /// Play scenarios under a wall clock, and print what happens
    Play(PlayArgs),
    /// Step through the protocol in a browser: a model, a scenario or a trace
    Explore(ExploreArgs),
    /// Write a counterexample, a scenario or a trace as a page, a diagram or a packet capture
    Report(ReportArgs),
    /// Carry out random runs by seed, shrink what fails, and measure
    Simulate(SimulateArgs),
    /// Short for `report merge`
    Merge(MergeArgs),
    /// Judge packet captures of failover servers, of any vendor, and traces
    Audit(AuditArgs),
    /// List what there is
    List(ListArgs),
    /// Compare two models that differ in their rules: claims, and behaviours gained and lost
    Diff(DiffArgs),
    /// Print which broken model refutes which claim, as a Markdown table
    Matrix(MatrixArgs),
    /// Search models three times, count states, and compare two notions of time
    Cross(CrossArgs),
    /// Search a model with Stateright's own checkers, or show it in Stateright's Explorer
    Stateright(StaterightArgs),
    /// Run a DHCP server with failover
    Serve(ServeArgs),
    /// Take leases from servers as many clients, and report duplicates
    Client(ClientArgs),
    /// Ask a running server, or command it
    Ctl(CtlArgs),
}

const CHECK: &str = "\
For each model one line: its file, verdict, claims (how many hold, or which is refuted, with the length
of a shortest counterexample in protocol actions), unique states, depth in protocol actions, time, and
whether that is as the model's [expect] says. A counterexample is printed where only one model was
asked for, and wherever a refutation was not expected.

Examples:
  dhcpfo check                          all models of class smoke and broken below ./models
  dhcpfo check --class full             all models of class full
  dhcpfo check --twins                  the broken models with the repaired rules
  dhcpfo check models/two-addresses.toml --clock ticks
  dhcpfo check --json --no-times        the same bytes each time
  dhcpfo check --junit junit.xml        for continuous integration
  dhcpfo check --json --no-times > verdicts.json; dhcpfo check --baseline verdicts.json
  dhcpfo check models/lattice-one-address.toml --lattice --weight 5 --log reports/out/lattice.jsonl
                                        every combination of budgets, none above the model's own, of weight up to 5
  dhcpfo check models/fischer/two.toml --inequalities
                                        which declared inequality the verdict needs, and for which lengths it fails
  dhcpfo check models/fischer/two.toml --sweep set=1..4 --sweep wait=1..4
                                        a verdict for each choice of lengths";

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = CHECK)]
pub(crate) struct CheckArgs {
    /// Model files; without any: those of class smoke or broken below ./models
    pub(crate) models: Vec<String>,
    /// Number of threads; the result is the same for any [default: all processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Most protocol actions on a path
    #[arg(long, value_name = "N")]
    pub(crate) depth: Option<u32>,
    /// Stop when so many states are stored
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) states: Option<u64>,
    /// Stop when the search has so much memory
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    pub(crate) memory: Option<u64>,
    /// Stop after so many seconds
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=u64::from(u32::MAX)))]
    pub(crate) time: Option<u64>,
    /// Another notion of time than the model's; counts and lengths are not compared
    #[arg(long)]
    pub(crate) clock: Option<ClockArg>,
    /// Only models of these classes
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    pub(crate) class: Vec<ClassArg>,
    /// Broken models with the repaired rules in place of theirs: nothing may be refuted within the bounds
    #[arg(long, conflicts_with_all = ["baseline", "save_scenario", "class"])]
    pub(crate) twins: bool,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write the verdicts as a Markdown table
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// Compare with what `check --json --no-times` printed earlier; exit 1 if anything is not as it was
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Also print annotations for GitHub's pull requests
    #[arg(long, conflicts_with = "json")]
    pub(crate) github: bool,
    /// Write the counterexample as a scenario for `dhcpfo play`
    #[arg(long, value_name = "FILE")]
    pub(crate) save_scenario: Option<PathBuf>,
    /// Leave out everything that differs from run to run
    #[arg(long)]
    pub(crate) no_times: bool,
    /// Print only what is not as expected
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Search one model for all lengths, then without each of the inequalities that it declares: which of them its verdicts need
    #[arg(long, conflicts_with_all = ["lattice", "twins", "baseline", "junit", "markdown", "github", "save_scenario", "quiet", "class", "sweep"])]
    pub(crate) inequalities: bool,
    /// Search one model with each of these values for a length of time, under `exact` where nothing else is said; with several, all combinations
    #[arg(long, value_name = "LENGTH=FROM..TO", value_parser = swept, conflicts_with_all = ["lattice", "twins", "baseline", "junit", "markdown", "github", "save_scenario", "quiet", "class"])]
    pub(crate) sweep: Vec<Swept>,
    /// Search one model with all combinations of budgets up to --weight, the lightest first, none above the model's own
    #[arg(long, requires = "weight", conflicts_with_all = ["baseline", "junit", "github", "save_scenario", "quiet", "class"])]
    pub(crate) lattice: bool,
    /// With --lattice: the greatest sum of all budgets
    #[arg(long, value_name = "N", requires = "lattice", value_parser = clap::value_parser!(u32).range(0..=64))]
    pub(crate) weight: Option<u32>,
    /// With --lattice: keep what has been done in this file, and go on from what it has; what was cut off is searched again where --states allows more
    #[arg(long, value_name = "FILE", requires = "lattice")]
    pub(crate) log: Option<PathBuf>,
    /// With --lattice: search nothing, and print what these logs have together
    #[arg(long, value_name = "LOG", requires = "lattice", num_args = 1.., conflicts_with_all = ["log", "shard", "within"])]
    pub(crate) merge: Vec<PathBuf>,
    /// With --lattice: search only the Kth of N parts of the combinations, for array jobs
    #[arg(long, value_name = "K/N", requires = "lattice", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
    /// With --lattice: begin no further combination after so many seconds
    #[arg(long, value_name = "S", requires = "lattice", value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    pub(crate) within: Option<u64>,
}

/// Values for a length of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Swept {
    /// Its name.
    pub(crate) name: String,
    /// The least and the greatest.
    pub(crate) from: u32,
    pub(crate) to: u32,
}

fn swept(text: &str) -> Result<Swept, String> {
    let wrong = || format!("`{text}` is no range of lengths (accepted: such as mclt=1..8, both ends included)");
    let (name, range) = text.split_once('=').ok_or_else(wrong)?;
    let (from, to) = range.split_once("..").unwrap_or((range, range));
    let number = |text: &str| text.parse::<u32>().map_err(|_| wrong());
    let (from, to) = (number(from)?, number(to)?);
    if from == 0 || from > to || name.is_empty() {
        return Err(wrong());
    }
    Ok(Swept { name: name.to_owned(), from, to })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockArg(pub(crate) Clock);

impl ValueEnum for ClockArg {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            ClockArg(Clock::TimeoutOrder),
            ClockArg(Clock::Ticks),
            ClockArg(Clock::Exact),
            ClockArg(Clock::Lazy),
            ClockArg(Clock::LazyExact),
            ClockArg(Clock::Untimed),
        ]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.word()))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClassArg(pub(crate) Class);

impl ValueEnum for ClassArg {
    fn value_variants<'a>() -> &'a [Self] {
        &[ClassArg(Class::Smoke), ClassArg(Class::Full), ClassArg(Class::Study), ClassArg(Class::Broken)]
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.word()))
    }
}

#[derive(Clone, Debug, Args)]
#[command(after_help = "`dhcpfo list keys` shows what a scenario file can say.")]
pub(crate) struct PlayArgs {
    /// Scenario files, or traces (.jsonl) of this verb or of `serve --trace`, which are compared with what is played
    #[arg(required_unless_present = "explain")]
    pub(crate) scenarios: Vec<String>,
    /// Say how to read a transcript
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print a trace, one JSON document a line, instead of a transcript
    #[arg(long)]
    pub(crate) json: bool,
    /// Say which steps the violation needs: which loss, which crash, which client
    #[arg(long, conflicts_with = "json")]
    pub(crate) minimise: bool,
    /// Write what --minimise leaves as a scenario
    #[arg(long, value_name = "FILE", requires = "minimise")]
    pub(crate) save: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct MatrixArgs {
    /// How many states to store for each model
    #[arg(long, value_name = "N", default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) states: u64,
    /// Number of threads; the result is the same for any
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Print one JSON document instead, for `dhcpfo report`
    #[arg(long)]
    pub(crate) json: bool,
}

const DIFF: &str = "\
Both models are searched, and claims of which they say different things are listed. Then they are walked
through together as long as the same action leads to the same state; for each kind of step that one of
them takes and the other does not, the shortest way there is shown, and what the step does in each.

Examples:
  dhcpfo diff models/one-address.toml --with lead-base=with-lease-expiration
  dhcpfo diff models/one-address.toml --with dialect=isc-dhcpd-4.4
  dhcpfo diff models/one-address.toml models/isc-dhcpd-4.4.toml
  dhcpfo diff models/fischer/two.toml --with looks=false

Exit codes: 0 no difference; 1 a difference; 2 a wrong command line or file; 3 none as far as was looked.";

#[derive(Clone, Debug, Args)]
#[command(after_help = DIFF)]
pub(crate) struct DiffArgs {
    /// A model
    pub(crate) first: String,
    /// Another one; without: the first one with what --with says
    pub(crate) second: Option<String>,
    /// A reading, or `dialect=NAME`, of both servers of the second model; of another protocol a key of its `[system]`. May be
    /// given several times
    #[arg(long, value_name = "KEY=READING", value_parser = reading)]
    pub(crate) with: Vec<(String, String)>,
    /// States at which each walk stops
    #[arg(long, value_name = "N", default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    pub(crate) states: u64,
    /// How many ways to differ are shown
    #[arg(long, value_name = "N", default_value_t = 6)]
    pub(crate) most: usize,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

fn reading(text: &str) -> Result<(String, String), String> {
    let (key, word) = text.split_once('=').ok_or("KEY=READING would be accepted, for instance lead-base=sent")?;
    Ok((key.trim().to_owned(), word.trim().to_owned()))
}

/// The native search, Stateright's and a plain one must count the same states; and every discrete state under small
/// whole numbers must be one under the order of deadlines.
#[derive(Clone, Debug, Args)]
pub(crate) struct CrossArgs {
    /// Model files; without any: those of class smoke below ./models
    pub(crate) models: Vec<String>,
    /// Skip models that expect more states
    #[arg(long, value_name = "N", default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) states: u64,
    /// Compare so many small models drawn from seeds instead, all searches and clocks on each
    #[arg(long, value_name = "N", conflicts_with = "models", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) random: Option<u64>,
    /// The first seed
    #[arg(long, value_name = "N", requires = "random", default_value_t = 0)]
    pub(crate) seed: u64,
}

/// The same successors as `dhcpfo check`, searched by Stateright. Its paths are not shortest, and what is violated has
/// exit code 1 whatever the model expects.
#[derive(Clone, Debug, Args)]
pub(crate) struct StaterightArgs {
    /// A model file
    pub(crate) model: String,
    /// How to search
    #[arg(long, value_enum, default_value_t = StaterightSearch::Bfs)]
    pub(crate) search: StaterightSearch,
    /// Number of threads [default: all processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Stop when about so many states have been generated, repetitions counted
    #[arg(long, value_name = "N", default_value_t = 20_000_000, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    pub(crate) states: u64,
    /// Stop after so many seconds
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) time: u64,
    /// The seed of a simulation
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Serve Stateright's Explorer at this address instead, for instance 127.0.0.1:3000
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) explorer: Option<std::net::SocketAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StaterightSearch {
    /// Breadth-first
    Bfs,
    /// Depth-first
    Dfs,
    /// Random runs
    Simulation,
    /// On demand, and everything is demanded
    OnDemand,
}

const AUDIT: &str = "\
Findings come first, each with the packets to look at, then one line a claim: held, and on how many
occasions; violated; or not judged, and why. Give all captures of one pair at once: they are merged by time.
Claims about who gives what need both the connection between the servers and the clients' packets.

Examples:
  dhcpfo audit failover.pcap lan.pcapng
  dhcpfo audit all.pcap --timeline                     and what happened to each server and address
  dhcpfo audit all.pcap.gz --json > audit.json
  dhcpfo audit all.pcap --junit junit.xml               for continuous integration; examples/ci has a whole gate
  dhcpfo audit all.pcap --baseline audit.json           what was found before is known, and what is new makes it end 1
  dhcpfo audit failover.pcap --dialect isc-dhcpd-4.4   what these servers did that the dialect does not
  dhcpfo audit lan.pcap --mclt 3600 --server primary=10.0.0.1 --server secondary=10.0.0.2
  dhcpfo play --json scenarios/stretched-lease.toml > trace.jsonl; dhcpfo audit trace.jsonl
  dhcpfo audit control.pcap lan.pcap kea1.log kea2.log kea1.csv kea2.csv status.json    a pair of ISC Kea servers: whatever there is

Capture with `tcpdump -s 0 -w all.pcap 'port 647 or port 847 or port 67 or port 68'`.

Exit codes:
  0  nothing is violated; with --baseline: nothing that it does not know, and all is judged that was
  1  something is violated; with --baseline: something new
  2  a wrong command line, or a file that is no capture
  3  nothing could be judged";

#[derive(Clone, Debug, Args)]
#[command(after_help = AUDIT)]
pub(crate) struct AuditArgs {
    /// Captures (pcap, pcapng, also .gz) of one pair of servers, or traces of `dhcpfo play --json` or `dhcpfo serve --trace`; of a pair
    /// of Kea servers also logs, lease files (CSV) and answers to status-get
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
    /// Add what happened to each server and each address
    #[arg(long)]
    pub(crate) timeline: bool,
    /// MCLT in seconds [default: as the CONNECT says]
    #[arg(long, value_name = "S")]
    pub(crate) mclt: Option<u32>,
    /// How hash buckets are read [default: by the vendor class of the CONNECT, else by what the servers send]
    #[arg(long, value_enum, default_value_t = ProfileArg::Auto)]
    pub(crate) profile: ProfileArg,
    /// An address of a server, towards its partner or clients [default: found out where that is possible]
    #[arg(long, value_name = "ROLE=IP", value_parser = server)]
    pub(crate) server: Vec<(dhcpfo_engine::state::Role, std::net::Ipv4Addr)>,
    /// Write a JUnit report: a test case for each claim
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Compare with what `audit --json` printed earlier: known kinds of findings pass
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Also print annotations for GitHub's pull requests
    #[arg(long, conflicts_with = "json")]
    pub(crate) github: bool,
    /// A TCP port of failover besides 647, 847, 519 and 520
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Vec<u16>,
    /// Follow both servers step by step instead, and tell where they depart from this dialect (`dhcpfo list rules`)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["timeline", "junit", "github", "baseline"])]
    pub(crate) dialect: Option<String>,
}

fn server(text: &str) -> Result<(dhcpfo_engine::state::Role, std::net::Ipv4Addr), String> {
    let accepted =
        || "primary=ADDRESS or secondary=ADDRESS would be accepted, for instance primary=10.0.0.1".to_owned();
    let (role, address) = text.split_once('=').ok_or_else(accepted)?;
    let role = dhcpfo_engine::state::Role::ALL.into_iter().find(|known| known.name() == role).ok_or_else(accepted)?;
    Ok((role, address.parse().map_err(|_| accepted())?))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileArg {
    /// By the vendor class of the CONNECT
    Auto,
    /// A set bit is the secondary's
    Draft,
    /// A set bit is the primary's
    IscDhcpd,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ListArgs {
    /// What to list
    pub(crate) what: Listed,
    /// With schemas: the document whose JSON schema is printed
    pub(crate) name: Option<String>,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listed {
    /// Model files below ./models
    Models,
    /// What can be claimed
    Claims,
    /// What a model can take to be fair, for claims of what leads to what
    Fairness,
    /// What `audit` judges on captures
    Audit,
    /// What can be demanded to be reachable
    Witnesses,
    /// Readings of the specification, and dialects
    Rules,
    /// Keys of model and scenario files, and words of scripts
    Keys,
    /// Scenario files below ./scenarios
    Scenarios,
    /// Mutants and known departures, and which model below ./models shows each
    Mutants,
    /// Protocols that models can be of, with their claims, witnesses and keys
    Protocols,
    /// Documents of --json, traces and recordings, each with a JSON schema
    Schemas,
}
