//! Every kind of document, with its JSON schema.

use crate::schema::of;
use crate::{
    audit, clients, control, coverage, diff, inequalities, kea_audit, lattice, lists, matrix, play, population,
    recording, runs, served, story, trace, verdicts,
};
use serde_json::Value;

/// A kind of document by its name, for whoever wants its schema.
#[derive(Clone, Copy)]
pub struct Document {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    schema: fn() -> Value,
}

impl Document {
    const fn new(name: &'static str, about: &'static str, schema: fn() -> Value) -> Document {
        Document { name, about, schema }
    }

    /// The JSON schema of the document, or of each of its lines.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }
}

/// Every kind of document.
pub const SCHEMAS: &[Document] = &[
    Document::new("verdicts", "`check --json`: what searches found", of::<verdicts::Verdicts>),
    Document::new(
        "lattice",
        "`check --lattice --json`: a model with every combination of its budgets",
        of::<lattice::Lattice>,
    ),
    Document::new("lattice-log", "`check --lattice --log FILE`, a line", of::<lattice::LogLine>),
    Document::new(
        "inequalities",
        "`check --inequalities --json`: which inequalities between lengths verdicts need",
        of::<inequalities::Inequalities>,
    ),
    Document::new("sweep", "`check --sweep --json`: verdicts by lengths", of::<inequalities::Sweep>),
    Document::new("diff", "`diff --json`: what differs between two models", of::<diff::Diff>),
    Document::new("matrix", "`matrix --json`: which broken model refutes which claim", of::<matrix::Matrix>),
    Document::new("trace", "`play --json` of draft-12: what happened, a line", of::<trace::TraceLine>),
    Document::new("play", "`play --json` of any other protocol, a line", of::<play::PlayLine>),
    Document::new("runs", "`simulate --json` of models: what random runs found", of::<runs::Runs>),
    Document::new("population", "`simulate --json` of a simulation file", of::<population::Population>),
    Document::new("recording", "`simulate --record FILE`, a line", of::<recording::RecordingLine>),
    Document::new("audit", "`audit --json`: captures, judged", of::<audit::Audit>),
    Document::new("kea-audit", "`audit --json` of files of Kea's servers, judged", of::<kea_audit::KeaAudit>),
    Document::new("replays", "`audit --json` of servers' traces: done again", of::<audit::Replays>),
    Document::new("replay", "`play --json` of a server's trace: done again", of::<audit::Replay>),
    Document::new(
        "dialect",
        "`audit --dialect NAME --json`: where servers depart from a dialect",
        of::<audit::Departures>,
    ),
    Document::new("coverage", "`report coverage --json`: what models and scenarios exercise", of::<coverage::Coverage>),
    Document::new("story", "`report --json`: a play, told", of::<story::Story>),
    Document::new("serve-trace", "`serve --trace FILE`: what a server did, a line", of::<served::Line>),
    Document::new("ctl-request", "what an operator says to a server, a line", of::<control::Request>),
    Document::new("ctl-answer", "`ctl --json`: what a server answers", of::<control::Answer>),
    Document::new("client", "`client --json`: what came of exchanges", of::<clients::Summary>),
    Document::new("client-record", "`client --record FILE`: what clients were given, a line", of::<clients::Event>),
    Document::new("list-models", "`list models --json`", of::<Vec<lists::Model>>),
    Document::new("list-claims", "`list claims --json`, `list witnesses --json`", of::<Vec<lists::Claim>>),
    Document::new("list-fairness", "`list fairness --json`", of::<Vec<lists::Condition>>),
    Document::new("list-audit", "`list audit --json`", of::<Vec<lists::Claim>>),
    Document::new("list-rules", "`list rules --json`", of::<Vec<lists::Question>>),
    Document::new("list-keys", "`list keys --json`", of::<lists::Keys>),
    Document::new("list-scenarios", "`list scenarios --json`", of::<Vec<lists::Scenario>>),
    Document::new("list-mutants", "`list mutants --json`", of::<Vec<lists::Mutant>>),
    Document::new("list-protocols", "`list protocols --json`", of::<Vec<lists::Protocol>>),
    Document::new("list-schemas", "`list schemas --json`", of::<Vec<lists::Schema>>),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_file_name_and_there_once() {
        for (number, document) in SCHEMAS.iter().enumerate() {
            assert!(document.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", document.name);
            let first = SCHEMAS.iter().position(|other| other.name == document.name);
            assert_eq!(first, Some(number), "{} is there twice", document.name);
        }
    }
}
