//! Judging: each mutant goes through the models, likely ones first, until one of them notices.

use crate::Options;
use crate::copy::Built;
use crate::one::{self, Found, Job};
use crate::report::{Fate, Mutant, Results};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How far a search of the unchanged rules goes at least, to see which mutants a model asks for.
const LEAST_STATES: u64 = 60_000;

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
                    // A poisoned lock means that another thread panicked, which the scope reports.
                    let order = results.lock().map(|known| likely_first(&models, id, &known)).unwrap_or_default();
                    let fate = judge(built, &order, id, options);
                    let line = format!("{id}\t{}\n", fate.to_line());
                    eprint!("{line}");
                    if options.states == 0 && !fate.is_kill() {
                        continue;
                    }
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
    let file = built.results.with_file_name("unchanged.tsv");
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    let rules = sources(&built.tree.join("src/engine"))? + &sources(&built.tree.join("properties"))?;
    let mut models = Vec::new();
    for path in paths {
        let key = key(built, &path, &rules, options)?;
        let cached = known.lines().filter_map(|line| line.split_once('\t')).find(|(known, _)| *known == key);
        let (unchanged, asked) = match cached.and_then(|(_, rest)| Some((Found::of_line(rest)?, asked_of(rest)))) {
            Some(found) => found,
            None => {
                let (found, asked) = check_unchanged(built, &path, options)?;
                // Not kept: the claim may be mended.
                if let Some((claim, length)) = found.refuted {
                    return Err(format!("{path}: {claim} is refuted in {length} by the unchanged rules"));
                }
                let numbers: Vec<String> = asked.iter().map(u32::to_string).collect();
                let line = format!("{key}\t{}\t{}\n", found.to_line(), numbers.join(","));
                let keep = std::fs::OpenOptions::new().create(true).append(true).open(&file);
                keep.and_then(|mut keep| keep.write_all(line.as_bytes())).map_err(|error| error.to_string())?;
                (found, asked)
            }
        };
        models.push(Bench { path, unchanged, asked });
    }
    models.sort_by_key(|model| model.unchanged.counts);
    Ok(models)
}

/// What the answer of the unchanged rules depends on: the model, the rules, the claims, the bounds.
fn key(built: &Built, path: &str, rules: &str, options: &Options) -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    (one::texts(&built.tree, path)?, rules, options.states.max(LEAST_STATES)).hash(&mut hasher);
    Ok(format!("{:016x} {path}", hasher.finish()))
}

/// All sources in a folder and below it.
fn sources(folder: &Path) -> Result<String, String> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).map_err(|error| error.to_string())?.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::path);
    let mut text = String::new();
    for path in entries.iter().map(std::fs::DirEntry::path) {
        if path.is_dir() {
            text += &sources(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        }
    }
    Ok(text)
}

fn asked_of(line: &str) -> HashSet<u32> {
    let numbers = line.rsplit('\t').next().unwrap_or_default();
    numbers.split(',').filter_map(|number| number.parse().ok()).collect()
}

/// What noticed mutants with numbers near this one comes first, for those are in the same place; then the others by their
/// size.
fn likely_first<'a>(models: &'a [Bench], id: u32, known: &Results) -> Vec<&'a Bench> {
    let mut near: BTreeMap<&str, u32> = BTreeMap::new();
    for (other, fate) in known {
        if let Fate::Claim(_, model) | Fate::Witness(_, model) = fate {
            let distance = other.abs_diff(id);
            near.entry(model).and_modify(|least| *least = distance.min(*least)).or_insert(distance);
        }
    }
    let mut order: Vec<&Bench> = models.iter().filter(|model| model.asked.contains(&id)).collect();
    order.sort_by_key(|model| near.get(model.path.as_str()).copied().filter(|distance| *distance < 6).unwrap_or(6));
    order
}

