//! Writing: to standard output, which may be closed early, and to files, whole or not at all.

use crate::exit::Error;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Prints. That the reader has gone away is no error: what follows is not printed, and the verdict stands.
pub(crate) fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let result = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    if let Err(error) = result
        && error.kind() != ErrorKind::BrokenPipe
    {
        eprintln!("dhcpfo: standard output: {error}");
    }
}

/// Prints a line.
pub(crate) fn line(text: &str) {
    print(&format!("{text}\n"));
}

/// A word as a shell takes it.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// A path next to `path` for what is not finished.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Whether a file can be written there later; leaves nothing behind.
pub(crate) fn probe(path: &Path) -> Result<(), Error> {
    let fail = |error: io::Error| Error::words(format!("{} cannot be written: {error}", path.display()));
    if path.file_name().is_none() || path.is_dir() {
        return Err(Error::words(format!("{} cannot be written: it is a folder", path.display())));
    }
    let unfinished = unfinished(path);
    fs::write(&unfinished, "").map_err(fail)?;
    fs::remove_file(&unfinished).map_err(fail)
}

/// Writes a file whole or, on an error, not at all.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    write_octets(path, text.as_bytes())
}

/// The same for what is no text.
pub(crate) fn write_octets(path: &Path, octets: &[u8]) -> Result<(), Error> {
    let unfinished = unfinished(path);
    let result = fs::write(&unfinished, octets).and_then(|()| fs::rename(&unfinished, path));
    result.map_err(|error| {
        // What could be written of it is of no use to anybody.
        let _ = fs::remove_file(&unfinished);
        Error::words(format!("{} cannot be written: {error}", path.display()))
    })
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Columns of text that is wrapped.
const WIDTH: usize = 100;

/// Text in lines that begin with `indent` and end before [`WIDTH`], further lines a little further in.
pub(crate) fn wrapped(indent: &str, text: &str) -> String {
    let (mut lines, mut line) = (String::new(), indent.to_owned());
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines += &format!("{line}\n");
            line = format!("{indent}    ");
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 2_476_252].map(grouped), ["0", "999", "1,000", "2,476,252"]);
    }
}
