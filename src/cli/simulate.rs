//! `dhcpfo simulate`: random runs of models.

use crate::args_simulate::SimulateArgs;
use crate::counterexample::clock;
use crate::exit::{Error, Exit};
use crate::find::subjects;
use crate::output::shell_word;
use crate::output::{self, grouped, line};
use crate::progress::{self, Meter};
use crate::runs::{end_word, shard, threads};
use crate::subject::{Kind, Subject};
use crate::{population, save, script};
use dhcpfo_documents::TOOL;
use dhcpfo_documents::runs as document;
use dhcpfo_files::from_disk;
use dhcpfo_files::model::Expect;
use dhcpfo_files::simulation::is_simulation;
use dhcpfo_simulate::swarm::{End, Plan};
use dhcpfo_simulate::walk::{self, Bounds, Lengths};
use dhcpfo_study::random::{Bag, Failure, Hunt, Steps, Tally};
use dhcpfo_world::play::Length;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Runs of a file where nothing else is said.
const RUNS: u64 = 10_000;

/// A model in which runs were carried out.
struct Hunted<'a> {
    subject: &'a Subject,
    bag: Bag,
    /// The first run that did what no search allows, with its seed.
    disagreement: Option<(u64, String)>,
    end: End,
}

/// What the runs say of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Refuted,
    NotRefuted,
    Disagreement,
}

impl Hunted<'_> {
    fn verdict(&self) -> Verdict {
        match (&self.disagreement, self.bag.failures.is_empty()) {
            (Some(_), _) => Verdict::Disagreement,
            (None, false) => Verdict::Refuted,
            (None, true) => Verdict::NotRefuted,
        }
    }

    fn exit(&self) -> Exit {
        let claim = self.bag.shortest().map(|failure| failure.claim);
        match (self.verdict(), self.subject.head.expect) {
            (Verdict::Disagreement, _) => Exit::Unexpected,
            (Verdict::Refuted, Expect::Refuted { claim: expected, .. }) if claim == Some(expected) => Exit::Expected,
            (Verdict::Refuted, _) => Exit::Unexpected,
            (Verdict::NotRefuted, Expect::Refuted { .. }) => Exit::CutOff,
            (Verdict::NotRefuted, _) if self.end == End::Cancelled => Exit::CutOff,
            (Verdict::NotRefuted, _) => Exit::Expected,
        }
    }
}

/// Carries out the verb.
pub(crate) fn simulate(args: &SimulateArgs) -> Result<Exit, Error> {
    let (populations, models): (Vec<String>, Vec<String>) =
        args.files.iter().cloned().partition(|path| is_simulation(path, &from_disk));
    if !populations.is_empty() {
        if !models.is_empty() {
            return Err(Error::words("models and simulation files cannot be given together"));
        }
        return population::simulate(&populations, args);
    }
    let files = subjects(&models)?;
    if let Some(option) = args.only_for_populations() {
        return Err(Error::words(format!("{option} goes with simulation files; these are models")));
    }
    if let (true, Some(other)) = (args.refine, files.iter().find(|file| file.own().is_err())) {
        return Err(Error::Told(format!("{}: --refine goes with models of draft-12 only", other.head.path)));
    }
    if args.shrink.is_some() && files.len() != 1 {
        return Err(Error::words(format!("--shrink goes with one model, not with {}", files.len())));
    }
    for path in args.shrink.iter().chain(&args.markdown) {
        output::probe(path)?;
    }
    let cancel = progress::listen_for_ctrl_c();
    let threads = threads(args)?;
    let width = files.iter().map(|file| file.head.path.chars().count()).max().unwrap_or(0);
    let mut all = Vec::new();
    for file in &files {
        if progress::is_cancelled() {
            break;
        }
        let one = threads.install(|| hunted(file, args, cancel));
        if !args.json {
            report(&one, args, width, files.len() == 1)?;
        }
        all.push(one);
    }
    let exit = worst(&all, files.len());
    if args.json {
        let models = all.iter().map(|one| document(one, args)).collect();
        let (version, tool) = (document::FORMAT.version, TOOL.to_owned());
        line(&dhcpfo_documents::pretty(&document::Runs { version, tool, exit: exit as u8, models }));
    }
    if let Some(path) = &args.markdown {
        output::write(path, &markdown(&all, args.no_times))?;
    }
    if let (Some(path), Some(one)) = (&args.shrink, all.first()) {
        match one.bag.shortest() {
            Some(failure) => save_failure(path, one.subject, failure)?,
            None => eprintln!("dhcpfo: nothing is refuted, so {} is not written", path.display()),
        }
    }
    Ok(exit)
}

