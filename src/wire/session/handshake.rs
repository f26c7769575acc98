//! CONNECT and CONNECTACK: what is said and what is accepted (failover-12 §7.8, §7.9). Pure functions.

use std::time::Duration;

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::state::Role;

use super::config::{Config, Tls};
use crate::convert::Skew;
use crate::memory::Memory;
use crate::message::{Connect, ConnectAck, Refusal};
use crate::number::Reject;

/// The version of the protocol (failover-12 §12.20).
const VERSION: u8 = 1;

/// What both ends agree on when a connection is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// BNDUPDs that the partner takes without having answered: at least 1.
    pub max_unacked: u32,
    /// The partner's receive timer, in seconds: at least 1.
    pub receive_timer: u32,
    /// MCLT in force, in seconds: the primary's.
    pub mclt: u32,
    /// The secondary's buckets: the primary's word.
    pub buckets: Buckets,
    /// delayed-service-parameter in seconds, if the primary gave one.
    pub delayed_service: Option<u8>,
    /// The partner's vendor-class-identifier; empty if there was none.
    pub vendor_class: Vec<u8>,
    /// When the CONNECT was sent, by the primary's clock.
    pub connect_time: u32,
    /// The difference of the clocks.
    pub skew: Skew,
    /// What the partner remembers, if it says so.
    pub memory: Option<Memory>,
}

/// What a secondary does about a CONNECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Accepted.
    Agreed(Agreement, ConnectAck),
    /// TLS first; then CONNECT again.
    Tls(ConnectAck),
    /// Refused.
    Refused(Refusal, ConnectAck),
}

/// The primary's CONNECT.
pub(super) fn connect(config: &Config, secure: bool) -> Connect {
    Connect {
        relationship_name: Some(config.relationship_name.clone()),
        max_unacked: Some(config.max_unacked),
        receive_timer: Some(config.receive_timer),
        vendor_class: Some(config.vendor_class.clone()),
        protocol_version: Some(VERSION),
        tls_request: (!secure).then_some(match config.tls {
            Tls::Off => 0,
            Tls::Desired => 1,
            Tls::Required => 2,
        }),
        mclt: Some(config.mclt),
        hash_buckets: Some(config.profile.buckets_to_wire(&config.buckets).to_vec()),
        delayed_service: config.delayed_service,
    }
}

/// The times at which a message was sent, by the partner's clock, and came, by this server's: seconds since 1970.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) sent: u32,
    pub(super) received: u32,
}

/// A secondary judges a CONNECT, in the order of failover-12 §7.8.2. The digest has been checked before.
pub(super) fn judge_connect(
    config: &Config,
    connect: &Connect,
    times: Times,
    secure: bool,
    duplicate: bool,
) -> Verdict {
    let request = connect.tls_request.filter(|_| !secure);
    let (tls_reply, tls) = tls_reply(config.tls, request.unwrap_or(0), secure);
    // table 7.9-1: TLS-reply if and only if there was a TLS-request.
    let tls_reply = request.map(|_| tls_reply);
    let refused = |refusal: Refusal| {
        let ack = refusing_ack(config, tls_reply, refusal.clone());
        Verdict::Refused(refusal, ack)
    };
    if let Err(refusal) = version(connect.protocol_version).and(tls) {
        return refused(refusal);
    }
    if tls_reply == Some(1) {
        return Verdict::Tls(accepting_ack(config, tls_reply));
    }
    let agreement = identity(config, connect, times, duplicate).and_then(|()| agreement(config, connect, times));
    match agreement {
        Ok(agreement) => Verdict::Agreed(agreement, accepting_ack(config, tls_reply)),
        Err(refusal) => refused(refusal),
    }
}

/// TLS-reply, and whether the connection can be: the table of failover-12 §7.8.2 step 3.
fn tls_reply(policy: Tls, request: u8, secure: bool) -> (u8, Result<(), Refusal>) {
    let refuse = |reason: Reject| Err(Refusal::new(reason, reason.text()));
    match (policy, request) {
        _ if secure => (0, Ok(())),
        (Tls::Off, 0 | 1) | (Tls::Desired, 0) => (0, Ok(())),
        (Tls::Desired | Tls::Required, 1 | 2) => (1, Ok(())),
        (Tls::Required, 0) => (1, refuse(Reject::TLS_REQUIRED)),
        (Tls::Off, 2) => (0, refuse(Reject::TLS_NOT_CONFIGURED)),
        (_, request) => {
            let text = format!("TLS-request {request}; 0 to 2 would be accepted");
            (0, Err(Refusal::new(Reject::UNKNOWN_CONNECTION, text)))
        }
    }
}

