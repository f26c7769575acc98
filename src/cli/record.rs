//! `dhcpfo simulate FILE --record OUT`: a run of a population, event by event, for `dhcpfo explore`.

use crate::exit::Error;
use dhcpfo_engine::state::Role;
use dhcpfo_explorer::recorded::MOST;
use dhcpfo_explorer::recorded::teller::{Happened, Teller, session};
use dhcpfo_explorer::recorded::traces::Merger;
use dhcpfo_files::simulation::{Settings, SimulationFile};
use dhcpfo_report::recording::{Change, Event, Finding, Party, RecordingLine, Sided};
use dhcpfo_server::trace::Known;
use dhcpfo_simulate::population::{BEGINNING, Sight, watched};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// A file that is being written.
struct Record {
    out: BufWriter<File>,
    tellers: [Teller; 2],
    names: Known,
    merger: Merger,
    /// Events that there is room for.
    left: usize,
    /// Virtual seconds that pass in one; None: as fast as it goes.
    pace: Option<f64>,
    begun: Instant,
    problem: Option<std::io::Error>,
}

/// Carries out one run and writes down what happens.
pub(crate) fn record(
    path: &Path,
    file: &SimulationFile,
    settings: &Settings,
    (until, seed): (u32, u64),
    pace: Option<f64>,
) -> Result<(), Error> {
    let told = |error: std::io::Error| Error::words(format!("{} cannot be written: {error}", path.display()));
    let mut record = Record {
        out: BufWriter::new(File::create(path).map_err(told)?),
        tellers: [Teller::of_simulation(BEGINNING), Teller::of_simulation(BEGINNING)],
        names: Known::default(),
        merger: Merger::default(),
        left: MOST,
        pace,
        begun: Instant::now(),
        problem: None,
    };
    let title = format!("{}, seed {seed}", file.title);
    record.line(&RecordingLine::header(title));
    watched(file, settings, until, seed, &mut |milliseconds, sight| record.see(milliseconds, sight));
    if record.left == 0 {
        eprintln!("dhcpfo: {}: only the first {MOST} events are written", path.display());
    }
    record.problem.map_or(Ok(()), |error| Err(told(error)))
}

impl Record {
    fn line(&mut self, line: &RecordingLine) {
        if self.problem.is_some() {
            return;
        }
        let mut written = writeln!(self.out, "{}", dhcpfo_documents::line(line));
        if self.pace.is_some() {
            // Somebody may be following.
            written = written.and_then(|()| self.out.flush());
        }
        self.problem = written.err();
    }

    fn see(&mut self, milliseconds: u64, sight: &Sight<'_>) {
        // What went wrong is written down even if there is no room for what led to it.
        if self.left == 0 && !matches!(sight, Sight::Refuted(_)) {
            return;
        }
        self.left = self.left.saturating_sub(1);
        if let Some(pace) = self.pace {
            let due = Duration::from_secs_f64(milliseconds as f64 / 1000.0 / pace);
            std::thread::sleep(due.saturating_sub(self.begun.elapsed()));
        }
        let at = milliseconds as i64 * 1000;
        let event = Event { at, place: String::new(), ..self.event(sight) };
        self.line(&RecordingLine::RecordingEvent(Box::new(event)));
    }

    /// Finds for what is read where it was sent.
    fn matched(&mut self, role: Role, event: Event) -> Event {
        self.merger.waiting[role.index()].push_back(event);
        self.merger.next().unwrap_or_default()
    }

    fn event(&mut self, sight: &Sight<'_>) -> Event {
        match sight {
            Sight::Step { role, second, input, effects, state, volatile, table } => {
                let happened = Happened {
                    role: *role,
                    second: *second,
                    input: *input,
                    effects,
                    state: *state,
                    phase: volatile.phase,
                    session: session(&volatile.session),
                    table,
                };
                let event = self.tellers[role.index()].event(&happened, &self.names);
                self.matched(*role, event)
            }
            Sight::Crash(role) => {
                self.tellers[role.index()].ended();
                let changes = vec![Change::Condition(Party::server(*role), "off".to_owned()), Change::Link(false)];
                self.matched(*role, Event { words: format!("crash {}", role.name()), changes, ..Event::default() })
            }
            Sight::Holds(client, address, until) => {
                let (client, address) = (format!("client {client}"), format!("a{address}"));
                let word = if until.is_some() { "has" } else { "gives up" };
                let words = format!("{client} {word} {address}");
                let until = until.map(i64::from);
                Event { words, changes: vec![Change::Holds { client, address, until }], ..Event::default() }
            }
            Sight::Refuted(violation) => {
                let finding = Finding { claim: violation.claim.to_owned(), text: violation.detail.clone() };
                Event { words: format!("{} is refuted", violation.claim), findings: vec![finding], ..Event::default() }
            }
        }
    }
}
