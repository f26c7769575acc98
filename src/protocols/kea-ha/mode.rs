//! The states of a server, and what each of them means for clients and partner.

use std::fmt;

/// What a server is doing: the states of Kea's state machine, and the process that is not there. (`kea-ha` section 5.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The process is not running.
    Down,
    /// It has come up, and waits to hear of its partner.
    Waiting,
    /// It takes over what its partner has.
    Syncing,
    /// It has done so, and waits for its partner to take note.
    Ready,
    /// Both work together: load-balancing or hot-standby.
    #[default]
    Normal,
    /// It hears nothing, and queues what its partner would have to know. Load balancing only.
    Recovery,
    /// It takes its partner for dead, and serves everybody.
    PartnerDown,
    /// It has given up on working together, and only an operator gets it out of that.
    Terminated,
    /// Its partner serves everybody, and it may be shut down.
    InMaintenance,
    /// It serves everybody, for its partner will be shut down.
    PartnerInMaintenance,
}

/// Whom a server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scopes {
    /// Nobody.
    None,
    /// Those that are its own.
    Own,
    /// Everybody.
    All,
}

/// What becomes of what the partner would have to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    /// It is sent, and the client's answer waits for the acknowledgement.
    Sent,
    /// It is queued, and the client is answered at once.
    Queued,
    /// It is only counted, and the client is answered at once.
    Counted,
}

impl Mode {
    pub(crate) const ALL: [Mode; 10] = [
        Mode::Down,
        Mode::Waiting,
        Mode::Syncing,
        Mode::Ready,
        Mode::Normal,
        Mode::Recovery,
        Mode::PartnerDown,
        Mode::Terminated,
        Mode::InMaintenance,
        Mode::PartnerInMaintenance,
    ];

    /// Whom it answers, unless its service is disabled. (`kea-ha` section 5, column "scopes"; automatic failover.)
    pub const fn scopes(self) -> Scopes {
        match self {
            Mode::Down | Mode::Waiting | Mode::Syncing | Mode::Ready | Mode::InMaintenance => Scopes::None,
            Mode::Normal | Mode::Recovery | Mode::Terminated => Scopes::Own,
            Mode::PartnerDown | Mode::PartnerInMaintenance => Scopes::All,
        }
    }

    /// What becomes of updates. (`kea-ha` section 5, column "lease updates to partner".)
    pub const fn updates(self) -> Updates {
        match self {
            Mode::Normal | Mode::PartnerInMaintenance => Updates::Sent,
            Mode::Recovery => Updates::Queued,
            _ => Updates::Counted,
        }
    }

    /// Whether the process runs.
    pub const fn is_up(self) -> bool {
        !matches!(self, Mode::Down)
    }

    /// Whether it asks how its partner is. (`kea-ha` section 5: no heartbeats in TERMINATED.)
    pub const fn sends_heartbeats(self) -> bool {
        !matches!(self, Mode::Down | Mode::Terminated | Mode::InMaintenance)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mode::Down => "not running",
            Mode::Waiting => "WAITING",
            Mode::Syncing => "SYNCING",
            Mode::Ready => "READY",
            Mode::Normal => "NORMAL",
            Mode::Recovery => "COMMUNICATION-RECOVERY",
            Mode::PartnerDown => "PARTNER-DOWN",
            Mode::Terminated => "TERMINATED",
            Mode::InMaintenance => "IN-MAINTENANCE",
            Mode::PartnerInMaintenance => "PARTNER-IN-MAINTENANCE",
        })
    }
}
