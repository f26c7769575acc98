//! A trace as something to play: the same actions at the same times, and what comes of them compared with the trace.

use crate::exit::Error;
use dhcpfo_clock::Values;
use dhcpfo_files::model::model;
use dhcpfo_files::{ScenarioFile, from_disk};
use dhcpfo_report::trace::{self, Header, TraceLine};
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{self, Entry, Length, Line, Order, Scale};
use std::collections::BTreeMap;

/// A trace that was read, and the scenario that plays it.
pub(crate) struct Replay {
    /// What to play. Its lines are those of the trace's file.
    pub(crate) scenario: ScenarioFile,
    lines: Vec<TraceLine>,
    per_second: u32,
}

/// Whether a file is a trace, by its name.
pub(crate) fn is_trace(path: &str) -> bool {
    path.ends_with(".jsonl")
}

/// Reads a trace and the model that it names, which is looked for from the current folder.
pub(crate) fn read(path: &str) -> Result<Replay, Error> {
    let fail = |line: usize, problem: &str| Error::Told(format!("{path}:{line}: {problem}"));
    let text =
        std::fs::read_to_string(path).map_err(|error| Error::Told(format!("{path}: cannot be read: {error}")))?;
    let lines = trace::read(&text).map_err(|none| fail(none.line, &none.problem))?;
    let Some(TraceLine::Header(header)) = lines.first().cloned() else {
        return Err(fail(1, "a trace begins with its header"));
    };
    let Header { title, model: model_path, per_second, lengths, readings, .. } = header;
    let mut file = model(&model_path, &from_disk)?;
    for (key, word) in &readings {
        file.overlay(key, word).map_err(|why| fail(1, &why))?;
    }
    let values = values(&file.model, &lengths).ok_or_else(|| {
        fail(1, &format!("the lengths are neither those in seconds nor the small ones of {model_path}"))
    })?;
    let (script, numbers) = script(&lines, per_second).map_err(|(line, problem)| fail(line, &problem))?;
    let refutes = match lines.last() {
        Some(TraceLine::End { refuted, .. }) => {
            let names = file.model.claims.iter().map(|claim| claim.entry.name);
            names.filter(|name| refuted.iter().any(|refuted| refuted == name)).collect()
        }
        _ => return Err(fail(lines.len(), "a trace ends with its end; this one was cut off")),
    };
    let scenario = ScenarioFile {
        path: path.to_owned(),
        title,
        model: file,
        cites: Vec::new(),
        lengths: values,
        script,
        lines: numbers,
        refutes,
    };
    Ok(Replay { scenario, lines, per_second })
}

/// The lengths of the model that the trace was made with.
fn values(model: &Model, told: &BTreeMap<String, u32>) -> Option<Values> {
    let scale = Scale { per_second: 1 };
    [model.lengths.seconds, model.lengths.small].into_iter().find(
        |values| matches!(trace::header("", "", ("", &[]), *values, scale), TraceLine::Header(header) if header.lengths == *told),
    )
}

type Numbered = (Vec<Line>, Vec<u32>);

fn script(lines: &[TraceLine], per_second: u32) -> Result<Numbered, (usize, String)> {
    let (mut script, mut numbers) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(lines) {
        let (at, order) = match line {
            TraceLine::Step { at, action, .. } => {
                let action = action.parse().map_err(|error| (number, format!("`{action}`: {error}")))?;
                (*at, Order::Act(action))
            }
            TraceLine::Expect { at, expect, .. } => match play::parse_line(&format!("expect {expect}")) {
                Ok(Some(line)) => (*at, line.order),
                Ok(None) => continue,
                Err(error) => return Err((number, format!("`{expect}`: {error}"))),
            },
            TraceLine::Refuted { at, .. } | TraceLine::End { at, .. } => (*at, Order::Nothing),
            TraceLine::Header(_) => continue,
        };
        let at = Length::parts(u64::from(at), per_second)
            .ok_or_else(|| (number, format!("`at` in {per_second} parts of a second is too fine to be played")))?;
        script.push(Line { at: Some(at), order, comment: String::new() });
        numbers.push(number as u32);
    }
    Ok((script, numbers))
}

impl Replay {
    /// Plays it again; the first line of the trace, counted from 1, that is not as it is played, with what is.
    pub(crate) fn first_difference(&self) -> Option<(usize, String)> {
        let file = &self.scenario;
        let scale = play::scale(&file.script).unwrap_or(Scale { per_second: 1 });
        let mut played = Vec::new();
        let outcome = play::perform(&file.model.model, file.lengths, &file.script, &mut |entry: Entry| {
            played.extend(trace::lines(&entry, scale));
        })
        .ok()?;
        played.push(trace::end(&outcome, scale, true));
        let told = self.lines.iter().enumerate().skip(1).filter(|(_, line)| !matches!(line, TraceLine::Header(_)));
        let mut played = played.into_iter();
        for (index, line) in told {
            let now = played.next();
            let same = now.as_ref().is_some_and(|now| outline(now, scale.per_second) == outline(line, self.per_second));
            if !same {
                return Some((
                    index + 1,
                    now.map_or_else(|| "nothing more".to_owned(), |line| dhcpfo_documents::line(&line)),
                ));
            }
        }
        None
    }
}

/// A line with its instant in a unit that does not depend on the trace, and without what depends on a scenario.
fn outline(line: &TraceLine, per_second: u32) -> (u64, TraceLine) {
    let mut line = line.clone();
    let at = match &mut line {
        TraceLine::Step { at, .. }
        | TraceLine::Refuted { at, .. }
        | TraceLine::Expect { at, .. }
        | TraceLine::End { at, .. } => std::mem::take(at),
        TraceLine::Header(_) => 0,
    };
    if let TraceLine::End { as_expected, unmet, .. } = &mut line {
        (*as_expected, *unmet) = (true, 0);
    }
    // Parts of a second are at most 1/1000 and divide this.
    const COMMON: u64 = 1 << 32;
    ((u64::from(at) * COMMON) / u64::from(per_second.max(1)), line)
}
