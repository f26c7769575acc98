//! The transition table. (`kea-ha` section 9, with the corrections of section 9b.)
//!
//! It is looked at after each heartbeat, update and command. A row sees what a server knows of itself and of its partner, and
//! nothing else.

use crate::mode::Mode;

/// What the table looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// The server's own state.
    pub(crate) own: Mode,
    /// The partner's state as it last said; None if the last command failed: it counts as unavailable.
    pub(crate) partner: Option<Mode>,
    /// The server is the primary one.
    pub(crate) primary: bool,
    /// There is COMMUNICATION-RECOVERY: load balancing, and a limit above 0 for updates that are queued.
    pub(crate) recovers: bool,
    /// It is longer than max-response-delay that a command succeeded.
    pub(crate) interrupted: bool,
    /// The partner has to be taken for dead. (`kea-ha` section 8, shouldPartnerDown.)
    pub(crate) should_partner_down: bool,
    /// Clocks are too far apart, or too many updates were rejected.
    pub(crate) terminate: bool,
    /// More updates than the limit would have had to be queued.
    pub(crate) overflown: bool,
    /// The partner has given leases of late of which it told nobody, says its last heartbeat.
    pub(crate) new_unsent: bool,
}

/// What the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// No change.
    Stay,
    /// Another state.
    To(Mode),
    /// What is queued is sent, and then NORMAL.
    SendQueue,
    /// The partner is told to begin anew, and so does this one.
    ResetBoth,
}

/// The first row that fits.
pub(crate) fn next(view: &View) -> Next {
    use Mode::{
        Down, InMaintenance, Normal, PartnerDown, PartnerInMaintenance, Ready, Recovery, Syncing, Terminated, Waiting,
    };
    use Next::{ResetBoth, SendQueue, Stay, To};
    match view.own {
        Down | Terminated | InMaintenance => return Stay,
        _ if view.terminate => return To(Terminated),
        _ => {}
    }
    let Some(partner) = view.partner else { return unavailable(view) };
    match (view.own, partner) {
        (Waiting, Normal | Recovery | InMaintenance | PartnerDown | PartnerInMaintenance | Ready) => To(Syncing),
        (Waiting, Waiting) if view.primary => To(Syncing),
        (Waiting, _) => Stay,

        (Syncing | Ready | Normal | Recovery | PartnerDown | PartnerInMaintenance, Terminated) => To(Terminated),
        (Syncing, _) => Stay,

        (Ready, Normal | Recovery) => To(Normal),
        (Ready, Ready) if view.primary => To(Normal),
        (Ready | Normal | Recovery, InMaintenance) => To(PartnerInMaintenance),
        (Ready | Normal | Recovery, PartnerInMaintenance) => To(InMaintenance),
        (Ready, _) => Stay,

        (Normal | Recovery, PartnerDown) => To(Waiting),
        (Normal, _) => Stay,

        (Recovery, Waiting | Syncing | Ready) if !view.interrupted && view.overflown => To(Waiting),
        (Recovery, Waiting | Syncing | Ready) => Stay,
        (Recovery, Normal | Recovery) if view.interrupted => Stay,
        (Recovery, Normal | Recovery) if view.overflown => ResetBoth,
        (Recovery, Normal | Recovery) => SendQueue,
        (Recovery, _) => To(Waiting),

        (PartnerDown, Recovery | PartnerDown | PartnerInMaintenance) => To(Waiting),
        (PartnerDown, Ready) if view.new_unsent => To(Waiting),
        (PartnerDown, Ready) => To(Normal),
        (PartnerDown, _) => Stay,

        (PartnerInMaintenance, _) => Stay,
        (Down | Terminated | InMaintenance, _) => Stay,
    }
}

/// The rows of a partner that is unavailable.
fn unavailable(view: &View) -> Next {
    match view.own {
        // At once, without max-response-delay.
        Mode::PartnerInMaintenance => Next::To(Mode::PartnerDown),
        Mode::PartnerDown => Next::Stay,
        _ if view.should_partner_down => Next::To(Mode::PartnerDown),
        Mode::Normal if view.recovers => Next::To(Mode::Recovery),
        _ => Next::Stay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(own: Mode, partner: Option<Mode>) -> View {
        View {
            own,
            partner,
            primary: true,
            recovers: true,
            interrupted: false,
            should_partner_down: false,
            terminate: false,
            overflown: false,
            new_unsent: false,
        }
    }

    #[test]
    fn nothing_but_an_operator_ends_terminated_and_in_maintenance() {
        for own in [Mode::Terminated, Mode::InMaintenance, Mode::Down] {
            for partner in Mode::ALL.into_iter().map(Some).chain([None]) {
                let all = View { should_partner_down: true, terminate: true, ..view(own, partner) };
                assert_eq!(next(&all), Next::Stay);
            }
        }
    }

    #[test]
    fn of_two_that_wait_the_primary_goes_first() {
        let waiting = view(Mode::Waiting, Some(Mode::Waiting));
        assert_eq!(next(&waiting), Next::To(Mode::Syncing));
        assert_eq!(next(&View { primary: false, ..waiting }), Next::Stay);
        let ready = view(Mode::Ready, Some(Mode::Ready));
        assert_eq!(next(&ready), Next::To(Mode::Normal));
        assert_eq!(next(&View { primary: false, ..ready }), Next::Stay);
    }

    #[test]
    fn partner_down_beside_ready_looks_for_leases_that_nobody_told() {
        let down = view(Mode::PartnerDown, Some(Mode::Ready));
        assert_eq!(next(&down), Next::To(Mode::Normal));
        assert_eq!(next(&View { new_unsent: true, ..down }), Next::To(Mode::Waiting));
    }

    #[test]
    fn a_silent_partner_is_queued_for_or_taken_for_dead() {
        let silent = view(Mode::Normal, None);
        assert_eq!(next(&silent), Next::To(Mode::Recovery));
        assert_eq!(next(&View { recovers: false, ..silent }), Next::Stay);
        assert_eq!(next(&View { should_partner_down: true, ..silent }), Next::To(Mode::PartnerDown));
    }
}
