//! From a path to one table of values: reading, unknown keys, and the bases that a model builds on.

use crate::keys::{self, Kind};
pub use dhcpfo_header::disk::{Read, from_disk, relative_to};
use dhcpfo_header::error::FileError;
use dhcpfo_header::near::nearest;
use dhcpfo_header::node::{Node, Table, Value, get, parse};
use dhcpfo_header::section::{Report, Section, join};

/// Most files in a chain of bases.
const DEEPEST: usize = 8;

/// Keys of a model that hold for its own file only.
const OWN: [&str; 5] = ["title", "class", "about", "base", "expect"];

/// The file of that path: without its bases. None if it cannot be read at all.
pub(crate) fn single(path: &str, kind: Kind, read: Read<'_>, report: &Report<'_>) -> Option<Node> {
    let text = match read(path) {
        Ok(text) => text,
        Err(error) => {
            report.push(whole_file(path, format!("cannot be read: {error}")));
            return None;
        }
    };
    match parse(path, &text) {
        Ok(node) if kind == Kind::Model && is_foreign(&node, report) => None,
        Ok(node) => {
            check_keys(&node, kind, "", report);
            Some(node)
        }
        Err(errors) => {
            report.extend(errors);
            None
        }
    }
}

/// The protocol of the models that are read here.
pub const DRAFT_12: &str = "draft-12";

/// The values of a file, if it is TOML.
pub fn parsed(path: &str, text: &str) -> Option<Node> {
    parse(path, text).ok()
}

/// Whether a model is of another protocol; that is noted, and nothing else about it.
fn is_foreign(node: &Node, report: &Report<'_>) -> bool {
    let Some(field) = Section::root(node, report).field("protocol") else { return false };
    match field.text() {
        Some(DRAFT_12) => false,
        Some(word) => {
            let problem = format!("is `{word}`, and this goes with models of {DRAFT_12} only");
            field.fail_with::<()>(problem, DRAFT_12).is_none()
        }
        None => true,
    }
}

fn whole_file(path: &str, problem: String) -> FileError {
    FileError { path: path.to_owned(), line: 0, key: String::new(), problem, accepted: String::new() }
}

/// A model's file laid over its bases, and the paths of those, nearest first.
pub(crate) fn with_bases(path: &str, read: Read<'_>, report: &Report<'_>) -> Option<(Node, Vec<String>)> {
    let mut node = single(path, Kind::Model, read, report)?;
    let mut paths = vec![path.to_owned()];
    let mut next = base_of(&node, path, report);
    while let Some((base, fail)) = next {
        if paths.contains(&base) {
            report.push(fail(format!("{base} is based on itself: {} -> {base}", paths.join(" -> "))));
            return None;
        }
        if paths.len() >= DEEPEST {
            report.push(fail(format!("more than {DEEPEST} files in a chain of bases")));
            return None;
        }
        if let Err(error) = read(&base) {
            report.push(fail(format!("{base} cannot be read: {error}")));
            return None;
        }
        let below = single(&base, Kind::Model, read, report)?;
        next = base_of(&below, &base, report);
        node = over(below, node);
        paths.push(base);
    }
    Some((node, paths.split_off(1)))
}

/// The path of a model's base, and how to note that something is wrong with it.
fn base_of(node: &Node, path: &str, report: &Report<'_>) -> Option<(String, impl Fn(String) -> FileError + use<>)> {
    let field = Section::root(node, report).field("base")?;
    let base = relative_to(path, field.words()?);
    let (place, accepted) = (field.node.place.clone(), keys::accepted("", "base"));
    Some((base, move |problem| place.error("base", problem, accepted.clone())))
}

/// `above`, with what `below` has where it has nothing. What is its own file's business is not taken.
fn over(below: Node, above: Node) -> Node {
    let Node { place, value } = above;
    let (Value::Table(mut below), Value::Table(above)) = (below.value, value) else {
        unreachable!("a file is a table")
    };
    below.retain(|(key, _)| !OWN.contains(&key.as_str()));
    Node { place, value: Value::Table(merge(below, above, "")) }
}

fn merge(mut below: Table, above: Table, section: &str) -> Table {
    for (key, node) in above {
        if section == "system" {
            // Two ways to say the same thing: the later one counts.
            let other = match key.as_str() {
                "clients" => "buckets",
                "buckets" => "clients",
                _ => "",
            };
            below.retain(|(name, _)| name != other);
        }
        let full = join(section, &key);
        let whole = ["dialect", "system.reserved", "changed.reserved"].contains(&full.as_str());
        let place = below.iter().position(|(name, _)| *name == key);
        match (place, node.value) {
            (Some(i), Value::Table(above)) if !whole && matches!(below[i].1.value, Value::Table(_)) => {
                let Value::Table(old) = std::mem::replace(&mut below[i].1.value, Value::Bool(false)) else { continue };
                below[i].1 = Node { place: node.place, value: Value::Table(merge(old, above, &full)) };
            }
            (Some(i), value) => below[i].1 = Node { place: node.place, value },
            (None, value) => below.push((key, Node { place: node.place, value })),
        }
    }
    below
}

/// Notes every key that no such file has.
fn check_keys(node: &Node, kind: Kind, section: &str, report: &Report<'_>) {
    if let Value::Array(nodes) = &node.value {
        return nodes.iter().for_each(|node| check_keys(node, kind, section, report));
    }
    let Value::Table(table) = &node.value else { return };
    let Some(known) = keys::known(kind, section) else { return };
    for (key, node) in table {
        let full = join(section, key);
        if known.contains(&key.as_str()) {
            if keys::is_section(kind, &full) {
                check_keys(node, kind, &full, report);
            }
            continue;
        }
        let meant = nearest(key, known.iter().copied());
        let elsewhere = match meant {
            Some(_) => None,
            None => sections_with(kind, key),
        };
        let hint = match (meant, elsewhere) {
            (Some(near), _) => format!("; did you mean `{near}`?"),
            (None, Some(section)) => format!("; it belongs into [{section}]"),
            (None, None) => String::new(),
        };
        report.push(node.place.error(&full, format!("there is no such key{hint}"), known.join(", ")));
    }
}

/// The section in which this key would be known.
fn sections_with(kind: Kind, key: &str) -> Option<&'static str> {
    let all = match kind {
        Kind::Model => keys::model_keys(),
        Kind::Scenario => keys::scenario_keys(),
        Kind::Server => keys::server_keys(),
        Kind::Simulation => keys::simulation_keys(),
    };
    all.iter().find(|known| known.name == key && !known.section.is_empty()).map(|known| known.section)
}

/// Whether a file gives a key itself.
pub(crate) fn gives(node: &Node, key: &str) -> bool {
    matches!(&node.value, Value::Table(table) if get(table, key).is_some())
}
