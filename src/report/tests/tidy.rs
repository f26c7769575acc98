//! The house in order: what texts name exists, rooms for any protocol name none, files can be read in a sitting. Packages,
//! circles of files and claims have a file each.

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/claims.rs"]
mod claims;
#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/packages.rs"]
mod packages;
#[path = "tidy/picture.rs"]
mod picture;

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every text of ours, by its path from the root.
fn texts() -> Vec<(String, String)> {
    const FOLDERS: [&str; 7] = [".ci", "examples", "models", "properties", "reports", "scenarios", "src"];
    let mut found: Vec<(String, String)> = Vec::new();
    for document in ["CHANGELOG.md", "CONTRIBUTING.md", "Cargo.toml", "README.md", "SECURITY.md", "deny.toml"] {
        found.push((document.to_owned(), fs::read_to_string(root().join(document)).expect("a document at the top")));
    }
    let mut folders: Vec<String> = FOLDERS.map(String::from).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder of ours") {
            let entry = entry.expect("a readable folder");
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().expect("a kind of file").is_dir() {
                // What is generated, and what another build has left, is not ours.
                if !["reports/out"].contains(&path.as_str()) && !path.ends_with("/target") {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// Whether what a file names is invented: tests, golden files, which repeat what others say, and edits of code.
fn invents(path: &str) -> bool {
    path.contains("/tests/")
        || path.contains("/fuzz/")
        || path.starts_with("reports/golden/")
        || path.ends_with(".edits")
}

/// What looks like a path from the root: a top folder of ours, a slash, and more.
fn named(line: &str) -> impl Iterator<Item = &str> {
    const TOPS: [&str; 7] = ["src/", "models/", "scenarios/", "reports/", "examples/", "properties/", ".ci/"];
    let is_part = |c: char| c.is_ascii_alphanumeric() || "/._-*{}".contains(c);
    line.split(move |c: char| !is_part(c))
        .map(|word| word.trim_end_matches(['.', '/']))
        .filter(|word| TOPS.iter().any(|top| word.starts_with(top)))
        // A pattern for many, or a name to be put in.
        .filter(|word| !word.contains(['*', '{', '}']) && !word.contains("NAME") && !word.starts_with("reports/out"))
}

#[test]
fn what_a_text_names_exists() {
    let mut missing = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| !invents(path)) {
        // Unit tests at the end of a file invent names as well.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        for (number, line) in text.lines().enumerate() {
            for name in named(line) {
                // A scenario names its model from where it stands.
                if !root().join(name).exists() && !root().join(folder).join(name).exists() {
                    missing.push(format!("{path}:{}: {name}", number + 1));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no such file:\n{}", missing.join("\n"));
}

#[test]
fn links_of_documents_lead_somewhere() {
    let mut dead = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| path.ends_with(".md")) {
        let folder = root().join(Path::new(path).parent().unwrap_or(Path::new("")));
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let elsewhere = target.contains("://") || target.contains(' ') || file.is_empty();
            if !elsewhere && !folder.join(file).exists() {
                dead.push(format!("{path}: {target}"));
            }
        }
    }
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

/// `src/search` knows nothing of ours, `src/clock` a time, the rooms above them what is below, and none a protocol.
#[test]
fn rooms_for_any_protocol_name_none() {
    let rooms = [
        ("src/time/", &[][..]),
        ("src/clock/", &["dhcpfo-time"]),
        ("src/search/", &[]),
        ("src/header/", &["dhcpfo-claims", "dhcpfo-time", "dhcpfo-clock"]),
        ("src/study/", &["dhcpfo-claims", "dhcpfo-time", "dhcpfo-clock", "dhcpfo-header", "dhcpfo-search"]),
    ];
    let mut found = Vec::new();
    // Tests have protocols of their own, and documents speak of some.
    for (path, text) in texts().into_iter().filter(|(path, _)| !path.contains("/tests/") && !path.ends_with(".md")) {
        let Some((room, allowed)) = rooms.iter().find(|(room, _)| path.starts_with(room)) else { continue };
        for (number, line) in text.lines().enumerate() {
            let at = || format!("{path}:{}: {}", number + 1, line.trim());
            let ours = path.ends_with("Cargo.toml") && line.starts_with("dhcpfo-");
            if ours && !allowed.iter().any(|name| line.starts_with(name)) {
                found.push(at());
            }
            let own = format!("dhcpfo_{}", &room[4..room.len() - 1]);
            let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            let below = |word: &str| allowed.iter().any(|name| word == name.replace('-', "_"));
            let foreign = |word: &str| word.starts_with("dhcpfo_") && word != own && !below(word);
            let names = ["failover-12", "draft-12", "draft_12", "BNDUPD", "fischer"];
            if words.clone().any(foreign) || names.iter().any(|name| line.to_lowercase().contains(&name.to_lowercase()))
            {
                found.push(at());
            }
        }
    }
    assert!(found.is_empty(), "a room for any protocol names one:\n{}", found.join("\n"));
}

/// Lines of a file, and of a function, that can be read in a sitting.
#[test]
fn files_and_functions_can_be_read_in_a_sitting() {
    const FILE: usize = 700;
    const FUNCTION: usize = 90;
    let mut long = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| path.ends_with(".rs")) {
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() > FILE {
            long.push(format!("{path}: {} lines", lines.len()));
        }
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
            let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
            let length = lines[number..].iter().position(|line| line.starts_with(&end)).unwrap_or_default();
            if length > FUNCTION {
                long.push(format!("{path}:{}: a function of {length} lines", number + 1));
            }
        }
    }
    assert!(long.is_empty(), "too long:\n{}", long.join("\n"));
}

/// A function that does not end in its first line.
fn begins_function(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(4).collect();
    let before = words.iter().position(|word| *word == "fn");
    before.is_some_and(|n| words[..n].iter().all(|word| word.starts_with("pub") || ["const", "async"].contains(word)))
        && !line.trim_end().ends_with(['}', ';'])
}

/// Texts that stand outside the repository are not cited: who reads the code has no way to look.
#[test]
fn what_is_cited_can_be_read() {
    const OUTSIDE: [&str; 4] = ["clocks.md", "formal.md", "failover-v4.md", "dhcpd-interop.md"];
    let mut found = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| path != "src/report/tests/tidy.rs") {
        for (number, line) in
            text.lines().enumerate().filter(|(_, line)| OUTSIDE.iter().any(|name| line.contains(name)))
        {
            found.push(format!("{path}:{}: {}", number + 1, line.trim()));
        }
    }
    assert!(found.is_empty(), "nobody can look there:\n{}", found.join("\n"));
}

/// Only the facade's examples are compiled: elsewhere `doctest = false` saves a run of rustdoc for each crate, so that
/// nothing there may look like an example that is tested.
#[test]
fn examples_that_would_not_be_tested_are_none() {
    let mut found = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| path.ends_with(".rs") && !path.starts_with("src/facade/")) {
        let mut within = false;
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim_start();
            let Some(text) = text.strip_prefix("///").or_else(|| text.strip_prefix("//!")) else { continue };
            if let Some(kind) = text.trim_start().strip_prefix("```") {
                if !within && !["text", "json", "toml", "sh"].contains(&kind) {
                    found.push(format!("{path}:{line}: ```{kind}"));
                }
                within = !within;
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Rules and claims leave it to the clock what a time is: they neither take its number nor make one of a number. (That they do
/// not compare two is seen by the compiler.)
#[test]
fn rules_do_not_look_into_times() {
    let texts = texts();
    let rules = ["src/engine/", "properties/", "src/protocols/", "examples/own-protocol/src/"];
    let ruled = texts
        .iter()
        .filter(|(path, _)| path.ends_with(".rs") && !invents(path) && rules.iter().any(|room| path.starts_with(room)));
    let mut looked_at = 0;
    for (path, text) in ruled {
        looked_at += 1;
        // Tests of a file are at its end.
        let rules = text.split("#[cfg(test)]").next().unwrap_or_default();
        let looks = ["from_raw(", ".raw()"].into_iter().find(|word| rules.contains(word));
        assert_eq!(looks, None, "{path} looks into a time");
    }
    assert!(looked_at > 80, "only {looked_at} files were looked at");
}

/// Each label of a mutant, a departure or a question has one spelling: `M-07`, `F-07`, `B-07`; files begin with the same
/// in small letters, two digits, as `m07-`.
#[test]
fn labels_are_spelled_one_way() {
    for (path, text) in texts().iter().filter(|(path, _)| !invents(path) || path.starts_with("reports/golden/")) {
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_') {
            let number = |rest: &str| !rest.is_empty() && rest.len() <= 2 && rest.chars().all(|c| c.is_ascii_digit());
            let plain = ["M", "F", "B"].iter().any(|letter| word.strip_prefix(letter).is_some_and(number));
            let padded = ["M-", "F-", "B-"]
                .iter()
                .any(|label| word.strip_prefix(label).is_some_and(|n| number(n) && n.len() < 2));
            assert!(!plain && !padded, "{path}: `{word}` is spelled otherwise elsewhere");
        }
    }
    for (path, _) in texts() {
        let Some(name) = path.strip_prefix("models/broken/").or(path.strip_prefix("scenarios/found/")) else {
            continue;
        };
        let digits =
            |label: &str| label.get(1..).is_some_and(|n| n.len() == 1 && n.chars().all(|c| c.is_ascii_digit()));
        let short =
            name.split_once('-').is_some_and(|(label, _)| label.starts_with(['m', 'f', 'b', 'q']) && digits(label));
        assert!(!short, "{path}: a label in a name has two digits");
    }
}
