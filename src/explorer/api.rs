//! What the page can ask: pure functions from a request's text to an answer's.

use crate::cite;
use crate::find::{Bounds, LONGEST, MOST_STATES, Wanted, find};
use crate::goal::Goal;
use crate::lesson::Lesson;
use crate::sheet::sheet;
use crate::source::{Reading, Source};
use crate::timed::timetable;
use crate::walk::Walk;
use dhcpfo_engine::rules::{QUESTIONS, Rules};
use dhcpfo_engine::span;
use dhcpfo_report::diagram;
use dhcpfo_search::onwards::Found;
use dhcpfo_world::model::Model;
use dhcpfo_world::play::Length;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What is served.
pub struct Explorer {
    /// What was asked for on the command line.
    pub main: Source,
    /// Lessons.
    pub lessons: Vec<Lesson>,
    searching: Searching,
}

/// A question of the page.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// `main`, or a lesson's key.
    #[serde(default)]
    pub(crate) source: String,
    /// Readings to put in the place of the model's.
    #[serde(default)]
    pub(crate) with: Vec<Reading>,
    /// The path.
    #[serde(default)]
    pub(crate) path: Vec<String>,
    /// The whole diagram.
    #[serde(default)]
    all: bool,
    /// What to look for; empty for any violation.
    #[serde(default)]
    pub(crate) want: String,
    /// Most states of a search.
    #[serde(default)]
    pub(crate) states: Option<u64>,
    /// Most seconds of a search.
    #[serde(default)]
    pub(crate) seconds: Option<u64>,
    /// The title of a scenario.
    #[serde(default)]
    pub(crate) title: String,
}

/// An answer: what it is, or why there is none, for whoever asked.
pub type Answer = Result<Value, Refused>;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The question is wrong.
    Wrong(String),
    /// Another search is running.
    Busy,
}

impl From<String> for Refused {
    fn from(why: String) -> Refused {
        Refused::Wrong(why)
    }
}

/// One search at a time, which can be ended.
#[derive(Default)]
pub(crate) struct Searching {
    one: Mutex<()>,
    cancel: AtomicBool,
}

impl Searching {
    /// Searches as far as was asked, within the bounds that there are.
    pub(crate) fn answer<S: ToString>(
        &self,
        asked: &Asked,
        search: impl FnOnce(&Bounds<'_>) -> Result<Found<S>, Refused>,
    ) -> Answer {
        let Ok(_one) = self.one.try_lock() else { return Err(Refused::Busy) };
        self.cancel.store(false, Ordering::Relaxed);
        let bounds = Bounds {
            states: asked.states.unwrap_or(MOST_STATES).clamp(1, MOST_STATES),
            time: Duration::from_secs(asked.seconds.unwrap_or(LONGEST.as_secs())).min(LONGEST),
            cancel: &self.cancel,
        };
        Ok(match search(&bounds)? {
            Found::Path(steps) => json!({ "steps": steps.iter().map(ToString::to_string).collect::<Vec<_>>() }),
            Found::None { states } => json!({ "none": true, "states": states }),
            Found::CutOff { bound, states } => json!({ "bound": bound, "states": states }),
        })
    }

    /// Ends the search that is running, if one is.
    pub(crate) fn cancel(&self) -> Value {
        self.cancel.store(true, Ordering::Relaxed);
        json!({})
    }
}

impl Explorer {
    /// An explorer of a source, with lessons.
    pub fn new(main: Source, lessons: Vec<Lesson>) -> Explorer {
        Explorer { main, lessons, searching: Searching::default() }
    }

    fn source(&self, key: &str) -> Result<(&Source, &[String]), Refused> {
        if key.is_empty() || key == "main" {
            return Ok((&self.main, &[]));
        }
        let lesson = self.lessons.iter().find(|lesson| lesson.key == key);
        let lesson = lesson.ok_or_else(|| Refused::Wrong(format!("there is no lesson `{key}`")))?;
        Ok((&lesson.source, &lesson.goal))
    }

    fn prepare(&self, asked: &Asked) -> Result<(Model, Vec<Goal>), Refused> {
        let (source, goals) = self.source(&asked.source)?;
        let model = source.model(&asked.with)?;
        let goals = goals.iter().map(|goal| Goal::parse(&model, goal)).collect::<Result<_, _>>()?;
        Ok((model, goals))
    }

