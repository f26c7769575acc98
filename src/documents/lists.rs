//! `dhcpfo list … --json`: what there is. Each is an array, but the keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A model file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Model {
    /// The file.
    pub path: String,
    /// What it is about.
    pub title: String,
    /// When it is searched: `smoke`, `full`, `broken`.
    pub class: String,
    /// The notion of time.
    pub clock: String,
    /// What it is for.
    pub about: String,
    /// The files on which it builds.
    pub bases: Vec<String>,
    /// The protocol.
    pub protocol: String,
    /// Its claims.
    pub claims: Vec<String>,
    /// The witnesses that it has to reach.
    pub reaches: Vec<String>,
}

/// A claim, or a witness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// What it states.
    pub statement: String,
    /// Where the specification says so.
    pub section: String,
    /// What it does not say.
    pub limits: String,
    /// When it has something to say.
    pub occasion: String,
    /// What it reads besides what is held, stored and sent, and why.
    pub reads: String,
    /// What a capture does not show of it.
    pub capture: String,
    /// Who judges it.
    pub judged_by: Vec<String>,
    /// The claim of several protocols that it is.
    pub base: Option<String>,
}

/// Something that a model can take to be fair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// Its name.
    pub name: String,
    /// What is not put off for ever.
    pub about: String,
}

/// A question about the text of the specification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Question {
    /// The key under `[rules]`.
    pub question: String,
    /// What is asked.
    pub about: String,
    /// Where the specification speaks of it.
    pub section: String,
    /// The numbers under which `src/engine/spec/questions.md` argues it.
    pub numbers: Vec<String>,
    /// The answers to it.
    pub readings: Vec<Reading>,
}

/// An answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// The word.
    pub reading: String,
    /// What it says.
    pub says: String,
    /// Who takes it: `text` (to the letter), `repair` (the dialect draft-12, where the letter is another), a deployed server,
    /// `mutant` (nobody).
    pub takers: Vec<String>,
    /// The dialects that take it.
    pub dialects: Vec<String>,
}

/// Keys of files, by the kind of file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Keys {
    /// Models.
    pub model: Vec<Key>,
    /// Scenarios.
    pub scenario: Vec<Key>,
    /// Configurations of servers.
    pub server: Vec<Key>,
    /// Simulations.
    pub simulation: Vec<Key>,
    /// Lines of scripts.
    pub script: Vec<ScriptLine>,
}

/// A key of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// The section in which it stands.
    pub section: String,
    /// Its name.
    pub key: String,
    /// What is accepted.
    pub accepted: String,
    /// What it is where it is not given; null: it must be given.
    pub default: Option<String>,
    /// What it is for.
    pub about: String,
}

/// A line of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScriptLine {
    /// Its form.
    pub line: String,
    /// What it does.
    pub about: String,
}

/// A scenario file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scenario {
    /// The file.
    pub path: String,
    /// What is shown.
    pub title: String,
    /// The model's file.
    pub model: String,
    /// Sections that are illustrated.
    pub cites: Vec<String>,
    /// Claims that are refuted.
    pub refutes: Vec<String>,
}

/// A mutant, or a known departure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mutant {
    /// Its number.
    pub id: String,
    /// What is wrong.
    pub what: String,
    /// Why no model refutes it; nothing: one does.
    pub why: String,
}

/// A protocol that models can be of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Protocol {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Its claims; left out where they have a list of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<Claim>>,
    /// What its models can take to be fair; left out where that has a list of its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub conditions: Option<Vec<Condition>>,
    /// Its witnesses; left out where they have a list of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witnesses: Option<Vec<Claim>>,
    /// The keys of its files; left out where they have a list of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<Key>>,
}

/// A kind of document that has a schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Schema {
    /// Its name: `dhcpfo list schemas NAME` prints the schema.
    pub name: String,
    /// What it is.
    pub about: String,
}