fn version(version: Option<u8>) -> Result<(), Refusal> {
    match version {
        Some(VERSION) => Ok(()),
        Some(other) => {
            Err(Refusal::new(Reject::VERSION_MISMATCH, format!("protocol-version {other}; 1 would be accepted")))
        }
        None => Err(Refusal::new(Reject::VERSION_MISMATCH, "no protocol-version; 1 would be accepted")),
    }
}

/// Steps 5 and 6, a repeated CONNECT (§11.1), and a second connection.
fn identity(config: &Config, connect: &Connect, times: Times, duplicate: bool) -> Result<(), Refusal> {
    name(config, connect.relationship_name.as_deref())?;
    clock(config, times)?;
    if config.secret.is_some() && config.last_connect.is_some_and(|last| times.sent <= last) {
        let text = "CONNECT is not newer than the last one that was accepted";
        return Err(Refusal::new(Reject::UNKNOWN_CONNECTION, text));
    }
    if duplicate {
        return Err(Refusal::new(Reject::DUPLICATE_CONNECTION, "already connected"));
    }
    Ok(())
}

fn name(config: &Config, name: Option<&[u8]>) -> Result<(), Refusal> {
    match name {
        Some(name) if name == config.relationship_name => Ok(()),
        Some(name) => {
            let shown: String = String::from_utf8_lossy(name).chars().take(64).collect();
            Err(Refusal::new(Reject::INVALID_PARTNER, format!("relationship-name {shown:?} is not mine")))
        }
        None => Err(Refusal::new(Reject::INVALID_PARTNER, "no relationship-name")),
    }
}

fn clock(config: &Config, times: Times) -> Result<(), Refusal> {
    let difference = i64::from(times.received) - i64::from(times.sent);
    if difference.abs() <= i64::from(config.max_skew) {
        return Ok(());
    }
    let text = format!("clocks differ by {difference} s; {} would be accepted", config.max_skew);
    Err(Refusal::new(Reject::TIME_MISMATCH, text))
}

/// Steps 7 and 8, and the numbers without which nothing would be sent.
fn agreement(config: &Config, connect: &Connect, times: Times) -> Result<Agreement, Refusal> {
    let mclt = connect.mclt.ok_or_else(|| Refusal::new(Reject::INVALID_MCLT, "no MCLT"))?;
    if mclt <= config.receive_timer {
        let text = format!("MCLT {mclt} s; more than the receive-timer of {} s is needed", config.receive_timer);
        return Err(Refusal::new(Reject::INVALID_MCLT, text));
    }
    if mclt < config.least_mclt {
        let text = format!(
            "MCLT {mclt} s; leases of {} s may be alive: that or more would be accepted until they have ended",
            config.least_mclt
        );
        return Err(Refusal::new(Reject::INVALID_MCLT, text));
    }
    let octets = connect.hash_buckets.as_deref().unwrap_or_default();
    let Ok(buckets) = <[u8; 32]>::try_from(octets) else {
        let text = format!("hash-bucket-assignment of {} octets; 32 would be accepted", octets.len());
        return Err(Refusal::new(Reject::HASH_BUCKETS, text));
    };
    let (max_unacked, receive_timer) = limits(connect.max_unacked, connect.receive_timer)?;
    Ok(Agreement {
        max_unacked,
        receive_timer,
        mclt,
        buckets: config.profile.buckets_from_wire(buckets),
        delayed_service: connect.delayed_service.filter(|&seconds| seconds > 0),
        vendor_class: connect.vendor_class.clone().unwrap_or_default(),
        connect_time: times.sent,
        skew: Skew::baseline(times.received, times.sent),
        memory: None,
    })
}

