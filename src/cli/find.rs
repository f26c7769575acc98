//! Finding files below the current folder, and reading all of them before anything runs.

use crate::exit::Error;
use crate::subject::{self, Subject};
use dhcpfo_files::model::{ModelFile, model};
use dhcpfo_files::scenario::{ScenarioFile, scenario};
use dhcpfo_files::{FileError, FileErrors, from_disk};
use std::fs;
use std::path::Path;

/// Every model file below `models` in the current folder, whatever its protocol, sorted by path.
pub(crate) fn all_model_paths() -> Result<Vec<String>, Error> {
    below("models")
}

/// Those that are of no other protocol than draft-12.
pub(crate) fn model_paths() -> Result<Vec<String>, Error> {
    let mut paths = all_model_paths()?;
    // One that names a protocol that there is not is told of when it is read.
    paths.retain(|path| !subject::is_other(path));
    Ok(paths)
}

/// Every scenario file below `scenarios` in the current folder, sorted by path. A folder `models` there has models
/// that only scenarios use, a folder `simulate` what is simulated, a folder
/// `lessons` lessons of the explorer, a folder `protocols` scenarios of other protocols.
pub(crate) fn scenario_paths() -> Result<Vec<String>, Error> {
    let mut paths = below("scenarios")?;
    paths.retain(|path| !path.split('/').any(|part| ["models", "simulate", "lessons", "protocols"].contains(&part)));
    Ok(paths)
}

/// Every scenario file of another protocol than draft-12: those below a folder `protocols` there.
pub(crate) fn other_scenario_paths() -> Result<Vec<String>, Error> {
    let mut paths = below("scenarios")?;
    paths.retain(|path| path.split('/').any(|part| part == "protocols"));
    Ok(paths)
}

fn below(folder: &str) -> Result<Vec<String>, Error> {
    if !Path::new(folder).is_dir() {
        return Err(Error::words(format!(
            "there is no folder `{folder}` here; go to the folder that has it, or name the files"
        )));
    }
    let mut files = Vec::new();
    collect(folder, &mut files).map_err(|error| Error::words(format!("{folder} cannot be read: {error}")))?;
    files.sort_by_key(|path| (path.matches('/').count(), path.clone()));
    Ok(files)
}

fn collect(folder: &str, files: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{folder}/{name}");
        if entry.file_type()?.is_dir() {
            collect(&path, files)?;
        } else if name.ends_with(".toml") && !name.starts_with('.') {
            files.push(path);
        }
    }
    Ok(())
}

/// Reads model files; what is wrong with any of them is told at once.
pub(crate) fn models(paths: &[String]) -> Result<Vec<ModelFile>, Error> {
    all(paths, |path| model(path, &from_disk))
}

/// Reads model files of any protocol; what is wrong with any of them is told at once.
pub(crate) fn subjects(paths: &[String]) -> Result<Vec<Subject>, Error> {
    all(paths, Subject::read)
}

/// Reads scenario files; what is wrong with any of them is told at once.
pub(crate) fn scenarios(paths: &[String]) -> Result<Vec<ScenarioFile>, Error> {
    all(paths, |path| scenario(path, &from_disk))
}

fn all<T>(paths: &[String], read: impl Fn(&str) -> Result<T, FileErrors>) -> Result<Vec<T>, Error> {
    let (mut files, mut errors): (Vec<T>, Vec<FileError>) = (Vec::new(), Vec::new());
    for path in paths {
        match read(path) {
            Ok(file) => files.push(file),
            // A base or a model that several files share is told once.
            Err(more) => more.0.into_iter().for_each(|error| {
                if !errors.contains(&error) {
                    errors.push(error);
                }
            }),
        }
    }
    if errors.is_empty() { Ok(files) } else { Err(FileErrors(errors).into()) }
}
