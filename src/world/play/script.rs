//! Lines of a script: actions, time, and what is expected on the way.

use super::length::{self, Length};
use crate::action::{Action, ParseError};
use dhcpfo_engine::binding::{AddressId, Code};
use dhcpfo_engine::state::{Role, State};
use std::fmt;

/// One line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Time passes first until so long after the beginning.
    pub at: Option<Length>,
    /// What is done then.
    pub order: Order,
    /// What stands behind `#`; may be empty.
    pub comment: String,
}

/// What a line tells to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Nothing.
    Nothing,
    /// An action.
    Act(Action),
    /// Time passes.
    Wait(Length),
    /// What is in flight is delivered until it is quiet.
    Settle,
    /// Something should be so.
    Expect(Expectation),
}

/// Something that should be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// A server is in this condition.
    Server(Role, Condition),
    /// An address has this status at a server, for this client where one is named.
    Binding(AddressId, Role, Code, Option<u8>),
    /// A client holds this address, or none.
    Client(u8, Option<AddressId>),
    /// There is a connection, or none.
    Link(bool),
    /// The claim of that name has been refuted by now; without a name: none has.
    Refuted(Option<String>),
}

/// A server's condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Running in a recorded state.
    In(State),
    /// STARTUP
    Startup,
    /// PAUSED
    Paused,
    /// SHUTDOWN
    Shutdown,
    /// Off.
    Off,
}

impl Condition {
    /// The draft's capitals; `off` for a server that does not run.
    pub const fn name(self) -> &'static str {
        match self {
            Condition::In(state) => state.name(),
            Condition::Startup => "STARTUP",
            Condition::Paused => "PAUSED",
            Condition::Shutdown => "SHUTDOWN",
            Condition::Off => "off",
        }
    }
}

/// First words of lines.
const ORDERS: &str = "wait, at, settle, expect, or an action: client, link, deliver, notice, wake, crash, restart, \
                      operator, startup, safe-period, arrive, lose or duplicate";

const STATES: &str = "NORMAL, COMMUNICATIONS-INTERRUPTED, PARTNER-DOWN, POTENTIAL-CONFLICT, RECOVER, RECOVER-WAIT, \
                      RECOVER-DONE, RESOLUTION-INTERRUPTED, CONFLICT-DONE, STARTUP, PAUSED, SHUTDOWN or off";

const CODES: &str = "FREE, ACTIVE, EXPIRED, RELEASED, ABANDONED, RESET or BACKUP";

fn fail<T>(found: Option<&&str>, accepted: &'static str) -> Result<T, ParseError> {
    Err(ParseError { found: found.map_or_else(String::new, |word| (*word).to_owned()), accepted })
}

/// Reads a line; None if it says nothing at all.
pub fn parse_line(text: &str) -> Result<Option<Line>, ParseError> {
    let (text, comment) = text.split_once('#').unwrap_or((text, ""));
    let (text, comment) = (text.trim(), comment.trim().to_owned());
    let (at, rest) = match split_word(text) {
        ("at", rest) => {
            let (instant, rest) = split_word(rest);
            (Some(length(instant)?), rest)
        }
        _ => (None, text),
    };
    let order = order(rest)?;
    let empty = at.is_none() && order == Order::Nothing && comment.is_empty();
    Ok((!empty).then_some(Line { at, order, comment }))
}

fn split_word(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

fn length(word: &str) -> Result<Length, ParseError> {
    word.parse().or_else(|_| fail(Some(&word).filter(|word| !word.is_empty()), length::ACCEPTED))
}

fn order(text: &str) -> Result<Order, ParseError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [] => Ok(Order::Nothing),
        ["settle"] => Ok(Order::Settle),
        ["wait", word] => Ok(Order::Wait(length(word)?)),
        ["wait"] => fail(None, length::ACCEPTED),
        ["settle", word, ..] | ["wait", _, word, ..] => fail(Some(&word), "the end of the line"),
        ["expect", ..] => Ok(Order::Expect(expectation(&words[1..])?)),
        ["tick", ..] => fail(Some(&"tick"), "wait or at, by which time passes in a script,"),
        [first, ..] => match text.parse::<Action>() {
            Err(error) if error.found == first => fail(Some(&first), ORDERS),
            result => Ok(Order::Act(result?)),
        },
    }
}

fn expectation(words: &[&str]) -> Result<Expectation, ParseError> {
    let (made, rest) = match words {
        ["client", number, rest @ ..] => {
            let Ok(client) = number.parse() else { return fail(Some(number), "a client's number") };
            let held = match rest.first() {
                Some(&"none") => None,
                word => Some(address(word, "an address such as a0, or none")?),
            };
            (Expectation::Client(client, held), rest)
        }
        ["link", rest @ ..] => match rest.first() {
            Some(&"up") => (Expectation::Link(true), rest),
            Some(&"down") => (Expectation::Link(false), rest),
            word => return fail(word, "up or down"),
        },
        ["refuted", rest @ ..] => match rest.first() {
            Some(&"nothing") => (Expectation::Refuted(None), rest),
            Some(&name) => (Expectation::Refuted(Some(name.to_owned())), rest),
            None => return fail(None, "the name of a claim, or nothing"),
        },
        ["primary" | "secondary", rest @ ..] => {
            (Expectation::Server(role(words.first())?, condition(rest.first())?), rest)
        }
        [first, rest @ ..] => {
            let address = address(Some(first), "primary, secondary, an address such as a0, client, link or refuted")?;
            return binding(address, rest);
        }
        [] => return fail(None, "primary, secondary, an address such as a0, client, link or refuted"),
    };
    match rest.get(1) {
        None => Ok(made),
        word => fail(word, "the end of the line"),
    }
}

