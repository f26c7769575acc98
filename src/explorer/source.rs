//! What can be opened: a model with the path that it begins with. Files are read when the explorer starts; no request
//! makes it read one.

use dhcpfo_engine::rules::{Rules, UnknownReading};
use dhcpfo_files::model::{ModelFile, model};
use dhcpfo_files::{FileErrors, ScenarioFile, from_disk};
use dhcpfo_world::claim::Check;
use dhcpfo_world::model::Model;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;

/// A model, with the texts of the files that it was read from.
#[derive(Clone, Debug)]
pub struct Source {
    /// The model as it stands in its file.
    pub file: ModelFile,
    /// The path to begin with.
    pub start: Vec<String>,
    /// What should be said when it is opened.
    pub notes: Vec<String>,
    texts: BTreeMap<String, String>,
}

/// A question with the reading that is to be in force instead; `dialect` is one as well.
pub type Reading = (String, String);

impl Source {
    /// Reads a model's file.
    pub fn of_model(path: &str) -> Result<Source, FileErrors> {
        let texts = RefCell::new(BTreeMap::new());
        let read = |path: &str| -> io::Result<String> {
            let text = from_disk(path)?;
            texts.borrow_mut().insert(path.to_owned(), text.clone());
            Ok(text)
        };
        let file = model(path, &read)?;
        Ok(Source { file, start: Vec::new(), notes: Vec::new(), texts: texts.into_inner() })
    }

    /// The model of a scenario or of a trace, with its script as the path.
    pub fn of_scenario(scenario: &ScenarioFile) -> Result<Source, FileErrors> {
        let mut source = Source::of_model(&scenario.model.path)?;
        let model = prepared(&source.file.model);
        let (path, problem) = crate::align::path_of(&model, scenario);
        source.start = path;
        source.notes = vec![format!("{}: {}", scenario.path, scenario.title)];
        source.notes.extend(problem.map(|problem| format!("only the first part could be followed: {problem}")));
        Ok(source)
    }

    /// The model, with other readings where some are asked for.
    pub fn model(&self, with: &[Reading]) -> Result<Model, String> {
        if with.is_empty() {
            return Ok(prepared(&self.file.model));
        }
        let path = format!("{}+readings", self.file.path);
        let overlay = self.overlay(with)?;
        let read = |asked: &str| match self.texts.get(asked) {
            Some(text) => Ok(text.clone()),
            None if asked == path => Ok(overlay.clone()),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "it was not there at the start")),
        };
        model(&path, &read).map(|file| prepared(&file.model)).map_err(|errors| errors.to_string())
    }

    /// A model file that lays readings over this one.
    fn overlay(&self, with: &[Reading]) -> Result<String, String> {
        let name = self.file.path.rsplit('/').next().unwrap_or(&self.file.path);
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut text = format!("title = \"other readings\"\nclass = \"study\"\nbase = {}\n", quoted(name));
        let mut rules = String::from("[rules]\n");
        for (key, word) in with {
            if key == "dialect" {
                let known: Vec<&str> = Rules::DIALECTS.iter().map(|(name, _)| *name).collect();
                if !known.contains(&word.as_str()) {
                    return Err(format!("dialect `{word}`: accepted: {}", known.join(", ")));
                }
                text += &format!("dialect = {}\n", quoted(word));
                continue;
            }
            match Rules::DRAFT_12.clone().set(key, word) {
                Ok(()) => rules += &format!("{key} = {}\n", quoted(word)),
                Err(UnknownReading::Key) => return Err(format!("`{key}` is no question about the specification")),
                Err(UnknownReading::Word(words)) => {
                    return Err(format!("{key} = `{word}`: accepted: {}", words.join(", ")));
                }
            }
        }
        Ok(text + &rules)
    }
}

/// Every question with the words of its readings.
pub fn questions() -> Vec<(&'static str, &'static [&'static str])> {
    let answers = |key| match Rules::DRAFT_12.clone().set(key, "?") {
        Err(UnknownReading::Word(words)) => words,
        _ => &[],
    };
    Rules::DRAFT_12.words().map(|(key, _)| (key, answers(key))).collect()
}

/// A model as it is explored: one can go on behind a violation, and every witness is watched. Claims about whole runs
/// are not judged state by state, and are left out.
pub fn prepared(model: &Model) -> Model {
    let mut model = model.clone();
    model.go_on = true;
    model.claims.retain(|claim| !matches!(claim.check, Check::Reach(_)));
    model.witnesses = Vec::new();
    model
}
