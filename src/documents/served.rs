//! `dhcpfo serve CONFIG --trace FILE`: what an endpoint began with, every input, and what came of it, one JSON document a line.
//!
//! ```json
//! {"line":"serve-header","kind":"dhcpfo-serve-trace","version":4,"role":"primary","relationship":"fo","rules":{},"addresses":41,…}
//! {"line":"serve-binding","address":3,"binding":{"status":"ACTIVE","client":0,…},"who":"02:00:00:00:00:01"}
//! {"line":"serve-step","at":1795467379,"input":"start","effects":[{"effect":"PERSIST","endpoint":{"state":"RECOVER",…}}]}
//! {"line":"serve-step","at":1795467381,"input":{"client":0,"ask":"discover",…},"effects":[…]}
//! {"line":"serve-lengths","lengths":{"mclt":60,…},"buckets":"ff…"}
//! ```
//!
//! * `serve-header` and the `serve-binding`s after it are what stable storage had and how the server was configured; they
//!   come again when the endpoint begins anew (`ctl recover`, other pools after `ctl reload`);
//! * `at` is the reading of the clock, the only thing that a step takes from outside. Lengths of time are those of
//!   the header until `serve-lengths` says otherwise, the lease time of a client's request is in its input;
//! * numbers of addresses count from 0 in ascending order, numbers of clients mean nothing outside the trace; which
//!   addresses and clients they are is there for people only: `ranges` in the header, and `who`;
//! * times are seconds since 1970 by the server's clock; 0 is long ago.
//!
//! In version 3 an effect was the text of a value of the program. Such traces are read.

use crate::format::{Format, Head};
use crate::schema::stated;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// What such a document is.
pub const FORMAT: Format = Format {
    kind: "dhcpfo-serve-trace",
    name: "a server's trace",
    version: 4,
    written_by: "dhcpfo serve CONFIG --trace FILE",
};

/// The version before, which is read, too.
const BEFORE: u32 = 3;

/// Whether a header is of a version that is read.
///
/// # Errors
/// It is not: who wrote it, and what to do.
pub fn accept(head: &Head) -> Result<(), String> {
    if head.version == BEFORE { Ok(()) } else { FORMAT.accept(head) }
}

/// A line of a server's trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "line", rename_all = "kebab-case")]
pub enum Line {
    /// What an endpoint is about to begin with.
    ServeHeader(Box<Header>),
    /// What it has about an address.
    ServeBinding(StoredBinding),
    /// An input, and what came of it.
    ServeStep(Step),
    /// Lengths of time or buckets are others from here on.
    ServeLengths(NewLengths),
}

/// What an endpoint is about to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename = "dhcpfo-serve-trace", rename_all = "kebab-case")]
#[schemars(transform = stated(FORMAT.kind))]
pub struct Header {
    /// The version of this kind of document.
    pub version: u32,
    /// Which server it is.
    pub role: Role,
    /// The relationship's name.
    pub relationship: String,
    /// Readings in which the server departs from those that are searched, by question.
    pub rules: BTreeMap<String, String>,
    /// How many addresses there are.
    pub addresses: u32,
    /// Which these are, as runs: the first address, and how many follow each other.
    #[serde(default)]
    pub ranges: Vec<(Ipv4Addr, u32)>,
    /// Reserved addresses, each with its client.
    pub reserved: Vec<(u32, u32)>,
    /// The primary's hash buckets: 32 octets in hexadecimal digits.
    pub buckets: String,
    /// The secondary's share of available addresses, in hundredths.
    pub secondary_share: u8,
    /// How far pools may be from their balance: addresses, and thousandths of what is available.
    pub slack: Option<(u32, u16)>,
    /// The first address of each group that is balanced by itself, ascending from 0.
    pub groups: Vec<u32>,
    /// A client of the partner's is answered where the partner has nothing to give.
    pub cover: bool,
    /// The safe period is used.
    pub safe_period: bool,
    /// Lengths of time.
    pub lengths: Lengths,
    /// What the endpoint has on stable storage about itself; null: nothing.
    pub endpoint: Option<EndpointRecord>,
}

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The primary.
    Primary,
    /// The secondary.
    Secondary,
}

