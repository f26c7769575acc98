//! Lines of a script: actions, time, and what is expected on the way.

use crate::action::Action;
use crate::words::{ParseError, Words};
use dhcpfo_clock::length::{self, Length};
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
    /// All of them, in the order of their numbers.
    pub const ALL: [Condition; 13] = {
        let [a, b, c, d, e, f, g, h, i] = State::ALL;
        use Condition::In;
        [
            In(a),
            In(b),
            In(c),
            In(d),
            In(e),
            In(f),
            In(g),
            In(h),
            In(i),
            Condition::Startup,
            Condition::Paused,
            Condition::Shutdown,
            Condition::Off,
        ]
    };

    /// Its place among [`Condition::ALL`].
    pub const fn number(self) -> usize {
        match self {
            Condition::In(state) => state as usize,
            Condition::Startup => 9,
            Condition::Paused => 10,
            Condition::Shutdown => 11,
            Condition::Off => 12,
        }
    }

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
                      swap roles, operator, back up, put back, startup, safe-period, arrive, lose or duplicate";

const STATES: &str = "NORMAL, COMMUNICATIONS-INTERRUPTED, PARTNER-DOWN, POTENTIAL-CONFLICT, RECOVER, RECOVER-WAIT, \
                      RECOVER-DONE, RESOLUTION-INTERRUPTED, CONFLICT-DONE, STARTUP, PAUSED, SHUTDOWN or off";

const CODES: &str = "FREE, ACTIVE, EXPIRED, RELEASED, ABANDONED, RESET or BACKUP";

/// Reads a line; None if it says nothing at all.
pub fn parse_line(text: &str) -> Result<Option<Line>, ParseError> {
    let (text, comment) = text.split_once('#').unwrap_or((text, ""));
    let comment = comment.trim().to_owned();
    let mut words = Words::of(text);
    let at = if words.skip("at") { Some(length(&mut words)?) } else { None };
    let order = order(&mut words)?;
    let empty = at.is_none() && order == Order::Nothing && comment.is_empty();
    Ok((!empty).then_some(Line { at, order, comment }))
}

fn length(words: &mut Words<'_>) -> Result<Length, ParseError> {
    words.read(length::ACCEPTED, |word| word.parse().ok())
}

/// The rest of a line.
fn order(words: &mut Words<'_>) -> Result<Order, ParseError> {
    let order = match words.peek() {
        None => Order::Nothing,
        Some("tick") => return words.refuse("wait or at, by which time passes in a script,"),
        Some("settle") => {
            words.next();
            Order::Settle
        }
        Some("wait") => {
            words.next();
            Order::Wait(length(words)?)
        }
        Some("expect") => {
            words.next();
            Order::Expect(expectation(words)?)
        }
        Some(_) => {
            let unknown = words.refuse(ORDERS);
            match words.action() {
                Err(error) if unknown.as_ref().is_err_and(|first| first.column == error.column) => return unknown,
                result => Order::Act(result?),
            }
        }
    };
    words.end("the end of the line")?;
    Ok(order)
}

fn expectation(words: &mut Words<'_>) -> Result<Expectation, ParseError> {
    Ok(match words.peek() {
        Some("client") => {
            words.next();
            let client = words.number("a client's number")?;
            let nothing = words.skip("none");
            let held = if nothing { None } else { Some(words.address("an address such as a0, or none")?) };
            Expectation::Client(client, held)
        }
        Some("link") => {
            words.next();
            Expectation::Link(words.read("up or down", |word| match word {
                "up" => Some(true),
                "down" => Some(false),
                _ => None,
            })?)
        }
        Some("refuted") => {
            words.next();
            let name = words.read("the name of a claim, or nothing", |word| Some(word.to_owned()))?;
            Expectation::Refuted(Some(name).filter(|name| name != "nothing"))
        }
        Some("primary" | "secondary") => Expectation::Server(words.role()?, words.read(STATES, condition)?),
        _ => {
            let address = words.address("primary, secondary, an address such as a0, client, link or refuted")?;
            let (role, code) = (words.role()?, words.read(CODES, code)?);
            let client = match words.peek() {
                None => None,
                Some(_) => Some(words.number("a client's number, or the end of the line")?),
            };
            Expectation::Binding(address, role, code, client)
        }
    })
}

fn code(word: &str) -> Option<Code> {
    let codes = [Code::Free, Code::Active, Code::Expired, Code::Released, Code::Abandoned, Code::Reset, Code::Backup];
    codes.into_iter().find(|code| code.name() == word)
}

fn condition(word: &str) -> Option<Condition> {
    Condition::ALL.into_iter().find(|condition| condition.name() == word)
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
    fn conditions_have_their_numbers() {
        assert!(Condition::ALL.iter().enumerate().all(|(number, condition)| condition.number() == number));
    }

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
            ("at 1h, link down", ",", "wait, at,"),
            ("settle down", "down", "the end of the line"),
            ("at 1h client 0 renew primary, crash after 2 losing storage", "losing", "the end of the line"),
            ("expect", "", "primary, secondary, an address"),
            ("expect primary HAPPY", "HAPPY", "NORMAL,"),
            ("expect a0 both FREE", "both", "primary or secondary"),
            ("expect a0 primary GONE", "GONE", "FREE, ACTIVE"),
            ("expect a0 primary ACTIVE zero", "zero", "a client's number"),
            ("expect a0 primary ACTIVE 0 1", "1", "the end of the line"),
            ("expect client x a0", "x", "a client's number"),
            ("expect client +1 a0", "+1", "a client's number"),
            ("expect client 1 none a0", "a0", "the end of the line"),
            ("expect primary NORMAL, too", ",", "the end of the line"),
            ("expect client 0", "", "an address such as a0, or none"),
            ("expect link", "", "up or down"),
            ("expect link up again", "again", "the end of the line"),
            ("expect refuted", "", "the name of a claim"),
        ];
        for (text, found, accepted) in cases {
            let error = parse_line(text).unwrap_err();
            assert_eq!(error.found, found, "{text}: {error}");
            assert!(text[error.column - 1..].starts_with(found), "{text}: {error}");
            assert!(error.accepted.starts_with(accepted), "{text}: {error}");
        }
    }
}
