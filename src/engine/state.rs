//! Roles, the nine recorded endpoint states, and what an endpoint tells its partner about itself.
//!
//! failover-12 §9. STARTUP, PAUSED and SHUTDOWN are not recorded states but phases on top of one
//! ([`crate::endpoint::Phase`]), which is how §9.3.1, §9.13 and §9.14 define them.

/// Which side of the relationship an endpoint is (failover-12 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Owns every address that becomes free; dials the connection.
    Primary,
    /// Owns what the primary hands over as BACKUP.
    Secondary,
}

impl Role {
    /// Both roles, primary first.
    pub const ALL: [Role; 2] = [Role::Primary, Role::Secondary];

    /// The other side.
    pub const fn partner(self) -> Role {
        match self {
            Role::Primary => Role::Secondary,
            Role::Secondary => Role::Primary,
        }
    }

    /// 0 for the primary, 1 for the secondary.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The word used in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Primary => "primary",
            Role::Secondary => "secondary",
        }
    }
}

/// An endpoint's recorded state (failover-12 §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum State {
    /// §9.8
    Normal,
    /// §9.9
    CommunicationsInterrupted,
    /// §9.4
    PartnerDown,
    /// §9.10
    PotentialConflict,
    /// §9.5
    Recover,
    /// §9.6. No number in the draft (Q1).
    RecoverWait,
    /// §9.7
    RecoverDone,
    /// §9.11
    ResolutionInterrupted,
    /// §9.12, primary only.
    ConflictDone,
}

impl State {
    /// All nine, in the order used by tables.
    pub const ALL: [State; 9] = [
        State::Normal,
        State::CommunicationsInterrupted,
        State::PartnerDown,
        State::PotentialConflict,
        State::Recover,
        State::RecoverWait,
        State::RecoverDone,
        State::ResolutionInterrupted,
        State::ConflictDone,
    ];

    /// The draft's capitals.
    pub const fn name(self) -> &'static str {
        match self {
            State::Normal => "NORMAL",
            State::CommunicationsInterrupted => "COMMUNICATIONS-INTERRUPTED",
            State::PartnerDown => "PARTNER-DOWN",
            State::PotentialConflict => "POTENTIAL-CONFLICT",
            State::Recover => "RECOVER",
            State::RecoverWait => "RECOVER-WAIT",
            State::RecoverDone => "RECOVER-DONE",
            State::ResolutionInterrupted => "RESOLUTION-INTERRUPTED",
            State::ConflictDone => "CONFLICT-DONE",
        }
    }
}

/// What a STATE message can say (failover-12 §7.10, §9.13, §9.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reported {
    /// One of the nine recorded states.
    In(State),
    /// Out of service for a short time.
    Paused,
    /// Out of service for a long time.
    Shutdown,
}

impl Reported {
    /// The draft's capitals.
    pub const fn name(self) -> &'static str {
        match self {
            Reported::In(state) => state.name(),
            Reported::Paused => "PAUSED",
            Reported::Shutdown => "SHUTDOWN",
        }
    }
}