/// What the endpoint has about an address before it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredBinding {
    /// The address.
    pub address: u32,
    /// What it has.
    pub binding: Binding,
    /// Which client that is, for people.
    pub who: Option<String>,
}

/// An input, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// When.
    pub at: u32,
    /// What came.
    pub input: Input,
    /// What came of it, in order.
    pub effects: Vec<Effect>,
    /// The client that the input names, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
}

/// Lengths of time or buckets are others from here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewLengths {
    /// The lengths.
    pub lengths: Lengths,
    /// The buckets, as in the header.
    pub buckets: String,
}

/// Lengths of time in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Lengths {
    /// MCLT.
    pub mclt: u32,
    /// The lease that is wanted where a request says nothing else.
    pub lease: u32,
    /// What a potential-expiration-time lies ahead.
    pub potential: u32,
    /// The safe period.
    pub safe_period: u32,
    /// How long STARTUP lasts.
    pub startup: u32,
    /// The greatest age of a message.
    pub message_age: u32,
}

/// Something that comes to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// It begins.
    Start,
    /// The connection is gone.
    Disconnected,
    /// Time has passed.
    Wake,
    /// There is a connection; the partner takes so many updates without an answer.
    Connected(u8),
    /// A client asks something.
    #[serde(untagged)]
    Client(Request),
    /// An operator commands.
    #[serde(untagged)]
    Operator(Operator),
    /// The partner says something.
    #[serde(untagged)]
    Message(Message),
}

/// What an operator commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "operator", rename_all = "kebab-case")]
pub enum Operator {
    /// The partner is down.
    PartnerDown,
    /// Out of service for a short time.
    Pause,
    /// Out of service for a long time.
    Shutdown,
    /// Look at the balance of available addresses now.
    Rebalance,
    /// No client holds a lease that was given before this start.
    Begin {
        /// The partner is down, too.
        alone: bool,
    },
    /// Go to a state.
    Set {
        /// The state.
        state: StateName,
    },
    /// Make an address available again.
    Reset {
        /// The address.
        address: u32,
    },
}

/// The name of a state: `NORMAL`.
pub type StateName = String;

/// What a client asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Request {
    /// Who asks.
    pub client: u32,
    /// What for.
    pub ask: Ask,
    /// The address that it names.
    pub address: Option<u32>,
    /// The hash of the client's identifier.
    pub bucket: u8,
    /// It has been trying for longer than it should have to.
    pub waited: bool,
    /// The addresses of its link: the lowest, and one beyond the highest.
    pub within: (u32, u32),
    /// The address to offer if it has none.
    pub prefer: Option<u32>,
    /// The lease time with which the request was considered, in seconds.
    pub lease: u32,
}

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// DHCPDISCOVER
    Discover,
    /// DHCPREQUEST for what was offered
    Select,
    /// DHCPREQUEST after a start
    Reboot,
    /// DHCPREQUEST to the server that gave the lease
    Renew,
    /// DHCPREQUEST to any server
    Rebind,
    /// DHCPDECLINE
    Decline,
    /// DHCPRELEASE
    Release,
    /// DHCPINFORM
    Inform,
}

/// A message between the servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "message")]
pub enum Message {
    /// How the sender is.
    #[serde(rename = "STATE")]
    State {
        /// The state: also `PAUSED` and `SHUTDOWN`.
        state: String,
        /// It is starting.
        startup: bool,
        /// Since when it is in that state.
        since: u32,
    },
    /// What the sender has about an address.
    #[serde(rename = "BNDUPD")]
    BndUpd {
        /// The transaction.
        transaction: u8,
        /// The address.
        address: u32,
        /// The binding-status.
        status: Status,
        /// The client; for an available address the last one.
        client: Option<u32>,
        /// The address is reserved.
        reserved: bool,
        /// lease-expiration-time, potential-expiration-time, client-last-transaction-time, start-time-of-state.
        times: [u32; 4],
    },
    /// The answer to a BNDUPD.
    #[serde(rename = "BNDACK")]
    BndAck {
        /// The transaction.
        transaction: u8,
        /// The address.
        address: u32,
        /// The reject-reason; null: it was accepted.
        reject: Option<u8>,
    },
    /// What was not sent yet is wanted.
    #[serde(rename = "UPDREQ")]
    UpdReq,
    /// Everything is wanted.
    #[serde(rename = "UPDREQALL")]
    UpdReqAll,
    /// That was all.
    #[serde(rename = "UPDDONE")]
    UpdDone,
    /// Addresses are wanted.
    #[serde(rename = "POOLREQ")]
    PoolReq,
    /// So many come.
    #[serde(rename = "POOLRESP")]
    PoolResp {
        /// How many.
        count: u32,
    },
}

