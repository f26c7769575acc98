//! The numbers of the protocol: message types, reject reasons, server states (failover-12 §6.1, §12.21, §12.24).

use dhcpfo_engine::message::RejectReason;
use dhcpfo_engine::state::{Reported, State};

/// Message types (failover-12 §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum MessageType {
    /// 1: request allocation of addresses
    PoolReq = 1,
    /// 2: respond with allocation count
    PoolResp = 2,
    /// 3: update partner with binding info
    BndUpd = 3,
    /// 4: acknowledge receipt of binding update
    BndAck = 4,
    /// 5: establish connection with the secondary
    Connect = 5,
    /// 6: respond to attempt to establish connection
    ConnectAck = 6,
    /// 7: request full transfer of binding info. Wireshark up to 4.0 shows the names of 7 and 9 swapped.
    UpdReqAll = 7,
    /// 8: all that was requested has been sent and answered
    UpdDone = 8,
    /// 9: request transfer of unacknowledged binding info
    UpdReq = 9,
    /// 10: current state or state change
    State = 10,
    /// 11: probe communications integrity
    Contact = 11,
    /// 12: close a connection
    Disconnect = 12,
}

impl MessageType {
    /// Every message type, in the order of their numbers.
    pub const ALL: [MessageType; 12] = [
        MessageType::PoolReq,
        MessageType::PoolResp,
        MessageType::BndUpd,
        MessageType::BndAck,
        MessageType::Connect,
        MessageType::ConnectAck,
        MessageType::UpdReqAll,
        MessageType::UpdDone,
        MessageType::UpdReq,
        MessageType::State,
        MessageType::Contact,
        MessageType::Disconnect,
    ];

    /// The message type with this number, if there is one.
    pub fn from_code(code: u8) -> Option<MessageType> {
        MessageType::ALL.into_iter().find(|kind| *kind as u8 == code)
    }

    /// The draft's capitals.
    pub const fn name(self) -> &'static str {
        match self {
            MessageType::PoolReq => "POOLREQ",
            MessageType::PoolResp => "POOLRESP",
            MessageType::BndUpd => "BNDUPD",
            MessageType::BndAck => "BNDACK",
            MessageType::Connect => "CONNECT",
            MessageType::ConnectAck => "CONNECTACK",
            MessageType::UpdReqAll => "UPDREQALL",
            MessageType::UpdDone => "UPDDONE",
            MessageType::UpdReq => "UPDREQ",
            MessageType::State => "STATE",
            MessageType::Contact => "CONTACT",
            MessageType::Disconnect => "DISCONNECT",
        }
    }

    /// Whether it answers a request, and so repeats the request's xid (failover-12 §6.1).
    pub const fn is_response(self) -> bool {
        matches!(self, MessageType::PoolResp | MessageType::BndAck | MessageType::ConnectAck | MessageType::UpdDone)
    }
}

/// A reject-reason as it stands on the wire; any octet may come (failover-12 §12.21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reject(pub u8);

impl Reject {
    /// 1: illegal IP address
    pub const ILLEGAL_ADDRESS: Reject = Reject(1);
    /// 2: address in use by other client
    pub const FATAL_CONFLICT: Reject = Reject(2);
    /// 3: missing binding information
    pub const MISSING_BINDING: Reject = Reject(3);
    /// 4: time mismatch too great
    pub const TIME_MISMATCH: Reject = Reject(4);
    /// 5: invalid MCLT
    pub const INVALID_MCLT: Reject = Reject(5);
    /// 6: connection rejected, unknown reason
    pub const UNKNOWN_CONNECTION: Reject = Reject(6);
    /// 7: duplicate connection
    pub const DUPLICATE_CONNECTION: Reject = Reject(7);
    /// 8: invalid failover partner
    pub const INVALID_PARTNER: Reject = Reject(8);
    /// 9: TLS not supported
    pub const TLS_NOT_SUPPORTED: Reject = Reject(9);
    /// 10: TLS supported but not configured
    pub const TLS_NOT_CONFIGURED: Reject = Reject(10);
    /// 11: TLS required but not supported by partner
    pub const TLS_REQUIRED: Reject = Reject(11);
    /// 12: message digest not supported
    pub const DIGEST_NOT_SUPPORTED: Reject = Reject(12);
    /// 13: message digest not configured
    pub const DIGEST_NOT_CONFIGURED: Reject = Reject(13);
    /// 14: protocol version mismatch
    pub const VERSION_MISMATCH: Reject = Reject(14);
    /// 15: outdated binding information
    pub const OUTDATED: Reject = Reject(15);
    /// 16: less critical binding information
    pub const LESS_CRITICAL: Reject = Reject(16);
    /// 17: no traffic within sufficient time
    pub const NO_TRAFFIC: Reject = Reject(17);
    /// 18: hash bucket assignment conflict. §7.8.2 says 19, which is taken.
    pub const HASH_BUCKETS: Reject = Reject(18);
    /// 19: IP not reserved on this server
    pub const NOT_RESERVED: Reject = Reject(19);
    /// 20: message digest failed to compare
    pub const DIGEST_MISMATCH: Reject = Reject(20);
    /// 21: missing message digest
    pub const DIGEST_MISSING: Reject = Reject(21);
    /// 254: unknown
    pub const UNKNOWN: Reject = Reject(254);

