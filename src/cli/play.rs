//! `dhcpfo play`: scenarios under a wall clock; and traces, again.

use crate::args::PlayArgs;
use crate::exit::{Error, Exit};
use crate::stopped::stopped;
use crate::{find, minimise, output, replay, retold, script, served};
use dhcpfo_files::ScenarioFile;
use dhcpfo_report::trace;
use dhcpfo_report::transcript::{EXPLANATION, Heading, Transcript};
use dhcpfo_study::scenario::Scenario;
use dhcpfo_world::play::{self, Outcome};

/// Carries out the verb.
pub(crate) fn play(args: &PlayArgs) -> Result<Exit, Error> {
    let (served, rest): (Vec<String>, Vec<String>) =
        args.scenarios.iter().cloned().partition(|path| replay::is_trace(path) && served::is_served(path.as_ref()));
    let mut exit = Exit::Expected;
    for path in &served {
        let verdict = served::judge(path.as_ref())?;
        output::line(&if args.json { dhcpfo_documents::line(&verdict.document()) } else { verdict.text() });
        if !verdict.is_good() {
            exit = Exit::Unexpected;
        }
    }
    if rest.is_empty() && !served.is_empty() {
        return Ok(exit);
    }
    let (told, rest): (Vec<String>, Vec<String>) = rest.into_iter().partition(|path| retold::is_told(path));
    let (traces, rest): (Vec<String>, Vec<String>) = rest.into_iter().partition(|path| replay::is_trace(path));
    let told = told.iter().map(|path| retold::read(path)).collect::<Result<Vec<_>, _>>()?;
    let (others, scenarios) = script::others(rest)?;
    let others: Vec<&Scenario> = others.iter().chain(told.iter().map(|told| &told.scenario)).collect();
    let files = find::scenarios(&scenarios)?;
    let replays = traces.iter().map(|path| replay::read(path)).collect::<Result<Vec<_>, _>>()?;
    if args.explain {
        output::print(EXPLANATION);
    }
    if args.minimise {
        let files: Vec<&ScenarioFile> = files.iter().chain(replays.iter().map(|replay| &replay.scenario)).collect();
        return minimised(args, &others, &files);
    }
    for (number, scenario) in others.iter().enumerate() {
        if !args.json && (number > 0 || args.explain) {
            output::line("");
        }
        if !script::perform(scenario, args.json)? {
            exit = Exit::Unexpected;
        }
    }
    for (number, file) in files.iter().chain(replays.iter().map(|replay| &replay.scenario)).enumerate() {
        if !args.json && (number > 0 || args.explain || !others.is_empty()) {
            output::line("");
        }
        let as_expected = if args.json { traced(file)? } else { transcribed(file)? };
        if !as_expected {
            exit = Exit::Unexpected;
        }
    }
    let differences = told.iter().map(|told| (&told.scenario.path, told.first_difference()));
    for (path, difference) in
        differences.chain(replays.iter().map(|replay| (&replay.scenario.path, replay.first_difference())))
    {
        if let Some((line, played)) = difference {
            eprintln!("{path}:{line}: is played otherwise: {played}");
            exit = Exit::Unexpected;
        } else if !args.json {
            output::line(&format!("replayed  {path}: every step as in the trace"));
        }
    }
    Ok(exit)
}

/// What each scenario needs.
fn minimised(args: &PlayArgs, others: &[&Scenario], files: &[&ScenarioFile]) -> Result<Exit, Error> {
    let (count, save) = (others.len() + files.len(), args.save.as_deref());
    if save.is_some() && count != 1 {
        return Err(Error::words(format!("--save goes with one scenario, not with {count}")));
    }
    for (number, scenario) in others.iter().enumerate() {
        if number > 0 {
            output::line("");
        }
        minimise::of_other(scenario, save)?;
    }
    for (number, file) in files.iter().enumerate() {
        if number > 0 || !others.is_empty() {
            output::line("");
        }
        minimise::minimise(file, save)?;
    }
    Ok(Exit::Expected)
}

/// Whether all is as the scenario says.
pub(crate) fn is_expected(file: &ScenarioFile, outcome: &Outcome) -> bool {
    let (mut is, mut should) = (outcome.refuted.clone(), file.refutes.clone());
    is.sort_unstable();
    should.sort_unstable();
    outcome.unmet.is_empty() && is == should
}

fn transcribed(file: &ScenarioFile) -> Result<bool, Error> {
    let heading = Heading {
        title: &file.title,
        scenario: &file.path,
        model: (&file.model.path, &file.model.title),
        cites: &file.cites,
    };
    let scale = play::scale(&file.script).unwrap_or(play::Scale { per_second: 1 });
    let model = &file.model.model;
    let mut transcript = Transcript::new(&heading, model, file.lengths, scale);
    let result = play::perform(model, file.lengths, &file.script, &mut |entry| {
        transcript.add(&entry);
        output::print(&transcript.take());
    });
    let outcome = result.map_err(|stop| stopped(file, &stop))?;
    transcript.finish(&outcome, &file.refutes);
    output::print(&transcript.take());
    let as_expected = is_expected(file, &outcome);
    if !as_expected {
        output::line(&format!("repeat    dhcpfo play {}", output::shell_word(&file.path)));
    }
    Ok(as_expected)
}

fn traced(file: &ScenarioFile) -> Result<bool, Error> {
    let scale = play::scale(&file.script).unwrap_or(play::Scale { per_second: 1 });
    let write = |line: &trace::TraceLine| output::line(&dhcpfo_documents::line(line));
    let model = (file.model.path.as_str(), &file.model.overlaid[..]);
    write(&trace::header(&file.title, &file.path, model, file.lengths, scale));
    let result = play::perform(&file.model.model, file.lengths, &file.script, &mut |entry| {
        trace::lines(&entry, scale).iter().for_each(write);
    });
    let outcome = result.map_err(|stop| stopped(file, &stop))?;
    let as_expected = is_expected(file, &outcome);
    write(&trace::end(&outcome, scale, as_expected));
    Ok(as_expected)
}
