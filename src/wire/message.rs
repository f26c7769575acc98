//! What a message says: frames checked against the tables of failover-12 §7, with names instead of codes.
//!
//! Options that do not belong to a message are skipped, as are unknown ones; those that MUST be there and are not make
//! a [`Malformed`]. What concerns one binding only is no error of the message: it is refused in the BNDACK.

use std::fmt;
use std::net::Ipv4Addr;

use dhcpfo_engine::state::Reported;

use crate::frame::Frame;
use crate::number::{MessageType, Reject, state_code, state_from_code};
use crate::option::{Ddns, Flags, Opt};

/// The value of the one option of a kind.
macro_rules! find {
    ($options:expr, $name:ident) => {
        $options.iter().find_map(|option| match option {
            Opt::$name(value) => Some(value.clone()),
            _ => None,
        })
    };
}

/// A message that lacks what it must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Which message.
    pub message_type: MessageType,
    /// The option by name, and what would be accepted.
    pub problem: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message_type.name(), self.problem)
    }
}

impl std::error::Error for Malformed {}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// §7.6
    PoolReq,
    /// §7.7: addresses-transferred
    PoolResp(u32),
    /// §7.1: one transaction for each address. Empty if the message names no address.
    BndUpd(Vec<Binding>),
    /// §7.2: one answer for each address. Empty if the message names none and refuses nothing.
    BndAck(Vec<Answer>),
    /// §7.8
    Connect(Connect),
    /// §7.9
    ConnectAck(ConnectAck),
    /// §7.4
    UpdReqAll,
    /// §7.5
    UpdDone,
    /// §7.3
    UpdReq,
    /// §7.10
    State(StateSaid),
    /// §7.11
    Contact,
    /// §7.12
    Disconnect(Refusal),
}

/// One binding update transaction as it stands in a BNDUPD: what is there, judged by nobody (failover-12 §7.1.1).
/// Times are seconds since 1970 by the sender's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the options of these names")]
pub struct Binding {
    pub address: Ipv4Addr,
    pub status: Option<u8>,
    pub client_identifier: Option<Vec<u8>>,
    /// Hardware type in the first octet.
    pub client_hardware_address: Option<Vec<u8>>,
    pub lease_expiration: Option<u32>,
    pub potential_expiration: Option<u32>,
    pub start_of_state: Option<u32>,
    pub client_last_transaction: Option<u32>,
    pub flags: Option<Flags>,
    pub client_request_options: Option<Vec<u8>>,
    pub client_reply_options: Option<Vec<u8>>,
    pub ddns: Option<Ddns>,
}

/// The answer to one transaction, in a BNDACK (failover-12 §7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// assigned-IP-address; None only in a refusal of a BNDUPD that had none.
    pub address: Option<Ipv4Addr>,
    /// reject-reason and message. None: accepted.
    pub refusal: Option<Refusal>,
}

/// A reject-reason with the text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// reject-reason
    pub reason: Reject,
    /// message; empty if there was none. Octets that are no UTF-8 are replaced.
    pub text: String,
}

impl Refusal {
    /// A refusal with a text.
    pub fn new(reason: Reject, text: impl Into<String>) -> Refusal {
        Refusal { reason, text: text.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reject-reason {} ({})", self.reason.0, self.reason.text())?;
        if self.text.is_empty() { Ok(()) } else { write!(f, ": {}", self.text) }
    }
}

/// CONNECT (failover-12 table 7.8-1). Optional here is what deployed servers leave out or a refusal has to name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the options of these names")]
pub struct Connect {
    pub relationship_name: Option<Vec<u8>>,
    pub max_unacked: Option<u32>,
    /// Seconds.
    pub receive_timer: Option<u32>,
    pub vendor_class: Option<Vec<u8>>,
    pub protocol_version: Option<u8>,
    /// 0: no TLS, 1: desired, 2: required. Absent inside TLS.
    pub tls_request: Option<u8>,
    /// Seconds.
    pub mclt: Option<u32>,
    pub hash_buckets: Option<Vec<u8>>,
    /// Seconds.
    pub delayed_service: Option<u8>,
}

/// CONNECTACK (failover-12 table 7.9-1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the options of these names")]
pub struct ConnectAck {
    pub relationship_name: Option<Vec<u8>>,
    pub max_unacked: Option<u32>,
    /// Seconds.
    pub receive_timer: Option<u32>,
    pub vendor_class: Option<Vec<u8>>,
    pub protocol_version: Option<u8>,
    /// 0: no TLS, 1: TLS now.
    pub tls_reply: Option<u8>,
    /// None: accepted.
    pub refusal: Option<Refusal>,
}

/// STATE (failover-12 table 7.10-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateSaid {
    /// server-state
    pub state: Reported,
    /// STARTUP bit of server-flags
    pub startup: bool,
    /// start-time-of-state, seconds since 1970 by the sender's clock
    pub since: u32,
}

