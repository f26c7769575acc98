//! Everything that can happen next, each with one text form that parses back.

use crate::clients::{Body, PACKETS, Packet};
use crate::model::ADDRESSES;
use crate::places::Places;
use crate::words::{self, ParseError, Words};
use arrayvec::ArrayVec;
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::state::Role;
use dhcpfo_time::Time;
use std::fmt::{self, Display};
use std::str::FromStr;

pub use crate::order::{Order, Since};

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Action {
    /// What.
    pub what: What,
    /// The server that takes the stimulus crashes when it has carried out so many effects, not counting what it only notes.
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
    /// Turns to its other interface, and keeps the lease that it has.
    Switch,
}

/// Deadlines of which only is known that they pass some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// STARTUP is over.
    Startup,
    /// The safe period is over.
    SafePeriod,
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
    /// The connection is made by one end while the other one still believes in the one before.
    Reconnect,
    /// The connection breaks.
    Break,
    /// Nothing that is sent to this end arrives any more, while the other end still hears it.
    Deafen(Role),
    /// A server stops working.
    Crash {
        /// Which.
        server: Role,
        /// Its stable storage is gone, too.
        storage: bool,
    },
    /// A server is started.
    Restart(Role),
    /// A server is started with the other one of its two configurations.
    RestartChanged(Role),
    /// Both servers, which are off, get each other's role.
    SwapRoles,
    /// A server's stable storage is copied.
    BackUp(Role),
    /// The copy takes the place of what a server that is off has on stable storage.
    PutBack(Role),
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
            What::Reconnect => f.write_str("link up anew"),
            What::Break => f.write_str("link down"),
            What::Deafen(end) => write!(f, "link down towards {}", end.name()),
            What::Crash { server, storage: false } => write!(f, "crash {}", server.name()),
            What::Crash { server, storage: true } => write!(f, "crash {} losing storage", server.name()),
            What::Restart(server) => write!(f, "restart {}", server.name()),
            What::RestartChanged(server) => write!(f, "restart {} changed", server.name()),
            What::SwapRoles => f.write_str("swap roles"),
            What::BackUp(server) => write!(f, "back up {}", server.name()),
            What::PutBack(server) => write!(f, "put back {}", server.name()),
            What::Operator(server, order) => write!(f, "operator {} {order}", server.name()),
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
            Deed::Switch => f.write_str("switch"),
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

