//! A binding: what one server has on stable storage about one address (failover-12 §5.11, §7.1.5).

use dhcpfo_time::{Clock, Time};

/// An address, as the engine sees it: a number. The host knows which address it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressId(pub u32);

/// A client, as the engine sees it: a number. The host interns client identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

/// Binding-status with the client that belongs to it (failover-12 §5.11, table 7.1.1-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Available to the primary. `last` is the latest client, where the server remembers it.
    Free {
        /// The latest client.
        last: Option<ClientId>,
    },
    /// Available to the secondary.
    Backup {
        /// The latest client.
        last: Option<ClientId>,
    },
    /// Leased to a client.
    Active {
        /// The client; it must be known.
        client: ClientId,
    },
    /// The lease ended; the partner has not agreed yet.
    Expired {
        /// Whose lease it was.
        client: ClientId,
    },
    /// The client gave it back; the partner has not agreed yet.
    Released {
        /// Whose lease it was.
        client: ClientId,
    },
    /// Unusable. No client may appear.
    Abandoned,
    /// Made available by an operator; the partner has not agreed yet.
    Reset,
}

/// Binding-status without the client; the discriminants are the wire codes (failover-12 §12.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Code {
    /// 1
    Free = 1,
    /// 2
    Active = 2,
    /// 3
    Expired = 3,
    /// 4
    Released = 4,
    /// 5
    Abandoned = 5,
    /// 6
    Reset = 6,
    /// 7
    Backup = 7,
}

impl Code {
    /// The draft's capitals.
    pub const fn name(self) -> &'static str {
        match self {
            Code::Free => "FREE",
            Code::Active => "ACTIVE",
            Code::Expired => "EXPIRED",
            Code::Released => "RELEASED",
            Code::Abandoned => "ABANDONED",
            Code::Reset => "RESET",
            Code::Backup => "BACKUP",
        }
    }
}

impl Status {
    /// The status without its client.
    pub const fn code(self) -> Code {
        match self {
            Status::Free { .. } => Code::Free,
            Status::Backup { .. } => Code::Backup,
            Status::Active { .. } => Code::Active,
            Status::Expired { .. } => Code::Expired,
            Status::Released { .. } => Code::Released,
            Status::Abandoned => Code::Abandoned,
            Status::Reset => Code::Reset,
        }
    }

    /// The client that the status names, present or past.
    pub const fn client(self) -> Option<ClientId> {
        match self {
            Status::Free { last } | Status::Backup { last } => last,
            Status::Active { client } | Status::Expired { client } | Status::Released { client } => Some(client),
            Status::Abandoned | Status::Reset => None,
        }
    }

    /// FREE or BACKUP: may be leased by one of the two servers.
    pub const fn is_available(self) -> bool {
        matches!(self, Status::Free { .. } | Status::Backup { .. })
    }

    /// EXPIRED, RELEASED or RESET: becomes FREE as soon as the partner agrees.
    pub const fn is_ending(self) -> bool {
        matches!(self, Status::Expired { .. } | Status::Released { .. } | Status::Reset)
    }
}

/// How far the partner is known to be informed of a binding ("up to date", failover-12 §5.17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Partner {
    /// It has acknowledged what stands here.
    UpToDate,
    /// What stands here has never been sent.
    Unsent,
    /// A BNDUPD with what stands here was sent and not yet answered. On stable storage before the send (Q8).
    Sent,
    /// It was sent and rejected; not to be sent again at once (failover-12 §7.2.2).
    Rejected,
}

/// What a server has on stable storage about one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Binding {
    /// Binding-status and client.
    pub status: Status,
    /// Up-to-date mark.
    pub partner: Partner,
    /// A BACKUP address that the primary has asked back: the next BNDUPD says FREE (failover-12 §5.4).
    pub reclaiming: bool,
    /// Latest end told to the client by either server, as far as known here.
    pub lease_expiration: Time,
    /// Latest potential-expiration-time sent to the partner.
    pub sent_potential_expiration: Time,
    /// Latest potential-expiration-time that the partner acknowledged.
    pub acked_potential_expiration: Time,
    /// Latest potential-expiration-time received and acknowledged here.
    pub received_potential_expiration: Time,
    /// When the client was last heard, by either server as far as known here.
    pub client_last_transaction: Time,
    /// When the binding took its present status.
    pub start_of_status: Time,
    /// PARTNER-DOWN: not to be given to another client before this (failover-12 §9.4.2).
    pub wait_ends: Time,
}

impl Binding {
    /// All its times, always in this order.
    pub const fn times(&self) -> [Time; 7] {
        [
            self.lease_expiration,
            self.sent_potential_expiration,
            self.acked_potential_expiration,
            self.received_potential_expiration,
            self.client_last_transaction,
            self.start_of_status,
            self.wait_ends,
        ]
    }

    /// Whether two bindings are known to say the same, if it is known that two of their times are one instant.
    pub fn says(&self, other: &Binding, clock: &dyn Clock) -> bool {
        let no_later = |a, b| clock.decided(b, a) == Some(false);
        (self.status, self.partner, self.reclaiming) == (other.status, other.partner, other.reclaiming)
            && self.times().into_iter().zip(other.times()).all(|(a, b)| a == b || no_later(a, b) && no_later(b, a))
    }

    /// A binding with the given status, no times, and a partner that knows it.
    pub const fn known(status: Status) -> Binding {
        Binding {
            status,
            partner: Partner::UpToDate,
            reclaiming: false,
            lease_expiration: Time::LONG_AGO,
            sent_potential_expiration: Time::LONG_AGO,
            acked_potential_expiration: Time::LONG_AGO,
            received_potential_expiration: Time::LONG_AGO,
            client_last_transaction: Time::LONG_AGO,
            start_of_status: Time::LONG_AGO,
            wait_ends: Time::LONG_AGO,
        }
    }

    /// An address that was never used: FREE, as both servers assume without a word (failover-12 §5.4, §5.16).
    pub const NEVER_USED: Binding = Binding::known(Status::Free { last: None });

    /// The partner lacks something: to be sent when updates flow (F12-7.3-a).
    pub const fn is_dirty(&self) -> bool {
        matches!(self.partner, Partner::Unsent | Partner::Sent)
    }
}

impl Binding {
    /// Forgets everything that was promised for a lease that is over (Q20).
    pub fn clear_expirations(&mut self) {
        self.lease_expiration = Time::LONG_AGO;
        self.sent_potential_expiration = Time::LONG_AGO;
        self.acked_potential_expiration = Time::LONG_AGO;
        self.received_potential_expiration = Time::LONG_AGO;
    }
}
