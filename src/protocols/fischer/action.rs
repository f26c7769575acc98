//! What can happen, with its text.

use crate::MOST;
use dhcpfo_study::words::find;
use std::fmt;
use std::str::FromStr;

/// One step of one process, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// It reads that the variable is free.
    Read(u8),
    /// It writes its name.
    Write(u8),
    /// It has waited, finds its name, and enters.
    Enter(u8),
    /// It has waited, and finds another name, or none.
    GiveUp(u8),
    /// It leaves, and frees the variable.
    Leave(u8),
}

type Make = fn(u8) -> Action;

const WORDS: [(&str, Make); 5] = [
    ("reads", Action::Read),
    ("writes", Action::Write),
    ("enters", Action::Enter),
    ("gives up", Action::GiveUp),
    ("leaves", Action::Leave),
];

impl Action {
    /// Whose step it is.
    pub fn process(self) -> u8 {
        match self {
            Action::Read(p) | Action::Write(p) | Action::Enter(p) | Action::GiveUp(p) | Action::Leave(p) => p,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let process = self.process();
        let word = WORDS.iter().find(|(_, make)| make(process) == *self).map_or("", |(word, _)| word);
        write!(f, "p{process} {word}")
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Action, String> {
        let all = (0..MOST as u8).flat_map(|process| WORDS.map(|(_, make)| make(process)));
        find(text, all, &["pN reads", "pN writes", "pN enters", "pN gives up", "pN leaves"])
    }
}
