//! A small command line for a protocol of one's own, which is in no registry of ours: `check`, `play` and `simulate`.
//!
//! It prints what is found and has the exit codes of `dhcpfo`: 0 as expected, 1 not, 2 a wrong command line or file,
//! 3 cut off without a verdict.

use crate::answer::{Answer, RunOptions, Times};
use crate::family::{Registry, Study};
use crate::file::Head;
use crate::play::Row;
use crate::random::Hunt;
use crate::scenario::{Scenario, scenario};
use crate::swarm::Plan;
use dhcpfo_clock::length::Length;
use dhcpfo_header::disk::from_disk;
use dhcpfo_header::head::Expect;
use dhcpfo_header::node::parse;
use std::process::ExitCode;

const USAGE: &str = "check MODEL… | play SCENARIO… | simulate MODEL…";

/// What came of one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Exit {
    Expected = 0,
    CutOff = 3,
    Unexpected = 1,
}

/// Carries out the command line of the process.
pub fn main(registry: Registry) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((verb, files)) if !files.is_empty() => match verb.as_str() {
            "check" => each(files, |path| Ok(check(&*model(registry, path)?))),
            "play" => each(files, |path| play(registry, path)),
            "simulate" => each(files, |path| Ok(simulate(&*model(registry, path)?))),
            _ => Err(USAGE.to_owned()),
        },
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// The worst of what comes of some files.
fn each(files: &[String], one: impl Fn(&str) -> Result<Exit, String>) -> Result<Exit, String> {
    files.iter().try_fold(Exit::Expected, |worst, path| Ok(worst.max(one(path)?)))
}

fn model(registry: Registry, path: &str) -> Result<Box<dyn Study>, String> {
    let text = from_disk(path).map_err(|error| format!("{path}: {error}"))?;
    let told = |errors: Vec<dhcpfo_header::FileError>| dhcpfo_header::FileErrors::new(errors).to_string();
    let node = parse(path, &text).map_err(told)?;
    let family = registry.of(&node, "").map_err(|errors| errors.to_string())?;
    let family =
        family.ok_or_else(|| format!("{path}: names no protocol: `protocol = \"NAME\"` at the top is missing"))?;
    family.model(path, &node).map_err(|errors| errors.to_string())
}

fn check(study: &dyn Study) -> Exit {
    let head = study.head();
    let threads = std::thread::available_parallelism().map_or(1, Into::into);
    let stop_at_first = matches!(head.expect, Expect::Refuted { .. });
    let options = RunOptions { clock: head.clock, threads, stop_at_first, ..limits(head) };
    let answer = match study.check(&options, &mut |_| {}) {
        Ok(answer) => answer,
        Err(error) => {
            println!("{}: {error}", head.path);
            return Exit::Unexpected;
        }
    };
    let exit = judge(head, &answer);
    let mark = match exit {
        Exit::Expected => "as expected",
        Exit::CutOff => "CUT OFF",
        Exit::Unexpected => "NOT AS EXPECTED",
    };
    println!("{}  {} states  depth {}  {mark}", head.path, answer.unique, answer.depth);
    for (claim, found) in head.claims.iter().zip(&answer.claims) {
        let Some(found) = found else { continue };
        println!("\n{} is refuted in {} actions: {}", claim.name, found.length, claim.statement);
        match &found.times {
            Times::Realised { actions, .. } => actions.iter().for_each(|(at, action)| {
                let at = Length::nearest(*at).map_or_else(|| format!("{at} s"), |at| at.as_clock());
                println!("{at:>11}  {action}");
            }),
            Times::Unrealisable(why) => println!("no times allow it: {why}"),
            Times::NotNeeded | Times::Untimed(_) => found.path.iter().for_each(|action| println!("  {action}")),
        }
    }
    let unreached = head.witnesses.iter().zip(&answer.witnesses).filter(|(_, length)| length.is_none());
    unreached.for_each(|(witness, _)| println!("never reached: {}", witness.name));
    exit
}

