//! The command line of the explorer and of reports.

use crate::args_simulate::MergeArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

const EXPLORE: &str = "\
The page's address has the whole path as text, so a link shows the same state again. Files are read at the
start only; the page can neither read nor write one. A model, a scenario, a trace of `dhcpfo play --json`, or
what `simulate --json` or `check --json` found is a path, from which one can go on. Traces of servers (merged
by time), captures, and what `audit --json --timeline` wrote are recordings, through which one can step. What
cannot be read to its end is shown up to there, with file and line, and the exit code is 2.

Examples:
  dhcpfo explore models/broken/m01-no-mclt-in-wait-duplicate.toml
  dhcpfo explore scenarios/stretched-lease.toml
  dhcpfo explore models/fischer/two.toml         a model of another protocol, in lines of text
  dhcpfo play --json scenarios/partition.toml > trace.jsonl; dhcpfo explore trace.jsonl
  dhcpfo explore a.jsonl b.jsonl                 two traces of `dhcpfo serve --trace`
  dhcpfo explore failover.pcap lan.pcap          two captures of one pair, audited
  dhcpfo explore --live 127.0.0.1:8081 127.0.0.1:8082 --control-token a.token b.token    two servers that run
  dhcpfo explore --follow a.jsonl                a trace that is being written
  dhcpfo explore models/one-address.toml --listen 0.0.0.0:8067 --token 3f1c0a77d2e94b58";

#[derive(Clone, Debug, Args)]
#[command(after_help = EXPLORE)]
pub(crate) struct ExploreArgs {
    /// A model, a scenario, a trace; or traces of servers, captures, or an audit of them
    #[arg(required_unless_present_any = ["live", "follow"])]
    pub(crate) files: Vec<String>,
    /// Follow one or two servers that run, over the HTTP of their control on loopback
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 1..=2, conflicts_with_all = ["files", "follow", "stateright"])]
    pub(crate) live: Vec<std::net::SocketAddr>,
    /// The files with the tokens of those servers (control.token), one each or one for both
    #[arg(long, value_name = "FILE", num_args = 1..=2, requires = "live")]
    pub(crate) control_token: Vec<PathBuf>,
    /// Follow one or two files that grow: traces of servers, or the recording of a simulation
    #[arg(long, value_name = "FILE", num_args = 1..=2, conflicts_with_all = ["files", "stateright"])]
    pub(crate) follow: Vec<String>,
    /// Where to serve the page; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8067")]
    pub(crate) listen: std::net::SocketAddr,
    /// What every question has to bring; beyond loopback there must be one
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Show Stateright's own Explorer instead
    #[arg(long)]
    pub(crate) stateright: bool,
}

const REPORT: &str = "\
A model is searched first, up to its first violation, which is then reported with its times. What `check`,
`simulate`, `audit` and `matrix` print with --json is reported as a page of verdicts, measures or findings.

Examples:
  dhcpfo check --json > verdicts.json; dhcpfo report verdicts.json --out verdicts.html
  dhcpfo audit all.pcap --json --timeline > audit.json; dhcpfo report audit.json --md
  dhcpfo report coverage --out coverage.html     what the models and scenarios here exercise
  dhcpfo report models/broken/m01-no-mclt-in-wait-duplicate.toml --html --out m01.html
  dhcpfo report scenarios/stretched-lease.toml --md
  dhcpfo report trace.jsonl --pcap --out trace.pcap; tshark -r trace.pcap";

/// What `report` does with something else than a counterexample.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum OfParts {
    /// Put the parts of an array job of `simulate --shard K/N --json` together
    Merge(MergeArgs),
    /// What the models and scenarios below the current folder exercise: states, arcs, readings, requirements
    Coverage(CoverageArgs),
}

/// Scenarios are played, and models are searched up to a number of states each.
#[derive(Clone, Debug, Args)]
pub(crate) struct CoverageArgs {
    /// States of each model at which its search stops
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) states: u64,
    /// Verdicts, as `dhcpfo check --json` prints them: which model shows which requirement
    #[arg(long, value_name = "FILE")]
    pub(crate) verdicts: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long, group = "coverage-form")]
    pub(crate) json: bool,
    /// Print Markdown
    #[arg(long, group = "coverage-form")]
    pub(crate) md: bool,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
#[command(after_help = REPORT, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[allow(clippy::struct_excessive_bools, reason = "one option for each form, of which one is given")]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    pub(crate) of_parts: Option<OfParts>,
    /// Models that are refuted, scenarios, traces (.jsonl) of `dhcpfo play --json`, or what --json of others printed
    #[arg(required = true)]
    pub(crate) files: Vec<String>,
    /// A page that needs nothing else; this is what is written where nothing is said
    #[arg(long, group = "form")]
    html: bool,
    /// Markdown with a Mermaid diagram
    #[arg(long, group = "form")]
    md: bool,
    /// The time-space diagram alone
    #[arg(long, group = "form")]
    svg: bool,
    /// A Mermaid sequence diagram
    #[arg(long, group = "form")]
    mermaid: bool,
    /// A packet capture: failover frames and packets of clients
    #[arg(long, group = "form")]
    pcap: bool,
    /// One JSON document
    #[arg(long, group = "form")]
    json: bool,
    /// The states in the Informal Trace Format
    #[arg(long, group = "form")]
    itf: bool,
    /// Only what one of them does and holds: primary, secondary, client0, … (with --itf)
    #[arg(long, value_name = "PROCESS", requires = "itf")]
    pub(crate) only: Option<dhcpfo_report::itf::Process>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// How something is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportForm {
    Html,
    Md,
    Svg,
    Mermaid,
    Pcap,
    Json,
    Itf,
}

impl ReportArgs {
    /// The form that was asked for.
    pub(crate) fn form(&self) -> ReportForm {
        let given = [
            (self.md, ReportForm::Md),
            (self.svg, ReportForm::Svg),
            (self.mermaid, ReportForm::Mermaid),
            (self.pcap, ReportForm::Pcap),
            (self.json, ReportForm::Json),
            (self.itf, ReportForm::Itf),
        ];
        given.into_iter().find(|(given, _)| *given).map_or(ReportForm::Html, |(_, form)| form)
    }
}
