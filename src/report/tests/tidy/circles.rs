//! Circles of files: no two files of a crate use each other, neither directly nor by way of others.
//!
//! An edge is a path that begins with `crate::`, or with the name of a file below, in code that is no test. Where the path
//! names what a file hands on (`pub use`), the edge goes to where that is. A file may use those whose part it is, as `core/why.rs` may
//! use `core/mod.rs` and `lib.rs`: they are read as one thing.

use std::collections::{BTreeMap, BTreeSet};

/// A file of a crate, as its module's path: `core::batch`, and nothing for the root.
type Module = Vec<String>;

/// Circles that are there: the crate, its files, and why they are not parted.
const KNOWN: [(&str, &[&str], &str); 3] = [
    (
        "src/engine",
        &["balance.rs", "config.rs", "durable.rs", "effect.rs", "table.rs"],
        "the balance of pools is a rule over a table, and the table's own default answers are by that rule",
    ),
    (
        "src/engine",
        &["due.rs", "endpoint.rs", "join.rs", "machine.rs", "startup.rs"],
        "the methods of one endpoint, in files: `endpoint.rs` has the doors, `machine.rs` what goes on behind them",
    ),
    (
        "src/world",
        &["action.rs", "claim.rs", "clients.rs", "model.rs", "places.rs", "system.rs"],
        "a model has its claims, and a claim looks at a system of a model",
    ),
];

/// A crate's files, with what each of them uses.
struct Graph {
    folder: String,
    files: BTreeMap<Module, String>,
    edges: BTreeMap<Module, BTreeSet<Module>>,
}

/// The code of a file: without comments, without unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join(" ")
}

/// The paths of `a::{b, c::{d, e as f}}`, each with the name under which it is known.
fn paths(tree: &str) -> Vec<(String, String)> {
    let Some((before, rest)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, tree.rsplit("::").next().unwrap_or(tree)));
        return vec![(path.trim().to_owned(), name.trim().to_owned())];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let mut depth = 0;
    let parts = inner.split(|c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let parts = parts.map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(|part| paths(&format!("{}{part}", before.trim()))).collect()
}

