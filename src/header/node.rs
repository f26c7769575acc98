//! A file's values, each with the file and line where it stands.

use crate::error::FileError;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where something stands.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub path: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
}

impl Place {
    /// What is wrong with a key that stands here.
    pub fn error(&self, key: &str, problem: impl Into<String>, accepted: impl Into<String>) -> FileError {
        FileError {
            path: self.path.to_string(),
            line: self.line,
            key: key.to_owned(),
            problem: problem.into(),
            accepted: accepted.into(),
        }
    }
}

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Fraction(f64),
    /// With the lines of the file that its lines stand on.
    String(String, Vec<u32>),
    /// A list.
    Array(Vec<Node>),
    /// A section.
    Table(Table),
    /// Something that no key takes.
    Other(&'static str),
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// A table in the order of the file; keys are unique.
pub type Table = Vec<(String, Node)>;

/// The entry of that name.
pub fn get<'a>(table: &'a Table, key: &str) -> Option<&'a Node> {
    table.iter().find(|(name, _)| name == key).map(|(_, node)| node)
}

/// Reads the text of a file.
pub fn parse(path: &str, text: &str) -> Result<Node, Vec<FileError>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let reader = Reader { path: Arc::from(path), text };
    if errors.is_empty() {
        return Ok(reader.table_node(document.get_ref(), 1));
    }
    let mut errors: Vec<FileError> = Vec::from_iter(errors.iter().map(|error| {
        let line = error.span().map_or(0, |span| reader.line(span.start));
        Place { path: reader.path.clone(), line }.error("", format!("not TOML: {}", error.message()), "")
    }));
    // What follows on the same line is mostly the same fault once more.
    errors.dedup_by_key(|error| error.line);
    Err(errors)
}

struct Reader<'a> {
    path: Arc<str>,
    text: &'a str,
}

impl Reader<'_> {
    fn line(&self, offset: usize) -> u32 {
        1 + self.text.as_bytes()[..offset.min(self.text.len())].iter().filter(|&&b| b == b'\n').count() as u32
    }

    fn table_node(&self, table: &DeTable<'_>, line: u32) -> Node {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            (name.to_string(), self.node(value, self.line(key.span().start)))
        };
        Node {
            place: Place { path: self.path.clone(), line },
            value: Value::Table(entries.into_iter().map(entry).collect()),
        }
    }

    /// A value counts as standing on the line of its key; elements of arrays on their own.
    fn node(&self, spanned: &Spanned<DeValue<'_>>, line: u32) -> Node {
        let value = match spanned.get_ref() {
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::Integer(value) => match i64::from_str_radix(value.as_str(), value.radix()) {
                Ok(value) => Value::Integer(value),
                Err(_) => Value::Other("a number beyond all bounds"),
            },
            DeValue::String(value) => Value::String(value.to_string(), self.lines(spanned.span(), value)),
            DeValue::Array(values) => {
                Value::Array(values.iter().map(|value| self.node(value, self.line(value.span().start))).collect())
            }
            DeValue::Table(table) => return self.table_node(table, line),
            DeValue::Float(value) => match value.as_str().replace('_', "").parse::<f64>() {
                Ok(value) if value.is_finite() => Value::Fraction(value),
                _ => Value::Other("no number"),
            },
            DeValue::Datetime(_) => Value::Other("a date"),
        };
        Node { place: Place { path: self.path.clone(), line }, value }
    }

    /// The lines on which the lines of a string stand.
    fn lines(&self, span: std::ops::Range<usize>, value: &str) -> Vec<u32> {
        let mut line = self.line(span.start);
        let raw = self.text.get(span).unwrap_or_default();
        let count = value.lines().count();
        let inner = match raw.strip_prefix("\"\"\"").or_else(|| raw.strip_prefix("'''")) {
            Some(inner) => inner,
            None => return vec![line; count],
        };
        let basic = raw.starts_with('"');
        let inner = match inner.strip_prefix('\n').or_else(|| inner.strip_prefix("\r\n")) {
            Some(inner) => {
                line += 1;
                inner
            }
            None => inner,
        };
        let mut lines = vec![line];
        for text in inner.split('\n') {
            line += 1;
            // A backslash at the end of a line joins it with the next one.
            let joined = basic && text.trim_end().bytes().rev().take_while(|&b| b == b'\\').count() % 2 == 1;
            if !joined {
                lines.push(line);
            }
        }
        lines.resize(count, line);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, key: &str) -> Value {
        let Ok(Node { value: Value::Table(table), .. }) = parse("x.toml", text) else { panic!("{text}") };
        get(&table, key).unwrap().value.clone()
    }

    #[test]
    fn lines_of_strings_are_those_of_the_file() {
        let text = "a = 1\ns = \"\"\"\nfirst\nsecond \\\n  goes on\nthird\n\"\"\"\nt = '''x\ny'''\nu = \"p\\nq\"\n";
        let lines = |key| match value(text, key) {
            Value::String(_, lines) => lines,
            other => panic!("{other:?}"),
        };
        assert_eq!(lines("s"), [3, 4, 6]);
        assert_eq!(lines("t"), [8, 9]);
        assert_eq!(lines("u"), [10, 10]);
    }

    #[test]
    fn syntax_errors_have_their_lines() {
        let errors = parse("x.toml", "a = 1\nb = \nc = [1,\n").unwrap_err();
        assert!(errors.iter().any(|error| error.line == 2), "{errors:?}");
        assert!(errors.iter().all(|error| error.problem.starts_with("not TOML: ")), "{errors:?}");
    }
}
