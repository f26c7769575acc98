//! A line of text, read word by word: each word is either taken or refused, and the last step is to see that none is left.

use arrayvec::ArrayVec;
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::state::Role;
use std::fmt::{self, Display};

/// What is wrong with a line, where, and what would be accepted there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The word that does not fit, or nothing at the end of the line.
    pub found: String,
    /// Where that word begins, in characters of the line, counted from 1.
    pub column: usize,
    /// What would be accepted in its place.
    pub accepted: &'static str,
}

impl Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.found.is_empty() {
            write!(f, "the line ends where {} should follow", self.accepted)
        } else {
            write!(f, "column {}: `{}` where {} should stand", self.column, self.found, self.accepted)
        }
    }
}

impl std::error::Error for ParseError {}

/// The words of a line that have not been taken yet. A comma is a word by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'a> {
    line: &'a str,
    /// The octet of the line at which the next word is looked for.
    at: usize,
}

impl<'a> Words<'a> {
    /// All words of a line.
    pub(crate) fn of(line: &'a str) -> Words<'a> {
        Words { line, at: 0 }
    }

    /// The octet at which the next word begins; at the end of the line, behind the last word.
    fn start(&self) -> usize {
        let rest = &self.line[self.at..];
        match rest.find(|c: char| !c.is_whitespace()) {
            Some(blanks) => self.at + blanks,
            None => self.line.trim_end().len(),
        }
    }

    /// The next word, which stays.
    pub(crate) fn peek(&self) -> Option<&'a str> {
        let rest = &self.line[self.start()..];
        let end = match rest.chars().next()? {
            ',' => 1,
            _ => rest.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(rest.len()),
        };
        Some(&rest[..end]).filter(|word| !word.is_empty())
    }

    /// Takes the next word.
    pub(crate) fn next(&mut self) -> Option<&'a str> {
        let word = self.peek();
        self.at = self.start() + word.map_or(0, str::len);
        word
    }

    /// Refuses the next word.
    pub(crate) fn refuse<T>(&self, accepted: &'static str) -> Result<T, ParseError> {
        let column = self.line[..self.start()].chars().count() + 1;
        Err(ParseError { found: self.peek().unwrap_or_default().to_owned(), column, accepted })
    }

    /// Takes the next word if it is this one.
    pub(crate) fn skip(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        if found {
            self.next();
        }
        found
    }

    /// Takes this word, which must be next.
    pub(crate) fn expect(&mut self, word: &'static str) -> Result<(), ParseError> {
        if self.skip(word) { Ok(()) } else { self.refuse(word) }
    }

    /// Takes the next word, if `read` makes something of it.
    pub(crate) fn read<T>(
        &mut self,
        accepted: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, ParseError> {
        match self.peek().and_then(read) {
            Some(made) => {
                self.next();
                Ok(made)
            }
            None => self.refuse(accepted),
        }
    }

    /// No word may be left.
    pub(crate) fn end(&self, accepted: &'static str) -> Result<(), ParseError> {
        if self.peek().is_none() { Ok(()) } else { self.refuse(accepted) }
    }

    /// Takes the name of a server.
    pub(crate) fn role(&mut self) -> Result<Role, ParseError> {
        self.read("primary or secondary", |word| Role::ALL.into_iter().find(|role| role.name() == word))
    }

    /// Takes a whole number.
    pub(crate) fn number<N: TryFrom<u32>>(&mut self, accepted: &'static str) -> Result<N, ParseError> {
        self.read(accepted, number)
    }

    /// Takes an address such as `a0`.
    pub(crate) fn address(&mut self, accepted: &'static str) -> Result<AddressId, ParseError> {
        self.read(accepted, |word| Some(AddressId(number(word.strip_prefix('a')?)?)))
    }

    /// Takes one address after the other, up to `MOST`, until something else follows.
    pub(crate) fn addresses<const MOST: usize>(&mut self) -> ArrayVec<AddressId, MOST> {
        let mut addresses = ArrayVec::new();
        while !addresses.is_full()
            && let Ok(address) = self.address("")
        {
            addresses.push(address);
        }
        addresses
    }
}

/// A whole number as it is written: digits alone, and no zero before others.
pub fn number<N: TryFrom<u32>>(text: &str) -> Option<N> {
    let plain = text.bytes().all(|octet| octet.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    N::try_from(text.parse().ok().filter(|_: &u32| plain)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_columns() {
        let mut words = Words::of("  crash\tprimary,looking ");
        let mut seen = Vec::new();
        while let Some(word) = words.peek() {
            let error = words.refuse::<()>("").unwrap_err();
            seen.push((word, error.column));
            words.next();
        }
        assert_eq!(seen, [("crash", 3), ("primary", 9), (",", 16), ("looking", 17)]);
        assert_eq!(
            words.refuse::<()>("x").unwrap_err(),
            ParseError { found: String::new(), column: 24, accepted: "x" }
        );
        let blank = Words::of("  ");
        assert_eq!((blank.peek(), blank.refuse::<()>("x").unwrap_err().column), (None, 1));
    }

    #[test]
    fn numbers_are_digits_alone() {
        assert_eq!(["0", "7", "255"].map(number::<u8>), [Some(0), Some(7), Some(255)]);
        for text in ["", "+1", "-1", "01", "00", "256", "1 ", "1.0", "٣", "99999999999"] {
            assert_eq!(number::<u8>(text), None, "{text:?}");
        }
    }
}