/// Random runs of all models first, for they are cheap; then the searches. In a process of its own.
fn judge(built: &Built, models: &[&Bench], id: u32, options: &Options) -> Fate {
    if models.is_empty() {
        return Fate::NotAsked;
    }
    let random = models.iter().filter(|_| options.runs > 0).map(|model| (*model, Job::Random));
    let searches = models.iter().filter(|_| options.states > 0).map(|model| (*model, Job::Search));
    let plan: Vec<(&Bench, Job)> = random.chain(searches).collect();
    let (mut fate, mut next) = (Fate::Unnoticed, 0);
    while next < plan.len() {
        let Ok(mut process) = start(built, id, &plan[next..], options) else { return fate };
        let lines = process.stdout.take().map(|out| BufReader::new(out).lines());
        for line in lines.into_iter().flatten().map_while(Result::ok) {
            let (model, Some(found)) = (plan[next].0, Found::of_line(&line)) else { continue };
            next += 1;
            if let Some(kill) = noticed(model, &found) {
                end(&mut process);
                return kill;
            }
            let moved = found.counts != model.unchanged.counts;
            if fate == Fate::Unnoticed && moved && found.whole && model.unchanged.whole {
                fate = Fate::Count(model.path.clone());
            }
            if next == plan.len() {
                break;
            }
        }
        end(&mut process);
        if next < plan.len() {
            fate = Fate::Crash(plan[next].0.path.clone());
            next += 1;
        }
    }
    fate
}

fn noticed(model: &Bench, found: &Found) -> Option<Fate> {
    if let Some((claim, length)) = &found.refuted {
        return Some(Fate::Claim(format!("{claim} in {length}"), model.path.clone()));
    }
    lost_witness(found, &model.unchanged).map(|witness| Fate::Witness(witness, model.path.clone()))
}

/// A witness that the unchanged rules reach and these do not, though everything was seen.
fn lost_witness(found: &Found, unchanged: &Found) -> Option<String> {
    let lost = |(name, reached): &(&String, &bool)| **reached && found.witnesses.get(*name) == Some(&false);
    unchanged.witnesses.iter().find(lost).filter(|_| found.whole).map(|(name, _)| name.clone())
}

/// Starts the program with this mutant, and this plan.
fn start(built: &Built, id: u32, plan: &[(&Bench, Job)], options: &Options) -> std::io::Result<Child> {
    let mut text = String::new();
    for (model, job) in plan {
        let _ = writeln!(text, "{}\t{}", job.word(), model.path);
    }
    let mut process = command(built, id, options).stderr(Stdio::null()).spawn()?;
    if let Some(mut input) = process.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    Ok(process)
}

fn end(process: &mut Child) {
    process.kill().ok();
    process.wait().ok();
}

fn command(built: &Built, id: u32, options: &Options) -> Command {
    let mut command = Command::new(&built.program);
    command.current_dir(&built.tree).env("DHCPFO_MUTANT", id.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
    for (option, value) in [("--states", options.states), ("--seconds", options.seconds), ("--runs", options.runs)] {
        command.args([option, &value.to_string()]);
    }
    command.arg("--work");
    command
}

/// Random runs and the search of a model with the unchanged rules, and which mutants they ask for.
fn check_unchanged(built: &Built, path: &str, options: &Options) -> Result<(Found, HashSet<u32>), String> {
    // Random runs alone ask for less than a search does.
    let options = &Options { states: options.states.max(LEAST_STATES), ..options.clone() };
    let start = || -> std::io::Result<Child> {
        let mut process = command(built, 0, options).stderr(Stdio::piped()).spawn()?;
        if let Some(mut input) = process.stdin.take() {
            input.write_all(format!("{}\t{path}\n{}\t{path}\n", Job::Random.word(), Job::Search.word()).as_bytes())?;
        }
        Ok(process)
    };
    let run = start().and_then(Child::wait_with_output).map_err(|error| error.to_string())?;
    let (text, errors) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    let asked = errors.lines().filter_map(|line| line.strip_prefix("asked\t")?.parse().ok()).collect();
    let both: Vec<Found> = text.lines().filter_map(Found::of_line).collect();
    let refuted = both.iter().find(|found| found.refuted.is_some()).or(both.get(1));
    let found = refuted.cloned().ok_or_else(|| format!("{path}: {errors}"))?;
    Ok((found, asked))
}
