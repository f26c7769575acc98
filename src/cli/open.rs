//! What `explore` can open, told apart by what is in the files: what has a model is a path that can branch; what
//! happened elsewhere is a recording.

use crate::exit::Error;
use crate::{find, replay, save, script, served, subject};
use dhcpfo_audit::{Input, Settings};
use dhcpfo_documents::paper::Paper;
use dhcpfo_documents::runs::ModelRuns;
use dhcpfo_documents::verdicts::{Fate, ModelVerdict};
use dhcpfo_explorer::recorded::{audited, follow, traces};
use dhcpfo_explorer::source::Source;
use dhcpfo_files::model::model;
use dhcpfo_files::{FileErrors, ScenarioFile, from_disk};
use dhcpfo_report::recording::Recording;
use dhcpfo_study::answer::Round;
use dhcpfo_study::scenario::Scenario;
use dhcpfo_world::action::Action;
use dhcpfo_world::play::Length;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Something that was opened.
pub(crate) enum Opened {
    /// A model with a path.
    Path(Box<Source>),
    /// A recording; and what could not be read of it, with file and line.
    Recording(Box<Recording>, Option<String>),
}

/// How files of captures begin.
const CAPTURES: [[u8; 4]; 5] = [
    [0x0a, 0x0d, 0x0d, 0x0a],
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x4d, 0x3c, 0xb2, 0xa1],
];

/// Opens files that belong together.
pub(crate) fn open(paths: &[String]) -> Result<Opened, Error> {
    let of_servers = paths.iter().filter(|path| served::is_served(Path::new(path))).count();
    if of_servers > 0 {
        if of_servers < paths.len() || paths.len() > 2 {
            return Err(Error::words("traces of servers are opened alone: one, or one of each server"));
        }
        let files = paths.iter().map(|path| Ok((path.clone(), text(path)?))).collect::<Result<Vec<_>, Error>>()?;
        let (recording, problem) = traces::recording(&files).map_err(Error::Told)?;
        return Ok(Opened::Recording(Box::new(recording), problem));
    }
    if paths.iter().all(|path| is_capture(path)) {
        return captures(paths);
    }
    let [path] = paths else {
        return Err(Error::words("several files have to be captures of one pair, or the traces of its two servers"));
    };
    let begins = beginning(path);
    if follow::is_recording(&begins) {
        let (recording, problem) = follow::whole(path, &text(path)?).map_err(Error::Told)?;
        return Ok(Opened::Recording(Box::new(recording), problem));
    }
    if begins.trim_start().starts_with('{') && !replay::is_trace(path) {
        return document(path);
    }
    match source(path) {
        Ok(source) => Ok(Opened::Path(Box::new(source))),
        Err(Error::Files(errors)) if is_meant(path) => Ok(nothing(path, &errors)),
        Err(error) => Err(error),
    }
}

/// A model, a scenario or a trace: told apart by name, then by what is in it.
pub(crate) fn source(path: &str) -> Result<Source, Error> {
    if replay::is_trace(path) {
        return Ok(Source::of_scenario(&replay::read(path)?.scenario)?);
    }
    if is_scenario(path) {
        let files = find::scenarios(&[path.to_owned()])?;
        let Some(file) = files.first() else { return Err(Error::words(format!("{path}: no scenario there"))) };
        return Ok(Source::of_scenario(file)?);
    }
    // The page knows the states of draft-12 only. Unlike a mistake in a file, that is not worth a page.
    if subject::is_other(path) {
        let _ = find::models(&[path.to_owned()]).map_err(|error| Error::Told(error.to_string()))?;
    }
    Ok(Source::of_model(path)?)
}

/// Only scenarios have a script.
pub(crate) fn is_scenario(path: &str) -> bool {
    let has_script = |errors: &FileErrors| errors.0.iter().any(|error| error.key == "script");
    match from_disk(path) {
        Ok(text) if text.contains("script") => model(path, &from_disk).is_err_and(|errors| has_script(&errors)),
        _ => false,
    }
}

/// Whether a file is there and means to be a model, a scenario or a trace.
fn is_meant(path: &str) -> bool {
    Path::new(path).is_file() && (path.ends_with(".toml") || replay::is_trace(path))
}

/// A page without anything but what is wrong with a file, for whoever writes it beside a browser.
fn nothing(path: &str, errors: &FileErrors) -> Opened {
    let mut recording = Recording::new(path, 1);
    recording.notes.extend(errors.0.iter().map(ToString::to_string));
    Opened::Recording(Box::new(recording), Some(errors.to_string()))
}

fn text(path: &str) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| Error::Told(format!("{path}: cannot be read: {error}")))
}

fn beginning(path: &str) -> String {
    let mut begin = [0; 64];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin)).unwrap_or(0);
    String::from_utf8_lossy(&begin[..read]).into_owned()
}

fn is_capture(path: &str) -> bool {
    let mut begin = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut begin)).is_ok() && CAPTURES.contains(&begin)
}

/// Captures are audited.
fn captures(paths: &[String]) -> Result<Opened, Error> {
    let inputs: Vec<Input> = paths.iter().map(|path| Input::Path(path.into())).collect();
    let settings = Settings { timeline: true, ..Settings::default() };
    let report = dhcpfo_audit::audit(&inputs, &settings).map_err(|error| Error::Told(error.to_string()))?;
    let recording = audited::recording(&paths.join(", "), &report.document(true)).map_err(Error::Told)?;
    Ok(Opened::Recording(Box::new(recording), None))
}

