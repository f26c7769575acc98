//! The command line of the server, its client and its operators.

use clap::{Args, Subcommand, ValueEnum};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;

const SERVE: &str = "\
Examples:
  dhcpfo serve --demo                    a pair on loopback, without privileges, until Ctrl-C
  dhcpfo serve --check a.toml            whether a configuration is as it should be
  dhcpfo serve a.toml                    serve
  dhcpfo serve --check a.toml b.toml     and whether two are those of one pair
  DHCPFO_LOG=debug dhcpfo serve a.toml   say everything

SIGHUP reads the configuration again, like `dhcpfo ctl reload`: subnets, pools, leases, options and reservations are
taken over. If anything else is different, or the file is not as it should be, nothing changes and the log says so.
SIGTERM and SIGINT end the server.

`dhcpfo list keys` shows everything that a configuration can say.";

#[derive(Clone, Debug, Args)]
#[command(after_help = SERVE)]
pub(crate) struct ServeArgs {
    /// The configuration
    #[arg(required_unless_present = "demo", conflicts_with = "demo")]
    pub(crate) config: Option<String>,
    /// The partner's configuration, to be checked against the first one
    #[arg(requires = "check")]
    pub(crate) partner: Option<String>,
    /// Only say whether the configuration is as it should be
    #[arg(long, conflicts_with = "demo")]
    pub(crate) check: bool,
    /// How the log is written: for people, or as one JSON document a line
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// Set the store aside and ask the partner for everything (RECOVER)
    #[arg(long, conflicts_with_all = ["demo", "check"])]
    pub(crate) recover: bool,
    /// Write every input, and what came of it, as one JSON document a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["demo", "check"])]
    pub(crate) trace: Option<PathBuf>,
    /// Run a pair on loopback and take leases from it
    #[arg(long)]
    pub(crate) demo: bool,
    /// End the demonstration after so many seconds
    #[arg(long, value_name = "N", requires = "demo")]
    pub(crate) seconds: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One line of text an event
    Text,
    /// One JSON document a line
    Json,
}

const CLIENT: &str = "\
Each client has an Ethernet address of its own. With --record the leases are remembered: a later run renews them,
gives them back, and reports every address that two clients hold at a time.

Examples:
  dhcpfo client --server 127.0.0.1:6701 --server 127.0.0.1:6702 --count 5
  dhcpfo client --server 127.0.0.1:6701 --record leases.jsonl --count 100 --rate 50
  dhcpfo client --server 127.0.0.1:6701 --record leases.jsonl renew

Exit code 1: a client got no answer or a refusal, a lease was lost, or an address was given twice.";

#[derive(Clone, Debug, Args)]
#[command(after_help = CLIENT)]
pub(crate) struct ClientArgs {
    /// What the clients do
    #[arg(value_enum, default_value_t = Does::Obtain)]
    pub(crate) action: Does,
    /// A server; several times for several servers
    #[arg(long = "server", value_name = "ADDRESS:PORT", required = true)]
    pub(crate) servers: Vec<SocketAddrV4>,
    /// The address to send from; from port 67 as a relay agent with this address
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub(crate) local: SocketAddrV4,
    /// An address of the clients' link (option 118)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) link: Option<Ipv4Addr>,
    /// How many times
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<u32>,
    /// How many each second; 0 is as many as are answered
    #[arg(long, value_name = "N", default_value_t = 0.0)]
    pub(crate) rate: f64,
    /// End after so many seconds
    #[arg(long, value_name = "S")]
    pub(crate) seconds: Option<f64>,
    /// Seconds after which a packet is sent again
    #[arg(long, value_name = "S", default_value_t = 1.0)]
    pub(crate) patience: f64,
    /// How often a packet is sent
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) tries: u32,
    /// The leases of earlier runs and of this one
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Does {
    /// New clients obtain addresses
    Obtain,
    /// The clients of the record renew
    Renew,
    /// The clients of the record give their addresses back
    Release,
    /// The clients of the record say that their addresses are used by others
    Decline,
    /// Obtain, renew and release in random order
    Mix,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CtlArgs {
    /// The server's control socket
    #[arg(long, value_name = "PATH", default_value = "/run/dhcpfo/control")]
    pub(crate) socket: PathBuf,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to ask or command
    #[command(subcommand)]
    pub(crate) command: CtlCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum CtlCommand {
    /// How the server and its partner are
    Status,
    /// Bindings with all their times
    Bindings {
        /// Also addresses that nobody has
        #[arg(long)]
        all: bool,
    },
    /// The partner is down: say what would come of that, and with --yes act on it
    PartnerDown {
        /// The partner is really down
        #[arg(long)]
        yes: bool,
        /// It stopped serving clients so many seconds ago: MCLT counts from then; with --stopped-serving only
        #[arg(long, value_name = "S", default_value_t = 0)]
        down_for: u32,
        /// It is known to have answered no client in these seconds; that it was not heard does not say so
        #[arg(long)]
        stopped_serving: bool,
    },
    /// Set the store aside and ask the partner for everything
    Recover {
        /// That is meant
        #[arg(long)]
        yes: bool,
    },
    /// Restore the balance of available addresses now
    Rebalance,
    /// No client holds a lease that was given before: a server without bindings begins without waiting
    Begin {
        /// That is known
        #[arg(long)]
        yes: bool,
        /// There is no partner, or it is down: serve without it
        #[arg(long)]
        alone: bool,
    },
    /// Read the configuration again
    Reload,
    /// End for a long time: the partner takes over
    Shutdown,
    /// End for a short time: the partner serves with care
    Pause,
    /// Make an address available again, whatever it was
    Reset {
        /// The address
        address: Ipv4Addr,
    },
    /// Make all ABANDONED addresses available again: say what would come of that, and with --yes do it
    ResetAbandoned {
        /// Nobody uses them
        #[arg(long)]
        yes: bool,
    },
    /// Why a client gets no address, by which rule, and until when
    Why {
        /// 02:00:00:00:00:01, or hex:01… for a client identifier
        client: String,
        /// An address of the link on which the client is; without it that of its lease, its reservation or its last packet
        #[arg(long, value_name = "ADDRESS")]
        link: Option<Ipv4Addr>,
    },
    /// Figures for Prometheus
    Metrics,
}
