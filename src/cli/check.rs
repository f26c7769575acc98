//! `dhcpfo check`: search models, and compare with what they expect.

use crate::args::CheckArgs;
use crate::checked::{Checked, clock, options};
use crate::exit::{Error, Exit};
use crate::find::subjects;
use crate::output::{self, grouped, line, shell_word};
use crate::subject::Subject;
use crate::verdict::{Verdict, Why, judge, refuted, without_occasion};
use crate::{baseline, counterexample, find, json, junit, lattice, lengths, progress, save};
use dhcpfo_files::model::{Class, Expect};
use dhcpfo_search::Bound;
use dhcpfo_study::answer::Clock;
use dhcpfo_study::file::Head;
use std::time::{Duration, Instant};

/// Carries out the verb.
pub(crate) fn check(args: &CheckArgs) -> Result<Exit, Error> {
    if args.lattice {
        return lattice::check(args);
    }
    if args.inequalities || !args.sweep.is_empty() {
        return lengths::check(args);
    }
    let files = chosen(args)?;
    if args.save_scenario.is_some() && files.len() != 1 {
        return Err(Error::words(format!("--save-scenario goes with one model, not with {}", files.len())));
    }
    for file in &files {
        file.may_be_searched(clock(&file.head, args))?;
    }
    for path in args.junit.iter().chain(&args.markdown).chain(&args.save_scenario) {
        output::probe(path)?;
    }
    let before = args.baseline.as_deref().map(baseline::read).transpose()?;
    let begun = Instant::now();
    let width = files.iter().map(|file| file.head.path.chars().count()).max().unwrap_or(0);
    let cancel = progress::listen_for_ctrl_c();
    let mut checked: Vec<Checked<'_>> = Vec::new();
    for file in &files {
        if progress::is_cancelled() {
            break;
        }
        let one = search(file, args, cancel)?;
        if !args.json && (!args.quiet || !one.is_expected()) {
            report(&one, args, width, files.len() == 1);
        }
        checked.push(one);
    }
    let document = json::document(&checked, args.no_times);
    let differences = before.map(|before| baseline::differences(&document, &before, args));
    let exit = match exit(&checked, files.len()) {
        Exit::Expected if differences.as_ref().is_some_and(|found| !found.is_empty()) => Exit::Unexpected,
        exit => exit,
    };
    if args.json {
        line(&json::finished(document, exit, differences.as_deref()));
    } else if !args.quiet && files.len() > 1 {
        line(&summary(&checked, files.len(), (!args.no_times).then(|| begun.elapsed())));
    }
    if !args.json {
        baseline::report(args, &checked, differences.as_deref());
    }
    if let Some(path) = &args.junit {
        output::write(path, &junit::report(&checked, args)?)?;
    }
    if let Some(path) = &args.markdown {
        output::write(path, &markdown(&checked))?;
    }
    if let (Some(path), Some(one)) = (&args.save_scenario, checked.first()) {
        match counterexample::best(&one.subject.head, &one.answer) {
            Some((claim, found)) => save::of_any(path, one.subject, one.clock, claim, found)?,
            None => eprintln!("dhcpfo: nothing is refuted, so {} is not written", path.display()),
        }
    }
    Ok(exit)
}

/// The models that the command line asks for.
fn chosen(args: &CheckArgs) -> Result<Vec<Subject>, Error> {
    let default = if args.twins { vec![Class::Broken] } else { vec![Class::Smoke, Class::Broken] };
    let classes: Vec<Class> = args.class.iter().map(|class| class.0).collect();
    let (paths, classes) = match (args.models.is_empty(), classes.is_empty()) {
        (true, true) => (paths(args)?, default),
        (true, false) => (paths(args)?, classes),
        (false, true) => (args.models.clone(), Class::WORDS.iter().map(|(_, class)| *class).collect()),
        (false, false) => (args.models.clone(), classes),
    };
    let mut files = if args.twins { twins(&paths, &classes)? } else { subjects(&paths)? };
    files.retain(|file| classes.contains(&file.head.class));
    if args.models.is_empty()
        && let Some(clock) = args.clock.map(|clock| clock.0)
    {
        leave_out(&mut files, clock);
    }
    if files.is_empty() {
        let words: Vec<&str> = classes.iter().map(|class| class.word()).collect();
        return Err(Error::words(format!("there is no model of class {} among the files", words.join(" or "))));
    }
    Ok(files)
}