/// Without a window no BNDUPD may be sent, and without a receive timer nobody knows when to send CONTACT.
fn limits(max_unacked: Option<u32>, receive_timer: Option<u32>) -> Result<(u32, u32), Refusal> {
    let needed = |name: &str, value: Option<u32>| match value {
        Some(value) if value > 0 => Ok(value),
        Some(_) => Err(Refusal::new(Reject::UNKNOWN_CONNECTION, format!("{name} 0; 1 or more would be accepted"))),
        None => Err(Refusal::new(Reject::UNKNOWN_CONNECTION, format!("no {name}"))),
    };
    Ok((needed("max-unacked-bndupd", max_unacked)?, needed("receive-timer", receive_timer)?))
}

fn accepting_ack(config: &Config, tls_reply: Option<u8>) -> ConnectAck {
    ConnectAck {
        relationship_name: Some(config.relationship_name.clone()),
        max_unacked: Some(config.max_unacked),
        receive_timer: Some(config.receive_timer),
        vendor_class: Some(config.vendor_class.clone()),
        protocol_version: Some(VERSION),
        tls_reply,
        refusal: None,
    }
}

/// table 7.9-1, column "reject".
pub(super) fn refusing_ack(config: &Config, tls_reply: Option<u8>, refusal: Refusal) -> ConnectAck {
    ConnectAck {
        relationship_name: Some(config.relationship_name.clone()),
        protocol_version: Some(VERSION),
        tls_reply,
        refusal: Some(refusal),
        ..ConnectAck::default()
    }
}

/// What a primary does about a CONNECTACK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AckVerdict {
    /// Accepted.
    Agreed(Agreement),
    /// TLS first; then CONNECT again.
    Tls,
    /// The partner refused.
    RefusedByPartner(Refusal),
    /// Refused here: to be said in a DISCONNECT.
    Refused(Refusal),
}

/// A primary judges a CONNECTACK, in the order of failover-12 §7.9.2, from step 3 on.
pub(super) fn judge_ack(
    config: &Config,
    ack: &ConnectAck,
    times: Times,
    connect_time: u32,
    secure: bool,
) -> AckVerdict {
    if let Some(refusal) = &ack.refusal {
        return AckVerdict::RefusedByPartner(refusal.clone());
    }
    match (ack.tls_reply.filter(|_| !secure).unwrap_or(0), config.tls) {
        _ if secure => {}
        (1, Tls::Desired | Tls::Required) => return AckVerdict::Tls,
        (0, Tls::Off | Tls::Desired) => {}
        (0, Tls::Required) => return AckVerdict::Refused(refusal(Reject::TLS_REQUIRED)),
        (1, Tls::Off) => return AckVerdict::Refused(refusal(Reject::TLS_NOT_CONFIGURED)),
        (other, _) => {
            let text = format!("TLS-reply {other}; 0 or 1 would be accepted");
            return AckVerdict::Refused(Refusal::new(Reject::UNKNOWN_CONNECTION, text));
        }
    }
    match acked(config, ack, times, connect_time) {
        Ok(agreement) => AckVerdict::Agreed(agreement),
        Err(refusal) => AckVerdict::Refused(refusal),
    }
}

fn acked(config: &Config, ack: &ConnectAck, times: Times, connect_time: u32) -> Result<Agreement, Refusal> {
    version(ack.protocol_version)?;
    name(config, ack.relationship_name.as_deref())?;
    clock(config, times)?;
    let (max_unacked, receive_timer) = limits(ack.max_unacked, ack.receive_timer)?;
    Ok(Agreement {
        max_unacked,
        receive_timer,
        mclt: config.mclt,
        buckets: config.buckets,
        delayed_service: config.delayed_service,
        vendor_class: ack.vendor_class.clone().unwrap_or_default(),
        connect_time,
        skew: Skew::baseline(times.received, times.sent),
        memory: None,
    })
}

fn refusal(reason: Reject) -> Refusal {
    Refusal::new(reason, reason.text())
}

/// tSend: how long to be silent at most (failover-12 §7.9.1, §7.9.2).
pub(super) fn send_timer(config: &Config, agreement: &Agreement) -> Duration {
    let divisor = config.profile.send_divisor[match config.role {
        Role::Primary => 0,
        Role::Secondary => 1,
    }];
    Duration::from_secs(agreement.receive_timer.into()) / divisor.max(1)
}
