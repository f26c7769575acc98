//! A path as text: one step a line, so that an address bar can hold it and a person read it.
//!
//! `client 0 obtain a0 primary ~2` is the action with its outcome number 2, counted from 0: new deadlines may fall in
//! several places of the order, and each is an outcome of its own. Without a number it is the first. `tick` lets time
//! pass to the next instant that can be told apart.

use dhcpfo_world::action::{Action, What};
use std::fmt;
use std::str::FromStr;

pub use dhcpfo_study::explore::MOST;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happens.
    pub action: Action,
    /// Which of its outcomes.
    pub choice: u16,
}

impl Step {
    /// The first outcome of an action.
    pub const fn first(action: Action) -> Step {
        Step { action, choice: 0 }
    }

    /// Time passes.
    pub const TICK: Step = Step::first(Action::of(What::Tick));
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.action.fmt(f)?;
        if self.choice > 0 { write!(f, " ~{}", self.choice) } else { Ok(()) }
    }
}

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Step, String> {
        let (action, choice) = match text.rsplit_once('~') {
            None => (text, 0),
            Some((action, number)) => {
                let word = number.trim();
                let number = dhcpfo_world::words::number(word);
                (action, number.ok_or_else(|| format!("`{word}` where an outcome's number should stand"))?)
            }
        };
        let action = action.parse().map_err(|error| format!("{error}"))?;
        Ok(Step { action, choice })
    }
}

/// The lines of a text that say something.
pub fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for text in ["tick", "client 0 obtain a0 primary ~2", "deliver secondary, crash after 1 ~12", "link down"] {
            assert_eq!(text.parse::<Step>().unwrap().to_string(), text);
        }
        assert_eq!("link down ~0".parse::<Step>().unwrap().to_string(), "link down");
    }

    #[test]
    fn nonsense_is_refused_with_what_would_do() {
        for (text, part) in [
            ("", "tick, wake"),
            ("fly", "tick, wake"),
            ("tick ~x", "outcome's number"),
            ("~", "outcome"),
            ("tick ~+1", "`+1` where an outcome's number"),
            ("tick ~1 ~2", "column 6: `~1`"),
            ("tick 1 ~2", "column 6: `1`"),
        ] {
            assert!(text.parse::<Step>().unwrap_err().contains(part), "{text:?}");
        }
    }
}
