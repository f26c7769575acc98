//! Which clients a server answers in which state (failover-12 §9.2, figure 9.2-1, and each state's text).

use crate::rules::{Mute, Rules, Silence};
use crate::state::{Reported, State};

/// How responsive a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Nobody is answered, and nothing of what they say is remembered.
    Silent,
    /// Only RENEW and REBIND, and only for bindings that are known.
    RenewOnly,
    /// RENEW and REBIND from all, the rest by hash bucket.
    Balanced,
    /// Everybody is answered.
    Responsive,
}

/// How responsive a running server is. `heard`: the partner's state as last heard on any connection.
pub fn service(rules: &Rules, state: State, heard: Option<Reported>) -> Service {
    if rules.mute == Mute::Sticky && demands_silence(heard) && state != State::PartnerDown {
        return Service::Silent;
    }
    match (state, rules.silence) {
        (State::Normal, _) => Service::Balanced,
        (State::CommunicationsInterrupted | State::PartnerDown, _) => Service::Responsive,
        (_, Silence::Isc) => Service::Silent,
        (State::ResolutionInterrupted | State::ConflictDone, Silence::Draft) => Service::Responsive,
        // The text of §9.7.1, against the figure's "unresponsive" (questions.md).
        (State::RecoverDone, Silence::Draft) => Service::RenewOnly,
        (State::Recover | State::RecoverWait | State::PotentialConflict, Silence::Draft) => Service::Silent,
    }
}

/// ISC dhcpd: "peer demands" (B-06).
fn demands_silence(heard: Option<Reported>) -> bool {
    matches!(
        heard,
        Some(Reported::In(
            State::PartnerDown | State::PotentialConflict | State::ResolutionInterrupted | State::ConflictDone
        ))
    )
}
