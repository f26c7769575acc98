//! One connection: how far it has come, and what is known of it.

use std::time::Duration;

use super::handshake::Agreement;
use super::{ConnectionId, Now};
use crate::convert::{Exchange, Skew};
use crate::framing::Framer;

/// A connection that is open.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) id: ConnectionId,
    pub(super) stage: Stage,
    /// Under TLS: CONNECT has no TLS-request.
    pub(super) secure: bool,
    pub(super) framer: Framer,
    pub(super) exchange: Exchange,
}

/// A connection that a primary did not open and does not use: only the first message on it is looked at.
#[derive(Clone, Debug)]
pub(super) struct Glanced {
    pub(super) id: ConnectionId,
    pub(super) until: Duration,
    pub(super) framer: Framer,
}

/// How far it has come.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// Secondary: nothing but CONNECT is taken.
    AwaitConnect { until: Duration },
    /// Primary: nothing but the CONNECTACK of this CONNECT is taken.
    AwaitAck { until: Duration, xid: u32, connect_time: u32 },
    /// The host is busy with TLS; no octet may come.
    AwaitTls { until: Duration },
    /// Agreed: messages flow.
    Up(Up),
}

/// What is known of a connection on which messages flow.
#[derive(Clone, Debug)]
pub(super) struct Up {
    pub(super) since: Duration,
    pub(super) heard: Duration,
    /// tSend is over, tReceive is over (failover-12 §7.9.1).
    pub(super) send_by: Duration,
    pub(super) receive_by: Duration,
    pub(super) send_timer: Duration,
    pub(super) skew: Skew,
    /// The partner's latest xid that was no answer, to notice repetition (failover-12 §11.1).
    pub(super) last_xid: Option<u32>,
}

impl Up {
    pub(super) fn new(now: Now, agreement: &Agreement, send_timer: Duration, receive_timer: Duration) -> Up {
        Up {
            since: now.elapsed,
            heard: now.elapsed,
            send_by: now.elapsed + send_timer,
            receive_by: now.elapsed + receive_timer,
            send_timer,
            skew: agreement.skew,
            last_xid: None,
        }
    }
}

impl Connection {
    /// When the connection needs attention.
    pub(super) fn deadline(&self) -> Duration {
        match &self.stage {
            Stage::AwaitConnect { until } | Stage::AwaitAck { until, .. } | Stage::AwaitTls { until } => *until,
            Stage::Up(up) => up.send_by.min(up.receive_by),
        }
    }

    pub(super) fn up(&self) -> Option<&Up> {
        match &self.stage {
            Stage::Up(up) => Some(up),
            _ => None,
        }
    }

    /// CONNECT is under way or done: another connection is one too many.
    pub(super) fn is_taken(&self) -> bool {
        !matches!(self.stage, Stage::AwaitConnect { .. })
    }
}
