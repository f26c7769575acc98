//! Finding citations in a text: `failover-12 §9.4.2`, `F12-9.4.2-d`, `Q7`.

use std::fmt;

/// What a citation points to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cited {
    /// A section, as in `failover-12 §9.4.2`.
    Section(String),
    /// An entry, as in `F12-9.4.2-d`.
    Id(String),
    /// A question, as in `Q7`.
    Question(u32),
}

impl fmt::Display for Cited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cited::Section(section) => write!(f, "failover-12 §{section}"),
            Cited::Id(id) => f.write_str(id),
            Cited::Question(number) => write!(f, "Q{number}"),
        }
    }
}

/// What kind of text cites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A program: what it cites, it obeys.
    Source,
    /// A test, property, model or scenario: what it cites, it shows.
    Evidence,
    /// A document or the specification itself: citations have to exist, and count for nothing.
    Document,
}

/// One citation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Citation {
    /// Path of the citing file, as given by the caller.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// What kind of text it is.
    pub place: Place,
    /// What is cited.
    pub cited: Cited,
}

/// Finds the citations in one text.
///
/// In Rust sources questions are looked for in comments and in lists of them (`[Q2, Q5]`) only, and everything from the first `#[cfg(test)]`
/// on is evidence.
pub fn scan(path: &str, text: &str) -> Vec<Citation> {
    let rust = path.ends_with(".rs");
    let mut place = place_of(path);
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if rust && place == Place::Source && line.trim() == "#[cfg(test)]" {
            place = Place::Evidence;
        }
        let begins = |mark: &str| line.find(mark).map(|at| &line[at..]);
        let prose = if rust { begins("//").or_else(|| begins("[Q")).unwrap_or_default() } else { line };
        let cited = sections_in(line).into_iter().chain(ids_in(line)).chain(questions_in(prose));
        found.extend(cited.map(|cited| Citation { path: path.to_string(), line: number + 1, place, cited }));
    }
    found
}

fn place_of(path: &str) -> Place {
    let mut folders = path.split('/').rev().skip(1);
    if path.ends_with(".md") || folders.clone().any(|f| f == "spec") {
        Place::Document
    } else if path.ends_with("tests.rs")
        || folders.any(|f| matches!(f, "tests" | "properties" | "claims" | "models" | "scenarios" | "benches"))
    {
        Place::Evidence
    } else {
        Place::Source
    }
}

fn number_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

fn sections_in(line: &str) -> Vec<Cited> {
    let mut found = Vec::new();
    for (at, mark) in line.match_indices("failover-12 §") {
        let mut rest = &line[at + mark.len()..];
        loop {
            let section = number_at(rest);
            if section.is_empty() {
                break;
            }
            found.push(Cited::Section(section.to_string()));
            rest = &rest[section.len()..];
            let more = [", §", " and §", " to §"].iter().find_map(|between| rest.strip_prefix(between));
            let Some(next) = more else { break };
            rest = next;
        }
    }
    found
}

fn starts_a_word(line: &str, at: usize) -> bool {
    !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

fn ids_in(line: &str) -> Vec<Cited> {
    let mut found = Vec::new();
    for (at, mark) in line.match_indices("F12-") {
        let section = number_at(&line[at + mark.len()..]);
        if section.is_empty() || !starts_a_word(line, at) {
            continue;
        }
        let end = at + mark.len() + section.len();
        let letters = line[end..]
            .strip_prefix('-')
            .map_or(0, |rest| rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_lowercase()).len());
        // Without letters it is no entry, and is reported as one that does not exist.
        let end = if letters == 0 { end } else { end + 1 + letters };
        found.push(Cited::Id(line[at..end].to_string()));
    }
    found
}

fn questions_in(line: &str) -> Vec<Cited> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices('Q') {
        let rest = &line[at + 1..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let goes_on = rest[digits..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if goes_on || !starts_a_word(line, at) {
            continue;
        }
        found.extend(rest[..digits].parse().ok().map(Cited::Question));
    }
    found
}
