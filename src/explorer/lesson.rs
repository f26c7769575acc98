//! Lessons: data in `scenarios/lessons/`, a page each, with a text, a starting point, and a goal that the page sees.

use crate::goal::Goal;
use crate::path;
use crate::source::{Source, prepared};
use dhcpfo_files::relative_to;
use serde::Deserialize;
use std::fs;

/// Most lessons that are read.
const MOST: usize = 100;

/// A lesson as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    model: String,
    text: String,
    #[serde(default)]
    start: String,
    goal: Vec<String>,
    task: String,
    hint: String,
    done: String,
    solution: String,
}

/// A lesson.
#[derive(Clone, Debug)]
pub struct Lesson {
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
    pub source: Source,
}

impl Lesson {
    /// Reads a lesson's file.
    pub fn read(path: &str) -> Result<Lesson, String> {
        let text = dhcpfo_files::from_disk(path).map_err(|error| format!("{path}: cannot be read: {error}"))?;
        let file: File = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
            format!("{path}:{line}: {}", error.message())
        })?;
        let mut source = Source::of_model(&relative_to(path, &file.model)).map_err(|errors| errors.to_string())?;
        let model = prepared(&source.file.model);
        for goal in &file.goal {
            Goal::parse(&model, goal).map_err(|why| format!("{path}: goal: {why}"))?;
        }
        source.start = path::lines(&file.start);
        let key = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".toml").to_owned();
        let trimmed = |text: String| text.trim().to_owned();
        Ok(Lesson {
            key,
            title: file.title,
            text: trimmed(file.text),
            task: trimmed(file.task),
            hint: trimmed(file.hint),
            done: trimmed(file.done),
            goal: file.goal,
            solution: path::lines(&file.solution),
            source,
        })
    }

    /// Every lesson of a folder, by name; none where there is no such folder.
    pub fn all(folder: &str) -> Result<Vec<Lesson>, String> {
        let Ok(entries) = fs::read_dir(folder) else { return Ok(Vec::new()) };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml") && !name.starts_with('.')).collect();
        names.sort();
        names.iter().take(MOST).map(|name| Lesson::read(&format!("{folder}/{name}"))).collect()
    }
}