    /// The reason in words, in the sense of failover-12 §12.21.
    pub const fn text(self) -> &'static str {
        match self.0 {
            1 => "illegal IP address",
            2 => "fatal conflict: address in use by other client",
            3 => "missing binding information",
            4 => "time mismatch too great",
            5 => "invalid MCLT",
            6 => "connection rejected",
            7 => "duplicate connection",
            8 => "invalid failover partner",
            9 => "TLS not supported",
            10 => "TLS supported but not configured",
            11 => "TLS required but not supported by partner",
            12 => "message digest not supported",
            13 => "message digest not configured",
            14 => "protocol version mismatch",
            15 => "outdated binding information",
            16 => "less critical binding information",
            17 => "no traffic within sufficient time",
            18 => "hash bucket assignment conflict",
            19 => "IP not reserved on this server",
            20 => "message digest failed to compare",
            21 => "missing message digest",
            254 => "unknown error",
            _ => "reserved reject reason",
        }
    }

    /// The engine's word for it. The engine only asks whether an update was refused; a reason that it has no
    /// word for (dhcpd's 6, or any reserved one) becomes [`RejectReason::FatalConflict`].
    pub const fn for_engine(self) -> RejectReason {
        match self.0 {
            1 => RejectReason::IllegalAddress,
            3 => RejectReason::MissingBinding,
            15 => RejectReason::Outdated,
            16 => RejectReason::LessCritical,
            19 => RejectReason::NotReserved,
            _ => RejectReason::FatalConflict,
        }
    }
}

impl From<RejectReason> for Reject {
    fn from(reason: RejectReason) -> Reject {
        Reject(reason as u8)
    }
}

/// server-state of RECOVER-WAIT. The draft has none (Q1); ISC dhcpd sends this one.
pub const RECOVER_WAIT: u8 = 254;

/// server-state (failover-12 §12.24).
pub const fn state_code(state: Reported) -> u8 {
    match state {
        Reported::In(State::Normal) => 2,
        Reported::In(State::CommunicationsInterrupted) => 3,
        Reported::In(State::PartnerDown) => 4,
        Reported::In(State::PotentialConflict) => 5,
        Reported::In(State::Recover) => 6,
        Reported::Paused => 7,
        Reported::Shutdown => 8,
        Reported::In(State::RecoverDone) => 9,
        Reported::In(State::ResolutionInterrupted) => 10,
        Reported::In(State::ConflictDone) => 11,
        Reported::In(State::RecoverWait) => RECOVER_WAIT,
    }
}

/// The state with this number. None for 0 (reserved), 1 (STARTUP, which is a flag and never sent) and unknown ones.
pub const fn state_from_code(code: u8) -> Option<Reported> {
    Some(match code {
        2 => Reported::In(State::Normal),
        3 => Reported::In(State::CommunicationsInterrupted),
        4 => Reported::In(State::PartnerDown),
        5 => Reported::In(State::PotentialConflict),
        6 => Reported::In(State::Recover),
        7 => Reported::Paused,
        8 => Reported::Shutdown,
        9 => Reported::In(State::RecoverDone),
        10 => Reported::In(State::ResolutionInterrupted),
        11 => Reported::In(State::ConflictDone),
        RECOVER_WAIT => Reported::In(State::RecoverWait),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_types_go_there_and_back() {
        let recorded = State::ALL.map(Reported::In);
        for state in recorded.into_iter().chain([Reported::Paused, Reported::Shutdown]) {
            assert_eq!(state_from_code(state_code(state)), Some(state));
        }
        assert_eq!((0..=255).filter(|&code| state_from_code(code).is_some()).count(), 11);
        assert_eq!((0..=255).filter_map(MessageType::from_code).count(), 12);
        for kind in MessageType::ALL {
            assert_eq!(MessageType::from_code(kind as u8), Some(kind));
        }
    }
}
