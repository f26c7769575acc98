//! Everything that can happen next, each with one text form that parses back.

use crate::clients::{Body, PACKETS, Packet};
use crate::model::ADDRESSES;
use crate::places::Places;
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::state::Role;
use dhcpfo_engine::time::Time;
use std::fmt::{self, Display};
use std::str::FromStr;

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Action {
    /// What.
    pub what: What,
    /// The server that takes the stimulus crashes when it has carried out so many effects.
    pub crash_after: Option<u8>,
    /// The server looks through its table in this order.
    pub places: Option<Places>,
}

/// What a client does with one server, or with both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// DHCPDISCOVER and, in whole exchanges, all that follows, ending in a lease of this address.
    Obtain(AddressId),
    /// DHCPDISCOVER by itself, to both servers.
    Discover,
    /// DHCPREQUEST in RENEWING, to the server that gave the lease.
    Renew,
    /// DHCPREQUEST in REBINDING.
    Rebind,
    /// DHCPREQUEST in INIT-REBOOT.
    Reboot,
    /// DHCPRELEASE
    Release,
    /// DHCPDECLINE
    Decline,
    /// DHCPINFORM
    Inform,
    /// Stops waiting for an answer.
    GiveUp,
}

/// Deadlines of which only is known that they pass some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// STARTUP is over.
    Startup,
    /// The safe period is over.
    SafePeriod,
}

/// What an operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Declares the partner down.
    PartnerDown,
    /// Takes the server out of service for a while.
    Pause,
    /// Takes it out of service.
    Shutdown,
    /// Makes an address available again.
    Reset(AddressId),
    /// Asks for the balance to be restored.
    Rebalance,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// Time passes, to the next instant that can be told apart.
    Tick,
    /// A server looks at its clock and does what is due.
    Wake(Role),
    /// A timer of unknown length is over.
    Over(Timer, Role),
    /// The next message from the partner arrives.
    Deliver(Role),
    /// A server notices that the connection is gone.
    Notice(Role),
    /// The connection is made.
    Connect,
    /// The connection breaks.
    Break,
    /// A server stops working.
    Crash {
        /// Which.
        server: Role,
        /// Its stable storage is gone, too.
        storage: bool,
    },
    /// A server is started.
    Restart(Role),
    /// An operator acts on a server.
    Operator(Role, Order),
    /// A client and a server settle something between them.
    Client {
        /// The client's number.
        client: u8,
        /// What it does.
        deed: Deed,
        /// With which server; in models with single packets, what goes to both names none.
        server: Option<Role>,
        /// The server's answer is lost.
        lost: bool,
    },
    /// A packet arrives. Here and below it is [`Packet::named`].
    Arrive(Packet),
    /// A packet is lost.
    Lose(Packet),
    /// A packet is duplicated.
    Duplicate(Packet),
}

impl What {
    /// Whether a server looks through its table for this: a client's wish names the address.
    pub const fn depends_on_order(&self) -> bool {
        matches!(
            self,
            What::Wake(_)
                | What::Over(..)
                | What::Deliver(_)
                | What::Notice(_)
                | What::Operator(..)
                | What::Client { .. }
        )
    }

    /// Whether a server takes a stimulus, so that a crash can fall into its step.
    pub const fn may_be_split(&self) -> bool {
        matches!(
            self,
            What::Wake(_)
                | What::Over(..)
                | What::Deliver(_)
                | What::Notice(_)
                | What::Operator(..)
                | What::Client { server: Some(_), lost: false, .. }
                | What::Arrive(_)
        )
    }
}

impl Action {
    /// The action without a crash.
    pub const fn of(what: What) -> Action {
        Action { what, crash_after: None, places: None }
    }
}

impl Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what.fmt(f)?;
        if let Some(places) = self.places {
            write!(f, ", looking at{places}")?;
        }
        match self.crash_after {
            Some(effects) => write!(f, ", crash after {effects}"),
            None => Ok(()),
        }
    }
}

