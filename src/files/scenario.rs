//! Scenario files: a model, other readings if there are any, a script, and what it refutes.

use crate::keys::Kind;
use crate::load::{self, Read, relative_to};
use crate::model::{self, ModelFile};
use dhcpfo_clock::Values;
use dhcpfo_engine::rules::{Question, Rules};
use dhcpfo_header::error::FileErrors;
use dhcpfo_header::near::nearest;
use dhcpfo_header::node::{Place, Value};
use dhcpfo_header::section::{Field, Report, Section};
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{self, Expectation, Line, Order, Wall};
use dhcpfo_world::words::ParseError;

/// A scenario file that is as it should be.
#[derive(Clone, Debug)]
pub struct ScenarioFile {
    /// The file, as it was named.
    pub path: String,
    /// What is shown.
    pub title: String,
    /// The model that is played.
    pub model: ModelFile,
    /// The sections that it illustrates.
    pub cites: Vec<String>,
    /// How long the model's lengths of time are, in seconds.
    pub lengths: Values,
    /// The script.
    pub script: Vec<Line>,
    /// The line of the file on which each line of the script stands.
    pub lines: Vec<u32>,
    /// Exactly the claims that the script refutes.
    pub refutes: Vec<&'static str>,
}

impl ScenarioFile {
    /// The clock with which it is played, at the beginning. None: some instant of the script is written too finely.
    pub fn clock(&self) -> Option<Wall> {
        let scale = play::scale(&self.script)?;
        Some(Wall::new(self.lengths, self.model.model.lengths.free, scale))
    }
}

/// Which of a model's lengths a scenario is played with.
#[derive(Clone, Copy)]
enum Units {
    Seconds,
    Small,
}

/// Reads the scenario file of that path, and its model.
pub fn scenario(path: &str, read: Read<'_>) -> Result<ScenarioFile, FileErrors> {
    let report = Report::new(crate::keys::accepted);
    let file = from_path(path, read, &report);
    match file {
        Some(file) if report.is_clean() => Ok(file),
        _ => Err(FileErrors::new(report.into_errors())),
    }
}

fn from_path(path: &str, read: Read<'_>, report: &Report<'_>) -> Option<ScenarioFile> {
    let node = load::single(path, Kind::Scenario, read, report)?;
    let root = Section::root(&node, report);
    let title = root.required("title").and_then(|field| field.words().map(str::to_owned));
    let cites = root.field("cites").and_then(|field| cites(&field)).unwrap_or_default();
    let units = root.choice("lengths", &[("seconds", Units::Seconds), ("small", Units::Small)], Units::Seconds);
    let mut model = root.required("model").and_then(|field| model(&field, path, read, report));
    if let Some(model) = &mut model {
        overlay(model, &root);
    }
    let script = root.required("script");
    let (script, lines) = script.and_then(|field| script_of(&field, model.as_ref(), report))?;
    let model = model?;
    let refutes = root.section("expect").field("refutes").map(|field| refutes(&field, &model)).unwrap_or_default();
    let lengths = match units {
        Units::Seconds => model.model.lengths.seconds,
        Units::Small => model.model.lengths.small,
    };
    Some(ScenarioFile { path: path.to_owned(), title: title?, model, cites, lengths, script, lines, refutes })
}

fn cites(field: &Field<'_>) -> Option<Vec<String>> {
    let cite = |field: &Field<'_>| {
        let text = field.words()?;
        if text.contains(" §") { Some(text.to_owned()) } else { field.fail(format!("`{text}` names no section")) }
    };
    Some(field.list()?.iter().filter_map(cite).collect())
}

/// The model that the scenario names. Its own errors are told under its own path.
fn model(field: &Field<'_>, path: &str, read: Read<'_>, report: &Report<'_>) -> Option<ModelFile> {
    let model_path = relative_to(path, field.words()?);
    if let Err(error) = read(&model_path) {
        return field.fail(format!("{model_path} cannot be read: {error}"));
    }
    model::model(&model_path, read).map_err(|errors| report.extend(errors.0)).ok()
}

