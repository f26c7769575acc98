//! Exit codes, and what ends a command early.

use dhcpfo_files::FileErrors;
use std::fmt;
use std::process::ExitCode;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything is as expected.
    Expected = 0,
    /// Something is not as expected.
    Unexpected = 1,
    /// A wrong command line, or a file that is not as it should be. Nothing was written.
    Usage = 2,
    /// A search was cut off without a verdict, and that was not expected.
    CutOff = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command cannot be carried out; ends with [`Exit::Usage`].
#[derive(Debug)]
pub(crate) enum Error {
    /// What is wrong with the files.
    Files(FileErrors),
    /// What is wrong with a file, in words that begin with its path.
    Told(String),
    /// Anything else, in words.
    Words(String),
}

impl Error {
    pub(crate) fn words(text: impl Into<String>) -> Error {
        Error::Words(text.into())
    }
}

impl From<FileErrors> for Error {
    fn from(errors: FileErrors) -> Error {
        Error::Files(errors)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Files(errors) => errors.fmt(f),
            Error::Told(text) => f.write_str(text),
            Error::Words(text) => write!(f, "dhcpfo: {text}"),
        }
    }
}
