//! What is wrong with a file, where, and what would be accepted.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileError {
    /// The file, as it was named on the command line or by another file.
    pub path: String,
    /// The line, counted from 1; 0 where the whole file is meant.
    pub line: u32,
    /// The key with its sections, such as `system.clients`; may be empty.
    pub key: String,
    /// What is wrong.
    pub problem: String,
    /// What would be accepted; may be empty.
    pub accepted: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        f.write_str(": ")?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.problem)?;
        if !self.accepted.is_empty() {
            write!(f, " (accepted: {})", self.accepted)?;
        }
        Ok(())
    }
}

impl std::error::Error for FileError {}

/// Everything that is wrong with a file and the files it is based on, sorted by file and line, without doubles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileErrors(pub Vec<FileError>);

impl FileErrors {
    /// Sorts them and drops doubles.
    pub fn new(mut errors: Vec<FileError>) -> FileErrors {
        errors.sort();
        errors.dedup();
        FileErrors(errors)
    }
}

impl fmt::Display for FileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, error) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for FileErrors {}
