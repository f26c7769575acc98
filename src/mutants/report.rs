//! What became of each mutant, as a table.

use crate::Options;
use crate::copy::Built;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A mutant of the catalogue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutant {
    /// Its number in `engine.edits`.
    pub(crate) id: u32,
    /// File and rule.
    pub(crate) place: String,
    /// What it changes.
    pub(crate) what: String,
    /// Why nothing can go wrong by it, if that is so.
    #[serde(default)]
    pub(crate) harmless: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mutant: Vec<Mutant>,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// This claim is refuted, in this model.
    Claim(String, String),
    /// This witness is not reached, in this model.
    Witness(String, String),
    /// No answer: the search itself fails.
    Crash(String),
    /// No more than a number of states moved.
    Count(String),
    /// Nothing.
    Unnoticed,
    /// No search asks for it: the rule is not used, or is decided before it comes to that.
    NotAsked,
}

/// By the numbers of the mutants.
pub(crate) type Results = BTreeMap<u32, Fate>;

impl Fate {
    pub(crate) fn to_line(&self) -> String {
        match self {
            Fate::Claim(claim, model) => format!("claim\t{claim}\t{model}"),
            Fate::Witness(witness, model) => format!("witness\t{witness}\t{model}"),
            Fate::Crash(model) => format!("crash\t\t{model}"),
            Fate::Count(model) => format!("count\t\t{model}"),
            Fate::Unnoticed => "unnoticed\t\t".to_owned(),
            Fate::NotAsked => "not-asked\t\t".to_owned(),
        }
    }

    pub(crate) fn of_line(line: &str) -> Option<Fate> {
        let mut parts = line.split('\t').map(str::to_owned);
        let (word, what, model) = (parts.next()?, parts.next()?, parts.next()?);
        Some(match word.as_str() {
            "claim" => Fate::Claim(what, model),
            "witness" => Fate::Witness(what, model),
            "crash" => Fate::Crash(model),
            "count" => Fate::Count(model),
            "unnoticed" => Fate::Unnoticed,
            "not-asked" => Fate::NotAsked,
            _ => return None,
        })
    }

    pub(crate) fn is_kill(&self) -> bool {
        matches!(self, Fate::Claim(..) | Fate::Witness(..))
    }
}

/// Reads `mutants.toml`.
pub(crate) fn catalogue(text: &str) -> Result<Vec<Mutant>, String> {
    toml::from_str::<File>(text).map(|file| file.mutant).map_err(|error| format!("mutants.toml: {error}"))
}

/// The table: what was killed, by what; what is harmless, and why; what survived; what was not judged.
pub(crate) fn markdown(catalogue: &[Mutant], results: &Results, built: &Built, options: &Options) -> String {
    let fate = |mutant: &Mutant| results.get(&mutant.id);
    let killed = catalogue.iter().filter(|m| fate(m).is_some_and(Fate::is_kill)).count();
    let by_witness = catalogue.iter().filter(|m| matches!(fate(m), Some(Fate::Witness(..)))).count();
    let harmless = |m: &&Mutant| !m.harmless.is_empty() && !fate(m).is_some_and(Fate::is_kill);
    let survived = |m: &&Mutant| m.harmless.is_empty() && fate(m).is_some_and(|fate| !fate.is_kill());
    let not_judged = |m: &&Mutant| m.harmless.is_empty() && fate(m).is_none();
    let count = |which: &dyn Fn(&&Mutant) -> bool| catalogue.iter().filter(which).count();
    let mut text = format!(
        "# Mutants of the engine's rules\n\nEach is one rule that is wrong in one way. Killed: a smoke model, or a broken \
         model with the repaired\nrules, refutes a claim, or a smoke model exhausts its states without a witness that it \
         must reach. Made by `cargo run -p dhcpfo-mutants`; do not edit. Each search of the last run had \
         at most\n{} states and {} s. What earlier runs found is kept, with their bounds and models: one that survived is \
         one that nothing\nnoticed so far.\n\n\
         {} mutants: {killed} killed ({} by a claim, {by_witness} by a witness), {} harmless with a reason, {} \
         survived, {} not\njudged; {} places of {} have drifted.\n\n",
        options.states,
        options.seconds,
        catalogue.len(),
        killed - by_witness,
        count(&harmless),
        count(&survived),
        count(&not_judged),
        built.drifted.len(),
        built.places,
    );
    text += "| | place | what | fate | model |\n| ---: | --- | --- | --- | --- |\n";
    for mutant in catalogue {
        let (word, model) = match fate(mutant) {
            Some(Fate::Claim(claim, model)) => (claim.clone(), model.as_str()),
            Some(Fate::Witness(witness, model)) => (format!("never reached: {witness}"), model.as_str()),
            _ if !mutant.harmless.is_empty() => (format!("harmless: {}", mutant.harmless), ""),
            Some(Fate::Crash(model)) => ("**the search fails**".to_owned(), model.as_str()),
            Some(Fate::Count(model)) => ("**survived**; a count moved".to_owned(), model.as_str()),
            Some(Fate::Unnoticed) => ("**survived**".to_owned(), ""),
            Some(Fate::NotAsked) => ("**survived**; no search comes there".to_owned(), ""),
            None => ("not judged".to_owned(), ""),
        };
        let what = mutant.what.replace('|', "\\|");
        let _ = writeln!(text, "| {} | {} | {what} | {word} | {model} |", mutant.id, mutant.place);
    }
    text
}
