//! `dhcpfo report`: a counterexample, a scenario or a trace as something to read, print or open elsewhere; and what other
//! verbs found.

use crate::args_report::{OfParts, ReportArgs, ReportForm};
use crate::exit::{Error, Exit};
use crate::output::shell_word;
use crate::subject::Subject;
use crate::{counterexample, coverage, find, lines, merge, open, output, papers, replay, save};
use dhcpfo_engine::span;
use dhcpfo_files::{ModelFile, ScenarioFile};
use dhcpfo_report::itf::Itf;
use dhcpfo_report::story::Story;
use dhcpfo_report::{pcap, rows};
use dhcpfo_world::play::{self, Entry, Length, Outcome, Scale};
use std::io::Write;

/// What was played, with everything that happened.
struct Played {
    story: Story,
    entries: Vec<Entry>,
    outcome: Outcome,
    file: ScenarioFile,
    scale: Scale,
}

/// Carries out the verb.
pub(crate) fn report(args: &ReportArgs) -> Result<Exit, Error> {
    match &args.of_parts {
        Some(OfParts::Merge(parts)) => return merge::merge(parts),
        Some(OfParts::Coverage(coverage)) => return coverage::coverage(coverage),
        None => {}
    }
    if args.files.len() > 1 && args.out.is_some() {
        return Err(Error::words(format!("--out goes with one file, not with {}", args.files.len())));
    }
    if let Some(path) = &args.out {
        output::probe(path)?;
    }
    for path in &args.files {
        let octets = match papers::read(path)? {
            Some(paper) => paper.written(args.form())?,
            None => match lines::of(path)? {
                Some(told) => told.written(args.form())?.into_bytes(),
                None => written(&played(path)?, args),
            },
        };
        match &args.out {
            Some(path) => output::write_octets(path, &octets)?,
            None => std::io::stdout().lock().write_all(&octets).or_else(gone)?,
        }
    }
    Ok(Exit::Expected)
}

/// That the reader has gone away is no error.
fn gone(error: std::io::Error) -> Result<(), Error> {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(Error::words(format!("standard output: {error}"))),
    }
}

fn written(played: &Played, args: &ReportArgs) -> Vec<u8> {
    let story = &played.story;
    match args.form() {
        ReportForm::Html => story.html().into_bytes(),
        ReportForm::Md => story.markdown().into_bytes(),
        ReportForm::Svg => story.svg().into_bytes(),
        ReportForm::Mermaid => story.mermaid().into_bytes(),
        ReportForm::Json => (dhcpfo_documents::pretty(&story.document()) + "\n").into_bytes(),
        ReportForm::Itf => {
            let mut itf = Itf::new(&played.file.model.model, played.scale, args.only);
            played.entries.iter().for_each(|entry| itf.add(entry));
            itf.finish(&story.title, &played.outcome).into_bytes()
        }
        ReportForm::Pcap => pcap::pcap(&played.file.model.model, &played.entries, played.file.lengths, played.scale),
    }
}

/// A scenario, a trace, or the counterexample of a model.
fn played(path: &str) -> Result<Played, Error> {
    if replay::is_trace(path) {
        let repeat = format!("dhcpfo play {}", shell_word(path));
        return perform(replay::read(path)?.scenario, repeat);
    }
    if open::is_scenario(path) {
        let mut files = find::scenarios(&[path.to_owned()])?;
        return perform(files.remove(0), format!("dhcpfo play {}", shell_word(path)));
    }
    let mut files = find::models(&[path.to_owned()])?;
    let file = files.remove(0);
    let scenario = counterexample_of(&file)?;
    perform(scenario, format!("dhcpfo check {}", shell_word(path)))
}

/// The counterexample of a model as a scenario.
fn counterexample_of(file: &ModelFile) -> Result<ScenarioFile, Error> {
    let (clock, claim, found) = counterexample::first(&Subject::draft(file.clone()))?;
    save::as_file(file, clock, claim, &found)
}

fn perform(file: ScenarioFile, repeat: String) -> Result<Played, Error> {
    let scale = play::scale(&file.script).unwrap_or(Scale { per_second: 1 });
    let model = &file.model.model;
    let mut entries = Vec::new();
    let outcome = play::perform(model, file.lengths, &file.script, &mut |entry| entries.push(entry))
        .map_err(|stop| crate::stopped::stopped(&file, &stop))?;
    let spans = [("MCLT", span::MCLT), ("lease", span::DESIRED_LEASE), ("potential", span::POTENTIAL_LEAD)];
    let statement = |name: &str| {
        let claim = model.claims.iter().find(|claim| claim.entry.name == name);
        claim.map_or("", |claim| claim.entry.statement).to_owned()
    };
    let unexpected = (!crate::play::is_expected(&file, &outcome)).then(|| {
        format!(
            "{} expectations of the script are not met, or other claims are violated than expected",
            outcome.unmet.len()
        )
    });
    let story = Story {
        title: file.title.clone(),
        model: (file.model.path.clone(), file.model.title.clone()),
        lengths: spans.map(|(name, span)| format!("{name} {}", Length::seconds(file.lengths.get(span)))).into(),
        cites: file.cites.clone(),
        readings: papers::readings(&file.model),
        refuted: outcome.refuted.iter().map(|name| ((*name).to_owned(), statement(name))).collect(),
        rows: rows::of_entries(model, scale, &entries),
        script: file.script.iter().map(ToString::to_string).collect(),
        repeat,
        unexpected,
    };
    Ok(Played { story, entries, outcome, file, scale })
}
