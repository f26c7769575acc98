//! Typed access to a file's values that notes everything that is wrong instead of stopping at it.

use crate::error::FileError;
use crate::keys::Key;
use crate::near::nearest;
use crate::node::{Node, Place, Table, Value, get};
use std::cell::RefCell;
use std::ops::RangeInclusive;

/// What a key of a section accepts, in words.
pub type Accepted<'a> = Box<dyn Fn(&str, &str) -> String + 'a>;

/// What is wrong, as it comes up, and what may not be meant.
pub struct Report<'k> {
    errors: RefCell<Vec<FileError>>,
    warnings: RefCell<Vec<FileError>>,
    accepted: Accepted<'k>,
}

impl<'k> Report<'k> {
    /// Nothing is wrong yet. `accepted` says what a key of a section accepts.
    pub fn new(accepted: impl Fn(&str, &str) -> String + 'k) -> Report<'k> {
        Report { errors: RefCell::default(), warnings: RefCell::default(), accepted: Box::new(accepted) }
    }

    /// Of a kind of file with these keys.
    pub fn of_keys(keys: &'k [Key]) -> Report<'k> {
        Report::new(|section, name| {
            let found = keys.iter().find(|key| key.section == section && key.name == name);
            found.map(|key| key.accepted.clone()).unwrap_or_default()
        })
    }

    /// Notes something that is wrong.
    pub fn push(&self, error: FileError) {
        self.errors.borrow_mut().push(error);
    }

    /// Notes all of them.
    pub fn extend(&self, errors: Vec<FileError>) {
        self.errors.borrow_mut().extend(errors);
    }

    /// What may not be meant, so far.
    pub fn warnings(&self) -> Vec<FileError> {
        self.warnings.borrow().clone()
    }

    /// Is nothing wrong so far?
    pub fn is_clean(&self) -> bool {
        self.errors.borrow().is_empty()
    }

    /// All that is wrong.
    pub fn into_errors(self) -> Vec<FileError> {
        self.errors.into_inner()
    }
}

/// A table of a file: the file's own, or one of its sections. One that is missing has no entries.
#[derive(Clone, Copy)]
pub struct Section<'a> {
    name: &'a str,
    table: Option<&'a Table>,
    place: &'a Place,
    report: &'a Report<'a>,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub fn root(node: &'a Node, report: &'a Report<'a>) -> Section<'a> {
        let Value::Table(table) = &node.value else { unreachable!("a file is a table") };
        Section { name: "", table: Some(table), place: &node.place, report }
    }

    /// The section of that name, below the root or another section: `full` is its whole name.
    pub fn section(&self, full: &'a str) -> Section<'a> {
        let key = full.rsplit('.').next().unwrap_or(full);
        let none = Section { name: full, table: None, ..*self };
        match self.table.and_then(|table| get(table, key)) {
            None => none,
            Some(Node { place, value: Value::Table(table) }) => Section { table: Some(table), place, ..none },
            Some(node) => {
                let problem = format!("{} where a section should stand", describe(&node.value));
                self.report.push(node.place.error(full, problem, format!("[{full}]")));
                none
            }
        }
    }

    /// The sections of that name, where there may be several.
    pub fn sections(&self, full: &'a str) -> Vec<Section<'a>> {
        let Some(Node { place, value }) = self.table.and_then(|table| get(table, full)) else { return Vec::new() };
        let problem = |value| format!("{} where a section should stand", describe(value));
        let Value::Array(nodes) = value else {
            self.report.push(place.error(full, problem(value), format!("[[{full}]]")));
            return Vec::new();
        };
        let one = |node: &'a Node| match &node.value {
            Value::Table(table) => Some(Section { name: full, table: Some(table), place: &node.place, ..*self }),
            value => {
                self.report.push(node.place.error(full, problem(value), format!("[[{full}]]")));
                None
            }
        };
        nodes.iter().filter_map(one).collect()
    }

    /// The value of a key, if it is given.
    pub fn field(&self, key: &str) -> Option<Field<'a>> {
        let node = get(self.table?, key)?;
        let accepted = (self.report.accepted)(self.name, key);
        Some(Field { key: join(self.name, key), accepted, node, report: self.report })
    }

    /// The value of a key; that it is missing is noted.
    pub fn required(&self, key: &str) -> Option<Field<'a>> {
        let field = self.field(key);
        if field.is_none() {
            let name = join(self.name, key);
            self.report.push(self.place.error(&name, "is missing", (self.report.accepted)(self.name, key)));
        }
        field
    }

    /// What a key of this section accepts, in words.
    pub fn accepted(&self, key: &str) -> String {
        (self.report.accepted)(self.name, key)
    }

    /// All entries, in the order of the file.
    pub fn fields(&self) -> impl Iterator<Item = (&'a str, Field<'a>)> + use<'a> {
        let Section { name, report, .. } = *self;
        self.table.into_iter().flatten().map(move |(key, node)| {
            let accepted = (report.accepted)(name, key);
            (key.as_str(), Field { key: join(name, key), accepted, node, report })
        })
    }

