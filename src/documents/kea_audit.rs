//! `dhcpfo audit --json` of what operators of Kea's high availability have.

use crate::audit::{Claim, Finding};
use crate::format::Format;
use crate::schema::stated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What such an audit is.
pub const FORMAT: Format =
    Format { kind: "dhcpfo-kea-audit", name: "an audit of Kea's files", version: 1, written_by: "dhcpfo audit --json" };

/// What an audit found out. Instants are seconds since 1970 with six decimals, as text; 0: not known. Those of logs are read as UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-kea-audit", rename_all = "kebab-case")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct KeaAudit {
    /// The version of this kind of document.
    pub version: u32,
    /// The exit code: 0 nothing violated, 1 violated, 3 nothing could be judged.
    pub exit: u8,
    /// The files.
    pub files: Vec<File>,
    /// The servers that were seen.
    pub servers: Vec<Server>,
    /// Violations: the first 200 of each claim. The places in a log, a lease file or an answer are lines.
    pub findings: Vec<Finding>,
    /// Each claim. What it takes to judge one that had no occasion stands there 0 times.
    pub claims: Vec<Claim>,
    /// What could not be read, and what else is worth saying.
    pub remarks: Vec<String>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What it is: `capture`, `log`, `lease file`, `status-get`.
    pub is: String,
}

/// A server that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Server {
    /// Its address on the control channel, or its name in a log.
    pub name: String,
    /// Where it was seen, and what is known of it.
    pub seen: String,
}
