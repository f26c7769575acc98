//! Models, searched by the program in the copy: what of their claims is refuted, what of their witnesses is reached.

use crate::Options;
use dhcpfo_check::run::{RunOptions, Times, run};
use dhcpfo_files::ModelFile;
use dhcpfo_files::model::{Class, Clock, model};
use dhcpfo_files::twins::twins;
use dhcpfo_simulate::walk::{Bounds, Lengths, shrink, walk};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Duration;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The claim with the shortest counterexample, and its protocol actions.
    pub(crate) refuted: Option<(String, u32)>,
    /// Whether each witness was reached.
    pub(crate) witnesses: BTreeMap<String, bool>,
    /// Everything reachable was seen.
    pub(crate) whole: bool,
    /// States, and edges followed.
    pub(crate) counts: (u64, u64),
}

impl Found {
    /// As one line.
    pub(crate) fn to_line(&self) -> String {
        let claim = self.refuted.as_ref().map(|(claim, length)| format!("{claim}:{length}")).unwrap_or_default();
        let reached: Vec<String> = self.witnesses.iter().map(|(name, reached)| format!("{name}:{reached}")).collect();
        let (states, edges) = self.counts;
        format!("found\t{claim}\t{}\t{}\t{states}\t{edges}", reached.join(","), self.whole)
    }

    /// Back from that line.
    pub(crate) fn of_line(line: &str) -> Option<Found> {
        let mut parts = line.strip_prefix("found\t")?.split('\t');
        let claim =
            parts.next()?.split_once(':').and_then(|(name, length)| Some((name.to_owned(), length.parse().ok()?)));
        let reached = parts.next()?.split(',').filter_map(|part| part.split_once(':'));
        let witnesses = reached.map(|(name, reached)| (name.to_owned(), reached == "true")).collect();
        let whole = parts.next()? == "true";
        let counts = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Found { refuted: claim, witnesses, whole, counts })
    }
}

/// Before the path of a broken model: its twin.
const TWIN: &str = "twin of ";

/// How a model is looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// By random runs. Each of them is one of the search's paths, so what one of them refutes is refuted.
    Random,
    /// By a search.
    Search,
}

impl Job {
    /// As it stands in a plan.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Job::Random => "random",
            Job::Search => "search",
        }
    }
}

/// Does what stands in the plan on standard input, and says of each line what was found.
pub(crate) fn work(options: &Options) -> Result<(), String> {
    let mut loaded: BTreeMap<String, ModelFile> = BTreeMap::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let (word, path) = line.split_once('\t').ok_or("a plan has a word and a model on each line")?;
        if !loaded.contains_key(path) && path.starts_with(TWIN) {
            loaded.extend(all_twins(Path::new("."))?.into_iter().map(|twin| (format!("{TWIN}{}", twin.path), twin)));
        } else if !loaded.contains_key(path) {
            loaded.insert(path.to_owned(), load(path)?);
        }
        let file = loaded.get(path).ok_or_else(|| format!("{path} has no twin of its own"))?;
        let found = if word == Job::Random.word() {
            random(file, options.runs)
        } else {
            search(file, options.states, options.seconds)?
        };
        println!("{}", found.to_line());
        std::io::stdout().flush().map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Random runs of one model. A violation beyond the depth to which the model is searched does not count: nobody has seen
/// that the unchanged rules have none there.
fn random(file: &ModelFile, runs: u64) -> Found {
    let lengths = if file.clock == Clock::TimeoutOrder { Lengths::Either } else { Lengths::Small };
    let refuted = (0..runs).find_map(|seed| {
        let (walk, _) = walk(&file.model, seed, Bounds::default(), lengths, false);
        let claim = walk.violated?;
        let length = shrink(&file.model, &walk.run, claim).steps.len() as u32;
        file.limits.depth.is_none_or(|depth| length <= depth).then(|| (claim.to_owned(), length))
    });
    Found { refuted, ..Found::default() }
}

/// Searches one model within bounds.
fn search(file: &ModelFile, states: u64, seconds: u64) -> Result<Found, String> {
    let options = RunOptions {
        clock: match file.clock {
            Clock::Untimed => Clock::TimeoutOrder,
            clock => clock,
        },
        threads: 1,
        max_depth: file.limits.depth,
        max_states: Some(states),
        max_bytes: Some(1 << 30),
        time_limit: Some(Duration::from_secs(seconds)),
        cancel: None,
        stop_at_first: true,
    };
    let (answer, _) = run(&file.model, &options, &mut |_| {}).map_err(|error| error.to_string())?;
    let real = |times: &Times| !matches!(times, Times::Unrealisable(_));
    let claims = file.model.claims.iter().zip(&answer.claims);
    let refuted = claims.filter_map(|(claim, found)| Some((claim, found.as_ref().filter(|found| real(&found.times))?)));
    let refuted =
        refuted.min_by_key(|(_, found)| found.length).map(|(claim, found)| (claim.entry.name.to_owned(), found.length));
    let witnesses = file.model.witnesses.iter().zip(&answer.witnesses);
    Ok(Found {
        whole: answer.cut_off.is_none() && !answer.overflow && refuted.is_none(),
        refuted,
        witnesses: witnesses.map(|(witness, length)| (witness.entry.name.to_owned(), length.is_some())).collect(),
        counts: (answer.unique, answer.edges),
    })
}

/// The texts of a model and of those that it builds on.
pub(crate) fn texts(tree: &Path, path: &str) -> Result<String, String> {
    let all = RefCell::new(String::new());
    let read = |path: &str| {
        let text = std::fs::read_to_string(tree.join(path))?;
        all.borrow_mut().push_str(&text);
        Ok(text)
    };
    model(path.strip_prefix(TWIN).unwrap_or(path), &read).map_err(|errors| errors.to_string())?;
    Ok(all.into_inner())
}

fn load(path: &str) -> Result<ModelFile, String> {
    model(path, &|path: &str| std::fs::read_to_string(path)).map_err(|errors| errors.to_string())
}

/// The models of class smoke and the twins of the broken ones, by name.
pub(crate) fn smoke_models(tree: &Path) -> Result<Vec<String>, String> {
    let smoke = format!("class = \"{}\"", Class::Smoke.word());
    let is_smoke = |path: &String| {
        let text = std::fs::read_to_string(tree.join(path)).unwrap_or_default();
        text.lines().any(|line| line == smoke)
    };
    let mut paths = files(tree, "models")?;
    paths.retain(is_smoke);
    paths.extend(all_twins(tree)?.into_iter().map(|twin| format!("{TWIN}{}", twin.path)));
    Ok(paths)
}

fn all_twins(tree: &Path) -> Result<Vec<ModelFile>, String> {
    let read = |path: &str| std::fs::read_to_string(tree.join(path));
    let broken = files(tree, "models/broken")?;
    let broken: Result<Vec<_>, _> = broken.iter().map(|path| model(path, &read)).collect();
    Ok(twins(broken.map_err(|errors| errors.to_string())?))
}

/// The model files of a folder, by name.
fn files(tree: &Path, folder: &str) -> Result<Vec<String>, String> {
    let listed = std::fs::read_dir(tree.join(folder)).map_err(|error| error.to_string())?;
    let mut paths = Vec::new();
    for entry in listed {
        let name = entry.map_err(|error| error.to_string())?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".toml") {
            paths.push(format!("{folder}/{name}"));
        }
    }
    paths.sort();
    Ok(paths)
}
