//! The requirement register, and the conformance table made from it.
//!
//! `spec/failover-12.toml` says what the draft asks for, `spec/questions.md` what it leaves open. Sources cite
//! both: a section (`failover-12 §9.4.2`), an entry (`F12-9.4.2-d`), a question (`Q7`). Here the two files are
//! parsed, citations found, and `conformance.md` rendered: what is asked, where it is obeyed, what shows it.
//! Everything is a function of texts; finding and reading the files is the caller's work.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use serde::Deserialize;

mod citations;

pub use citations::{Citation, Cited, Place, scan};

/// How strongly the draft asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Level {
    /// Absolute.
    #[serde(rename = "MUST")]
    Must,
    /// Absolutely not.
    #[serde(rename = "MUST NOT")]
    MustNot,
    /// Unless there is a good reason.
    #[serde(rename = "SHOULD")]
    Should,
    /// Not unless there is a good reason.
    #[serde(rename = "SHOULD NOT")]
    ShouldNot,
    /// Optional.
    #[serde(rename = "MAY")]
    May,
    /// Stated without a keyword, but something has to obey it or relies on it.
    #[serde(rename = "fact")]
    Fact,
}

impl Level {
    /// All levels, strongest first.
    pub const ALL: [Level; 6] = [Level::Must, Level::MustNot, Level::Should, Level::ShouldNot, Level::May, Level::Fact];
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Must => "MUST",
            Level::MustNot => "MUST NOT",
            Level::Should => "SHOULD",
            Level::ShouldNot => "SHOULD NOT",
            Level::May => "MAY",
            Level::Fact => "fact",
        })
    }
}

/// Who has to obey an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The endpoint and the lease rules.
    Engine,
    /// Frames and the session up to CONTACT.
    Wire,
    /// Sockets, storage, the operator's interface.
    Server,
    /// Assumed of clients, network and operator.
    World,
    /// Not a subject of this project; has a reason.
    Outside,
    /// Deliberately done otherwise; has a reason.
    Exception,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Engine => "engine",
            Status::Wire => "wire",
            Status::Server => "server",
            Status::World => "world",
            Status::Outside => "outside",
            Status::Exception => "exception",
        })
    }
}

/// One entry of the register.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// `F12-<section>-<letter>`.
    pub id: String,
    /// Section of the draft.
    pub section: String,
    /// How strongly the draft asks.
    pub level: Level,
    /// What it asks, in our words.
    pub gist: String,
    /// Who has to obey.
    pub status: Status,
    /// Why, for [`Status::Outside`] and [`Status::Exception`]; else empty.
    #[serde(default)]
    pub reason: String,
}

/// The whole register, in the order of the draft.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The entries.
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
}

impl Register {
    /// Reads the text of the register; the error names line and key.
    pub fn parse(text: &str) -> Result<Register, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }

    /// What is wrong with the register by itself.
    pub fn problems(&self) -> Vec<Problem> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for r in &self.requirements {
            if !seen.insert(r.id.as_str()) {
                found.push(Problem::DuplicateId(r.id.clone()));
            }
            let letters = r.id.strip_prefix("F12-").and_then(|rest| rest.strip_prefix(r.section.as_str()));
            let letters = letters.and_then(|rest| rest.strip_prefix('-')).unwrap_or("");
            if letters.is_empty() || !letters.bytes().all(|b| b.is_ascii_lowercase()) {
                found.push(Problem::IdDoesNotFit { id: r.id.clone(), section: r.section.clone() });
            }
            let wanted = matches!(r.status, Status::Outside | Status::Exception);
            if wanted && r.reason.trim().is_empty() {
                found.push(Problem::NoReason { id: r.id.clone(), status: r.status });
            }
        }
        found
    }

    /// Is this a section of the register, or one that has such sections below it?
    pub fn has_section(&self, section: &str) -> bool {
        self.requirements.iter().any(|r| {
            let below = r.section.strip_prefix(section);
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// The entries that the engine has to obey and that no source cites, neither by id nor by section.
    pub fn not_yet_cited<'a>(&'a self, citations: &[Citation]) -> Vec<&'a Requirement> {
        let engine = self.requirements.iter().filter(|r| r.status == Status::Engine);
        engine.filter(|r| citers(r, Place::Source, citations).is_empty()).collect()
    }
}

/// Numbers and titles of the questions, from headings like `### Q7 Title`.
pub fn questions(markdown: &str) -> BTreeMap<u32, String> {
    let headings = markdown.lines().filter_map(|line| line.strip_prefix("### Q"));
    let split = headings.filter_map(|rest| {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        Some((rest[..digits].parse().ok()?, rest[digits..].trim().to_string()))
    });
    split.collect()
}

/// Something wrong with the register or with a citation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Two entries share an id.
    DuplicateId(String),
    /// The id is not made from the section.
    IdDoesNotFit {
        /// The id.
        id: String,
        /// The section it stands in.
        section: String,
    },
    /// Outside or exception, but no reason.
    NoReason {
        /// The id.
        id: String,
        /// Its status.
        status: Status,
    },
    /// What is cited does not exist.
    Dangling(Citation),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::DuplicateId(id) => write!(f, "register: {id} occurs twice"),
            Problem::IdDoesNotFit { id, section } => {
                write!(f, "register: {id} stands in section {section}; F12-{section}-<letter> is expected")
            }
            Problem::NoReason { id, status } => {
                write!(f, "register: {id} is `{status}` and has no reason")
            }
            Problem::Dangling(c) => write!(f, "{}:{}: {} does not exist", c.path, c.line, c.cited),
        }
    }
}

