//! Judging: each mutant goes through the models, small ones first, until one of them notices.

use crate::Options;
use crate::copy::Built;
use crate::one::{self, Found};
use crate::report::{Fate, Mutant, Results};
use std::collections::HashSet;
use std::io::Write;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A model, with what the unchanged rules make of it within the bounds.
struct Bench {
    path: String,
    unchanged: Found,
    /// The mutants that its search asks for. With any other it is the same search.
    asked: HashSet<u32>,
}

/// Judges what is asked for, and adds it to what was judged before.
pub(crate) fn judge_all(built: &Built, catalogue: &[Mutant], options: &Options) -> Result<Results, String> {
    if options.again {
        std::fs::remove_file(&built.results).ok();
    }
    let done = read(built);
    let drifted: Vec<u32> = built.drifted.iter().flat_map(|(place, _)| place.mutants()).collect();
    let wanted = |id: u32| options.only.as_ref().is_none_or(|only| only.contains(&id));
    let open: Vec<u32> = catalogue.iter().map(|mutant| mutant.id).collect();
    let open: Vec<u32> =
        open.into_iter().filter(|id| wanted(*id) && !drifted.contains(id) && !done.contains_key(id)).collect();
    if open.is_empty() {
        return Ok(done);
    }
    let models = models(built, options)?;
    let (next, results) = (AtomicUsize::new(0), Mutex::new(done));
    let keep = std::fs::OpenOptions::new().create(true).append(true).open(&built.results);
    let keep = Mutex::new(keep.map_err(|error| format!("{}: {error}", built.results.display()))?);
    std::thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                while let Some(&id) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let fate = judge(built, &models, id, options);
                    let line = format!("{id}\t{}\n", fate.to_line());
                    eprint!("{line}");
                    // A poisoned lock means that another thread panicked, which the scope reports.
                    if let Ok(mut keep) = keep.lock() {
                        keep.write_all(line.as_bytes()).ok();
                    }
                    if let Ok(mut results) = results.lock() {
                        results.insert(id, fate);
                    }
                }
            });
        }
    });
    results.into_inner().map_err(|_| "a thread panicked".to_owned())
}

fn read(built: &Built) -> Results {
    let text = std::fs::read_to_string(&built.results).unwrap_or_default();
    let parse = |line: &str| {
        let (id, rest) = line.split_once('\t')?;
        Some((id.parse().ok()?, Fate::of_line(rest)?))
    };
    text.lines().filter_map(parse).collect()
}

/// The models in the order of their size, with what the unchanged rules make of them.
fn models(built: &Built, options: &Options) -> Result<Vec<Bench>, String> {
    let paths = if options.models.is_empty() { one::smoke_models(&built.tree)? } else { options.models.clone() };
    let mut models = Vec::new();
    for path in paths {
        let (unchanged, asked) = check(built, 0, &path, options)?;
        if let Some((claim, length)) = unchanged.refuted {
            return Err(format!("{path}: {claim} is refuted in {length} by the unchanged rules"));
        }
        models.push(Bench { path, unchanged, asked });
    }
    models.sort_by_key(|model| model.unchanged.counts);
    Ok(models)
}

fn judge(built: &Built, models: &[Bench], id: u32, options: &Options) -> Fate {
    let mut fate = Fate::NotAsked;
    for model in models.iter().filter(|model| model.asked.contains(&id)) {
        if fate == Fate::NotAsked {
            fate = Fate::Unnoticed;
        }
        let Ok((found, _)) = check(built, id, &model.path, options) else {
            fate = Fate::Crash(model.path.clone());
            continue;
        };
        if let Some((claim, length)) = found.refuted {
            return Fate::Claim(format!("{claim} in {length}"), model.path.clone());
        }
        if let Some(witness) = lost_witness(&found, &model.unchanged) {
            return Fate::Witness(witness, model.path.clone());
        }
        let moved = found.counts != model.unchanged.counts;
        if fate == Fate::Unnoticed && moved && found.whole && model.unchanged.whole {
            fate = Fate::Count(model.path.clone());
        }
    }
    fate
}

/// A witness that the unchanged rules reach and these do not, though everything was seen.
fn lost_witness(found: &Found, unchanged: &Found) -> Option<String> {
    let lost = |(name, reached): &(&String, &bool)| **reached && found.witnesses.get(*name) == Some(&false);
    unchanged.witnesses.iter().find(lost).filter(|_| found.whole).map(|(name, _)| name.clone())
}

/// Searches a model with this mutant, in a process of its own; with the unchanged rules also says which mutants it asks for.
fn check(built: &Built, id: u32, path: &str, options: &Options) -> Result<(Found, HashSet<u32>), String> {
    let run = Command::new(&built.program)
        .current_dir(&built.tree)
        .env("DHCPFO_MUTANT", id.to_string())
        .args(["--one", path, "--states", &options.states.to_string(), "--seconds", &options.seconds.to_string()])
        .output()
        .map_err(|error| error.to_string())?;
    let (text, errors) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    let asked = errors.lines().filter_map(|line| line.strip_prefix("asked\t")?.parse().ok()).collect();
    let found = text.lines().find_map(Found::of_line).ok_or_else(|| format!("{path}: {errors}"))?;
    Ok((found, asked))
}
