//! A trace of a play of any protocol but draft-12 ([`dhcpfo_documents::play`]) as something to play: the same actions at the same
//! times, and what comes of them compared with the trace.

use crate::exit::Error;
use crate::script::document;
use crate::subject;
use dhcpfo_documents::Head;
use dhcpfo_documents::play::{FORMAT, PlayLine, PlayRow};
use dhcpfo_study::play::Script;
use dhcpfo_study::scenario::Scenario;
use std::fs::File;
use std::io::{BufRead, BufReader};

/// A trace that was read, and the scenario that plays it. Its lines are those of the trace's file.
pub(crate) struct Retold {
    pub(crate) scenario: Scenario,
    rows: Vec<(usize, PlayRow)>,
}

/// Whether a file is such a trace, by its first line.
pub(crate) fn is_told(path: &str) -> bool {
    let mut first = String::new();
    let read = File::open(path).and_then(|file| BufReader::new(file).read_line(&mut first));
    let head = serde_json::from_str::<Head>(&first);
    path.ends_with(".jsonl") && read.is_ok() && head.is_ok_and(|head| head.kind == FORMAT.kind)
}

/// Reads such a trace and the model that it names, which is looked for from the current folder.
pub(crate) fn read(path: &str) -> Result<Retold, Error> {
    let fail = |line: usize, problem: &str| Error::Told(format!("{path}:{line}: {problem}"));
    let text =
        std::fs::read_to_string(path).map_err(|error| Error::Told(format!("{path}: cannot be read: {error}")))?;
    let (mut head, mut end, mut rows) = (None, None, Vec::new());
    for (number, text) in (1..).zip(text.lines()) {
        if number == 1 {
            let said: Head = serde_json::from_str(text).map_err(|error| fail(1, &error.to_string()))?;
            FORMAT.accept(&said).map_err(|problem| fail(1, &problem))?;
        }
        match serde_json::from_str(text).map_err(|error| fail(number, &error.to_string()))? {
            PlayLine::Head(read) if number == 1 => head = Some(read),
            PlayLine::Row(row) if number > 1 && end.is_none() => rows.push((number, row)),
            PlayLine::End(read) if number > 1 && end.is_none() => end = Some(read),
            _ => return Err(fail(number, "a play is its head, what happened, and its end")),
        }
    }
    let lines = text.lines().count();
    let head = head.ok_or_else(|| fail(1, "a play begins with its head"))?;
    let end = end.ok_or_else(|| fail(lines, "a play ends with its end; this one was cut off"))?;
    let study = subject::other(&head.model)?;
    let study = study.filter(|study| study.head().protocol == head.protocol);
    let study = study.ok_or_else(|| fail(1, &format!("{} is no model of {}", head.model, head.protocol)))?;
    // What was only waited for is waited for again, and the beginning is no line of a script.
    let line = |row: &PlayRow| match row.action.starts_with("expect ") {
        true => row.action.clone(),
        false => format!("at {} {}", row.at, row.action),
    };
    let script = rows.iter().skip(1).map(|(number, row)| (*number as u32, line(row)));
    let script = Script { small: head.small, lines: script.collect() };
    let scenario = Scenario { path: path.to_owned(), title: head.title, study, script, refutes: end.refuted };
    Ok(Retold { scenario, rows })
}

impl Retold {
    /// Plays it again; the first line of the trace, counted from 1, that is not as it is played, with what is.
    pub(crate) fn first_difference(&self) -> Option<(usize, String)> {
        let mut played = Vec::new();
        // Where it cannot be played on, there are fewer rows.
        let stop = self.scenario.study.play(&self.scenario.script, &mut |row| played.push(document(&row))).err();
        let mut played = played.into_iter();
        for (line, row) in &self.rows {
            let now = played.next();
            if now.as_ref() != Some(row) {
                let ended = || stop.as_ref().map_or("nothing more", |stop| &stop.problem).to_owned();
                return Some((*line, now.map_or_else(ended, |row| dhcpfo_documents::line(&row))));
            }
        }
        None
    }
}
