//! Files that still grow: traces of servers that are writing them, or the recording of a simulation.

use super::traces::{Merger, Trace};
use super::{Judge, MOST, MOST_LIVE, Recorder};
use dhcpfo_report::recording::{Event, Finding, Recording, RecordingLine, read};
use dhcpfo_server::trace::Kind;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::sync::Weak;
use std::time::Duration;

/// How often the files are looked at.
const EVERY: Duration = Duration::from_millis(500);
/// Octets of one line.
const LONGEST: u64 = 16 << 20;
/// Lines of one file that are taken in one look.
const AT_ONCE: usize = 20_000;

/// How the lines of a file are read.
enum Reader {
    Trace(Box<Trace>),
    Recording,
}

/// A file that may grow.
struct Growing {
    name: String,
    file: BufReader<File>,
    /// What there is of a line that is not whole yet.
    begun: String,
    number: usize,
    reader: Option<Reader>,
    /// Nothing more is read of it.
    ended: bool,
}

/// Follows one or two files.
pub struct Follow {
    files: Vec<Growing>,
    merger: Merger,
    judge: Judge,
}

/// Whether a file is a recording, by its first line.
pub fn is_recording(text: &str) -> bool {
    text.starts_with("{\"line\":\"recording-header\"")
}

/// A recording that is whole, and what could not be read, with file and line.
///
/// # Errors
/// Nothing of it can be read.
pub fn whole(name: &str, text: &str) -> Result<(Recording, Option<String>), String> {
    let mut recording = Recording::new(name, MOST);
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        match read(number, line) {
            Ok(RecordingLine::RecordingHeader(header)) => recording.title = header.title,
            Ok(RecordingLine::RecordingEvent(event)) => recording.push(*event),
            Err(why) if number == 1 => return Err(format!("{name}:1: {why}")),
            Err(_) if !line.ends_with('\n') => recording.notes.push(format!("{name}: its last line was cut off")),
            Err(why) => {
                let problem = format!("{name}:{number}: {why}. Shown is everything before it.");
                recording.notes.push(problem.clone());
                return Ok((recording, Some(problem)));
            }
        }
    }
    Ok((recording, None))
}

impl Follow {
    /// Opens the files.
    ///
    /// # Errors
    /// One cannot be read, or there are too many.
    pub fn open(paths: &[String]) -> Result<Follow, String> {
        if !(1..=2).contains(&paths.len()) {
            return Err(format!("one or two files can be followed, not {}", paths.len()));
        }
        let open = |name: &String| {
            let file = File::open(name).map_err(|error| format!("{name}: cannot be read: {error}"))?;
            let file = BufReader::new(file);
            Ok(Growing { name: name.clone(), file, begun: String::new(), number: 0, reader: None, ended: false })
        };
        let files: Vec<Growing> = paths.iter().map(open).collect::<Result<_, String>>()?;
        let merger = Merger::new(files.len() == 1);
        Ok(Follow { files, merger, judge: Judge::new() })
    }

    /// What is shown before the first look.
    pub fn recorder(&self) -> Recorder {
        let names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        Recorder::growing(Recording::new(format!("Following {}", names.join(", ")), MOST_LIVE))
    }

    /// Looks for as long as somebody has the recorder.
    pub fn follow(mut self, recorder: Weak<Recorder>) {
        while let Some(recorder) = recorder.upgrade() {
            self.look(&recorder);
            drop(recorder);
            std::thread::sleep(EVERY);
        }
    }

    /// Takes what has come.
    pub fn look(&mut self, recorder: &Recorder) {
        for (file, events) in self.files.iter_mut().zip(&mut self.merger.waiting) {
            if let Err(why) = file.look(events, recorder) {
                file.ended = true;
                recorder.with(|recording| recording.notes.push(format!("{why}. Nothing more is read of it.")));
            }
        }
        recorder.with(|recording| {
            // A simulation has judged itself.
            for (file, events) in self.files.iter().zip(&mut self.merger.waiting) {
                if matches!(file.reader, Some(Reader::Recording)) {
                    events.drain(..).for_each(|event| recording.push(event));
                }
            }
            for event in self.merger.by_ref() {
                self.judge.push(recording, event);
            }
        });
    }
}

impl Growing {
    fn look(&mut self, events: &mut VecDeque<Event>, recorder: &Recorder) -> Result<(), String> {
        for _ in 0..AT_ONCE {
            if self.ended || !self.next_line().map_err(|error| format!("{}: {error}", self.name))? {
                break;
            }
            self.number += 1;
            let line = std::mem::take(&mut self.begun);
            self.take(&line, events, recorder)?;
        }
        Ok(())
    }

    /// Reads on; true if `begun` is a whole line now.
    fn next_line(&mut self) -> std::io::Result<bool> {
        let room = LONGEST.saturating_sub(self.begun.len() as u64);
        self.file.by_ref().take(room).read_line(&mut self.begun)?;
        if self.begun.len() as u64 >= LONGEST {
            return Err(std::io::Error::other(format!("line {} is too long", self.number + 1)));
        }
        Ok(self.begun.ends_with('\n'))
    }

    fn take(&mut self, line: &str, events: &mut VecDeque<Event>, recorder: &Recorder) -> Result<(), String> {
        let (name, number) = (&self.name, self.number);
        let reader = self.reader.get_or_insert_with(|| match is_recording(line) {
            true => Reader::Recording,
            false => Reader::Trace(Box::new(Trace::new(name.as_str()))),
        });
        match reader {
            Reader::Recording => match read(number, line).map_err(|why| format!("{name}:{number}: {why}"))? {
                RecordingLine::RecordingHeader(header) => recorder.with(|recording| recording.title = header.title),
                RecordingLine::RecordingEvent(event) => events.push_back(*event),
            },
            Reader::Trace(trace) => trace.line(line, events).map_err(|problem| {
                if problem.kind != Kind::Unreadable
                    && let Some(last) = events.back_mut()
                {
                    last.findings.push(Finding { claim: "as-the-engine-does".to_owned(), text: problem.text.clone() });
                }
                format!("{name}:{problem}")
            })?,
        }
        Ok(())
    }
}
