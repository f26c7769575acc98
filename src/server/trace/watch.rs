//! A trace that is looked at while it is done again: line by line, also of a file that still grows.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use dhcpfo_documents::Head;
use dhcpfo_documents::served::{self, Line};
use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_engine::config::Config;
use dhcpfo_engine::effect::{Effect, Input};
use dhcpfo_engine::endpoint::Endpoint;
use dhcpfo_table::Indexed;

use super::named;
use super::replay::{Done, Kind, Problem, Replay, Replayed, Running};
use crate::plan::WINDOW;

/// Does a trace again.
#[derive(Default)]
pub struct Watch {
    replay: Replay,
    names: Known,
    line: usize,
}

/// A step that was done again, and how the server is after it.
pub struct Seen<'a> {
    /// The line of the trace, counted from 1.
    pub line: usize,
    /// The server's clock, in seconds since 1970.
    pub at: u32,
    /// What came; None: the server started.
    pub input: Option<Input>,
    /// What it did.
    pub effects: &'a [Effect],
    /// How it is now.
    pub endpoint: &'a Endpoint<Indexed, WINDOW>,
    /// How it is configured.
    pub config: &'a Config,
    /// What its numbers mean.
    pub names: &'a Known,
}

/// Which address and client a number means, as far as the trace says it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The first address of each run, the number that it has, and how many there are.
    runs: Vec<(Ipv4Addr, u32, u32)>,
    clients: HashMap<u32, String>,
}

impl Known {
    /// An address, or `a3` if the trace does not say which that is.
    pub fn address(&self, id: AddressId) -> String {
        let run = self.runs.iter().find(|(_, number, count)| (*number..number.saturating_add(*count)).contains(&id.0));
        let address = run.and_then(|(first, number, _)| u32::from(*first).checked_add(id.0 - number));
        address.map_or_else(|| format!("a{}", id.0), |address| Ipv4Addr::from(address).to_string())
    }

    /// A client, or `client 3`.
    pub fn client(&self, id: ClientId) -> String {
        self.clients.get(&id.0).cloned().unwrap_or_else(|| format!("client {}", id.0))
    }

    fn ranges(&mut self, runs: &[(Ipv4Addr, u32)]) {
        let mut number = 0_u32;
        self.runs.clear();
        for &(first, count) in runs {
            self.runs.push((first, number, count));
            number = number.saturating_add(count);
        }
    }
}

impl Watch {
    /// Takes the next line, with the end of line that it has. A last one without, which cannot be read, was cut off.
    ///
    /// # Errors
    /// It is not as it should be.
    pub fn line(&mut self, text: &str, look: &mut dyn FnMut(&Seen<'_>)) -> Result<(), Problem> {
        self.line += 1;
        let line = match parse(text) {
            Ok(line) => line,
            Err(Unread::NoJson(_)) if !text.ends_with('\n') => {
                self.replay.done.cut = true;
                return Ok(());
            }
            Err(Unread::NoJson(error)) => return Err(self.problem(Kind::Unreadable, format!("no JSON: {error}"))),
            Err(Unread::NoLine(why)) => return Err(self.problem(Kind::Unreadable, why)),
        };
        let done = self.replay.line(&line).map_err(|(kind, text)| self.problem(kind, text))?;
        self.name(&line, done.as_ref());
        if let (Some(done), Some(Running { config, endpoint, .. })) = (done, &self.replay.running) {
            let Done { at, input, effects } = &done;
            let names = &self.names;
            look(&Seen { line: self.line, at: *at, input: *input, effects, endpoint, config, names });
        }
        Ok(())
    }

    /// Which address and client a number means from here on.
    fn name(&mut self, line: &Line, done: Option<&Done>) {
        let (who, client) = match line {
            Line::ServeHeader(header) => return self.names.ranges(&header.ranges),
            Line::ServeBinding(stored) => (&stored.who, stored.binding.client),
            Line::ServeStep(step) => {
                let named = done.and_then(|done| named(done.input.as_ref()?)).map(|client| client.0);
                (&step.who, named)
            }
            Line::ServeLengths(_) => return,
        };
        if let (Some(who), Some(client)) = (who, client) {
            self.names.clients.insert(client, who.clone());
        }
    }

    /// What was done, if anything was.
    ///
    /// # Errors
    /// Nothing was started.
    pub fn finish(&self) -> Result<Replayed, Problem> {
        if self.replay.done.starts == 0 {
            let text = "nothing is started; a trace of `dhcpfo serve --trace` would be accepted".to_owned();
            return Err(Problem { line: 1, kind: Kind::Unreadable, text });
        }
        Ok(self.replay.done)
    }

    pub(super) fn problem(&self, kind: Kind, text: String) -> Problem {
        Problem { line: self.line.max(1), kind, text }
    }
}

/// Why a text is no line of a trace.
enum Unread {
    /// It is no JSON, as a line is that was cut off.
    NoJson(serde_json::Error),
    /// It is of another kind or version, or lacks something.
    NoLine(String),
}

fn parse(text: &str) -> Result<Line, Unread> {
    let line = serde_json::from_str::<Line>(text);
    if matches!(&line, Ok(line) if !matches!(line, Line::ServeHeader(_))) {
        return line.map_err(Unread::NoJson);
    }
    // Of a header of another version nothing else need be understood.
    if let Ok(head) = serde_json::from_str::<Head>(text)
        && head.line == "serve-header"
    {
        served::accept(&head).map_err(Unread::NoLine)?;
    }
    line.map_err(|error| match error.is_data() {
        true => Unread::NoLine(format!("no line of {}: {error}", served::FORMAT.name)),
        false => Unread::NoJson(error),
    })
}