fn hunted<'a>(subject: &'a Subject, args: &SimulateArgs, cancel: &'static AtomicBool) -> Hunted<'a> {
    let runs = args.runs.unwrap_or(if args.time_budget.is_some() { u64::MAX } else { RUNS });
    let shard = args.shard.map_or((0, 1), |shard| (shard.number - 1, shard.of));
    let time_budget = args.time_budget.map(Duration::from_secs);
    let plan = Plan { shard, time_budget, cancel: Some(cancel), ..Plan::new(args.seed, runs) };
    let until = args.until.map_or(Bounds::default().until, |until| until.whole());
    let meter = Meter::new(&subject.head.path);
    let mut watch = |tally: &Tally| {
        let Tally { runs, actions, virtual_seconds, failed, elapsed } = *tally;
        if runs.is_multiple_of(256) {
            let rate = grouped((actions as f64 / elapsed.as_secs_f64().max(1e-9)) as u64);
            let (runs, days) = (grouped(runs), grouped(virtual_seconds / 86_400));
            meter.say(format!("{runs} runs, {days} days, {rate}/s, {failed} failed"));
        }
    };
    match &subject.kind {
        Kind::Draft(file) => {
            let hunt = walk::Hunt {
                plan,
                bounds: Bounds { actions: args.actions, until },
                lengths: if args.refine { Lengths::Small } else { Lengths::Either },
                follow: args.refine,
                failures: args.failures,
            };
            let (bag, parted, end) = walk::hunt(&file.model, &hunt, &mut watch);
            let disagreement = parted.map(|(seed, what)| (seed, what.to_string()));
            Hunted { subject, bag: bag.in_text(), disagreement, end }
        }
        Kind::Study(study) => {
            let hunt = Hunt { plan, actions: args.actions, until, failures: args.failures };
            let (bag, end) = study.random(&hunt, &mut watch);
            Hunted { subject, bag, disagreement: None, end }
        }
    }
}

