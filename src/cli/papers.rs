//! What other verbs printed with `--json`, as a report.

use crate::args_report::ReportForm;
use crate::exit::Error;
use crate::find;
use dhcpfo_documents::audit::Audit;
use dhcpfo_documents::paper as documents;
use dhcpfo_engine::rules::Rules;
use dhcpfo_explorer::recorded::audited;
use dhcpfo_files::ModelFile;
use dhcpfo_report::diagram;
use dhcpfo_report::page::Page;
use dhcpfo_report::papers::{self, About};
use dhcpfo_world::budget::{Budgets, Item};
use serde_json::Value;
use std::path::Path;

/// Findings of an audit that are drawn.
const DRAWN: usize = 5;
/// Rows of such a drawing.
const ROWS: usize = 12;

/// A document of another verb.
pub(crate) struct Paper {
    path: String,
    read: documents::Paper,
    /// As it was read.
    document: Value,
}

/// Reads a file; None if it is no such document.
pub(crate) fn read(path: &str) -> Result<Option<Paper>, Error> {
    if !path.ends_with(".json") {
        return Ok(None);
    }
    let fail = |problem: String| Error::Told(format!("{path}: {problem}"));
    let text = std::fs::read_to_string(path).map_err(|error| fail(format!("cannot be read: {error}")))?;
    let document: Value = serde_json::from_str(&text)
        .map_err(|error| Error::Told(format!("{path}:{}:{}: no JSON: {error}", error.line(), error.column())))?;
    let accepted = "what `check`, `simulate`, `audit` or `matrix` print with --json would be accepted";
    let read = documents::Paper::read(&document).map_err(fail)?;
    let read = read.ok_or_else(|| fail(format!("nothing that can be reported; {accepted}")))?;
    Ok(Some(Paper { path: path.to_owned(), read, document }))
}

impl Paper {
    /// The report in a form.
    pub(crate) fn written(&self, form: ReportForm) -> Result<Vec<u8>, Error> {
        let fail = |problem: String| Error::Told(format!("{}: {problem}", self.path));
        let mut page = papers::page(&self.read, &about);
        if let documents::Paper::Audit(audit) = &self.read {
            self.draw_findings(audit, &mut page)?;
        }
        match form {
            ReportForm::Html => Ok(page.html().into_bytes()),
            ReportForm::Md => Ok(page.markdown().into_bytes()),
            ReportForm::Json => Ok(format!("{:#}\n", self.document).into_bytes()),
            _ => Err(fail("is reported as --html or --md: there is no run to draw or to capture".to_owned())),
        }
    }

    /// What happened before each of the first findings, as the explorer draws it.
    fn draw_findings(&self, audit: &Audit, page: &mut Page) -> Result<(), Error> {
        if audit.timeline.is_none() {
            return Ok(());
        }
        let recording = audited::recording(&self.path, audit).map_err(Error::Told)?;
        let found = recording.from(1).filter(|(_, event)| !event.findings.is_empty());
        for (number, event) in found.take(DRAWN) {
            let claims: Vec<&str> = event.findings.iter().map(|finding| finding.claim.as_str()).collect();
            let (rows, clients) = recording.rows(number, ROWS);
            page.heading(format!("What led to {}", claims.join(", ")));
            page.drawing(diagram::named(&rows, 0, false, &clients), format!("Up to {}", event.words));
        }
        Ok(())
    }
}

/// What a model's file says of it, if it is there.
fn about(path: &str) -> Option<About> {
    let file = Path::new(path).is_file().then(|| find::models(&[path.to_owned()]).ok())??.pop()?;
    let amount = |left: u8| if left == Budgets::UNLIMITED { "unlimited".to_owned() } else { left.to_string() };
    let budgets = Item::WORDS.iter().filter(|(item, _)| file.model.budgets.left(*item) > 0);
    let budgets = budgets.map(|(item, name)| format!("{name} {}", amount(file.model.budgets.left(*item))));
    let readings = readings(&file).into_iter().map(|(key, word)| format!("{key} = {word}"));
    Some(About {
        budgets: budgets.collect::<Vec<_>>().join(", "),
        readings: readings.collect::<Vec<_>>().join(", "),
        about: file.about.split_whitespace().collect::<Vec<_>>().join(" "),
    })
}

/// Readings that are not those of draft-12, of either server.
pub(crate) fn readings(file: &ModelFile) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for server in &file.model.servers {
        for ((key, word), (_, usual)) in server.rules.words().zip(Rules::DRAFT_12.words()) {
            let reading = (key.to_owned(), word.to_owned());
            if word != usual && !all.contains(&reading) {
                all.push(reading);
            }
        }
    }
    all
}
