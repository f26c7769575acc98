//! Model files.

use crate::load::{self, Read, gives};
use dhcpfo_engine::rules::{Rules, UnknownReading};
use dhcpfo_header::error::FileErrors;
use dhcpfo_header::fair::assumed;
use dhcpfo_header::node::{Node, Value};
use dhcpfo_header::section::{Field, Report, Section};
use dhcpfo_world::claim::{Check, Claim};
use dhcpfo_world::fairness::CONDITIONS;
use dhcpfo_world::model::Model;

pub use dhcpfo_header::head::{Bound, Class, Clock, Expect, Limits};
use dhcpfo_header::head::{expect, limits};

/// Most claims, and most witnesses, of a model.
const MOST: usize = 32;

/// Most witnesses where claims about whole runs, which count twice, take flags of a state as well.
const MOST_FLAGS: usize = 31;

/// Most labels of an edge: two for each claim about whole runs, one for each part of a condition of fairness.
const MOST_LABELS: u32 = 31;

/// A model file that is as it should be.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// The file, as it was named.
    pub path: String,
    /// What the model shows.
    pub title: String,
    /// When it is searched.
    pub class: Class,
    /// What it is for; may be empty.
    pub about: String,
    /// The files that it builds on, nearest first.
    pub bases: Vec<String>,
    /// The model.
    pub model: Model,
    /// The notion of time.
    pub clock: Clock,
    /// Bounds of the search.
    pub limits: Limits,
    /// What the search must find.
    pub expect: Expect,
    /// A broken model's claim holds with the repaired rules.
    pub has_twin: bool,
    /// Readings that a scenario has laid over it, as questions and words; `dialect` is one.
    pub overlaid: Vec<(String, String)>,
}

impl ModelFile {
    /// Lays a reading of both servers over the model; `dialect` replaces all of them.
    ///
    /// # Errors
    /// There is no such question or word; with what would be accepted.
    pub fn overlay(&mut self, key: &str, word: &str) -> Result<(), String> {
        for server in &mut self.model.servers {
            if key == "dialect" {
                let names = || Rules::DIALECTS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                let dialect = Rules::DIALECTS.iter().find(|(name, _)| *name == word);
                server.rules = dialect.ok_or_else(|| format!("dialect `{word}`: accepted: {}", names()))?.1;
                continue;
            }
            server.rules.set(key, word).map_err(|unknown| match unknown {
                UnknownReading::Key => format!("`{key}` is no question about the specification"),
                UnknownReading::Word(words) => format!("{key} = `{word}`: accepted: {}", words.join(", ")),
            })?;
        }
        self.overlaid.push((key.to_owned(), word.to_owned()));
        Ok(())
    }
}

/// Reads the model file of that path, and those that it builds on.
pub fn model(path: &str, read: Read<'_>) -> Result<ModelFile, FileErrors> {
    let report = Report::new(crate::keys::accepted);
    let file = load::with_bases(path, read, &report).and_then(|(node, bases)| from_node(path, &node, bases, &report));
    match file {
        Some(file) if report.is_clean() => Ok(file),
        _ => Err(FileErrors::new(report.into_errors())),
    }
}

fn from_node(path: &str, node: &Node, bases: Vec<String>, report: &Report<'_>) -> Option<ModelFile> {
    let root = Section::root(node, report);
    let title = root.required("title").and_then(|field| field.words().map(str::to_owned));
    let class = root.required("class").and_then(|field| field.choice(&Class::WORDS));
    let about = root.field("about").and_then(|field| field.text()).unwrap_or_default().trim().to_owned();
    let mut model = crate::system::model(&root);
    let claims = root.required("claims").and_then(|field| claims(&field));
    model.witnesses = root.field("reaches").and_then(|field| witnesses(&field)).unwrap_or_default();
    model.fair = assumed(&root.section("fair"), &CONDITIONS);
    let whole_runs = claims.iter().flatten().filter(|claim| claim.check.is_whole()).count();
    if whole_runs > 0 && model.witnesses.len() + 2 * whole_runs > MOST_FLAGS {
        root.fail("reaches", "are too many beside claims about whole runs, each of which counts as two", "fewer");
    }
    let labels: u32 = model.fair.iter().map(|one| one.condition.parts).sum();
    if labels + 2 * whole_runs as u32 > MOST_LABELS {
        root.fail("fair", "has more conditions than there is room for beside claims about whole runs", "fewer");
    }
    if !model.fair.is_empty() && !claims.iter().flatten().any(|claim| matches!(claim.check, Check::LeadsTo(_))) {
        root.fail("fair", "says what is fair, and no claim says what leads to what", "nothing here");
    }
    let clock = root.choice("clock", &Clock::WORDS, Clock::TimeoutOrder);
    if clock == Clock::Exact && model.dates_back() {
        let problem = "keeps no instant for ever, as partner-downs that are dated back need it";
        root.fail("clock", problem, "timeout-order or ticks");
    }
    let limits = limits(&root.section("limits"));
    let has_twin = root.section("expect").flag("twin", true);
    let names: Option<Vec<&str>> = claims.as_ref().map(|claims| claims.iter().map(|claim| claim.entry.name).collect());
    let expect = expect(&root.section("expect"), names.as_deref(), &limits);
    model.claims = claims?;
    let (title, class, expect) = (title?, class?, expect?);
    if class == Class::Broken && !matches!(expect, Expect::Refuted { .. }) {
        let missing = if gives(node, "expect") { "expect something else than" } else { "do not say" };
        let problem = format!("broken models must be refuted, and these {missing} so");
        root.section("expect").fail("verdict", problem, "verdict = \"refuted\"");
        return None;
    }
    Some(ModelFile {
        path: path.to_owned(),
        title,
        class,
        about,
        bases,
        model,
        clock,
        limits,
        expect,
        has_twin,
        overlaid: Vec::new(),
    })
}

fn claims(field: &Field<'_>) -> Option<Vec<Claim>> {
    if matches!(&field.node.value, Value::String(word, _) if word == "all") {
        return Some(dhcpfo_properties::claims().to_vec());
    }
    let claims = named(field, "claim", &dhcpfo_properties::all_claims().copied().collect::<Vec<_>>())?;
    if claims.is_empty() { field.fail("claims nothing") } else { Some(claims) }
}

fn witnesses(field: &Field<'_>) -> Option<Vec<Claim>> {
    named(field, "witness", dhcpfo_properties::witnesses())
}

/// The catalogue's entries that a list names; None if there was anything wrong with it.
fn named(field: &Field<'_>, what: &str, catalogue: &[Claim]) -> Option<Vec<Claim>> {
    let list = field.list()?;
    if list.len() > MOST {
        return field.fail(format!("{} are too many", list.len()));
    }
    let mut chosen: Vec<Claim> = Vec::new();
    let mut whole = true;
    for field in &list {
        let found = field.text().and_then(|name| match catalogue.iter().find(|claim| claim.entry.name == name) {
            None => field.unknown(what, name, catalogue.iter().map(|claim| claim.entry.name)),
            Some(claim) if chosen.iter().any(|other| other.entry.name == claim.entry.name) => {
                field.fail_with(format!("`{name}` stands there twice"), "each once")
            }
            Some(claim) => Some(*claim),
        });
        whole &= found.is_some();
        chosen.extend(found);
    }
    whole.then_some(chosen)
}