fn binding(address: AddressId, words: &[&str]) -> Result<Expectation, ParseError> {
    let role = role(words.first())?;
    let codes = [Code::Free, Code::Active, Code::Expired, Code::Released, Code::Abandoned, Code::Reset, Code::Backup];
    let Some(code) = codes.into_iter().find(|code| Some(&code.name()) == words.get(1)) else {
        return fail(words.get(1), CODES);
    };
    let client = match words.get(2) {
        None => None,
        Some(word) => match word.parse() {
            Ok(client) => Some(client),
            Err(_) => return fail(Some(word), "a client's number, or the end of the line"),
        },
    };
    match words.get(3) {
        None => Ok(Expectation::Binding(address, role, code, client)),
        word => fail(word, "the end of the line"),
    }
}

fn role(word: Option<&&str>) -> Result<Role, ParseError> {
    match Role::ALL.into_iter().find(|role| Some(&role.name()) == word) {
        Some(role) => Ok(role),
        None => fail(word, "primary or secondary"),
    }
}

fn address(word: Option<&&str>, accepted: &'static str) -> Result<AddressId, ParseError> {
    match word.and_then(|word| word.strip_prefix('a')?.parse().ok()) {
        Some(number) => Ok(AddressId(number)),
        None => fail(word, accepted),
    }
}

fn condition(word: Option<&&str>) -> Result<Condition, ParseError> {
    let others = [Condition::Startup, Condition::Paused, Condition::Shutdown, Condition::Off];
    let all = State::ALL.into_iter().map(Condition::In).chain(others);
    match { all }.find(|condition| Some(&condition.name()) == word) {
        Some(condition) => Ok(condition),
        None => fail(word, STATES),
    }
}

impl Expectation {
    /// The address and the client that it names.
    pub fn names(&self) -> (Option<AddressId>, Option<u8>) {
        match *self {
            Expectation::Binding(address, _, _, client) => (Some(address), client),
            Expectation::Client(client, address) => (address, Some(client)),
            Expectation::Server(..) | Expectation::Link(_) | Expectation::Refuted(_) => (None, None),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expectation::Server(role, condition) => write!(f, "{} {}", role.name(), condition.name()),
            Expectation::Binding(address, role, code, client) => {
                write!(f, "a{} {} {}", address.0, role.name(), code.name())?;
                client.map_or(Ok(()), |client| write!(f, " {client}"))
            }
            Expectation::Client(client, Some(address)) => write!(f, "client {client} a{}", address.0),
            Expectation::Client(client, None) => write!(f, "client {client} none"),
            Expectation::Link(up) => write!(f, "link {}", if *up { "up" } else { "down" }),
            Expectation::Refuted(name) => write!(f, "refuted {}", name.as_deref().unwrap_or("nothing")),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.at.map(|at| format!("at {at}")));
        match &self.order {
            Order::Nothing => {}
            Order::Act(action) => parts.push(action.to_string()),
            Order::Wait(length) => parts.push(format!("wait {length}")),
            Order::Settle => parts.push("settle".to_owned()),
            Order::Expect(expectation) => parts.push(format!("expect {expectation}")),
        }
        if !self.comment.is_empty() {
            parts.push(format!("# {}", self.comment));
        }
        f.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_round_trip() {
        let lines = [
            "client 0 obtain a0 primary # granted",
            "wait 30m",
            "at 2d3h link down",
            "at 1h+1/3 settle",
            "at 1m30s",
            "deliver secondary, looking at a1 a0, crash after 2",
            "expect primary COMMUNICATIONS-INTERRUPTED",
            "expect secondary off",
            "expect a0 secondary ACTIVE 0",
            "expect a1 primary FREE",
            "expect client 1 none",
            "expect client 1 a0",
            "expect link down",
            "expect refuted no-duplicate-address",
            "expect refuted nothing",
            "# only a comment",
        ];
        for text in lines {
            let line = parse_line(text).unwrap().unwrap();
            assert_eq!(line.to_string(), text);
        }
        assert_eq!(parse_line("   "), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let cases = [
            ("frobnicate", "frobnicate", "wait, at,"),
            ("wait", "", "a length of time"),
            ("wait soon", "soon", "a length of time"),
            ("wait 1h now", "now", "the end of the line"),
            ("at noon link down", "noon", "a length of time"),
            ("at", "", "a length of time"),
            ("tick", "tick", "wait or at"),
            ("link sideways", "sideways", "up or down"),
            ("expect", "", "primary, secondary, an address"),
            ("expect primary HAPPY", "HAPPY", "NORMAL,"),
            ("expect a0 both FREE", "both", "primary or secondary"),
            ("expect a0 primary GONE", "GONE", "FREE, ACTIVE"),
            ("expect a0 primary ACTIVE zero", "zero", "a client's number"),
            ("expect client x a0", "x", "a client's number"),
            ("expect client 0", "", "an address such as a0, or none"),
            ("expect link", "", "up or down"),
            ("expect link up again", "again", "the end of the line"),
            ("expect refuted", "", "the name of a claim"),
        ];
        for (text, found, accepted) in cases {
            let error = parse_line(text).unwrap_err();
            assert_eq!(error.found, found, "{text}: {error}");
            assert!(error.accepted.starts_with(accepted), "{text}: {error}");
        }
    }
}