/// Other readings than the model's.
fn overlay(model: &mut ModelFile, root: &Section<'_>) {
    if let Some(field) = root.field("dialect")
        && let Some(word) = field.text()
        && model.overlay("dialect", word).is_err()
    {
        let _: Option<()> = field.unknown("dialect", word, Rules::DIALECTS.iter().map(|(name, _)| *name));
    }
    // Unknown questions were noted with the other unknown keys.
    for (question, field) in root.section("rules").fields() {
        if let Some(word) = field.text()
            && model.overlay(question, word).is_err()
        {
            let _: Option<()> =
                field.unknown("reading", word, Question::with_key(question).into_iter().flat_map(Question::words));
        }
    }
}

fn refutes(field: &Field<'_>, model: &ModelFile) -> Vec<&'static str> {
    let names = model.model.claims.iter().map(|claim| claim.entry.name);
    let claim = |field: &Field<'_>| {
        let word = field.text()?;
        names.clone().find(|name| *name == word).or_else(|| field.unknown("claim of the model", word, names.clone()))
    };
    match &field.node.value {
        Value::String(word, _) if word == "nothing" => Vec::new(),
        Value::String(..) => claim(field).into_iter().collect(),
        _ => field.list().unwrap_or_default().iter().filter_map(claim).collect(),
    }
}

/// The lines of a script that say something, with their places.
fn script_of(field: &Field<'_>, model: Option<&ModelFile>, report: &Report<'_>) -> Option<(Vec<Line>, Vec<u32>)> {
    let text = field.text()?;
    let Value::String(_, places) = &field.node.value else { return None };
    let (mut script, mut lines) = (Vec::new(), Vec::new());
    for (text, &number) in text.lines().zip(places) {
        let place = Place { line: number, ..field.node.place.clone() };
        match play::parse_line(text) {
            Ok(None) => {}
            Ok(Some(line)) => {
                if let Some(model) = model {
                    check_names(&line, &model.model, &place, report);
                }
                script.push(line);
                lines.push(number);
            }
            Err(error) => {
                let problem = unreadable(&error, text);
                report.push(place.error("script", problem, error.accepted));
            }
        }
    }
    if play::scale(&script).is_none() {
        return field.fail("the fractions of seconds in it have no common part that is coarse enough");
    }
    Some((script, lines))
}

/// What is wrong with a line of a script, and where in it: the column is that of the string's line.
pub(crate) fn unreadable(error: &ParseError, text: &str) -> String {
    let line = text.split('#').next().unwrap_or_default().trim();
    match error.found.as_str() {
        "" => format!("`{line}` ends too early"),
        found => format!("`{found}` in `{line}`, column {}", error.column),
    }
}

/// Notes addresses, clients and claims that the model does not have.
fn check_names(line: &Line, model: &Model, place: &Place, report: &Report<'_>) {
    let (addresses, client) = match &line.order {
        Order::Act(action) => named_by(action),
        Order::Expect(Expectation::Refuted(Some(name))) => {
            check_claim(name, model, place, report);
            return;
        }
        Order::Expect(expectation) => {
            let (address, client) = expectation.names();
            (address.map(|address| address.0).into_iter().collect(), client)
        }
        Order::Nothing | Order::Wait(_) | Order::Settle => return,
    };
    let last = model.addresses.len() as u32 - 1;
    for address in addresses.into_iter().filter(|address| *address > last) {
        report.push(place.error("script", format!("the model has no address a{address}"), format!("a0 to a{last}")));
    }
    let last = model.client_count() as u8 - 1;
    if let Some(client) = client.filter(|client| *client > last) {
        report.push(place.error("script", format!("the model has no client {client}"), format!("0 to {last}")));
    }
}

fn check_claim(name: &str, model: &Model, place: &Place, report: &Report<'_>) {
    let names = model.claims.iter().map(|claim| claim.entry.name);
    if !names.clone().any(|known| known == name) {
        let meant = nearest(name, names.clone()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let accepted = names.collect::<Vec<_>>().join(", ");
        report.push(place.error("script", format!("there is no claim `{name}` in the model{meant}"), accepted));
    }
}

/// The addresses and the client that an action names. Its text is the one place where all of them stand.
fn named_by(action: &Action) -> (Vec<u32>, Option<u8>) {
    let text = action.to_string();
    let words: Vec<&str> = text.split([' ', ',']).collect();
    let addresses = words.iter().filter_map(|word| word.strip_prefix('a')?.parse().ok()).collect();
    let client = match action.what {
        What::Client { client, .. } => Some(client),
        What::Arrive(packet) | What::Lose(packet) | What::Duplicate(packet) => Some(packet.client),
        _ => None,
    };
    (addresses, client)
}
