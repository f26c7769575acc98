//! `dhcpfo audit --json`: captures, judged; server traces, done again; and messages held against a dialect.

use crate::format::Format;
use crate::schema::stated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// What an audit is.
pub const FORMAT: Format =
    Format { kind: "dhcpfo-audit", name: "an audit", version: 1, written_by: "dhcpfo audit --json" };

/// What an audit found out. Instants are seconds since 1970 with six decimals, as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-audit", rename_all = "kebab-case")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Audit {
    /// The version of this kind of document.
    pub version: u32,
    /// The exit code: 0 nothing violated, 1 violated, 3 nothing could be judged.
    pub exit: u8,
    /// The files.
    pub files: Vec<String>,
    /// The servers that were seen.
    pub servers: Vec<Server>,
    /// How the roles were guessed, and what would settle it; null: they are known.
    pub roles_guessed: Option<String>,
    /// MCLT in seconds; null: not known.
    pub mclt: Option<u32>,
    /// How the servers write their messages; null: not known.
    pub profile: Option<String>,
    /// How that was guessed, and what would settle it; null: it is known.
    pub profile_guessed: Option<String>,
    /// The vendor class that the servers name.
    pub vendor: Option<String>,
    /// To which length of time is judged.
    pub exactness: Option<String>,
    /// Violations, in the order of time: the first 200 of each claim.
    pub findings: Vec<Finding>,
    /// What was refused, summed up.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
    /// Each claim.
    pub claims: Vec<Claim>,
    /// Claims that traces say were refuted.
    #[serde(default)]
    pub traced: Vec<Traced>,
    /// What else is worth saying.
    pub remarks: Vec<String>,
    /// What happened step by step; only with `--timeline`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Timeline>,
    /// Traces of servers, done again; only where some were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served: Option<Vec<Replay>>,
    /// What is not as in the baseline; only where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Vec<Difference>>,
}

/// A server that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Server {
    /// `primary`, `secondary`.
    pub role: String,
    /// Its address towards the partner; null: it was not seen on a connection.
    pub link: Option<Ipv4Addr>,
    /// Its addresses towards clients.
    pub clients: Vec<Ipv4Addr>,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The file.
    pub file: Option<String>,
    /// The packet, counted from 1.
    pub packet: u64,
}

/// A violation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The claim.
    pub claim: String,
    /// Where the specification says so.
    pub section: String,
    /// When.
    pub at: String,
    /// What happened.
    pub text: String,
    /// Where to look.
    pub places: Vec<Place>,
}

/// A kind of refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// Who refuses: its address towards the partner.
    pub by: Ipv4Addr,
    /// The same by role; null: not known.
    pub role: Option<String>,
    /// In which message.
    pub r#in: String,
    /// The reject-reason.
    pub reason: u8,
    /// The text that goes with it.
    pub text: String,
    /// What that means.
    pub means: String,
    /// How often.
    pub count: u64,
    /// When first.
    pub first: String,
    /// When last.
    pub last: String,
}

/// A claim, and what was found out about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Where the specification says so.
    pub section: String,
    /// What it states.
    #[serde(default)]
    pub statement: String,
    /// What was found out.
    pub verdict: Verdict,
    /// How often it was judged.
    pub occasions: u64,
    /// How often it was violated.
    pub violations: u64,
    /// How often it could not be judged, by reason.
    pub not_judged: BTreeMap<String, u64>,
}

/// What was found out about a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Verdict {
    /// It was judged, and never violated.
    #[serde(rename = "held")]
    Held,
    /// It was violated.
    #[serde(rename = "violated")]
    Violated,
    /// It could not be judged.
    #[serde(rename = "not judged")]
    NotJudged,
}

impl Verdict {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Held => "held",
            Verdict::Violated => "violated",
            Verdict::NotJudged => "not judged",
        }
    }
}

/// A claim that a trace says was refuted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Traced {
    /// The claim.
    pub claim: String,
    /// Seconds from the beginning of the play.
    pub seconds: f64,
    /// The file.
    pub file: Option<String>,
    /// The line, counted from 1.
    pub line: u64,
    /// What was done.
    pub action: String,
}

/// What happened step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// In which states servers were.
    pub servers: Vec<Stretch>,
    /// What came of it for addresses.
    pub addresses: Vec<AddressLine>,
    /// Messages and packets.
    pub messages: Vec<Message>,
}

