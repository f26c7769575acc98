//! A scenario, or the counterexample of a model, of any protocol but draft-12, as lines to read or to draw.

use crate::args_report::ReportForm;
use crate::exit::Error;
use crate::output::shell_word;
use crate::subject::{self, Kind, Subject};
use crate::{counterexample, retold, save, script};
use dhcpfo_claims::fair::ROUND;
use dhcpfo_report::lines::{Lines, Row};
use dhcpfo_study::play;
use dhcpfo_study::scenario::Scenario;
use dhcpfo_world::play::Length;

/// A play with the protocol whose it is.
pub(crate) struct Told {
    protocol: &'static str,
    path: String,
    lines: Lines,
}

/// Plays the scenario of that path, or the trace, or the counterexample of the model. None: it is none of these, of another
/// protocol than draft-12.
pub(crate) fn of(path: &str) -> Result<Option<Told>, Error> {
    if retold::is_told(path) {
        return told(&retold::read(path)?.scenario, format!("dhcpfo play {}", shell_word(path))).map(Some);
    }
    if !path.ends_with(".toml") {
        return Ok(None);
    }
    if let Some(scenario) = script::others(vec![path.to_owned()])?.0.pop() {
        return told(&scenario, format!("dhcpfo play {}", shell_word(path))).map(Some);
    }
    let Some(study) = subject::other(path)? else { return Ok(None) };
    let subject = Subject { head: study.head().clone(), kind: Kind::Study(study) };
    let (clock, claim, found) = counterexample::first(&subject)?;
    let Kind::Study(study) = subject.kind else { return Ok(None) };
    let scenario = Scenario {
        path: path.to_owned(),
        title: format!("{claim} refuted: {}", subject.head.title),
        script: save::of_study(&*study, clock, claim, &found)?,
        study,
        // No state shows what is not so of a whole run.
        refutes: if found.round.is_some() { Vec::new() } else { vec![claim.to_owned()] },
    };
    told(&scenario, format!("dhcpfo check {}", shell_word(path))).map(Some)
}

fn told(scenario: &Scenario, repeat: String) -> Result<Told, Error> {
    let Scenario { path, title, study, script, .. } = scenario;
    let head = study.head();
    let mut rows = Vec::new();
    let outcome = study.play(script, &mut |row| rows.push(row)).map_err(|stop| script::stopped(path, &stop))?;
    let length = |(name, seconds): (&str, u32)| format!("{name} {}", Length::seconds(seconds));
    let lengths: Vec<String> = match script.small {
        true => vec!["the model's small ones".to_owned()],
        false => study.lengths().into_iter().map(length).collect(),
    };
    let mut facts = vec![
        ("protocol".to_owned(), head.protocol.to_owned()),
        ("model".to_owned(), format!("{}: {}", head.path, head.title)),
    ];
    facts.extend((!lengths.is_empty()).then(|| ("lengths".to_owned(), lengths.join(", "))));
    let statement =
        |name: &&str| head.claims.iter().find(|claim| claim.name == *name).map_or("", |claim| claim.statement);
    let unexpected = "expectations of the script are not met, or other claims are violated than expected";
    let lines = Lines {
        title: title.clone(),
        facts,
        refuted: outcome.refuted.iter().map(|name| ((*name).to_owned(), statement(name).to_owned())).collect(),
        rows: rows.iter().map(row).collect(),
        script: script.lines.iter().map(|(_, line)| line.clone()).collect(),
        repeat,
        unexpected: (!script::is_expected(scenario, &outcome)).then(|| unexpected.to_owned()),
    };
    Ok(Told { protocol: head.protocol, path: path.clone(), lines })
}

fn row(row: &play::Row) -> Row {
    Row {
        at: row.at.as_clock(),
        action: row.action.clone(),
        round: row.comment.strip_prefix(ROUND).map(str::to_owned),
        changes: row.changes.clone(),
        refuted: row.refuted.iter().map(|name| (*name).to_owned()).collect(),
    }
}

impl Told {
    /// The report in a form.
    pub(crate) fn written(&self, form: ReportForm) -> Result<String, Error> {
        Ok(match form {
            ReportForm::Html => self.lines.page().html(),
            ReportForm::Md => self.lines.page().markdown(),
            ReportForm::Svg => self.lines.svg(),
            ReportForm::Mermaid => self.lines.mermaid(),
            ReportForm::Json | ReportForm::Itf | ReportForm::Pcap => {
                let accepted =
                    "(accepted: --html, --md, --svg, --mermaid; `dhcpfo play --json` prints a scenario as JSON)";
                return Err(Error::Told(format!(
                    "{}: a play of {} has no such form {accepted}",
                    self.path, self.protocol
                )));
            }
        })
    }
}