/// A binding-status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Available to the primary.
    Free,
    /// Available to the secondary.
    Backup,
    /// A client has it.
    Active,
    /// The lease is over.
    Expired,
    /// The client has given it back.
    Released,
    /// Somebody uses it who should not.
    Abandoned,
    /// An operator has made it available again.
    Reset,
}

/// What an endpoint has on stable storage about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct EndpointRecord {
    /// The state.
    pub state: StateName,
    /// The bindings were lost.
    pub lost: bool,
    /// The partner asked for everything and has not had it yet.
    pub owes_all: bool,
    /// Since when it is in that state, when it last operated, when RECOVER-WAIT ends, when the partner's addresses may be given.
    pub times: [u32; 4],
}

/// What a server has on stable storage about an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Binding {
    /// The binding-status.
    pub status: Status,
    /// The client; for an available address the last one.
    pub client: Option<u32>,
    /// What the partner knows of it.
    pub partner: Partner,
    /// It is being taken back.
    pub reclaiming: bool,
    /// lease-expiration-time; potential-expiration-time as sent, acknowledged and received; client-last-transaction-time;
    /// start-time-of-state; until when the address rests.
    pub times: [u32; 7],
}

/// What the partner knows of a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Partner {
    /// It has acknowledged what stands there.
    UpToDate,
    /// It was never told.
    Unsent,
    /// It was told, and has not answered.
    Sent,
    /// It has rejected it.
    Rejected,
}

/// Something that an endpoint has its server do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "effect", rename_all = "UPPERCASE")]
pub enum Effect {
    /// Write to stable storage.
    Persist(Record),
    /// Send to the partner.
    Send(Message),
    /// Answer a client.
    Reply {
        /// The client.
        client: u32,
        /// How it is answered.
        #[serde(flatten)]
        answer: Answer,
    },
    /// Close the connection.
    Close,
    /// Something for people.
    Note {
        /// What.
        note: Note,
    },
    /// What version 3 wrote.
    #[serde(untagged)]
    #[schemars(skip)]
    Text(TextEffect),
}

/// An effect in version 3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextEffect {
    /// `PERSIST`, `SEND`, `REPLY`, `CLOSE`, `NOTE`.
    pub effect: String,
    /// The text of the program's value.
    pub text: String,
}

/// What is written to stable storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Record {
    /// The endpoint's own record is now this.
    Endpoint {
        /// The record.
        endpoint: EndpointRecord,
    },
    /// The binding of an address is now this.
    Binding {
        /// The address.
        address: u32,
        /// The binding.
        binding: Binding,
    },
}

/// How a client is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "answer", rename_all = "UPPERCASE")]
pub enum Answer {
    /// DHCPOFFER
    Offer {
        /// The address.
        address: u32,
    },
    /// DHCPACK
    Ack {
        /// The address.
        address: u32,
        /// The end of the lease.
        until: u32,
    },
    /// DHCPNAK
    Nak,
    /// DHCPACK to a DHCPINFORM
    Informed,
}

/// Why a client got no answer, or what an operator should hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// Nobody is served in this state.
    Silent,
    /// The partner answers this client.
    NotMine,
    /// No address may be given to this client now.
    NothingAvailable,
    /// The address belongs to the partner, or to somebody else, or must rest.
    NotAllowed,
    /// A message that has no place here was ignored.
    Ignored,
    /// Somebody should look at the state.
    Alarm,
}