/// What `--json` wrote: an audit, failures of random runs, or a counterexample of a search.
fn document(path: &str) -> Result<Opened, Error> {
    let Some(paper) = paper(path)? else { return Err(nothing_refuted(path)) };
    if let Paper::Audit(audit) = &paper {
        return Ok(Opened::Recording(Box::new(audited::recording(path, audit).map_err(Error::Told)?), None));
    }
    Ok(Opened::Path(Box::new(Source::of_scenario(&failure(path, &paper)?)?)))
}

/// What `--json` wrote; None: some other document.
pub(crate) fn paper(path: &str) -> Result<Option<Paper>, Error> {
    let document: Value = serde_json::from_str(&text(path)?)
        .map_err(|error| Error::Told(format!("{path}:{}:{}: no JSON: {error}", error.line(), error.column())))?;
    Paper::read(&document).map_err(|problem| Error::Told(format!("{path}: {problem}")))
}

fn nothing_refuted(path: &str) -> Error {
    let accepted = "a document of `audit --json`, of `simulate --json` with a failure, or of `check --json` with a \
                    counterexample would be accepted";
    Error::Told(format!("{path}: nothing is refuted there; {accepted}"))
}

/// The first failure of `simulate --json`, or the first counterexample of `check --json`, as a scenario.
fn failure(path: &str, paper: &Paper) -> Result<ScenarioFile, Error> {
    as_scenario(path, &found(path, paper)?.ok_or_else(|| nothing_refuted(path))?)
}

/// The same, if it is of a model of another protocol than draft-12.
pub(crate) fn other_failure(path: &str) -> Result<Option<Scenario>, Error> {
    if replay::is_trace(path) || !beginning(path).trim_start().starts_with('{') {
        return Ok(None);
    }
    let Some(paper) = paper(path)? else { return Ok(None) };
    let Some(Failure { model, claim, small, path: steps, round }) = found(path, &paper)? else { return Ok(None) };
    let Some(study) = subject::other(model)? else { return Ok(None) };
    let fail = |what: String| Error::Told(format!("{path}: {what}"));
    let timed = (1..).zip(&steps).map(|(number, (at, action))| {
        at.map(|at| (at, *action))
            .ok_or_else(|| fail(format!("\"path\", step {number}: no time, so it cannot be played")))
    });
    let script = script::timed(small, &timed.collect::<Result<Vec<_>, _>>()?, None, round);
    let title = format!("{claim} refuted: {}", study.head().title);
    // No state shows what is not so of a whole run.
    let refutes = if round.is_some() { Vec::new() } else { vec![claim.to_owned()] };
    Ok(Some(Scenario { path: path.to_owned(), title, study, script, refutes }))
}

/// The first failure in a document; None: nothing is refuted there.
fn found<'p>(path: &str, paper: &'p Paper) -> Result<Option<Failure<'p>>, Error> {
    Ok(match paper {
        Paper::Verdicts(verdicts) => verdicts.models.iter().find_map(counterexample),
        Paper::Runs(runs) => runs.models.iter().find_map(of_run),
        Paper::Population(_) => {
            return Err(Error::Told(format!(
                "{path}: a failure of a population is opened as what `dhcpfo simulate --shrink FILE` writes, or as what \
                 `--record FILE` does"
            )));
        }
        Paper::Audit(_) | Paper::Matrix(_) => None,
    })
}

/// A path that violates a claim.
struct Failure<'a> {
    model: &'a str,
    claim: &'a str,
    small: bool,
    /// None: no time is known.
    path: Vec<(Option<Length>, &'a str)>,
    /// Where it goes round for ever.
    round: Option<Round>,
}

fn counterexample(model: &ModelVerdict) -> Option<Failure<'_>> {
    let claim = model.claims.iter().find(|claim| claim.verdict == Fate::Refuted)?;
    let at = |at: &Option<String>| at.as_ref().and_then(|at| at.parse().ok());
    let path = claim.path.iter().flatten().map(|step| (at(&step.at), step.action.as_str())).collect();
    let round = claim.round.map(|round| Round { begins: round.begins, actions: round.actions });
    Some(Failure { model: &model.path, claim: &claim.name, small: false, path, round })
}

fn of_run(model: &ModelRuns) -> Option<Failure<'_>> {
    let shortest = model.failures.iter().min_by_key(|failure| failure.shrunk_to)?;
    let path = shortest.path.iter().map(|step| (Some(Length::seconds(step.at)), step.action.as_str())).collect();
    Some(Failure { model: &model.path, claim: &shortest.claim, small: shortest.small_lengths, path, round: None })
}

fn as_scenario(path: &str, failure: &Failure<'_>) -> Result<ScenarioFile, Error> {
    let fail = |what: String| Error::Told(format!("{path}: {what}"));
    let Failure { model: name, claim, small, path: steps, round } = failure;
    let file = find::models(&[(*name).to_owned()])?.remove(0);
    let known = file.model.claims.iter().find(|known| known.entry.name == *claim);
    let claim = known.ok_or_else(|| fail(format!("{name} does not claim `{claim}`")))?.entry.name;
    let mut timed: Vec<(Length, Action)> = Vec::new();
    for (number, (at, action)) in (1..).zip(steps) {
        let at = at.ok_or_else(|| fail(format!("\"path\", step {number}: no time, so it cannot be played")))?;
        let action = action.parse().map_err(|error| fail(format!("\"path\", step {number}: {error}")))?;
        timed.push((at, action));
    }
    save::as_scenario(&file, *small, &timed, claim, *round)
}