impl Words<'_> {
    fn role_if_any(&mut self) -> Result<Option<Role>, ParseError> {
        match self.peek() {
            Some("primary" | "secondary") => self.role().map(Some),
            _ => Ok(None),
        }
    }

    fn some_address(&mut self) -> Result<AddressId, ParseError> {
        self.address("an address such as a0")
    }

    fn places(&mut self) -> Result<Places, ParseError> {
        self.expect("at")?;
        let first = *self;
        let number = |address: &AddressId| u8::try_from(address.0).unwrap_or(u8::MAX);
        let named: ArrayVec<u8, ADDRESSES> = self.addresses::<ADDRESSES>().iter().map(number).collect();
        let places = Places::of(&named).filter(|_| matches!(self.peek(), None | Some(",")));
        places.map_or_else(|| first.refuse("all addresses, not in the order of their numbers"), Ok)
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
        let here = *self;
        Ok(match self.next() {
            Some("DISCOVER") => Ask::Discover,
            Some("SELECT") => Ask::Select(self.some_address()?),
            Some("REBOOT") => Ask::Reboot(self.some_address()?),
            Some("RENEW") => Ask::Renew(self.some_address()?),
            Some("REBIND") => Ask::Rebind(self.some_address()?),
            Some("DECLINE") => Ask::Decline(self.some_address()?),
            Some("RELEASE") => Ask::Release(self.some_address()?),
            Some("INFORM") => Ask::Inform,
            _ => return here.refuse("DISCOVER, SELECT, REBOOT, RENEW, REBIND, DECLINE, RELEASE or INFORM"),
        })
    }

    fn answer(&mut self) -> Result<Answer, ParseError> {
        let here = *self;
        Ok(match self.next() {
            Some("OFFER") => Answer::Offer(self.some_address()?),
            Some("ACK") => Answer::Ack(self.some_address()?, self.which_end()?),
            Some("NAK") => Answer::Nak,
            Some("INFORMED") => Answer::Informed,
            _ => return here.refuse("OFFER, ACK, NAK or INFORMED"),
        })
    }

    /// Which end, in place of a time: see [`Packet::named`]. The first is not written.
    fn which_end(&mut self) -> Result<Time, ParseError> {
        if !self.skip("end") {
            return Ok(Time::LONG_AGO);
        }
        let later = |word| words::number(word).filter(|number| (2..=PACKETS as u32).contains(number));
        self.read("a number from 2 to 8", |word| Some(Time::from_raw(later(word)? - 1)))
    }

    fn client(&mut self) -> Result<What, ParseError> {
        let client = self.number("a client's number")?;
        let here = *self;
        let deed = match self.next() {
            Some("obtain") => Deed::Obtain(self.some_address()?),
            Some("discover") => Deed::Discover,
            Some("renew") => Deed::Renew,
            Some("rebind") => Deed::Rebind,
            Some("reboot") => Deed::Reboot,
            Some("release") => Deed::Release,
            Some("decline") => Deed::Decline,
            Some("inform") => Deed::Inform,
            Some("give-up") => Deed::GiveUp,
            Some("switch") => Deed::Switch,
            _ => {
                return here
                    .refuse("obtain, discover, renew, rebind, reboot, release, decline, inform, give-up or switch");
            }
        };
        let server = self.role_if_any()?;
        let lost = server.is_some() && self.skip("answer");
        if lost {
            self.expect("lost")?;
        }
        Ok(What::Client { client, deed, server, lost })
    }

    fn what(&mut self) -> Result<What, ParseError> {
        let here = *self;
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
            Some("link") => {
                match self.read("up or down", |word| matches!(word, "up" | "down").then_some(word == "up"))? {
                    true if self.skip("anew") => What::Reconnect,
                    true => What::Connect,
                    false if self.skip("towards") => What::Deafen(self.role()?),
                    false => What::Break,
                }
            }
            Some("crash") => {
                let server = self.role()?;
                let storage = self.skip("losing");
                if storage {
                    self.expect("storage")?;
                }
                What::Crash { server, storage }
            }
            Some("restart") => {
                let server = self.role()?;
                if self.skip("changed") { What::RestartChanged(server) } else { What::Restart(server) }
            }
            Some("swap") => {
                self.expect("roles")?;
                What::SwapRoles
            }
            Some("back") => {
                self.expect("up")?;
                What::BackUp(self.role()?)
            }
            Some("put") => {
                self.expect("back")?;
                What::PutBack(self.role()?)
            }
            Some("operator") => What::Operator(self.role()?, Order::read(self)?),
            Some("client") => self.client()?,
            Some("arrive") => What::Arrive(self.packet()?),
            Some("lose") => What::Lose(self.packet()?),
            Some("duplicate") => What::Duplicate(self.packet()?),
            _ => {
                return here.refuse(
                    "tick, wake, startup, safe-period, deliver, notice, link, crash, restart, swap roles, operator, \
                     back up, put back, client, arrive, lose or duplicate",
                );
            }
        })
    }

    /// An action, after which the line must end.
    pub(crate) fn action(&mut self) -> Result<Action, ParseError> {
        let what = self.what()?;
        let mut action = Action::of(what);
        if what.depends_on_order() && self.clause("looking") {
            action.places = Some(self.places()?);
        }
        if what.may_be_split() && self.clause("crash") {
            self.expect("after")?;
            action.crash_after = Some(self.number("a number of effects")?);
        }
        let nothing_follows = action.crash_after.is_some();
        let places_may = !nothing_follows && action.places.is_none() && what.depends_on_order();
        let crash_may = !nothing_follows && what.may_be_split();
        match (places_may, crash_may) {
            (false, false) => self.end("the end of the line")?,
            (true, true) => self.end_or_clause("looking or crash")?,
            (true, false) => self.end_or_clause("looking")?,
            (false, true) => self.end_or_clause("crash")?,
        }
        Ok(action)
    }

    /// Takes a comma and this word, if both are next.
    fn clause(&mut self, word: &str) -> bool {
        let mut ahead = *self;
        let found = ahead.skip(",") && ahead.skip(word);
        if found {
            *self = ahead;
        }
        found
    }

    /// No word may be left; behind a comma these would be accepted.
    fn end_or_clause(&self, words: &'static str) -> Result<(), ParseError> {
        let mut ahead = *self;
        if ahead.skip(",") { ahead.refuse(words) } else { self.end("the end of the line, or a comma") }
    }
}

impl FromStr for Action {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Action, ParseError> {
        Words::of(text).action()
    }
}
