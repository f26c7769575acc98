//! Lessons: data in `scenarios/lessons/`, a page each, with a text, a starting point, and a goal that the page sees.

use crate::goal::Goal;
use crate::path;
use crate::source::{Source, prepared};
use dhcpfo_files::relative_to;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs;

/// Most lessons that are read.
const MOST: usize = 100;

/// A lesson as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    title: String,
    model: String,
    text: String,
    #[serde(default)]
    pub(crate) start: String,
    pub(crate) goal: Vec<String>,
    task: String,
    hint: String,
    done: String,
    solution: String,
}

/// A lesson about some model.
#[derive(Clone, Debug)]
pub struct Lesson<S = Source> {
    /// Its file's name without the ending.
    pub key: String,
    /// What it is about.
    pub title: String,
    /// Paragraphs, with a blank line between.
    pub text: String,
    /// What is to be done.
    pub task: String,
    /// What helps.
    pub hint: String,
    /// What to take home, once the goal is reached.
    pub done: String,
    /// The goal: all of these at once.
    pub goal: Vec<String>,
    /// Steps from the starting point to the goal.
    pub solution: Vec<String>,
    /// The model and the starting point.
    pub source: S,
}

impl File {
    fn read(path: &str) -> Result<File, String> {
        let text = dhcpfo_files::from_disk(path).map_err(|error| format!("{path}: cannot be read: {error}"))?;
        toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
            format!("{path}:{line}: {}", error.message())
        })
    }

    /// The path of its model; `path` is its own.
    pub(crate) fn model_from(&self, path: &str) -> String {
        relative_to(path, &self.model)
    }

    /// The lesson about a model.
    pub(crate) fn lesson<S>(self, path: &str, source: S) -> Lesson<S> {
        let key = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".toml").to_owned();
        let trimmed = |text: String| text.trim().to_owned();
        Lesson {
            key,
            title: self.title,
            text: trimmed(self.text),
            task: trimmed(self.task),
            hint: trimmed(self.hint),
            done: trimmed(self.done),
            goal: self.goal,
            solution: path::lines(&self.solution),
            source,
        }
    }
}

/// The files of lessons.
pub(crate) struct Lessons;

impl Lessons {
    /// Every one of a folder, by name; none where there is no such folder.
    pub(crate) fn of(folder: &str) -> impl Iterator<Item = Result<(String, File), String>> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml") && !name.starts_with('.')).collect();
        names.sort();
        let paths = names.into_iter().take(MOST).map(move |name| format!("{folder}/{name}"));
        let paths: Vec<String> = paths.collect();
        paths.into_iter().map(|path| File::read(&path).map(|file| (path, file)))
    }
}

impl<S> Lesson<S> {
    /// `value`, which says what there is to open, with the lesson in it.
    pub(crate) fn document(&self, mut value: Value) -> Value {
        value["title"] = json!(self.title);
        value["text"] = json!(self.text);
        value["task"] = json!(self.task);
        value["hint"] = json!(self.hint);
        value["done"] = json!(self.done);
        value["goal"] = json!(self.goal);
        value
    }
}

impl Lesson {
    /// Reads a lesson's file.
    pub fn read(path: &str) -> Result<Lesson, String> {
        Lesson::of(path, File::read(path)?)
    }

    fn of(path: &str, file: File) -> Result<Lesson, String> {
        let mut source = Source::of_model(&file.model_from(path)).map_err(|errors| errors.to_string())?;
        let model = prepared(&source.file.model);
        for goal in &file.goal {
            Goal::parse(&model, goal).map_err(|why| format!("{path}: goal: {why}"))?;
        }
        source.start = path::lines(&file.start);
        Ok(file.lesson(path, source))
    }

    /// Every lesson of a folder, by name; none where there is no such folder.
    pub fn all(folder: &str) -> Result<Vec<Lesson>, String> {
        Lessons::of(folder).map(|file| file.and_then(|(path, file)| Lesson::of(&path, file))).collect()
    }
}
