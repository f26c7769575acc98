//! Follows real servers with the engine: was everything that they said possible in a dialect?
//!
//! For each of the two servers in a capture an [`Endpoint`](dhcpfo_engine::endpoint::Endpoint) is driven with what the server
//! received: connections, messages, the time. What the server sent is compared with what the endpoint sends. What a capture
//! of the connection does not show is inferred from what the server said, and named: [`Inferred`]. What remains is a
//! [`Departure`] of the dialect from the server.
//!
//! * `cast`: who is who, and what each server says next; read before anything is followed;
//! * `server`: one server, and the endpoint that follows it;
//! * `explain`: what the server may have been told that the capture does not show;
//! * `table`: the endpoint's bindings; `words`: messages for people.
//!
//! Not compared, for the dialect leaves it open or the capture does not tell: which clients a server answers, which
//! addresses it hands over, how long a lease it would like to give, and in which order it speaks of several addresses. Acknowledgments
//! may come late.

mod cast;
mod explain;
mod server;
mod table;
mod words;

use std::fmt;

use dhcpfo_engine::rules::Rules;
use dhcpfo_engine::state::Role;
use dhcpfo_wire::message::Body;

use crate::Settings;
use crate::capture::{Input, Micros, Unreadable};
use crate::event::{OnLink, Place, What};
use crate::events::Events;
use cast::Cast;
use server::Follower;

/// In what way a server and the dialect differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The server said what the dialect does not say there.
    NotPossible,
    /// The dialect says something, and the server did not.
    NotSaid,
    /// Both say the same, in another order of STATE and updates.
    Order,
    /// The server gave more time than the dialect does.
    Times,
}

impl Kind {
    /// A word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::NotPossible => "not-possible",
            Kind::NotSaid => "not-said",
            Kind::Order => "order",
            Kind::Times => "times",
        }
    }
}

/// Where a server and the dialect differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Which server.
    pub role: Role,
    /// The message that the server sent; for [`Kind::NotSaid`] the packet after which it was missed.
    pub place: Place,
    /// When.
    pub at: Micros,
    /// In what way.
    pub kind: Kind,
    /// The message, or what the dialect says.
    pub message: String,
    /// The state in which the endpoint was.
    pub state: &'static str,
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (role, state, message) = (self.role.name(), self.state, &self.message);
        match self.kind {
            Kind::NotPossible => write!(f, "the {role} said {message}; the dialect, in {state}, does not"),
            Kind::NotSaid => write!(f, "the {role} did not say {message}; the dialect, in {state}, does"),
            Kind::Order => write!(f, "the {role} said {message} in another place than the dialect, in {state}"),
            Kind::Times => write!(f, "the {role} said {message}; the dialect, in {state}, gives less time"),
        }
    }
}

/// Something that a server must have been told and the capture does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inferred {
    /// The capture begins while the server runs: it was in the state that it says first, or in NORMAL.
    Running,
    /// It was started with what it had on stable storage.
    Restart,
    /// It was started without its lease file.
    RestartWithoutStorage,
    /// It noticed that the connection was gone.
    LostConnection,
    /// A client got or extended a lease.
    Lease,
    /// A client released its address.
    Release,
    /// A client declined its address, or somebody answered there.
    Decline,
    /// It looked at the balance of its pools, and chose these addresses.
    Rebalance,
    /// An operator, or its own timer, declared the partner down.
    PartnerDown,
    /// An address of which nothing was known had been in this status before the capture began.
    Before,
    /// A timer ended up to a second earlier than counted in whole seconds.
    Early,
    /// In answer to UPDREQALL it told of an address that was never used, which need not be told (failover-12 §5.16).
    NeverUsed,
}

impl Inferred {
    /// What it is in words.
    pub const fn words(self) -> &'static str {
        match self {
            Inferred::Running => "was running when the capture began",
            Inferred::Restart => "was started",
            Inferred::RestartWithoutStorage => "was started without its lease file",
            Inferred::LostConnection => "noticed that the connection was gone",
            Inferred::Lease => "gave or extended a lease",
            Inferred::Release => "heard a DHCPRELEASE",
            Inferred::Decline => "heard a DHCPDECLINE",
            Inferred::Rebalance => "looked at the balance of its pools",
            Inferred::PartnerDown => "was told that its partner is down",
            Inferred::Before => "had an address in use before the capture began",
            Inferred::Early => "had a timer that ended within the second",
            Inferred::NeverUsed => "told of an address that was never used",
        }
    }
}

/// What came of following the servers.
#[derive(Clone, Debug, Default)]
pub struct Followed {
    /// Messages that the dialect says as well, by role.
    pub matched: [u64; 2],
    /// How often something was inferred, by role and kind.
    pub inferred: std::collections::BTreeMap<(Role, Inferred), u64>,
    /// In the order of time.
    pub departures: Vec<Departure>,
}

/// Follows the two servers of a capture under these rules.
///
/// # Errors
/// A file is no capture, or damaged.
pub fn follow(inputs: &[Input], settings: &Settings, rules: &Rules) -> Result<Followed, Unreadable> {
    let cast = Cast::read(inputs, settings)?;
    let mut followers = Role::ALL.map(|role| Follower::new(role, rules, &cast));
    let mut followed = Followed::default();
    let mut events = Events::open(inputs, &settings.ports)?;
    while let Some(event) = events.next()? {
        let What::Link(link) = &event.what else { continue };
        let (at, place) = (event.at, event.place);
        let Some(sender) = cast.role(link.from) else { continue };
        let mut note = Notes { at, place, followed: &mut followed };
        match &link.what {
            OnLink::Message(frame) => {
                let Ok(body) = Body::from_frame(frame) else { continue };
                let said = Said { at, connection: link.connection, xid: frame.xid, body: &body };
                followers[sender.index()].sent(&said, &cast, &mut note);
                followers[sender.partner().index()].received(&said, &cast, &mut note);
            }
            OnLink::Joined => followers.iter_mut().for_each(|f| f.joined(link.connection, at, &cast, &mut note)),
            OnLink::Closed => followers.iter_mut().for_each(|f| f.closed(link.connection, at, &cast, &mut note)),
            OnLink::Opened
            | OnLink::Gap { .. }
            | OnLink::Ignorable
            | OnLink::Undecodable { .. }
            | OnLink::Unsaid(_) => {}
        }
    }
    Ok(followed)
}

/// A message on the wire.
struct Said<'a> {
    at: Micros,
    connection: u64,
    xid: u32,
    body: &'a Body,
}

/// Where findings go, with the place that they are about.
struct Notes<'a> {
    at: Micros,
    place: Place,
    followed: &'a mut Followed,
}

impl Notes<'_> {
    fn inferred(&mut self, role: Role, what: Inferred) {
        *self.followed.inferred.entry((role, what)).or_default() += 1;
    }

    fn matched(&mut self, role: Role) {
        self.followed.matched[role.index()] += 1;
    }

    fn departs(&mut self, role: Role, kind: Kind, state: &'static str, message: String) {
        let (place, at) = (self.place, self.at);
        self.followed.departures.push(Departure { role, place, at, kind, message, state });
    }
}