impl Body {
    /// What the frame says.
    ///
    /// # Errors
    /// An option that MUST be there is not, or STATE names a state that does not exist.
    pub fn from_frame(frame: &Frame) -> Result<Body, Malformed> {
        let options = &frame.options;
        Ok(match frame.message_type {
            MessageType::PoolReq => Body::PoolReq,
            MessageType::PoolResp => Body::PoolResp(
                find!(options, AddressesTransferred).ok_or_else(|| lacks(frame, "addresses-transferred (1)"))?,
            ),
            MessageType::BndUpd => Body::BndUpd(bindings(frame)?),
            MessageType::BndAck => Body::BndAck(answers(options)),
            MessageType::Connect => Body::Connect(connect(options)),
            MessageType::ConnectAck => Body::ConnectAck(connect_ack(options)),
            MessageType::UpdReqAll => Body::UpdReqAll,
            MessageType::UpdDone => Body::UpdDone,
            MessageType::UpdReq => Body::UpdReq,
            MessageType::State => Body::State(state(frame)?),
            MessageType::Contact => Body::Contact,
            MessageType::Disconnect => Body::Disconnect(
                // Without a reason it is still the last message of its connection.
                refusal(options).unwrap_or_else(|| Refusal::new(Reject::UNKNOWN, "no reject-reason given")),
            ),
        })
    }

    /// The type of the message.
    pub const fn message_type(&self) -> MessageType {
        match self {
            Body::PoolReq => MessageType::PoolReq,
            Body::PoolResp(_) => MessageType::PoolResp,
            Body::BndUpd(_) => MessageType::BndUpd,
            Body::BndAck(_) => MessageType::BndAck,
            Body::Connect(_) => MessageType::Connect,
            Body::ConnectAck(_) => MessageType::ConnectAck,
            Body::UpdReqAll => MessageType::UpdReqAll,
            Body::UpdDone => MessageType::UpdDone,
            Body::UpdReq => MessageType::UpdReq,
            Body::State(_) => MessageType::State,
            Body::Contact => MessageType::Contact,
            Body::Disconnect(_) => MessageType::Disconnect,
        }
    }

    /// The options, in the order in which ISC dhcpd sends them too.
    pub fn to_options(&self) -> Vec<Opt> {
        match self {
            Body::PoolReq | Body::UpdReqAll | Body::UpdDone | Body::UpdReq | Body::Contact => Vec::new(),
            Body::PoolResp(count) => vec![Opt::AddressesTransferred(*count)],
            Body::BndUpd(bindings) => bindings.iter().flat_map(binding_options).collect(),
            Body::BndAck(answers) => answers.iter().flat_map(answer_options).collect(),
            Body::Connect(connect) => connect_options(connect),
            Body::ConnectAck(ack) => connect_ack_options(ack),
            Body::State(said) => vec![
                Opt::ServerState(state_code(said.state)),
                Opt::ServerFlags(u8::from(said.startup)),
                Opt::StartTimeOfState(said.since),
            ],
            Body::Disconnect(refusal) => refusal_options(refusal).collect(),
        }
    }

