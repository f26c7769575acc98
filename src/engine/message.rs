//! What two endpoints say to each other once connected (failover-12 §7), without framing.
//!
//! CONNECT, CONNECTACK, CONTACT and DISCONNECT belong to the wire; the engine learns of them as
//! [`crate::effect::Input::Connected`] and [`crate::effect::Input::Disconnected`].

use crate::binding::{AddressId, Status};
use crate::state::Reported;
use dhcpfo_time::Time;

/// A slot of the window of unacknowledged BNDUPDs. The wire gives each use of a slot an xid of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Transaction(pub u8);

/// One binding update (failover-12 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BndUpd {
    /// Which BNDUPD this is; the BNDACK repeats it.
    pub transaction: Transaction,
    /// assigned-IP-address
    pub address: AddressId,
    /// binding-status and client
    pub status: Status,
    /// R bit of IP-flags
    pub reserved: bool,
    /// lease-expiration-time; [`Time::LONG_AGO`] where it is not sent.
    pub lease_expiration: Time,
    /// potential-expiration-time; [`Time::LONG_AGO`] where it is not sent.
    pub potential_expiration: Time,
    /// client-last-transaction-time; [`Time::LONG_AGO`] where it is not sent.
    pub client_last_transaction: Time,
    /// start-time-of-state
    pub start_of_status: Time,
}

/// Why an update or a connection was refused (failover-12 §12.21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RejectReason {
    /// 1: not an address of this endpoint.
    IllegalAddress = 1,
    /// 2: in use by another client.
    FatalConflict = 2,
    /// 3
    MissingBinding = 3,
    /// 15
    Outdated = 15,
    /// 16
    LessCritical = 16,
    /// 19
    NotReserved = 19,
}

/// The answer to one binding update (failover-12 §7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BndAck {
    /// The BNDUPD's.
    pub transaction: Transaction,
    /// assigned-IP-address
    pub address: AddressId,
    /// None: accepted, and on the sender's stable storage.
    pub reject: Option<RejectReason>,
}

/// An endpoint's word about itself (failover-12 §7.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StateReport {
    /// server-state; in STARTUP the recorded state that went before (§9.3.1).
    pub state: Reported,
    /// STARTUP bit of server-flags
    pub startup: bool,
    /// start-time-of-state
    pub since: Time,
}

/// A message between partners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// §7.10
    State(StateReport),
    /// §7.1
    BndUpd(BndUpd),
    /// §7.2
    BndAck(BndAck),
    /// §7.3
    UpdReq,
    /// §7.4
    UpdReqAll,
    /// §7.5
    UpdDone,
    /// §7.6
    PoolReq,
    /// §7.7: how many addresses were handed over.
    PoolResp(u32),
}