fn order_text(f: &mut fmt::Formatter<'_>, order: Order) -> fmt::Result {
    match order {
        Order::PartnerDown => f.write_str("partner-down"),
        Order::Pause => f.write_str("pause"),
        Order::Shutdown => f.write_str("shutdown"),
        Order::Reset(address) => write!(f, "reset a{}", address.0),
        Order::Rebalance => f.write_str("rebalance"),
    }
}

impl Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            What::Tick => f.write_str("tick"),
            What::Wake(server) => write!(f, "wake {}", server.name()),
            What::Over(Timer::Startup, server) => write!(f, "startup over {}", server.name()),
            What::Over(Timer::SafePeriod, server) => write!(f, "safe-period over {}", server.name()),
            What::Deliver(server) => write!(f, "deliver {}", server.name()),
            What::Notice(server) => write!(f, "notice {}", server.name()),
            What::Connect => f.write_str("link up"),
            What::Break => f.write_str("link down"),
            What::Crash { server, storage: false } => write!(f, "crash {}", server.name()),
            What::Crash { server, storage: true } => write!(f, "crash {} losing storage", server.name()),
            What::Restart(server) => write!(f, "restart {}", server.name()),
            What::Operator(server, order) => {
                write!(f, "operator {} ", server.name())?;
                order_text(f, order)
            }
            What::Client { client, deed, server, lost } => {
                write!(f, "client {client} {deed}")?;
                if let Some(server) = server {
                    write!(f, " {}", server.name())?;
                }
                if lost { f.write_str(" answer lost") } else { Ok(()) }
            }
            What::Arrive(packet) => write!(f, "arrive {packet}"),
            What::Lose(packet) => write!(f, "lose {packet}"),
            What::Duplicate(packet) => write!(f, "duplicate {packet}"),
        }
    }
}

impl Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deed::Obtain(address) => write!(f, "obtain a{}", address.0),
            Deed::Discover => f.write_str("discover"),
            Deed::Renew => f.write_str("renew"),
            Deed::Rebind => f.write_str("rebind"),
            Deed::Reboot => f.write_str("reboot"),
            Deed::Release => f.write_str("release"),
            Deed::Decline => f.write_str("decline"),
            Deed::Inform => f.write_str("inform"),
            Deed::GiveUp => f.write_str("give-up"),
        }
    }
}

/// `client 0 to primary SELECT a1`, `primary to client 0 ACK a1`; of those that are alike but for when the lease ends,
/// `primary to client 0 ACK a1 end 2` is the one with the second end.
impl Display for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (client, server) = (self.client, self.server.name());
        match self.body {
            Body::Ask(ask) => {
                write!(f, "client {client} to {server} ")?;
                match ask {
                    Ask::Discover => f.write_str("DISCOVER"),
                    Ask::Select(a) => write!(f, "SELECT a{}", a.0),
                    Ask::Reboot(a) => write!(f, "REBOOT a{}", a.0),
                    Ask::Renew(a) => write!(f, "RENEW a{}", a.0),
                    Ask::Rebind(a) => write!(f, "REBIND a{}", a.0),
                    Ask::Decline(a) => write!(f, "DECLINE a{}", a.0),
                    Ask::Release(a) => write!(f, "RELEASE a{}", a.0),
                    Ask::Inform => f.write_str("INFORM"),
                }
            }
            Body::Answer(answer) => {
                write!(f, "{server} to client {client} ")?;
                match answer {
                    Answer::Offer(a) => write!(f, "OFFER a{}", a.0),
                    Answer::Ack(a, Time::LONG_AGO) => write!(f, "ACK a{}", a.0),
                    Answer::Ack(a, end) => write!(f, "ACK a{} end {}", a.0, end.raw() + 1),
                    Answer::Nak => f.write_str("NAK"),
                    Answer::Informed => f.write_str("INFORMED"),
                }
            }
        }
    }
}

/// What is wrong with the text of an action, and what would be accepted there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The word that does not fit, or nothing at the end of the line.
    pub found: String,
    /// What would be accepted in its place.
    pub accepted: &'static str,
}

impl Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.found.is_empty() {
            write!(f, "the line ends where {} should follow", self.accepted)
        } else {
            write!(f, "`{}` where {} should stand", self.found, self.accepted)
        }
    }
}