fn limits(head: &Head) -> RunOptions<'static> {
    RunOptions {
        max_depth: head.limits.depth,
        max_states: head.limits.states,
        max_bytes: head.limits.memory_mib.map(|mib| mib << 20),
        time_limit: head.limits.seconds.map(std::time::Duration::from_secs),
        ..RunOptions::whole()
    }
}

/// Whether a search found what its model expects.
fn judge(head: &Head, answer: &Answer) -> Exit {
    let real = |number: usize| match &answer.claims[number] {
        Some(found) if !matches!(found.times, Times::Unrealisable(_)) => Some(found.length),
        _ => None,
    };
    let refuted = (0..head.claims.len()).any(|number| real(number).is_some());
    let of = |name: &str| head.claims.iter().position(|claim| claim.name == name).and_then(real);
    let good = match head.expect {
        Expect::Refuted { claim, length } => of(claim).is_some_and(|found| length.is_none_or(|known| known == found)),
        Expect::Holds { states } => {
            let all = answer.cut_off.is_none() && answer.claims.iter().all(Option::is_none);
            all && states.is_none_or(|known| known == answer.unique) && answer.witnesses.iter().all(Option::is_some)
        }
        Expect::CutOff { .. } => answer.cut_off.is_some() && !refuted,
    };
    match good {
        true => Exit::Expected,
        false if !refuted && answer.cut_off.is_some() => Exit::CutOff,
        false => Exit::Unexpected,
    }
}

fn play(registry: Registry, path: &str) -> Result<Exit, String> {
    let found = scenario(path, &from_disk, registry, "").map_err(|errors| errors.to_string())?;
    let Scenario { title, study, script, refutes, .. } =
        found.ok_or_else(|| format!("{path}: no scenario with a model of a protocol that is known here"))?;
    println!("{title}");
    let outcome = study.play(&script, &mut |row| print!("{}", told(&row)));
    let outcome = outcome.map_err(|stop| {
        format!("{path}:{}: `{}`: {}\n  {}", stop.line, stop.text, stop.problem, stop.instead.join("\n  "))
    })?;
    outcome.unmet.iter().for_each(|(line, words)| println!("{path}:{line}: not met: {words}"));
    let (mut is, mut should) = (outcome.refuted.clone(), refutes);
    is.sort_unstable();
    should.sort_unstable();
    let good = outcome.unmet.is_empty() && is == should;
    println!("{}", if good { "as expected" } else { "NOT AS EXPECTED" });
    Ok(if good { Exit::Expected } else { Exit::Unexpected })
}

/// An event: when, what, and under it what changed.
fn told(row: &Row) -> String {
    let mut text = format!("{:>11}  {}\n", row.at.as_clock(), row.action);
    row.changes.iter().for_each(|(who, what)| text += &format!("{:>13}{who}: {what}\n", ""));
    row.refuted.iter().for_each(|name| text += &format!("{:>13}REFUTED {name}\n", ""));
    text
}

fn simulate(study: &dyn Study) -> Exit {
    let head = study.head();
    let hunt = Hunt { plan: Plan::new(1, 10_000), actions: 80, until: 100 * 86_400, failures: 1 };
    let (bag, _) = study.random(&hunt, &mut |_| {});
    println!("{}  {} runs  {} actions", head.path, bag.tally.runs, bag.tally.actions);
    let expected = match head.expect {
        Expect::Refuted { claim, .. } => Some(claim),
        Expect::Holds { .. } | Expect::CutOff { .. } => None,
    };
    let Some(failure) = bag.shortest() else {
        return if expected.is_some() { Exit::CutOff } else { Exit::Expected };
    };
    println!("{} is refuted by the run of seed {}; what is left of it:", failure.claim, failure.seed);
    for (at, action) in &failure.shrunk.steps {
        println!("{:>11}  {action}", Length::seconds(*at).as_clock());
    }
    if expected == Some(failure.claim) { Exit::Expected } else { Exit::Unexpected }
}
