//! `dhcpfo report merge`: the parts of an array job as one document.

use crate::args_simulate::MergeArgs;
use crate::aside;
use crate::exit::{Error, Exit};
use crate::output::line;
use crate::population::{measured, measures};
use dhcpfo_documents::paper::Paper;
use dhcpfo_documents::population::{Point, Population};
use dhcpfo_documents::runs::{End, ModelRuns, Runs, Shard};
use serde_json::Value;
use std::path::Path;

/// Carries out the verb.
pub(crate) fn merge(args: &MergeArgs) -> Result<Exit, Error> {
    let mut parts = args.parts.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    parts.sort_by_key(|part| part.shard.number);
    complete(&parts)?;
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else { return Err(Error::words("no parts")) };
    let rest = parts.collect::<Vec<_>>();
    let (text, exit) = match first.document {
        Document::Runs(whole) => of_models(whole, rest)?,
        Document::Population(whole) => of_population(whole, rest)?,
    };
    line(&text);
    Ok(exit)
}

/// What a part has.
enum Document {
    Runs(Runs),
    Population(Population),
}

struct Part<'a> {
    path: &'a Path,
    shard: Shard,
    document: Document,
}

fn read(path: &Path) -> Result<Part<'_>, Error> {
    let fail = |problem: String| Error::words(format!("{}: {problem}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| fail(format!("cannot be read: {error}")))?;
    let document: Value = serde_json::from_str(&text).map_err(|error| {
        fail(format!("line {}: {error}; what `dhcpfo simulate --shard K/N --json` prints is meant", error.line()))
    })?;
    let (shard, document) = match Paper::read(&document).map_err(fail)? {
        Some(Paper::Runs(runs)) => (runs.models.first().and_then(|model| model.shard), Document::Runs(runs)),
        Some(Paper::Population(population)) => {
            (population.points.first().and_then(|point| point.shard), Document::Population(population))
        }
        _ => return Err(fail("names no part; what `dhcpfo simulate --shard K/N --json` prints is meant".to_owned())),
    };
    match shard {
        Some(shard) => Ok(Part { path, shard, document }),
        None => Err(fail("names no part; what `dhcpfo simulate --shard K/N --json` prints is meant".to_owned())),
    }
}

fn complete(parts: &[Part<'_>]) -> Result<(), Error> {
    let of = parts.first().map_or(0, |part| part.shard.of);
    for (number, part) in (1..).zip(parts) {
        let (path, shard) = (part.path.display(), part.shard);
        if shard.of != of {
            return Err(Error::words(format!("{path}: is a part of {}, others are of {of}", shard.of)));
        }
        if shard.number != number {
            let problem = if shard.number < number { "is there twice" } else { "is not the next" };
            return Err(Error::words(format!(
                "{path}: part {}/{of} {problem}; part {number}/{of} is missing",
                shard.number
            )));
        }
    }
    match parts.len() as u64 == of {
        true => Ok(()),
        false => Err(Error::words(format!("part {}/{of} is missing", parts.len() + 1))),
    }
}

fn other(path: &Path) -> Error {
    Error::words(format!("{}: is not about the same files and settings", path.display()))
}

fn worst(exits: &[Exit]) -> Exit {
    let exit = [Exit::Unexpected, Exit::CutOff].into_iter().find(|exit| exits.contains(exit));
    exit.unwrap_or(Exit::Expected)
}

// ---- runs of models ---------------------------------------------------------------------------------------------

fn of_models(mut whole: Runs, parts: Vec<Part<'_>>) -> Result<(String, Exit), Error> {
    for Part { path, document, .. } in parts {
        let Document::Runs(part) = document else { return Err(other(path)) };
        if part.models.len() != whole.models.len() {
            return Err(other(path));
        }
        for (mine, theirs) in whole.models.iter_mut().zip(part.models) {
            if mine.path != theirs.path {
                return Err(other(path));
            }
            add_model(mine, theirs);
        }
    }
    for model in &mut whole.models {
        (model.shard, model.seconds) = (None, None);
        model.failures.sort_by_key(|failure| failure.seed);
    }
    let exit = |model: &ModelRuns| match (model.as_expected, model.failures.is_empty() && model.disagreement.is_none())
    {
        (true, _) => Exit::Expected,
        (false, false) => Exit::Unexpected,
        (false, true) => Exit::CutOff,
    };
    let exit = worst(&whole.models.iter().map(exit).collect::<Vec<_>>());
    whole.exit = exit as u8;
    Ok((dhcpfo_documents::pretty(&whole), exit))
}

fn add_model(mine: &mut ModelRuns, mut theirs: ModelRuns) {
    mine.as_expected = as_expected(mine, &theirs);
    mine.runs += theirs.runs;
    mine.actions += theirs.actions;
    mine.virtual_seconds += theirs.virtual_seconds;
    mine.failures.append(&mut theirs.failures);
    mine.end = mine.end.max(theirs.end);
    // The first by its seed, as one run of all would have it.
    let both = [mine.disagreement.take(), theirs.disagreement];
    mine.disagreement = both.into_iter().flatten().min_by_key(|one| one.seed);
}

/// Whether what was found of a model is as expected, by the failure that shrank most, as in one run of all. `mine` and
/// `theirs` before they are put together.
fn as_expected(mine: &ModelRuns, theirs: &ModelRuns) -> bool {
    let shortest = |model: &ModelRuns| model.failures.iter().map(|failure| (failure.shrunk_to, failure.seed)).min();
    if mine.disagreement.is_some() || theirs.disagreement.is_some() {
        return false;
    }
    match (shortest(mine), shortest(theirs)) {
        (None, None) => mine.as_expected && theirs.as_expected,
        (Some(_), None) => mine.as_expected,
        (None, Some(_)) => theirs.as_expected,
        (Some(a), Some(b)) => (if a <= b { mine } else { theirs }).as_expected,
    }
}

// ---- runs of a population ---------------------------------------------------------------------------------------

fn of_population(mut whole: Population, parts: Vec<Part<'_>>) -> Result<(String, Exit), Error> {
    for Part { path, document, .. } in parts {
        let Document::Population(part) = document else { return Err(other(path)) };
        if part.path != whole.path || part.points.len() != whole.points.len() {
            return Err(other(path));
        }
        for (mine, theirs) in whole.points.iter_mut().zip(part.points) {
            if mine.at != theirs.at {
                return Err(other(path));
            }
            add_point(mine, theirs).ok_or_else(|| other(path))?;
        }
    }
    for point in &mut whole.points {
        (point.shard, point.seconds) = (None, None);
        point.failures.sort_by_key(|failure| failure.seed);
    }
    let exit = |point: &Point| {
        let aside = !point.put_aside_is_expected && !point.put_aside.is_empty();
        match (aside || !point.failures.is_empty(), point.end == End::Interrupted) {
            (true, _) => Exit::Unexpected,
            (false, true) => Exit::CutOff,
            (false, false) => Exit::Expected,
        }
    };
    let exit = worst(&whole.points.iter().map(exit).collect::<Vec<_>>());
    whole.exit = exit as u8;
    Ok((dhcpfo_documents::pretty(&whole), exit))
}

/// None: they do not have the same measures.
fn add_point(mine: &mut Point, mut theirs: Point) -> Option<()> {
    let mut sum = measures(mine)?;
    sum.merge(&measures(&theirs)?);
    mine.runs += theirs.runs;
    mine.interrupted_runs += theirs.interrupted_runs;
    measured(mine, &sum);
    aside::merge(mine, &theirs);
    mine.failures.append(&mut theirs.failures);
    mine.end = mine.end.max(theirs.end);
    Some(())
}
