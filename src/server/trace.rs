//! A trace: every input of the engine and what came of it, one JSON document a line.
//!
//! ```json
//! {"line":"serve-header","version":1,"role":"primary","relationship":"fo","addresses":100,"lengths":{"mclt":60}}
//! {"line":"serve-step","at":1795467379,"input":{…},"effects":[{"effect":"PERSIST","text":"…"}]}
//! ```
//!
//! `at` is the reading of the clock, the only thing that a step takes from outside; inputs and effects are the engine's
//! own values in their debugging form, in which numbers of addresses count from 0 in ascending order.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use dhcpfo_engine::effect::{Effect, Input};
use serde_json::{Value, json};

use crate::core::Core;

/// An open trace.
#[derive(Debug)]
pub struct Trace {
    file: BufWriter<File>,
}

impl Trace {
    /// Begins a trace in a new file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create(path: &Path) -> io::Result<Trace> {
        Ok(Trace { file: BufWriter::new(File::create(path)?) })
    }

    /// Writes what is still in memory.
    pub fn flush(&mut self) {
        if let Err(error) = self.file.flush() {
            tracing::error!(%error, "the trace is not complete");
        }
    }

    fn line(&mut self, document: &Value) {
        if let Err(error) = writeln!(self.file, "{document}") {
            tracing::error!(%error, "the trace is not complete");
        }
    }
}

fn effects(effects: &[Effect]) -> Vec<Value> {
    let one = |effect: &Effect| {
        let kind = match effect {
            Effect::Persist(_) => "PERSIST",
            Effect::Send(_) => "SEND",
            Effect::Reply(..) => "REPLY",
            Effect::Close => "CLOSE",
            Effect::Note(_) => "NOTE",
        };
        json!({"effect": kind, "text": format!("{effect:?}")})
    };
    effects.iter().map(one).collect()
}

impl Core {
    /// The header and the start.
    pub(crate) fn trace_start(&mut self, out: &[Effect]) {
        let header = self.trace_header();
        let at = self.trace_now();
        let Some(trace) = self.trace() else { return };
        trace.line(&header);
        trace.line(&json!({"line": "serve-step", "at": at, "input": "Start", "effects": effects(out)}));
    }

    /// One step. That time passed and nothing came of it is not written.
    pub(crate) fn trace_step(&mut self, input: &Input, out: &[Effect]) {
        let at = self.trace_now();
        let Some(trace) = self.trace() else { return };
        if *input == Input::Wake && out.is_empty() {
            return;
        }
        trace.line(&json!({"line": "serve-step", "at": at, "input": format!("{input:?}"), "effects": effects(out)}));
    }
}
