//! Scenario files of any protocol: a model, a script, and what the script refutes.

use crate::family::{Registry, Study};
use crate::play::Script;
use dhcpfo_header::FileErrors;
use dhcpfo_header::disk::{Read, relative_to};
use dhcpfo_header::keys::Key;
use dhcpfo_header::node::{Node, Value, get, parse};
use dhcpfo_header::section::{Report, Section};

/// A scenario file that is as it should be.
pub struct Scenario {
    /// The file, as it was named.
    pub path: String,
    /// What is shown.
    pub title: String,
    /// The model that is played.
    pub study: Box<dyn Study>,
    /// The script.
    pub script: Script,
    /// Exactly the claims that the script refutes.
    pub refutes: Vec<String>,
}

const KEYS: [(&str, &str, &str, &str, &str); 5] = [
    ("", "title", "a line of text", "", "what is shown"),
    ("", "model", "the path of a model file, relative to this one", "", "the model that is played"),
    ("", "lengths", "seconds or small", "seconds", "which of the model's lengths of time it is played with"),
    ("", "script", "text, a line for each action", "", "what happens"),
    ("expect", "refutes", "a list of claims of the model", "[]", "exactly what the script refutes"),
];

/// Every key of a scenario file.
pub fn keys() -> Vec<Key> {
    let key = |&(section, name, accepted, default, about): &(_, _, &str, _, _)| Key {
        section,
        name,
        accepted: accepted.to_owned(),
        default,
        about,
    };
    KEYS.iter().map(key).collect()
}

/// Reads the scenario file of that path, if its model is of a registered protocol. None: it is not, or nobody can say.
///
/// # Errors
/// Everything that is wrong with it or with its model.
pub fn scenario(path: &str, read: Read<'_>, registry: Registry, own: &str) -> Result<Option<Scenario>, FileErrors> {
    let Some(node) = read(path).ok().and_then(|text| parse(path, &text).ok()) else { return Ok(None) };
    let Value::Table(table) = &node.value else { return Ok(None) };
    let Some(Node { value: Value::String(model, _), .. }) = get(table, "model") else { return Ok(None) };
    let model = relative_to(path, model);
    let Some(below) = read(&model).ok().and_then(|text| parse(&model, &text).ok()) else { return Ok(None) };
    let Some(family) = registry.of(&below, own)? else { return Ok(None) };
    let study = family.model(&model, &below)?;
    of_node(path, &node, study).map(Some)
}

fn of_node(path: &str, node: &Node, study: Box<dyn Study>) -> Result<Scenario, FileErrors> {
    let keys = keys();
    let report = Report::of_keys(&keys);
    crate::file::unknown_keys(node, &keys, "", &report);
    let root = Section::root(node, &report);
    let title = root.required("title").and_then(|field| field.words().map(str::to_owned));
    let _ = root.required("model");
    let small = root.choice("lengths", &[("seconds", false), ("small", true)], false);
    let lines = root.required("script").map(|field| match &field.node.value {
        Value::String(text, lines) => lines.iter().copied().zip(text.lines().map(str::to_owned)).collect(),
        _ => field.fail("is no text").unwrap_or_default(),
    });
    let refutes = refutes(&root.section("expect"), &*study);
    match (title, lines, report.is_clean()) {
        (Some(title), Some(lines), true) => {
            Ok(Scenario { path: path.to_owned(), title, study, script: Script { small, lines }, refutes })
        }
        _ => Err(FileErrors::new(report.into_errors())),
    }
}

fn refutes(section: &Section<'_>, study: &dyn Study) -> Vec<String> {
    let Some(field) = section.field("refutes") else { return Vec::new() };
    let names = study.head().claims.iter().map(|claim| claim.name);
    let known = |field: &dhcpfo_header::section::Field<'_>| {
        let name = field.text()?;
        match names.clone().any(|known| known == name) {
            true => Some(name.to_owned()),
            false => field.unknown("claim of this model", name, names.clone()),
        }
    };
    field.list().unwrap_or_default().iter().filter_map(known).collect()
}

impl Scenario {
    /// The text of a scenario file of actions at their instants.
    pub fn text(title: &str, model: &str, small: bool, lines: &[String], refutes: &[&str]) -> String {
        // What is quoted here has no control characters: titles are lines, and the rest are names and paths.
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let small = if small { "lengths = \"small\"\n" } else { "" };
        let refutes: Vec<String> = refutes.iter().map(|name| quoted(name)).collect();
        format!(
            "title = {}\nmodel = {}\n{small}script = '''\n{}\n'''\n\n[expect]\nrefutes = [{}]\n",
            quoted(title),
            quoted(model),
            lines.join("\n"),
            refutes.join(", ")
        )
    }
}