    /// The same without texts for people, for a BNDACK that would be too long with them.
    #[must_use]
    pub fn without_texts(self) -> Body {
        match self {
            Body::BndAck(mut answers) => {
                answers.iter_mut().flat_map(|answer| &mut answer.refusal).for_each(|refusal| refusal.text.clear());
                Body::BndAck(answers)
            }
            other => other,
        }
    }

    /// The message as a frame.
    pub fn to_frame(&self, time: u32, xid: u32) -> Frame {
        Frame { message_type: self.message_type(), time, xid, options: self.to_options() }
    }
}

fn lacks(frame: &Frame, option: &str) -> Malformed {
    Malformed { message_type: frame.message_type, problem: format!("option {option} is missing and must be there") }
}

/// The transactions: each begins with its assigned-IP-address (failover-12 §6.3). What stands before the first
/// belongs to none.
fn groups(options: &[Opt]) -> impl Iterator<Item = (Ipv4Addr, &[Opt])> {
    options.iter().enumerate().filter_map(|(at, option)| {
        let Opt::AssignedIpAddress(address) = option else { return None };
        let rest = &options[at + 1..];
        let end = rest.iter().position(|option| matches!(option, Opt::AssignedIpAddress(_))).unwrap_or(rest.len());
        Some((*address, &rest[..end]))
    })
}

/// Most bindings that are taken in one BNDUPD: a BNDACK that refuses each, with a message-digest, still fits into 2048
/// octets. More do not fit into a BNDUPD either, if each has its binding-status.
pub const MOST_BINDINGS: usize = 155;

fn bindings(frame: &Frame) -> Result<Vec<Binding>, Malformed> {
    let bindings: Vec<_> = groups(&frame.options).map(|(address, options)| binding(address, options)).collect();
    if bindings.len() > MOST_BINDINGS {
        let problem = format!("{} bindings; at most {MOST_BINDINGS} can be answered", bindings.len());
        return Err(Malformed { message_type: frame.message_type, problem });
    }
    Ok(bindings)
}

fn binding(address: Ipv4Addr, options: &[Opt]) -> Binding {
    Binding {
        address,
        status: find!(options, BindingStatus),
        client_identifier: find!(options, ClientIdentifier),
        client_hardware_address: find!(options, ClientHardwareAddress),
        lease_expiration: find!(options, LeaseExpirationTime),
        potential_expiration: find!(options, PotentialExpirationTime),
        start_of_state: find!(options, StartTimeOfState),
        client_last_transaction: find!(options, ClientLastTransactionTime),
        flags: find!(options, IpFlags),
        client_request_options: find!(options, ClientRequestOptions),
        client_reply_options: find!(options, ClientReplyOptions),
        ddns: find!(options, Ddns),
    }
}

fn binding_options(binding: &Binding) -> Vec<Opt> {
    let b = binding.clone();
    let optional = [
        b.status.map(Opt::BindingStatus),
        b.client_identifier.map(Opt::ClientIdentifier),
        b.client_hardware_address.map(Opt::ClientHardwareAddress),
        b.lease_expiration.map(Opt::LeaseExpirationTime),
        b.potential_expiration.map(Opt::PotentialExpirationTime),
        b.start_of_state.map(Opt::StartTimeOfState),
        b.client_last_transaction.map(Opt::ClientLastTransactionTime),
        b.flags.map(Opt::IpFlags),
        b.client_request_options.map(Opt::ClientRequestOptions),
        b.client_reply_options.map(Opt::ClientReplyOptions),
        b.ddns.map(Opt::Ddns),
    ];
    std::iter::once(Opt::AssignedIpAddress(b.address)).chain(optional.into_iter().flatten()).collect()
}

/// A refusal without any address answers a BNDUPD that had none.
fn answers(options: &[Opt]) -> Vec<Answer> {
    let answer = |(address, options)| Answer { address: Some(address), refusal: refusal(options) };
    let answers: Vec<_> = groups(options).map(answer).collect();
    match refusal(options) {
        Some(refusal) if answers.is_empty() => vec![Answer { address: None, refusal: Some(refusal) }],
        _ => answers,
    }
}

