//! `dhcpfo report merge`: the parts of an array job as one document.

use crate::args_simulate::MergeArgs;
use crate::aside;
use crate::exit::{Error, Exit};
use crate::output::line;
use crate::population::{measured, measures};
use dhcpfo_report::papers::Kind;
use serde_json::{Value, json};
use std::path::Path;

/// Counts of models that are added up.
const SUMS: [&str; 4] = ["runs", "interrupted-runs", "actions", "virtual-seconds"];

/// Why a part ended, the worst last.
const ENDS: [&str; 4] = ["done", "failed", "time", "interrupted"];

/// Carries out the verb.
pub(crate) fn merge(args: &MergeArgs) -> Result<Exit, Error> {
    let mut parts = args.parts.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    parts.sort_by_key(|part| part.number);
    complete(&parts)?;
    let Some((first, rest)) = parts.split_first() else { return Err(Error::words("no parts")) };
    let mut whole = first.document.clone();
    for part in rest {
        add(&mut whole, part)?;
    }
    for entry in entries(&mut whole) {
        entry["shard"] = Value::Null;
        if let Some(object) = entry.as_object_mut() {
            object.remove("seconds");
        }
        if let Some(failures) = entry["failures"].as_array_mut() {
            failures.sort_by_key(|failure| failure["seed"].as_u64());
        }
    }
    let exits: Vec<Exit> = entries(&mut whole).into_iter().map(|entry| exit_of(entry)).collect();
    let exit = [Exit::Unexpected, Exit::CutOff].into_iter().find(|exit| exits.contains(exit));
    let exit = exit.unwrap_or(Exit::Expected);
    whole["exit"] = json!(exit as u8);
    line(&format!("{whole:#}"));
    Ok(exit)
}

struct Part<'a> {
    path: &'a Path,
    number: u64,
    of: u64,
    document: Value,
}

fn read(path: &Path) -> Result<Part<'_>, Error> {
    let fail = |problem: String| Error::words(format!("{}: {problem}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| fail(format!("cannot be read: {error}")))?;
    let mut document: Value = serde_json::from_str(&text).map_err(|error| {
        fail(format!("line {}: {error}; what `dhcpfo simulate --shard K/N --json` prints is meant", error.line()))
    })?;
    let of = Kind::Simulation.format().accept(document["version"].as_u64(), document["tool"].as_str());
    of.map_err(fail)?;
    let shard = entries(&mut document).first().map(|entry| entry["shard"].clone()).unwrap_or_default();
    match (shard["number"].as_u64(), shard["of"].as_u64()) {
        (Some(number), Some(of)) => Ok(Part { path, number, of, document }),
        _ => Err(fail("names no part; what `dhcpfo simulate --shard K/N --json` prints is meant".to_owned())),
    }
}

/// The models of a document, or the points of a sweep.
fn entries(document: &mut Value) -> Vec<&mut Value> {
    let key = if document.get("models").is_some() { "models" } else { "points" };
    document.get_mut(key).and_then(Value::as_array_mut).map(|list| list.iter_mut().collect()).unwrap_or_default()
}

fn complete(parts: &[Part<'_>]) -> Result<(), Error> {
    let of = parts.first().map_or(0, |part| part.of);
    for (number, part) in (1..).zip(parts) {
        let path = part.path.display();
        if part.of != of {
            return Err(Error::words(format!("{path}: is a part of {}, others are of {of}", part.of)));
        }
        if part.number != number {
            let problem = if part.number < number { "is there twice" } else { "is not the next" };
            return Err(Error::words(format!(
                "{path}: part {}/{of} {problem}; part {number}/{of} is missing",
                part.number
            )));
        }
    }
    match parts.len() as u64 == of {
        true => Ok(()),
        false => Err(Error::words(format!("part {}/{of} is missing", parts.len() + 1))),
    }
}

/// What one model, or one point of a sweep, comes to.
fn exit_of(entry: &Value) -> Exit {
    let aside = entry["put-aside-is-expected"] == false && !is_empty(&entry["put-aside"]);
    let found = !is_empty(&entry["failures"]) || !entry["disagreement"].is_null() || aside;
    let as_expected = entry["as-expected"].as_bool().unwrap_or(!found && entry["end"] != "interrupted");
    match (as_expected, found) {
        (true, _) => Exit::Expected,
        (false, true) => Exit::Unexpected,
        (false, false) => Exit::CutOff,
    }
}

fn is_empty(list: &Value) -> bool {
    list.as_array().is_none_or(Vec::is_empty)
}

/// Whether what was found of a model is as expected, by the failure that shrank most, as in one run of all. `mine` and
/// `theirs` before they are put together.
fn as_expected(mine: &Value, theirs: &Value) -> bool {
    let shortest = |entry: &Value| {
        let failures = entry["failures"].as_array()?.iter();
        failures.filter_map(|failure| Some((failure["shrunk-to"].as_u64()?, failure["seed"].as_u64()?))).min()
    };
    let says = |entry: &Value| entry["as-expected"] == true;
    if !mine["disagreement"].is_null() || !theirs["disagreement"].is_null() {
        return false;
    }
    match (shortest(mine), shortest(theirs)) {
        (None, None) => says(mine) && says(theirs),
        (Some(_), None) => says(mine),
        (None, Some(_)) => says(theirs),
        (Some(a), Some(b)) => says(if a <= b { mine } else { theirs }),
    }
}

fn add(whole: &mut Value, part: &Part<'_>) -> Result<(), Error> {
    let other = || Error::words(format!("{}: is not about the same files and settings", part.path.display()));
    let mut document = part.document.clone();
    let mut theirs = entries(&mut document);
    let mut mine = entries(whole);
    if mine.len() != theirs.len() {
        return Err(other());
    }
    for (mine, theirs) in mine.iter_mut().zip(theirs.iter_mut()) {
        if mine["path"] != theirs["path"] || mine["at"] != theirs["at"] {
            return Err(other());
        }
        if mine.get("as-expected").is_some() {
            mine["as-expected"] = json!(as_expected(mine, theirs));
        }
        for key in SUMS {
            if let (Some(a), Some(b)) = (mine[key].as_u64(), theirs[key].as_u64()) {
                mine[key] = json!(a + b);
            }
        }
        if mine.get("counts").is_some() {
            let (Some(mut sum), Some(more)) = (measures(mine), measures(theirs)) else { return Err(other()) };
            sum.merge(&more);
            measured(mine, &sum);
            if !aside::merge(mine, theirs) {
                return Err(other());
            }
        }
        if let (Some(mine), Some(theirs)) = (mine["failures"].as_array_mut(), theirs["failures"].as_array_mut()) {
            mine.append(theirs);
        }
        let place = |end: &Value| ENDS.iter().position(|word| end == word);
        if place(&theirs["end"]) > place(&mine["end"]) {
            mine["end"] = theirs["end"].take();
        }
        // The first by its seed, as one run of all would have it.
        let seed = |disagreement: &Value| disagreement["seed"].as_u64().unwrap_or(u64::MAX);
        if mine.get("disagreement").is_some() && seed(&theirs["disagreement"]) < seed(&mine["disagreement"]) {
            mine["disagreement"] = theirs["disagreement"].take();
        }
    }
    Ok(())
}
