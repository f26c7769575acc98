//! `dhcpfo report merge`: the parts of an array job as one document.

use crate::args_simulate::MergeArgs;
use crate::exit::{Error, Exit};
use crate::output::line;
use crate::population::{measured, measures};
use serde_json::{Value, json};
use std::path::Path;

/// Counts of models that are added up.
const SUMS: [&str; 3] = ["runs", "actions", "virtual-seconds"];

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
    let exits: Vec<u64> = parts.iter().filter_map(|part| part.document["exit"].as_u64()).collect();
    let failed = exits.contains(&1);
    // Of parts in which something should be found, one that finds it is enough.
    let exit = match (failed, exits.contains(&3), exits.contains(&0)) {
        (true, _, _) => Exit::Unexpected,
        (false, true, false) => Exit::CutOff,
        (false, true, true) if is_interrupted(&parts) => Exit::CutOff,
        _ => Exit::Expected,
    };
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

fn is_interrupted(parts: &[Part<'_>]) -> bool {
    parts.iter().any(|part| part.document.to_string().contains("\"end\":\"interrupted\""))
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
        for key in SUMS {
            if let (Some(a), Some(b)) = (mine[key].as_u64(), theirs[key].as_u64()) {
                mine[key] = json!(a + b);
            }
        }
        if mine.get("counts").is_some() {
            let (Some(mut sum), Some(more)) = (measures(mine), measures(theirs)) else { return Err(other()) };
            sum.merge(&more);
            measured(mine, &sum);
        }
        if let (Some(mine), Some(theirs)) = (mine["failures"].as_array_mut(), theirs["failures"].as_array_mut()) {
            mine.append(theirs);
        }
        if mine.get("as-expected").is_some() {
            let as_expected = mine["as-expected"] == true || theirs["as-expected"] == true;
            mine["as-expected"] = json!(as_expected);
        }
    }
    Ok(())
}