impl std::error::Error for ParseError {}

/// Words of a line, one after the other.
struct Words<'a>(std::iter::Peekable<std::str::SplitWhitespace<'a>>);

impl<'a> Words<'a> {
    fn fail<T>(found: Option<&str>, accepted: &'static str) -> Result<T, ParseError> {
        Err(ParseError { found: found.unwrap_or_default().to_owned(), accepted })
    }

    fn next(&mut self) -> Option<&'a str> {
        self.0.next()
    }

    fn skip(&mut self, word: &str) -> bool {
        self.0.next_if_eq(&word).is_some()
    }

    fn expect(&mut self, word: &'static str) -> Result<(), ParseError> {
        match self.next() {
            Some(found) if found == word => Ok(()),
            found => Self::fail(found, word),
        }
    }

    fn role(&mut self) -> Result<Role, ParseError> {
        match self.next() {
            Some("primary") => Ok(Role::Primary),
            Some("secondary") => Ok(Role::Secondary),
            found => Self::fail(found, "primary or secondary"),
        }
    }

    fn role_if_any(&mut self) -> Result<Option<Role>, ParseError> {
        match self.0.peek() {
            Some(&("primary" | "secondary")) => self.role().map(Some),
            _ => Ok(None),
        }
    }

    fn number(&mut self, accepted: &'static str) -> Result<u8, ParseError> {
        let word = self.next();
        word.and_then(|w| w.parse().ok()).map_or_else(|| Self::fail(word, accepted), Ok)
    }

    fn address(&mut self) -> Result<AddressId, ParseError> {
        let word = self.next();
        match word.and_then(|w| w.strip_prefix('a')).and_then(|w| w.parse().ok()) {
            Some(number) => Ok(AddressId(number)),
            None => Self::fail(word, "an address such as a0"),
        }
    }

    fn places(&mut self) -> Result<Places, ParseError> {
        self.expect("at")?;
        let first = self.0.peek().copied();
        let mut addresses = arrayvec::ArrayVec::<u8, ADDRESSES>::new();
        while self.0.peek().is_some() && !addresses.is_full() {
            addresses.push(u8::try_from(self.address()?.0).unwrap_or(u8::MAX));
        }
        let places = Places::of(&addresses).filter(|_| self.0.peek().is_none());
        places.map_or_else(|| Self::fail(first, "all addresses, not in the order of their numbers"), Ok)
    }

    fn packet(&mut self) -> Result<Packet, ParseError> {
        if self.skip("client") {
            let client = self.number("a client's number")?;
            self.expect("to")?;
            let server = self.role()?;
            return Ok(Packet { client, server, body: Body::Ask(self.ask()?) });
        }
        let server = self.role()?;
        self.expect("to")?;
        self.expect("client")?;
        let client = self.number("a client's number")?;
        Ok(Packet { client, server, body: Body::Answer(self.answer()?) })
    }

    fn ask(&mut self) -> Result<Ask, ParseError> {
        Ok(match self.next() {
            Some("DISCOVER") => Ask::Discover,
            Some("SELECT") => Ask::Select(self.address()?),
            Some("REBOOT") => Ask::Reboot(self.address()?),
            Some("RENEW") => Ask::Renew(self.address()?),
            Some("REBIND") => Ask::Rebind(self.address()?),
            Some("DECLINE") => Ask::Decline(self.address()?),
            Some("RELEASE") => Ask::Release(self.address()?),
            Some("INFORM") => Ask::Inform,
            found => return Self::fail(found, "DISCOVER, SELECT, REBOOT, RENEW, REBIND, DECLINE, RELEASE or INFORM"),
        })
    }

    fn answer(&mut self) -> Result<Answer, ParseError> {
        Ok(match self.next() {
            Some("OFFER") => Answer::Offer(self.address()?),
            Some("ACK") => Answer::Ack(self.address()?, self.end()?),
            Some("NAK") => Answer::Nak,
            Some("INFORMED") => Answer::Informed,
            found => return Self::fail(found, "OFFER, ACK, NAK or INFORMED"),
        })
    }

    /// Which end, in place of a time: see [`Packet::named`]. The first is not written.
    fn end(&mut self) -> Result<Time, ParseError> {
        if !self.skip("end") {
            return Ok(Time::LONG_AGO);
        }
        let word = self.next();
        match word.and_then(|w| w.parse().ok()).filter(|number| (2..=PACKETS as u32).contains(number)) {
            Some(number) => Ok(Time::from_raw(number - 1)),
            None => Self::fail(word, "a number from 2 to 8"),
        }
    }

    fn client(&mut self) -> Result<What, ParseError> {
        let client = self.number("a client's number")?;
        let deed = match self.next() {
            Some("obtain") => Deed::Obtain(self.address()?),
            Some("discover") => Deed::Discover,
            Some("renew") => Deed::Renew,
            Some("rebind") => Deed::Rebind,
            Some("reboot") => Deed::Reboot,
            Some("release") => Deed::Release,
            Some("decline") => Deed::Decline,
            Some("inform") => Deed::Inform,
            Some("give-up") => Deed::GiveUp,
            found => {
                return Self::fail(
                    found,
                    "obtain, discover, renew, rebind, reboot, release, decline, inform or give-up",
                );
            }
        };
        let server = self.role_if_any()?;
        let lost = self.skip("answer");
        if lost {
            self.expect("lost")?;
        }
        Ok(What::Client { client, deed, server, lost })
    }

    fn operator(&mut self) -> Result<What, ParseError> {
        let server = self.role()?;
        let order = match self.next() {
            Some("partner-down") => Order::PartnerDown,
            Some("pause") => Order::Pause,
            Some("shutdown") => Order::Shutdown,
            Some("reset") => Order::Reset(self.address()?),
            Some("rebalance") => Order::Rebalance,
            found => return Self::fail(found, "partner-down, pause, shutdown, reset or rebalance"),
        };
        Ok(What::Operator(server, order))
    }

    fn what(&mut self) -> Result<What, ParseError> {
        Ok(match self.next() {
            Some("tick") => What::Tick,
            Some("wake") => What::Wake(self.role()?),
            Some("startup") => {
                self.expect("over")?;
                What::Over(Timer::Startup, self.role()?)
            }
            Some("safe-period") => {
                self.expect("over")?;
                What::Over(Timer::SafePeriod, self.role()?)
            }
            Some("deliver") => What::Deliver(self.role()?),
            Some("notice") => What::Notice(self.role()?),
            Some("link") => match self.next() {
                Some("up") => What::Connect,
                Some("down") => What::Break,
                found => return Self::fail(found, "up or down"),
            },
            Some("crash") => {
                let server = self.role()?;
                let storage = self.skip("losing");
                if storage {
                    self.expect("storage")?;
                }
                What::Crash { server, storage }
            }
            Some("restart") => What::Restart(self.role()?),
            Some("operator") => self.operator()?,
            Some("client") => self.client()?,
            Some("arrive") => What::Arrive(self.packet()?),
            Some("lose") => What::Lose(self.packet()?),
            Some("duplicate") => What::Duplicate(self.packet()?),
            found => {
                return Self::fail(
                    found,
                    "tick, wake, startup, safe-period, deliver, notice, link, crash, restart, operator, client, \
                     arrive, lose or duplicate",
                );
            }
        })
    }
}

impl FromStr for Action {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Action, ParseError> {
        let mut parts = text.split(',').map(str::trim);
        let mut words = Words(parts.next().unwrap_or_default().split_whitespace().peekable());
        let mut action = Action::of(words.what()?);
        if let Some(found) = words.next() {
            return Words::fail(Some(found), "the end of the line, or a comma");
        }
        for part in parts {
            let mut words = Words(part.split_whitespace().peekable());
            match words.next() {
                Some("looking") => action.places = Some(words.places()?),
                Some("crash") => {
                    words.expect("after")?;
                    action.crash_after = Some(words.number("a number of effects")?);
                }
                found => return Words::fail(found, "looking or crash"),
            }
        }
        Ok(action)
    }
}
