//! Every document that `dhcpfo` writes or reads as JSON, as types.
//!
//! A document is one JSON value, or one a line; then the first line is its header. It says what it is under `kind`, and of
//! which `version`: [`Format`] takes it or refuses it in one sentence. Documents of 0.1 say no kind. New keys may come without a
//! new version, and a reader passes over what it does not know. [`SCHEMAS`] has the JSON schema of each.

pub mod audit;
pub mod coverage;
pub mod diff;
pub mod format;
pub mod lattice;
pub mod matrix;
pub mod paper;
pub mod play;
pub mod population;
pub mod recording;
pub mod runs;
mod schema;
pub mod served;
pub mod trace;
pub mod verdicts;

pub use format::{Format, Head};
use serde::Serialize;
use serde_json::Value;

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

/// A kind of document by its name, for whoever wants its schema.
pub struct Document {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    schema: fn() -> Value,
}

impl Document {
    /// The JSON schema of the document, or of each of its lines.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }
}

/// Every kind of document.
pub const SCHEMAS: &[Document] = &[
    Document {
        name: "verdicts",
        about: "`dhcpfo check --json`: what searches found",
        schema: schema::of::<verdicts::Verdicts>,
    },
    Document {
        name: "trace",
        about: "`dhcpfo play SCENARIO --json`: what happened in a play of draft-12, a line",
        schema: schema::of::<trace::TraceLine>,
    },
];