/// Leaves out what nobody named and what is not searched under another clock than its own, and says so.
fn leave_out(files: &mut Vec<Subject>, clock: Clock) {
    let all = files.len();
    files.retain(|file| file.head.clock == Clock::TimeoutOrder && file.may_be_searched(clock).is_ok());
    if files.len() < all {
        eprintln!(
            "dhcpfo: {} of {all} models are left out: they name a clock, or cannot be searched under {}",
            all - files.len(),
            clock.word()
        );
    }
}

/// Every model file; only draft-12 has repaired rules, which twins take.
fn paths(args: &CheckArgs) -> Result<Vec<String>, Error> {
    if args.twins { find::model_paths() } else { find::all_model_paths() }
}

/// The models of these files and classes that must be refuted, with the repaired rules.
fn twins(paths: &[String], classes: &[Class]) -> Result<Vec<Subject>, Error> {
    let mut files = find::models(paths)?;
    files.retain(|file| classes.contains(&file.class));
    Ok(dhcpfo_files::twins::twins(files).into_iter().map(Subject::draft).collect())
}

fn search<'a>(
    subject: &'a Subject,
    args: &CheckArgs,
    cancel: &'static std::sync::atomic::AtomicBool,
) -> Result<Checked<'a>, Error> {
    let head = &subject.head;
    let options = options(head, args, cancel);
    let (clock, threads) = (options.clock, options.threads);
    let meter = progress::Meter::new(&head.path);
    let searched = subject.search(&options, &mut |progress| meter.show(progress));
    drop(meter);
    let (answer, seen) = searched?;
    let mut judged = judge(head, &answer, clock == head.clock);
    if args.twins && is_searched(judged.verdict, args) {
        judged.unexpected.clear();
    }
    Ok(Checked { subject, clock, answer, seen, judged, threads })
}

/// Whether a twin was searched to its depth, to the end if that is nearer, or as far as the command line lets it.
fn is_searched(verdict: Verdict, args: &CheckArgs) -> bool {
    match verdict {
        Verdict::Holds | Verdict::CutOff(Why::Bound(Bound::Depth)) => true,
        Verdict::CutOff(Why::Bound(Bound::States)) => args.states.is_some(),
        Verdict::CutOff(Why::Bound(Bound::Memory)) => args.memory.is_some(),
        Verdict::CutOff(Why::Bound(Bound::Time)) => args.time.is_some(),
        Verdict::CutOff(_) | Verdict::Refuted => false,
    }
}

