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
        (_, Silence::Never) => Service::Responsive,
        // F12-5.5-a, F12-9.2-d.
        (State::Normal, _) => Service::Balanced,
        // F12-9.9.2-a, F12-9.9.2-b, F12-9.4.2-a; F12-5.6-a, F12-5.7-a.
        (State::CommunicationsInterrupted | State::PartnerDown, _) => Service::Responsive,
        (_, Silence::Isc) => Service::Silent,
        // F12-9.11.2-a, F12-9.11.2-b, F12-9.12.2-a.
        (State::ResolutionInterrupted | State::ConflictDone, Silence::Draft) => Service::Responsive,
        // The text, against the figure's "unresponsive" (F12-9.7.1-a; Q29).
        (State::RecoverDone, Silence::Draft) => Service::RenewOnly,
        // F12-9.5.1-a, F12-9.6.1-a, F12-9.10.2-a; F12-4.2-a.
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
