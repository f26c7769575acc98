//! A recording: what servers and clients did, as somebody wrote it down who was there: `dhcpfo simulate FILE --record OUT`.
//!
//! A file has one JSON document a line, the first of which is the header:
//!
//! ```json
//! {"line":"recording-header","kind":"dhcpfo-recording","version":1,"title":"…"}
//! {"line":"recording-event","at":1795467379000000,"words":"client 3 discover","did":[…],"changes":[…]}
//! ```
//!
//! `at` are microseconds, since 1970 or since the beginning of a simulation.

use crate::format::{Format, Head};
use crate::schema::stated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What such a document is.
pub const FORMAT: Format = Format {
    kind: "dhcpfo-recording",
    name: "a recording",
    version: 1,
    written_by: "dhcpfo simulate FILE --record OUT",
};

/// A line of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "line", rename_all = "kebab-case")]
pub enum RecordingLine {
    /// The first one.
    RecordingHeader(Header),
    /// Something happened.
    RecordingEvent(Box<Event>),
}

/// What a recording is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-recording")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Header {
    /// The version of this kind of document.
    pub version: u32,
    /// What it is about.
    pub title: String,
}

impl RecordingLine {
    /// The first line of a recording.
    pub const fn header(title: String) -> RecordingLine {
        RecordingLine::RecordingHeader(Header { version: FORMAT.version, title })
    }
}

/// A server or a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The primary.
    Primary,
    /// The secondary.
    Secondary,
    /// A client, by whatever it is known by.
    Client(String),
}

impl Party {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Party::Primary => "primary",
            Party::Secondary => "secondary",
            Party::Client(name) => name,
        }
    }
}

/// Something that went from one to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Told {
    /// Who.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// What.
    pub text: String,
}

/// Something that a server did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deed {
    /// Which server, or none.
    pub who: Option<Party>,
    /// `RECEIVE`, `PERSIST`, `SEND`, `REPLY`, …
    pub verb: String,
    /// What.
    pub text: String,
}

/// What a server has about an address. Times are whole seconds by the recording's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Bound {
    /// The binding-status.
    pub status: String,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// What the partner lacks.
    pub partner: String,
    /// lease-expiration-time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<i64>,
    /// The potential-expiration-time that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<i64>,
    /// The one that was acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acked: Option<i64>,
    /// The one that was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<i64>,
    /// Until when it rests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rests: Option<i64>,
}

/// What is different afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A server is in another condition: a state, `off`, `STARTUP`, or `gone`.
    Condition(Party, String),
    /// Something else about a server: what, and how it is now; an empty text takes it away.
    Fact(Party, String, String),
    /// A server has this about an address.
    Binding(Party, String, Bound),
    /// A client holds an address until then; None: no longer.
    Holds {
        /// Who.
        client: String,
        /// The address.
        address: String,
        /// The end of the lease in seconds.
        until: Option<i64>,
    },
    /// There is a connection between the servers.
    Link(bool),
}

/// Something that is not as it should be, where it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Which claim is violated.
    pub claim: String,
    /// In words.
    pub text: String,
}

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Event {
    /// When, in microseconds.
    pub at: i64,
    /// Where it is written: a file and a line or packet.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// In words.
    pub words: String,
    /// A message of the partner that a server reads; its sending is recorded, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<(Party, String)>,
    /// Messages that leave for the partner and whose arrival is recorded elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<(Party, String)>,
    /// Messages towards a server that will never be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<(Party, String)>,
    /// What goes from one to another at once, as far as is recorded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Told>,
    /// What servers did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub did: Vec<Deed>,
    /// What is different afterwards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What is not as it should be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// Reads a line; `number` is counted from 1.
///
/// # Errors
/// It is no line of a recording, of another version, or not at its place.
pub fn read(number: usize, text: &str) -> Result<RecordingLine, String> {
    // Of a header of another version nothing else need be understood.
    if number == 1
        && let Ok(head) = serde_json::from_str::<Head>(text)
        && head.line == "recording-header"
    {
        FORMAT.accept(&head)?;
    }
    let line: RecordingLine = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match (&line, number) {
        (RecordingLine::RecordingHeader(_), 1) => Ok(line),
        (RecordingLine::RecordingHeader(_), _) => Err("a second header".to_owned()),
        (_, 1) => Err("a recording begins with its header".to_owned()),
        _ => Ok(line),
    }
}