/// A stretch of time in which a server was in a state, as it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stretch {
    /// Which server.
    pub role: String,
    /// The state.
    pub state: String,
    /// Whether it was starting.
    pub startup: bool,
    /// When it began.
    pub from: String,
    /// When it was last heard of in it.
    pub until: String,
    /// Where it said so.
    pub place: Place,
}

/// Something that concerns an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AddressLine {
    /// The address.
    pub address: Ipv4Addr,
    /// When.
    pub at: String,
    /// What happened.
    pub text: String,
    /// Where to look.
    pub place: Place,
    /// How the address is afterwards; left out where nothing is known.
    #[serde(flatten)]
    pub known: Option<Known>,
}

/// What is known of an address. Times are whole seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Known {
    /// What the primary has, as far as it said.
    pub primary: Option<Bound>,
    /// What the secondary has.
    pub secondary: Option<Bound>,
    /// Who holds it, and until when.
    pub holders: Vec<(String, i64)>,
}

/// What a server has about an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    /// The binding-status.
    pub status: String,
    /// Whose it is.
    pub client: Option<String>,
    /// The end of the lease.
    pub ends: Option<i64>,
    /// Until when the partner has been promised that it may be longer.
    pub potential: Option<i64>,
}

/// A message between servers, or a packet of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// When.
    pub at: String,
    /// From whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// What it says.
    pub text: String,
    /// Where to look.
    pub place: Place,
}

/// Something that is not as in the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The claim.
    pub claim: String,
    /// How it is, and how it was.
    pub text: String,
    /// Whether that is worse.
    pub worse: bool,
}

/// A server's trace that was done again, also a line of `dhcpfo play TRACE --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Replay {
    /// Each input was possible and each effect the same.
    Accepted {
        /// The file.
        trace: String,
        /// True.
        accepted: bool,
        /// How often an endpoint was started.
        starts: u64,
        /// Steps after a start.
        steps: u64,
        /// The last line was cut off and left out.
        cut: bool,
    },
    /// Something is not as it should be.
    Refused {
        /// The file.
        trace: String,
        /// False.
        accepted: bool,
        /// The line, counted from 1.
        line: u64,
        /// In what way: `not enabled`, `differs`.
        kind: String,
        /// What is there, and what should be.
        text: String,
    },
}

/// What the replay of traces alone is.
pub const REPLAYS: Format = Format {
    kind: "dhcpfo-replays",
    name: "a replay of servers' traces",
    version: 1,
    written_by: "dhcpfo audit TRACES --json",
};

/// `dhcpfo audit TRACES --json`: traces of servers, done again, without a capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-replays")]
#[schemars(transform = stated(REPLAYS.kind))]
pub struct Replays {
    /// The version of this kind of document.
    pub version: u32,
    /// The exit code.
    pub exit: u8,
    /// Each trace.
    pub served: Vec<Replay>,
}

/// What a comparison with a dialect is.
pub const DIALECT: Format = Format {
    kind: "dhcpfo-dialect",
    name: "a comparison with a dialect",
    version: 1,
    written_by: "dhcpfo audit CAPTURES --dialect NAME --json",
};

/// `dhcpfo audit --dialect NAME --json`: where servers depart from a dialect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-dialect")]
#[schemars(transform = stated(DIALECT.kind))]
pub struct Departures {
    /// The version of this kind of document.
    pub version: u32,
    /// The exit code.
    pub exit: u8,
    /// The dialect.
    pub dialect: String,
    /// Messages of each server that are as in the dialect.
    pub matched: Matched,
    /// What must have happened that no message says.
    pub inferred: Vec<Inferred>,
    /// What the dialect does not allow.
    pub departures: Vec<Departure>,
}

/// Messages that are as in a dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Matched {
    /// Of the primary.
    pub primary: u64,
    /// Of the secondary.
    pub secondary: u64,
}

/// Something that must have happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inferred {
    /// Which server.
    pub server: String,
    /// What, in words.
    pub what: String,
    /// How often.
    pub number: u64,
}

/// A message that a dialect does not allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Departure {
    /// Which server.
    pub server: String,
    /// In what way.
    pub kind: String,
    /// The message.
    pub message: String,
    /// The state in which the server was.
    pub state: String,
    /// Where to look.
    pub place: Place,
}