    /// What there is to open.
    pub fn opening(&self) -> Value {
        let source = |key: &str, source: &Source| {
            let lengths = &source.file.model.lengths.seconds;
            let lengths = [("MCLT", span::MCLT), ("lease", span::DESIRED_LEASE), ("potential", span::POTENTIAL_LEAD)]
                .map(|(name, span)| format!("{name} {}", Length::seconds(lengths.get(span))));
            json!({
                "key": key,
                "path": source.file.path,
                "title": source.file.title,
                "about": source.file.about,
                "start": source.start,
                "with": source.with,
                "notes": source.notes,
                "lengths": lengths,
                "clients": source.file.model.client_count(),
            })
        };
        let lesson = |lesson: &Lesson| lesson.document(source(&lesson.key, &lesson.source));
        json!({
            "main": source("main", &self.main),
            "lessons": self.lessons.iter().map(lesson).collect::<Vec<_>>(),
            "questions": QUESTIONS.iter().map(cite::question).collect::<Vec<_>>(),
            "dialects": Rules::DIALECTS.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "goals": crate::goal::ACCEPTED,
            "bounds": { "states": MOST_STATES, "seconds": LONGEST.as_secs(), "steps": crate::path::MOST, "timed": crate::timed::LONGEST },
        })
    }

    /// The state at the end of a path.
    pub fn state(&self, asked: &Asked) -> Answer {
        let (model, goals) = self.prepare(asked)?;
        Ok(sheet(&Walk::along(&model, &asked.path), &goals, asked.all))
    }

    /// The times of a path.
    pub fn times(&self, asked: &Asked) -> Answer {
        let (model, _) = self.prepare(asked)?;
        let walk = Walk::along(&model, &asked.path);
        Ok(match timetable(&walk) {
            Ok(times) => json!({
                "at": times.at,
                "end": times.end,
                "places": times.places.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
                "diagram": if asked.all { json!(diagram::svg(&times.rows, 0, true)) } else { Value::Null },
            }),
            Err(why) => json!({ "why": why }),
        })
    }

    /// A search from the end of a path.
    pub fn find(&self, asked: &Asked) -> Answer {
        let (model, _) = self.prepare(asked)?;
        let walk = Walk::along(&model, &asked.path);
        let goals = if asked.want.trim().is_empty() { Vec::new() } else { Goal::parse_all(&model, &asked.want)? };
        let wanted = if goals.is_empty() { Wanted::Violation } else { Wanted::State(&goals) };
        self.searching.answer(asked, |bounds| Ok(find(&walk, &wanted, bounds)))
    }

    /// Ends the search that is running, if one is.
    pub fn cancel(&self) -> Value {
        self.searching.cancel()
    }

    /// A path as a scenario file.
    pub fn scenario(&self, asked: &Asked) -> Answer {
        let (model, _) = self.prepare(asked)?;
        let walk = Walk::along(&model, &asked.path);
        let (source, _) = self.source(&asked.source)?;
        let quoted = |text: &str| Value::from(text).to_string();
        let title = if asked.title.trim().is_empty() { source.file.title.as_str() } else { asked.title.trim() };
        let mut text = format!("title = {}\n# As seen from the folder of this file.\n", quoted(title));
        text += &format!("model = {}\n", quoted(&source.file.path));
        let (dialects, rules): (Vec<_>, Vec<_>) = asked.with.iter().partition(|(key, _)| key == "dialect");
        // Of several the last one is in force.
        if let Some((_, word)) = dialects.last() {
            text += &format!("dialect = {}\n", quoted(word));
        }
        let times = timetable(&walk).map_err(|why| Refused::Wrong(format!("this path has no times: {why}")))?;
        text += "script = '''\n";
        for line in &times.script {
            text += &format!("{line}\n");
        }
        let names: Vec<String> = played_refuted(&times.rows).iter().map(|name| quoted(name)).collect();
        let refutes = if names.is_empty() { "\"nothing\"".to_owned() } else { format!("[{}]", names.join(", ")) };
        text += "'''\n\n";
        let rules: std::collections::BTreeMap<&String, &String> =
            rules.into_iter().map(|(key, word)| (key, word)).collect();
        if !rules.is_empty() {
            text += "[rules]\n";
            rules.iter().for_each(|(key, word)| text += &format!("{key} = {}\n", quoted(word)));
            text.push('\n');
        }
        text += &format!("[expect]\nrefutes = {refutes}\n");
        Ok(json!({ "text": text }))
    }
}

/// The claims that are violated somewhere in a play, each once.
fn played_refuted(rows: &[dhcpfo_report::rows::Row]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in rows.iter().flat_map(|row| &row.refuted) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}