/// The worst of what came out. What was interrupted has no verdict.
fn exit(checked: &[Checked<'_>], asked: usize) -> Exit {
    let unexpected = |one: &&Checked<'_>| !one.is_expected();
    if checked.len() < asked || checked.iter().any(Checked::is_cancelled) {
        Exit::CutOff
    } else if checked.iter().filter(unexpected).any(|one| !matches!(one.judged.verdict, Verdict::CutOff(_))) {
        Exit::Unexpected
    } else if checked.iter().any(|one| unexpected(&one)) {
        Exit::CutOff
    } else {
        Exit::Expected
    }
}

fn report(one: &Checked<'_>, args: &CheckArgs, width: usize, alone: bool) {
    line(&row(one, args.no_times, width));
    one.judged.unexpected.iter().for_each(|text| line(&format!("  not as expected: {text}")));
    if alone {
        for claim in without_occasion(&one.answer) {
            let name = one.subject.head.claims[*claim].name;
            line(&format!("  no occasion: {name} holds for nothing, since what it speaks of never came up"));
        }
    }
    let found = one.answer.claims.iter().any(Option::is_some);
    let unexpected = !one.is_expected() && !matches!(one.subject.head.expect, Expect::Refuted { .. });
    if found && (alone || unexpected) {
        counterexample::show(&one.subject.head, &one.answer);
        line("");
    }
    if !one.is_expected() {
        line(&format!("  repeat with: {}", repeat(one, args)));
    } else if alone && one.judged.verdict == Verdict::Refuted && args.save_scenario.is_none() {
        line(&format!("  play it with: {} --save-scenario x.toml; dhcpfo play x.toml", repeat(one, args)));
    }
}

/// One line: model, verdict, claims, unique states, depth, time, mark.
fn row(one: &Checked<'_>, no_times: bool, width: usize) -> String {
    let Checked { answer, judged, .. } = one;
    let time = match no_times {
        true => String::new(),
        false => format!("  {:>8}", seconds(answer.elapsed)),
    };
    format!(
        "{:width$}  {:<7}  {:<38}  {:>13} states  depth {:>3}{time}  {}",
        one.subject.head.path,
        judged.verdict.word(),
        claims(one),
        grouped(answer.unique),
        answer.depth,
        if one.is_expected() { "as expected" } else { "NOT AS EXPECTED" },
    )
}

/// All verdicts as a Markdown table, without what differs from run to run.
fn markdown(checked: &[Checked<'_>]) -> String {
    let mut text = String::from(
        "# Verdicts\n\n\
         Every model of class smoke and broken: what the search says, the claim that is refuted with the protocol actions\n\
         of a shortest counterexample, unique states, and protocol actions to the farthest state. Generated by\n\
         `dhcpfo check --markdown FILE`; do not edit.\n\n\
         | model | verdict | claims | states | depth | |\n| --- | --- | --- | ---: | ---: | --- |\n",
    );
    for one in checked {
        let mark = if one.is_expected() { "as expected" } else { "**not as expected**" };
        let Checked { answer, judged, .. } = one;
        let path = &one.subject.head.path;
        let (states, word) = (grouped(answer.unique), judged.verdict.word());
        text += &format!("| {path} | {word} | {} | {states} | {} | {mark} |\n", claims(one), answer.depth);
    }
    text + &vacuous(checked)
}

/// The claims that hold for nothing, model by model; empty if there are none.
fn vacuous(checked: &[Checked<'_>]) -> String {
    let mut rows = String::new();
    for one in checked {
        let Head { path, claims, .. } = &one.subject.head;
        let names: Vec<&str> = without_occasion(&one.answer).iter().map(|claim| claims[*claim].name).collect();
        if !names.is_empty() {
            rows += &format!("| {path} | {} |\n", names.join(", "));
        }
    }
    if rows.is_empty() {
        return rows;
    }
    format!(
        "\n## Claims without an occasion\n\n\
         What these claims speak of never came up in the model, so that they hold there for nothing.\n\n\
         | model | claims |\n| --- | --- |\n{rows}"
    )
}

/// How many claims hold, or which is refuted.
fn claims(one: &Checked<'_>) -> String {
    let count = one.subject.head.claims.len();
    let plural = |count: usize| if count == 1 { "claim" } else { "claims" };
    match one.judged.verdict {
        Verdict::Holds => {
            let vacuous = without_occasion(&one.answer).len();
            let holding = count - vacuous;
            let verb = if holding == 1 { "holds" } else { "hold" };
            let without = if vacuous > 0 { format!(", {vacuous} without occasion") } else { String::new() };
            format!("{holding} {} {verb}{without}", plural(holding))
        }
        Verdict::CutOff(why) => format!("{}, {count} {} not refuted", why.in_words(), plural(count)),
        Verdict::Refuted => {
            let others = refuted(&one.answer).count().saturating_sub(1);
            let more = if others > 0 { format!(", {others} more") } else { String::new() };
            let best = counterexample::best(&one.subject.head, &one.answer);
            best.map_or_else(String::new, |(name, found)| format!("{name} in {}{more}", found.length))
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// The smallest command that finds the same.
fn repeat(one: &Checked<'_>, args: &CheckArgs) -> String {
    let mut command = match args.twins {
        // A twin may stand for several files.
        true => {
            let paths = args.models.iter().map(|path| format!(" {}", shell_word(path)));
            format!("dhcpfo check --twins{}", paths.collect::<String>())
        }
        false => format!("dhcpfo check {}", shell_word(&one.subject.head.path)),
    };
    if let Some(clock) = args.clock.filter(|clock| clock.0 != one.subject.head.clock) {
        command += &format!(" --clock {}", clock.0.word());
    }
    let numbers = [
        ("--depth", args.depth.map(u64::from)),
        ("--states", args.states),
        ("--memory", args.memory),
        ("--time", args.time),
    ];
    for (name, number) in numbers {
        command += &number.map(|number| format!(" {name} {number}")).unwrap_or_default();
    }
    command
}

fn summary(checked: &[Checked<'_>], asked: usize, time: Option<Duration>) -> String {
    let expected = checked.iter().filter(|one| one.is_expected()).count();
    let time = time.map(|time| format!(", in {}", seconds(time))).unwrap_or_default();
    let unseen = asked - checked.len();
    let unseen = if unseen > 0 { format!(", {unseen} not searched") } else { String::new() };
    format!("{asked} models: {expected} as expected, {} not{unseen}{time}", checked.len() - expected)
}
