//! Packages: what ours say of themselves, and under what licence, from where and for which Rust others are.
//!
//! `cargo metadata` says it without a network, for the machine that runs the tests. `cargo deny` looks at all machines and at
//! advisories, in `.ci/nightly deny`. Both read `deny.toml`.

use crate::root;
use serde_json::Value;
use std::process::Command;

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

/// Every package that is built here: of ours, and all that these need.
fn packages() -> Vec<Value> {
    let about = cargo(&["-vV"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo names its host");
    let text = cargo(&["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host]);
    let document: Value = serde_json::from_str(&text).expect("cargo metadata writes JSON");
    document["packages"].as_array().expect("packages").clone()
}

/// Ours have no source.
fn is_ours(package: &Value) -> bool {
    package["source"].is_null()
}

fn name(package: &Value) -> String {
    let word = |key: &str| package[key].as_str().unwrap_or_default();
    format!("{} {}", word("name"), word("version"))
}

/// A list of `deny.toml`.
fn allowed(section: &str, key: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml is at the top");
    let table: toml::Table = text.parse().expect("deny.toml is TOML");
    let list = table[section][key].as_array().expect("a list");
    list.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
}

/// Whether a licence expression can be satisfied. `used` gets the licences by which it is.
fn may_be_used(expression: &str, allowed: &[String], used: &mut Vec<String>) -> bool {
    // Some still write a slash for OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let found = any(&words, &mut at, allowed);
    let Some(found) = found.filter(|_| at == words.len()) else { return false };
    used.extend(found);
    true
}

/// `a OR b`: the first alternative that is allowed. None: there is none, or this is no expression.
fn any(words: &[&str], at: &mut usize, allowed: &[String]) -> Option<Vec<String>> {
    let mut found = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        let other = all(words, at, allowed);
        found = found.or(other);
    }
    found
}

/// `a AND b`: both.
fn all(words: &[&str], at: &mut usize, allowed: &[String]) -> Option<Vec<String>> {
    let mut found = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        let other = one(words, at, allowed);
        found = found.zip(other).map(|(mut found, other)| {
            found.extend(other);
            found
        });
    }
    found
}

fn one(words: &[&str], at: &mut usize, allowed: &[String]) -> Option<Vec<String>> {
    let word = words.get(*at)?;
    *at += 1;
    if *word == "(" {
        let found = any(words, at, allowed);
        *at += usize::from(words.get(*at) == Some(&")"));
        return found;
    }
    let mut licence = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{licence} WITH {}", words.get(*at + 1)?);
        *at += 2;
    }
    allowed.contains(&licence).then(|| vec![licence])
}

#[test]
fn licences_are_those_that_are_allowed() {
    let allowed = allowed("licenses", "allow");
    let (mut wrong, mut used) = (Vec::new(), Vec::new());
    for package in packages() {
        let licence = package["license"].as_str().unwrap_or_default();
        if !may_be_used(licence, &allowed, &mut used) {
            wrong.push(format!("{}: `{licence}`", name(&package)));
        }
    }
    assert!(wrong.is_empty(), "deny.toml does not allow:\n{}", wrong.join("\n"));
    let idle: Vec<_> = allowed.iter().filter(|licence| !used.contains(licence)).collect();
    assert!(idle.is_empty(), "deny.toml allows what nothing is under: {idle:?}");
}

#[test]
fn licence_expressions_are_read() {
    let allowed = ["MIT".to_owned(), "Zlib".to_owned()];
    let read = |expression: &str| may_be_used(expression, &allowed, &mut Vec::new());
    for yes in ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "(GPL-3.0 OR MIT) AND Zlib", "MIT OR GPL-3.0 AND ISC"] {
        assert!(read(yes), "{yes}");
    }
    for no in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Zlib) AND GPL-3.0", "MIT WITH x", "MIT MIT", "(", "OR"] {
        assert!(!read(no), "{no}");
    }
}

#[test]
fn packages_come_from_where_is_allowed() {
    let registries = allowed("sources", "allow-registry");
    assert!(allowed("sources", "allow-git").is_empty(), "a git source needs a rule here as well");
    let is_allowed = |source: &str| {
        let registry = source.strip_prefix("registry+").unwrap_or_default();
        registries.iter().any(|allowed| allowed == registry)
    };
    let others = packages().into_iter().filter(|package| !is_ours(package));
    let wrong: Vec<_> = others
        .filter(|package| !is_allowed(package["source"].as_str().unwrap_or_default()))
        .map(|package| format!("{}: {}", name(&package), package["source"]))
        .collect();
    assert!(wrong.is_empty(), "deny.toml does not allow:\n{}", wrong.join("\n"));
    // What is no crate of ours and has no source is a path, and all paths are in the workspace.
    let outside: Vec<_> = packages()
        .into_iter()
        .filter(|package| is_ours(package) && !package["name"].as_str().unwrap_or_default().starts_with("dhcpfo"))
        .map(|package| name(&package))
        .collect();
    assert!(outside.is_empty(), "copied in: {outside:?}");
}

/// Numbers of a version of Rust.
fn numbers(version: &str) -> [u32; 3] {
    let mut numbers = version.split('.').map(|number| number.parse().expect("a number"));
    [(); 3].map(|()| numbers.next().unwrap_or(0))
}

/// The version that is stated, in one place, is no lower than what a dependency needs.
#[test]
fn the_stated_rust_is_enough_for_all() {
    let packages = packages();
    let stated: Vec<&str> = packages.iter().filter(|p| is_ours(p)).filter_map(|p| p["rust_version"].as_str()).collect();
    assert_eq!(stated.len(), packages.iter().filter(|p| is_ours(p)).count(), "a crate without rust-version");
    assert!(stated.windows(2).all(|pair| pair[0] == pair[1]), "stated differently: {stated:?}");
    let manifests = crate::texts().into_iter().filter(|(path, _)| path.ends_with("Cargo.toml") && path != "Cargo.toml");
    let own: Vec<_> = manifests.filter(|(_, text)| text.contains("rust-version =")).map(|(path, _)| path).collect();
    assert!(own.is_empty(), "rust-version stands in the workspace's Cargo.toml only, not in {own:?}");
    let mut newer = Vec::new();
    for package in packages.iter().filter(|package| !is_ours(package)) {
        let needs = package["rust_version"].as_str().unwrap_or("1.0");
        if numbers(needs) > numbers(stated[0]) {
            newer.push(format!("{} needs Rust {needs}, and {} is stated", name(package), stated[0]));
        }
    }
    assert!(newer.is_empty(), "{}", newer.join("\n"));
}

/// Somebody who sees one crate alone learns what it is and how it may be used.
#[test]
fn our_crates_say_what_they_are() {
    let mut wrong = Vec::new();
    for package in packages().iter().filter(|package| is_ours(package)) {
        let mut expect = |fits: bool, what: &str| {
            if !fits {
                wrong.push(format!("{}: {what}", name(package)));
            }
        };
        let word = |key: &str| package[key].as_str().unwrap_or_default();
        let words = |key: &str| package[key].as_array().map_or(0, Vec::len);
        expect((20..=120).contains(&word("description").len()), "a description of 20 to 120 characters");
        // A registry takes five of each.
        expect((1..=5).contains(&words("keywords")), "one to five keywords");
        expect((1..=5).contains(&words("categories")), "one to five categories");
        expect(word("license") == "MIT OR Apache-2.0", "the licence");
        expect(!word("readme").is_empty(), "readme");
    }
    assert!(wrong.is_empty(), "missing:\n{}", wrong.join("\n"));
}