/// The worst of what came out.
fn worst(all: &[Hunted<'_>], asked: usize) -> Exit {
    let any = |exit| all.iter().any(|one| one.exit() == exit);
    match (any(Exit::Unexpected), any(Exit::CutOff) || all.len() < asked) {
        (true, _) => Exit::Unexpected,
        (false, true) => Exit::CutOff,
        (false, false) => Exit::Expected,
    }
}

fn report(one: &Hunted<'_>, args: &SimulateArgs, width: usize, alone: bool) -> Result<(), Error> {
    let Hunted { subject, bag, disagreement, end } = one;
    let mark = match one.exit() {
        Exit::Expected => "as expected",
        Exit::CutOff if *end == End::Cancelled => "interrupted",
        Exit::CutOff => "not found",
        _ => "NOT AS EXPECTED",
    };
    let found = match (one.verdict(), bag.shortest()) {
        (Verdict::Disagreement, _) => "a step that no search allows".to_owned(),
        (_, Some(failure)) => found(failure),
        _ => "nothing refuted".to_owned(),
    };
    let (runs, actions) = (grouped(bag.tally.runs), grouped(bag.tally.actions));
    let time = if args.no_times { String::new() } else { times(bag) };
    line(&format!("{:width$}  {found:<44}  {runs:>10} runs  {actions:>12} actions{time}  {mark}", subject.head.path));
    if let Some((seed, disagreement)) = disagreement {
        line(&format!("  seed {seed}: {disagreement}"));
        line(&format!("  repeat with: {}", repeat(one, *seed, args)));
    }
    if let Some(failure) = bag.shortest() {
        if alone {
            show(failure);
        }
        if alone || one.exit() != Exit::Expected {
            line(&format!("  repeat with: {}", repeat(one, failure.seed, args)));
        }
    }
    Ok(())
}

fn found(failure: &Failure) -> String {
    let Failure { claim, run, shrunk, seed } = failure;
    format!("{claim} in {} of {} (seed {seed})", shrunk.steps.len(), run.steps.len())
}

fn times(bag: &Bag) -> String {
    let rate = bag.tally.actions as f64 / bag.tally.elapsed.as_secs_f64().max(1e-9);
    format!("  {:>8.2} s  {:>9}/s", bag.tally.elapsed.as_secs_f64(), grouped(rate as u64))
}

/// What a failure shrank to, line by line.
fn show(failure: &Failure) {
    let script = &failure.shrunk;
    let lengths = if script.small { "the model's small lengths, a unit a second" } else { "the model's lengths" };
    line(&format!("\n{} is refuted, with {lengths}:", failure.claim));
    for (number, (at, action)) in script.steps.iter().enumerate() {
        line(&format!("{:>4}  {:>11}  {action}", number + 1, clock(f64::from(*at))));
    }
    if script.steps.last().is_none_or(|(last, _)| *last < script.end) {
        line(&format!("      {:>11}  (time passes until here)", clock(f64::from(script.end))));
    }
    line("");
}

/// The command that carries out one run again.
fn repeat(one: &Hunted<'_>, seed: u64, args: &SimulateArgs) -> String {
    let mut command = format!("dhcpfo simulate {} --seed {seed} --runs 1", shell_word(&one.subject.head.path));
    if args.actions != Bounds::default().actions {
        command += &format!(" --actions {}", args.actions);
    }
    if let Some(until) = args.until {
        command += &format!(" --until {until}");
    }
    if args.refine {
        command += " --refine";
    }
    command
}

/// Writes what a failure shrank to as a scenario.
fn save_failure(path: &Path, subject: &Subject, failure: &Failure) -> Result<(), Error> {
    let Steps { small, steps, .. } = &failure.shrunk;
    match &subject.kind {
        Kind::Draft(file) => {
            // The text of an action parses back to it.
            let read = |(at, action): &(u32, String)| Some((Length::seconds(*at), action.parse().ok()?));
            let timed: Vec<_> = steps.iter().filter_map(read).collect();
            output::write(path, &save::scenario(path, file, *small, &timed, failure.claim)?)
        }
        Kind::Study(study) => script::save(path, &**study, &script::of_steps(&failure.shrunk), failure.claim, false),
    }
}

fn document(one: &Hunted<'_>, args: &SimulateArgs) -> document::ModelRuns {
    let Hunted { subject, bag, disagreement, end } = one;
    let step = |(at, action): &(u32, String)| document::Step { at: *at, action: action.clone() };
    let failure = |failure: &Failure| document::Failure {
        seed: failure.seed,
        claim: failure.claim.to_owned(),
        actions: failure.run.steps.len() as u64,
        shrunk_to: failure.shrunk.steps.len() as u64,
        small_lengths: failure.shrunk.small,
        path: failure.shrunk.steps.iter().map(step).collect(),
        end: failure.shrunk.end,
    };
    let told = |(seed, what): &(u64, String)| document::Disagreement { seed: *seed, what: what.clone() };
    document::ModelRuns {
        path: subject.head.path.clone(),
        title: subject.head.title.clone(),
        shard: shard(args),
        runs: bag.tally.runs,
        actions: bag.tally.actions,
        virtual_seconds: bag.tally.virtual_seconds,
        end: end_word(*end),
        as_expected: one.exit() == Exit::Expected,
        failures: bag.failures.iter().map(failure).collect(),
        disagreement: disagreement.as_ref().map(told),
        seconds: (!args.no_times).then_some(bag.tally.elapsed.as_secs_f64()),
    }
}

/// What was found, beside the length of the search's shortest counterexample where the model says it.
fn markdown(all: &[Hunted<'_>], no_times: bool) -> String {
    let mut text = String::from(
        "| model | claim | runs | seed | run | shrunk to | search's shortest | first failure |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for Hunted { subject, bag, .. } in all {
        let shortest = match subject.head.expect {
            Expect::Refuted { length: Some(length), .. } => length.to_string(),
            _ => String::new(),
        };
        let runs = grouped(bag.tally.runs);
        let first = bag.first_failure.filter(|_| !no_times);
        let first = first.map_or_else(String::new, |time| format!("{:.2} s", time.as_secs_f64()));
        let row = match bag.shortest() {
            None => format!("not found | {runs} | | | | {shortest} | "),
            Some(Failure { seed, claim, run, shrunk }) => {
                let (long, short) = (run.steps.len(), shrunk.steps.len());
                format!("{claim} | {runs} | {seed} | {long} | {short} | {shortest} | {first}")
            }
        };
        text += &format!("| {} | {row} |\n", subject.head.path);
    }
    text
}