    /// Notes something that is wrong with a key that may not be given, or with the section as a whole.
    pub fn fail(&self, key: &str, problem: impl Into<String>, accepted: impl Into<String>) {
        let place = self.table.and_then(|table| get(table, key)).map_or(self.place, |node| &node.place);
        self.report.push(place.error(&join(self.name, key), problem, accepted));
    }

    /// Notes something about a key that works and may not be meant. `better`: what would be without this warning.
    pub fn warn(&self, key: &str, problem: impl Into<String>, better: impl Into<String>) {
        let place = self.table.and_then(|table| get(table, key)).map_or(self.place, |node| &node.place);
        self.report.warnings.borrow_mut().push(place.error(&join(self.name, key), problem, better));
    }

    /// A whole number, or the default.
    pub fn number(&self, key: &str, range: RangeInclusive<i64>, default: i64) -> i64 {
        self.field(key).and_then(|field| field.number(range)).unwrap_or(default)
    }

    /// True or false, or the default.
    pub fn flag(&self, key: &str, default: bool) -> bool {
        self.field(key).and_then(|field| field.flag()).unwrap_or(default)
    }

    /// One of several words, or the default.
    pub fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)], default: T) -> T {
        self.field(key).and_then(|field| field.choice(words)).unwrap_or(default)
    }
}

/// The full name of a key.
pub fn join(section: &str, key: &str) -> String {
    match (section, key) {
        ("", key) => key.to_owned(),
        (section, "") => section.to_owned(),
        (section, key) => format!("{section}.{key}"),
    }
}

/// A value with its key.
#[derive(Clone)]
pub struct Field<'a> {
    /// Its full name.
    pub key: String,
    accepted: String,
    /// The value with its place.
    pub node: &'a Node,
    report: &'a Report<'a>,
}

impl<'a> Field<'a> {
    /// Notes that the value is not what it should be.
    pub fn fail<T>(&self, problem: impl Into<String>) -> Option<T> {
        self.fail_with(problem, self.accepted.clone())
    }

    /// The same, where more can be said of what would be accepted.
    pub fn fail_with<T>(&self, problem: impl Into<String>, accepted: impl Into<String>) -> Option<T> {
        self.report.push(self.node.place.error(&self.key, problem, accepted));
        None
    }

    /// Notes a word that is not known, with the nearest that is.
    pub fn unknown<'k, T>(&self, what: &str, word: &str, known: impl Iterator<Item = &'k str> + Clone) -> Option<T> {
        let meant = nearest(word, known.clone()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let accepted = known.collect::<Vec<_>>().join(", ");
        self.fail_with(format!("there is no {what} `{word}`{meant}"), accepted)
    }

    fn wrong_kind<T>(&self) -> Option<T> {
        self.fail(format!("{} will not do", describe(&self.node.value)))
    }

    /// A string.
    pub fn text(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::String(text, _) => Some(text),
            _ => self.wrong_kind(),
        }
    }

    /// A string that says something.
    pub fn words(&self) -> Option<&'a str> {
        match self.text()?.trim() {
            "" => self.fail("is empty"),
            text => Some(text),
        }
    }

    /// True or false.
    pub fn flag(&self) -> Option<bool> {
        match self.node.value {
            Value::Bool(value) => Some(value),
            _ => self.wrong_kind(),
        }
    }

    /// A whole number within bounds.
    pub fn number(&self, range: RangeInclusive<i64>) -> Option<i64> {
        match self.node.value {
            Value::Integer(number) if range.contains(&number) => Some(number),
            Value::Integer(number) if number < *range.start() => self.fail(format!("{number} is too few")),
            Value::Integer(number) => self.fail(format!("{number} is too many")),
            _ => self.wrong_kind(),
        }
    }

    /// What one of several words stands for.
    pub fn choice<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let word = self.text()?;
        match words.iter().find(|(name, _)| *name == word) {
            Some((_, value)) => Some(*value),
            None => self.unknown("word", word, words.iter().map(|(name, _)| *name)),
        }
    }

    /// The elements of a list.
    pub fn list(&self) -> Option<Vec<Field<'a>>> {
        match &self.node.value {
            Value::Array(nodes) => Some(nodes.iter().map(|node| Field { node, ..self.clone() }).collect()),
            _ => self.wrong_kind(),
        }
    }

    /// Is it a section?
    pub fn is_table(&self) -> bool {
        matches!(self.node.value, Value::Table(_))
    }
}

/// A value as errors name it.
fn describe(value: &Value) -> String {
    match value {
        Value::Bool(value) => format!("`{value}`"),
        Value::Integer(number) => format!("the number {number}"),
        Value::Fraction(number) => format!("the number {number}"),
        Value::String(text, _) if text.len() <= 40 && !text.contains('\n') => format!("the string \"{text}\""),
        Value::String(..) => "a string".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Table(_) => "a section".to_owned(),
        Value::Other(name) => (*name).to_owned(),
    }
}
