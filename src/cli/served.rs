//! Traces of a server (`dhcpfo serve --trace`), done again by `dhcpfo play` and `dhcpfo audit`.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::exit::Error;
use dhcpfo_documents::audit::Replay;
use dhcpfo_server::trace::{Kind, Problem, Replayed, replay};

/// Whether a file is one, by how it begins.
pub(crate) fn is_served(path: &Path) -> bool {
    let mut begin = [0; 64];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin)).unwrap_or(0);
    String::from_utf8_lossy(&begin[..read]).contains("\"serve-header\"")
}

/// What came of a trace.
pub(crate) struct Verdict {
    path: String,
    result: Result<Replayed, Problem>,
}

/// Does a trace again.
pub(crate) fn judge(path: &Path) -> Result<Verdict, Error> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| Error::Told(format!("{name}: cannot be read: {error}")))?;
    match replay(BufReader::new(file)) {
        Err(problem) if problem.kind == Kind::Unreadable => Err(Error::Told(format!("{name}:{problem}"))),
        result => Ok(Verdict { path: name, result }),
    }
}

impl Verdict {
    /// Whether each input was possible and each effect the same.
    pub(crate) fn is_good(&self) -> bool {
        self.result.is_ok()
    }

    /// The file.
    pub(crate) fn name(&self) -> &str {
        &self.path
    }

    /// One line for people.
    pub(crate) fn text(&self) -> String {
        let path = &self.path;
        match &self.result {
            Ok(Replayed { starts, steps, cut }) => {
                let cut = if *cut { "; its last line was cut off" } else { "" };
                format!(
                    "replayed  {path}: {starts} starts, {steps} steps: each possible, each effect as in the trace{cut}"
                )
            }
            Err(problem) => format!("{path}:{problem}"),
        }
    }

    /// The same as a document.
    pub(crate) fn document(&self) -> Replay {
        let trace = self.path.clone();
        match &self.result {
            Ok(done) => {
                Replay::Accepted { trace, accepted: true, starts: done.starts, steps: done.steps, cut: done.cut }
            }
            Err(problem) => {
                let kind = if problem.kind == Kind::NotEnabled { "not enabled" } else { "differs" }.to_owned();
                let (line, text) = (problem.line as u64, problem.text.clone());
                Replay::Refused { trace, accepted: false, line, kind, text }
            }
        }
    }
}