/// Citations of sections, entries and questions that do not exist.
pub fn dangling(register: &Register, questions: &BTreeMap<u32, String>, citations: &[Citation]) -> Vec<Problem> {
    let ids: BTreeSet<&str> = register.requirements.iter().map(|r| r.id.as_str()).collect();
    let missing = citations.iter().filter(|c| match &c.cited {
        Cited::Section(section) => !register.has_section(section),
        Cited::Id(id) => !ids.contains(id.as_str()),
        Cited::Question(number) => !questions.contains_key(number),
    });
    missing.cloned().map(Problem::Dangling).collect()
}

/// Files of one kind that cite an entry; those that name only its section are marked with `§`.
fn citers(r: &Requirement, place: Place, citations: &[Citation]) -> Vec<String> {
    let mut by_id = BTreeSet::new();
    let mut by_section = BTreeSet::new();
    for c in citations.iter().filter(|c| c.place == place) {
        match &c.cited {
            Cited::Id(id) if *id == r.id => by_id.insert(c.path.as_str()),
            Cited::Section(section) if *section == r.section => by_section.insert(c.path.as_str()),
            _ => false,
        };
    }
    let section_only = by_section.difference(&by_id).map(|path| format!("`{path}` §"));
    by_id.iter().map(|path| format!("`{path}`")).chain(section_only).collect()
}

/// How far an entry is, in one word: `done` (obeyed and shown), `unshown` (obeyed), `later`; for what is not
/// the engine's, its status.
pub fn standing(r: &Requirement, citations: &[Citation]) -> String {
    if r.status != Status::Engine {
        return r.status.to_string();
    }
    let obeyed = !citers(r, Place::Source, citations).is_empty();
    let shown = !citers(r, Place::Evidence, citations).is_empty();
    let word = match (obeyed, shown) {
        (true, true) => "done",
        (true, false) => "unshown",
        (false, _) => "later",
    };
    word.to_string()
}

/// The text of `conformance.md`.
pub fn conformance(register: &Register, questions: &BTreeMap<u32, String>, citations: &[Citation]) -> String {
    let mut out = String::from(INTRODUCTION);
    summary(&mut out, register, citations);
    let mut section = "";
    for r in &register.requirements {
        if r.section != section {
            section = &r.section;
            let _ = write!(out, "\n## §{section}\n\n{ENTRY_HEAD}");
        }
        let gist = if r.reason.is_empty() { r.gist.clone() } else { format!("{} *{}*", r.gist, r.reason) };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            r.id,
            cell(&gist),
            r.level,
            standing(r, citations),
            citers(r, Place::Source, citations).join(", "),
            citers(r, Place::Evidence, citations).join(", "),
        );
    }
    let _ = write!(
        out,
        "\n## Questions\n\n| question | | where it is taken | what shows it |\n| --- | --- | --- | --- |\n"
    );
    for (number, title) in questions {
        let files = |place| {
            let of = |c: &&Citation| c.place == place && c.cited == Cited::Question(*number);
            let paths: BTreeSet<_> = citations.iter().filter(of).map(|c| format!("`{}`", c.path)).collect();
            paths.into_iter().collect::<Vec<_>>().join(", ")
        };
        let (taken, shown) = (files(Place::Source), files(Place::Evidence));
        let _ = writeln!(out, "| Q{number} | {} | {taken} | {shown} |", cell(title));
    }
    let open = register.not_yet_cited(citations);
    let _ = write!(out, "\n## Not yet cited\n\n{} of the engine's entries.\n\n", open.len());
    for r in open {
        let _ = writeln!(out, "* {}: {}", r.id, r.gist);
    }
    out
}

const INTRODUCTION: &str = "\
# Conformance with draft-ietf-dhc-failover-12

Generated from `src/engine/spec/failover-12.toml`, `src/engine/spec/questions.md` and the citations in the
sources; do not edit. A file with `§` cites the section, not the entry. *done*: obeyed and shown; *unshown*:
obeyed, and nothing cites it to show it; *later*: no source cites it.
";

const ENTRY_HEAD: &str = "\
| id | requirement | level | status | where obeyed | what shows it |
| --- | --- | --- | --- | --- | --- |
";

fn summary(out: &mut String, register: &Register, citations: &[Citation]) {
    const COLUMNS: [&str; 8] = ["done", "unshown", "later", "wire", "server", "world", "outside", "exception"];
    let _ = writeln!(out, "\n| level | {} | all |", COLUMNS.join(" | "));
    let _ = writeln!(out, "| --- |{}", " ---: |".repeat(COLUMNS.len() + 1));
    let counted: Vec<(Level, String)> =
        register.requirements.iter().map(|r| (r.level, standing(r, citations))).collect();
    let row = |out: &mut String, name: &str, of: &[&(Level, String)]| {
        let counts = COLUMNS.map(|column| of.iter().filter(|(_, s)| s == column).count().to_string());
        let _ = writeln!(out, "| {name} | {} | {} |", counts.join(" | "), of.len());
    };
    for level in Level::ALL {
        let of: Vec<_> = counted.iter().filter(|(l, _)| *l == level).collect();
        row(out, &level.to_string(), &of);
    }
    row(out, "all", &counted.iter().collect::<Vec<_>>());
}

/// A text that cannot break out of its table cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
