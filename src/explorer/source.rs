//! What can be opened: a model with the path that it begins with. Files are read when the explorer starts; no request
//! makes it read one.

use dhcpfo_files::model::{ModelFile, model};
use dhcpfo_files::{FileErrors, ScenarioFile, from_disk};
use dhcpfo_world::model::Model;

/// A model, with where one begins in it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The model as it stands in its file.
    pub file: ModelFile,
    /// The path to begin with.
    pub start: Vec<String>,
    /// The readings to begin with, where they are not the model's.
    pub with: Vec<Reading>,
    /// What should be said when it is opened.
    pub notes: Vec<String>,
}

/// A question with the reading that is to be in force instead; `dialect` is one as well.
pub type Reading = (String, String);

impl Source {
    /// Reads a model's file.
    pub fn of_model(path: &str) -> Result<Source, FileErrors> {
        let file = model(path, &from_disk)?;
        Ok(Source { file, start: Vec::new(), with: Vec::new(), notes: Vec::new() })
    }

    /// The model of a scenario or of a trace, with its script as the path.
    pub fn of_scenario(scenario: &ScenarioFile) -> Result<Source, FileErrors> {
        let mut source = Source::of_model(&scenario.model.path)?;
        source.with.clone_from(&scenario.model.overlaid);
        let model = prepared(&scenario.model.model);
        let (path, problem) = crate::align::path_of(&model, scenario);
        source.start = path;
        source.notes = vec![format!("{}: {}", scenario.path, scenario.title)];
        source.notes.extend(problem.map(|problem| format!("only the first part could be followed: {problem}")));
        Ok(source)
    }

    /// The model, with other readings where some are asked for.
    pub fn model(&self, with: &[Reading]) -> Result<Model, String> {
        let mut file = self.file.clone();
        // A dialect replaces what stands before it.
        let (dialects, rules): (Vec<&Reading>, Vec<&Reading>) = with.iter().partition(|(key, _)| key == "dialect");
        for (key, word) in dialects.into_iter().chain(rules) {
            file.overlay(key, word)?;
        }
        Ok(prepared(&file.model))
    }
}

/// A model as it is explored: one can go on behind a violation, and every witness is watched. Claims about whole runs
/// are not judged state by state, and are left out.
pub fn prepared(model: &Model) -> Model {
    let mut model = model.clone();
    model.go_on = true;
    model.claims.retain(|claim| !claim.check.is_whole());
    model.witnesses = Vec::new();
    model
}
