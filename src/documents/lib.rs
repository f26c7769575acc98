//! Every document that `dhcpfo` writes or reads as JSON, as types.
//!
//! A document is one JSON value, or one a line; then the first line is its header. It says what it is under `kind`, and of
//! which `version`: [`Format`] takes it or refuses it in one sentence. Documents of 0.1 say no kind. New keys may come without a
//! new version, and a reader passes over what it does not know. [`SCHEMAS`] has the JSON schema of each, which `dhcpfo list
//! schemas` prints.
//!
//! | document | written by | read by |
//! | --- | --- | --- |
//! | [`verdicts`] | `check --json` | `check --baseline`, `report`, `report coverage`, `explore` |
//! | [`lattice`] | `check --lattice` with `--log` or `--json` | the log by `check --lattice` |
//! | [`inequalities`] | `check --inequalities --json`, `check --sweep --json` | |
//! | [`diff`] | `diff --json` | |
//! | [`matrix`] | `matrix --json` | `report` |
//! | [`trace`] | `play --json` of draft-12 | `play`, `audit`, `explore`, `report` |
//! | [`play`] | `play --json` of other protocols | |
//! | [`runs`], [`population`] | `simulate --json`, `report merge` | `report`, `report merge`, `explore` |
//! | [`recording`] | `simulate --record` | `explore` |
//! | [`audit`] | `audit --json`, `play TRACE --json` of a server's trace | `audit --baseline`, `report`, `explore` |
//! | [`kea_audit`] | `audit --json` of files of Kea's servers | |
//! | [`coverage`] | `report coverage --json` | |
//! | [`story`] | `report --json` | |
//! | [`served`] | `serve --trace` | `play`, `audit`, `explore` |
//! | [`control`] | `ctl`, the control of a server | a server, `ctl`, `explore --live` |
//! | [`clients`] | `client --record`, `client --json` | the record by `client` |
//! | [`lists`] | `list --json` | |
//!
//! Without `kind` and `version` are: the lines of `play TRACE --json` ([`audit::Replay`]), where `kind` says in what way a trace is
//! wrong; the record of clients, which is appended to by any version; answers of a server, whose version is the server's; and
//! lists, which are JSON arrays.
//!
//! Elsewhere are the Informal Trace Format (`report --itf`), which is not ours; what the explorer's page and its server say to each
//! other, which are of one build; and the log of a server, which is `tracing`'s.

pub mod audit;
mod catalogue;
pub mod clients;
pub mod control;
pub mod coverage;
pub mod diff;
pub mod format;
pub mod inequalities;
pub mod kea_audit;
pub mod lattice;
pub mod lists;
pub mod matrix;
pub mod paper;
pub mod play;
pub mod population;
pub mod recording;
pub mod runs;
mod schema;
pub mod served;
pub mod story;
pub mod trace;
pub mod verdicts;

pub use catalogue::{Document, SCHEMAS};
pub use format::{Format, Head};
use serde::Serialize;

/// Who writes documents.
pub const TOOL: &str = concat!("dhcpfo ", env!("CARGO_PKG_VERSION"));

/// A document in one line.
pub fn line(document: &impl Serialize) -> String {
    serde_json::to_string(document).expect("strings and numbers under strings are JSON")
}

/// A document in lines, to be looked at.
pub fn pretty(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).expect("strings and numbers under strings are JSON")
}