/// The uses of a file: each with whether it hands on what it names.
fn uses(code: &str) -> Vec<(bool, String)> {
    let statements = code.split([';', '}']).filter_map(|part| {
        // `{` may stand before a `use` in a function; the braces of a `use` itself come after it.
        let at =
            part.find("use ").filter(|&at| at == 0 || !part[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
        at.map(|at| (part[..at].to_owned(), part.as_ptr() as usize - code.as_ptr() as usize + at + 4))
    });
    let ends = |from: usize| code[from..].find(';').map_or("", |length| &code[from..from + length]);
    let is_public = |before: &str| before.split_whitespace().last().is_some_and(|word| word.starts_with("pub"));
    statements.map(|(before, from)| (is_public(&before), ends(from).to_owned())).collect()
}

/// Every path with `crate::` that stands in the code itself.
fn inline(code: &str) -> impl Iterator<Item = String> + '_ {
    code.match_indices("crate::").filter(|(at, _)| !code[..*at].ends_with(['$', '_'])).map(|(at, word)| {
        let rest = &code[at + word.len()..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
        rest[..end].trim_end_matches(':').to_owned()
    })
}

fn split(path: &str) -> Module {
    path.split("::").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

impl Graph {
    /// `files`: path below the crate's folder, and text.
    fn new(folder: &str, texts: &[(&str, &str)]) -> Graph {
        let module = |path: &str| -> Module {
            let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
            if ["lib", "main"].contains(&path) { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
        };
        let codes: BTreeMap<Module, String> = texts.iter().map(|(path, text)| (module(path), code(text))).collect();
        let files: BTreeMap<Module, String> =
            texts.iter().map(|(path, _)| (module(path), (*path).to_owned())).collect();
        // From the crate's root, if a path leads to something of ours.
        let whole = |from: &Module, path: &str| -> Option<Module> {
            let parts = split(path);
            match parts.first()?.as_str() {
                "crate" => Some(parts[1..].to_vec()),
                "self" => Some([from, &parts[1..]].concat()),
                first => {
                    let below = [from.as_slice(), &[first.to_owned()]].concat();
                    files.contains_key(&below).then(|| [from.as_slice(), &parts].concat())
                }
            }
        };
        let mut handed_on: BTreeMap<(Module, String), Module> = BTreeMap::new();
        for (from, code) in &codes {
            for (_, tree) in uses(code).iter().filter(|(is_public, _)| *is_public) {
                for (path, name) in paths(tree) {
                    handed_on.extend(whole(from, &path).map(|to| ((from.clone(), name), to)));
                }
            }
        }
        let file = |mut to: Module| -> Module {
            // As many steps as a chain of `pub use` may have.
            for _ in 0..8 {
                let length = (0..=to.len()).rev().find(|&length| files.contains_key(&to[..length])).unwrap_or(0);
                let next = to.get(length).and_then(|name| handed_on.get(&(to[..length].to_vec(), name.clone())));
                match next {
                    Some(next) => to = [next.as_slice(), &to[length + 1..]].concat(),
                    None => return to[..length].to_vec(),
                }
            }
            to
        };
        let mut edges = BTreeMap::new();
        for (from, code) in &codes {
            let mut to: BTreeSet<Module> = BTreeSet::new();
            for (_, tree) in uses(code).iter().filter(|(is_public, _)| !is_public) {
                to.extend(paths(tree).iter().filter_map(|(path, _)| whole(from, path)).map(file));
            }
            let bare: String = uses(code).iter().fold(code.clone(), |code, (_, tree)| code.replace(tree, ""));
            to.extend(inline(&bare).map(|path| file(split(&path))));
            to.retain(|to| !from.starts_with(to));
            edges.insert(from.clone(), to);
        }
        Graph { folder: folder.to_owned(), files, edges }
    }

    /// The files to which a way leads.
    fn beyond(&self, from: &Module) -> BTreeSet<Module> {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = next.pop() {
            for to in self.edges.get(&module).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    next.push(to.clone());
                }
            }
        }
        seen
    }

    /// Sets of files that lead to each other.
    fn circles(&self) -> Vec<BTreeSet<Module>> {
        let beyond: BTreeMap<&Module, BTreeSet<Module>> = self.files.keys().map(|m| (m, self.beyond(m))).collect();
        let mut found: Vec<BTreeSet<Module>> = Vec::new();
        for (module, to) in beyond.iter().filter(|(module, to)| to.contains(**module)) {
            let circle = to.iter().filter(|other| beyond.get(other).is_some_and(|back| back.contains(*module)));
            let circle: BTreeSet<Module> = circle.cloned().collect();
            if !found.contains(&circle) {
                found.push(circle);
            }
        }
        found
    }

    /// A circle for people: each file with those of it that it uses.
    fn told(&self, circle: &BTreeSet<Module>) -> String {
        let names = |modules: &mut dyn Iterator<Item = &Module>| -> String {
            modules.map(|module| self.files[module].as_str()).collect::<Vec<_>>().join(", ")
        };
        let lines = circle.iter().map(|module| {
            let to = names(&mut self.edges[module].iter().filter(|to| circle.contains(*to)));
            format!("  {}/{} uses {to}", self.folder, self.files[module])
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Every crate of ours, with the texts of its code.
fn crates(texts: &[(String, String)]) -> Vec<Graph> {
    let manifests = texts.iter().filter_map(|(path, _)| path.strip_suffix("/Cargo.toml"));
    let folders: Vec<&str> = manifests.filter(|folder| !folder.ends_with("/fuzz")).collect();
    let home = |path: &str| {
        let holds = |folder: &&&str| path.strip_prefix(**folder).is_some_and(|rest| rest.starts_with('/'));
        folders.iter().filter(holds).max_by_key(|folder| folder.len()).copied()
    };
    let is_code = |path: &str| {
        path.ends_with(".rs") && !["/tests/", "/benches/", "/fuzz/"].iter().any(|part| path.contains(part))
    };
    let graph = |folder: &str| {
        let of = texts.iter().filter(|(path, _)| is_code(path) && home(path) == Some(folder));
        let of: Vec<_> = of.map(|(path, text)| (&path[folder.len() + 1..], text.as_str())).collect();
        Graph::new(folder, &of)
    };
    folders.iter().map(|folder| graph(folder)).collect()
}

#[test]
fn no_two_files_use_each_other() {
    let mut wrong = Vec::new();
    let mut met = BTreeSet::new();
    for graph in crates(&crate::texts()) {
        for circle in graph.circles() {
            let files: Vec<&str> = circle.iter().map(|module| graph.files[module].as_str()).collect();
            match KNOWN.iter().position(|(folder, known, _)| *folder == graph.folder && files == *known) {
                Some(known) => drop(met.insert(known)),
                None => wrong.push(graph.told(&circle)),
            }
        }
    }
    assert!(wrong.is_empty(), "files that use each other:\n{}", wrong.join("\n\n"));
    let gone: Vec<_> = (0..KNOWN.len()).filter(|number| !met.contains(number)).map(|number| KNOWN[number]).collect();
    assert!(gone.is_empty(), "these use each other no more; take them out of KNOWN: {gone:?}");
}

#[test]
fn circles_are_found() {
    let circles = |texts: &[(&str, &str)]| -> Vec<String> {
        let graph = Graph::new("x", texts);
        graph.circles().iter().map(|circle| graph.told(circle)).collect()
    };
    let both = "  x/a.rs uses b.rs\n  x/b.rs uses a.rs";
    let one = ("a.rs", "use crate::b::{self, C};");
    assert_eq!(circles(&[("lib.rs", "mod a; mod b;"), one, ("b.rs", "fn f() { crate::a::g() }")]), [both]);
    assert_eq!(circles(&[("lib.rs", "pub use a::A; mod a; mod b;"), one, ("b.rs", "use crate::{A};")]), [both]);
    // What is no use: a comment, a test, what is handed on, and a part that uses its whole.
    assert!(circles(&[one, ("b.rs", "// crate::a\n#[cfg(test)]\nmod tests { use crate::a::A; }")]).is_empty());
    assert!(circles(&[("lib.rs", "pub use a::A; mod a;"), ("a.rs", "use crate::A;")]).is_empty());
    assert!(circles(&[("a/mod.rs", "mod b; use b::B;"), ("a/b.rs", "use super::A;")]).is_empty());
    // By way of a third one, out of a folder and back.
    let three = [
        ("a/mod.rs", "use crate::b::B;"),
        ("a/c.rs", ""),
        ("b.rs", "use crate::d::D;"),
        ("d.rs", "use crate::a::A as Z;"),
    ];
    assert_eq!(circles(&three).len(), 1);
}