fn answer_options(answer: &Answer) -> Vec<Opt> {
    let address = answer.address.map(Opt::AssignedIpAddress);
    address.into_iter().chain(answer.refusal.iter().flat_map(refusal_options)).collect()
}

fn refusal(options: &[Opt]) -> Option<Refusal> {
    let reason = Reject(find!(options, RejectReason)?);
    let text = find!(options, Message).unwrap_or_default();
    Some(Refusal { reason, text: String::from_utf8_lossy(&text).into_owned() })
}

fn refusal_options(refusal: &Refusal) -> impl Iterator<Item = Opt> + use<> {
    let text = (!refusal.text.is_empty()).then(|| Opt::Message(refusal.text.clone().into_bytes()));
    std::iter::once(Opt::RejectReason(refusal.reason.0)).chain(text)
}

fn state(frame: &Frame) -> Result<StateSaid, Malformed> {
    let options = &frame.options;
    let code = find!(options, ServerState).ok_or_else(|| lacks(frame, "server-state (24)"))?;
    let state = state_from_code(code).ok_or_else(|| Malformed {
        message_type: frame.message_type,
        problem: format!("server-state {code}; 2 to 11, or 254 for RECOVER-WAIT, would be accepted"),
    })?;
    let flags = find!(options, ServerFlags).ok_or_else(|| lacks(frame, "server-flags (23)"))?;
    let since = find!(options, StartTimeOfState).ok_or_else(|| lacks(frame, "start-time-of-state (25)"))?;
    Ok(StateSaid { state, startup: flags & 1 != 0, since })
}

fn connect(options: &[Opt]) -> Connect {
    Connect {
        relationship_name: find!(options, RelationshipName),
        max_unacked: find!(options, MaxUnackedBndUpd),
        receive_timer: find!(options, ReceiveTimer),
        vendor_class: find!(options, VendorClassIdentifier),
        protocol_version: find!(options, ProtocolVersion),
        tls_request: find!(options, TlsRequest),
        mclt: find!(options, Mclt),
        hash_buckets: find!(options, HashBucketAssignment),
        delayed_service: find!(options, DelayedServiceParameter),
    }
}

fn connect_options(connect: &Connect) -> Vec<Opt> {
    let c = connect.clone();
    let options = [
        c.relationship_name.map(Opt::RelationshipName),
        c.max_unacked.map(Opt::MaxUnackedBndUpd),
        c.receive_timer.map(Opt::ReceiveTimer),
        c.vendor_class.map(Opt::VendorClassIdentifier),
        c.protocol_version.map(Opt::ProtocolVersion),
        c.tls_request.map(Opt::TlsRequest),
        c.mclt.map(Opt::Mclt),
        c.hash_buckets.map(Opt::HashBucketAssignment),
        c.delayed_service.map(Opt::DelayedServiceParameter),
    ];
    options.into_iter().flatten().collect()
}

fn connect_ack(options: &[Opt]) -> ConnectAck {
    ConnectAck {
        relationship_name: find!(options, RelationshipName),
        max_unacked: find!(options, MaxUnackedBndUpd),
        receive_timer: find!(options, ReceiveTimer),
        vendor_class: find!(options, VendorClassIdentifier),
        protocol_version: find!(options, ProtocolVersion),
        tls_reply: find!(options, TlsReply),
        refusal: refusal(options),
    }
}

fn connect_ack_options(ack: &ConnectAck) -> Vec<Opt> {
    let a = ack.clone();
    let options = [
        a.relationship_name.map(Opt::RelationshipName),
        a.max_unacked.map(Opt::MaxUnackedBndUpd),
        a.receive_timer.map(Opt::ReceiveTimer),
        a.vendor_class.map(Opt::VendorClassIdentifier),
        a.protocol_version.map(Opt::ProtocolVersion),
        a.tls_reply.map(Opt::TlsReply),
    ];
    options.into_iter().flatten().chain(a.refusal.iter().flat_map(refusal_options)).collect()
}
